# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# lib.sh -- what ./run and ./check share: Debian packages and build folders.
# Sourced by bash, from the top of the tree.
# shellcheck disable=SC2034 # the scripts that source this use the lists

# What a person has exported for other builds must not change this one: DESTDIR
# would put the programs elsewhere, and with MAKEFLAGS=n nothing is built.
unset CDPATH DESTDIR MAKEFLAGS MFLAGS GNUMAKEFLAGS MAKEFILES MAKELEVEL \
	POSIXLY_CORRECT

# Others may not write what is built here: reflashd trusts no such file.
umask u+rwx,go-w

# has_room FOLDER: a file of a megabyte can be written there.
has_room()
{
	local file size

	file=$(mktemp "$1/run.XXXXXX" 2>/dev/null) || return
	head -c 1000000 /dev/zero 2>/dev/null >"$file"
	size=$(wc -c <"$file")
	rm -f "$file"
	[ "$size" = 1000000 ]
}

# Compilers and scripts write to the first of these folders that has room: /tmp may
# be full, read-only or not there.  own_build_folder makes the last one.
choose_tmpdir()
{
	local folder

	for folder in "${TMPDIR:-/tmp}" /tmp /var/tmp /dev/shm; do
		has_room "$folder" || continue
		export TMPDIR=$folder
		[ "$folder" != /tmp ] || unset TMPDIR
		return
	done
	export TMPDIR=$PWD/build/tmp
}
choose_tmpdir

# A package with a "?" is wanted where this release of Debian has it.
# gcc and clang only recommend libc6-dev, and recommendations are not installed.
BUILD_PACKAGES=(gcc libc6-dev make autoconf automake pkg-config libevent-dev
	libjansson-dev libseccomp-dev libssl-dev libavahi-client-dev
	libavahi-core-dev libcurl4-openssl-dev libmosquitto-dev libsystemd-dev
	uthash-dev)
LAN_PACKAGES=(iproute2 util-linux)
CHECK_PACKAGES=(build-essential clang clang-format-19 clang-tidy cppcheck gcovr
	git libcmocka-dev shellcheck mandoc systemd systemd-dev? avahi-daemon
	dbus python3 xz-utils curl wget aria2 nginx nftables tmux socat
	bash-completion zsh fish debhelper lintian zlib1g-dev jq mosquitto
	mosquitto-clients spin chromium openssl prometheus)
FRESH_PACKAGES=(debootstrap debian-archive-keyring git)

APT_LOG=build/apt.log
LOCK_TRIES=600 # at half a second each, while another program installs packages

die()
{
	echo "${0##*/}: $*" >&2
	exit 1
}

# wrong_usage SENTENCE: it is said first, then the usage, both on stderr.
wrong_usage()
{
	printf '%s: %s\n\n' "${0##*/}" "$*" >&2
	usage >&2
	exit 64
}

# help_wanted ARGUMENT...: prints the usage and ends, if help is asked for anywhere.
help_wanted()
{
	local argument

	for argument; do
		case $argument in
		-h | --help) usage; exit 0 ;;
		esac
	done
}

# After Ctrl-C the script ends as a program does that SIGINT has ended, and it
# explains no failure that only Ctrl-C was the cause of.
trap 'trap - INT; kill -INT $$' INT

# quietly NAME COMMAND...: shows the output only where the command fails.  In a
# shell of its own: a command that calls die ends there.
quietly()
{
	local log=build/${0##*/}-$1.log
	shift
	("$@") >"$log" 2>&1 && return
	tail -n 40 "$log" >&2
	die "that was the end of $PWD/$log"
}

# ---- Debian packages ------------------------------------------------------

# known PACKAGE: apt could install it, as far as its lists tell.
known()
{
	[ -n "$(apt-cache show --no-all-versions "$1" 2>/dev/null)" ]
}

# find_missing PACKAGE...: sets missing to those that are not installed.
find_missing()
{
	local package installed

	installed=$(dpkg-query -W \
		-f '${db:Status-Abbrev} ${Package}\n' 2>/dev/null |
		sed -n 's/^.i[^ ]* *//p')
	missing=()
	for package; do
		grep -qxF -e "${package%\?}" <<<"$installed" && continue
		case $package in
		*\?) known "${package%\?}" || continue ;;
		esac
		missing+=("${package%\?}")
	done
}

