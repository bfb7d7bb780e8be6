#!/bin/sh
# SPDX-License-Identifier: ISC
# Devices of all kinds are flashed in a storm of forged announcements, see
# storm.py.  STORM is for how many seconds it goes on at least, and makes it
# 50 devices instead of 12; make storm sets it.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
sim_options=$(python3 -B "$(dirname "$0")/storm.py" devices "${STORM:-0}")
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

# A liar on the same Ethernet as the daemon and the devices: the cable of this
# machine becomes one port of a bridge of that name, with the same MAC.
liar_up()
{
	ip netns add liar
	mac=$(cat /sys/class/net/eth0/address)
	at=$(ip -o -4 address show dev eth0 | awk '{ print $4 }')
	ip link set eth0 down
	ip link set eth0 name cable
	ip address flush dev cable
	ip link add eth0 address "$mac" type bridge mcast_snooping 0
	ip link add lies type veth peer name eth0 netns liar
	for port in cable lies; do
		ip link set $port master eth0
		ip link set $port up
	done
	ip address add "$at" dev eth0
	ip link set eth0 up
	ip route add default dev eth0
	ip route add 224.0.0.0/4 dev eth0
	# It answers no ARP: what it has is addresses to send from.
	ip -n liar link set eth0 arp off up
	ip -n liar route add 224.0.0.0/4 dev eth0
	wait_for 'ip link show eth0 | grep -q "state UP"'
}

liar_up 2>"$tmp/bridge" || skip "no bridge: $(cat "$tmp/bridge")"
drive storm.py "${STORM:-0}"
