#!/bin/sh
# SPDX-License-Identifier: ISC
# The machine sleeps while a flashed device is to come back.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device
    id=1000c30001,chunk-ms=1,reboot-ms=200,after=tasmota-later,address=other"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive sleep.py
