#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# clang-tidy and cppcheck over src/: static.sh SOURCE COMPILER-ARGUMENT...
# One finding fails.  What they are not asked for, and why, is in .clang-tidy
# and in static.cppcheck.
set -u
set -o pipefail
source=$1
shift
bad=0
headers=$(mktemp -d) || exit 1
trap 'rm -rf "$headers"' EXIT

# Without these cppcheck does not know what their loops are, and with all of
# the system's it takes minutes.
for header in uthash.h utlist.h jansson.h sys/queue.h; do
	path=$(echo "#include <$header>" | "$CC" -E "$@" -x c - |
		sed -n "s|^# 1 \"\(/.*/$header\)\".*|\1|p" | head -n 1)
	mkdir -p "$headers/$(dirname "$header")"
	ln -s "$path" "$headers/$header" || exit 1
done

defines=()
for argument; do
	case $argument in
	-D*) defines+=("$argument") ;;
	esac
done
echo "== cppcheck"
cppcheck -j2 --quiet --enable=warning --error-exitcode=1 --std=c11 \
	--platform=unix64 --library=posix,gnu --suppress=missingIncludeSystem \
	--suppressions-list="$source/tests/static.cppcheck" -I "$source/src" \
	-I . -I "$headers" "${defines[@]}" "$source/src" || bad=1

echo "== clang-tidy"
find "$source/src" -name '*.c' -print0 | sort -z |
	TIDY=$(printf '%q ' "$@") xargs -0 -P2 -n8 bash -c \
		'eval "clang-tidy --quiet \"\$@\" -- $TIDY"' bash \
		>"$headers/found" 2>&1 || bad=1
grep -v 'warnings generated' "$headers/found"
exit $bad
