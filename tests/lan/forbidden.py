#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A firewall of this machine forbids it to connect to devices.

Where that can be told it costs no attempt, and is said.  RESET cannot be told
from a device that refuses, nor is a device that is AWAY a matter of firewalls.
"""
import subprocess

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000cf0001,{EACH}
    --device id=1000cf0002,{EACH}
    --device id=1000cf0003,{EACH}
    --device id=1000cf0004,{EACH}
    --device id=1000cf0005,{EACH}
"""
DROPPED, REJECTED, PROHIBITED, RESET, AWAY = ["1000cf000%d" % n
                                              for n in range(1, 6)]
RULES = """
table inet filter {
    chain output {
        type filter hook output priority 0; policy accept;
        ip daddr %s tcp dport 8081 %s
    }
}
"""
OURS = [
    (DROPPED, "drop", "the firewall of this machine drops what is sent to it"),
    (REJECTED, "reject",
     "the firewall of this machine rejects connections to it"),
    (PROHIBITED, "reject with icmp type admin-prohibited",
     "the firewall of this machine rejects connections to it"),
]


def nft(*words, **more):
    subprocess.run(["nft", *words], check=True, universal_newlines=True, **more)


def forbid(ident, verdict):
    address, = [address for address, one in lan.sim_devices() if one == ident]
    nft("-f", "-", input=RULES % (address.split(":")[0], verdict))


def ours(daemon, ident, verdict, why):
    daemon.wait_for(ident, "held", 30, "approval")
    forbid(ident, verdict)
    daemon.ctl("approve", ident)
    said = lan.wait(lambda: daemon.logged(
        "%s .*this attempt is not counted: not-offered" % ident), 30,
        "%s: not counted" % verdict)[0]
    print(said)
    lan.expect(why in said, True, "%s: %s" % (verdict, said))
    nft("flush", "ruleset")
    device = daemon.wait_for(ident, "flashed", 60)
    lan.expect(device["attempt"], 1, "attempts of " + ident)


def theirs(daemon, ident, reason):
    device = daemon.wait_for(ident, "failed", 60)
    lan.expect((device["reason"], device["attempt"]), (reason, 1), ident)
    lan.expect("firewall of this" in device["detail"], False, device["detail"])


def gone(daemon, ident):
    """Its job has failed, or it was seen to be absent before that began."""
    def missed():
        device = daemon.device(ident)
        held = (device["state"], device["reason"]) == ("held", "absent")
        return device if held or device["state"] == "failed" else None

    device = lan.wait(missed, 90, ident + " is missed")
    if device["state"] == "failed":
        lan.expect(device["reason"], "no-answer", ident)
    lan.expect("firewall of this" in device["detail"], False, device["detail"])


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(ProbeTimeoutSec=5, GoneSec=2))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    daemon.policy("10-all", dict(Image="fw.bin", Action="ask", Attempts=1),
                  rollout=dict(StopAfterFailures=0))
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        for one in OURS:
            ours(daemon, *one)
        daemon.wait_for(RESET, "held", 30, "approval")
        forbid(RESET, "reject with tcp reset")
        daemon.ctl("approve", RESET)
        theirs(daemon, RESET, "no-answer")
        nft("flush", "ruleset")
        daemon.wait_for(AWAY, "held", 30, "approval")
        lan.sim("leave", AWAY)
        daemon.ctl("approve", AWAY)
        gone(daemon, AWAY)


lan.need_program("nft")
lan.run(main, DEVICES)
