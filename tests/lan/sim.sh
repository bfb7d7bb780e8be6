#!/bin/sh
# SPDX-License-Identifier: ISC
# The virtual LAN itself: a right file server flashes a device, and each way of
# being wrong is seen by it.
[ -n "${REFLASH_LAN:-}" ] || exec "${0%/*}/in_lan.sh" "$0" "$@"
set -u
sim=$PWD/reflash-sim
here=$(cd "$(dirname "$0")" && pwd)
drive=$here/drive.py
python3 -c 'import http.server' 2>/dev/null ||
	{ echo "SKIP: no python3 to drive the devices with"; exit 77; }
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
failed=0

fail() {
	echo "FAIL: $*"
	failed=1
}

# field NAME: of the first device in the report
field() {
	python3 - "$tmp/report" "$1" <<'END'
import functools, json, sys
d = json.load(open(sys.argv[1]))["devices"][0]
print(functools.reduce(lambda v, k: v[k], sys.argv[2].split("."), d))
END
}

# flash SERVER SPEC [OPTION...]: sets $code and $verdict, and the report
flash() {
	server=$1 spec=$2
	shift 2
	"$sim" --quiet --report "$tmp/report" --control "$tmp/control" \
	    --device "id=1000a05bf6,chunk-ms=0,reboot-ms=100,$spec" "$@" -- \
	    sh -c '
		address=$(sed -n "s/^Device=\([^ ]*\) .*/\1/p" \
		    "$REFLASH_SIM_DEVICES_CONF")
		python3 "$1" "$2" "$address" 1000a05bf6 "$3" || exit 1
		# until it has rebooted, where it should
		for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			"$4" control "$REFLASH_SIM_CONTROL" report
			grep -q "\"state\": \"rebooting\"" "$5" || exit 0
			sleep 0.1
		done' sh "$drive" "$server" "$tmp/image.bin" "$sim" \
	    "$tmp/report" >"$tmp/out" 2>"$tmp/err"
	code=$?
	verdict=$(head -n 1 "$tmp/out")
}

"$sim" image small "$tmp/image.bin" || fail "image"
sha=$(sha256sum "$tmp/image.bin" | cut -d ' ' -f 1)

lan=--loopback
if "$sim" --quiet --devices 1 -- true 2>&1 | grep -q 'no virtual LAN'; then
	echo "no namespaces here: the loopback network only"
else
	lan=
fi

# However it is ended, its piece of configuration is not left behind.
for signal in HUP TERM; do # INT may be ignored here, as behind "&"
	rm -f "$tmp/conf"
	# shellcheck disable=SC2016,SC2086 # for the inner shell; a word or none
	"$sim" --quiet $lan --devices 1 -- sh -c '
		echo "$REFLASH_SIM_DEVICES_CONF" >"$0.new" && mv "$0.new" "$0"
		kill -"$1" "$PPID"; while :; do sleep 0.1; done' \
		"$tmp/conf" $signal
	conf=$(cat "$tmp/conf")
	[ -n "$conf" ] && [ ! -e "$conf" ] || fail "$signal leaves $conf"
done
# shellcheck disable=SC2086 # a word or none
"$sim" --quiet $lan --report /nonexistent/report -- true 2>/dev/null &&
	fail "a report that cannot be written is no failure"

for fw in 3.3.0 3.6.0 3.7.6; do
	for option in $lan --loopback; do
		flash good fw=$fw $option
		[ "$code" = 0 ] || fail "$fw $option: exit $code"
		[ "$verdict" = 0 ] || fail "$fw $option: verdict $verdict"
		[ "$(field booted_sha256)" = "$sha" ] || fail "$fw: booted"
		[ "$(field ranges)" = 10 ] || fail "$fw: $(field ranges) ranges"
		[ "$(field flash_told)" = 1 ] || fail "$fw: told"
	done
done

# A server with a fault: the device says 404 or 409, and the breach is known.
while read -r server want what; do
	flash "$server" fw=3.6.0 $lan
	[ "$code" = 70 ] || fail "$server: exit $code instead of 70"
	[ "$verdict" = "$want" ] || fail "$server: verdict $verdict"
	field breaches | grep -q "$what" || fail "$server: $(field breaches)"
	[ "$(field booted_sha256)" = None ] || fail "$server: booted"
done <<'END'
http.server 404 status.line
http10 404 status.line
lower 404 Content-Length
whole 404 status.line
chunked 404 Transfer-Encoding
long-header 404 header.of
extra 404 after.the.body
off-by-one 404 Content-Length
corrupt 409 sha256
END

# Before 3.3 only what the vendor's first tool wrote is answered.
"$sim" --quiet $lan --device id=1000900d70,fw=3.1.0,hang-s=0 \
    --device id=1000900d71,fw=3.1.0,old-info=yes,hang-s=0 \
    -- sh -c 'python3 "$1" $(sed -n "s/^Device=\([^ ]*\) .*/\1/p" \
	"$REFLASH_SIM_DEVICES_CONF")' sh "$here/old.py" || fail "firmware 3.1.0"

# Three reconnects are in order, the fourth is one too many.
flash good fw=3.6.0,fault=reconnects $lan
[ "$code $verdict" = "0 0" ] || fail "reconnects: $code $verdict"
flash closing fw=3.6.0 $lan
[ "$verdict" = 404 ] || fail "closing: verdict $verdict"
[ "$(field losses)" = 4 ] || fail "closing: $(field losses) losses"

[ "$failed" = 0 ] || cat "$tmp/err"
exit "$failed"
