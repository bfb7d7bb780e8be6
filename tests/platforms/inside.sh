#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# inside.sh -- what is done for one platform within its root, by root.  The root
# is Debian on this machine's processor; its compiler makes programs for ARCH,
# and qemu runs them.
#
#   inside.sh install ARCH    compilers and libraries
#   inside.sh test ARCH       the build, the tests, the packages
set -u
cd "$(dirname "$0")/../.." || exit 1
part=$1 arch=$2
native=$(dpkg --print-architecture)
triplet=$(dpkg-architecture -a"$arch" -qDEB_HOST_GNU_TYPE 2>/dev/null)
# What the tests use beside the programs that they test.
TOOLS=(dpkg-dev autoconf automake make git python3 jq iproute2 curl procps
	lintian tmux bash-completion socat uidmap)

fail()
{
	echo "FAILED: $*"
	exit 1
}

install()
{
	export DEBIAN_FRONTEND=noninteractive
	[ "$arch" = "$native" ] || dpkg --add-architecture "$arch"
	apt-get -qq update &&
		apt-get -qq -y --no-install-recommends install "${TOOLS[@]}" ||
		fail "apt-get install"
	if [ "$arch" != "$native" ]; then
		apt-get -qq -y --no-install-recommends install \
			"crossbuild-essential-$arch" qemu-user-static ||
			fail "apt-get install crossbuild-essential-$arch"
	fi
	apt-get -qq -y --no-install-recommends -a"$arch" build-dep . ||
		fail "apt-get build-dep"
	# For emulate(), which needs all users.
	echo root:0:65536 | tee /etc/subuid >/etc/subgid
}

# emulate COMMAND...: programs for ARCH run by qemu in it, as if this machine were
# one.  The kernel keeps such rules for each user namespace, so that this machine
# is left as it is.
emulate()
{
	local rule

	if ! is_emulated; then
		"$@"
		return
	fi
	rule=$(cat "/usr/lib/binfmt.d/qemu-$(qemu_name).conf") || return
	# shellcheck disable=SC2016 # that shell expands them
	unshare --user --map-users=0,0,65536 --map-groups=0,0,65536 --mount bash -c '
		mount -t binfmt_misc none /proc/sys/fs/binfmt_misc &&
		echo "$1" >/proc/sys/fs/binfmt_misc/register || exit 77
		shift
		exec "$@"' bash "$rule" "$@"
}

qemu_name()
{
	case $arch in
	arm64) echo aarch64 ;;
	armhf) echo arm ;;
	*) echo "$arch" ;;
	esac
}

# A line RESULT: becomes a part of the table.
build()
{
	local root=$PWD/build/root

	autoreconf -fi && mkdir -p "build/$arch" && cd "build/$arch" &&
		../../configure --host="$triplet" --enable-werror \
			--prefix="$root" --sysconfdir="$root/etc" \
			--without-systemdsystemunitdir \
			--without-journalcatalogdir &&
		make -j"$(nproc)" all && make -j"$(nproc)" check TESTS= ||
		fail "the build"
	cd ../..
}

is_emulated()
{
	[ "$arch" != "$native" ] && [ "$arch" != i386 ]
}

# skipped: each test that cannot run here, and why
skipped()
{
	! is_emulated || grep -v '^#' tests/platforms/not-here
}

# programs: those of the unit tests and of the corpora that can be run here
programs()
{
	make -s -C "build/$arch" -f - print <<'END' 2>/dev/null |
include Makefile
print: ; @printf '%s\n' $(check_PROGRAMS)
END
		grep -vxF -f <(skipped | cut -f1)
}

# count WORD...: how many tests of such an outcome
count()
{
	grep -c "^\($(printf '%s\\|' "$@")\): " "build/$arch/tests.log"
}

# said_why: what a test was skipped for by itself, or some cases of it
said_why()
{
	sed -n 's/^SKIP: //p' "build/$arch/tests.log" | while read -r name; do
		printf '%s\t%s\n' "$name" "$(tail -n 2 "build/$arch/$name.log" |
			grep -v '^SKIP ' | paste -sd' ')"
	done
	sed -n 's/^PASS: //p' "build/$arch/tests.log" | while read -r name; do
		sed -n "s,^SKIPPED: ,$name: ,p" "build/$arch/$name.log"
	done
}

run_tests()
{
	emulate make -C "build/$arch" -k check TESTS="$(programs | paste -sd' ')" \
		>"build/$arch/tests.log" 2>&1
	[ $? != 77 ] || fail "no binfmt_misc in a user namespace"
	cat "build/$arch/tests.log"
	grep '^\(FAIL\|ERROR\): ' "build/$arch/tests.log" | while read -r _ name; do
		echo "---- $name"
		cat "build/$arch/$name.log"
	done
	{ skipped; said_why; } >"build/$arch/skipped"
	sed 's/^/SKIPPED: /' "build/$arch/skipped"
	echo "RESULT: $(count PASS) passed, $(count FAIL ERROR) failed," \
		"$(cut -f1 "build/$arch/skipped" | grep -vc ': ') skipped," \
		"as were $(cut -f1 "build/$arch/skipped" | grep -c ': ') cases of others;"
	[ "$(count FAIL ERROR)" = 0 ] && [ "$(count PASS)" -gt 0 ]
}

# The main job: a virtual LAN where that can be had, otherwise loopback.  The daemon
# starts reflash-scan by the clone() that qemu refuses, so it is told the address.
flash_one()
{
	local way where how=

	! is_emulated || how=', found by its address'
	make -C "build/$arch" install >/dev/null || fail "make install"
	for way in "" --loopback; do
		where=${way#--}
		# shellcheck disable=SC2086 # nothing, if empty
		REHEARSE_BY_ADDRESS=$how emulate build/root/bin/reflash-sim $way \
			--devices 1 -- tests/lan/rehearse.sh "$PWD/build/root" \
			"$PWD/build" &&
			echo "RESULT: flashed on ${where:-a virtual LAN}$how;" &&
			return
	done
	echo "RESULT: not flashed;"
	return 1
}

packages()
{
	local built

	mkdir -p build/package && git ls-files -z | tar --null -T - -c |
		tar -C build/package -x &&
		(cd build/package && DEB_BUILD_OPTIONS='nocheck noautodbgsym' \
			dpkg-buildpackage -us -uc -b -a"$arch" -Pcross,nocheck) ||
		fail "dpkg-buildpackage"
	built=$(cd build && printf '%s\n' ./*_"$arch".deb | wc -l)
	echo "RESULT: $built packages"
}

test()
{
	local code=0

	build
	run_tests || code=1
	flash_one || code=1
	packages || code=1
	return $code
}

"$part"
