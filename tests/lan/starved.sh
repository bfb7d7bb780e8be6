#!/bin/sh
# SPDX-License-Identifier: ISC
# This machine cannot accept the connections of devices that it told to fetch.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000ce0001,$each
    --device id=1000ce0002,$each,fault=never-fetch*1
    --device id=1000ce0003,$each,fault=fetch-late"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive starved.py
