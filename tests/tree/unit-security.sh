#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The unit's sandbox scores 1.0 or better, what it may write nobody may execute,
# and systemd understands both units.
if ! command -v systemd-analyze >/dev/null; then
	echo "needs systemd-analyze"
	exit 77
fi
for unit in reflashd.service reflashd.socket; do
	[ -s "systemd/$unit" ] || { echo "systemd/$unit: not made"; exit 1; }
	if grep -n '@[a-z]*@' "systemd/$unit"; then
		echo "^ systemd/$unit: left in"
		exit 1
	fi
done
systemd-analyze security --offline=true --no-pager --threshold=10 \
	systemd/reflashd.service || exit 1
for key in StateDirectory=%S RuntimeDirectory=%t; do
	folder=${key#*=}/$(sed -n "s/^${key%=*}=//p" systemd/reflashd.service)
	grep -q "^NoExecPaths=.*-$folder\b" systemd/reflashd.service ||
		{ echo "not in NoExecPaths=: $folder"; exit 1; }
done
# Programs and pages are not where the units say: nothing is installed yet.
wrong=$(systemd-analyze verify --man=no systemd/reflashd.socket \
	systemd/reflashd.service 2>&1 | grep 'reflashd\.' |
	grep -vE 'is not executable|Failed to create .*/(start|verify-active)')
echo "$wrong"
[ -z "$wrong" ]
