#!/bin/sh
# SPDX-License-Identifier: ISC
# Each fault of reflash-sim ends as it should, with the right reason and told
# to flash no more often than it should; and none of them has no row.  What the
# new firmware does wrong afterwards is another test's concern.
set -u
sim=$PWD/reflash-sim
table=$(cd "$(dirname "$0")" && pwd)/ends.py
python3 -c 'import json' 2>/dev/null ||
	{ echo "SKIP: no python3 to drive the daemon with"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

python3 -B "$table" names >"$tmp/rows"
"$sim" --list-faults | cut -d ' ' -f 1 |
	grep -vE '^(tasmota|module|upgrade|minimal|esphome)-' | sort >"$tmp/faults"
diff "$tmp/faults" "$tmp/rows" || { echo "FAIL: faults without a row"; exit 1; }

# shellcheck disable=SC2046 # one word a device
"$sim" --quiet --report "$tmp/report" --control "$tmp/sim" \
    $(python3 -B "$table" list) -- \
    python3 -B "$table" run "$tmp" 2>"$tmp/err"
code=$?
[ "$code" = 0 ] || grep -v BREACH "$tmp/err" | tail -n 5
exit "$code"
