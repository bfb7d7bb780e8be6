#!/bin/sh
# SPDX-License-Identifier: ISC
# Who does what a refusal advises is helped, without a restart.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000c20001,$each,fault=encrypted+mdns-mute
    --device id=1000c20002,$each,fault=mdns-mute
    --device id=1000c20003,$each,fault=clash
    --device id=1000c20004,$each --device id=1000c20005,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive advice.py
