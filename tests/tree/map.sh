#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The map in doc/architecture.md has a row for each folder of src/ and for no
# other, and names no module that there is not; the page knows each state.
cd "${srcdir:-.}" || exit 1
page=doc/architecture.md
bad=0

map()
{
	sed -n '/^## The map/,/^## The objects/p' $page
}

diff <(find src -name '*.[ch]' -printf '%P\n' | sed 's,/[^/]*$,/,' |
	LC_ALL=C sort -u) \
	<(map | sed -n 's/^| `\([a-z/]*\)` *|.*/\1/p' | LC_ALL=C sort) ||
	{ echo "^ < folders of src, > rows of the map in $page"; bad=1; }
while read -r module; do
	[ -n "$(find src -name "${module##*/}.[ch]" -path "*$module*")" ] ||
		{ echo "$page: there is no module $module"; bad=1; }
done < <(map | grep -o '`[a-z0-9_/]*`' | tr -d '`' | grep -v '/$')
while read -r word; do
	grep -qw -e "$word" $page || { echo "$page: nothing about $word"; bad=1; }
done < <(sed -n 's/^X([A-Z]*, *"\([a-z]*\)",.*/\1/p' src/core/state/state.h)
exit $bad
