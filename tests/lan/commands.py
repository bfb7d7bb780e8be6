#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Each setting that a Tasmota of each age takes is verified; each that it takes
and does not keep is finish-failed, and named.

A device of each version gets all settings in one policy, with a web password
that has a brace too many, and must be verified without a doubt in its detail.  Then there is a device for each setting, which
takes it and keeps another value: it must be finish-failed, and its detail must
have the setting and the value that was wanted.
"""
import os
import re

import lan

SECONDS = 500
VERSIONS = ["8.2.0", "8.5.0", "9.2.0", "9.5.0", "12.2.0", "14.2.0", "15.5.0"]
ALL = (0, 0, 0), (99, 0, 0)


LOSES = "it never has an effect"


def since(*version):
    return version, ALL[1]


# A line of the policy, what a device keeps instead that does not take it, and
# who has it.  None: there is no such device.
SETTINGS = [
    ("PowerOnState 4", "1", ALL),
    ("PulseTime1 105", "7", ALL),
    ("BlinkTime 20", "10", ALL),
    ("ButtonDebounce 75", "50", ALL),
    ("SwitchMode1 3", "0", ALL),
    ("SwitchText1 is open", "other", since(9, 1, 0)),
    ("LedState 0", "1", ALL),
    ("SetOption0 0", "1", ALL),
    ("SO19 1", "0", ALL),
    ("SetOption36 0", "1", ALL),
    ("SetOption33 250", "5", ALL),
    ("SetOption45 250", "40", ALL),
    ("SetOption114 1", "0", since(8, 5, 0)),
    ("SaveData 3600", "1", ALL),
    ("Sleep 100", "50", ALL),
    ("TelePeriod 5", "300", ALL),
    ("Altitude -12", "0", ALL),
    ("TempRes 3", "1", ALL),
    ("EnergyRes 5", "3", ALL),
    ("TempOffset -1.5", "0", ALL),
    ("Timezone +1:30", "99", ALL),
    ("TimeStd 0,0,11,1,3,30", "0,0,10,1,3,60", ALL),
    ("TimeDst 0, 1, 4, 2, 1, 90", "0,0,3,1,2,120", ALL),
    ("Latitude 52.52", "48.86", ALL),
    ("Longitude   -0.1257", "2.29", ALL),
    ("NtpServer1 192,168,1,1", "pool.ntp.org", ALL),
    ("LogHost 192.168.1.2", "other", ALL),
    ("SysLog 2", "0", ALL),
    ("WebLog 3", "2", ALL),
    ("MqttHost broker.lan", "other", ALL),
    ("MqttPort 1884", "1883", ALL),
    ("MqttUser 0", "DVES_USER", ALL),
    ("Topic hall plug+$ID", "tasmota", ALL),
    ("FullTopic %prefix%/my home/%topic%/", "%topic%/%prefix%/", ALL),
    ("GroupTopic1 lamps", "tasmotas", ALL),
    ("ButtonTopic other plug", "0", ALL),
    ("Prefix1 my cmnd", "cmnd", ALL),
    ("StateText1 is off", "OFF", ALL),
    ("StateText2 1", "ON", ALL),
    ("PowerRetain 1", "0", ALL),
    ("DeviceName \u041a\u0443\u0445\u043d\u044f",
     "\u0413\u0430\u0440\u0430\u0436", since(8, 3, 1)),
    ("FriendlyName1 Hall", "Hall(old)", ALL),
    ("FN2 say \"hi\" {x", "say", ALL),
    ("Wifi 3", None, since(9, 5, 0)),
    ("WifiPower 20.5", "170", ALL),
    ("MqttWifiTimeout 250", None, since(9, 5, 0)),
    ("SerialConfig 7e2", "3", ALL),
    ("WebColor1 1A2B3C", "#000000", ALL),
    ("WebColor2 #fa0", "#ffab00", ALL),
    ("WebRefresh 3000", "2345", ALL),
    ("WebButton1 Hall light", "Toggle", ALL),
    ("Emulation 2", "0", ALL),
    ("Timers 1", "0", ALL),
    ("Rule1 ON Power1#State=1 DO Backlog Delay 5; Power1 0 ENDON",
     None, ALL),
    ("Rule2 ON Power1#State=1 DO Power1 0 ENDON", LOSES, ALL),
    ("Rule1 1", None, ALL),
    ("Mem1 20", "21", ALL),
    ("CalcRes 2", "3", ALL),
    ("MqttPassword gehe}m", None, ALL),
]
# What a StateText does to the others is seen on its own device.
LOSERS = [s for s in SETTINGS if s[1] is not None]


def number(version):
    return tuple(int(n) for n in version.split("."))


def has(setting, version):
    return setting[2][0] <= number(version) < setting[2][1]


def keeper(version):
    return "10003%05x" % VERSIONS.index(version)


def loser(i):
    return "10004%05x" % i


def loser_version(i):
    """One version after the other, of those that have the setting."""
    fit = [v for v in VERSIONS if has(LOSERS[i], v)]
    return fit[i % len(fit)]


def command_of(line):
    """As Tasmota calls it."""
    word = line.split()[0]
    return re.sub("^FN", "FriendlyName", re.sub("^SO", "SetOption", word))


def device(ident, version, more=""):
    return ("--device=id=%s,chunk-ms=15,reboot-ms=500,after=tasmota,"
            "tasmota-version=%s%s" % (ident, version, more))


def devices():
    options = [device(keeper(v), v) for v in VERSIONS]
    for i, (line, other, _) in enumerate(LOSERS):
        options.append(device(
            loser(i), loser_version(i),
            ",tasmota-loses-always=" + command_of(line) if other == LOSES else
            ",tasmota-stores=%s=%s" % (command_of(line),
                                       other.replace(",", "%2C"))))
    return " ".join(options)


# --------------------------------------------------------------------- the run

def prepare(folder):
    daemon = lan.Daemon(
        folder, discovery=dict(Backend="embedded", RequerySec=3),
        limits=dict(MaxParallel=100, FirstFetchSec=12, FlashTimeoutSec=120))
    lan.make_image(os.path.join(daemon.images, "lite.bin"), "small",
                   "--payload", "tasmota-lite")
    password = os.path.join(folder, "password")
    with open(password, "w") as f:
        f.write("so;gehe{m\n")
    os.chmod(password, 0o600)
    for v in VERSIONS:
        put_policy(daemon, keeper(v), [s[0] for s in SETTINGS if has(s, v)],
                   WebPasswordFile=password)
    for i, (line, _, _) in enumerate(LOSERS):
        put_policy(daemon, loser(i), [line])
    return daemon


def put_policy(daemon, ident, lines, **more):
    daemon.policy("p" + ident, dict(Image="lite.bin", Attempts=1),
                  match=dict(DeviceId=ident),
                  verify=dict(Expect="tasmota", TimeoutSec=60),
                  finish=dict(Command=lines, **more))


def expect_kept(device, version):
    lan.expect(device["state"], "verified", "the end (%s)" % device["detail"])
    lan.expect(device["detail"],
               "Tasmota %s (lite); it cannot be asked whether "
               "MqttPassword took effect" % version, "the detail")


def expect_lost(device, i):
    line = LOSERS[i][0]
    lan.expect((device["state"], device["reason"]),
               ("failed", "finish-failed"), "the end (%s)" % device["detail"])
    wanted = line.split(None, 1)[1].replace("$ID", device["id"])
    for part in command_of(line) + " did not take effect: it is ", \
            "wanted " + (wanted if wanted.isascii() else "\\xd0\\x9a"):
        if part[:60] not in device["detail"]:
            raise lan.Failure("%r has no %r" % (device["detail"], part))


def compare(devices):
    wrong = 0
    checks = [(v, keeper(v), expect_kept, v) for v in VERSIONS]
    checks += [("%s on %s" % (s[0], loser_version(i)), loser(i), expect_lost, i)
               for i, s in enumerate(LOSERS)]
    for name, ident, check, what in checks:
        try:
            check(devices[ident], what)
        except (lan.Failure, KeyError, TypeError) as e:
            print("%s (%s): %s" % (name, ident, e))
            wrong += 1
    return wrong


def run(folder):
    daemon = prepare(folder)
    count = len(VERSIONS) + len(LOSERS)
    with lan.stopped_at_end(daemon):
        daemon.start()
        try:
            lan.wait(lambda: sum(d["state"] in ("verified", "failed") for d in
                                 daemon.devices().values()) == count,
                     SECONDS, "all end")
        except lan.Failure as e:
            print(e)
        wrong = compare(daemon.devices())
    print("%d settings on %d versions, %d of them not kept: %d not as they "
          "should" % (len(SETTINGS), len(VERSIONS), len(LOSERS), wrong))
    return 1 if wrong else 0


lan.run(run, devices())
