#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# release.sh -- the tarball of a release, from what is committed: make release.
#
#   .ci/release.sh                 all of it, into build/release
#   .ci/release.sh check           only whether this commit can be released
#   .ci/release.sh notes VERSION   only the part of CHANGELOG.md, on stdout
#
# Nothing is signed, tagged or published: that is for a person, and the end says how.
set -eu
unset CDPATH MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
cd "$(dirname "$0")/.."

refuse()
{
	echo "release: $*" >&2
	exit 1
}

# Each of the files that have the version says which.
version_of()
{
	case $1 in
	configure.ac) sed -n 's/^AC_INIT(\[reflashd], \[\([^]]*\)].*/\1/p' "$1" ;;
	debian/changelog) sed -n '1s/^reflashd (\([^)]*\)).*/\1/p' "$1" ;;
	addon/config.yaml) sed -n 's/^version: *"\{0,1\}\([^"]*\)"\{0,1\}$/\1/p' "$1" ;;
	CHANGELOG.md) sed -n 's/^## \([0-9][^ ,]*\).*/\1/p' "$1" | head -n 1 ;;
	esac
}

check_versions()
{
	local file

	version=$(version_of configure.ac)
	[ -n "$version" ] || refuse "configure.ac has no version in AC_INIT"
	for file in debian/changelog CHANGELOG.md addon/config.yaml; do
		[ "$(version_of $file)" = "$version" ] ||
			refuse "configure.ac says version $version, and $file says $(version_of $file); give both the same version"
	done
}

# A date in the future is that of no file, so that no build would be like another.
check_date()
{
	local date
	date=$(sed -n 's/^ -- .*>  //p' debian/changelog | head -n 1)

	[ "$(date --date="$date" +%s)" -le "$(date +%s)" ] ||
		refuse "debian/changelog says that $version is from $date, which is in the future; write the present time"
}

check_entries()
{
	check_date
	! sed -n 's/^## //p' CHANGELOG.md | head -n 1 | grep -qi 'not released' ||
		refuse "CHANGELOG.md calls $version not released yet; remove these words from its heading and commit that"
	! head -n 1 debian/changelog | grep -q UNRELEASED ||
		refuse "debian/changelog calls $version UNRELEASED; write unstable instead and commit that"
	[ -n "$(notes "$version")" ] ||
		refuse "CHANGELOG.md tells nothing of $version below its heading"
}

check_tree()
{
	local left tagged

	git rev-parse --verify --quiet HEAD >/dev/null ||
		refuse "this is no git checkout, and a release is made of a commit"
	left=$(git status --porcelain | wc -l)
	[ "$left" = 0 ] ||
		refuse "$left files are not as they are committed; \"git status\" lists them: commit or remove them first"
	check_versions
	check_entries
	tagged=$(git rev-parse --verify --quiet "v$version^{commit}") || return 0
	[ "$tagged" = "$(git rev-parse HEAD)" ] ||
		refuse "the tag v$version is on another commit; a release is made once, so this one needs a new version"
}

# notes VERSION: what CHANGELOG.md says of it, without the heading
notes()
{
	awk -v head="## $1" '
	/^## / { wanted = $0 == head || index($0, head ",") == 1 ||
		index($0, head " ") == 1; next }
	wanted && (!/^$/ || begun) { begun = 1; print }' CHANGELOG.md
}

# From a clone, so that nothing gets in that git does not know.  The time of the
# commit is that of each file.
make_tarball()
{
	git clone --quiet . "$out/tree"
	SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
	export SOURCE_DATE_EPOCH
	(
		cd "$out/tree"
		autoreconf -fi
		mkdir build
		cd build
		../configure --quiet
		make -j2 distcheck lan_tests= tree_tests=
		make dist-xz
	) >"$out/log" 2>&1 || {
		tail -n 30 "$out/log"
		refuse "the tarball does not build or pass its tests from itself; $out/log has all that was said"
	}
	mv "$out/tree/build/reflashd-$version.tar.xz" "$out/"
	rm -rf "$out/tree"
}

release()
{
	out=$PWD/build/release
	rm -rf "$out"
	mkdir -p "$out"
	echo "Version $version, commit $(git rev-parse --short HEAD): building it from its own tarball takes some minutes"
	make_tarball
	notes "$version" >"$out/NOTES.md"
	(cd "$out" && sha256sum -- *.tar.xz NOTES.md >SHA256SUMS)
	cat "$out/SHA256SUMS"
	cat <<END
The release is in build/release.  Nothing is signed or published; to do that:
  gpg --armor --detach-sign build/release/SHA256SUMS
  git tag -s v$version && git push origin v$version
END
}

case ${1:-} in
'')
	check_tree
	release ;;
check)
	check_tree
	echo "$version can be released" ;;
notes)
	notes "$2" ;;
*)
	sed -n '/^#   /s/^# *//p' .ci/release.sh >&2
	exit 64 ;;
esac
