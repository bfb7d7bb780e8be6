#!/bin/sh
# SPDX-License-Identifier: ISC
# Devices of which nothing but an address is known beforehand.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=300,reboot-ms=200
sim_options="--device id=1000d00001,$each,fault=verdict-409*1
    --device id=1000d00002,model=dimmer --device id=1000d00003,model=bulb"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive byaddress.py
