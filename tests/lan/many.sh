#!/bin/sh
# SPDX-License-Identifier: ISC
# More devices than have their turn at once.
sim_options='--devices 200 --each fault=never-fetch'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive many.py
