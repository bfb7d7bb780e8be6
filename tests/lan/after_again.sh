#!/bin/sh
# SPDX-License-Identifier: ISC
# What went wrong behind the flash is tried again without another flash, and a
# device that was given the Wi-Fi later is found wherever it is.
if [ -z "${REFLASH_SIM:-}" ]; then
	sim_options=$(python3 -B "$(dirname "$0")/after_again.py" list \
	    2>/dev/null)
fi
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive after_again.py
