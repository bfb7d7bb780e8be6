#!/bin/sh
# SPDX-License-Identifier: ISC
# reflash-scan finds devices with the embedded stack: no D-Bus, no daemon.
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
"$scan_program" --version | grep -q embedded || skip "built without it"

# It is there before the network is.
ip link set lo down
scan --backend embedded --requery 2 --service _ewelink._tcp \
	--service _esphomelib._tcp
wait_for 'seen "\"ready\":true" embedded'
lan_up

# A device as most: everything is there, at once.
say one 10.9.0.2 --id 1000a05bf6
wait_for 'seen eWeLink_1000a05bf6 "\"address\":\"10.9.0.2\"" \
	"\"port\":8081" "\"seq\":\"1\"" "\"interface\":\"eth0\""'
seen eWeLink_1000a05bf6 '"address":"10.9.0.2"' address_hint &&
	fail "an A record is no hint"

# Mute and without an A record: its packets' sender has to do.
say two 10.9.0.3 --id 1000a05bf7 --mute --a none
wait_for 'seen eWeLink_1000a05bf7 "\"address\":\"10.9.0.3\"" \
	"\"address_hint\":true"'

# Two A records, an old one and the one it speaks from.
say three 10.9.0.4 --id 1000a05bf8 --a 10.9.0.4 --a 10.9.0.99
wait_for 'seen eWeLink_1000a05bf8 "\"address\":\"10.9.0.4\""'

# No SRV record, names in another case, a key twice, hostile bytes.
say four 10.9.0.5 --name eWelink_1000A05BF9 --port 0 --txt id=1000a05bf9 \
	--txt ID=1000000000 --txt 'data1={"switch":"on"}\x02\x1b\xff\x00' \
	--txt 'a\x0ab=c' --txt seq=5
wait_for 'seen eWelink_1000A05BF9 "\"address\":\"10.9.0.5\"" \
	"\\u0002\\u001B\\uFFFD\\uFFFD"'
seen eWelink_1000A05BF9 '"txt":{"id":"1000a05bf9","data1"' ||
	fail "the first of a key counts, in the order of the wire"
seen eWelink_1000A05BF9 '"port"' && fail "there is no port to tell"
seen 1000000000 && fail "the second of a key was told"

# Another service.
say esphome 10.9.0.6 --service _esphomelib._tcp --name kueche --port 6053 \
	--txt mac=5ccf7f123abc --txt version=2024.6.1
wait_for 'seen "\"service\":\"_esphomelib._tcp\"" 10.9.0.6 5ccf7f123abc'

# What changes is told again.
say_signal one TERM
say one_again 10.9.0.7 --id 1000a05bf6 --txt id=1000a05bf6 --txt seq=2
wait_for 'seen eWeLink_1000a05bf6 "\"address\":\"10.9.0.7\"" \
	"\"seq\":\"2\""'

# Nothing new, but alive: told again, and the requery finds those it missed.
before=$(count_lines eWeLink_1000a05bf7)
wait_for "say_signal two USR1;"' [ $(count_lines eWeLink_1000a05bf7) -gt '"$before ]"

# A farewell is told, and that the device is back.
mkfifo "$dir/.leaving"
ip netns exec lan python3 "$here/mdns_say.py" 10.9.0.8 --id 1000a05bfa \
	--once <"$dir/.leaving" >"$dir/say.leaving" 2>&1 &
exec 8>"$dir/.leaving"
wait_for 'seen "\"event\":\"seen\"" eWeLink_1000a05bfa'
exec 8>&-
wait_for 'seen "\"event\":\"gone\"" eWeLink_1000a05bfa'

# Packets that no device would send.
say raw 10.9.0.9 \
	--raw 000084000000000100000000c00c0021800100000078000700000000000000 \
	--raw 0000840000000005000000000000000000 --raw 00 --raw ffff8400ffffffff
say self 10.9.0.9 --name 'a.b\x00\x1b' --txt '=' --txt 'x'
wait_for 'seen "a.b\\uFFFD\\u001B"'
kill -0 $scan_pid || fail "reflash-scan died"
python3 -c '
import json, sys
for line in open(sys.argv[1], "rb"):
    assert line.isascii() and len(line) <= 8192
    json.loads(line)
' "$dir/lines" || fail "bad lines"
scan_end
