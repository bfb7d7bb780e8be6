#!/bin/sh
# SPDX-License-Identifier: ISC
# Devices that somebody has invented, by the thousand: nobody waits for them.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=1000f10001"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

evil_up
drive invented.py
