#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# doc/architecture.md has each module of the daemon and of reflash-scan, each
# state and each hold, and names no module that there is not.
cd "${srcdir:-.}" || exit 1
page=doc/architecture.md
bad=0

for header in src/{base,core,io,reflashd,scan}/*.h; do
	module=$(basename "$header" .h)
	module=${module%%_*}
	grep -q "\`$module\`\|\`core/$module\`\|\`io/$module\`" $page ||
		{ echo "$page: nothing about $header"; bad=1; }
done
while read -r word; do
	grep -qw -e "$word" $page || { echo "$page: nothing about $word"; bad=1; }
done < <(sed -n 's/^X([A-Z]*, *"\([a-z]*\)",.*/\1/p' src/core/state.h)
while read -r module; do
	compgen -G "src/*/${module##*/}.[ch]" >/dev/null ||
		{ echo "$page: there is no module $module"; bad=1; }
done < <(sed -n '/^## The map/,/^## The states/p' $page |
	grep -o '`[a-z0-9/]*`' | tr -d '`' | grep -vx 'reflashctl\|.*/')
exit $bad
