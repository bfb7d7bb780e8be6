#!/bin/sh
# SPDX-License-Identifier: ISC
# A device that comes last is flashed, however many have been invented before.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=2000a00001,chunk-ms=5,reboot-ms=200,fault=mdns-mute"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
evil_up
drive crowd.py
