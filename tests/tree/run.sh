#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# ./run and ./check as people start them: with odd arguments, by a link, with sh,
# in a folder that was copied, with variables that are meant for other builds,
# and until Ctrl-C.  Nothing is built or installed here.
cd "${srcdir:-.}" || exit 1
[ -e check ] || { echo "the tarball has no ./check"; exit 77; }
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tree"
cp -r run check .ci "$work/tree"
bad=0

wrong()
{
	echo "$*"
	bad=1
}

# says CODE TEXT COMMAND...: ends so, and says that first.
says()
{
	local code=$1 text=$2 said got=0
	shift 2
	said=$("$@" 2>&1 </dev/null) || got=$?
	[ $got = "$code" ] && [[ $(head -n 1 <<<"$said") == *"$text"* ]] ||
		wrong "$*: ended with $got and said: $(head -n 2 <<<"$said")"
}

arguments()
{
	local run=$work/tree/run check=$work/tree/check odd

	for odd in +3 -3 ' 3' 0 '' 251 0x3 1e2 -; do
		says 64 "run: '$odd' is not a number of devices" "$run" "$odd"
	done
	says 64 "run: one number of devices is enough: 3 or 4?" "$run" 3 4
	says 64 "run: there is no option --bogus" "$run" --bogus
	says 64 "run: --lan listens on every interface" "$run" --lan eth9
	says 64 "run: --images needs a folder" "$run" --lan --images
	says 64 "run: --web is a rehearsal of its own" "$run" --web --lan
	says 64 "run: --web is a rehearsal of its own" "$run" --mqtt --web
	says 64 "run: --images needs a folder" "$run" --lan --images=
	says 64 "run: --policies: there is no folder /none" "$run" \
		--lan --policies=/none
	says 64 "check: there is no step 'bogus'" "$check" gcc bogus
	says 64 "check: there is no step 'bogus'" "$check" -- bogus
	says 64 "check: there is no step ''" "$check" ''
	for odd in run check; do
		says 0 "Usage: ./$odd" "$work/tree/$odd" --help
		says 0 "Usage: ./$odd" "$work/tree/$odd" bogus --help
		says 0 "Usage: ./$odd" "$work/tree/$odd" -- -h
	done
}

# README.md names what ./run installs, for who builds by hand.
readme_packages()
{
	local package listed

	listed=$(sed -n '/^By hand/,/^The daemon runs/p' README.md)
	# shellcheck disable=SC2016 # the inner shell expands it
	for package in $(in_lib eval 'echo ${BUILD_PACKAGES[*]}') zlib1g-dev; do
		grep -qw -e "$package" <<<"$listed" ||
			wrong "README.md: by hand, $package is needed, too"
	done
}

# However it is started, it finds the folder that it belongs to.
ways_to_start()
{
	local name

	mkdir "$work/elsewhere"
	for name in run check; do
		ln -s "../tree/$name" "$work/elsewhere/$name"
		ln -s "$work/elsewhere/$name" "$work/$name"
		says 64 "$name: there is no" "$work/$name" --bogus
		says 64 "$name: there is no" env -C "$work/elsewhere" \
			"./$name" --bogus
		says 64 "$name: there is no" sh "$work/tree/$name" --bogus
		says 64 "$name: there is no" env -C "$work" CDPATH="$work" \
			POSIXLY_CORRECT=1 "tree/$name" --bogus
	done
	[ "$(ls "$work/elsewhere")" = "$(printf 'check\nrun')" ] ||
		wrong "something is left in the folder of the link"
}

# Where it cannot build, it says so before it installs anything.
places()
{
	local blank="$work/a blank"

	cp -r "$work/tree" "$blank"
	says 1 "move $blank elsewhere" "$blank/run"
	touch "$work/tree/build"
	says 1 "build is no folder" "$work/tree/check" gcc
	rm "$work/tree/build"
	chmod o+w "$work/tree"
	says 1 "everybody may write into $work/tree," "$work/tree/run"
	chmod o-w "$work/tree"
	mkdir -p "$work/tree/build"
	chmod o+w "$work/tree/build"
	says 1 "everybody may write into $work/tree/build," "$work/tree/run"
	rm -r "$work/tree/build"
	ln -s /none "$work/tree/build"
	says 1 "build is no folder" "$work/tree/run"
	rm "$work/tree/build"
}

# in_lib COMMAND...: a shell that has read lib.sh, in the tree.
in_lib()
{
	(cd "$work/tree" && mkdir -p build &&
		bash -c '. .ci/lib.sh; "$@"' lib "$@")
}

