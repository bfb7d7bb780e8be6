#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# reproducible.sh -- the same packages and the same tarball from the same commit,
# whoever builds them, when and where: two builds with everything else different.
#
#   tests/package/reproducible.sh [SUITE...]    bookworm trixie
#   make reproducible [REPRODUCIBLE=SUITE]
#
# What git has not committed is not tested.  FRESH_CACHE (build/fresh) keeps the
# root.  Needs root, debootstrap and Debian's archive; takes some minutes.
set -u
unset CDPATH
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/fresh/lib.sh
. tests/fresh/lib.sh
# shellcheck source=tests/package/lib.sh
. tests/package/lib.sh

# $1 is the folder of the build and $2 the name of the outcome; all else around the
# build is what the caller has set.  Only the checkout has the usual umask: dpkg-source
# puts the modes of its files into the source package.
# shellcheck disable=SC2016 # that shell expands them
BUILD='set -e
	mkdir -p "$1" && cd "$1"
	(umask 022 && git clone --quiet /root/reflashd reflashd)
	cd reflashd
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
	export SOURCE_DATE_EPOCH
	(autoreconf -fi && mkdir build && cd build && ../configure --quiet &&
		make dist-xz)
	mv build/*.tar.xz ..
	unset SOURCE_DATE_EPOCH
	git clean -dfxq
	dpkg-buildpackage -us -uc
	mkdir -p "/srv/$2" && cp ../*.deb ../*.dsc ../*.tar.xz "/srv/$2"'

# In one of these time zones it is always another day than in the other.
# shellcheck disable=SC2016 # that shell expands them
BOTH='chmod 755 /root && git config --system --add safe.directory "*" &&
	useradd -m anna && chmod 777 /srv && umask 022 &&
	env TZ=Etc/GMT+12 LC_ALL=C DEB_BUILD_OPTIONS=nocheck \
		sh -c "$1" sh /root/a one &&
	umask 077 && mkdir -p /tmp/folder && chown anna /tmp/folder &&
	su anna -c "env TZ=Pacific/Kiritimati LC_ALL=de_DE.UTF-8 \
		DEB_BUILD_OPTIONS=\"nocheck parallel=3\" sh -c \"\$0\" sh \
		/tmp/folder/with/a/longer/path two" -- "$1"'

# build_twice SUITE: into /srv/one and /srv/two of its root
build_twice()
{
	kept_root "$1" reproducible "$BUILDING &&
		get install locales &&
		localedef -i de_DE -f UTF-8 de_DE.UTF-8"
	unpack "$1" "$1-reproducible"
	inside "$1" bash -c "$BOTH" bash "$BUILD" >"$cache/$1-reproducible.log" 2>&1 ||
		{ tail -n 40 "$cache/$1-reproducible.log"; fail "a build in $1"; }
}

# compare: the files of both builds, name by name
compare()
{
	local one=$work/root/srv/one two=$work/root/srv/two file bad=0

	[ "$(ls "$one")" = "$(ls "$two")" ] || fail "not the same files"
	for file in "$one"/*; do
		file=${file##*/}
		if cmp "$one/$file" "$two/$file"; then
			printf 'the same: %s  %s\n' \
				"$(sha256sum <"$one/$file" | cut -c1-16)" "$file"
		else
			bad=1
			mkdir -p "$cache/differs/one" "$cache/differs/two"
			cp "$one/$file" "$cache/differs/one/"
			cp "$two/$file" "$cache/differs/two/"
		fi
	done
	[ $bad = 0 ] || fail "what differs is in $cache/differs"
}

prepare_roots
[ $# -gt 0 ] || set -- bookworm trixie
for suite; do
	echo "== two builds in $suite"
	build_twice "$suite"
	compare
done
echo "$# passed, 0 failed"
