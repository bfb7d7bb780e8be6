#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# upgrade.sh -- from the package of the first release to that of this tree, and
# back, and up again, each in the middle of a flash: nothing is lost on the way.
#
#   tests/package/upgrade.sh [SUITE...]    bookworm trixie
#   make upgrade [UPGRADE=SUITE]
#
# Builds both packages from the history of this checkout, and boots a Debian with
# its own systemd on a virtual LAN.  What git has not committed is not tested.
# FRESH_CACHE (build/fresh) keeps roots and packages.  Needs root, debootstrap,
# systemd-nspawn and Debian's archive; takes some minutes.
set -u
unset CDPATH
build=$PWD
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/fresh/lib.sh
. tests/fresh/lib.sh
# shellcheck source=tests/package/lib.sh
. tests/package/lib.sh

FIRST=097b2fd # the commit that version 0.1.0 is
slow=1000a05bf1 done=1000a05bf2 approved=1000a05bf3 cancelled=1000a05bf4
ordered=1000a05bf5 labelled=1000a05bf6 down=1000a05bf7 up=1000a05bf8 unread=1000a05bf9
long='the person who looks after all the houses'
state=/var/lib/reflashd

finish()
{
	[ -z "${lan:-}" ] || { kill "$lan" && wait "$lan"; }
	rm -rf "$work"
}

# prepare SUITE: a root with both packages in it, and what they depend on.
prepare()
{
	local suite=$1 old new

	packages "$suite" $FIRST
	old=$debs
	packages "$suite" ${COMMIT:-HEAD}
	new=$debs
	kept_root "$suite" server "$RUNNING"
	unpack "$suite" "$suite-server"
	rm -rf "$work/root/root/reflashd"
	cp -r "$old" "$work/root/root/old"
	cp -r "$new" "$work/root/root/new"
}

# install_package FOLDER: as a person does who keeps his own configuration.
install_package()
{
	local keep='-o Dpkg::Options::=--force-confold'

	show "apt-get install -qq -y --allow-downgrades $keep ./$1/reflashd_*.deb" \
		'Setting up reflashd'
	wait_for 'reflashctl status'
}

# policy NAME IDS
policy()
{
	on "printf '[Match]\nDeviceId=%s\n\n[Flash]\nAction=ask\nImage=first.bin\n
[Verify]\nExpect=leave\n' '$2' >/etc/reflashd/policy.d/$1.policy"
}

# of ID KEY: what the daemon says of a device
of()
{
	on "reflashctl --json show $1" | jq -r ".device.$2 // empty"
}

# kept ID KEY VALUE
kept()
{
	local now
	now=$(of "$1" "$2")
	echo "$1: $2 is $now"
	[ "$now" = "$3" ] || fail "$1: $2 is $now, not $3"
}

since()
{
	on "systemctl show -P ActiveEnterTimestampMonotonic reflashd.$1"
}

# in_the_middle ID COMMAND...: of its download, and the socket stays open
in_the_middle()
{
	local id=$1 socket service
	shift
	wait_for "reflashctl --json show $id | grep '\"percent\": *[1-9]'"
	socket=$(since socket) service=$(since service)
	"$@"
	[ "$socket" = "$(since socket)" ] || fail "the socket was closed"
	[ "$service" != "$(since service)" ] || fail "the daemon is the old one"
	show "reflashctl wait $id --state flashed --timeout 3m" flashed
}

# What a person has said, and what has happened, before all.
first_release()
{
	title "Version 0.1.0, with policies, approvals, a pause and a history"
	install_package old
	show 'reflashd -V' '^reflashd 0\.1\.0'
	on "install -d /root/before"
	show "sed -i 's/^#ProbeTimeoutSec=.*/ProbeTimeoutSec=16 s/' \
		/etc/reflashd/reflashd.conf && grep -n ^Probe /etc/reflashd/reflashd.conf"
	show "reflash-sim image valid $state/images/first.bin"
	policy 50-first "$slow $done $cancelled $down $up $unread"
	policy 60-other "$approved $ordered $labelled"
	show 'systemctl reload reflashd && reflashctl plan' approval
	show "reflashctl approve $done"
	show "reflashctl wait $done --state flashed --timeout 3m" flashed
	show "reflashctl cancel $cancelled && reflashctl cancel $unread"
	show 'reflashctl pause 60-other'
	show "reflashctl approve $approved"
	show "reflashctl approve $slow"
	on "cp -a /etc/reflashd /root/before/"
}

