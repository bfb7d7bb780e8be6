#!/bin/sh
# SPDX-License-Identifier: ISC
# A state directory that is full, or has no room for an image.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 3 --each chunk-ms=15,reboot-ms=500'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive disk.py full
