#!/bin/sh
# SPDX-License-Identifier: ISC
# A device of reflash-sim notices each breach of the protocol, and then the
# simulation itself fails.
set -u
sim=$PWD/reflash-sim
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import socket' 2>/dev/null ||
	{ echo "SKIP: no python3 to call the devices with"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

# In a network of its own where that can be had: another run of this test may
# have the same addresses and ports.
set --
if unshare -rn ip link set lo up 2>/dev/null; then
	# shellcheck disable=SC2016 # that shell expands them
	set -- unshare -rn sh -c 'ip link set lo up && exec "$@"' sh
fi

"$@" "$sim" --loopback --quiet --report "$tmp/report" --control "$tmp/control" \
    --device id=1000a05bf6 -- \
    python3 "$here/breaches.py" "$tmp/report" "$sim" 2>"$tmp/err"
code=$?
[ "$code" = 70 ] && exit 0
echo "exit code $code instead of 70"
cat "$tmp/err"
exit 1
