#!/bin/sh
# SPDX-License-Identifier: ISC
# A reload disturbs no flash that is under way.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=400,reboot-ms=200,join-ms=200,restart-ms=200
sim_options="--device id=1000c00001,$each,after=tasmota
    --device id=1000c00002,$each --device id=1000c00003,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive reload.py
