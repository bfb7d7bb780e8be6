#!/bin/sh
# SPDX-License-Identifier: ISC
# What the disk has behind a power cut: what was written last is lost.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=reboot-ms=200,join-ms=200,restart-ms=200
sim_options="--device id=1000c10001,$each,chunk-ms=200,after=tasmota
    --device id=1000c10002,$each,fault=never-fetch
    --device id=1000c10003,$each,chunk-ms=5,fault=vanish-half"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive powercut.py
