#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""One device, from its announcement to its new firmware: one.py RESULT

Beside reflashd are the steps that people do by hand, without the pauses that
people make: avahi-browse, curl and nginx in a script (by_hand.sh), and Python
with zeroconf, requests and a file server (by_python.py).  Each of them is
ready and waits for the device, which is then switched on.  When it was told to
fetch, and when it had its firmware, is what the device itself says.
"""
import json
import os
import shutil
import signal
import subprocess
import sys
import time

import bench

ROUNDS = 5
REBOOT_MS = 1000
SIZE = 504848
CHUNK_MS = 100
CALL_MS = 200

BUS = """<busconfig><type>system</type><listen>%s</listen>
<auth>EXTERNAL</auth><policy context="default"><allow own="*"/>
<allow send_destination="*" eavesdrop="true"/><allow receive_sender="*"/>
</policy></busconfig>
"""
AVAHI = """[server]
use-ipv6=no
[publish]
disable-publishing=yes
"""
NGINX = """
user root; worker_processes 1; daemon off; master_process off;
pid %(folder)s/pid; error_log %(folder)s/nginx.log;
events { }
http {
	access_log off; sendfile on;
	client_body_temp_path %(folder)s/1; proxy_temp_path %(folder)s/2;
	fastcgi_temp_path %(folder)s/3; uwsgi_temp_path %(folder)s/4;
	scgi_temp_path %(folder)s/5;
	server {
		listen 8000; root %(folder)s/www;
		location = /api/device/otaFlash { return 200 "{}"; }
	}
}
"""


def start_dbus(lan, folder):
    """A D-Bus that nobody else sees."""
    bus = "unix:path=%s/bus" % folder
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = bus
    with open(folder + "/bus.conf", "w") as f:
        f.write(BUS % bus)
    subprocess.Popen(["dbus-daemon", "--config-file", folder + "/bus.conf",
                      "--nofork"], stderr=subprocess.DEVNULL)
    lan.wait(lambda: os.path.exists(folder + "/bus"), 10, "a D-Bus")
    os.makedirs("/run/avahi-daemon")


def start_avahi(lan, folder):
    """An avahi-daemon that has not heard of any device."""
    with open(folder + "/avahi.conf", "w") as f:
        f.write(AVAHI)
    with open(folder + "/avahi.log", "w") as log:
        process = subprocess.Popen(
            ["avahi-daemon", "-f", folder + "/avahi.conf", "--no-drop-root",
             "--no-chroot", "--no-rlimits"], stderr=log)
    lan.wait(lambda: "startup complete" in open(log.name).read(), 20,
             "an avahi-daemon")
    return process


class Reflashd:
    name = "reflashd"
    calls = 4   # info, unlock, is it unlocked, flash

    def __init__(self, lan, folder):
        self.daemon = lan.Daemon(
            folder, limits=dict(UnlockTimeoutSec=60, StallSec=30, GoneSec=1),
            discovery=dict(Backend="avahi"))
        lan.make_image(self.daemon.images + "/fw.bin", "valid")
        self.daemon.policy("50-all", dict(Image="fw.bin"))
        self.daemon.start()
        lan.wait(lambda: self.daemon.logged("discovery: looking"), 20,
                 "discovery")

    def stop(self):
        self.daemon.stop()


class Script:
    calls = 3   # info, unlock, flash

    def __init__(self, lan, folder):
        os.makedirs(folder + "/www")
        lan.make_image(folder + "/www/fw.bin", "valid")
        self.processes = [self.start(*command) for command in
                          self.commands(folder)]
        lan.wait(lambda: os.path.exists(folder + "/www/ready"), 20,
                 self.name + " is ready")

    def start(self, *command):
        return subprocess.Popen(command, preexec_fn=os.setsid)

    def stop(self):
        for process in self.processes:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()


class ByHand(Script):
    name = "avahi-browse, curl, nginx"

    def commands(self, folder):
        with open(folder + "/nginx.conf", "w") as f:
            f.write(NGINX % dict(folder=folder))
        return (("nginx", "-c", folder + "/nginx.conf", "-e",
                 folder + "/nginx.log"),
                ("sh", bench.HERE + "/by_hand.sh", folder + "/www",
                 os.environ["REFLASH_SIM_SERVER"] + ":8000"))


class ByPython(Script):
    name = "zeroconf, requests, http.server"

    def commands(self, folder):
        return (("/usr/bin/python3", "-B", bench.HERE + "/by_python.py",
                 folder + "/www", os.environ["REFLASH_SIM_SERVER"]),)


def report_now(lan, folder, ident):
    """What the device has seen, with its clock in ours."""
    device = lan.report(folder + "/report")[ident]
    with open(folder + "/report") as f:
        device["offset"] = time.monotonic() - json.load(f)["now_ms"] / 1000
    return device


def run(lan, folder, ident, contender, number):
    """Milliseconds to the accepted order, and to the verdict."""
    own = "%s/%d" % (folder, number)
    os.mkdir(own)
    avahi = start_avahi(lan, own)
    runs = contender(lan, own)
    time.sleep(1)   # reflashd calls nobody for 200 ms after its own start
    began = time.monotonic()
    lan.sim("come", ident)
    device = lan.wait(
        lambda: (lambda seen: seen["boots"] > 0 and seen)(
            report_now(lan, folder, ident)), 120, contender.name + " flashes")
    runs.stop()
    avahi.terminate()
    avahi.wait()
    shutil.rmtree(own)
    lan.expect(device["booted_sha256"] is not None, True, "it has an image")
    if contender is Reflashd:
        lan.expect(device["breaches"], [], "breaches of reflashd")
    return dict(
        breaches=len(device["breaches"]),
        accepted_ms=1000 * (device["offset"] - began) + device["told_at_ms"],
        verdict_ms=1000 * (device["offset"] - began) +
        device["booted_at_ms"] - REBOOT_MS)


def main(path):
    folder = bench.enter_lan(
        "--devices", str(3 * ROUNDS), "--each", "fw=3.6.0,chunk-ms=%d,reboot-ms=%d" % (
            CHUNK_MS, REBOOT_MS), private=bench.PRIVATE, strict=False)
    import lan
    result = bench.Result(
        "one", "avahi-daemon", "avahi-utils", "curl", "nginx",
        "python3-zeroconf", "python3-requests")
    start_dbus(lan, folder)
    contenders = (Reflashd, ByHand, ByPython)
    idents = [ident for _, ident in lan.sim_devices()]
    lan.sim("leave", "all")
    runs = {contender.name: [] for contender in contenders}
    for n in range(ROUNDS):
        for i in range(len(contenders)):
            contender = contenders[(n + i) % len(contenders)]
            number = n * len(contenders) + i
            runs[contender.name].append(run(
                lan, folder, idents[number], contender, number))
    download = -(-SIZE // 4096) * CHUNK_MS
    for contender in contenders:
        facts = {key: bench.summary([one[key] for one in runs[contender.name]])
                 for key in ("accepted_ms", "verdict_ms")}
        least = (contender.calls - 1) * CALL_MS
        breaches = sum(one["breaches"] for one in runs[contender.name])
        result.case(contender.name, calls=contender.calls, breaches=breaches,
                    device_minimum_ms=least, **facts)
        bench.say("  %-32s accepted after %5.0f ms (%5.0f to %5.0f), of which "
                  "the device takes %d; verdict after %6.0f ms; breaches of "
                  "protocol: %d" % (
                      contender.name, *(facts["accepted_ms"][key] for key in (
                          "median", "low", "high")), least,
                      facts["verdict_ms"]["median"], breaches))
    own = result.data["cases"][0]
    result.aim("announcement to accepted order, above the device's minimum",
               own["accepted_ms"]["median"] - own["device_minimum_ms"], 100,
               "ms")
    result.aim("accepted order to verdict, above the device's own pace",
               own["verdict_ms"]["median"] - own["accepted_ms"]["median"] -
               download, 300, "ms")
    result.write(path)


main(*sys.argv[1:])
