#!/bin/sh
# SPDX-License-Identifier: ISC
# What the service manager is told: readiness, status, reloads, the end, and
# that the event loop turns.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=1000a00001,chunk-ms=20,reboot-ms=200
	--device id=1000b00002,fault=unlock-500"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

"$build/reflashd" -V | grep -q +systemd || skip "built without libsystemd"

drive service.py