as_before()
{
	show 'diff -r /root/before/reflashd/policy.d /etc/reflashd/policy.d &&
		diff /root/before/reflashd/reflashd.conf /etc/reflashd/reflashd.conf &&
		echo the same' '^the same'
	kept $done state flashed
	kept $cancelled reason cancelled
	kept $approved state held
	kept $approved reason paused
	on "reflashctl --json status" |
		jq -c '.policies[] | select(.paused) | .name' | tee "$work/output"
	[ "$(cat "$work/output")" = '"60-other"' ] ||
		fail "not the policy that a person has paused is paused"
	show "grep -c '\"state\":\"flashed\"' $state/history.jsonl" "^$1$"
	show "find $state -name '*unreadable*' -not -name '$unread.*'"
	[ ! -s "$work/output" ] || fail "a record was set aside"
}

upgrade()
{
	title "The upgrade, in the middle of a flash"
	in_the_middle $slow install_package new
	show 'reflashd -V' '^reflashd 0\.2\.0'
	show 'journalctl -o cat -u reflashd -n 40'
	as_before 2
}

# What 0.1.0 does not know of.
more_than_it_knows()
{
	local sha

	title "Labels, and an order for one image alone"
	show "reflashctl label $labelled Cellar && reflashctl label $approved Hall"
	sha=$(on "sha256sum $state/images/first.bin" | cut -d' ' -f1)
	show "reflashctl approve --yes $down"
	wait_for "reflashctl --json show $down | grep '\"percent\": *[1-9]'"
	show 'reflashctl pause'
	show "reflashctl flash --yes --sha256 $sha $ordered"
	kept $ordered reason paused
	# A name that is too long for 0.1.0, as a later version might write it.
	show "sed -i 's/\"cancelled\": \".*\"/\"cancelled\": \"$long\"/' \
		$state/devices/$unread.json && grep cancelled $state/devices/$unread.json" \
		"$long"
}

downgrade()
{
	title "Back to 0.1.0, in the middle of a flash"
	in_the_middle $down install_package old
	show 'reflashd -V' '^reflashd 0\.1\.0'
	show 'journalctl -o cat -u reflashd -n 40' \
		"$unread.json: .*; set aside as $unread.json.unreadable-1"
	kept $unread reason record-lost
	as_before 3
	show 'reflashctl resume'
	kept $ordered reason approval
	title "0.1.0 writes records of its own"
	show "reflashctl cancel $approved && reflashctl cancel $labelled"
	show "grep -l '\"label\"' $state/devices/*.json"
	! grep -q "$approved" "$work/output" || fail "it has written none"
	show "reflashctl approve $up"
}

up_again()
{
	title "To the new version again, in the middle of a flash"
	in_the_middle $up install_package new
	show 'journalctl -o cat -u reflashd | grep "^state:"' 'has its label' \
		"the record of device $unread is taken back"
	kept $unread reason cancelled
	show "find $state -name '*unreadable*'"
	[ ! -s "$work/output" ] || fail "a record is still aside"
	kept $labelled label Cellar
	kept $approved label Hall
	kept $approved reason cancelled
	kept $done state flashed
	# The order is there again: 0.1.0 has not touched it.
	show "reflashctl wait $ordered --state flashed --timeout 3m" flashed
	show "reflashctl history" "$slow" "$done" "$down" "$up" "$ordered"
	show "grep -c '\"state\":\"flashed\"' $state/history.jsonl" "^5$"
}

# Each device that was flashed was so in one go: it has asked for each part of the
# image once, as that one has that saw no restart of the daemon.
what_the_devices_saw()
{
	local parts

	title "What the devices saw"
	jq -c '.devices[] | select(.flash_told > 0) | [.id, .flash_told, .boots,
		.ranges, .bytes, .losses, .unanswered, .refused, .verdict]' \
		"$work/report" | tee "$work/seen"
	parts=$(jq -c ".devices[] | select(.id == \"$done\") | .ranges" "$work/report")
	[ "$(jq -c '.devices[] | select(.flash_told > 0) | [.flash_told, .boots,
		.unanswered, .refused, (.breaches | length), .ranges]' "$work/report" |
		sort | uniq -c | tr -s ' ')" = " 5 [1,1,0,0,0,$parts]" ] ||
		fail "not five devices in one go, without a refused connection"
}

visit()
{
	local id devices=()

	prepare "$1"
	for id in $slow $down $up; do
		devices+=("id=$id,chunk-ms=200")
	done
	for id in $done $approved $cancelled $ordered $labelled $unread; do
		devices+=("id=$id,chunk-ms=5")
	done
	boot "$build" "$work/root" "${devices[@]}"
	first_release
	upgrade
	more_than_it_knows
	downgrade
	up_again
	power_off
	what_the_devices_saw
}

command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"
prepare_roots
trap finish EXIT
[ $# -gt 0 ] || set -- bookworm trixie
for suite; do
	echo "== $suite"
	visit "$suite"
done
echo "$# passed, 0 failed"
