#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Each fault of reflash-sim does what its name says, seen from a caller that
shares nothing with the daemon, all at once; and each of them has a row.

A row is what a caller sees: info, unlock, otaUnlock after it, ota_flash, the
verdicts, and the state and boots of the device in the end.  A call ends with
its error code, or one of: timeout reset refused empty bad cut.
"""
import hashlib
import json
import os
import re
import socket
import threading
import time

import lan

CALL = 4      # seconds for one call
VERDICT = 14  # and for the verdict

GOOD = "0 0 True 0 [0] booted 1"
MUTE = "timeout timeout - timeout [] stock 0"
NOT_MINE = "%s %s - %s [] stock 0"


def same(word):
    return NOT_MINE % (word, word, word)


TABLE = {
    "none": GOOD,
    # discovery: no matter to a caller that knows the address
    "mdns-mute": GOOD, "query-mute": GOOD, "announce-late": GOOD,
    "no-address": GOOD, "duplicates": GOOD, "false-goodbye": GOOD,
    "goodbye": GOOD, "seq-restart": GOOD, "no-seq": GOOD, "no-port": GOOD,
    "lower-case": GOOD, "txt-reversed": GOOD, "txt-split": GOOD,
    "txt-broken": GOOD, "txt-empty": GOOD, "txt-other-id": GOOD,
    "weak-signal": GOOD,
    # mode and identity
    "encrypted": same("401"), "paired": MUTE, "wrong-id": GOOD,
    "not-found": same("404"), "all-401": same("401"),
    "all-400": same("400"), "all-422": same("422"),
    "only-without-id": MUTE,
    "id-changes-before-flash": "0 0 - 404 [] stock 0",
    "address-changes": "0 0 - timeout [] stock 0",
    "address-changes-in-flash": "0 0 True 0 [0] booted 1",
    # transport
    "no-answer": MUTE, "port-closed": same("refused"),
    "unreachable": same("refused"), "rst": same("reset"),
    "busy": same("reset"), "empty-reply": same("empty"),
    "not-json": same("bad"), "not-object": same("bad"),
    "no-error-key": same("bad"), "error-string": same("bad"),
    "no-data": "0 0 - 0 [] stock 0", "html": same("bad"),
    "not-http": same("bad"), "http-500": same("bad"), "no-length": GOOD,
    "http-1.0": GOOD, "chunked": GOOD, "text-html": GOOD,
    "keep-open": "timeout timeout - timeout [0] booted 1",
    "short-body": same("cut"), "slow": GOOD,
    "byte-a-second": "timeout timeout - timeout [0] booted 1",
    "endless-body": MUTE, "endless-header": MUTE, "endless-100": MUTE,
    "empty-reply@flash": "0 0 True empty [] stock 0",
    "rst*1": "reset 0 True 0 [0] booted 1",
    # unlock
    "unlock-500": "0 500 False - [] stock 0",
    "unlock-503": "0 503 False - [] stock 0",
    "unlock-422": "0 422 False - [] stock 0",
    "unlock-hang": "0 timeout - reset [] stock 0",
    "unlock-empty": "0 empty False - [] stock 0",
    "unlock-empty-works": "0 empty True 0 [0] booted 1",
    "unlock-no-effect": "0 0 False - [] stock 0",
    "unlock-late": "0 0 False - [] stock 0",
    "unlocked": GOOD,
    # flash
    "flash-403": "0 0 True 403 [] stock 0",
    "flash-408": "0 0 True 408 [] stock 0",
    "flash-413": "0 0 True 413 [] stock 0",
    "flash-422": "0 0 True 422 [] stock 0",
    "flash-424": "0 0 True 424 [] stock 0",
    "flash-471": "0 0 True 471 [] stock 0",
    "flash-empty": "0 0 True empty [] stock 0",
    "flash-empty-works": "0 0 True empty [0] booted 1",
    "flash-hang": "0 0 True timeout [] stock 0",
    "flash-hang-works": "0 0 True timeout [0] booted 1",
    "flash-reply-last": GOOD,
    "never-fetch": "0 0 True 0 [] stock 0",
    # download
    "fetch-late": GOOD,
    "stops-first-chunk": "0 0 True 0 [404] stock 0",
    "stall-half": "0 0 True 0 [] flashing 0",
    "vanish-half": "0 0 True 0 [] away 0",
    "abort-half": "0 0 True 0 [404] stock 0",
    "reboot-half": "0 0 True 0 [] stock 0",
    "reconnects": GOOD, "fetch-slow": GOOD, "repeats-range": GOOD,
    "query-string": GOOD, "no-slash": GOOD, "fetch-from-other": GOOD,
    # verdict
    "verdict-404": "0 0 True 0 [404] stock 0",
    "verdict-406": "0 0 True 0 [406] stock 0",
    "verdict-409": "0 0 True 0 [409] stock 0",
    "verdict-410": "0 0 True 0 [410] stock 0",
    "verdict-new-connection": GOOD,
    "verdict-never": "0 0 True 0 [] booted 1",
    "verdict-never-stays": "0 0 True 0 [] stock 0",
    "verdict-from-other": "0 0 True 0 [0, 404] stock 0",
    "verdict-early": "0 0 True 0 [0] stock 0",
    "verdict-garbage": "0 0 True 0 ['bad'] booted 1",
    "verdict-string": "0 0 True 0 ['0'] booted 1",
    "verdict-twice": "0 0 True 0 [0, 0] booted 1",
    # afterwards
    "does-not-leave": "0 0 True 0 [0] stock 0",
    "comes-back-stock": "0 0 True 0 [0] stock 0",
    "leaves-late": GOOD,
    # the new firmware: after_sim.py
    "tasmota-401": GOOD, "tasmota-slow": GOOD, "tasmota-loses-command": GOOD,
    "tasmota-restarts": GOOD, "tasmota-other-mac": GOOD, "tasmota-html": GOOD,
    "tasmota-cuts-password": GOOD, "tasmota-repeated": GOOD,
    "module-lost": GOOD, "upgrade-fails": GOOD, "upgrade-never-fetches": GOOD,
    "upgrade-stuck-minimal": GOOD, "upgrade-mute-minimal": GOOD,
    "minimal-talks": GOOD,
    "esphome-no-api": GOOD,
    "esphome-other-mac": GOOD, "esphome-encrypted": GOOD,
    "esphome-web": GOOD, "esphome-only-ota": GOOD, "esphome-mute": GOOD,
    # several at once
    "clash": GOOD,
    "unlock-503*1+flash-403*1": "0 503 False - [] stock 0",
}


def ident(index):
    return "10001%05x" % index


class Server:
    """A right file server for one device."""

    def __init__(self, data):
        self.data = data
        self.verdicts = []
        self.listener = socket.create_server(("0.0.0.0", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            conn, _ = self.listener.accept()
            threading.Thread(target=self.serve, args=(conn,),
                             daemon=True).start()

    def serve(self, conn):
        with conn:
            pending = b""
            while True:
                try:
                    part = conn.recv(4096)
                except OSError:
                    return
                if not part:
                    return
                pending += part
                while b"\r\n\r\n" in pending:
                    head, pending = pending.split(b"\r\n\r\n", 1)
                    pending = self.answer(conn, head.decode(), pending)

    def answer(self, conn, head, body):
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        if head.startswith("POST /api/device/otaFlash "):
            length = int(fields["Content-Length"])
            while len(body) < length:
                body += conn.recv(4096)
            try:
                self.verdicts.append(json.loads(body[:length])["error"])
            except ValueError:
                self.verdicts.append("bad")
            conn.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
            return body[length:]
        first, last = map(int, fields["Range"][len("bytes="):].split("-"))
        last = min(last, len(self.data) - 1)
        conn.sendall(b"HTTP/1.1 206 Partial Content\r\nContent-Length: %d\r\n"
                     b"Content-Range: bytes %d-%d/%d\r\n\r\n"
                     % (last - first + 1, first, last, len(self.data))
                     + self.data[first:last + 1])
        return body


def exchange(address, command, body):
    """The whole reply, or a word for what came instead of it."""
    text = ("POST /zeroconf/%s HTTP/1.1\r\nHost: %s\r\n"
            "Content-Length: %d\r\n\r\n%s"
            % (command, address, len(body), body)).encode()
    limit = CALL * lan.patience()
    until = time.monotonic() + limit
    reply = b""
    try:
        with socket.create_connection((address, 8081), timeout=limit) as conn:
            conn.sendall(text)
            while time.monotonic() < until:
                conn.settimeout(max(until - time.monotonic(), 0.01))
                part = conn.recv(65536)
                if not part:
                    return reply or "empty"
                reply += part
    except ConnectionResetError:
        return "reset"
    except ConnectionRefusedError:
        return "refused"
    except BrokenPipeError:
        return "reset"
    except socket.timeout:
        pass
    except OSError:  # no route: nobody has that address
        return "refused"
    return "timeout"


def call(address, name, command, data):
    reply = exchange(address, command,
                     json.dumps({"deviceid": name, "data": data}))
    time.sleep(0.25)  # the device wants 200 ms between two calls
    if isinstance(reply, str):
        return reply, None
    if b"\r\n\r\n" not in reply or not re.match(b"HTTP/1.[01] 200 OK", reply):
        return "bad", None
    head, body = reply.split(b"\r\n\r\n", 1)
    if b"chunked" in head:
        body = re.fullmatch(b"[0-9a-f]+\r\n(.*)\r\n0\r\n\r\n", body).group(1)
    if b"Content-Length: 100" in head:
        return "cut", None
    try:
        root = json.loads(body)
        if not isinstance(root["error"], int):
            return "bad", None
        return str(root["error"]), root.get("data")
    except (ValueError, KeyError, TypeError):
        return "bad", None


def flash(address, name, data, row):
    server = Server(data)
    row["info"], _ = call(address, name, "info", {})
    row["unlock"], _ = call(address, name, "ota_unlock", {})
    _, told = call(address, name, "info", {})
    row["unlocked"] = str(told["otaUnlock"]) if told else "-"
    row["flash"] = "-"
    if row["unlocked"] == "False":
        row["verdicts"] = []
        return
    url = "http://%s:%d/i.bin" % (os.environ["REFLASH_SIM_SERVER"],
                                  server.port)
    row["flash"], _ = call(
        address, name, "ota_flash",
        {"downloadUrl": url, "sha256sum": hashlib.sha256(data).hexdigest()})
    row["verdicts"] = server.verdicts


def run(folder):
    lan.expect_row_for_each_fault(TABLE)
    image = folder + "/image"
    lan.make_image(image)
    with open(image, "rb") as f:
        data = f.read()
    addresses = {}
    for address, name in lan.sim_devices():
        addresses.setdefault(name, address)
    rows, threads = {}, []
    for i, fault in enumerate(TABLE):
        rows[fault] = {}
        threads.append(threading.Thread(target=flash, args=(
            addresses[ident(i)], ident(i), data, rows[fault])))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    time.sleep(VERDICT)
    return compare(rows, lan.report(folder + "/report"))


def compare(rows, seen):
    wrong = 0
    if os.environ["REFLASH_SIM"] == "loopback":
        # Without a wire a closed connection is always noticed.
        TABLE.update({
            "address-changes": "0 0 - refused [] stock 0",
            "byte-a-second": "timeout timeout - bad [0] booted 1",
            "flash-hang-works": "0 0 True empty [0] booted 1",
        })
    for i, (fault, want) in enumerate(TABLE.items()):
        device, row = seen[ident(i)], rows[fault]
        have = "%s %s %s %s %s %s %d" % (
            row["info"], row["unlock"], row["unlocked"], row["flash"],
            row["verdicts"], device["state"], device["boots"])
        if have != want:
            print("%s: %s instead of %s" % (fault, have, want))
            wrong += 1
        if device["breaches"]:
            print("%s: %s" % (fault, device["breaches"]))
            wrong += 1
    print("%d faults, %d wrong" % (len(TABLE), wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    lan.run(run, " ".join(
        "--device=id=%s,chunk-ms=0,reboot-ms=200,fault=%s" % (ident(i), fault)
        for i, fault in enumerate(TABLE)), loopback=True)
