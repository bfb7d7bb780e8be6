#!/bin/sh
# SPDX-License-Identifier: ISC
# Behind a firewall that lets nothing in: each port is suspected where the
# signs fit, with a command that opens it, and not where they do not.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000f10000,$each --device id=1000f10001,$each"
command -v nft >/dev/null || { echo "SKIP: no nft"; exit 77; }
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

drive firewall.py
