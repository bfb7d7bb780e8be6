# SPDX-License-Identifier: ISC
# avahilib -- a D-Bus and an avahi-daemon of the test's own.

DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket
export DBUS_SYSTEM_BUS_ADDRESS

cat >"$dir/bus.conf" <<EOF
<busconfig>
 <type>system</type>
 <listen>$DBUS_SYSTEM_BUS_ADDRESS</listen>
 <auth>EXTERNAL</auth>
 <policy context="default">
  <allow own="*"/>
  <allow send_destination="*" eavesdrop="true"/>
  <allow receive_sender="*"/>
 </policy>
</busconfig>
EOF

cat >"$dir/avahi.conf" <<EOF
[server]
use-ipv4=yes
use-ipv6=no
[publish]
publish-hinfo=no
publish-workstation=no
publish-addresses=no
[rlimits]
EOF

# avahi-daemon gives its folder to its user, whom this namespace does not know.
for file in passwd group; do
	sed -E 's/^(avahi:[^:]*):[0-9]+(:[0-9]+)?/\1:0\2/;
		s/^(avahi:[^:]*:0):[0-9]+/\1:0/' /etc/$file >"$dir/.$file"
	mount --bind "$dir/.$file" /etc/$file
done

start_dbus()
{
	mkdir -p /run/dbus
	rm -f /run/dbus/system_bus_socket
	dbus-daemon --config-file="$dir/bus.conf" --nofork \
		>"$dir/dbus.log" 2>&1 &
	dbus_pid=$!
	wait_for '[ -S /run/dbus/system_bus_socket ]'
}

start_avahi()
{
	mkdir -p /run/avahi-daemon
	rm -f /run/avahi-daemon/*
	avahi-daemon -f "$dir/avahi.conf" --no-drop-root --no-chroot \
		--no-rlimits >"$dir/avahi.log" 2>&1 &
	avahi_pid=$!
	wait_for 'grep -q "Server startup complete" "$dir/avahi.log"'
}
