#!/bin/sh
# SPDX-License-Identifier: ISC
# Each program tells what it is, in the long form of the options and the short
# one, and ends with 64 if it is called in a way that it does not know.
[ -n "${REFLASH_LAN:-}" ] || exec "${0%/*}/../lan/in_lan.sh" "$0" "$@"
bad=0

# expect STATUS COMMAND...
expect()
{
	want=$1
	shift
	"$@" >/dev/null 2>&1
	status=$?
	[ $status = "$want" ] ||
		{ echo "$*: ended with $status, not $want"; bad=1; }
}

# says TEXT COMMAND...: on either output.
says()
{
	text=$1
	shift
	"$@" 2>&1 | grep -qF -e "$text" ||
		{ echo "$*: does not say: $text"; bad=1; }
}

# unwritten COMMAND...: on a full disk it says so.
unwritten()
{
	if why=$("$@" 2>&1 >/dev/full) || [ "${why#*all of the output}" = "$why" ]
	then
		echo "$*: says nothing of a full disk"
		bad=1
	fi
}

for program in reflashd reflashctl reflash-scan reflash-sim reflash-web \
	$(test ! -e reflash-mqtt || echo reflash-mqtt); do
	for option in --help --version -h -V; do
		expect 0 ./$program $option
		./$program $option | grep -q reflash ||
			{ echo "$program $option: says nothing"; bad=1; }
		unwritten ./$program $option
	done
	expect 64 ./$program --nonsense
	expect 64 ./$program -q
	# An option is named as it was typed, and the program without its folder.
	says "$program: --nonsense: no such option; " ./$program --nonsense
	says "$program: -q: no such option; " ./$program -q
	says "$program: --help takes no value" ./$program --help=x
done
says "reflashctl: -q: no such option" ./reflashctl --json -jqx
says "reflashctl: --josn: no such option; did you mean --json" ./reflashctl --josn
says "reflash-scan: -q: no such option" ./reflash-scan --json -jqx
says "reflash-scan: --time needs a value" ./reflash-scan --time
says "reflash-scan: -t needs a value" ./reflash-scan --json -t
says "reflashd: -c needs a value" ./reflashd -c
says "reflash-sim: --devices needs a value" ./reflash-sim --devices
says "reflash-sim image: --nonsense: no such option" ./reflash-sim image --nonsense
for program in reflashd reflashctl reflash-scan; do
	expect 64 ./$program nonsense
done
if [ -e ./reflash-download ]; then
	for option in --help --version -h -V; do
		expect 0 ./reflash-download $option
		unwritten ./reflash-download $option
	done
	expect 64 ./reflash-download
	expect 64 ./reflash-download http://127.0.0.1/
	expect 64 ./reflash-download --into 1
	says "reflash-download: --nonsense: no such option; " \
		./reflash-download --nonsense
	says "--size takes a whole number from 1 to 4194304, and not '0'" \
		./reflash-download --size 0
	says "--into needs a value" ./reflash-download --into
fi
unwritten ./reflashctl show --help
unwritten ./reflash-scan --backend embedded --interface lo --time 20
unwritten ./reflash-sim image --help
expect 64 ./reflash-scan --max 0
expect 64 ./reflash-scan --max
expect 64 ./reflashd -c
expect 64 ./reflashd -D dev -V
expect 0 ./reflashd -D device -D all -V
for feature in avahi embedded-mdns gzip seccomp systemd; do
	says "$feature" ./reflashd -V
done
says "--time takes a whole number from 1 to 86400, and not '0'" \
	./reflash-scan --time 0
says "--backend takes one of these: auto avahi" ./reflash-scan --backend x
says "--service takes a type like _ewelink._tcp, and not ''" \
	./reflash-scan --service ''
says "reflash-scan takes only options" ./reflash-scan nonsense
says "there is no interface nosuch yet" \
	./reflash-scan --interface nosuch --version
says "nonsense: reflashd takes only options" ./reflashd nonsense
says "-c needs the name of a file" ./reflashd -c ''
folder=$(mktemp -d) || exit 1
printf '[Discovery]\nInterfaces=nosuch lo\n' >"$folder/reflashd.conf"
says "reflashd.conf:2: Interfaces=nosuch: there is no such interface yet" \
	./reflashd -t -c "$folder/reflashd.conf"
rm -r "$folder"

# No socket may get the number of an output that is closed.
found=$(mktemp) || exit 1
# shellcheck disable=SC2016 # the inner shell's own descriptors
./reflash-sim --loopback --quiet -- sh -c '
	ls -l /proc/$$/fd | grep -c "[012] -> /dev/full" >"$0"; :' \
	"$found" <&- >&- 2>&-
[ "$(cat "$found")" = 3 ] ||
	{ echo "of 0, 1 and 2 so many are open: $(cat "$found")"; bad=1; }
rm -f "$found"
for program in reflashd reflashctl reflash-scan reflash-sim reflash-web \
	$(test ! -e reflash-mqtt || echo reflash-mqtt); do
	if why=$(./$program --version 2>&1 >&-) ||
	    [ "${why#*all of the output}" = "$why" ]; then
		echo "$program: says nothing of a closed output"
		bad=1
	fi
done
exit $bad
