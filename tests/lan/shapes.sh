#!/bin/sh
# SPDX-License-Identifier: ISC
# reflashctl --json, each verb, against the schemas in tests/schema: with no
# device, with one and with a hundred.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options="--devices 101 --each chunk-ms=1,reboot-ms=100,hang-s=5"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive shapes.py
