#!/bin/sh
# SPDX-License-Identifier: ISC
# Another address of this machine, or its own restart, while the daemon was dead
# in the middle of a download, is our own affair, too.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=1000cf0001,chunk-ms=150,reboot-ms=200,fw=3.6.0
	--device id=1000cf0002,chunk-ms=150,reboot-ms=200,fw=3.6.0"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive lease_restart.py
