#!/bin/sh
# SPDX-License-Identifier: ISC
# kill -9 of the daemon in each step of what follows a flash: the work goes on
# after the restart, and nothing is done twice that must not be.
sim_options='--devices 1 --each after=tasmota,join-ms=3000,chunk-ms=15,reboot-ms=300'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive after_kill.py
