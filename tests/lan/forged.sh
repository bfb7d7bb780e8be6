#!/bin/sh
# SPDX-License-Identifier: ISC
# Announcements in the name of a device, with its own address and MAC, decide
# nothing about it.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=5,reboot-ms=200,join-ms=3000
sim_options="--device id=1000a00001,$each,after=tasmota
	--device id=1000a00002,$each,after=ap
	--device id=1000a00003,$each,after=ap
	--device id=1000a00004,$each,after=esphome
	--device id=1000a00005,$each,after=ap,fw=3.6.0
	--device id=1000a00007,$each,after=other
	--device id=1000a00008,$each,after=other,web-port=6053
	--device id=1000a00009,$each,after=esphome,fault=esphome-mute
	--device id=1000a0000a,fault=encrypted
	--device id=1000a0000b"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive forged.py
