#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A firewall lets nothing in: each port is suspected where the signs fit, with a
command that opens it, and not where they do not.
"""
import re
import subprocess

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000f10000,{EACH}
    --device id=1000f10001,{EACH}
"""
FIRST, SECOND = "1000f10000", "1000f10001"
RULES = """
table inet filter {
    chain input {
        type filter hook input priority 0; policy drop;
        iif lo accept
        ct state established,related accept
        ip protocol icmp accept
    }
}
"""


def nft(*words, **more):
    subprocess.run(["nft", *words], check=True, universal_newlines=True, **more)


def said(daemon, pattern):
    """The one line that says so."""
    found = lan.wait(lambda: daemon.logged(pattern), 30, pattern)
    lan.expect(len(found), 1, "lines that say: " + pattern)
    return found[0]


def obey(line):
    """Type what it says of nftables."""
    command = re.search(r"with nftables: (nft [^;.]*accept)", line).group(1)
    print(command)
    nft(*command.split()[1:])


def problems(daemon, word):
    return [p for p in daemon.ctl_json("status")["problems"]
            if p.startswith(word)]


def announcements(daemon):
    """Nobody is heard."""
    line = said(daemon, "drop UDP port 5353")
    print(line)
    lan.expect(daemon.devices(), {}, "devices")
    lan.expect(len(problems(daemon, "discovery")), 1, "problems of status")
    obey(line)
    daemon.wait_for(FIRST, "held", 30, "approval")
    lan.expect(problems(daemon, "discovery"), [], "problems of status")
    daemon.wait_for(SECOND, "held", 30, "approval")


def fetches(daemon):
    """One accepts, and cannot come."""
    daemon.ctl("approve", FIRST)
    device = daemon.wait_for(FIRST, "failed", 60, "never-fetched")
    lan.expect(device["detail"],
               "nothing came from it in 3 s after it accepted; it still "
               "answers; no device has connected to TCP port 8266 yet, "
               "so the firewall of this machine may be in the way", "detail")
    line = said(daemon, "in the way. To let devices in")
    print(line)
    lan.expect(len(problems(daemon, "firewall")), 1, "problems of status")
    for what in "leave", "come":  # it would ask for that URL once more
        lan.sim(what, FIRST)
    obey(line)
    daemon.ctl("retry", FIRST)
    daemon.wait_for(FIRST, "flashed", 60)
    lan.expect(problems(daemon, "firewall"), [], "problems of status")


def other_network(daemon):
    """One came, so it is not the firewall that keeps another away."""
    lan.sim("set", SECOND, "fault=never-fetch")
    daemon.ctl("approve", SECOND)
    device = daemon.wait_for(SECOND, "failed", 60, "never-fetched")
    lan.expect(device["detail"].split("; ")[2],
               "others do connect to TCP port 8266, so the network of "
               "this device may be in the way", "detail")
    lan.expect(problems(daemon, "firewall"), [], "problems of status")
    said(daemon, "in the way. To let devices in")


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(FirstFetchSec=3, GoneSec=1),
                        discovery=dict(Backend="embedded", RequerySec=1))
    lan.make_image(daemon.images + "/first.bin")
    daemon.policy("50-all", dict(Action="ask", Image="first.bin", Attempts=1))
    nft("-f", "-", input=RULES)
    with lan.stopped_at_end(daemon):
        daemon.start()
        announcements(daemon)
        fetches(daemon)
        other_network(daemon)


lan.need_program("nft")
lan.run(main, DEVICES)
