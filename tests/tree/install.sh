#!/usr/bin/env bash
# SPDX-License-Identifier: ISC
# All that make install puts there, make uninstall takes away: files, and folders
# that are ours alone; but not what a person has put or changed there.
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
bad=0

run_make()
{
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL -u MAKEOVERRIDES \
		make --no-print-directory DESTDIR="$work/root" "$@" \
		>>"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
}

# Nothing is, but below the folder $1.
nothing_left()
{
	find "$work/root" \( -type f -o -iname '*reflash*' \) \
		-not -path "$1*" -printf 'left behind: /%P\n' | grep . &&
		bad=1
}

run_make install
for path in sbin/reflashd bin/reflashctl bin/reflash-sim \
	libexec/reflashd/reflash-scan etc/reflashd/reflashd.conf \
	etc/reflashd/policy.d etc/reflashd/hooks.d lib/reflashd/policy.d \
	etc/reflashd/catalog.d reflashd/catalog.d/tasmota-lite.image \
	completions/reflashctl completions/reflashd completions/reflash-sim \
	site-functions/_reflashctl site-functions/_reflashd \
	site-functions/_reflash-sim vendor_completions.d/reflashctl.fish \
	vendor_completions.d/reflashd.fish vendor_completions.d/reflash-sim.fish \
	examples/observe-everything.policy man8/reflashd.8 catalog/reflashd.catalog \
	sbin/reflash-web etc/reflashd/web.conf man8/reflash-web.8 \
	man5/web.conf.5 completions/reflash-web examples/nginx.conf; do
	find "$work/root" -path "*/$path" | grep -q . ||
		{ echo "not installed: $path"; bad=1; }
done
if [ -e reflash-mqtt ]; then
	for path in sbin/reflash-mqtt etc/reflashd/mqtt.conf man8/reflash-mqtt.8 \
		man5/mqtt.conf.5 examples/mosquitto-house.acl; do
		find "$work/root" -path "*/$path" | grep -q . ||
			{ echo "not installed: $path"; bad=1; }
	done
fi
run_make uninstall
nothing_left none

run_make install
etc=$(find "$work/root" -type d -path '*/etc/reflashd')
touch "$etc/policy.d/50-mine.policy"
echo "# mine" >>"$etc/reflashd.conf"
run_make uninstall
[ -e "$etc/policy.d/50-mine.policy" ] && [ -e "$etc/reflashd.conf" ] ||
	{ echo "make uninstall takes what a person has made"; bad=1; }
nothing_left "$etc"
exit $bad
