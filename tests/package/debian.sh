#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# debian.sh -- the life of the Debian package, in clean roots of Debian 12: it is
# built in one and installed in another, which its own systemd boots on a virtual
# LAN; there a device is flashed, and the package upgraded, removed and purged.
#
#   make check-package
#
# Prints each command and what it says.  Needs root, debootstrap, systemd-nspawn
# and Debian's archive; takes some minutes.
set -eu
id=1000a05bf6
build=$PWD
cd "$(dirname "$0")/../.."

for tool in debootstrap systemd-nspawn; do
	command -v $tool >/dev/null || { echo "needs $tool"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }

work=$(mktemp -d)
lan=

finish()
{
	[ -z "$lan" ] || { kill "$lan" && wait "$lan"; } || true
	rm -rf "$work"
}
trap finish EXIT

fail()
{
	echo "FAILED: $*"
	exit 1
}

title()
{
	printf '\n== %s\n' "$*"
}

# dpkg draws over its own lines, terminal or not.
plain()
{
	sed -u 's/\r*$//; s/.*\r//' | grep -v '^(Reading database' || true
}

nspawn()
{
	systemd-nspawn --quiet --register=no --keep-unit \
		--machine="reflashd-$$" "$@"
}

# An archive that does not answer once is no fault of the package.
bootstrap()
{
	rm -rf "$work/base"
	mkdir -p "$work/cache"
	debootstrap --variant=minbase --include=systemd-sysv \
		--cache-dir="$work/cache" bookworm "$work/base" \
		>"$work/debootstrap" 2>&1
}

# in_root ROOT COMMAND: in one that does not run, with this machine's network
in_root()
{
	printf '\n%s# %s\n' "$1" "$2"
	nspawn --directory "$work/$1" --pipe --setenv=LC_ALL=C.UTF-8 \
		--setenv=DEBIAN_FRONTEND=noninteractive \
		sh -c "exec 2>&1; $2" </dev/null 2>"$work/nspawn" | plain
	[ "${PIPESTATUS[0]}" = 0 ] || { cat "$work/nspawn"; fail "$2"; }
}

# on COMMAND: in the root that has booted
on()
{
	nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup \
		--root --wdns=/root env -i PATH="$PATH" HOME=/root TERM=dumb \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive SYSTEMD_PAGER= \
		sh -c "$1" </dev/null
}

# show COMMAND [PATTERN...]: its output must have each of them, in some line
show()
{
	local command=$1 pattern code=0
	shift
	printf '\nserver# %s\n' "$command"
	on "$command" >"$work/output" 2>&1 || code=$?
	plain <"$work/output"
	[ $code = 0 ] || echo "(exit $code)"
	for pattern; do
		grep -qE -e "$pattern" "$work/output" ||
			fail "$command: says nothing of $pattern"
	done
}

# wait_for COMMAND: until it succeeds in the root that has booted
wait_for()
{
	local tenths=600

	until on "$1" >/dev/null 2>&1; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || fail "never came true: $1"
		sleep 0.1
	done
}

boot()
{
	local spawn

	# shellcheck disable=SC2016 # for the shell on the virtual LAN
	"$build/reflash-sim" --quiet --report "$work/report" \
		--device "id=$id,chunk-ms=100" -- \
		sh -c '[ "$REFLASH_SIM" = namespace ] && exec "$@"' sh \
		systemd-nspawn --quiet --register=no --keep-unit --boot \
		--machine="reflashd-$$" --directory "$work/server" \
		>"$work/console" 2>&1 </dev/null &
	lan=$!
	until spawn=$(pgrep -P $lan) && leader=$(pgrep -P "$spawn") &&
	    on true 2>/dev/null; do
		kill -0 $lan 2>/dev/null || { cat "$work/console"; exit 1; }
		sleep 0.1
	done
	wait_for 'systemctl is-system-running'
}

# No file, no unit, no process; the user stays.
nothing_left()
{
	rm "$work"/server/root/reflashd_*.deb
	show 'find / -xdev -iname "*reflash*" -o -user reflashd -o -group reflashd'
	[ ! -s "$work/output" ] || fail "files are left"
	show 'find /run -iname "*reflash*"'
	[ ! -s "$work/output" ] || fail "files are left in /run"
	show 'systemctl list-unit-files --no-legend "reflash*"'
	[ ! -s "$work/output" ] || fail "units are left"
	show 'grep -l reflash /proc/[0-9]*/comm'
	! grep -q comm "$work/output" || fail "a process is left"
}

