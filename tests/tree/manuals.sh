#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# mandoc has nothing to say about the manual pages.
if ! command -v mandoc >/dev/null; then
	echo "needs mandoc"
	exit 77
fi
cd "${srcdir:-.}" || exit 1
ls man/*.[1-9] >/dev/null 2>&1 || { echo "no manual pages yet"; exit 77; }
mandoc -T lint -W style man/*.[1-9]
