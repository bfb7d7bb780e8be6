#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# Each script can be run, and shellcheck has no warning about it.
if ! command -v shellcheck >/dev/null; then
	echo "needs shellcheck"
	exit 77
fi
cd "${srcdir:-.}" || exit 1
mapfile -t scripts < <(find tests -name '*.sh'
	ls .ci/lib.sh .ci/run check run 2>/dev/null)
for script in "${scripts[@]}"; do
	case $script in
	*/lib.sh | */simlan.sh) ;;
	*) [ -x "$script" ] || { echo "$script: cannot be run"; bad=1; } ;;
	esac
done
shellcheck -x -S warning "${scripts[@]}" && [ -z "${bad:-}" ]
