#!/bin/sh
# SPDX-License-Identifier: ISC
# Two that are configured by their addresses say that they are one device.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--device id=1000a00001 --device id=1000a00001"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive twins.py
