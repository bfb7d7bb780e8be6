#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# make release refuses what is not ready, each with a sentence, and its notes are
# the part of CHANGELOG.md for that version.
top=$(cd "${srcdir:-.}" && pwd)
git -C "$top" ls-files --error-unmatch Makefile.am >/dev/null 2>&1 || {
	echo "not a git checkout: no commit to release"
	exit 77
}
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
bad=0
export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@t GIT_COMMITTER_NAME=t \
	GIT_COMMITTER_EMAIL=t@t GIT_CONFIG_GLOBAL=$work/gitconfig

# The few files that a release looks at, as they are now, in a checkout of their own.
pristine()
{
	rm -rf "$work/tree"
	mkdir -p "$work/tree/.ci" "$work/tree/addon" "$work/tree/debian"
	cp "$top/addon/config.yaml" "$work/tree/addon/"
	cp "$top/.ci/release.sh" "$work/tree/.ci/"
	cp "$top/debian/changelog" "$work/tree/debian/"
	cp "$top/configure.ac" "$top/CHANGELOG.md" "$work/tree/"
	cd "$work/tree" || exit 1
	git init --quiet .
	commit
}

commit()
{
	git add -A && git commit --quiet --allow-empty -m x
}

# says CODE WORDS: so ends the check, and that is what it says.
says()
{
	local code=0

	.ci/release.sh check >"$work/said" 2>&1 || code=$?
	if [ $code != "$1" ] || ! grep -qF -e "$2" "$work/said"; then
		echo "ended with $code, not $1, or did not say: $2"
		cat "$work/said"
		bad=1
	fi
}

# changed SED FILE WORDS: after that change it is refused.
changed()
{
	pristine
	sed -i "$1" "$2"
	cmp -s "$2" "$top/$2" && { echo "nothing changes: $1"; bad=1; }
	commit
	says 1 "$3"
}

printf '[safe]\n\tdirectory = *\n' >"$work/gitconfig"
pristine
version=$(sed -n 's/^AC_INIT(\[reflashd], \[\([^]]*\)].*/\1/p' configure.ac)
says 0 "$version can be released"
touch new-file
says 1 "1 files are not as they are committed"
changed '2s/\[[0-9.]*\]/[9.9.9]/' configure.ac \
	"configure.ac says version 9.9.9, and debian/changelog says $version"
changed "1s/$version/9.9.9/" debian/changelog \
	"configure.ac says version $version, and debian/changelog says 9.9.9"
changed "s/^## $version/## 9.9.9/" CHANGELOG.md \
	"configure.ac says version $version, and CHANGELOG.md says 9.9.9"
changed "s/^version: .*/version: \"9.9.9\"/" addon/config.yaml \
	"configure.ac says version $version, and addon/config.yaml says 9.9.9"
changed "s/^## $version.*/&, not released yet/" CHANGELOG.md \
	"CHANGELOG.md calls $version not released yet"
changed '1s/unstable/UNRELEASED/' debian/changelog \
	"debian/changelog calls $version UNRELEASED"
changed '0,/2[0-9][0-9][0-9] /s//2099 /' debian/changelog \
	"debian/changelog says that $version is from Tue, 01 Dec 2099"
changed "/^## $version/,/^## 0.1.0/{/^## /!d}" CHANGELOG.md \
	"CHANGELOG.md tells nothing of $version"
pristine
git tag "v$version"
says 0 "can be released"
commit
says 1 "the tag v$version is on another commit"

# The notes: all of that version, and nothing of another one.
printf '# Changes\n\n## 0.3.0\n\nNew.\n\n- one\n\n## 0.2.0, a name\n\n- two\n\n## 0.1.0\n\n- three\n' \
	>CHANGELOG.md
for case in '0.3.0=New.|- one|' '0.2.0=- two|' '0.1.0=- three|'; do
	got=$(.ci/release.sh notes "${case%%=*}" | sed '/^$/d' | tr '\n' '|')
	[ "$got" = "${case#*=}" ] ||
		{ echo "the notes of ${case%%=*} are $got"; bad=1; }
done
exit $bad
