#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# fresh.sh -- a Debian on which nothing is installed, and in it what somebody
# does who has just cloned this tree.
#
#   tests/fresh/fresh.sh run|package|first|hand|check SUITE...    such as bookworm trixie
#
# "run" is ./run, "package" and "hand": the package and the installation by hand,
# as README.md says.  "check" is all of ./check.  "first" is what a new user types
# and sees from the installed package to the first flashed device, which is part of
# "package", too; the screens are kept in SUITE-first.txt.
# debootstrap makes the root of a SUITE once, and it is kept as a tarball: what
# an earlier time has installed can hide no package that is missing.  Only the
# downloaded packages are kept beside it.  What git has not committed is not
# tested.  Needs root and Debian's archive.
#
# FRESH_CACHE is where all that is kept (build/fresh), MIRROR the archive if not
# that of debootstrap.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/fresh/lib.sh
. tests/fresh/lib.sh

# What a build leaves in the tree, git must know of.
only_ignored()
{
	local left

	left=$(git -C "$work/root/root/reflashd" status --porcelain)
	[ -z "$left" ] || { echo "$left"; fail "git status is not clean"; }
}

# visit SUITE PART: all that is said goes to $cache/SUITE-PART.log as well.
visit()
{
	local suite=$1 part=$2 log=$cache/$1-$2.log start=$SECONDS code

	echo "== $part in a bare $suite (the log is $log)"
	pristine "$suite"
	unpack "$suite"
	inside "$suite" bash newcomer.sh "$part" 2>&1 | tee "$log"
	code=${PIPESTATUS[0]}
	[ "$code" != 77 ] || skip "cannot mount here"
	[ "$code" = 0 ] || fail "$part in $suite"
	[ ! -e "$work/root/root/first.txt" ] ||
		cp "$work/root/root/first.txt" "$cache/$suite-first.txt"
	only_ignored
	echo "== $part in $suite: as it should be ($((SECONDS - start)) s)"
}

case ${1:-} in
run) parts='run package hand' ;;
check | package | first | hand) parts=$1 ;;
*) sed -n '/^#   /s/^# *//p' tests/fresh/fresh.sh >&2; exit 64 ;;
esac
shift
prepare_roots
for suite; do
	for part in $parts; do
		visit "$suite" "$part"
	done
done
