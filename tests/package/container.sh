#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# container.sh -- the container, built and run with podman: on the network of a
# host that is on a virtual LAN it finds a device and flashes it, and it is
# replaced by a new one in the middle of the download.
#
#   make check-container [BASE=IMAGE|debootstrap]
#
# BASE is what it is built on, Debian slim from the registry if not given;
# debootstrap makes something much like it.  PODMAN is podman and its options.
# Needs root, and takes some minutes.
set -eu
id=1000a05bf6
export PATH=$PWD:$PATH

if [ -z "${REFLASH_SIM:-}" ]; then
	[ "$(id -u)" = 0 ] || { echo "needs root"; exit 77; }
	command -v podman >/dev/null || { echo "needs podman"; exit 77; }
	top=$(cd "$(dirname "$0")/../.." && pwd)
	work=$(mktemp -d)
	export work
	trap 'rm -rf "$work"' EXIT
	pod="${PODMAN:-podman} --root $work/root --runroot $work/run
		--tmpdir $work/tmp --cgroup-manager=cgroupfs"
	export pod

	options=
	case ${BASE:-} in
	'') ;;
	debootstrap)
		debootstrap --variant=minbase trixie "$work/base" >/dev/null
		# As in the slim image, where pages and examples are left out.
		printf 'path-exclude /usr/share/%s/*\n' doc man \
			>"$work/base/etc/dpkg/dpkg.cfg.d/slim"
		tar -C "$work/base" -c . |
			$pod import - localhost/debian:slim >/dev/null 2>&1
		options='--build-arg BASE=localhost/debian:slim' ;;
	*) options="--build-arg BASE=$BASE" ;;
	esac
	echo "# podman build $options -t reflashd ."
	# shellcheck disable=SC2086 # the options are words
	$pod build --format docker --network=host $options -t reflashd "$top" \
		>"$work/build" 2>&1 || { tail -n 30 "$work/build"; exit 1; }
	grep -E '^(\[2/2\] )?STEP|^Successfully' "$work/build"
	reflash-sim --quiet --device "id=$id,chunk-ms=50" -- "$0"
	exit
fi

finish()
{
	$pod rm --force reflashd >/dev/null 2>&1 || true
}
trap finish EXIT

# What the place of the test takes is no business of the reader: no systemd for
# the timer of the health check, and no higher limits.
podman()
{
	local verb=$1
	shift
	if [ "$verb" = run ]; then
		set -- --health-interval=disable --ulimit nofile=4096:4096 \
			--ulimit nproc=4096:4096 "$@"
	fi
	# shellcheck disable=SC2086 # the options are words
	command $pod "$verb" "$@"
}

# show COMMAND ARGUMENT...
show()
{
	printf '\n# %s\n' "$*"
	"$@" 2>&1 | sed '/level=warning/d'
	[ "${PIPESTATUS[0]}" = 0 ] || { echo "FAILED: $*"; exit 1; }
}

start()
{
	show podman run --detach --name reflashd --network=host \
		--cap-drop=all --security-opt=no-new-privileges \
		--volume "$work/policy.d:/etc/reflashd/policy.d:ro" \
		--volume reflashd:/var/lib/reflashd \
		--volume reflashd-images:/var/lib/reflashd/images \
		localhost/reflashd
	wait_for "reflashctl show $id"
}

# wait_for COMMAND: until it succeeds in the container
wait_for()
{
	local tenths=600

	until podman exec reflashd sh -c "$1" >/dev/null 2>&1; do
		tenths=$((tenths - 1))
		[ $tenths -gt 0 ] || { echo "never came true: $1"; exit 1; }
		sleep 0.1
	done
}

[ "$REFLASH_SIM" = namespace ] || { echo "no namespaces here"; exit 77; }
mkdir "$work/policy.d"
start
show podman exec reflashd id
show podman exec reflashd reflashctl status
show podman exec reflashd reflashctl devices
show podman healthcheck run reflashd
show podman exec reflashd ls /usr/share/doc/reflashd/examples
show podman exec reflashd \
	reflash-sim image valid /var/lib/reflashd/images/first.bin
show tee "$work/policy.d/50-first.policy" <<END
[Match]
Type=diy_plug

[Flash]
Action=flash
Image=first.bin

[Verify]
Expect=leave
END
show podman exec reflashd reflashctl reload
wait_for "reflashctl --json show $id | grep '\"percent\": *[1-9]'"
show podman logs reflashd
show podman rm --force reflashd
start
show podman exec reflashd reflashctl wait $id --state flashed --timeout 3m
show podman logs reflashd
echo "1 passed, 0 failed"
