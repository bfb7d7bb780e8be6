#!/bin/sh
# SPDX-License-Identifier: ISC
# What a person and the policies decide: canaries, the stop after failures,
# approvals, pauses, cancels and orders; and what reflashctl makes of them.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200,hang-s=5
sim_options=
for n in 0 1 2 3 4 5 6 7 8 9; do
	sim_options="$sim_options --device id=1000ca000$n,$each,fault=verdict-410
	    --device id=10005a000$n,$each,fault=verdict-410"
done
for n in 0 1 2; do
	sim_options="$sim_options --device id=1000a5000$n,$each
	    --device id=100050000$n,$each,chunk-ms=10
	    --device id=1000cc000$n,$each"
done
for n in 0 1; do
	sim_options="$sim_options --device id=1000fa000$n,$each"
done
for n in 0 1 2 3; do
	sim_options="$sim_options --device id=1000b0000$n,$each"
done
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive person.py
