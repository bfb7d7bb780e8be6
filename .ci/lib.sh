# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# lib.sh -- what ./run and ./check share: Debian packages and build folders.
# Sourced by bash, from the top of the tree.
# shellcheck disable=SC2034 # the lists are for whoever sources this

BUILD_PACKAGES=(gcc make autoconf automake pkg-config libevent-dev
	libjansson-dev libseccomp-dev libssl-dev libavahi-client-dev
	libavahi-core-dev libsystemd-dev uthash-dev)
LAN_PACKAGES=(iproute2 util-linux)
CHECK_PACKAGES=(clang clang-format clang-tidy cppcheck gcovr g++ git libcmocka-dev shellcheck mandoc
	systemd avahi-daemon dbus python3 xz-utils curl wget aria2 nginx nftables
	tmux socat bash-completion zsh fish debhelper lintian zlib1g-dev)

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "needs root for: $*"
	fi
}

# No service is started by it: the tests run nginx and avahi-daemon themselves.
apt_install()
{
	local policy=/usr/sbin/policy-rc.d made='' result=0

	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null &&
			as_root chmod +x $policy && made=1
	fi
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get install -qq --no-install-recommends "$@" >/dev/null ||
		result=1
	[ -z "$made" ] || as_root rm -f $policy
	return $result
}

# install_missing PACKAGE...: quick and silent where all is there already.
install_missing()
{
	local missing=() package

	if ! command -v dpkg-query >/dev/null; then
		echo "This is no Debian.  What is needed, by its Debian names:"
		echo "  $*"
		return 0
	fi
	for package; do
		dpkg-query -W -f '${db:Status-Abbrev}\n' "$package" \
			2>/dev/null | grep -q '^ii' || missing+=("$package")
	done
	[ ${#missing[@]} -gt 0 ] || return 0
	echo "Installing with apt-get: ${missing[*]}"
	if apt-get install -s "${missing[@]}" >/dev/null 2>&1 &&
	    apt_install "${missing[@]}"; then
		return 0
	fi
	echo "Not found or out of date: updating the package lists first"
	as_root apt-get update -qq || die "cannot update the package lists"
	apt_install "${missing[@]}" || die "cannot install: ${missing[*]}"
}

# A ./configure that is older than what it is made from is made again.
bootstrap()
{
	local source

	[ ! -e config.status ] ||
		die "this folder is configured itself: first run make distclean"
	for source in configure.ac Makefile.am m4/*.m4; do
		if [ ! -e configure ] || [ ! -e Makefile.in ] ||
		    [ "$source" -nt configure ]; then
			autoreconf -fi
			return
		fi
	done
}

# configure_in FOLDER ARGUMENT...: only where the arguments are new.
configure_in()
{
	local folder=$1
	shift
	if [ -e "$folder/Makefile" ] &&
	    [ "$(cat "$folder/arguments" 2>/dev/null)" = "$*" ]; then
		return 0
	fi
	mkdir -p "$folder"
	(cd "$folder" && "$OLDPWD/configure" --quiet "$@") &&
		echo "$*" > "$folder/arguments"
}
