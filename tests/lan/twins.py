#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Neither of two devices, configured by address, that claim one id is flashed,
and both are named.
"""

import lan

DEVICES = """
    --device id=1000a00001
    --device id=1000a00001
"""


def main(folder):
    (first, ident), (second, _) = lan.sim_devices()
    daemon = lan.Daemon(folder, discovery=dict(
        Backend="none", RequerySec=2, Device=[first, second]))
    lan.make_image(daemon.images + "/first.bin", "small")
    daemon.policy("10-all", dict(Image="first.bin", Action="ask"))
    with lan.stopped_at_end(daemon):
        daemon.start()
        device = daemon.wait_for(ident, "refused", 30, "wrong-device")
        both = sorted((first, second), key=device["address"].__ne__)
        lan.expect(device["detail"], "both %s and %s say that they are %s" % (
            *both, ident), "two claimants")


lan.run(main, DEVICES)
