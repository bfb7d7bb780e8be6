#!/bin/sh
# SPDX-License-Identifier: ISC
# What this machine cannot ask, since it is cut off itself, is not to blame.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=reboot-ms=200,join-ms=200
sim_options="--device id=1000cb0001,$each,chunk-ms=5,fault=does-not-leave
    --device id=1000cb0002,$each,fault=unlock-hang
    --device id=1000cb0003,$each,chunk-ms=250
    --device id=1000cb0004,$each,chunk-ms=5,fault=stall-half
    --device id=1000cb0005,$each,chunk-ms=1,after=tasmota-later
    --device id=1000cb0006,$each,chunk-ms=1"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive cable.py
