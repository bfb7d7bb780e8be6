#!/bin/sh
# SPDX-License-Identifier: ISC
# The control socket, against good and bad clients.
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import resource' 2>/dev/null ||
	{ echo "SKIP: no python3 to talk to the socket with"; exit 77; }
exec python3 "$here/control.py"
