#!/bin/sh
# SPDX-License-Identifier: ISC
# reflash-scan through a real avahi-daemon, which is stopped, killed and
# started again, and so is its D-Bus.
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
avahi_prepare

lan_up

# ---- neither D-Bus nor avahi-daemon: it waits, and takes them when there
scan --backend avahi --requery 2
wait_for 'seen "\"ready\":false" "avahi-daemon does not answer"'
say one 10.9.0.2 --id 1000a05bf6

# Nor can it ask, as it may open nothing more: it tries again all the same.
files=0
while [ -L "/proc/$scan_pid/fd/$files" ]; do
	files=$((files + 1))
done
prlimit --pid $scan_pid --nofile=$files:
forget_lines
wait_for '[ "$(count_lines "does not answer")" -gt 1 ]' 400
prlimit --pid $scan_pid --nofile=1024:
start_dbus
start_avahi
wait_for 'seen "\"ready\":true" "through avahi-daemon"' 400
wait_for 'seen eWeLink_1000a05bf6 "\"address\":\"10.9.0.2\"" \
	"\"seq\":\"1\"" "\"port\":8081"'

# The first of a key counts here as well, and hints come beside the daemon.
say two 10.9.0.3 --id 1000a05bf7 --mute --a none --txt id=1000a05bf7 \
	--txt seq=7 --txt seq=8
wait_for 'seen eWeLink_1000a05bf7 "\"address_hint\":true" "\"seq\":\"7\""'

# ---- avahi-daemon dies and comes back
forget_lines
kill -9 $avahi_pid
wait_for 'seen "\"ready\":false" "not looking"'
forget_lines
start_avahi
wait_for 'seen "\"ready\":true" "through avahi-daemon"' 400
say three 10.9.0.4 --id 1000a05bf8
wait_for 'seen eWeLink_1000a05bf8'

# ---- D-Bus dies and comes back
forget_lines
kill -9 $dbus_pid
wait_for 'seen "\"ready\":false"'
forget_lines
kill -9 $avahi_pid
start_dbus
start_avahi
wait_for 'seen "\"ready\":true" "through avahi-daemon"' 400
say four 10.9.0.5 --id 1000a05bf9
wait_for 'seen eWeLink_1000a05bf9'

# ---- avahi-daemon is stuck, and goes on
forget_lines
kill -STOP $avahi_pid
wait_for 'seen "\"ready\":false"' 400
forget_lines
kill -CONT $avahi_pid
wait_for 'seen "\"ready\":true" "through avahi-daemon"' 600
kill -0 $scan_pid || fail "reflash-scan died"
scan_end
