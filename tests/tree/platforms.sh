#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The tests that cannot run under qemu exist, and doc/platforms.md has the same list
# of them, with the same reasons.
cd "${srcdir:-.}" || exit 1
list=tests/platforms/not-here page=doc/platforms.md
bad=0

diff <(grep -v '^#' $list) \
	<(sed -n 's/^| `\(tests[a-z/_]*\)` | \(.*\) |$/\1\t\2/p' $page) ||
	{ echo "^ < $list, > the table in $page"; bad=1; }
while read -r name _; do
	[ -e "$name.c" ] || { echo "$list: there is no test $name"; bad=1; }
done < <(grep -v '^#' $list)
exit $bad
