#!/bin/sh
# SPDX-License-Identifier: ISC
# What the kernel does not tell of this machine's networks, or tells wrongly
# once, is found all the same.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=reboot-ms=200
sim_options="--device id=1000cd0001,$each,chunk-ms=50
    --device id=1000cd0002,$each,chunk-ms=50
    --device id=1000cd0003,$each,chunk-ms=1"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive untold.py
