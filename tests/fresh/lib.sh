# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# lib.sh -- bare Debian roots, made by debootstrap and kept as tarballs, and
# commands that run in a copy of one.  Sourced by bash, from the top of the
# tree.
# shellcheck disable=SC2034,SC2154 # the scripts that source this use them
MAX_AGE_DAYS=30 # a root older than that is made anew
mkdir -p "${FRESH_CACHE:=build/fresh}" && cache=$(cd "$FRESH_CACHE" && pwd) ||
	exit 1

skip()
{
	echo "${0##*/}: $*"
	exit 77
}

fail()
{
	echo "${0##*/}: FAILED: $*"
	exit 1
}

# pristine SUITE: its root as a tarball.  An archive that does not answer once
# is asked again.
pristine()
{
	local suite=$1 tarball=$cache/$1.tar

	find "$tarball" -mtime +$MAX_AGE_DAYS -delete 2>/dev/null
	[ ! -e "$tarball" ] || return 0
	echo "# debootstrap --variant=minbase $suite"
	for _ in 1 2; do
		rm -rf "$work/root"
		# Its mounts are gone with it.
		unshare --mount debootstrap --variant=minbase "$suite" \
			"$work/root" ${MIRROR:+"$MIRROR"} \
			>"$work/debootstrap" 2>&1 || continue
		# As in an image for containers: apt has no lists yet.
		rm -rf "$work"/root/var/lib/apt/lists/*
		tar --numeric-owner -C "$work/root" -cf "$tarball.new" . &&
			mv "$tarball.new" "$tarball" && return
	done
	tail "$work/debootstrap"
	fail "debootstrap"
}

# unpack SUITE [NAME]: its root in $work/root, or the one that was kept as NAME,
# with a clone of this tree in /root.
unpack()
{
	rm -rf "$work/root"
	mkdir "$work/root"
	tar --numeric-owner -C "$work/root" -xf "$cache/${2:-$1}.tar" || fail "tar"
	cp /etc/resolv.conf "$work/root/etc/resolv.conf"
	git clone --quiet . "$work/root/root/reflashd" || fail "git clone"
	cp tests/fresh/newcomer.sh "$work/root/root/"
	mkdir -p "$cache/$1.archives"
}

# inside SUITE COMMAND...: in its root, with mounts and processes of its own,
# which end with the command.  Not by chroot: the kernel makes no user
# namespace for somebody who is in one.
inside()
{
	local suite=$1
	shift
	# shellcheck disable=SC2016 # that shell expands them
	unshare --mount --pid --fork --kill-child bash -c '
		root=$1 archives=$2
		shift 2
		mount --make-rprivate / && mount --bind "$root" "$root" &&
		mount -t proc proc "$root/proc" &&
		mount --rbind /sys "$root/sys" &&
		mount --rbind /dev "$root/dev" &&
		mount -t tmpfs tmpfs "$root/run" &&
		mount --bind "$archives" "$root/var/cache/apt/archives" &&
		cd "$root" && pivot_root . mnt && cd /root &&
		umount -l /mnt || exit 77
		exec env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin \
			LANG=C.UTF-8 TERM=dumb http_proxy="${http_proxy:-}" "$@"
	' bash "$work/root" "$cache/$suite.archives" "$@" </dev/null
}

prepare_roots()
{
	[ "$(id -u)" = 0 ] || skip "needs root"
	for tool in debootstrap git unshare; do
		command -v $tool >/dev/null || skip "needs $tool"
	done
	# The remains of an earlier run that was killed.
	find "$cache" -maxdepth 1 -name 'work.*' -mtime +0 -exec rm -rf {} +
	work=$(mktemp -d "$cache/work.XXXXXX") || exit 1
	trap 'rm -rf "$work"' EXIT
	# This tree may belong to somebody else, as in many a CI.
	printf '[safe]\n\tdirectory = *\n' >"$work/gitconfig"
	export GIT_CONFIG_GLOBAL=$work/gitconfig
	git rev-parse --verify --quiet HEAD >/dev/null || skip "needs a git checkout"
	[ -z "$(git status --porcelain --untracked-files=no)" ] ||
		echo "what is not committed is not tested"
}
