#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The daemon does not get to run while a device gives up its download.

The report of the device waits in the socket meanwhile.  That attempt does not
count, and the next one flashes the device.  After SIGCONT the kernel ends the wait
for events first, so that timers come before the report; the world
(tests/world/cases/gives_up_in_a_freeze.script) has the other order, that of a
machine which is too busy.
"""
import signal
import time

import lan

IDENT = "1000ce0001"
CHUNKS, CHUNK_SEC = 8, 3  # it gives up when it has read half of them
STOP_SEC = 9
DEVICES = ("--device id=%s,chunk-ms=%d,reboot-ms=200,fw=3.6.0,"
           "fault=abort-half*1" % (IDENT, CHUNK_SEC * 1000))


def has_reported(folder):
    return lan.report(folder + "/report")[IDENT].get("verdict") == 404


def main(folder):
    daemon = lan.Daemon(folder, limits=dict(BackoffSec=2, FlashTimeoutSec=60))
    lan.make_image(daemon.images + "/fw.bin", "valid", "--size",
                   str(CHUNKS * 4096))
    daemon.policy("50-all", dict(Image="fw.bin", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: ((daemon.device(IDENT) or {}).get("progress") or {})
                 .get("percent", 0) >= 50, 60, "it fetches")
        daemon.process.send_signal(signal.SIGSTOP)
        until = time.monotonic() + STOP_SEC
        lan.expect(has_reported(folder), False, "it has given up already")
        lan.wait(lambda: has_reported(folder), 30, "it gives up")
        lan.wait(lambda: time.monotonic() > until, STOP_SEC + 10, "that time")
        daemon.process.send_signal(signal.SIGCONT)
        device = daemon.wait_for(IDENT, "held", 20, "backoff")
        print(device["detail"])
        lan.expect("reflashd did not get to run for" in device["detail"], True,
                   device["detail"])
        lan.expect(device["attempt"], 0, "attempts of it")
        daemon.wait_for(IDENT, "flashed", 180)


lan.run(main, DEVICES)
