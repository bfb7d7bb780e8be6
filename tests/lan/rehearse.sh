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
export REFLASHD_SOCKET=$folder/control.sock

daemon=

finish()
{
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; }
}
trap finish EXIT

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
	printf '[Limits]\nGoneSec=10\n' >> "$folder/reflashd.conf"
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

# All at once: the time limit is for the whole rehearsal.
wait_for_all()
{
	local id result=0 waiting=()

	for id in $(ids); do
		reflashctl wait "$id" --state flashed --timeout 5m \
			>> "$folder/wait.log" 2>&1 &
		waiting+=($!)
	done
	for id in "${waiting[@]}"; do
		wait "$id" || result=1
	done
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
