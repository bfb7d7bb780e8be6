#!/bin/sh
# SPDX-License-Identifier: ISC
# A state directory that is read-only after a death in mid-flash, or another one.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 4 --each chunk-ms=15,reboot-ms=500'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive disk.py read-only
