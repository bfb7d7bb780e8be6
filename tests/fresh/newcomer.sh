#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# newcomer.sh -- what somebody does on a Debian that has nothing but itself, and
# what must come of it: newcomer.sh run|package|first|hand|check.  Only for a root that is
# thrown away, where fresh.sh runs it as root beside a clone of the tree.
set -u
cd "$(dirname "$0")/reflashd" || exit 1

fail()
{
	echo "FAILED: $*"
	exit 1
}

# says CODE TEXT COMMAND...: ends so, and says that.
says()
{
	local code=$1 text=$2 got=0
	shift 2
	"$@" >/tmp/said 2>&1 || got=$?
	[ $got = "$code" ] && grep -qF -e "$text" /tmp/said && return
	cat /tmp/said
	fail "$*: ended with $got, not $code, or did not say: $text"
}

# title COMMAND: as a person types it
title()
{
	printf '\n# %s\n' "$*"
}

# flashed COUNT: what /tmp/said tells of a rehearsal, which ended well.
flashed()
{
	[ "$(grep -cE '^1000[0-9a-f]{6} .* flashed  .* 50-all *$' /tmp/said)" = "$1" ] &&
		grep -q '^No device saw a breach of protocol' /tmp/said ||
		fail "not $1 devices were flashed"
}

as_anna()
{
	su anna -c "cd && cd reflashd && $1"
}

# The packages in the command that ./run has advised.
advised()
{
	sed -n "s/^  [a-z].*apt-get install \([^']*\).*/\1/p" /tmp/said
}

# Where nothing can be installed, the packages are named, and how to install them.
nothing_can_be_installed()
{
	says 1 'is this machine connected to the Internet?' unshare --net ./run
	says 1 "su -c 'apt-get update && apt-get install gcc" as_anna ./run
	cat /tmp/said
	printf '#!/bin/sh\nexit 1\n' >/usr/bin/sudo
	chmod +x /usr/bin/sudo
	says 1 'sudo apt-get update && sudo apt-get install gcc' as_anna ./run
	rm /usr/bin/sudo
	mv /usr/bin/apt-get /usr/bin/gone
	says 1 'there is no apt-get' ./run
	mv /usr/bin/gone /usr/bin/apt-get
}

# Another program installs packages until ./run has said that it waits for it.
hold_the_lock()
{
	mkfifo /tmp/held
	perl -e 'use Fcntl;
		my $write = pack "s x62", F_WRLCK; # a struct flock of the whole file
		open my $lock, ">", "/var/lib/dpkg/lock-frontend" or die;
		fcntl($lock, F_SETLK, $write) or die;
		open my $held, ">", "/tmp/held" or die;
		close $held;
		select undef, undef, undef, 0.1
			until `grep -s "waiting for it to end" /tmp/said`' &
	timeout 60 cat /tmp/held || fail "the lock cannot be held"
}

before_anything()
{
	local missing

	useradd --create-home anna
	cp -r . ~anna/reflashd && chown -R anna: ~anna/reflashd
	says 64 "'bogus' is not a number" ./run bogus
	title "./run, as anna"
	nothing_can_be_installed
	says 1 "su -c" as_anna ./run
	missing=$(advised)
	title "./run"
	: >/tmp/said
	hold_the_lock
	./run >/tmp/said 2>&1 || { cat /tmp/said; fail "./run"; }
	cat /tmp/said
	flashed 3
	grep -q 'waiting for it to end' /tmp/said || fail "it did not wait"
	[ "$missing" = "$(sed -n 's/^Installing with apt-get: //p' /tmp/said |
		tail -n 1)" ] || fail "anna was told to install: $missing"
	[ ! -e /usr/sbin/policy-rc.d ] || fail "policy-rc.d is left"
}

