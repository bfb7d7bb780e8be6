# SPDX-License-Identifier: ISC
# shellcheck shell=sh disable=SC2034,SC2154
# simlan -- a test on the virtual LAN of reflash-sim, with neither the D-Bus
# nor the avahi-daemon of this machine in sight.
#
# Set sim_options and source it: it runs the test again inside, with what
# lib.sh has, and with $tmp for what the test writes, $tmp/report for what the
# devices saw.

if [ -z "${REFLASH_SIM:-}" ]; then
	python3 -c 'import json' 2>/dev/null ||
		{ echo "SKIP: no python3 to drive the daemon with"; exit 77; }
	tmp=$(mktemp -d) || exit 1
	trap 'rm -rf "$tmp"' EXIT
	export tmp
	# shellcheck disable=SC2086 # one word an option
	REFLASH_LAN=1 REFLASH_BUILD=$PWD "$PWD/reflash-sim" --quiet \
	    --report "$tmp/report" --control "$tmp/sim" $sim_options -- \
	    sh -c '[ "$REFLASH_SIM" = namespace ] || exit 78
		exec unshare -mp --fork --kill-child --mount-proc "$@"' sh \
	    sh "$0" 2>"$tmp/err"
	code=$?
	[ "$code" != 78 ] || { grep . "$tmp/err"
		echo "SKIP: no namespaces here"; exit 77; }
	[ "$code" = 0 ] || tail -n 5 "$tmp/err"
	exit "$code"
fi
# shellcheck source=tests/lan/lib.sh
. "$(dirname "$0")/lib.sh"

# drive DRIVER ARGUMENT...: tests/lan/DRIVER with $tmp and the arguments
drive()
{
	driver=$1
	shift
	python3 -B "$here/$driver" "$tmp" "$@"
}

# Attackers on a net of their own, which is allowed like the other.
evil_up()
{
	ip netns add evil
	ip link add eth1 type veth peer name eth0 netns evil
	ip address add 10.66.0.1/24 dev eth1
	ip link set eth1 up
	ip -n evil link set lo up
	ip -n evil link set eth0 up
	ip -n evil route add 224.0.0.0/4 dev eth0
	n=2
	while [ $n -le 201 ]; do
		echo "address add 10.66.0.$n/24 dev eth0"
		n=$((n + 1))
	done | ip -n evil -batch -
}
