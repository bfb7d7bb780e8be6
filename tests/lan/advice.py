#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""A device is helped by the advice of its refusal, without a restart.

PAIRED is put into DIY mode, so is AGAIN, which had left it; the address of MOVED in the configuration is put
right; of two that say they are TWIN one is switched off; and HEARD is heard on
another interface than before, when that one is no more.
"""

import lan

EACH = "chunk-ms=1,reboot-ms=200"
DEVICES = f"""
    --device id=1000c20001,{EACH},fault=encrypted+mdns-mute
    --device id=1000c20002,{EACH},fault=mdns-mute
    --device id=1000c20003,{EACH},fault=clash
    --device id=1000c20004,{EACH}
    --device id=1000c20005,{EACH}
"""
PAIRED, MOVED, TWIN, HEARD, AGAIN = ("1000c2000%d" % n for n in range(1, 6))
NOBODY = "192.168.77.99"


def configure(daemon, seconds, moved):
    where = {ident: address for address, ident in lan.sim_devices()}
    daemon.write_conf({}, {}, dict(
        Backend="embedded", RequerySec=seconds,
        Device=["%s %s" % (where[PAIRED], PAIRED),
                "%s %s" % (moved or where[MOVED], MOVED)]))


def corrected(daemon):
    """In force at once, not when a day is over."""
    configure(daemon, 2, None)
    daemon.ctl("reload")
    daemon.wait_for(MOVED, "flashed", 30)


def paired(daemon):
    daemon.wait_for(PAIRED, "refused", 30, "not-diy-mode")
    lan.sim("set", PAIRED, "fault=mdns-mute")
    daemon.wait_for(PAIRED, "flashed", 30)


def again(daemon):
    """Its job finds out: no failure that its policy would stop for."""
    daemon.wait_for(AGAIN, "held", 30, "approval")
    lan.sim("set", AGAIN, "fault=all-401")
    daemon.ctl("approve", AGAIN)
    daemon.wait_for(AGAIN, "refused", 30, "not-diy-mode")
    lan.expect("paused" in daemon.ctl("status"), False, "a policy is paused")
    lan.sim("set", AGAIN, "fault=none")
    daemon.wait_for(AGAIN, "flashed", 60)


def twin(daemon):
    device = daemon.wait_for(TWIN, "refused", 30, "wrong-device")
    lan.expect(device["detail"].startswith("both "), True, device["detail"])
    lan.sim("leave", TWIN)

    def goes_on():
        """The one that stays may not have the MAC that the first had."""
        if daemon.state_of(TWIN) == "refused" and \
                daemon.logged("ignored.*reflashctl forget " + TWIN):
            daemon.ctl("forget", TWIN)
        return daemon.state_of(TWIN) == "held"
    lan.wait(goes_on, 60, "the other one goes on")
    lan.expect(len(daemon.logged("both .* say that they are")), 2,
               "the line of it and that of the refusal")


def heard(daemon):
    """By the other way to the same network, as when a cable is pulled."""
    daemon.wait_for(HEARD, "held", 30, "approval")
    lan.sim("set", HEARD, "fault=mdns-mute")  # or both ways hear it at once
    lan.ip("link", "add", "link", "eth0", "name", "eth1", "type", "macvlan",
       "mode", "bridge")
    lan.ip("link", "set", "eth1", "up")
    lan.ip("address", "add", "192.168.77.2/24", "dev", "eth1")
    lan.ip("address", "del", "192.168.77.1/24", "dev", "eth0")
    lan.ip("route", "replace", "224.0.0.0/4", "dev", "eth1")
    daemon.wait_for(HEARD, "refused", 30, "address-not-allowed")
    lan.sim("set", HEARD, "fault=none")

    def is_back():
        lan.sim("announce", HEARD)
        return daemon.state_of(HEARD) == "held"
    lan.wait(is_back, 60, "it is heard by the other interface")
    daemon.ctl("approve", HEARD)
    daemon.wait_for(HEARD, "flashed", 30)


def main(folder):
    daemon = lan.Daemon(folder)
    configure(daemon, 86400, NOBODY)
    lan.make_image(daemon.images + "/fw.bin", "valid")
    daemon.policy("10-ask", dict(Image="fw.bin", Action="ask"),
                  match=dict(DeviceId=" ".join((TWIN, HEARD, AGAIN))),
                  rollout=dict(StopAfterFailures=1))
    daemon.policy("20-all", dict(Image="fw.bin", Attempts=1))
    with lan.stopped_at_end(daemon):
        daemon.start()
        lan.wait(lambda: daemon.device(MOVED), 20, "it is known")
        for act in corrected, paired, twin, again, heard:
            act(daemon)
            print("%s: %s" % (act.__name__, "as it should be"))


lan.run(main, DEVICES)
