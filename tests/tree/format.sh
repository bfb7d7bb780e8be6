#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The formatter is a gate; make format, which is this with -i, puts right what
# it finds.  One version for all, for each formats a little otherwise: Debian 12
# and 13 both have 19.
for formatter in clang-format-19 clang-format none; do
	"$formatter" --version 2>/dev/null | grep -q ' version 19\.' && break
done
if [ $formatter = none ]; then
	echo "needs clang-format-19 (another version formats otherwise)"
	[ "${1:-}" = -i ] && exit 1
	exit 77
fi
cd "${srcdir:-.}" || exit 1
if [ "${1:-}" = -i ]; then
	find src tests -name '*.[ch]' -exec $formatter -i {} +
	exit
fi
find src tests -name '*.[ch]' -print0 |
	xargs -0 $formatter --dry-run -Werror 2>&1 | grep -A 2 'error:'
[ "${PIPESTATUS[1]}" = 0 ]
