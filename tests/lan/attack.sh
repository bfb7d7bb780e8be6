#!/bin/sh
# SPDX-License-Identifier: ISC
# A whole LAN gone bad at once, while one device is flashed.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=60,reboot-ms=500
sim_options="--device id=1000a00001,$each --device id=1000a00002,$each
    --device id=1000e00001,fault=endless-body
    --device id=1000e00002,fault=endless-100
    --device id=1000e00003"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

evil_up
drive attack.py
