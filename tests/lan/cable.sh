#!/bin/sh
# SPDX-License-Identifier: ISC
# A device that cannot be asked because this machine is cut off has not left.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--devices 1 --each chunk-ms=5,fault=does-not-leave"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive cable.py
