#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""This machine gets another address in the middle of a download.

The device goes on asking the old address, which is no fault of its own: its
attempt does not count, and the next one names the new address.  The device is
left alone until it cannot be trying any more: reflash-sim counts it as a breach
to be told again before.
"""
import re

import lan

DEVICES = "--device id=1000cf0001,chunk-ms=150,reboot-ms=200,fw=3.6.0"
IDENT = "1000cf0001"
OLD, NEW = "192.168.77.1", "192.168.77.200"


def renew():
    """As a DHCP client does: there is an address all the time."""
    lan.ip("address", "add", NEW + "/32", "dev", "eth0")
    lan.ip("address", "del", OLD + "/24", "dev", "eth0")
    lan.ip("address", "change", NEW + "/32", "dev", "eth0")
    lan.ip("address", "add", NEW + "/24", "dev", "eth0")
    lan.ip("address", "del", NEW + "/32", "dev", "eth0")


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(StallSec=6, BackoffSec=2,
                                            FlashTimeoutSec=90))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920")
    daemon.policy("50-all", dict(Image="fw.bin", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: ((daemon.device(IDENT) or {}).get("progress") or {})
                 .get("percent", 0) >= 20, 30, "it fetches")
        renew()
        device = daemon.wait_for(IDENT, "held", 90, "backoff")
        print(device["detail"])
        lan.expect("this machine lost its address %s, from which the "
                   "device downloads" % OLD in device["detail"], True,
                   device["detail"])
        lan.expect(device["attempt"], 0, "attempts of it")
        print(device["advice"])
        lan.expect("not to blame" in device["advice"] and
                   "Wi-Fi" not in device["advice"], True, device["advice"])
        lan.expect(len(daemon.logged("lost its address " + re.escape(OLD) +
                                     ".*the attempt does not count")), 1,
                   "lines that say so")
        daemon.wait_for(IDENT, "flashed", 180)
        told = [re.search(r"http://([0-9.]+)", line)[1]
                for line in daemon.logged("told to download http")]
        lan.expect(told, [OLD, NEW], "addresses that it was told")
        lan.expect(daemon.device(IDENT)["attempt"], 1, "attempts that count")


if __name__ == "__main__":
    lan.run(main, DEVICES)
