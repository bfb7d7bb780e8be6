#!/bin/sh
# SPDX-License-Identifier: ISC
# More devices than are listed in one turn of the event loop.
sim_options='--devices 200'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive many.py
