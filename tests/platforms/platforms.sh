#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# platforms.sh -- the tests and the packages for other processors and releases
# of Debian, on this machine: a cross compiler builds, and qemu runs what was
# built.
#
#   tests/platforms/platforms.sh [SUITE/ARCH...]    such as trixie/arm64
#
# Without arguments: all of PLATFORMS.  A table at the end says how each went, and
# below it what was skipped, why and where.  The log of each is in FRESH_CACHE
# (build/fresh), where the root with the compilers is kept as well, so that the
# second time is quicker.  Needs root and Debian's archive.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/fresh/lib.sh
. tests/fresh/lib.sh

PLATFORMS=$(echo {bookworm,trixie}/{i386,arm64,armhf,s390x})

# equipped SUITE ARCH: the root with its compilers as a tarball.
equipped()
{
	local tarball=$cache/$1-$2.tar

	find "$tarball" -mtime +$MAX_AGE_DAYS -delete 2>/dev/null
	[ ! -e "$tarball" ] || return 0
	pristine "$1"
	unpack "$1"
	inside "$1" bash reflashd/tests/platforms/inside.sh install "$2" ||
		return
	rm -rf "$work/root/root/reflashd"
	tar --numeric-owner -C "$work/root" -cf "$tarball.new" . &&
		mv "$tarball.new" "$tarball"
}

# try SUITE ARCH: all that is said goes to $cache/SUITE-ARCH.log.
try()
{
	local log=$cache/$1-$2.log start=$SECONDS

	echo "== $1/$2 (the log is $log)"
	mkdir -p "$cache/$1.archives"
	equipped "$1" "$2" >"$log" 2>&1 &&
		unpack "$1" "$1-$2" &&
		inside "$1" bash reflashd/tests/platforms/inside.sh test "$2" \
			>>"$log" 2>&1
	printf '%-16s %-10s %4d s  %s\n' "$1/$2" \
		"$([ $? = 0 ] && echo ok || echo FAILED)" $((SECONDS - start)) \
		"$(sed -n 's/^RESULT: //p; s/^FAILED: /failed: /p' "$log" | paste -sd' ')" |
		tee -a "$work/table"
}

# reasons SUITE/ARCH...: what was skipped there and why; one line for all places
reasons()
{
	local platform

	for platform; do
		sed -n "s,^SKIPPED: ,$platform\t,p" "$cache/${platform/\//-}.log"
	done | awk -F '\t' '
		!(($2, $3) in where) { order[++n] = $2 SUBSEP $3 }
		{ where[$2, $3] = where[$2, $3] " " $1 }
		END {
			for (i = 1; i <= n; i++) {
				split(order[i], what, SUBSEP)
				printf "%s\n    %s\n   %s\n", what[1],
					what[2], where[order[i]]
			}
		}'
}

case ${1:-} in
-*) sed -n '/^#   /s/^# *//p' "$0" >&2; exit 64 ;;
esac
prepare_roots
# shellcheck disable=SC2086 # a list of words
[ $# -gt 0 ] || set -- $PLATFORMS
for platform; do
	try "${platform%/*}" "${platform#*/}"
done
echo
echo "== $(git log -1 --format='%h %s')"
cat "$work/table"
echo
echo "== what was skipped, why and where"
reasons "$@"
! grep -q ' FAILED ' "$work/table"
