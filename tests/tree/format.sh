#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# The formatter is a gate; make format puts right what it finds.
version=$(clang-format --version 2>/dev/null | sed 's/.*version \([0-9]*\).*/\1/')
if [ "$version" != 14 ]; then
	echo "needs clang-format 14 (another version formats otherwise)"
	exit 77
fi
cd "${srcdir:-.}" || exit 1
find src tests -name '*.[ch]' -print0 |
	xargs -0 clang-format --dry-run -Werror 2>&1 | grep -A 2 'error:'
[ "${PIPESTATUS[1]}" = 0 ]
