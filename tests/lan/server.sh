#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The file server on loopback: file_server.py says what must hold on the wire, and
# the clients people have get whole files in their own ways.
[ -n "${REFLASH_LAN:-}" ] || exec "${0%/*}/in_lan.sh" "$0" "$@"
top=$(cd "${srcdir:-.}" && pwd)
export SERVE_FILE=$PWD/serve_file
command -v python3 >/dev/null || {
	echo "python3 is not installed"
	exit 77
}
work=$(mktemp -d) || exit 1
# Closing its standard input ends the server.
trap 'exec 3>&-; wait; rm -rf "$work"' EXIT
cd "$work" || exit 1
bad=0

head -c 504848 /dev/urandom > image.bin
head -c 8000000 /dev/urandom > big.bin
head -c 1000 image.bin > thousand.bin
truncate -s 60000000 large.bin
truncate -s 650000 usual.bin

python3 "$top/tests/lan/file_server.py" || bad=1

mkfifo input output
"$SERVE_FILE" big.bin < input > output &
exec 3> input 4< output
read -r url <&4

# whole CLIENT COMMAND...: it leaves the file in "got".
whole()
{
	local client=$1
	shift
	command -v "$client" >/dev/null || {
		echo "skip $client: not installed"
		return
	}
	if "$@" >/dev/null 2>"$client.log" && cmp got big.bin; then
		echo "ok   $*"
	else
		cat "$client.log"
		echo "FAIL $*"
		bad=1
	fi
	rm -f got
}

whole curl curl -sf -o got "$url"
whole curl curl -sf -0 -o got "$url"
head -c 100000 big.bin > got
whole curl curl -sf -C - -o got "$url"
head -c 100001 big.bin > got
whole wget wget -q -c -O got "$url"
whole aria2c aria2c -q --no-conf -x4 -s4 -k1M --min-split-size=1M -o got "$url"
ranges()
{
	curl -sf -r 0-249999 -o got "$url" && curl -sf -r 250000- "$url" >> got
}
whole curl ranges
exit $bad
