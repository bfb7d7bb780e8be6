#!/bin/sh
# SPDX-License-Identifier: ISC
# reflashctl watch, seen through tmux at 80x24 and at 140x40, while five devices
# are flashed; the terminal changes its size and the daemon starts anew meanwhile.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
command -v tmux >/dev/null ||
	{ echo "SKIP: no tmux to be the terminal"; exit 77; }
# Slow enough for all that is to be seen; the test makes them quick at the end.
sim_options="--devices 5 --each chunk-ms=400,reboot-ms=200"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive watch.py
