#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# rehearse.sh -- the whole job, inside the virtual LAN of reflash-sim.
#
#   reflash-sim --devices N -- tests/lan/rehearse.sh PREFIX FOLDER
#
# PREFIX is where reflashd is installed; FOLDER is for everything it writes.  On a
# terminal reflashctl watch shows it at work; otherwise it is said what was done.
# With REHEARSE_BY_ADDRESS the devices are named in the configuration, for where no
# program can be run that hears them.
set -u
PATH=$1/sbin:$1/bin:$PATH
folder=$2
# Not in the folder, whose path may be longer than that of a socket can be.
sockets=$(mktemp -d) || exit 1
export REFLASHD_SOCKET=$sockets/control.sock
ENDED_BY_PERSON=130

daemon='' waiting='' watch=''

finish()
{
	local child

	trap '' INT TERM HUP
	for child in $waiting $watch $daemon; do
		kill "$child" 2>/dev/null && wait "$child"
	done
	rm -rf "$sockets"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

on_terminal()
{
	[ -t 0 ] && [ -t 1 ] && [ "${TERM:-dumb}" != dumb ]
}

title()
{
	on_terminal || printf '\n== %s\n' "$*"
}

# shown COMMAND...: on a terminal only if it fails
shown()
{
	local said code=0

	title "$*"
	on_terminal || { "$@"; return; }
	said=$("$@" 2>&1) || code=$?
	[ $code = 0 ] || printf '%s\n' "$said"
	return $code
}

ids()
{
	sed -n 's/^Device=[^ ]* //p' "$REFLASH_SIM_DEVICES_CONF"
}

write_configuration()
{
	mkdir -p "$folder/policy.d" "$folder/images" \
		"$folder/state"
	reflash-sim image valid "$folder/images/rehearsal.bin" || return
	cat > "$folder/reflashd.conf" <<END
[Paths]
PolicyDirectories=$folder/policy.d
ImageDirectory=$folder/images
StateDirectory=$folder/state
ControlSocket=$REFLASHD_SOCKET
END
	if [ "$REFLASH_SIM" = loopback ] || [ -n "${REHEARSE_BY_ADDRESS:-}" ]; then
		cat "$REFLASH_SIM_DEVICES_CONF" # there is no multicast
	else
		printf '[Discovery]\nBackend=embedded\n'
	fi >> "$folder/reflashd.conf"
	# Every device is this machine.
	[ "$REFLASH_SIM" != loopback ] ||
		printf '[Server]\nAdvertiseAddress=%s\n' "$REFLASH_SIM_SERVER" \
			>> "$folder/reflashd.conf"
	# At least the usual 4 at a time, and not more than ten turns for all.
	parallel=$((($(ids | wc -l) + 9) / 10))
	printf '[Limits]\nGoneSec=10\nMaxParallel=%d\n' \
		$((parallel > 4 ? parallel : 4)) >> "$folder/reflashd.conf"
	cat > "$folder/policy.d/50-all.policy" <<END
[Match]
DeviceId=1000*

[Flash]
Action=flash
Image=rehearsal.bin
Sha256=$(sha256sum "$folder/images/rehearsal.bin" | cut -d ' ' -f 1)

[Verify]
Expect=leave
END
}

# What reflashd -t says has the whole paths of this machine in it.
check_configuration()
{
	local said

	said=$(reflashd -t -c reflashd.conf 2>&1) && return
	printf '%s\n' "$said"
	return 1
}

start_daemon()
{
	reflashd -c reflashd.conf >reflashd.log 2>&1 </dev/null &
	daemon=$!
	until reflashctl status >/dev/null 2>&1; do
		kill -0 "$daemon" 2>/dev/null || { cat reflashd.log; return 1; }
		sleep 0.1
	done
}

# It reads the keys of the terminal, which bash takes away from it with "&" alone.
start_watch()
{
	on_terminal || return 0
	reflashctl watch <&0 &
	watch=$!
}

# Ends with the last picture on the terminal.
end_watch()
{
	[ -n "$watch" ] || return 0
	kill "$watch" 2>/dev/null
	wait "$watch"
	watch=
}

# One after the other, for the daemon lets nobody have a hundred connections.
# The time limit is for the whole rehearsal.  A person may end it with q.
wait_for_all()
{
	local id left result=0 end=$((SECONDS + 900))

	for id in $(ids); do
		left=$((end - SECONDS))
		reflashctl wait "$id" --state flashed \
			--timeout $((left > 0 ? left : 0)) \
			>> "$folder/wait.log" 2>&1 </dev/null &
		waiting=$! # a trap runs while the shell itself waits
		# shellcheck disable=SC2086 # there may be no watch
		wait -n "$waiting" $watch
		if [ -n "$watch" ] && ! kill -0 "$watch" 2>/dev/null; then
			exit $ENDED_BY_PERSON
		fi
		wait "$waiting" || result=1
	done
	waiting=
	return $result
}

write_configuration && cd "$folder" || exit 1
shown cat policy.d/50-all.policy
shown reflashctl check images/rehearsal.bin || exit 1
check_configuration || exit 1
start_daemon || exit 1
start_watch
wait_for_all
result=$?
end_watch
shown reflashctl devices
[ $result = 0 ] || { tail -n 20 reflashd.log; reflashctl status; }
exit $result
