#!/bin/sh
# SPDX-License-Identifier: ISC
# Each fault of reflash-sim does what its name says, seen from a caller that
# shares nothing with the daemon; and none of them has no row.
set -u
sim=$PWD/reflash-sim
table=$(cd "$(dirname "$0")" && pwd)/faults.py
python3 -c 'import threading' 2>/dev/null ||
	{ echo "SKIP: no python3 to call the devices with"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

python3 "$table" names >"$tmp/rows"
"$sim" --list-faults | cut -d ' ' -f 1 | sort >"$tmp/faults"
diff "$tmp/faults" "$tmp/rows" || { echo "FAIL: faults without a row"; exit 1; }

"$sim" image small "$tmp/image" || exit 1
# shellcheck disable=SC2046 # one word a device
"$sim" --quiet --report "$tmp/report" --control "$tmp/control" \
    $(python3 "$table" list) -- \
    python3 "$table" run "$tmp/image" "$sim" "$tmp/report"
