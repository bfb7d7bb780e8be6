#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# systemd's own tools read the journal catalog, and find in it all that the
# tables have: what happened, what to do, and where to read on.
if ! command -v journalctl >/dev/null; then
	echo "needs journalctl"
	exit 77
fi
root=$(mktemp -d) || exit 1
trap 'rm -rf "$root"' EXIT
top=${srcdir:-.}
bad=0

wrong()
{
	echo "$1"
	bad=1
}

mkdir -p "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog"
cp systemd/reflashd.catalog "$root/usr/lib/systemd/catalog" || exit 1
said=$(journalctl --root="$root" --update-catalog 2>&1) || bad=1
[ -z "$said" ] || wrong "journalctl --update-catalog: $said"

rows()
{
	sed -n 's/^X([A-Z_]*, .*"\([0-9a-f]\{32\}\)".*/\1/p' \
		"$top/src/core/state/message.h" | sort
}
listed()
{
	journalctl --root="$root" --list-catalog | sed 's/ reflashd: .*//' |
		sort
}
[ "$(rows | wc -l)" -gt 50 ] || wrong "no ids found to look for"
diff <(rows) <(listed) || wrong "^ ids of the tables, and in the catalog"

# Each state, wait and reason is there by its name.
subjects=$(journalctl --root="$root" --list-catalog)
while read -r name; do
	grep -qE "Device @REFLASHD_DEVICE@: (.*: )?$name\$" <<<"$subjects" ||
		wrong "$name: not in the catalog"
done < <(sed -n 's/^X([A-Z_]*, *"\([a-z-]*\)",.*/\1/p' \
	"$top/src/core/state/state.h" "$top/src/core/state/reason.h")

for id in $(rows); do
	text=$(journalctl --root="$root" --dump-catalog "$id")
	for part in 'Subject: Device' 'Defined-By: reflashd' \
	    'Support: https://' 'Documentation: man:reflashd(8)'; do
		grep -qF "$part" <<<"$text" || wrong "$id: no $part"
	done
	[ "$(grep -c '^$' <<<"$text")" = 2 ] &&
		grep -q '[.?!]$' <<<"$(tail -n 1 <<<"$text")" ||
		wrong "$id: not what it means and then what to do: $text"
	grep -E '^.{77}|<id>|\bID\b' <<<"$text" && wrong "^ $id"
done
exit $bad
