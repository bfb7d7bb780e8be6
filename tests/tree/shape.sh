#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# No function of more than 60 lines, no file of more than 1000.
cd "${srcdir:-.}" || exit 1

find src -name '*.[ch]' -exec awk '
FNR == 1 { start = 0 }
/^\{/ { start = FNR }
/^\}/ {
	if (start && FNR - start > 60) {
		printf "%s:%d: a function of %d lines\n", FILENAME, start,
		    FNR - start
		bad = 1
	}
	start = 0
}
FNR == 1001 { print FILENAME ": more than 1000 lines"; bad = 1 }
END { exit bad }
' {} +
