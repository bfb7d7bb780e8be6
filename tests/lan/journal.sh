#!/bin/sh
# SPDX-License-Identifier: ISC
# What a real systemd-journald keeps of a flash, a failure, a refusal and a
# wait, and what journalctl -x says about them.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=1,reboot-ms=200
sim_options="--device id=1000a00001,$each --device id=1000b00002,fault=unlock-500
	--device id=1000c00003,fault=encrypted --device id=1000d00004"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

journald=/lib/systemd/systemd-journald
[ -x $journald ] && [ -f /etc/machine-id ] ||
	skip "no systemd-journald, or no /etc/machine-id for it"

# A journal of this test alone, with only our catalog beside it.
root=$dir/root
mkdir -p "$root/usr/lib/systemd/catalog" "$root/var/lib/systemd/catalog"
cp "$build/systemd/reflashd.catalog" "$root/usr/lib/systemd/catalog"
journalctl --root="$root" --update-catalog
mount --bind "$root/var/lib/systemd" /var/lib/systemd
echo 0123456789abcdef0123456789abcdef >"$dir/machine-id"
mount --bind "$dir/machine-id" /etc/machine-id
mount --bind /dev/null /dev/kmsg
$journald >"$dir/journald" 2>&1 &
# Its sockets are there before it listens on each of them; this it answers.
wait_for 'journalctl --sync 2>/dev/null'

drive journal.py
