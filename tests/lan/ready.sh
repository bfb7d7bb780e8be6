#!/bin/sh
# SPDX-License-Identifier: ISC
# What follows a flash is looked at before it: whatever is missing there refuses
# the device before a word is said to it, in the plan, in show and in
# reflashd -t alike, and it goes on by itself once that is put right.  What is
# lost between the flash and its use is no failure of the device's.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--device id=1000d00001,after=tasmota
	--device id=1000d00002,after=tasmota,chunk-ms=200
	--device id=1000d00003,after=tasmota,chunk-ms=200
	--device id=1000d00004,after=tasmota,chunk-ms=200
	--device id=1000d00005,after=tasmota
	--device id=1000d00006,after=tasmota'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive ready.py
