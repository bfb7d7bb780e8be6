#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""What the kernel does not report of this machine's networks, or reports wrongly
once, is found all the same.

WRONG is flashed while the kernel denies once, without a reason, that there is a
route.  SILENT is flashed by a daemon that the kernel tells no changes, and WAITS
waits for a person meanwhile.
"""
import errno
import os
import time

import lan

EACH = "reboot-ms=200"
DEVICES = f"""
    --device id=1000cd0001,{EACH},chunk-ms=50
    --device id=1000cd0002,{EACH},chunk-ms=50
    --device id=1000cd0003,{EACH},chunk-ms=1
"""
WRONG, SILENT, WAITS = ["1000cd000%d" % n for n in range(1, 4)]
NET = "192.168.77.0/24"
OUT = "network: this machine cannot reach " + NET
BACK = "network: this machine can reach %s again" % NET


def await_line(daemon, text, count):
    """Until the daemon has said so that many times."""
    lan.wait(lambda: len(daemon.logged(text)) >= count, 20,
             "%s (%d times)" % (text, count))


def cpu_seconds(daemon):
    with open("/proc/%d/stat" % daemon.process.pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wrong_once(daemon, deny):
    """The one message of the kernel comes while it denies the route."""
    daemon.ctl("approve", WRONG)
    daemon.wait_for(WRONG, "downloading", 30)
    deny[lan.DENY_ROUTE] = errno.ENETUNREACH
    lan.ip("address", "add", "10.99.0.1/24", "dev", "lo")
    await_line(daemon, OUT, 1)
    deny[lan.DENY_ROUTE] = 0
    await_line(daemon, BACK, 1)
    device = daemon.wait_for(WRONG, "flashed", 120)
    lan.expect(device["attempt"], 1, "attempts")
    lan.expect(len(daemon.logged(OUT)), 1, "outages")


def is_idle(daemon):
    """It must not ask again and again for what it is not told."""
    until = time.monotonic() + 3
    before = cpu_seconds(daemon)
    lan.wait(lambda: time.monotonic() > until, 20, "three seconds")
    used = cpu_seconds(daemon) - before
    print("without changes from the kernel: %.2f s of CPU time in 3 s" % used)
    lan.expect(used < 0.3, True, "it is idle, with %.2f s" % used)


def never_told(daemon):
    """With a device at work, and with none."""
    daemon.wait_for(SILENT, "held", 30, "approval")
    is_idle(daemon)
    said = len(daemon.logged(OUT))
    daemon.ctl("approve", SILENT)
    daemon.wait_for(SILENT, "downloading", 30)
    for which in range(2):
        lan.sim("cable", "out")
        await_line(daemon, OUT, said + which + 1)
        if which == 1:
            daemon.wait_for(WAITS, "held", 20, "network")
        lan.sim("cable", "in")
        await_line(daemon, BACK, said + which + 1)
        device = daemon.wait_for(SILENT, "flashed", 120)
        lan.expect(device["attempt"], 1, "attempts")
    daemon.wait_for(WAITS, "held", 20, "approval")


def told_again(deny):
    """It asks until it is told."""
    lan.expect(listens(), False, "it is told of changes")
    deny[lan.DENY_CHANGES] = 0
    lan.wait(listens, 20, "it is told of changes")


def listens():
    """Whether anybody in this namespace is told of changes of its network."""
    with open("/proc/net/netlink") as f:
        rows = [line.split() for line in list(f)[1:]]
    return any(row[1] == "0" and int(row[3], 16) != 0 for row in rows)


def main(folder):
    deny = lan.Denials(folder + "/denials")
    daemon = lan.Daemon(folder, limits=dict(GoneSec=2),
                        discovery=dict(Backend="none", RequerySec=1, Device=[
                            " ".join(one) for one in lan.sim_devices()]))
    daemon.env = deny.env()
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "122880",
                   "--payload", "tasmota-lite")
    daemon.policy("10-all", dict(Image="fw.bin", Action="ask", Attempts=2))
    with lan.stopped_at_end(daemon):
        daemon.start("-D", "device")
        daemon.wait_for_all({"held"}, 30)
        wrong_once(daemon, deny)
        daemon.stop()
        deny[lan.DENY_CHANGES] = errno.ENOBUFS
        daemon.start("-D", "device")
        never_told(daemon)
        told_again(deny)
        told = lan.report(folder + "/report")
        lan.expect([told[i]["breaches"] for i in (WRONG, SILENT)], [[], []],
                   "breaches")


lan.run(main, DEVICES)
