#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The machine was just switched on, and systemd-timesyncd has not set its clock.

A machine without a clock of its own shows the time of its last shutdown until then.
TIMED may only go in a window that is open all day, so nothing but that holds it up;
FREE does not care what time it is.
"""
import os
import struct
import time

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000c70001,{EACH}
    --device id=1000c70002,{EACH}
"""
TIMED, FREE = "1000c70001", "1000c70002"
TIMESYNC = "/run/systemd/timesync"  # /run is that of the test
UP_SEC = 60


def switched_on(path):
    """What the daemon sees of its clocks: the machine is up for a minute."""
    up = time.clock_gettime(time.CLOCK_BOOTTIME)
    with open(path, "wb") as f:
        f.write(struct.pack("<qq", int(min(UP_SEC - up, 0)), 0))
    return dict(LD_PRELOAD=lan.BUILD + "/sleep_shim.so", SLEEP_SHIM=path,
                ASAN_OPTIONS="verify_asan_link_order=0")


def main(folder):
    daemon = lan.Daemon(folder)
    daemon.env = switched_on(folder + "/clock")
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "81920",
                   "--payload", "tasmota-lite")
    daemon.policy("10-timed", dict(Image="fw.bin", Window="00:00-24:00"),
                  match=dict(DeviceId=TIMED))
    daemon.policy("20-free", dict(Image="fw.bin"), match=dict(DeviceId=FREE))
    os.makedirs(TIMESYNC)
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for(FREE, "flashed", 60)
        device = daemon.wait_for(TIMED, "held", 10, "window")
        print(device["detail"])
        lan.expect("is not set from the network yet" in device["detail"], True,
                   "why it waits")
        open(TIMESYNC + "/synchronized", "w").close()
        daemon.wait_for(TIMED, "flashed", 90)


lan.run(main, DEVICES)
