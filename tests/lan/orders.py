#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""An order that reflashctl has confirmed outlives a death of the daemon right
after the answer.

None of these devices has been told anything by then: all that a restart has is
the word of a person.
"""
import os

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000e00001,{EACH}
    --device id=1000e00002,{EACH}
    --device id=1000e00003,{EACH},fault=verdict-410
    --device id=1000e00004,{EACH}
    --device id=1000e00005,{EACH}
    --device id=1000e00006,{EACH}
    --device id=1000e00007,{EACH}
    --device id=1000e00008,{EACH},fault=verdict-410
"""
APPROVED, ORDERED, RETRIED, AGAIN, PAUSED, FRESH, WAITS, FAILS = (
    "1000e0000%d" % n for n in range(1, 9))
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
    lan.expect("approved, but paused; to continue: reflashctl resume" in said, True, said)
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


# What is said to whom, the exit code, and what the answer says.
ANSWERS = [
    # a file that there is not, or that is no image, is no image it had
    ("flash", APPROVED, "--image", "none.bin", 3, "image-missing"),
    ("flash", APPROVED, "--image", "junk.bin", 1, "image-invalid"),
    ("flash", FAILS, "--image", "none.bin", 3, "image-missing"),
    ("flash", FAILS, "--image", "junk.bin", 1, "image-invalid"),
    ("flash", FAILS, "--image", "none.bin", "--again", 3, "image-missing"),
    ("flash", FRESH, "--image", "none.bin", 3, "image-missing"),
    ("flash", WAITS, "--image", "junk.bin", 1, "image-invalid"),
    # one that it had, the last time or before
    ("flash", APPROVED, "--image", "fw.bin", 2, "has had this image already"),
    ("flash", APPROVED, 2, "to do it once more, add --again"),
    ("flash", AGAIN, "--image", "fw.bin", 2, "tried on it before; to do it once more, add --again"),
    ("flash", FAILS, "--image", "fw.bin", 2, "it failed with this image"),
    ("flash", FAILS, 2, "it failed with this image"),
    ("flash", FRESH, 1, "no policy names an image for it"),
    ("retry", FRESH, 2, "nothing has been tried on it"),
    ("retry", WAITS, 2, "it has not failed; waiting for your approval: "
     "reflashctl approve " + WAITS),
    ("retry", APPROVED, 2, "it has not failed; it has been flashed"),
    ("approve", FRESH, 2, "no policy asks whether to flash it"),
    ("approve", APPROVED, 2, "it has taken its image already"),
    ("approve", FAILS, 2, "it has failed"),
    ("cancel", APPROVED, 2, "it has taken its image already"),
    # other words change what it says
    ("pause", 0, "paused"),
    ("flash", WAITS, 0, "to be flashed, but paused; to continue: reflashctl resume"),
    ("flash", WAITS, 2, "it is ordered already"),
    ("approve", WAITS, 2, "it needs no approval"),
    ("flash", WAITS, "--image", "named.bin", 0, "to be flashed, but paused"),
    ("cancel", WAITS, 0, "cancelled"),
    ("cancel", WAITS, 2, "it is cancelled already"),
    ("approve", WAITS, 2, "it is cancelled"),
    ("flash", FAILS, "--image", "named.bin", 0, "to be flashed, but paused"),
    ("cancel", FAILS, 0, "cancelled"),
    ("resume", 0, "resumed"),
    # and one that it never had is taken, once it is there
    ("flash", APPROVED, "--image", "named.bin", 0, "to be flashed"),
]


def answers(daemon):
    """Each is answered by what is true of the device and the image."""
    daemon.wait_for(FAILS, "failed", 30)
    daemon.wait_for(WAITS, "held", 20, "approval")
    plan, = daemon.ctl_json("plan", APPROVED)["plan"]
    lan.expect((plan["action"], plan["policy"], plan["detail"].split(":")[0]),
               ("flashed", "10-ask", "flashed with fw.bin by policy 10-ask, "
                "nothing is flashed any more"), "plan of what is done")
    for *words, code, answer in ANSWERS:
        said = daemon.ctl(*words, code=code)
        lan.expect(answer in said, True, "%s: %r" % (" ".join(words), said))


def main(folder):
    daemon = lan.Daemon(folder, limits=LIMITS)
    image = os.path.join(folder, "own.bin")
    lan.make_image(image, "valid", "--size", "81920")
    lan.make_image(daemon.images + "/fw.bin", "small")
    # Named as in a policy: below ImageDirectory.
    lan.make_image(daemon.images + "/named.bin", "valid", "--size", "86016")
    daemon.policy("10-ask", dict(Action="ask", Image="fw.bin"),
                  match=dict(DeviceId=APPROVED + " " + WAITS,
                             Firmware="<3.9"))
    daemon.policy("20-flash", dict(Image="fw.bin", Attempts=1),
                  match=dict(DeviceId="%s %s %s" % (RETRIED, AGAIN, FAILS)))
    with open(daemon.images + "/junk.bin", "w") as f:
        f.write("no image")
    with lan.stopped_at_end(daemon):
        daemon.start()
        approve(daemon)
        order(daemon, "named.bin")
        retry(daemon)
        again(daemon, image)
        paused(daemon, image)
        seen = lan.report(folder + "/report")
        lan.expect({i: d["flash_told"] for i, d in seen.items()},
                   {APPROVED: 1, ORDERED: 1, RETRIED: 2, AGAIN: 2, PAUSED: 1,
                    FRESH: 0, WAITS: 0, FAILS: 1}, "times told to download")
        answers(daemon)


lan.run(main, DEVICES)
