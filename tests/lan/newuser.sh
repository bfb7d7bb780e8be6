#!/bin/sh
# SPDX-License-Identifier: ISC
# The first day of somebody who has read nothing yet: what each program says,
# word for word, and that the commands it names do what they say.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options='--devices 2 --device id=1000e00001,fault=encrypted'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive newuser.py