title "A clean Debian 12"
echo "# debootstrap --variant=minbase --include=systemd-sysv bookworm base"
bootstrap || bootstrap || { tail "$work/debootstrap"; fail debootstrap; }
tail -n 1 "$work/debootstrap"
cp -a "$work/base" "$work/build"
mv "$work/base" "$work/server"

title "The package is built"
mkdir "$work/build/root/reflashd"
git ls-files -z | tar --null -T - -c | tar -C "$work/build/root/reflashd" -x
in_root build 'apt-get update -qq'
in_root build 'cd /root/reflashd && apt-get build-dep -qq -y . >/dev/null 2>&1'
in_root build 'cd /root/reflashd && dpkg-buildpackage -us -uc >../log 2>&1 ||
	{ tail -n 50 ../log; exit 1; }
	grep "^# [A-Z]*:" ../log; tail -n 1 ../log; ls -s ..'
in_root build 'apt-get install -qq -y lintian >/dev/null 2>&1
	cd /root && lintian --pedantic --info --allow-root \
		--fail-on error,warning *.changes && echo "lintian: $?"'

title "It is installed, and runs"
cp "$work"/build/root/reflashd_*.deb "$work/server/root/"
in_root server 'apt-get update -qq && apt-get install -qq -y --download-only \
	/root/reflashd_*.deb >/dev/null 2>&1'
boot
show 'systemctl is-system-running; cat /etc/debian_version'
show 'apt-get install -qq -y ./reflashd_*.deb' 'Setting up reflashd'
wait_for 'systemctl show -P StatusText reflashd.service | grep "1 seen"'
show 'systemctl status -n 0 reflashd.service reflashd.socket' \
	'active \(running\)' 'reflashd.service; enabled' \
	'reflashd.socket; enabled'
show 'journalctl -o cat -u reflashd' 'policies: none'
show 'ls -dl /etc/reflashd/* /usr/lib/reflashd/* /var/lib/reflashd/images' \
	'drwxrws--- 2 reflashd reflashd .* /var/lib/reflashd/images'
show 'reflashctl devices' "^$id"

title "An image from a member of the group"
image=/var/lib/reflashd/images/first.bin
show 'useradd -m -G reflashd berta'
show "su berta -c 'reflash-sim image valid $image'"
show "ls -l $image" 'berta reflashd'

title "A policy with a mistake, and without"
show 'cat >/etc/reflashd/policy.d/50-first.policy <<END
[Match]
Type=diy_plug

[Flash]
Action=ask
Imgae=first.bin

[Verify]
Expect=leave
END'
show 'systemctl reload reflashd' 'failed'
show 'journalctl -o cat -u reflashd -n 8' 'Imgae'
show "sed -i 's/Imgae/Image/' /etc/reflashd/policy.d/50-first.policy"
show 'systemctl reload reflashd && reflashctl plan' 'approval'

title "A person who is not root"
show 'useradd -m anna'
show "su anna -c 'reflashctl approve $id'" 'is for root'
show 'usermod -aG reflashd anna'
show "su anna -c 'reflashctl approve $id'" approve

title "The device is flashed, and the package upgraded meanwhile"
wait_for 'journalctl -u reflashd | grep "downloading 10 %"'
since='systemctl show -P ActiveState -P ActiveEnterTimestampMonotonic'
socket=$(on "$since reflashd.socket")
service=$(on "$since reflashd.service")
show 'apt-get install -qq -y --reinstall ./reflashd_*.deb'
[ "$socket" = "$(on "$since reflashd.socket")" ] ||
	fail "the socket was closed"
[ "$service" != "$(on "$since reflashd.service")" ] ||
	fail "the daemon is the old one"
show "reflashctl wait $id --state flashed --timeout 3m" 'flashed'
show 'journalctl -o cat -u reflashd'
show 'journalctl -x --no-hostname -u reflashd -n 1' 'Defined-By: reflashd'
show 'reflashctl history' flashed

title "It is removed, and purged"
show 'apt-get remove -qq -y reflashd' 'Removing reflashd'
show 'find /etc/reflashd /var/lib/reflashd -type f' 50-first.policy
show 'apt-get purge -qq -y reflashd' 'Purging configuration'
nothing_left
show 'getent passwd reflashd'
on 'systemctl poweroff'
wait $lan
lan=
title "What the device saw"
grep -E '"(flash_told|bytes|losses|breaches|verdict)":' "$work/report"
grep -q '"flash_told": 1,' "$work/report" || fail "it was told twice"
echo "1 passed, 0 failed"
