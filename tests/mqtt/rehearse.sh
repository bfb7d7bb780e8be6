#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# rehearse.sh -- what Home Assistant sees and does, inside the virtual LAN of
# reflash-sim, with a mosquitto of its own.
#
#   reflash-sim --devices N -- tests/mqtt/rehearse.sh PREFIX FOLDER
#
# PREFIX is where reflashd is installed; FOLDER is for everything it writes.  It
# prints what appears on the broker, and presses Install for each device.
set -u
PATH=$1/sbin:$1/bin:$PATH:/usr/sbin
folder=$2
sockets=$(mktemp -d) || exit 1
export REFLASHD_SOCKET=$sockets/control.sock
PORT=18830
children=()

finish()
{
	local child

	trap '' INT TERM HUP
	for child in "${children[@]}"; do
		kill "$child" 2>/dev/null && wait "$child"
	done
	rm -rf "$sockets"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

title()
{
	printf '\n== %s\n' "$*"
}

ids()
{
	sed -n 's/^Device=[^ ]* //p' "$REFLASH_SIM_DEVICES_CONF"
}

# in_background COMMAND...: until the end
in_background()
{
	"$@" </dev/null &
	children=("$!" "${children[@]}")
}

# until_it_succeeds COMMAND...: for 20 s
until_it_succeeds()
{
	local tenths=200

	until "$@" >/dev/null 2>&1; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || { echo "never came true: $*"; exit 1; }
		sleep 0.1
	done
}

write_configuration()
{
	mkdir -p policy.d images state
	reflash-sim image valid images/rehearsal.bin || return
	cat >reflashd.conf <<END
[Paths]
PolicyDirectories=$folder/policy.d
ImageDirectory=$folder/images
StateDirectory=$folder/state
ControlSocket=$REFLASHD_SOCKET
[Limits]
GoneSec=10
END
	if [ "$REFLASH_SIM" = loopback ]; then
		cat "$REFLASH_SIM_DEVICES_CONF"
		printf '[Server]\nAdvertiseAddress=%s\n' "$REFLASH_SIM_SERVER"
	else
		printf '[Discovery]\nBackend=embedded\n'
	fi >>reflashd.conf
	cat >policy.d/50-rehearsal.policy <<END
[Flash]
Action=ask
Image=rehearsal.bin

[Verify]
Expect=leave
END
	printf 'user root\nlistener %d 127.0.0.1\nallow_anonymous true\n' \
		$PORT >mosquitto.conf
	cat >mqtt.conf <<END
[Broker]
Host=127.0.0.1
Port=$PORT

[Topics]
Site=home

# This network has no other user.
[Commands]
Allow=yes
END
}

# The topics that a person would look at: no state, which is long, and updates.
print_messages()
{
	mosquitto_sub -p $PORT -v -t 'reflashd/home/status' \
		-t 'reflashd/home/device/+/update' -t 'reflashd/home/answer' |
		sed -u -e 's/"title":.*"in_progress"/"in_progress"/' |
		awk '$0 != last { print substr($0, 1, 200); fflush() }
			{ last = $0 }'
}

# button ID: the topic and the message of Install, as its config has them
button()
{
	local config

	config=$(mosquitto_sub -p $PORT -C 1 -W 20 \
		-t "homeassistant/device/reflashd_$1/config") || return
	case $config in
	*'"pl_inst"'*) ;;
	*) return 1 ;;
	esac
	printf '%s\n' "$config" |
		sed 's/.*"cmd_t":"\([^"]*\)".*/\1/'
	printf '%s\n' "$config" |
		sed 's/.*"pl_inst":"\({[^}]*}\)".*/\1/; s/\\"/"/g'
}

install()
{
	local lines

	until_it_succeeds button "$1"
	mapfile -t lines < <(button "$1")
	echo "-- Install of $1: ${lines[0]} ${lines[1]}"
	mosquitto_pub -p $PORT -t "${lines[0]}" -m "${lines[1]}"
}

cd "$folder" && write_configuration || exit 1
ip link set lo up 2>/dev/null # where there is a network of our own
in_background mosquitto -c mosquitto.conf >mosquitto.log 2>&1
until_it_succeeds mosquitto_pub -p $PORT -t rehearsal -m hello
in_background reflashd -c reflashd.conf >reflashd.log 2>&1
until_it_succeeds reflashctl status
title reflash-mqtt -t
reflash-mqtt -t -c mqtt.conf || exit 1
in_background reflash-mqtt -c mqtt.conf >mqtt.log 2>&1
title "What is published, and what Install does"
print_messages &
children=("$!" "${children[@]}")
for id in $(ids); do
	install "$id"
done
result=0
for id in $(ids); do
	reflashctl wait "$id" --state flashed --timeout 10m >>wait.log 2>&1 ||
		result=1
done
until_it_succeeds sh -c "mosquitto_sub -p $PORT -C 1 -W 5 \
	-t reflashd/home/daemon | grep -q '\"at_work\":0'"
title "What a subscriber finds who comes now"
mosquitto_sub -p $PORT -v -W 1 -t 'homeassistant/#' -t 'reflashd/#' 2>/dev/null |
	cut -c 1-160
[ $result = 0 ] || tail -n 20 reflashd.log mqtt.log
exit $result
