#!/bin/sh
# SPDX-License-Identifier: ISC
# make soak: a long life in short, see soak.py.  SOAK is how many flashes,
# SOAK_RESULT where all rows go.
# shellcheck disable=SC2034 # sim_options is for lib.sh
sim_options=$(python3 -B "$(dirname "$0")/soak.py" devices)
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
avahi_prepare
start_dbus

python3 -B "$here/soak.py" "$tmp" "$dir/avahi.conf" "$SOAK_RESULT"
