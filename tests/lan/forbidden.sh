#!/bin/sh
# SPDX-License-Identifier: ISC
# A firewall of this machine keeps it from asking a device.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000cf0001,$each --device id=1000cf0002,$each
    --device id=1000cf0003,$each --device id=1000cf0004,$each
    --device id=1000cf0005,$each"
command -v nft >/dev/null || { echo "SKIP: no nft"; exit 77; }
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
drive forbidden.py
