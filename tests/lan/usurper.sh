#!/bin/sh
# SPDX-License-Identifier: ISC
# A device with another MAC is another device, whatever it says.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=1000b00001"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
evil_up
drive usurper.py
