#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The daemon dies in the middle of a download, and this machine has another
address when it starts again, or has been off.

The record knows which address the device was told, and in which boot.  So the
attempt does not count, and nothing advises to look at the device.
"""
import json
import os
import re

import lan
import lease

DEVICES = """
    --device id=1000cf0001,chunk-ms=150,reboot-ms=200,fw=3.6.0
    --device id=1000cf0002,chunk-ms=150,reboot-ms=200,fw=3.6.0
"""
MOVED, OFF = "1000cf0001", "1000cf0002"


def percent(daemon, ident):
    device = daemon.device(ident) or {}
    return (device.get("progress") or {}).get("percent", 0)


def die_in_download(daemon, ident):
    daemon.policy("50-all", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId=ident))
    daemon.start()
    lan.wait(lambda: percent(daemon, ident) >= 20, 30, "it fetches")
    daemon.kill()


def expect_excused(daemon, ident, why):
    device = daemon.wait_for(ident, "held", 60, "backoff")
    print(device["detail"])
    print(device["advice"])
    lan.expect(why in device["detail"], True, device["detail"])
    lan.expect(device["attempt"], 0, "attempts of it")
    lan.expect("not to blame" in device["advice"] and
               "Wi-Fi" not in device["advice"], True, device["advice"])


def end_well(daemon, ident):
    """Its power is switched off and on, so that it need not give up first."""
    lan.sim("leave", ident)
    lan.sim("set", ident, "chunk-ms=1")
    lan.sim("come", ident)
    device = daemon.wait_for(ident, "flashed", 120)
    lan.expect(device["attempt"], 1, "attempts that count")


def moved(daemon):
    die_in_download(daemon, MOVED)
    lease.renew()
    daemon.start()
    expect_excused(daemon, MOVED, "this machine lost its address %s, from which the "
                   "device downloads" % lease.OLD)
    daemon.kill()
    daemon.start()
    expect_excused(daemon, MOVED, "this machine lost its address " + lease.OLD)
    end_well(daemon, MOVED)
    told = [re.search(r"http://([0-9.]+)", line)[1]
            for line in daemon.logged("told to download http")]
    lan.expect(told, [lease.OLD, lease.NEW], "addresses that it was told")
    daemon.stop()


def off(daemon):
    """Nothing but the record tells one boot of this machine from another."""
    die_in_download(daemon, OFF)
    path = os.path.join(daemon.state, "devices", OFF + ".json")
    with open(path) as f:
        record = json.load(f)
    record["clock"]["boot"] = "12345678-1234-1234-1234-123456789abc"
    with open(path, "w") as f:
        json.dump(record, f)
    lan.sim("leave", OFF)
    lan.sim("come", OFF)
    daemon.start()
    expect_excused(daemon, OFF, "this machine was switched off or restarted")
    end_well(daemon, OFF)


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(StallSec=6, BackoffSec=2,
                                            FlashTimeoutSec=30))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920")
    with lan.stopped_at_end(daemon):
        moved(daemon)
        off(daemon)


lan.run(main, DEVICES)