variables()
{
	local left

	left=$(cd "$work/tree" && env DESTDIR=/none MAKEFLAGS=n TMPDIR=/none \
		bash -c '. .ci/lib.sh; echo "${DESTDIR-}${MAKEFLAGS-}${TMPDIR-}"')
	[ -z "$left" ] || wrong "DESTDIR, MAKEFLAGS or TMPDIR are left: $left"
}

# on_machine SETUP COMMAND...: as SETUP has changed a machine of its own; 77 where
# there can be none.
on_machine()
{
	local setup=$1 new=-m
	shift
	unshare -m true 2>/dev/null || new=-rm
	unshare $new true 2>/dev/null || return 77
	unshare $new bash -c "$setup"' && exec "$@"' machine "$@"
}

# tmpdir_is WANTED SETUP: what lib.sh chooses there, for compilers and scripts.
tmpdir_is()
{
	local chosen code=0

	chosen=$(cd "$work/tree" && on_machine "$2" \
		bash -c '. .ci/lib.sh; echo "${TMPDIR-none}"') || code=$?
	[ $code = 77 ] || [ "$chosen" = "$1" ] ||
		wrong "$2: TMPDIR is $chosen instead of $1"
}

temporary_folders()
{
	local full='mount -t tmpfs -o size=64k none'

	tmpdir_is none true
	tmpdir_is none 'export TMPDIR=/none'
	tmpdir_is /var/tmp "$full /tmp"
	tmpdir_is /var/tmp 'mount --bind /tmp /tmp && mount -o remount,bind,ro /tmp'
	tmpdir_is /dev/shm "export TMPDIR=/none; $full /tmp; $full /var/tmp"
	# As if no folder had room; $work itself is in one of them.
	tmpdir_is "$work/tree/build/tmp" \
		"mktemp() { false; }; export -f mktemp"
}

# Whatever umask a person has, others may not write what is built.
masks()
{
	local mask

	for mask in 000 002 022 077 777; do
		[ "$(cd "$work/tree" && umask $mask &&
			bash -c '. .ci/lib.sh; umask -S' | tr -d rx)" = \
			"u=w,g=,o=" ] || wrong "umask $mask lets others write"
	done
}

# A folder in which nobody may write, as a home that is read-only.
read_only_folder()
{
	local said code=0

	said=$(on_machine "cd $work/tree && mount --bind . . &&
		mount -o remount,bind,ro . && cd $work/tree" ./run 2>&1 </dev/null) ||
		code=$?
	[ $code = 77 ] ||
		[[ "$code $said" == "1 run: you may not write into $work/tree,"*"copy this folder"* ]] ||
		wrong "a read-only folder: ended with $code and said: $said"
}

# A ./configure that tells where it was run, as the real one does.
copied_tree()
{
	cat >"$work/tree/configure" <<'END'
#!/bin/sh
echo "abs_top_srcdir = $(cd "$(dirname "$0")" && pwd)" >Makefile
echo "$*" >>configured
END
	chmod +x "$work/tree/configure"
	in_lib configure_in build/x A
	in_lib configure_in build/x A
	[ "$(cat "$work/tree/build/x/configured")" = "--quiet A" ] ||
		wrong "the same arguments are configured twice"
	in_lib configure_in build/x B
	cp -r "$work/tree" "$work/copy"
	touch "$work/copy/build/x/old.o"
	(cd "$work/copy" && bash -c '. .ci/lib.sh; configure_in build/x B')
	grep -qx "abs_top_srcdir = $work/copy" "$work/copy/build/x/Makefile" ||
		wrong "a copied tree builds the sources of the first"
	[ ! -e "$work/copy/build/x/old.o" ] ||
		wrong "a copied tree uses what was built elsewhere"
}

# Ctrl-C goes to all of the terminal's processes; configure ends with 1 then.
ctrl_c()
{
	python3 - "$work/tree" <<'END' || bad=1
import os, signal, subprocess, sys
tree = sys.argv[1]
child = subprocess.Popen(
    ["bash", "-c", ". .ci/lib.sh; quietly x sh -c '"
     "trap \"exit 1\" INT; echo explained; echo ready >ready; "
     "while :; do :; done'"],
    cwd=tree, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    start_new_session=True,
    preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
while child.poll() is None and not os.path.exists(tree + "/ready"):
    pass
os.killpg(child.pid, signal.SIGINT)
said = child.communicate(timeout=30)[0]
if child.returncode != -signal.SIGINT or said:
    sys.exit("Ctrl-C: it ended with %d and said: %s" % (child.returncode, said))
END
}

arguments
ways_to_start
places
variables
temporary_folders
masks
read_only_folder
copied_tree
ctrl_c
readme_packages
exit $bad
