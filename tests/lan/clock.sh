#!/bin/sh
# SPDX-License-Identifier: ISC
# The clock of this machine is set while a canary soaks, and between two runs.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000c60001,$each,after=tasmota-later,address=other
    --device id=1000c60002,$each,after=tasmota-later,address=other
    --device id=1000c60003,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive clock.py
