#!/bin/sh
# SPDX-License-Identifier: ISC
# Whatever reflashctl forgets and is still there is found again at once.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--devices 1 --each fault=query-mute"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive forget.py
