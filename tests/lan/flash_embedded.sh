#!/bin/sh
# SPDX-License-Identifier: ISC
# From a policy file to flashed devices of each firmware, without D-Bus.
sim_options='--devices 3 --each chunk-ms=10,reboot-ms=500'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive flash.py embedded
