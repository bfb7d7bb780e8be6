#!/bin/sh
# SPDX-License-Identifier: ISC
# reflashd -t on an installation as the package makes it: it is good for root,
# for a member of the group, for anybody and for the daemon's own user; what is
# wrong with it is named, with the command that puts it right; and a reflashd
# that is typed by hand leaves the service's folders alone.
if [ -z "${REFLASH_INSTALLED:-}" ]; then
	tmp=$(mktemp -d) || exit 1
	trap 'rm -rf "$tmp"' EXIT
	# With the other users: files must belong to somebody.
	if [ "$(id -u)" != 0 ]; then
		set -- --map-root-user --map-auto
	fi
	if ! unshare "$@" -m chown 1001:1002 "$tmp" 2>/dev/null; then
		echo "skipped: no other user can be given a file here"
		exit 77
	fi
	chmod 755 "$tmp"
	REFLASH_INSTALLED=$tmp REFLASH_BUILD=$PWD unshare "$@" -m sh "$0"
	exit
fi
exec python3 -B "$(dirname "$0")/installation.py" "$REFLASH_INSTALLED"
