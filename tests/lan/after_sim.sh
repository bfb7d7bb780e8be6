#!/bin/sh
# SPDX-License-Identifier: ISC
# What devices of reflash-sim are once they have booted an image: each kind of
# it, the web server and the updater of Tasmota, and what can be wrong with them.
set -u
sim=$PWD/reflash-sim
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import http.server' 2>/dev/null ||
	{ echo "SKIP: no python3 to talk to the devices with"; exit 77; }
if "$sim" --quiet --devices 1 -- true 2>&1 | grep -q 'no virtual LAN'; then
	echo "SKIP: no virtual LAN here, so port 80 may be somebody else's"
	exit 77
fi
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

for payload in unknown tasmota-lite tasmota-9.5 tasmota-minimal esphome; do
	"$sim" image --payload $payload small "$tmp/$payload" || exit 1
done
for kind in tasmota-full tasmota-full-gz minimal minimal-gz; do
	"$sim" image $kind "$tmp/$kind" || exit 1
done
# shellcheck disable=SC2046 # one word a device
"$sim" --quiet --report "$tmp/report" --control "$tmp/control" \
    $(python3 "$here/after_sim.py" list) -- \
    python3 "$here/after_sim.py" run "$tmp" "$sim" "$tmp/report" 2>"$tmp/err"
code=$?
# One of them is spoken to as nobody should.
[ "$code" = 70 ] && exit 0
echo "exit code $code instead of 70"
cat "$tmp/err"
exit 1