# All is there now, and nothing of it is root's.
as_a_user()
{
	title "./run 2, as anna"
	says 0 "No device saw" as_anna './run 2'
	flashed 2
	says 0 "No device saw" as_anna \
		'PATH=/usr/bin:/bin build/root/bin/reflash-sim --loopback --devices 2 -- tests/lan/rehearse.sh "$PWD/build/root" "$PWD/build"'
	flashed 2
	chown -R root: ~anna/reflashd/build
	says 1 "belongs to root" as_anna './run'
}

# readme FROM TO: runs the commands that README.md has between these two, word by
# word but for sudo, which a bare Debian has not, and what needs a running systemd.
readme()
{
	local commands

	commands=$(sed -n "/$1/,/$2/s/^    //p" README.md |
		grep -vE 'sudo (systemd|journalctl|systemctl)')
	[ -n "$commands" ] || fail "README.md has nothing between $1 and $2"
	title "as README.md says:
$commands"
	DEBIAN_FRONTEND=noninteractive bash -c "set -e
		sudo() { \"\$@\"; }
		apt-get() { command apt-get -qq -o Dpkg::Use-Pty=0 \"\$@\"; }
		$commands" >/tmp/said 2>&1 || { tail -n 60 /tmp/said; fail readme; }
}

install_package()
{
	readme '^On Debian.*as a package' '^From then on'
	reflashd -V || fail "reflashd is not installed"
}

# first_device OPTION...: from the package to the first flashed device, and perhaps
# one more, beside one that cannot be flashed; /root/first.txt is what was seen.
first_device()
{
	title "tests/fresh/first.sh"
	mkdir -p /tmp/first
	reflash-sim --quiet --device id=1000a05bf6,after=ap "$@" \
		--device id=10011b2c3d,fault=encrypted \
		-- tests/fresh/first.sh /tmp/first || fail "first.sh"
	cp /tmp/first/first.txt /root/first.txt
}

package()
{
	install_package
	title "./run 1, after that"
	says 0 "No device saw" ./run 1
	flashed 1
	first_device
	apt-get -qq purge reflashd >/tmp/said 2>&1 || fail "apt-get purge"
}

# On a root that has nothing yet, so that the list of packages is whole.
by_hand()
{
	readme '^By hand' '^The daemon runs as'
	/usr/local/sbin/reflashd -V || fail "reflashd is not installed"
	for file in reflashd.service reflashd.catalog; do
		find /usr -path "*/lib/systemd/*/$file" | grep . ||
			fail "make install left out $file"
	done
	title "./run 1, after that"
	says 0 "No device saw" ./run 1
}

# What a person sees whose tree is not as it should be.
mishaps()
{
	title "./run, where ./configure was run in the tree itself"
	touch config.status
	says 1 'make distclean' ./run
	tail -n 1 /tmp/said
	rm config.status
	title "./run, without the files of libc6-dev"
	rm -rf build/run
	mv /usr/include/stdio.h /usr/include/stdio.h.gone
	mv /usr/include/uthash.h /usr/include/uthash.h.gone
	says 1 'libc6-dev' ./run
	tail -n 12 /tmp/said
	mv /usr/include/stdio.h.gone /usr/include/stdio.h
	says 1 'uthash-dev' ./run
	mv /usr/include/uthash.h.gone /usr/include/uthash.h
}

# As on a machine that has not asked for months: a package in apt's lists is not
# in the archive any more.
outdated_lists()
{
	apt-get -qq update || fail "apt-get update"
	sed -i 's,^Filename: .*/uthash-dev_,&gone_,' \
		/var/lib/apt/lists/*_Packages || fail "no lists"
	rm -f /var/lib/apt/lists/*InRelease
}

case $1 in
run)
	before_anything
	as_a_user
	mishaps ;;
package)
	package ;;
first)
	install_package
	first_device --device id=1000a0c4d1,after=ap ;;
hand)
	by_hand ;;
check)
	outdated_lists
	title "CI=true ./check"
	CI=true ./check || fail "./check" ;;
esac
