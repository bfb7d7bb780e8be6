#!/bin/sh
# SPDX-License-Identifier: ISC
# Ids that somebody has invented do no harm to those that a person has named.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=10,reboot-ms=200
sim_options="--device id=2000a00001,$each --device id=2000a00002,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive impostors.py
