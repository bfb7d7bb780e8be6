#!/bin/sh
# SPDX-License-Identifier: ISC
# From a policy file to flashed devices of each firmware, with the real
# avahi-daemon on a bus of its own.
sim_options='--devices 3 --each chunk-ms=10,reboot-ms=500'
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
avahi_prepare

start_dbus
start_avahi
"$here/flash.py" avahi
