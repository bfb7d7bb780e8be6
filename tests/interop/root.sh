#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# root.sh -- a Debian 13 with a Home Assistant in it, for make interop.
#
#   tests/interop/root.sh ROOT
#
# debootstrap makes ROOT, apt and pip fill it; what is there already is kept.  It
# takes some minutes and a gigabyte.  Needs root, Debian's archive and the index
# of Python packages.  FRESH_CACHE is where make fresh has a bare Debian 13, which
# saves a minute.  Certificates and settings of pip are those of this machine.
set -u
VERSION=2026.2.3 # the newest for the Python of Debian 13
FILLED="$VERSION with what its pages need"
ROOT=${1:?the folder of the root}

skip()
{
	echo "root.sh: $*"
	exit 77
}

[ "$(id -u)" = 0 ] || skip "needs root"
case $(cat "$ROOT/opt/ha/version" 2>/dev/null) in
"$FILLED") exit 0 ;;
esac

# The bare system.
if [ ! -e "$ROOT/etc/debian_version" ]; then
	mkdir -p "$ROOT"
	if [ -e "${FRESH_CACHE:-build/fresh}/trixie.tar" ]; then
		tar --numeric-owner -C "$ROOT" \
			-xf "${FRESH_CACHE:-build/fresh}/trixie.tar" || exit 1
	else
		command -v debootstrap >/dev/null || skip "needs debootstrap"
		unshare --mount debootstrap --variant=minbase trixie "$ROOT" \
			${MIRROR:+"$MIRROR"} || skip "debootstrap failed"
	fi
fi
cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
cp /etc/ssl/certs/ca-certificates.crt "$ROOT/opt/ca.crt" || exit 1
for file in /etc/pip.conf /root/.config/pip/pip.conf; do
	if [ -e "$file" ]; then
		cp "$file" "$ROOT/etc/pip.conf"
	fi
done

# What runs inside; the packages are those that Home Assistant itself would
# install for the parts that configuration.yaml of the test names, and for its list
# of services, without which its pages show nothing.
cat >"$ROOT/opt/fill.sh" <<'END'
set -e
export HOME=/root DEBIAN_FRONTEND=noninteractive
apt-get -qq update
apt-get -qq -y --no-install-recommends install python3 python3-venv \
	python3-dev g++ ca-certificates
export PIP_CERT=/opt/ca.crt SSL_CERT_FILE=/opt/ca.crt
[ -x /opt/ha/bin/pip ] || python3 -m venv /opt/ha
/opt/ha/bin/pip install -q "homeassistant==$1"
constraints=$(echo /opt/ha/lib/python3*/site-packages/homeassistant/package_constraints.txt)
/opt/ha/bin/pip install -q -c "$constraints" paho-mqtt home-assistant-frontend \
	hassil home-assistant-intents numpy mutagen ha-ffmpeg av PyTurboJPEG \
	hass-nabucasa PyNaCl pymicro-vad pyspeex-noise
echo "$2" >/opt/ha/version
END
unshare --mount --pid --fork --kill-child bash -c '
	mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" &&
	exec chroot "$1" bash /opt/fill.sh "$2" "$3"' bash "$ROOT" "$VERSION" "$FILLED" ||
	skip "Home Assistant could not be installed"
