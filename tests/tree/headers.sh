#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Each file says its licence and what it is; each header compiles alone, behind
# a guard of its own name; each source begins with config.h.
top=${srcdir:-.}
bad=0

wrong()
{
	echo "$1"
	bad=1
}

# compiles HEADER: with nothing before it but what configure found out.
compiles()
{
	# shellcheck disable=SC2086 # the flags are words
	echo "#include \"$1\"" | ${CC:-cc} -std=gnu11 -Wall -Werror \
		-fsyntax-only -include ./config.h -I"$top/src" \
		-I"$top/tests/fuzz" ${HEADER_CFLAGS:-} -x c -
}

# in_src PATTERN: the files of that name, in whatever folder.
in_src()
{
	find "$top/src" -name "$1" | LC_ALL=C sort
}

while read -r file; do
	read -r first < "$file"
	[ "$first" = '/* SPDX-License-Identifier: ISC */' ] ||
		wrong "$file: the first line is not the licence"
done < <(find "$top/src" "$top/tests" -name '*.[ch]')

while read -r file; do
	stem=$(basename "$file" .h)
	sed -n '2,4p' "$file" | grep -qE "^(/| )\* ?${stem//_/[_-]} -- " ||
		wrong "$file: does not say \"$stem -- what it is\" on top"
	guard=$(echo "${stem//-/_}" | tr '[:lower:]' '[:upper:]')
	grep -qE "^#ifndef (REFLASHD_([A-Z]+_)?|REFLASHCTL_)${guard}_H\$" "$file" ||
		wrong "$file: its guard is not REFLASHD_${guard}_H"
	grep -q '^#include "config.h"' "$file" &&
		wrong "$file: a header does not include config.h"
	compiles "${file#"$top"/src/}" || wrong "$file: does not compile alone"
done < <(in_src '*.h')

while read -r file; do
	include=$(grep -m 1 '^#[[:space:]]*include' "$file")
	[ -z "$include" ] || [ "$include" = '#include "config.h"' ] ||
		wrong "$file: config.h is not included first"
done < <(in_src '*.c')
exit $bad
