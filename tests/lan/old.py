#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""Speak to devices of reflash-sim with a firmware before 3.3.

old.py ADDRESS WITH_INFO: exits 1 if one answers what it should not, or not
what it should.
"""
import json
import socket
import sys
import time

FIRST_TOOL = {"sequence": "1563473445", "encrypt": False, "selfApikey": "",
              "data": "{}"}


def call(address, name, body):
    """The reply, or None where the device hangs up without one."""
    time.sleep(0.3)  # a device wants 200 ms between two calls
    text = json.dumps(body)
    with socket.create_connection((address, 8081), timeout=5) as conn:
        conn.sendall(("POST /zeroconf/%s HTTP/1.1\r\nHost: %s\r\n"
                      "Content-Length: %d\r\n\r\n%s"
                      % (name, address, len(text), text)).encode())
        reply = conn.makefile("rb").read().decode()
    return json.loads(reply.split("\r\n\r\n")[1]) if reply else None


def check(have, want, what):
    if have != want:
        sys.exit("%s: %r instead of %r" % (what, have, want))


def main():
    first, second = sys.argv[1:]
    whole = dict(FIRST_TOOL, deviceid="1000900d70")
    for key in whole:
        part = {k: v for k, v in whole.items() if k != key}
        check(call(first, "ota_unlock", part), None, "without " + key)
    check(call(first, "ota_unlock", dict(whole, data={})), None, "object")
    check(call(first, "ota_unlock", dict(whole, data="{")), None, "no JSON")
    check(call(first, "info", whole), None, "info")
    check(call(first, "ota_unlock", whole), {"seq": 1, "error": 0}, "unlock")
    whole["deviceid"] = "1000900d71"
    data = json.loads(call(second, "info", whole)["data"])
    check(data["otaUnlock"], False, "info of the other one")


if __name__ == "__main__":
    main()
