# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034
# lib -- a LAN of two network namespaces for the tests that are shell scripts.
#
# The test runs on this machine's side, in the namespaces of in_lan.sh.  lan_up
# makes the other side (10.9.0.2 to 9, this one is eth0, 10.9.0.1); a test that
# sets sim_options before it sources this has the devices of reflash-sim there.

here=$(cd "$(dirname "$0")" && pwd)
build=$PWD
scan_program=$build/reflash-scan

skip()
{
	echo "skipped: $*"
	exit 77
}

command -v python3 >/dev/null || skip "no python3"
if [ -z "${REFLASH_LAN:-}" ]; then
	# shellcheck disable=SC2086 # one word an option
	exec "$here/in_lan.sh" ${sim_options:+$sim_options --} "$0" "$@"
fi
[ "${REFLASH_SIM:-namespace}" = namespace ] || exit 78
[ "$REFLASH_LAN" = namespace ] || skip "no namespaces here"

dir=$(mktemp -d)
tmp=${tmp:-$dir}
trap 'rm -rf "$dir"' EXIT

lan_up()
{
	ip link set lo up
	ip netns add lan
	ip link add eth0 type veth peer name eth0 netns lan
	ip address add 10.9.0.1/24 dev eth0
	ip link set eth0 up
	for n in 2 3 4 5 6 7 8 9; do
		ip -n lan address add 10.9.0.$n/24 dev eth0
	done
	ip -n lan link set lo up
	ip -n lan link set eth0 up
	wait_for 'ip link show eth0 | grep -q "state UP"'
	ip route add 224.0.0.0/4 dev eth0
	ip -n lan route add 224.0.0.0/4 dev eth0
}

fail()
{
	echo "FAILED: $*"
	tail -n 20 "$dir"/*
	exit 1
}

# wait_for CONDITION [TENTHS]: until the shell command holds.
wait_for()
{
	tenths=${2:-150}
	while ! eval "$1"; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || fail "never came true: $1"
		sleep 0.1
	done
}

# say NAME ARGUMENT...: a device of that name, as mdns_say.py makes it.
say()
{
	log=$dir/say.$1
	name=$1
	shift
	ip netns exec lan python3 "$here/mdns_say.py" "$@" \
		</dev/null >"$log" 2>&1 &
	echo $! >"$dir/.pid.$name"
	wait_for "grep -qs ready '$log'"
}

# say_signal NAME SIGNAL
say_signal()
{
	kill -"$2" "$(cat "$dir/.pid.$1")"
}

# scan ARGUMENT...: start reflash-scan, its lines in $dir/lines.
scan()
{
	forget_lines
	"$scan_program" --json "$@" >>"$dir/lines" 2>"$dir/errors" </dev/null &
	scan_pid=$!
}

# Only what comes from now on counts.
forget_lines()
{
	: >"$dir/lines"
}

scan_end()
{
	kill $scan_pid
	wait $scan_pid 2>/dev/null || true
	# Under the sanitizers the sandbox has no seccomp, which it says.
	! grep -v 'sandboxed: .*the address sanitizer' "$dir/errors" ||
		fail "it complained"
}

# Has a line with all these texts come?
seen()
{
	found=$(cat "$dir/lines")
	for text in "$@"; do
		found=$(printf "%s\n" "$found" | grep -F -e "$text") || return 1
	done
}

count_lines()
{
	grep -c -F -e "$1" "$dir/lines" || true
}

# A D-Bus and an avahi-daemon of the test's own.
avahi_prepare()
{
	for tool in avahi-daemon dbus-daemon; do
		command -v $tool >/dev/null || skip "no $tool"
	done
	DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket
	export DBUS_SYSTEM_BUS_ADDRESS
	cat >"$dir/bus.conf" <<-END
		<busconfig>
		<type>system</type>
		<listen>$DBUS_SYSTEM_BUS_ADDRESS</listen>
		<auth>EXTERNAL</auth>
		<policy context="default">
		<allow own="*"/>
		<allow send_destination="*" eavesdrop="true"/>
		<allow receive_sender="*"/>
		</policy>
		</busconfig>
	END
	cat >"$dir/avahi.conf" <<-END
		[server]
		use-ipv4=yes
		use-ipv6=no
		[publish]
		publish-hinfo=no
		publish-workstation=no
		publish-addresses=no
	END
	# It gives its folder to its user, whom this namespace does not know.
	for file in passwd group; do
		sed -E 's/^(avahi:[^:]*):[0-9]+(:[0-9]+)?/\1:0\2/;
			s/^(avahi:[^:]*:0):[0-9]+/\1:0/' /etc/$file \
			>"$dir/.$file"
		mount --bind "$dir/.$file" /etc/$file
	done
}

start_dbus()
{
	mkdir -p /run/dbus
	rm -f /run/dbus/system_bus_socket
	dbus-daemon --config-file="$dir/bus.conf" --nofork \
		>"$dir/dbus.log" 2>&1 &
	dbus_pid=$!
	wait_for '[ -S /run/dbus/system_bus_socket ]'
}

start_avahi()
{
	mkdir -p /run/avahi-daemon
	rm -f /run/avahi-daemon/*
	avahi-daemon -f "$dir/avahi.conf" --no-drop-root --no-chroot \
		--no-rlimits >"$dir/avahi.log" 2>&1 &
	avahi_pid=$!
	wait_for 'grep -qs "Server startup complete" "$dir/avahi.log"'
}
