#!/bin/sh
# SPDX-License-Identifier: ISC
# Answers, lists, plans and counts agree, whatever a person has decided.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000ce0001,$each,after=tasmota-later,fw=3.6.0
    --device id=1000ce0002,$each,fault=verdict-410,fw=3.6.0
    --device id=1000ce0003,$each,fault=slow,fw=3.6.0"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive agree.py
