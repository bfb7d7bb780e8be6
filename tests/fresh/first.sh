#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# first.sh -- from nothing to the first flashed device, as README.Debian says: what a
# new user types and sees.
#
#   reflash-sim DEVICE... -- first.sh FOLDER
#
# Only for a root that is thrown away, where newcomer.sh runs it as root on a virtual
# LAN, after the package was installed.  Nothing but the package is needed, and no
# editor.  The daemon is started as its unit does.  The catalogue points to a web
# server on this machine, as a virtual LAN has no Internet.  FOLDER gets first.txt:
# each command, and its screen, 80 columns wide.
set -u
folder=$1
screen=$folder/screen # of the command that runs, as a terminal gets it
text=$folder/first.txt
commands=0 daemon='' web=''
export TERM=xterm

finish()
{
	[ -z "$daemon" ] || { kill "$daemon" && wait "$daemon"; }
	[ -z "$web" ] || kill "$web"
}
trap finish EXIT

fail()
{
	cat "$text"
	tail -n 20 "$folder/daemon.log"
	echo "FAILED: $*"
	exit 1
}

# wait_for COMMAND...: until it succeeds
wait_for()
{
	local end=$((SECONDS + 60))

	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || fail "never came true: $*"
		sleep 0.1
	done
}

# What was on the screen, in the order of time: where a line was drawn over, one
# line for each.  Of those that show a device at work, none that differs from the
# last in its seconds alone.
as_text()
{
	perl -0pe 's/\e\[[0-9;?]*[A-Za-z]//g; s/\r+\n/\n/g; s/\r/\n/g' "$screen" |
		perl -ne 's/\s+$//;
			next if /^Script /;
			my $same = s/[ 0-9]+ s\b/ s/gr;
			my $is_live = /^1000[0-9a-f]{6}  1|devices have ended$/;
			next if $is_live && grep { $_ eq $same } @last;
			print "$_\n";
			@last = ($same, @last[0 .. 8]);'
}

# types COMMAND [WANT]: on a terminal; it must succeed, and say that.  What is read
# from standard input is typed into it.
types()
{
	local code=0 at

	at=$(date -u +%T)
	commands=$((commands + 1))
	: >"$screen"
	script -qefc "stty cols 80 rows 24; $1" "$screen" >/dev/null || code=$?
	{
		printf '\n%s root@server:~# %s\n' "$at" "$1"
		as_text
	} >>"$text"
	[ $code = 0 ] || fail "$1: ended with $code"
	as_text | tr -s ' \n' '  ' | grep -qF -e "${2:-}" ||
		fail "$1: does not say: $2"
}

# Answer a question when it is there.
yes_to()
{
	wait_for grep -qF -e "$1" "$screen"
	echo yes
}

# As in reflashd.service, reflashd.socket and the files for systemd-tmpfiles.
start_daemon()
{
	install -d -o reflashd -g reflashd -m 750 /var/lib/reflashd
	install -d -o reflashd -g reflashd -m 2770 /var/lib/reflashd/images
	install -d -o reflashd -g reflashd -m 755 /run/reflashd
	(umask 077; exec setpriv --reuid=reflashd --regid=reflashd \
		--init-groups --no-new-privs --bounding-set=-all \
		env -i PATH="$PATH" LANG="$LANG" reflashd) \
		>"$folder/daemon.log" 2>&1 &
	daemon=$!
	wait_for reflashctl status
}

# A file of the size of tasmota-lite 9.5.0, and the entry of the catalogue for it.
serve_image()
{
	local image=$folder/tasmota-lite.bin size sum

	reflash-sim image tasmota-9.5 "$image"
	size=$(stat -c %s "$image")
	sum=$(sha256sum "$image")
	sed "s/^Size=.*/Size=$size/; s/^Sha256=.*/Sha256=${sum%% *}/
		/^Url=https/d
		s,^Url=.*,Url=http://127.0.0.1:8000/tasmota-lite.bin," \
		/usr/share/reflashd/catalog.d/tasmota-lite.image \
		>/etc/reflashd/catalog.d/tasmota-lite.image
	perl -MIO::Socket::INET -e '
		$SIG{PIPE} = "IGNORE";
		local $/;
		open my $file, "<:raw", $ARGV[0] or die;
		my $bytes = <$file>;
		my $server = IO::Socket::INET->new(Listen => 5,
			LocalAddr => "127.0.0.1:8000", ReuseAddr => 1) or die;
		while (my $client = $server->accept) {
			local $/ = "\r\n\r\n";
			<$client>;
			print $client "HTTP/1.1 200 OK\r\nContent-Length: " .
				length($bytes) . "\r\nConnection: close\r\n\r\n",
				$bytes;
		}' "$image" &
	web=$!
	wait_for bash -c 'exec 3<>/dev/tcp/127.0.0.1/8000'
}

# The first minutes of a person who has eight commands, and an aim.
: >"$text"
serve_image
start_daemon
count=$(grep -c ^Device= "$REFLASH_SIM_DEVICES_CONF")
wait_for bash -c "reflashctl devices | grep -c ^100 | grep -qx $count"
begun=$SECONDS
types 'reflashctl devices' 'can be flashed' </dev/null
types 'reflashctl download' 'tasmota-lite' </dev/null
types 'reflashctl download tasmota-lite' '' </dev/null
types 'reflashctl propose | tee /etc/reflashd/policy.d/50-first.policy' \
	'Image=tasmota-lite.bin' </dev/null
types 'reflashctl reload' '' </dev/null
types 'reflashctl approve --all --wait' 'flashed' < <(yes_to '?')
types 'reflashctl joining' 'http://192.168.4.1' </dev/null
took=$((SECONDS - begun))
{
	echo
	echo "$commands commands, no editor, $took s"
} >>"$text"
[ $commands -le 8 ] || fail "$commands commands"
[ $took -lt 300 ] || fail "$took s"
cat "$text"
