#!/bin/sh
# SPDX-License-Identifier: ISC
# What is said of devices by those who are not them is not believed.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=5,reboot-ms=200
sim_options="--device id=1000a00001,$each --device id=1000a00002,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
evil_up
drive fooled.py
