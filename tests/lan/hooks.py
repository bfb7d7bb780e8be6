#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The examples of hooks, each as it is in etc/hooks but for its addresses and
folders, run by a daemon in its sandbox while devices are flashed.
"""
import csv
import http.server
import json
import os
import re
import threading

import lan

HALL, LAST, BAD, DAMAGED = "1000e20001", "1000e20002", "1000e20003", "1000e20004"
DEVICES = """
    --device id=%s,chunk-ms=20,after=tasmota
    --device id=%s,chunk-ms=20,after=ap
    --device id=%s,fault=flash-403
    --device id=%s,fault=verdict-409
""" % (HALL, LAST, BAD, DAMAGED)
LABEL = 'Hall, "upstairs"'
EXAMPLES = os.path.join(lan.HERE, "../../etc/hooks")


class Server(http.server.ThreadingHTTPServer):
    """Keeps what the hooks send: the path, and the record that came with it."""

    def __init__(self):
        self.lamp, self.told = [], []
        super().__init__(("0.0.0.0", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self):
        self.server.lamp.append(self.path)
        self.answer()

    def do_POST(self):
        lan.expect(self.headers["Content-Type"], "application/json", "type")
        self.server.told.append(json.loads(
            self.rfile.read(int(self.headers["Content-Length"]))))
        self.answer()

    def log_message(self, *words):
        pass


def copy(daemon, name, **values):
    """An example with other values than those at its top."""
    with open(os.path.join(EXAMPLES, name)) as f:
        text = f.read()
    for variable, value in values.items():
        text, count = re.subn(r"^%s=\S+" % variable,
                              "%s=%s" % (variable, value), text, flags=re.M)
        lan.expect(count, 1, "lines with %s= in %s" % (variable, name))
    path = os.path.join(daemon.hooks, name)
    with open(path, "w") as f:
        f.write(text)
    os.chmod(path, 0o755)


def copy_all(daemon, server):
    at = "%s:%d" % (os.environ["REFLASH_SIM_SERVER"], server.server_address[1])
    values = {"flashed-list": dict(LIST=daemon.state + "/flashed.csv"),
              "busy-lamp": dict(LAMP=at, BUSY=daemon.folder + "/socket/busy"),
              "tell-server": dict(URL="http://%s/hook" % at)}
    lan.expect(sorted(os.listdir(EXAMPLES)), sorted(values), "examples")
    for name, value in values.items():
        copy(daemon, name, **value)


def listed(daemon):
    try:
        with open(daemon.state + "/flashed.csv", newline="") as f:
            return list(csv.DictReader(f))
    except FileNotFoundError:
        return []


def list_is_written(daemon):
    want = {(HALL, "verified", LABEL), (LAST, "flashed", "")}
    lan.wait(lambda: want <= {(r["id"], r["state"], r["label"])
                              for r in listed(daemon)}, 20,
             "the list has both devices")
    rows = listed(daemon)
    for row in rows:
        print("flashed.csv: " + ", ".join(row.values()))
    hall, = [r for r in rows if r["state"] == "verified"]
    device = daemon.device(HALL)
    lan.expect((hall["mac"], hall["address"], hall["image"], hall["sha256"]),
               (device["mac"], device["address"], "fw.bin",
                device["image"]["sha256"]), "row of " + HALL)
    last, = [r for r in rows if r["id"] == LAST]
    lan.expect(last["access point"], daemon.device(LAST)["access_point"],
               "access point")


def lamp_burns_while_none_may_be_switched_off(daemon, server):
    lan.wait(lambda: os.listdir(server.busy) == [DAMAGED], 20,
             "only that device must stay on")
    lan.expect(server.lamp[-1], "/cm?cmnd=Power%20On", "last request")
    lan.sim("set", DAMAGED, "fault=none")
    daemon.ctl("retry", DAMAGED)
    lan.wait(lambda: server.lamp[-1].endswith("Off") and
             not os.listdir(server.busy), 60, "the lamp goes out")
    print("lamp: " + ", ".join(server.lamp))
    lan.expect({p for p in server.lamp},
               {"/cm?cmnd=Power%20On", "/cm?cmnd=Power%20Off"}, "requests")
    lan.expect(server.lamp[0], "/cm?cmnd=Power%20On", "first request")


def server_is_told(daemon, server):
    want = {(HALL, "verified"), (LAST, "flashed"), (BAD, "failed")}
    lan.wait(lambda: want <= {(d["id"], d["state"]) for d in server.told}, 20,
             "the server is told of each end")
    waiting = [d for d in server.told if d["state"] == "held"]
    lan.expect({d["reason"] for d in waiting}, {"approval"}, "waits for")
    failed, = [d for d in server.told if d["id"] == BAD and
               d["state"] == "failed"]
    print("told: %s %s %s" % (BAD, failed["state"], failed["reason"]))
    lan.expect(sorted(failed), sorted(daemon.device(BAD)), "keys of a record")


def test(folder):
    lan.need_program("curl")
    server = Server()
    daemon = lan.Daemon(folder)
    server.busy = daemon.folder + "/socket/busy"
    lan.make_image(daemon.images + "/fw.bin", "valid")
    daemon.policy("50-all", dict(Action="ask", Image="fw.bin", Attempts=1),
                  verify=dict(Expect="auto", TimeoutSec=60))
    copy_all(daemon, server)
    daemon.start()
    lan.expect(len(daemon.logged("sandboxed: ")), 1, "sandboxes")
    for ident in HALL, LAST, BAD, DAMAGED:
        daemon.wait_for(ident, "held", 20, reason="approval")
    daemon.ctl("label", HALL, LABEL)
    daemon.ctl("approve", "--all", "--yes")
    daemon.wait_for(HALL, "verified", 60)
    daemon.wait_for(LAST, "flashed", 60)
    daemon.wait_for(BAD, "failed", 60)
    daemon.wait_for(DAMAGED, "failed", 60, "digest-error")
    list_is_written(daemon)
    lamp_burns_while_none_may_be_switched_off(daemon, server)
    server_is_told(daemon, server)
    lan.expect(daemon.logged("hook "), [], "what the log says of hooks")
    daemon.stop()


lan.run(test, DEVICES)
