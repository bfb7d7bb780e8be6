#!/bin/sh
# SPDX-License-Identifier: ISC
# Ten mistakes: each is told with its file and line, nothing starts with them,
# a reload keeps what was in force, and a flash under way does not notice.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 3 --each chunk-ms=80,reboot-ms=500'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive mistakes.py
