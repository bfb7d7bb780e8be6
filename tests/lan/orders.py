# SPDX-License-Identifier: ISC
"""What reflashctl was answered outlives a death right behind the answer:
orders.py FOLDER.

None of these devices has been told anything by then: all that a restart has is
the word of a person.
"""
import os
import sys

import lan

APPROVED, ORDERED, RETRIED, AGAIN, PAUSED = (
    "1000e0000%d" % n for n in range(1, 6))
LIMITS = dict(MaxParallel=20, GoneSec=1, VerdictSec=3, LeaveTimeoutSec=5,
              FirstFetchSec=5)


def say_and_die(daemon, *words):
    """The order, a kill at once, and a new start; what was said."""
    said = daemon.ctl(*words)
    daemon.kill()
    daemon.start()
    return said


def flashed(daemon, ident):
    daemon.wait_for(ident, "flashed", 30)
    print("%s: %s" % (ident, ", ".join(
        e["state"] for e in daemon.history() if e["device"] == ident)))


def approve(daemon):
    daemon.wait_for(APPROVED, "held", 20, "approval")
    daemon.ctl("pause")
    said = say_and_die(daemon, "approve", APPROVED)
    lan.expect("approved, but waits for: reflashctl resume" in said, True, said)
    daemon.ctl("resume")
    flashed(daemon, APPROVED)


def order(daemon, image):
    daemon.wait_for(ORDERED, "seen", 20)
    lan.expect(daemon.ask("flash", id=ORDERED, image=image + " ")[1]["code"],
               "EINVAL", "a name that would be read as another")
    daemon.ctl("pause")
    say_and_die(daemon, "flash", ORDERED, "--image", image)
    daemon.wait_for(ORDERED, "held", 20, "paused")
    lan.expect(daemon.ask("flash", id=ORDERED, image="none.bin")[1]["code"],
               "ENOENT", "one more, that is refused")
    daemon.ctl("resume")
    flashed(daemon, ORDERED)


def retry(daemon):
    daemon.wait_for(RETRIED, "failed", 30)
    # While it is asked who it is, which takes its time: it stays failed.
    lan.sim("set", RETRIED, "fault=no-answer")
    daemon.stop()
    daemon.start()
    say_and_die(daemon, "retry", RETRIED)
    lan.sim("set", RETRIED, "fault=none")
    flashed(daemon, RETRIED)


def again(daemon, image):
    flashed(daemon, AGAIN)
    say_and_die(daemon, "flash", AGAIN, "--again", "--image", image)
    daemon.wait_for(AGAIN, "held", 20, "absent")
    lan.sim("come", AGAIN)
    flashed(daemon, AGAIN)


def paused(daemon, image):
    daemon.wait_for(PAUSED, "seen", 20)
    daemon.ctl("pause")
    say_and_die(daemon, "flash", PAUSED, "--image", image)
    daemon.wait_for(PAUSED, "held", 20, "paused")
    daemon.ctl("resume")
    flashed(daemon, PAUSED)


def main(folder):
    daemon = lan.Daemon(folder, limits=LIMITS)
    image = os.path.join(folder, "own.bin")
    lan.make_image(image, "valid", "--size", "81920")
    lan.make_image(daemon.images + "/fw.bin", "small")
    # Named as in a policy: below ImageDirectory.
    lan.make_image(daemon.images + "/named.bin", "valid", "--size", "86016")
    daemon.policy("10-ask", dict(Action="ask", Image="fw.bin"),
                  match=dict(DeviceId=APPROVED))
    daemon.policy("20-flash", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId="%s %s" % (RETRIED, AGAIN)))
    with lan.stopped_at_end(daemon):
        daemon.start()
        approve(daemon)
        order(daemon, "named.bin")
        retry(daemon)
        again(daemon, image)
        paused(daemon, image)
        seen = lan.report(folder + "/report")
        lan.expect({i: d["flash_told"] for i, d in seen.items()},
                   {APPROVED: 1, ORDERED: 1, RETRIED: 2, AGAIN: 2, PAUSED: 1},
                   "times told to fetch")


main(sys.argv[1])
