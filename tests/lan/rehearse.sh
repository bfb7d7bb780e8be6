#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# rehearse.sh -- the whole job, inside the virtual LAN of reflash-sim.
#
#   reflash-sim --devices N -- tests/lan/rehearse.sh PREFIX FOLDER
#
# PREFIX is where reflashd is installed; FOLDER is for everything it writes.
set -u
PATH=$1/sbin:$1/bin:$PATH
folder=$2
# Not in the folder, whose path may be longer than that of a socket can be.
sockets=$(mktemp -d) || exit 1
export REFLASHD_SOCKET=$sockets/control.sock

daemon='' waiting=''

finish()
{
	trap '' INT TERM HUP
	[ -z "$waiting" ] || kill "$waiting" 2>/dev/null
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; }
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
	if [ "$REFLASH_SIM" = loopback ]; then
		# No multicast here, and every device is this machine.
		cat "$REFLASH_SIM_DEVICES_CONF"
		printf '[Server]\nAdvertiseAddress=%s\n' "$REFLASH_SIM_SERVER"
	else
		printf '[Discovery]\nBackend=embedded\n'
	fi >> "$folder/reflashd.conf"
	# At least the usual 4 at a time, and not more than ten turns for all.
	parallel=$((($(ids | wc -l) + 9) / 10))
	printf '[Limits]\nGoneSec=10\nMaxParallel=%d\n' \
		$((parallel > 4 ? parallel : 4)) >> "$folder/reflashd.conf"
	cat > "$folder/policy.d/50-rehearsal.policy" <<END
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

start_daemon()
{
	reflashd -c reflashd.conf &
	daemon=$!
	until reflashctl status >/dev/null 2>&1; do
		kill -0 "$daemon" 2>/dev/null || return
		sleep 0.1
	done
}

# One after the other, for the daemon lets nobody have a hundred connections.
# The time limit is for the whole rehearsal.
wait_for_all()
{
	local id left result=0 end=$((SECONDS + 900))

	for id in $(ids); do
		left=$((end - SECONDS))
		reflashctl wait "$id" --state flashed \
			--timeout $((left > 0 ? left : 0)) \
			>> "$folder/wait.log" 2>&1 &
		waiting=$! # a trap runs while the shell itself waits
		wait "$waiting" || result=1
	done
	waiting=
	return $result
}

write_configuration && cd "$folder" || exit 1
title "cat policy.d/50-rehearsal.policy"
cat policy.d/50-rehearsal.policy
title "reflashctl check images/rehearsal.bin"
reflashctl check images/rehearsal.bin || exit 1
title "reflashd -t -c reflashd.conf"
reflashd -t -c reflashd.conf || exit 1
title "reflashd -c reflashd.conf"
start_daemon || exit 1
wait_for_all
result=$?
title "reflashctl devices"
reflashctl devices
title "reflashctl history"
reflashctl history
title "The daemon ends"
exit $result
