#!/bin/sh
# SPDX-License-Identifier: ISC
# A whole LAN gone bad at once, while one device is flashed.
# shellcheck disable=SC2034 # sim_options is for simlan.sh
each=chunk-ms=60,reboot-ms=500
sim_options="--device id=1000a00001,$each --device id=1000a00002,$each
    --device id=1000e00001,fault=endless-body
    --device id=1000e00002,fault=endless-100
    --device id=1000e00003"
# shellcheck source=tests/lan/simlan.sh
. "$(dirname "$0")/simlan.sh"

# The attackers are on a net of their own, which is allowed like the other.
ip netns add evil
ip link add eth1 type veth peer name eth0 netns evil
ip address add 10.66.0.1/24 dev eth1
ip link set eth1 up
ip -n evil link set lo up
ip -n evil link set eth0 up
ip -n evil route add 224.0.0.0/4 dev eth0
n=2
while [ $n -le 201 ]; do
	echo "address add 10.66.0.$n/24 dev eth0"
	n=$((n + 1))
done | ip -n evil -batch -
drive attack.py
