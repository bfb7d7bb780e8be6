#!/bin/sh
# SPDX-License-Identifier: ISC
# Hundreds of made-up devices: reflash-scan stays within its bounds and goes
# on watching those that it knows.
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
"$scan_program" --version | grep -q embedded || skip "built without it"

# Of how many devices has a line come that has all these texts?
devices()
{
	seen _ewelink "$@" || { echo 0; return; }
	printf "%s\n" "$found" | grep -o '"instance":"[^"]*"' |
		sort -u | wc -l
}

lan_up
scan --backend embedded --requery 2 --max 200 \
	--service _ewelink._tcp --service _http._tcp
wait_for 'seen "\"ready\":true" embedded'
say one 10.9.0.2 --id 1000a05bf6
wait_for 'seen eWeLink_1000a05bf6 "\"address\":\"10.9.0.2\""'
say flood 10.9.0.3 --flood 600
wait_for '[ "$(devices "\"txt\"")" = 200 ]'
wait_for 'seen "more than 200 of one service on the LAN"'
# One more is told as it was heard, for somebody may know it.
say more 10.9.0.5 --id 1000a05bf7
wait_for 'seen eWeLink_1000a05bf7 "\"address\":\"10.9.0.5\"" address_hint'
# And there is room for other services.
say other 10.9.0.6 --service _http._tcp --name other
wait_for 'seen "\"instance\":\"other\"" "\"txt\""'
say_signal one TERM
say one 10.9.0.4 --id 1000a05bf6
wait_for 'seen eWeLink_1000a05bf6 "\"address\":\"10.9.0.4\""'
[ "$(devices "\"txt\"")" = 200 ] || fail "it went over its bound"
kb=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$scan_pid/status)
echo "resident: $kb KiB"
scan_end

# avahi-daemon gives a client 1024 objects: questions have to take turns.
avahi_prepare
start_dbus
start_avahi
scan --backend avahi --requery 2
wait_for 'seen "\"ready\":true" avahi-daemon'
forget_lines
say flood 10.9.0.3 --flood 600
wait_for '[ "$(devices)" -ge 600 ]' 600
scan_end
