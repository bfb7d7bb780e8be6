#!/bin/sh
# SPDX-License-Identifier: ISC
# reflashd is killed in each state of its machine, and at some random moments;
# make torture does more of the latter.
set -u
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import json' 2>/dev/null ||
	{ echo "SKIP: no python3 to drive the daemon with"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

quick=reboot-ms=300
"$PWD/reflash-sim" --quiet --report "$tmp/report" --control "$tmp/sim" \
    --device "fw=3.3.0,$quick" --device "fw=3.7.6,$quick" \
    --device "fw=3.6.0,fault=flash-424*1,$quick" \
    --device "fw=3.6.0,fault=verdict-409*1,$quick" \
    --device "id=1000f00001,fault=unlock-500,$quick" -- \
    python3 -B "$here/kill.py" "$tmp" 2>"$tmp/err"
code=$?
# 70: a device saw a breach; kill.py has looked at them.
[ "$code" = 0 ] || [ "$code" = 70 ] || { tail -n 5 "$tmp/err"; exit 1; }

exec python3 -B "$here/torture.py" 4 6 "${SEED:-1}"
