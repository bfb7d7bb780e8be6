#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The unit's sandbox scores 1.0 or better, what it may write nobody may execute,
# and systemd understands all units.
if ! command -v systemd-analyze >/dev/null; then
	echo "needs systemd-analyze"
	exit 77
fi
mqtt=
[ ! -e systemd/reflash-mqtt.service ] || mqtt=reflash-mqtt.service
web="reflash-web.service reflash-web.socket"
notify=reflash-notify@.service
for unit in reflashd.service reflashd.socket "$notify" $mqtt $web; do
	[ -s "systemd/$unit" ] || { echo "systemd/$unit: not made"; exit 1; }
	if grep -n '@[a-z]*@' "systemd/$unit"; then
		echo "^ systemd/$unit: left in"
		exit 1
	fi
done
systemd-analyze security --offline=true --no-pager --threshold=10 \
	systemd/reflashd.service || exit 1
# It may connect to a broker anywhere.
[ -z "$mqtt" ] || systemd-analyze security --offline=true --no-pager \
	--threshold=11 "systemd/$mqtt" || exit 1
# Browsers may connect to it.
systemd-analyze security --offline=true --no-pager --threshold=10 \
	systemd/reflash-web.service || exit 1
# It runs a program of the user, which may connect anywhere.
systemd-analyze security --offline=true --no-pager --threshold=12 \
	"systemd/$notify" || exit 1
for key in StateDirectory=%S RuntimeDirectory=%t; do
	folder=${key#*=}/$(sed -n "s/^${key%=*}=//p" systemd/reflashd.service)
	grep -q "^NoExecPaths=.*-$folder\b" systemd/reflashd.service ||
		{ echo "not in NoExecPaths=: $folder"; exit 1; }
done
# A template is verified by the name that it would be started by.
instance=$(mktemp -d) && trap 'rm -rf "$instance"' EXIT
cp "systemd/$notify" "$instance/reflash-notify@ntfy.service" || exit 1
# Programs and pages are not where the units say: nothing is installed yet.
wrong=$(systemd-analyze verify --man=no systemd/reflashd.socket \
	systemd/reflash-web.service systemd/reflash-web.socket \
	systemd/reflashd.service ${mqtt:+"systemd/$mqtt"} \
	"$instance/reflash-notify@ntfy.service" 2>&1 |
	grep -E 'reflash(d|-mqtt|-web|-notify@ntfy)\.' |
	grep -vE 'is not executable|Failed to create .*/(start|verify-active)')
echo "$wrong"
[ -z "$wrong" ]
