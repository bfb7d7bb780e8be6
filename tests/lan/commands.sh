#!/bin/sh
# SPDX-License-Identifier: ISC
# Each setting that a Tasmota of each age takes is verified; each that it takes
# and does not keep is finish-failed, and named.
if [ -z "${REFLASH_SIM:-}" ]; then
	sim_options=$(python3 -B "$(dirname "$0")/commands.py" list 2>/dev/null)
fi
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive commands.py
