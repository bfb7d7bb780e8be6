#!/bin/sh
# SPDX-License-Identifier: ISC
# reflashctl in front of fake_reflashd: texts, JSON, exit codes.
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import pty, resource' 2>/dev/null ||
	{ echo "SKIP: no python3 to run reflashctl with"; exit 77; }
exec python3 "$here/cli.py"
