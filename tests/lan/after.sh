#!/bin/sh
# SPDX-License-Identifier: ISC
# What follows a flash: each kind of new firmware, and each thing that it can
# do wrong, ends in its state with its reason; hooks are told of all of it, and
# those that are no good are in nobody's way.
if [ -z "${REFLASH_SIM:-}" ]; then
	sim_options=$(python3 -B "$(dirname "$0")/after.py" list 2>/dev/null)
fi
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive after.py
