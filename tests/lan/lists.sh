#!/bin/sh
# SPDX-License-Identifier: ISC
# Long answers keep nobody waiting.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=1000f00002"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive lists.py
