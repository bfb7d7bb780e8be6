#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device that was upgraded once after a flash is flashed anew.

That it runs the upgrade counts no more from the moment at which it is told to
download, as the image that it gets is another one: its record says nothing of it.
"""
import json

import lan

IDENT = "1000cb0001"
DEVICES = "--device id=%s,chunk-ms=5,reboot-ms=200,fault=verdict-404*1" % IDENT
UPGRADED = "%s 14.6.0(release-tasmota)" % (64 * "a")


def read(path):
    with open(path) as f:
        return json.load(f)


def main(folder):
    daemon = lan.Daemon(folder)
    record = "%s/devices/%s.json" % (daemon.state, IDENT)
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size", "40960")
    daemon.policy("50-all", dict(Image="fw.bin", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for(IDENT, "failed", 60, "download-error")
        daemon.stop()
        content = read(record)
        content["upgraded_to"] = UPGRADED
        with open(record, "w") as f:
            json.dump(content, f)
        daemon.start()
        daemon.ctl("pause")
        daemon.ctl("retry", IDENT)
        daemon.wait_for(IDENT, "held", 20, "paused")
        lan.wait(lambda: read(record)["state"] == "held", 20, "it is saved")
        lan.expect(read(record)["upgraded_to"], UPGRADED, "held")
        daemon.ctl("resume")
        daemon.wait_for(IDENT, "flashed", 60)
        lan.wait(lambda: read(record)["state"] == "flashed", 20, "it is saved")
        lan.expect(read(record)["upgraded_to"] or "", "", "flashed")


lan.run(main, DEVICES)
