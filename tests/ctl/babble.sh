#!/bin/sh
# SPDX-License-Identifier: ISC
# A reflash-scan that has been taken over says whatever it likes: the log does
# not grow by it, and the daemon goes on.
if [ -z "${REFLASH_BABBLE:-}" ]; then
	unshare -rn true 2>/dev/null || { echo "needs user namespaces"; exit 77; }
	REFLASH_BABBLE=1 exec unshare -rn --kill-child --fork sh "$0" "$@"
fi
dir=$(mktemp -d) || exit 1
trap 'kill "$pid"; wait; rm -rf "$dir"' EXIT
mkdir "$dir/policy.d"
cat >"$dir/conf" <<END
[Paths]
PolicyDirectories=$dir/policy.d
ImageDirectory=$dir
StateDirectory=$dir/state
ControlSocket=$dir/control
ControlGroup=root
END
cat >"$dir/scan" <<'END'
#!/bin/sh
n=0
while [ $n -lt 300 ]; do
	n=$((n + 1))
	echo "{\"event\":\"status\",\"backend\":\"none\",\"text\":\"up $n \\u001b[2J\"}"
	echo "{\"event\":\"nonsense $n\"}"
done
printf '%09999d\n' 0
echo '{"event":"status","backend":"none","ready":true,"text":"the last"}'
kill -STOP $$
END
chmod +x "$dir/scan"
REFLASHD_SCAN=$dir/scan ./reflashd -c "$dir/conf" 2>"$dir/log" &
pid=$!

# fail WHAT
fail()
{
	echo "FAIL: $1"
	tail -n 40 "$dir/log"
	exit 1
}

# The last line but one is too long, and no reason not to read the last.
tenths=300
until ./reflashctl --socket "$dir/control" status 2>/dev/null |
	grep -q "the last"; do
	tenths=$((tenths - 1))
	[ $tenths -gt 0 ] || fail "the last line did not come through"
	sleep 0.1
done
[ "$(grep -c "discovery: up" "$dir/log")" = 20 ] || fail "lines of status"
[ "$(grep -c "starts and stops again and again" "$dir/log")" = 1 ] || fail "said not once"
[ "$(grep -c "line ignored" "$dir/log")" = 3 ] || fail "lines ignored"
! grep -q "$(printf '\033')" "$dir/log" || fail "an escape sequence"
