#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Five hundred devices: all is on the broker within seconds of the connection, no
message is sent that need not be, and the daemon does not even notice.

    many.py [DEVICES]
"""
import os
import sys
import time

import mqtt
import lan

sys.path.insert(0, os.path.join(lan.HERE, "..", "ctl"))
import fake  # noqa: E402

WITHIN = 5  # seconds
SILENT = 3
ROUNDS, ROUND_SEC = 5, 2
MORE_MS = 20  # by which a pause may be longer


class Pretender:
    """As lan.Daemon, as far as mqtt.Bridge needs it."""

    def __init__(self, control):
        self.control = control


def longest_pause(daemon, ident, begin):
    """The longest time in ms that the daemon took to answer, while that begins;
    of some rounds the best, as anything else on the machine makes pauses, too.
    """
    longest = []
    for _ in range(ROUNDS):
        begin()
        took, end = [], time.monotonic() + ROUND_SEC
        while time.monotonic() < end:
            begun = time.monotonic()
            daemon.ask("show", id=ident)
            took.append((time.monotonic() - begun) * 1000)
        longest.append(max(took))
    return min(longest)


def complete(folder, count):
    """With a daemon that has so many devices, and nothing else."""
    control = os.path.join(folder, "many.sock")
    broker = mqtt.Broker(folder, "many", lines=[
        "allow_anonymous true", "max_queued_messages 10000"]).start()
    # Four of each kind of message: the config is followed by its update.
    want = 4 + 4 * count
    with fake.Fake(control, count) as daemon:
        listener = broker.listen()
        bridge = mqtt.Bridge(folder, Pretender(control), name="many").start()
        topics = 3 + 3 * count
        lan.wait(lambda: bridge.logged("connected as"), 20, "connected")
        begun = time.monotonic()
        lan.wait(lambda: len({m[0] for m in listener.heard}) >= topics, 60,
                 "all %d topics" % topics)
        took = max(m[3] for m in listener.heard) - begun
        time.sleep(SILENT)  # the status of the daemon comes once more
        messages = len(listener.heard)
        listener.stop()
        memory = bridge.memory()
        cpu = bridge.cpu()
        lan.expect(took < WITHIN * lan.patience(), True,
                   "complete after %.1f s" % took)
        lan.expect(messages <= want + 4, True, "%d messages" % messages)

        # Then nothing is sent, and nothing is done.
        listener = broker.listen()
        lan.wait(lambda: len(listener.heard) >= topics, 20, "what is retained")
        time.sleep(6)  # the search for old messages ends
        quiet, before = len(listener.heard), bridge.cpu()
        time.sleep(SILENT)
        lan.expect(len(listener.heard) - quiet, 0, "messages without news")
        lan.expect(bridge.cpu() - before < 0.1, True, "CPU without news")
        daemon.do("set 1000000001 verified")
        lan.wait(lambda: len(listener.heard) - quiet >= 3, 10, "a change")
        listener.stop()
        bridge.stop()
    broker.stop()
    print("%d devices: complete %.1f s after the connection, %d messages, "
          "%d KiB, %.2f s of CPU" % (count, took, messages, memory, cpu))


def daemon_does_not_notice(folder):
    """A real daemon with many devices, while reflash-mqtt asks for all of them."""
    devices = lan.sim_devices()
    ident = devices[0][1]
    daemon = lan.Daemon(folder, discovery=dict(
        Backend="none", RequerySec=3600, Device=[" ".join(d) for d in devices]))
    lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Action="ask", Image="first.bin"))
    with mqtt.Parts() as parts:
        parts.add(daemon).start()
        lan.wait(lambda: len(daemon.devices()) == len(devices), 60,
                 "all devices are known")
        daemon.wait_for_all({"held"}, 60)
        alone = longest_pause(daemon, ident, lambda: None)
        broker = parts.add(mqtt.Broker(folder)).start()
        bridge = parts.add(mqtt.Bridge(folder, daemon))

        def again():
            """The search for all devices, and all that it publishes."""
            bridge.stop()
            bridge.start()
        with_it = longest_pause(daemon, ident, again)
    print("%d devices: the daemon's longest pause is %.1f ms, and %.1f ms while "
          "reflash-mqtt starts" % (len(devices), alone, with_it))
    lan.expect(with_it < alone + MORE_MS * lan.patience(), True,
               "ms: %.1f, alone %.1f" % (with_it, alone))


def main(folder, count="500"):
    complete(folder, int(count))
    daemon_does_not_notice(folder)


mqtt.run(main, "--devices 200")
