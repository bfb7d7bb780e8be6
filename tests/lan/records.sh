#!/bin/sh
# SPDX-License-Identifier: ISC
# A state directory that another has, or with a record that is garbage.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 2 --each chunk-ms=40,reboot-ms=500
	--device id=1000f00001,reboot-ms=500,fault=never-fetch*1'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive disk.py records
