#!/bin/sh
# SPDX-License-Identifier: ISC
# The machine sleeps while a flashed device is to come back.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200,join-ms=200,after=tasmota-later
sim_options="--device id=1000c30001,$each,address=other
    --device id=1000c30002,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive sleep.py
