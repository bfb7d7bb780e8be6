# shellcheck shell=bash
# SPDX-License-Identifier: ISC
# lib.sh -- Debian roots that boot their own systemd on a virtual LAN, what is said
# in them, and packages that are built in others.  Sourced by bash, from the top of
# the tree; the script has a folder $work, and fail SENTENCE.
# shellcheck disable=SC2034,SC2154 # the scripts that source this use and set them

title()
{
	printf '\n== %s\n' "$*"
}

# dpkg draws over its own lines, terminal or not.
plain()
{
	sed -u 's/\r*$//; s/.*\r//' | grep -v '^(Reading database' || true
}

nspawn()
{
	systemd-nspawn --quiet --register=no --keep-unit \
		--machine="reflashd-$$" "$@"
}

# on COMMAND: in the root that has booted
on()
{
	nsenter --target "$leader" --mount --uts --ipc --net --pid --cgroup \
		--root --wdns=/root env -i PATH="$PATH" HOME=/root TERM=dumb \
		LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive SYSTEMD_PAGER= \
		sh -c "$1" </dev/null
}

# show COMMAND [PATTERN...]: its output must have each of them, in some line
show()
{
	local command=$1 pattern code=0
	shift
	printf '\nserver# %s\n' "$command"
	on "$command" >"$work/raw" 2>&1 || code=$?
	plain <"$work/raw" | tee "$work/output"
	[ $code = 0 ] || echo "(exit $code)"
	for pattern; do
		grep -qE -e "$pattern" "$work/output" ||
			fail "$command: says nothing of $pattern"
	done
}

# wait_for COMMAND: until it succeeds in the root that has booted
wait_for()
{
	local tenths=600

	until on "$1" >/dev/null 2>&1; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || { on 'journalctl --no-hostname -n 20'
			fail "never came true: $1"; }
		sleep 0.1
	done
}

# boot BUILD ROOT DEVICE...: on a LAN of these devices of BUILD/reflash-sim, which
# writes $work/report.  Sets lan to its process and leader to that of the root.
boot()
{
	local sim=$1/reflash-sim root=$2 spawn device devices=()
	shift 2
	for device; do
		devices+=(--device "$device")
	done

	# shellcheck disable=SC2016 # for the shell on the virtual LAN
	"$sim" --quiet --report "$work/report" "${devices[@]}" -- \
		sh -c '[ "$REFLASH_SIM" = namespace ] && exec "$@"' sh \
		systemd-nspawn --quiet --register=no --keep-unit --boot \
		--machine="reflashd-$$" --directory "$root" \
		>"$work/console" 2>&1 </dev/null &
	lan=$!
	until spawn=$(pgrep -P $lan) && leader=$(pgrep -P "$spawn") &&
	    on true 2>/dev/null; do
		kill -0 $lan 2>/dev/null || { cat "$work/console"; exit 1; }
		sleep 0.1
	done
	wait_for 'systemctl is-system-running'
}

power_off()
{
	on 'systemctl poweroff'
	wait "$lan"
	lan=
}

# kept_root SUITE NAME COMMAND: the root after this command as SUITE-NAME.tar, for
# unpack of tests/fresh/lib.sh; get is apt-get there, and installs nothing more
# than it must.
kept_root()
{
	local suite=$1 tarball=$cache/$1-$2.tar
	find "$tarball" -mtime +"$MAX_AGE_DAYS" -delete 2>/dev/null
	[ ! -e "$tarball" ] || return 0
	pristine "$suite"
	unpack "$suite"
	echo "# a root of $suite: $3"
	# Installing starts no service there.
	printf '#!/bin/sh\nexit 101\n' >"$work/root/usr/sbin/policy-rc.d"
	chmod +x "$work/root/usr/sbin/policy-rc.d"
	inside "$suite" sh -c "export DEBIAN_FRONTEND=noninteractive
		get()
		{
			apt-get -qq -y --no-install-recommends \"\$@\"
		}
		get update && $3" >"$work/log" 2>&1 ||
		{ tail "$work/log"; fail "$tarball"; }
	rm -rf "$work/root/root/reflashd" "$work/root/usr/sbin/policy-rc.d"
	tar --numeric-owner -C "$work/root" -cf "$tarball.new" . &&
		mv "$tarball.new" "$tarball"
}

BUILDING='get install build-essential lintian autopkgtest git &&
	get build-dep ./reflashd'

# What the packages depend on, and a systemd to run them.
RUNNING='get install systemd-sysv avahi-daemon ca-certificates libavahi-client3 \
	libavahi-core7 libcurl4 libevent-core-2.1-7 libevent-extra-2.1-7 libjansson4 \
	libmosquitto1 libseccomp2 libssl3 zlib1g'

# packages SUITE COMMIT: sets debs to a folder with the packages of a commit, which
# is kept.
packages()
{
	local suite=$1 commit
	commit=$(git rev-parse --verify --quiet "$2^{commit}") ||
		skip "the history of this checkout has no commit $2"
	debs=$cache/$suite-debs/$commit
	[ ! -d "$debs" ] || return 0
	kept_root "$suite" package "$BUILDING"
	unpack "$suite" "$suite-package"
	git -C "$work/root/root/reflashd" checkout --quiet "$commit"
	echo "# dpkg-buildpackage of $2 in $suite"
	inside "$suite" sh -c 'cd reflashd && DEB_BUILD_OPTIONS="nocheck parallel=2" \
		dpkg-buildpackage -us -uc' >"$work/log" 2>&1 ||
		{ tail -n 40 "$work/log"; fail "dpkg-buildpackage"; }
	mkdir -p "$debs.new"
	find "$work/root/root" -maxdepth 1 -type f -name 'reflashd*' \
		-exec cp {} "$debs.new" \;
	mv "$debs.new" "$debs"
}
