#!/bin/sh
# SPDX-License-Identifier: ISC
# Where the service manager holds the sockets, a daemon that ends in the middle
# of a download and comes back refuses no connection.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=20,reboot-ms=200
sim_options="--device id=1000a00001,$each --device id=1000b00002,$each"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

command -v systemd-socket-activate >/dev/null ||
	skip "no systemd-socket-activate"
"$build/reflashd" -V | grep -q +systemd || skip "built without libsystemd"

drive restart.py
