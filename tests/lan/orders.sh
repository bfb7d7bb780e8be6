#!/bin/sh
# SPDX-License-Identifier: ISC
# A person's word outlives the death of the daemon that has just taken it.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000e00001,$each --device id=1000e00002,$each
    --device id=1000e00003,$each,fault=verdict-410
    --device id=1000e00004,$each --device id=1000e00005,$each
    --device id=1000e00006,$each --device id=1000e00007,$each
    --device id=1000e00008,$each,fault=verdict-410"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive orders.py
