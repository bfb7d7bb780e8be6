#!/bin/sh
# SPDX-License-Identifier: ISC
# What a job learns of a device, and what a reload brings, counts until the
# device is told to fetch.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200,hang-s=15
sim_options="--device id=1000c30001,$each,fw=3.6.0
    --device id=1000c30002,$each,fw=3.3.0
    --device id=1000c30003,$each,fw=3.3.0
    --device id=1000c30004,$each,model=dimmer,type=diy_plug
    --device id=1000c30005,$each,fw=3.6.0"
n=10
while [ $n -le 18 ]; do
	sim_options="$sim_options
	    --device id=1000c300$n,$each,fault=unlock-hang"
	n=$((n + 1))
done
for fault in all-401 all-401 all-401@unlock abort-half*1 all-401; do
	n=$((n + 1))
	sim_options="$sim_options --device id=1000c300$n,$each,fault=$fault"
done
sim_options="$sim_options --device id=1000c30030,$each,fault=abort-half"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive truth.py
