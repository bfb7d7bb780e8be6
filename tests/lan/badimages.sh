#!/bin/sh
# SPDX-License-Identifier: ISC
# Each kind of bad image is refused for the right reason, before any device is
# spoken to; and none of reflash-sim's images has no row.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 120 --device id=1000c00001'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive badimages.py
