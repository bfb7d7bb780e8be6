#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# rehearse.sh -- the page in front of virtual devices.
#
#   tests/web/rehearse.sh PREFIX FOLDER N
#
# PREFIX is where reflashd is installed; FOLDER is for everything it writes; N is how
# many devices there are.  The daemon and the devices are on the virtual LAN of
# reflash-sim; the page is outside of it, where a browser gets to it, as only the
# control socket connects the two.  On a terminal a person approves; otherwise all is
# approved at once.
set -u
PATH=$1/sbin:$1/bin:$PATH
prefix=$1 folder=$2
PORTS=$(seq 8267 8276)
children=()

finish()
{
	local child

	trap '' INT TERM HUP
	[ -z "${own:-}" ] || touch "$own/end"
	for child in "${children[@]}"; do
		kill "$child" 2>/dev/null && wait "$child"
	done
	[ -z "${own:-}" ] || rm -rf "$own"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

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

ids()
{
	sed -n 's/^Device=[^ ]* //p' "$REFLASH_SIM_DEVICES_CONF"
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
}

# The daemon and the devices, until the page has been looked at.
inside()
{
	local id result=0

	cd "$folder" && write_configuration || exit 1
	in_background reflashd -c reflashd.conf >reflashd.log 2>&1
	until_it_succeeds reflashctl status
	for id in $(ids); do
		reflashctl wait "$id" --state flashed --timeout 1d \
			>>wait.log 2>&1 || result=1
	done
	touch "$state/done"
	until [ -e "$state/end" ]; do
		sleep 0.2
	done
	exit $result
}

# start_page PORT: false if another program has that port
start_page()
{
	printf '[Server]\nListen=127.0.0.1:%d\nTokenFile=%s\n' \
		"$1" "$folder/token" >"$folder/web.conf"
	in_background reflash-web -c "$folder/web.conf" \
		>"$folder/web.log" 2>&1
	until grep -q 'the daemon answers' "$folder/web.log"; do
		kill -0 "${children[0]}" 2>/dev/null || return 1
		sleep 0.1
	done
}

# all_wait COUNT: so many devices wait for an approval
all_wait()
{
	[ "$(reflashctl devices --state held | grep -c 'held: approval')" = "$1" ]
}

is_over()
{
	[ -e "$own/done" ] || ! kill -0 "$sim" 2>/dev/null
}

if [ "${3:-}" = inside ]; then
	state=$4
	inside
fi

own=$(mktemp -d) || exit 1
export REFLASHD_SOCKET=$own/control.sock
reflash-sim --quiet --devices "$3" -- "$0" "$prefix" "$folder" inside "$own" \
	</dev/null &
sim=$!
until_it_succeeds reflashctl status
for port in $PORTS; do
	start_page "$port" && break
	port=
done
[ -n "$port" ] || { echo "no port is free for the page"; exit 1; }
link=$(reflashctl web --config "$folder/web.conf" 2>/dev/null) || exit 1
echo "The page, for a browser on this machine; the link is good once:"
echo "  $link"
if [ -t 0 ] && [ -t 1 ]; then
	echo "Approve the devices there, and watch.  Ctrl-C ends it."
else
	until_it_succeeds all_wait "$3"
	reflashctl approve --all --yes || exit 1
	echo "There is no terminal, so all devices are approved at once."
fi
until is_over; do
	sleep 0.5
done
if [ -t 0 ] && [ -t 1 ]; then
	read -r -p "All is over.  Enter ends the page: " _
fi
touch "$own/end"
wait "$sim"
exit $?
