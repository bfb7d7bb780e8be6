#!/bin/sh
# SPDX-License-Identifier: ISC
# While devices are flashed avahi-daemon is stopped, killed, and D-Bus killed:
# the flash ends well, the event loop never waits, and discovery recovers.
# shellcheck disable=SC2034 # sim_options is for lib.sh
sim_options='--devices 3 --each chunk-ms=180,reboot-ms=500
	--device id=1000d00001'
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"
avahi_prepare
log=$dir/log
joins_later=1000d00001

ctl()
{
	"$build/reflashctl" --socket "$dir/control" "$@"
}

simulate()
{
	"$build/reflash-sim" control "$REFLASH_SIM_CONTROL" "$@" ||
		fail "reflash-sim control $*"
}

# said TEXT: in the log, since the last call of mark
mark()
{
	marked=$(wc -l <"$log")
}

said()
{
	tail -n "+$((marked + 1))" "$log" | grep -q -e "$1"
}

in_state()
{
	[ "$(ctl devices | grep -c " $1 ")" = 3 ]
}

# Each device fetches on: 10 % more of its image.
fetches_on()
{
	for id in $(sed -n "/$joins_later/d; s/^Device=[^ ]* //p" \
		"$REFLASH_SIM_DEVICES_CONF"); do
		said "$id.*: downloading [0-9]* %" || return 1
	done
}

# insult WHAT COMMAND...: and they are still at it
insult()
{
	in_state downloading || fail "$1: too late, they do not fetch"
	mark
	shift
	"$@"
	wait_for fetches_on
}

mkdir "$dir/policy.d" "$dir/images"
"$build/reflash-sim" image valid "$dir/images/first.bin"
cat >"$dir/reflashd.conf" <<END
[Paths]
PolicyDirectories=$dir/policy.d
ImageDirectory=$dir/images
StateDirectory=$dir/state
ControlSocket=$dir/control
ControlGroup=root
[Discovery]
Backend=auto
RequerySec=2
[Limits]
GoneSec=3
END
cat >"$dir/policy.d/50-all.policy" <<END
[Match]
DeviceId=* !$joins_later
[Flash]
Action=flash
Image=first.bin
[Verify]
Expect=leave
END

simulate leave $joins_later
start_dbus
start_avahi
REFLASHD_SCAN=$scan_program "$build/reflashd" -c "$dir/reflashd.conf" \
	2>"$log" &
daemon_pid=$!
wait_for 'ctl status >/dev/null 2>&1'
python3 -B "$here/pause.py" "$dir/control" $daemon_pid >"$dir/pause" &
pause_pid=$!
wait_for 'in_state downloading' 300
marked=0
said "discovery: .* through avahi-daemon" || fail "not through avahi-daemon"

insult "avahi-daemon stopped" kill -STOP $avahi_pid
wait_for 'said "discovery: .* embedded mDNS stack"'
insult "avahi-daemon killed" kill -9 $avahi_pid
insult "D-Bus killed" kill -9 $dbus_pid
wait_for '[ "$(grep -c "it reports 0" "$log")" = 3 ]' 600

# All of it is back, and with it the eyes.
mark
start_dbus
start_avahi
wait_for 'in_state flashed' 600
wait_for 'said "discovery: .* through avahi-daemon"' 600
simulate come $joins_later
wait_for "ctl show $joins_later >/dev/null 2>&1"

kill $pause_pid
wait $pause_pid || fail "the event loop: $(cat "$dir/pause")"
cat "$dir/pause"
kill $daemon_pid
wait $daemon_pid || fail "reflashd ended with $?"
simulate report
python3 - "$tmp/report" "$(sha256sum "$dir/images/first.bin" | cut -d ' ' -f 1)" \
	<<'END' || fail "$(cat "$tmp/report")"
import json, sys
devices = json.load(open(sys.argv[1]))["devices"]
sys.exit([(d["booted_sha256"], d["flash_told"], d["breaches"])
          for d in devices if d["id"] != "1000d00001"]
         != [(sys.argv[2], 1, [])] * 3)
END
