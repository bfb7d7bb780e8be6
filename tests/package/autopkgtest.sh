#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# autopkgtest.sh -- what Debian's own tools say of the packages: lintian where they
# were built, and debian/tests by autopkgtest in a Debian that boots its systemd.
#
#   tests/package/autopkgtest.sh [SUITE...]    bookworm trixie
#   make autopkgtest [AUTOPKGTEST=SUITE]
#
# What git has not committed is not tested.  FRESH_CACHE (build/fresh) keeps roots
# and packages.  Needs root, debootstrap, systemd-nspawn and Debian's archive.
set -u
unset CDPATH
build=$PWD
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/fresh/lib.sh
. tests/fresh/lib.sh
# shellcheck source=tests/package/lib.sh
. tests/package/lib.sh

finish()
{
	[ -z "${lan:-}" ] || { kill "$lan" && wait "$lan"; }
	rm -rf "$work"
}

# Nothing to tell of, not even what is only a hint, but for one that each release alone
# gives, so that the other one would call an override of it unused.
known_of()
{
	case $1 in
	# It wants an init.d script beside a unit, where only systemd has the sandbox
	# and the sockets that a flash relies on.
	bookworm) echo package-supports-alternative-init-but-no-init.d-script ;;
	# Debian 12 knows no later version than ours.
	*) echo out-of-date-standards-version ;;
	esac
}

lintian_says()
{
	title "lintian of $1"
	unpack "$1" "$1-package"
	cp -r "$debs" "$work/root/root/debs"
	# shellcheck disable=SC2016 # that shell expands it
	inside "$1" sh -c 'lintian --version; cd debs &&
		lintian --pedantic --display-info --show-overrides \
		--allow-root --suppress-tags "$1" --fail-on error,warning *.changes' \
		sh "$(known_of "$1")" >"$work/output" 2>&1 ||
		{ cat "$work/output"; fail "lintian of $1"; }
	cat "$work/output"
	! grep -q '^[EWIPXC]: ' "$work/output" || fail "lintian of $1"
	echo "lintian: nothing"
}

# The tests run in the machine itself, which is thrown away after that.
tests_say()
{
	local test

	title "autopkgtest in $1"
	# What the tests depend on, and what autopkgtest itself wants, as the machine
	# has no Internet.
	kept_root "$1" tested "$RUNNING && get install autopkgtest dpkg-dev python3 \
		iproute2 procps mosquitto mosquitto-clients curl"
	unpack "$1" "$1-tested"
	mkdir "$work/root/root/debs"
	find "$debs" -name '*.deb' -not -name '*-dbgsym_*' \
		-exec cp {} "$work/root/root/debs/" \;
	boot "$build" "$work/root" id=1000a05bf6
	show 'autopkgtest --ignore-restrictions=isolation-container --no-built-binaries debs/*.deb ./reflashd -- null'
	for test in rehearsal daemon mqtt web; do
		grep -qE "^(autopkgtest .*: )?$test +PASS" "$work/output" ||
			fail "autopkgtest: $test"
	done
	power_off
}

command -v systemd-nspawn >/dev/null || skip "needs systemd-nspawn"
prepare_roots
trap finish EXIT
[ $# -gt 0 ] || set -- bookworm trixie
for suite; do
	packages "$suite" "${COMMIT:-HEAD}"
	lintian_says "$suite"
	tests_say "$suite"
done
echo "$# passed, 0 failed"
