#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Where the service manager holds the sockets, a daemon that ends in the middle
of a download and comes back refuses no connection.

One daemon is started by systemd-socket-activate on sockets that are held here,
as the service manager holds them; another one has sockets of its own.
"""
import os
import signal
import socket
import subprocess

import lan

EACH = "chunk-ms=20,reboot-ms=200"
DEVICES = f"""
    --device id=1000a00001,{EACH}
    --device id=1000b00002,{EACH}
"""
HTTP, CONTROL = 8, 9  # sh(1) knows descriptors of one digit only
LIMITS = dict(LeaveTimeoutSec=3, GoneSec=1)
HELD, OWN = "1000a00001", "1000b00002"


class Daemon(lan.Daemon):
    """For one device, with a folder of its own."""

    def __init__(self, folder, ident):
        self.report_path = folder + "/report"
        folder = os.path.join(folder, ident)
        os.makedirs(folder)
        super().__init__(folder, limits=LIMITS, discovery=dict(
            Backend="none", RequerySec=2, Device=[
                " ".join(device) for device in lan.sim_devices()
                if device[1] == ident]))
        self.ident = ident
        self.sha = lan.make_image(self.images + "/image.bin", "valid")
        self.policy("50-all", dict(Image="image.bin", Attempts=1))

    def seen(self):
        return lan.report(self.report_path)[self.ident]

    def wait_for_bytes(self, more_than):
        return lan.wait(
            lambda: self.device(self.ident)["state"] == "downloading" and
            max(self.device(self.ident)["progress"]["bytes"] - more_than, 0),
            30, "more than %d bytes" % more_than) + more_than

    def starts(self):
        return len(self.logged("devices download from"))


class Activated(Daemon):
    """Started by whoever connects first."""

    def hold(self):
        with socket.create_server(("0.0.0.0", 8266), backlog=64) as http, \
                socket.socket(socket.AF_UNIX) as control:
            control.bind(self.control)
            control.listen()
            os.dup2(http.fileno(), HTTP)
            os.dup2(control.fileno(), CONTROL)

    def launch(self, *options):
        with open(self.log, "a") as log:
            self.process = subprocess.Popen(
                ["sh", "-c", "exec 3<&%d 4<&%d; LISTEN_PID=$$ exec \"$@\"" % (
                    HTTP, CONTROL), "sh", "systemd-socket-activate",
                 os.path.join(lan.BUILD, "reflashd"), "-c", self.conf,
                 *options], stderr=log, pass_fds=(HTTP, CONTROL),
                env=dict(os.environ, LISTEN_FDS="2"))

    def restart(self, how):
        """In the middle of a download, and only a connection starts it."""
        before, starts = self.wait_for_bytes(40000), self.starts()
        self.process.send_signal(how)
        self.process.wait()
        self.launch()
        lan.wait(lambda: self.starts() > starts, 20,
                 "the device comes back and starts it")
        self.wait_for_bytes(before)


def check_held(folder):
    daemon = Activated(folder, HELD)
    daemon.hold()
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.restart(signal.SIGTERM)
        daemon.restart(signal.SIGKILL)
        daemon.wait_for(HELD, "flashed")
        seen = daemon.seen()
        for key, want in dict(unanswered=0, losses=2, flash_told=1, boots=1,
                              booted_sha256=daemon.sha, breaches=[]).items():
            lan.expect(seen[key], want, key)
        daemon.stop()
        daemon.launch()
        daemon.ctl("status")
    os.closerange(HTTP, CONTROL + 1)
    return seen


def check_own(folder):
    """It goes on as well, but the device finds nobody for a while."""
    daemon = Daemon(folder, OWN)
    with lan.stopped_at_end(daemon):
        daemon.start()
        daemon.wait_for_bytes(40000)
        daemon.kill()
        lan.wait(lambda: daemon.seen()["unanswered"], 20, "a refusal")
        daemon.start()
        daemon.wait_for(OWN, "rebooting")
        seen = daemon.seen()
        lan.expect((seen["flash_told"], seen["verdict"], seen["breaches"]),
                   (1, 0, []), OWN)
    return seen


def main(folder):
    held, own = check_held(folder), check_own(folder)
    for what, seen in ("held", held), ("of its own", own):
        print("sockets %s: %d connections lost, %d refused or unanswered" % (
            what, seen["losses"], seen["unanswered"]))


lan.need_program("systemd-socket-activate")
lan.need_feature("systemd")
lan.run(main, DEVICES)
