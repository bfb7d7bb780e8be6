#!/bin/sh
# SPDX-License-Identifier: ISC
# reflash-scan --backend auto: avahi-daemon if it answers, else the embedded
# stack, and back again, without losing sight of a device.
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
"$scan_program" --version | grep -q embedded || skip "built without it"
avahi_prepare

lan_up
scan --requery 2
wait_for 'seen "\"ready\":true" "embedded mDNS stack"'
say one 10.9.0.2 --id 1000a05bf6
wait_for 'seen eWeLink_1000a05bf6 10.9.0.2'

start_dbus
start_avahi
wait_for 'seen "\"ready\":true" "through avahi-daemon"' 400
say two 10.9.0.3 --id 1000a05bf7
wait_for 'seen eWeLink_1000a05bf7 10.9.0.3'

# Stuck: no more than a requery and three seconds later the other one asks.
kill -STOP $avahi_pid
forget_lines
wait_for 'seen "\"ready\":true" "embedded mDNS stack"'
say three 10.9.0.4 --id 1000a05bf8
wait_for 'seen eWeLink_1000a05bf8 10.9.0.4'
kill -CONT $avahi_pid
forget_lines
wait_for 'seen "\"ready\":true" "through avahi-daemon"' 400

kill -9 $dbus_pid
forget_lines
wait_for 'seen "\"ready\":true" "embedded mDNS stack"'
say four 10.9.0.5 --id 1000a05bf9
wait_for 'seen eWeLink_1000a05bf9 10.9.0.5'
[ "$(count_lines '"gone"')" = 0 ] || fail "a device was lost on the way"

# Without a reader it ends.
scan_end
mkfifo "$dir/pipe"
"$scan_program" --json >"$dir/pipe" 2>"$dir/errors" </dev/null &
scan_pid=$!
head -n 1 "$dir/pipe" >"$dir/lines"
wait_for '! kill -0 $scan_pid 2>/dev/null'
wait $scan_pid || fail "it did not end well: $?"
