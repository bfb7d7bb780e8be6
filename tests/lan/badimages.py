#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Each kind of bad image is refused for the right reason, before any device is
asked anything; and each image of reflash-sim has a row.
"""
import struct
import subprocess

import lan

DEVICES = """
    --devices 120
    --device id=1000c00001
"""
COUNTER = "1000c00001"
GOOD = """valid valid-core3 valid-old tasmota-9.5 esphome esphome-quiet espurna
espeasy unknown small big-warn edge trailing bad-fill""".split()

# What reflash-sim makes, and the reason for which it is refused.
KINDS = {
    "minimal": "image-minimal", "minimal-mute": "image-minimal",
    "gz": "image-compressed", "minimal-gz": "image-compressed",
    "tasmota-full-gz": "image-compressed", "tasmota-full": "image-too-large",
    "esp32": "wrong-chip",
    "dio": "image-flash-mode", "qio": "image-flash-mode",
    "app-dio": "image-flash-mode",
    "too-large": "image-too-large", "edge-over": "image-too-large",
    "full": "image-too-large",
}
KINDS.update(dict.fromkeys("""user1 4m app-4m bad-eboot-xor bad-app-xor
    bad-app-xor-core3 bad-crc bad-crc-core3 flipped flipped-old truncated
    headers-only bad-entry no-app huge-segment many-segments long-eboot
    noise html empty""".split(), "image-invalid"))


def kinds():
    listed = subprocess.run([lan.SIM, "image", "--list"], check=True,
                            stdout=subprocess.PIPE, universal_newlines=True)
    return {line.split()[0] for line in
            listed.stdout.split("\n\n")[0].splitlines()}


def parts(data):
    """{name: offset} of each part of an image, with its checksums."""
    found = {}
    for name, at in ("eboot", 0), ("app", 0x1000):
        found[name + "-magic"] = at
        found[name + "-count"] = at + 1
        found[name + "-entry"] = at + 4
        count, at = data[at + 1], at + 8
        for number in range(count):
            segment = "%s-segment%d" % (name, number)
            found[segment + "-address"] = at
            found[segment + "-size"] = at + 4
            size = struct.unpack_from("<I", data, at + 4)[0]
            found[segment + "-first"] = at + 8
            found[segment + "-last"] = at + 8 + size - 1
            at += 8 + size
        found[name + "-xor"] = at | 15
    found["fill"] = 0xF00
    return found


def damaged(folder):
    """{file: reason}: one flipped bit in each part, and cut at many places."""
    made = {}
    for kind in "small", "valid-core3":
        lan.make_image(folder + "/whole", kind)
        with open(folder + "/whole", "rb") as f:
            data = f.read()
        for name, at in parts(data).items():
            bad = bytearray(data)
            bad[at] ^= 4
            made["%s-%s" % (kind, name)] = bytes(bad)
        for cut in 1, 8, 0xFFF, 0x1000, 0x1001, len(data) - 16, len(data) - 1:
            made["%s-cut-%d" % (kind, cut)] = data[:cut]
    for name, data in made.items():
        with open("%s/%s" % (folder, name), "wb") as f:
            f.write(data)
    return dict.fromkeys(made, "image-invalid")


def main(folder):
    lan.expect(kinds() ^ set(GOOD) ^ set(KINDS), set(), "kinds without a row")
    address = dict((i, a) for a, i in lan.sim_devices())[COUNTER]
    # The one that is asked at each requery counts them.
    daemon = lan.Daemon(folder, discovery=dict(
        Backend="embedded", RequerySec=1, Device=address + " " + COUNTER))
    rows = dict(KINDS)
    for kind in KINDS:
        lan.make_image(daemon.images + "/" + kind, kind)
    rows.update(damaged(daemon.images))
    lan.make_image(daemon.images + "/wrong-pin", "valid")
    with open(daemon.images + "/vast", "w") as f:
        f.truncate(1 << 40)
    rows.update({"wrong-pin": "image-hash-mismatch", "none": "image-missing",
                 "vast": "image-too-large"})

    idents = [i for _, i in lan.sim_devices() if i != COUNTER]
    lan.expect(len(idents) > len(rows), True, "enough devices")
    want = dict(zip(idents, sorted(rows.items())))
    for ident, (image, _) in want.items():
        flash = dict(Image=image)
        if image == "wrong-pin":
            flash["Sha256"] = "0" * 64
        daemon.policy(ident, flash, match=dict(DeviceId=ident))
    with lan.stopped_at_end(daemon):
        daemon.start()
        devices = daemon.wait_for_all({"refused"}, 60, set(want))
        lan.wait(lambda: lan.report(folder + "/report")[COUNTER]["requests"]
                 ["info"] >= 4, 30, "four requeries")
        for ident, (image, reason) in want.items():
            lan.expect(devices[ident]["reason"], reason, image)
        seen = lan.report(folder + "/report")
        for ident, (image, _) in want.items():
            lan.expect(sum(seen[ident]["requests"].values()), 0,
                       "calls to %s (%s)" % (ident, image))
    print("%d bad images refused, no device was spoken to" % len(rows))


lan.run(main, DEVICES)
