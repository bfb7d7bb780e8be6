#!/bin/sh
# SPDX-License-Identifier: ISC
# Some calls of reflashd fail, one in each run, through a whole flash; make
# inject does so with every call.
python3 -c 'import json' 2>/dev/null ||
	{ echo "SKIP: no python3 to drive the daemon with"; exit 77; }
for feature in systemd embedded-mdns
do
	./reflashd -V | grep -q -e "+$feature" ||
		{ echo "SKIP: built without $feature"; exit 77; }
done
[ "$(getconf LONG_BIT)" = 64 ] ||
	{ echo "SKIP: the shim is for 64-bit machines"; exit 77; }
if ./reflash-sim --quiet --devices 1 -- true 2>&1 | grep -q 'no virtual LAN'
then
	echo "SKIP: no namespaces here, and one LAN is not enough"
	exit 77
fi
exec python3 -B "$(dirname "$0")/inject.py" sample 10
