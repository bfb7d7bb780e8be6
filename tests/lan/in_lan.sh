#!/bin/sh
# SPDX-License-Identifier: ISC
# in_lan.sh -- runs a test in namespaces of its own, which end with it.
#
#   in_lan.sh TEST [ARGUMENT...]                with a loopback and nothing else
#   in_lan.sh OPTION... -- TEST [ARGUMENT...]   on a LAN of reflash-sim's devices
#
# A test calls this itself, and runs again with $tmp, a folder for what it writes,
# and $tmp/report for what the devices saw.  REFLASH_LAN is "none" where there
# are no namespaces.  make check calls it with each Python test, which begins
# without namespaces.

skip()
{
	echo "SKIP: $*"
	exit 77
}

case $1 in
*.py)
	python3 -c 'import json, resource' 2>/dev/null ||
		skip "no python3 to run the test with"
	exec "$@" ;;
esac

# Neither the D-Bus nor the avahi-daemon of this machine is in sight.
setup='ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/netns'
if [ -z "${REFLASH_LAN:-}" ]; then
	export REFLASH_LAN=namespace
	for new in -nmp -rnmp; do # root remains root of this machine
		unshare $new --fork --mount-proc sh -c "$setup" 2>/dev/null &&
			exec unshare $new --fork --kill-child --mount-proc \
				sh -c "$setup && sh \"\$0\" \"\$@\"; exit" \
				"$0" "$@"
	done
	REFLASH_LAN=none
fi

case " $* " in
*" -- "*) ;;
*) exec "$@" ;;
esac
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
export tmp
"$PWD/reflash-sim" --quiet --report "$tmp/report" --control "$tmp/sim" "$@" \
	2>"$tmp/err"
code=$?
[ "$code" = 0 ] || tail -n 40 "$tmp/err"
[ "$code" != 78 ] || skip "no namespaces here for a virtual LAN"
exit "$code"
