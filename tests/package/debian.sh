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
second=1000a05bf7
build=$PWD
cd "$(dirname "$0")/../.."

for tool in debootstrap systemd-nspawn; do
	command -v $tool >/dev/null || { echo "needs $tool"; exit 77; }
done
[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }

# shellcheck source=tests/package/lib.sh
. tests/package/lib.sh
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

# No file, no unit, no process; the user stays.
nothing_left()
{
	rm "$work"/server/root/reflashd*.deb
	on 'rm -f /etc/credstore/reflash-* /etc/mosquitto/conf.d/reflashd.conf'
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
cp "$work"/build/root/reflashd{,-mqtt,-web}_*.deb "$work/server/root/"
in_root server 'apt-get update -qq && apt-get install -qq -y --download-only \
	/root/reflashd*.deb curl mosquitto mosquitto-clients jq >/dev/null 2>&1'
boot "$build" "$work/server" "id=$id,chunk-ms=200" "id=$second,chunk-ms=5"
show 'systemctl is-system-running; cat /etc/debian_version'
show 'apt-get install -qq -y ./reflashd_*.deb' 'Setting up reflashd' \
	'^reflashd runs, and only looks' 'reflashctl devices'
wait_for 'systemctl show -P StatusText reflashd.service | grep "2 seen"'
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

title "reflash-mqtt, a broker, and a password that is a credential"
show 'apt-get install -qq -y mosquitto mosquitto-clients jq'
show 'cat >/etc/mosquitto/conf.d/reflashd.conf <<END
listener 1883 127.0.0.1
allow_anonymous false
password_file /etc/mosquitto/passwords
END
touch /etc/mosquitto/passwords && chown mosquitto: /etc/mosquitto/passwords &&
chmod 600 /etc/mosquitto/passwords &&
mosquitto_passwd -b /etc/mosquitto/passwords reflashd secret &&
systemctl restart mosquitto && systemctl is-active mosquitto' '^active'
show 'apt-get install -qq -y ./reflashd-mqtt_*.deb' 'Setting up reflashd-mqtt'
wait_for 'journalctl -o cat -u reflash-mqtt | grep "refuses a login without"'
show 'install -d -m 700 /etc/credstore &&
install -m 600 /dev/null /etc/credstore/reflash-mqtt.password &&
echo secret >/etc/credstore/reflash-mqtt.password &&
printf "[Broker]\nUser=reflashd\n\n[Topics]\nSite=server\n" \
	>/etc/reflashd/mqtt.conf.d/broker.conf &&
systemctl restart reflash-mqtt'
wait_for 'systemctl show -P StatusText reflash-mqtt | grep "connected"'
show 'systemctl status -n 0 reflash-mqtt' 'active \(running\)' \
	'connected to the broker, the daemon answers, 2 devices'
show 'journalctl -o cat -u reflash-mqtt' 'sandboxed: ' \
	'connected as reflashd-server'
show 'grep -E "^(Uid|CapEff|NoNewPrivs|Seccomp):" \
	"/proc/$(systemctl show -P MainPID reflash-mqtt)/status"' \
	'CapEff:.0000000000000000' 'NoNewPrivs:.1' 'Seccomp:.2'
login='-h 127.0.0.1 -u reflashd -P secret'
show "mosquitto_sub $login -t 'reflashd/#' -t 'homeassistant/#' -v -W 2 |
	cut -c1-100" 'reflashd/server/status online' \
	"reflashd/server/device/$id/update" "reflashd_$id/config"
show "mosquitto_rr $login -t reflashd/server/command \
	-e reflashd/server/answer -m '{\"do\":\"pause\"}' -W 10" '"ok":true'
show 'reflashctl status' 'paused'
wait_for "mosquitto_rr $login -t reflashd/server/command \
	-e reflashd/server/answer -m '{\"do\":\"resume\"}' -W 10 | grep '\"ok\":true'"
show 'systemctl kill -s KILL reflash-mqtt'
wait_for "mosquitto_sub $login -t reflashd/server/status -C 1 -W 5 |
	grep online"

title "Messages by reflash-notify"
show 'cat >/etc/reflashd/notify.d/log <<"END"
#!/bin/sh
printf "%s, secret %s: %s\n" "$PRIORITY" \
	"$(cat "$CREDENTIALS_DIRECTORY/reflash-notify.log")" "$(cat)"
touch /etc/reflashd/new 2>/dev/null && echo "can write into /etc"
touch /var/lib/reflashd/new 2>/dev/null && echo "can write into /var/lib"
ls /root 2>/dev/null && echo "can see /root"
reflashctl pause 2>/dev/null && echo "can pause"
exit 0
END
chmod 755 /etc/reflashd/notify.d/log
echo xyz >/etc/credstore/reflash-notify.log
systemctl enable --now reflash-notify@log'
wait_for 'systemctl is-active reflash-notify@log'

title "A person who is not root"
show 'useradd -m anna'
show "su anna -c 'reflashctl approve --yes $id'" 'is for root'
show 'usermod -aG reflashd anna'
show "su anna -c 'reflashctl approve --yes $id'" approve

title "A hook from the examples, and one that tries what reflashd(8) rules out"
examples=/usr/share/doc/reflashd/examples
show "install -m 755 $examples/hooks/flashed-list /etc/reflashd/hooks.d/"
show 'cat >/etc/reflashd/hooks.d/tries <<"END"
#!/bin/bash
[ "$REFLASHD_STATE" = downloading ] || exit 0
tries()
{
	local what=$1
	shift
	"$@" >/dev/null 2>&1 && echo "can $what" || echo "cannot $what"
}
connect()
{
	timeout 5 bash -c "exec 3<>/dev/tcp/$1/$2"
}
run_own()
{
	printf "#!/bin/sh\n" >/var/lib/reflashd/own
	chmod +x /var/lib/reflashd/own
	/var/lib/reflashd/own
}
tries "write below /var/lib/reflashd" touch /var/lib/reflashd/new
tries "write below /run/reflashd" touch /run/reflashd/new
tries "write into /tmp" touch /tmp/new
tries "write into /etc/reflashd" touch /etc/reflashd/new
tries "write into /srv" touch /srv/new
tries "see /root" ls /root
tries "run what it has written" run_own
tries "see process 1" test -e /proc/1
tries "be root by su" su -c true
tries "connect to this machine" connect 127.0.0.1 8266
tries "connect to the Internet" connect 192.0.2.1 80
tries "connect to the device" connect "$REFLASHD_ADDRESS" 8081
tries "listen on TCP" perl -MIO::Socket::INET -e "IO::Socket::INET->new(Listen => 1, LocalPort => 8300) or exit 1"
tries "stop a service" systemctl stop reflashd.socket
tries "look with reflashctl" reflashctl devices
tries "change with reflashctl" reflashctl pause
echo "has tried all"
END
chmod 755 /etc/reflashd/hooks.d/tries'

title "The device is flashed, and the package upgraded meanwhile"
wait_for 'journalctl -u reflashd | grep "downloading 10 %"'
wait_for 'journalctl -o cat -u reflashd | grep "has tried all"'
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
show 'reflashctl history' 'flashed .* anna '

title "What the hooks did"
show 'journalctl -o cat -u reflashd | sed -n "s/^hook tries: [^:]*: //p" | sort -u'
# Where systemd cannot filter by address or port, as in some containers, it says so.
filters=cannot
on "systemd-run --quiet --pipe --wait -p IPAddressDeny=any \
	bash -c 'exec 3<>/dev/tcp/127.0.0.1/8266'" 2>/dev/null && filters=can
for line in 'can write below /var/lib/reflashd' \
	'can write below /run/reflashd' 'can write into /tmp' \
	'cannot write into /etc/reflashd' 'cannot write into /srv' \
	'cannot see /root' 'cannot run what it has written' \
	'cannot see process 1' 'cannot be root by su' \
	"$filters connect to this machine" 'cannot connect to the Internet' \
	'can connect to the device' "$filters listen on TCP" \
	'cannot stop a service' 'can look with reflashctl' \
	'cannot change with reflashctl'; do
	grep -qx "$line" "$work/output" || fail "a hook: not: $line"
done
show 'ls -l /var/lib/reflashd/flashed.csv; cat /var/lib/reflashd/flashed.csv' \
	'rw-r----- 1 reflashd reflashd' ",flashed,$id,"

title "What reflash-mqtt and reflash-notify said of it"
show "mosquitto_sub $login -t reflashd/server/device/$id/update -C 1 -W 5" \
	'"in_progress":false'
wait_for 'journalctl -o cat -u reflash-notify@log | grep "secret xyz: .*flashed"'
show 'journalctl -o cat -u reflash-notify@log'
! grep -q '^can ' "$work/output" || fail "the sender of messages may too much"
show 'systemctl disable --now reflash-notify@log'
show 'apt-get purge -qq -y reflashd-mqtt' 'Removing reflashd-mqtt'

title "The page: off, until somebody wants it"
show 'apt-get install -qq -y curl ./reflashd-web_*.deb' 'Setting up reflashd-web' \
	'^The page of reflashd is off' 'enable --now reflash-web.socket'
show 'systemctl is-active reflash-web.socket reflash-web.service' '^inactive'
show 'curl -sS -m 5 http://127.0.0.1:8267/ 2>&1' 'Failed to connect|refused'
show 'systemctl enable --now reflash-web.socket && ls -l /run/reflash-web' \
	'^srw-rw---- 1 root reflash-web .* web.sock$'
show 'systemctl is-active reflash-web.socket reflash-web.service' '^active' \
	'^inactive'
page=http://127.0.0.1:8267
# The first request starts the service, and it asks the daemon for the devices then.
wait_for "curl -sS -m 20 $page/ | grep $second"
show "curl -sS -m 20 $page/ | grep -o '<title>.*</title>\|$second' | sort -u" \
	'<title>' "$second"
show 'systemctl status -n 0 reflash-web.service' 'active \(running\)'
show 'journalctl -o cat -u reflash-web.service' "$page" \
	'/run/reflash-web/web.sock' 'sandboxed: '
show "curl -sS -m 20 --unix-socket /run/reflash-web/web.sock \
	http://localhost/metrics | grep '^reflashd_up\|^reflashd_devices' | head -n 3" \
	'^reflashd_'
show "su anna -c 'curl -sS -m 20 --unix-socket /run/reflash-web/web.sock \
	http://localhost/' 2>&1" 'Failed|refused|denied'

title "Orders on the page, with a token"
# order VERB BODY [TOKEN]: its status and what is said to it
order()
{
	echo "curl -sS -m 20 -w ' %{http_code}' $page/api/v1/$1 -H 'Origin: $page'" \
		"-H 'Content-Type: application/json' -d '$2'" \
		"${3:+-H \"Authorization: Bearer $3\"}"
}
approve="{\"id\":\"$second\"}"
show "$(order approve "$approve")" ' 401$'
show "su anna -c 'reflashctl web'" 'sudo reflashctl web'
show 'reflashctl web' '^/etc/reflashd/web.token is made' "^$page/#t="
show 'ls -l /etc/reflashd/web.token' '^-rw-r----- 1 root reflash-web'
show 'usermod -aG reflash-web anna'
show "su anna -c 'reflashctl web'" "^$page/#t="
code=$(sed -n 's/.*#t=//p' "$work/output")
show "$(order login '{}' "$code")" '"token":' ' 200$'
session=$(sed -n 's/.*"token": *"\([^"]*\)".*/\1/p' "$work/output")
show "$(order login '{}' "$code")" ' 401$'
show "$(order approve "$approve" wrong)" ' 401$'
show "reflashctl --json devices $second" '"state": *"held"'
show "$(order approve "$approve" "$session")" '"ok":true' ' 200$'
show "reflashctl wait $second --state flashed --timeout 3m" 'flashed'
show "reflashctl history" "$second .* web "
show "$(order pause '{}' '$(cat /etc/reflashd/web.token)')" ' 200$'
show "$(order resume '{}' '$(cat /etc/reflashd/web.token)')" ' 200$'

title "The page stays through an upgrade, and ends with its package"
started=$(on "$since reflash-web.service")
show 'apt-get install -qq -y --reinstall ./reflashd-web_*.deb'
[ "$started" != "$(on "$since reflash-web.service")" ] ||
	fail "the page is of the old program"
show 'systemctl is-active reflash-web.socket reflash-web.service' '^active'
! grep -q inactive "$work/output" || fail "an upgrade has ended the page"
show "curl -sS -m 20 -o /dev/null -w '%{http_code}' $page/" '^200'
show 'apt-get purge -qq -y reflashd-web' 'Removing reflashd-web'
show 'pidof reflash-web; ls -d /run/reflash-web /etc/reflashd/web* 2>&1'
! grep -qE '^[0-9/]' "$work/output" || fail "something of the page is left"

title "It is removed, and purged"
show 'apt-get remove -qq -y reflashd' 'Removing reflashd'
show 'find /etc/reflashd /var/lib/reflashd -type f' 50-first.policy \
	hooks.d/tries
show 'apt-get purge -qq -y reflashd' 'Purging configuration'
nothing_left
show 'getent passwd reflashd'
power_off
title "What the device saw"
grep -E '"(flash_told|bytes|losses|breaches|verdict)":' "$work/report"
[ "$(grep -c '"flash_told": 1,' "$work/report")" = 2 ] ||
	fail "one was told twice, or not"
echo "1 passed, 0 failed"
