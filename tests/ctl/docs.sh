#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# doc/control-protocol.md tells every command and every argument that there is,
# and its examples for socat work.
top=${srcdir:-.}
page=$top/doc/control-protocol.md
table=$top/src/core/control/ctlproto.h
bad=0

while read -r word; do
	grep -q "^| \`$word\` |.*| \(all\|change\) | " "$page" || {
		echo "$page: nothing about the command $word"
		bad=1
	}
done < <(sed -n '/define CTL_COMMANDS/,/define CTL_ARG/s/^X([A-Z_]*, *"\([a-z-]*\)".*/\1/p' \
	"$table")
while read -r name; do
	grep -q "^| .*\`[\"]*$name" "$page" || {
		echo "$page: nothing about the argument $name"
		bad=1
	}
done < <(sed -n '/define CTL_ARGUMENTS/,/^$/s/^X("\([a-z]*\)".*/\1/p' "$table")
while read -r code; do
	grep -q "\`$code\`" "$page" || {
		echo "$page: nothing about the code $code"
		bad=1
	}
done < <(sed -n '/codes\[\] = {/,/};/p' "$top/src/core/control/ctlproto.c" |
	grep -o 'X(E[A-Z]*)' | sed 's/X(\(.*\))/\1/')
[ $bad = 0 ] || exit 1

command -v socat >/dev/null || {
	echo "SKIP: no socat to try the examples with"
	exit 77
}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
coproc fake { exec ./fake_reflashd "$tmp/s" 3; }
read -r ready <&"${fake[0]}"
[ "$ready" = ready ] || exit 1
echo '{"v":1,"do":"status"}' | socat - "UNIX:$tmp/s" |
	grep -q '^{"ok":true,"version":' || { echo "status: no answer"; bad=1; }
count=$(printf '%s\n' '{"v":1,"do":"monitor"}' '{"v":1,"do":"devices"}' |
	socat -t 1 - "UNIX:$tmp/s" | wc -l)
[ "$count" = 5 ] || { echo "devices: $count lines instead of 5"; bad=1; }
exit $bad
