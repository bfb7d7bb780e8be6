#!/bin/sh
# SPDX-License-Identifier: ISC
# One host that says it is fifty devices, at one address or at fifty: it has one
# slot, for as long as it fetches at all, and what becomes of its devices stops
# nobody else.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=5,reboot-ms=200
sim_options="--device id=2000a00001,$each
    --device id=2000a00002,$each,fault=verdict-410
    --device id=2000a00003,$each
    --device id=2000a00004,$each,fault=verdict-410
    --device id=2000a00005,$each
    --device id=2000a00006,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"
evil_up
drive onehost.py