# The command that a person can type; with lists that apt has not got yet, both.
install_command()
{
	local install="apt-get install ${missing[*]}" update='' sudo='' package

	command -v sudo >/dev/null && [ "$(id -u)" != 0 ] && sudo="sudo "
	for package in "${missing[@]}"; do
		known "$package" || update="${sudo}apt-get update && "
	done
	if [ "$(id -u)" = 0 ] || [ -n "$sudo" ]; then
		echo "$update$sudo$install"
	else
		echo "su -c '$update$install'"
	fi
}

# cannot_install SENTENCE: what is missing, and how a person installs it.
cannot_install()
{
	{
		echo "${0##*/}: $*"
		echo "These Debian packages are missing:"
		echo "  ${missing[*]}"
		echo "Install them with this command, then start ./${0##*/} again:"
		echo "  $(install_command)"
	} >&2
	exit 1
}

# as_root COMMAND ARGUMENT...
as_root()
{
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

# A password is asked for only where somebody can type it.
become_root()
{
	[ "$(id -u)" != 0 ] || return 0
	command -v sudo >/dev/null ||
		cannot_install "only root can install packages, and there is no sudo here"
	sudo -n true 2>/dev/null && return
	[ -t 0 ] ||
		cannot_install "only root can install packages, and there is no terminal on which sudo could ask for your password"
	sudo -v || cannot_install "only root can install packages, and sudo refused"
}

# as_root_when_unlocked COMMAND ARGUMENT...: waits while another program
# installs packages.  What is said goes to APT_LOG.
as_root_when_unlocked()
{
	local said=$APT_LOG.last tries=$LOCK_TRIES

	until as_root "$@" >"$said" 2>&1 </dev/null; do
		grep -qE 'Could not get lock|Unable to lock' "$said" &&
			[ "$tries" -gt 0 ] || { cat "$said" >>"$APT_LOG"; return 1; }
		[ "$tries" -lt $LOCK_TRIES ] ||
			echo "Another program is installing packages just now: waiting for it to end"
		tries=$((tries - 1))
		sleep 0.5
	done
	cat "$said" >>"$APT_LOG"
}

# Root runs this with sh.  Installing starts no service, for the tests run nginx
# and avahi-daemon themselves; and it removes nothing.
INSTALL='
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	trap "rm -f $policy" EXIT
	trap "exit 1" HUP INT TERM
	printf "#!/bin/sh\nexit 101\n" >$policy && chmod +x $policy || exit
fi
export DEBIAN_FRONTEND=noninteractive LC_ALL=C
apt-get -qq --no-install-recommends --no-remove install "$@"'

install_packages()
{
	as_root_when_unlocked sh -c "$INSTALL" sh "$@"
}

# Why it failed, in the words of apt-get.
apt_failed()
{
	local why="apt-get could not install them"

	if grep -qE 'Temporary failure resolving|Could not (resolve|connect)|Unable to connect|Network is unreachable' "$APT_LOG"
	then
		why="apt-get could not reach the archive of packages; is this machine connected to the Internet?"
	elif grep -qE 'Could not get lock|Unable to lock' "$APT_LOG"; then
		why="another program is still installing packages; start again when it has ended"
	fi
	echo "The last lines of what apt-get said:" >&2
	tail -n 8 "$APT_LOG" | sed 's/^/  /' >&2
	cannot_install "$why"
}

# install_missing PACKAGE...: quick and silent where all is there already.
install_missing()
{
	local missing

	if ! command -v dpkg-query >/dev/null; then
		echo "This is no Debian.  What is needed, by its Debian names:"
		echo "  ${*//\?/}"
		return 0
	fi
	find_missing "$@"
	[ ${#missing[@]} -gt 0 ] || return 0
	command -v apt-get >/dev/null ||
		die "these packages are missing, and there is no apt-get to install them: ${missing[*]}"
	become_root
	: >"$APT_LOG"
	if apt-get install -s "${missing[@]}" >/dev/null 2>&1; then
		echo "Installing with apt-get: ${missing[*]}"
		install_packages "${missing[@]}" && return
	fi
	echo "Updating the lists of packages with apt-get"
	as_root_when_unlocked env LC_ALL=C apt-get -qq update
	find_missing "$@"
	echo "Installing with apt-get: ${missing[*]}"
	install_packages "${missing[@]}" || apt_failed
}

# ---- build folders --------------------------------------------------------

# What an earlier run as root has made, an ordinary user cannot change.
own_build_folder()
{
	local other

	check_place
	[ "$(id -u)" = 0 ] ||
		other=$(find build build-aux autom4te.cache aclocal.m4 configure \
			config.h.in Makefile.in -path build/fresh -prune -o \
			! -uid "$(id -u)" -print -quit 2>/dev/null)
	[ -z "${other:-}" ] ||
		die "$PWD/$other belongs to $(stat -c %U "$other"), who has built here before you. Give the folder to yourself, then start again: sudo chown -R $(id -un) $PWD"
	if [ ! -d build ] && { [ -e build ] || [ -L build ]; }; then
		die "$PWD/build is no folder, but everything is built there: move it away, then start again"
	fi
	mkdir -p build 2>/dev/null && [ -w . ] && [ -w build ] ||
		die "you may not write into $PWD, where everything is built: copy this folder to one of yours and start it there"
	[ "${TMPDIR:-}" != "$PWD/build/tmp" ] || mkdir -p "$TMPDIR"
}

# Where make cannot build, that is said before anything is installed.
check_place()
{
	case $PWD in
	*[[:space:]\"\#\$\&\'\`\\]*)
		die "make cannot build in a folder with a blank or a quote in its path: move $PWD elsewhere" ;;
	esac
	[ ! -e config.status ] ||
		die "./configure was run in this folder itself, so that no other folder can be built from it. Undo that with \"make distclean\", then start again."
}

# A ./configure that is older than what it is made from is made again.
bootstrap()
{
	local source

	check_place
	mkdir -p build
	for source in configure.ac Makefile.am m4/*.m4; do
		if [ ! -e configure ] || [ ! -e Makefile.in ] ||
		    [ "$source" -nt configure ]; then
			TMPDIR=$PWD/build autoreconf -fi
			return
		fi
	done
}

# why_not_configured CONFIG-LOG: what the compiler and pkg-config said.
why_not_configured()
{
	[ -s "$1" ] || return 0
	echo "From $1:"
	sed '/^## Cache variables/,$d; /^|/d; /^$/d; /^## -/d' "$1" |
		grep -vE '^configure:[0-9]+: (\$\? =|result:)' | tail -n 12
	if grep -qE 'crt[1i]\.o|cannot find -lc\>|stdio\.h: No such' "$1"; then
		echo "The C library's files for compiling are missing. On Debian: apt-get install libc6-dev"
	fi
}

# What was built from another folder, of which this one is a copy, is built anew:
# it would be made from the sources there.
forget_other_tree()
{
	[ ! -e "$1/Makefile" ] ||
		grep -qxF "abs_top_srcdir = $PWD" "$1/Makefile" ||
		rm -rf "$1"
}

# configure_in FOLDER ARGUMENT...: only where the arguments are new.
configure_in()
{
	local folder=$1
	shift
	forget_other_tree "$folder"
	if [ -e "$folder/Makefile" ] &&
	    [ "$(cat "$folder/arguments" 2>/dev/null)" = "$*" ]; then
		return 0
	fi
	mkdir -p "$folder"
	if ! (cd "$folder" && "$OLDPWD/configure" --quiet "$@"); then
		why_not_configured "$folder/config.log"
		return 1
	fi
	echo "$*" > "$folder/arguments"
}
