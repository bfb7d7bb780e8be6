#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# build.sh -- the Debian package, from a copy of what git tracks, or of a tarball.
#
#   tests/package/build.sh FOLDER
#
# FOLDER gets the copy and the packages.  lintian must have nothing to warn of.
set -eu
folder=$1
cd "$(dirname "$0")/../.."
rm -rf "$folder"
mkdir -p "$folder/reflashd"
if git ls-files --error-unmatch debian/rules >/dev/null 2>&1; then
	git ls-files -z
else
	find . -name build -prune -o -type f -print0
fi | tar --null -T - -c | tar -C "$folder/reflashd" -x
cd "$folder/reflashd"
dpkg-buildpackage -us -uc
cd ..
lintian --pedantic --info --fail-on error,warning reflashd_*.changes
