#!/bin/sh
# SPDX-License-Identifier: ISC
# What follows a flash is looked at before it: whatever is missing there refuses
# the device before a word is said to it, in the plan, in show and in
# reflashd -t alike, and it goes on by itself once that is put right.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--device id=1000d00001,after=tasmota'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive ready.py
