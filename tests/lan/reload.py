#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A reload in the middle of two downloads takes away all that they began by:
their limits, their network, their policies, and that nobody else may fetch
their image; and disturbs neither.

Each ends as it would have.  The third device has not begun, and is not begun
before another reload.
"""
import os
import re
import urllib.error
import urllib.request

import lan

EACH = "chunk-ms=400,reboot-ms=200,join-ms=200,restart-ms=200"
DEVICES = f"""
    --device id=1000c00001,{EACH},after=tasmota
    --device id=1000c00002,{EACH}
    --device id=1000c00003,{EACH}
"""
FINISHED, PLAIN, LATE = ("1000c0000%d" % n for n in range(1, 4))
SIZE = 81920        # 8 s at the pace of these devices
ELSEWHERE = "10.255.0.0/16"


def has_begun(daemon, ident):
    device = daemon.device(ident)
    return device["state"] == "downloading" and device["progress"]["bytes"] > 0


def reload(daemon):
    """Less time than they need, and no leave to speak to any of them."""
    os.unlink(os.path.join(daemon.policies, "10-finished.policy"))
    daemon.policy("30-late", dict(Image="fw.bin"), match=dict(DeviceId=LATE))
    daemon.write_conf(
        dict(StallSec=1, FlashTimeoutSec=5, LeaveTimeoutSec=1),
        dict(CheckSource="no"),
        dict(Backend="none", RequerySec=2, AllowNetworks=ELSEWHERE,
             Device=[" ".join(device) for device in lan.sim_devices()]))
    daemon.ctl("reload")


def fetch(daemon, ident):
    """The status that who is not the device gets for its image."""
    line, = daemon.logged(ident + ".*told to download http")
    try:
        with urllib.request.urlopen(
                re.search(r"http:\S+", line)[0], timeout=10) as reply:
            return reply.status
    except urllib.error.HTTPError as error:
        return error.code


def tell_to_listen_elsewhere(daemon):
    """Which is for the next start: devices are told where it listens now."""
    daemon.write_conf({}, dict(Listen="192.168.77.250"), dict(
        Backend="none", RequerySec=2,
        Device=[" ".join(device) for device in lan.sim_devices()]))
    daemon.ctl("reload")
    lan.expect(len(daemon.logged("Listen=192.168.77.250 takes effect after: "
                                 "systemctl restart reflashd")), 1,
               "what the log says of it")
    daemon.wait_for(LATE, "flashed", 60)


def check(folder, sha):
    seen = lan.report(os.path.join(folder, "report"))
    for ident in FINISHED, PLAIN:
        lan.expect((seen[ident]["flash_told"], seen[ident]["booted_sha256"],
                    seen[ident]["breaches"]), (1, sha, []), ident)
    lan.expect(seen[FINISHED]["tasmota"]["settings"].get("DeviceName"),
               "Hall", "the name that its policy gives it")
    lan.expect(seen[LATE]["flash_told"], 0, "told to download")


def main(folder):
    daemon = lan.Daemon(folder)
    sha = lan.make_image(daemon.images + "/fw.bin", "valid", "--size",
                         str(SIZE), "--payload", "tasmota-lite")
    daemon.policy("10-finished", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId=FINISHED), verify=dict(Expect="tasmota"),
                  finish=dict(Command="DeviceName Hall"))
    daemon.policy("20-plain", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId=PLAIN))
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: has_begun(daemon, FINISHED) and
                 has_begun(daemon, PLAIN), 30, "both fetch")
        reload(daemon)
        daemon.wait_for(LATE, "refused", 20, "address-not-allowed")
        for ident in FINISHED, PLAIN:
            lan.expect(fetch(daemon, ident), 404, "what another gets")
        for ident, state in (PLAIN, "flashed"), (FINISHED, "verified"):
            device = daemon.wait_for(ident, state, 90)
            print("%s: %s: %s" % (ident, state, device["detail"]))
        check(folder, sha)
        tell_to_listen_elsewhere(daemon)


lan.run(main, DEVICES)
