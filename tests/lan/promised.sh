#!/bin/sh
# SPDX-License-Identifier: ISC
# Whatever becomes of the file of an image while devices fetch it, and even if
# the daemon is killed in that moment: they boot what they were promised.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 8 --each chunk-ms=25,reboot-ms=500'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive promised.py
