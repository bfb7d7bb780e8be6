#!/bin/sh
# SPDX-License-Identifier: ISC
# Behind the flash another Tasmota has the address of the device, or seems to
# have its MAC: it is told nothing, no password either, and proves nothing.
if [ -z "${REFLASH_SIM:-}" ]; then
	sim_options=$(python3 -B "$(dirname "$0")/after_swap.py" list 2>/dev/null)
fi
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive after_swap.py
