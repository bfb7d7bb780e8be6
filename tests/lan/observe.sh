#!/bin/sh
# SPDX-License-Identifier: ISC
# Without a policy nothing is touched: devices are seen, explained, and asked
# for their info at most.
sim_options='--devices 3 --device id=1000e00001,fault=encrypted
	--device id=1000b00001,model=bridge
	--device id=1000c00001,fault=wrong-id'
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive observe.py
