#!/bin/sh
# SPDX-License-Identifier: ISC
# Completion of reflashctl in bash, zsh and fish, seen through tmux.
here=$(cd "$(dirname "$0")" && pwd)
python3 -c 'import resource' 2>/dev/null ||
	{ echo "SKIP: no python3 to press the keys with"; exit 77; }
command -v tmux >/dev/null ||
	{ echo "SKIP: no tmux to be the terminal"; exit 77; }
exec python3 -B "$here/complete.py"
