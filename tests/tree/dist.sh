#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# All that git tracks is in the tarball, and nothing else but what autotools make.
top=$(cd "${srcdir:-.}" && pwd)
git -C "$top" ls-files --error-unmatch Makefile.am >/dev/null 2>&1 || {
	echo "not a git checkout: nothing to compare the tarball with"
	exit 77
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work" "$work.log"' EXIT

# Not this make's children: its overridden variables must not reach the list.
env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
	make distdir distdir="$work/tree" >"$work.log" 2>&1 || {
	cat "$work.log"
	exit 1
}
git -C "$top" ls-files | grep -vxF .gitignore | LC_ALL=C sort > "$work/git"
(cd "$work/tree" && find . -type f | sed 's,^\./,,') |
	grep -vE '^(build-aux/.*|aclocal.m4|configure|config.h.in|Makefile.in)$' |
	LC_ALL=C sort > "$work/tarball"
LC_ALL=C comm -23 "$work/git" "$work/tarball" |
	sed 's/$/: tracked by git, not in the tarball/' > "$work/wrong"
LC_ALL=C comm -13 "$work/git" "$work/tarball" |
	sed 's/$/: in the tarball, not tracked by git/' >> "$work/wrong"
cat "$work/wrong"
[ ! -s "$work/wrong" ]
