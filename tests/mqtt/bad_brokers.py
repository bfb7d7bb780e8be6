#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Brokers that are away, silent, slow or wrong: the flash ends all the same,
each is named once, memory does not grow, and everything is right afterwards.

Nearly all of the time is spent waiting for the next try to connect, which comes
up to 75 s after a fault that lasts.  So each broker has a port and a reflash-mqtt
of its own, and all of them are bad at the same time.
"""
import concurrent.futures
import json
import os
import socket
import subprocess
import threading
import time

import certificates
import mqtt
import lan

FIRST, SECOND = IDS = ["1000e1000%d" % n for n in (1, 2)]
DEVICES = " ".join("--device id=%s,chunk-ms=120,reboot-ms=200" % i for i in IDS)
AWAY_SEC = 30
PLACE_PORT = mqtt.PORT + 10  # and those after it: one for each trap
TLS_PORT = mqtt.PORT + 20
LOGIN_PORT = mqtt.PORT + 21
NO_PORT = 1  # where nobody listens
RACES = 5


class Trap:
    """Listens where the broker was, and is something else."""

    def __init__(self, answer, port):
        self.answer, self.is_open, self.count = answer, True, 0
        self.socket = socket.create_server(("127.0.0.1", port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while self.is_open:
            try:
                client, _ = self.socket.accept()
            except OSError:
                return
            self.count += 1
            threading.Thread(target=self.serve, args=(client,),
                             daemon=True).start()

    def serve(self, client):
        try:
            self.answer(self, client)
        except OSError:
            pass
        client.close()

    def stop(self):
        self.is_open = False
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def silent(trap, client):
    while trap.is_open and client.recv(4096):
        pass


def a_byte_a_second(trap, client):
    """The CONNACK of a broker that takes its time, and then pings, for ever."""
    for byte in b"\x20\x02\x00\x00" + b"\x30\xff\x7f" + b"x" * 600:
        if not trap.is_open:
            return
        client.sendall(bytes([byte]))
        time.sleep(1)


def babble(trap, client):
    client.sendall(b"\xf0\x00" * 8)
    silent(trap, client)


def slam(trap, client):
    client.recv(10)


def expect_right(broker, daemon):
    """A late subscriber gets the same as the daemon says."""
    def same():
        retained = broker.retained(seconds=1)
        if retained.get(mqtt.STATUS) != "online":
            return False
        return all(mqtt.STATE % i in retained and mqtt.CONFIG % i in retained
                   and json.loads(retained[mqtt.STATE % i])["state"] ==
                   daemon.state_of(i) for i in IDS)
    lan.wait(same, 100, "everything is right again") # after the back-off


def away_in_the_middle(broker, bridge, daemon):
    """Killed, for 30 s, and back without anything that it has known."""
    daemon.ctl("approve", FIRST)
    daemon.wait_for(FIRST, "downloading", 30)
    begun = time.monotonic()
    broker.stop()
    daemon.wait_for(FIRST, "flashed", 90)
    lan.wait(lambda: time.monotonic() - begun > AWAY_SEC, AWAY_SEC, "30 s")
    lan.expect(len(bridge.logged("it cannot be reached: Connection refused")),
               1, "lines about it")
    broker.start()
    expect_right(broker, daemon)
    update = json.loads(broker.retained(mqtt.UPDATE % FIRST, 1)[
        mqtt.UPDATE % FIRST])
    lan.expect(update["installed_version"], update["latest_version"], "end")
    print("away for %d s: right again" % AWAY_SEC)


def in_its_place(folder, parts, daemon, number, answer, words, tries):
    """Another program at the port of the broker."""
    name, port = answer.__name__, PLACE_PORT + number
    broker = parts.add(mqtt.Broker(folder, name, port)).start()
    bridge = parts.add(mqtt.Bridge(folder, daemon, port, dict(KeepAlive="5"),
                                   name=name)).start()
    lan.wait(lambda: bridge.logged("connected as"), 20, "connected")
    expect_right(broker, daemon)
    memory = bridge.memory()
    broker.stop()
    trap = Trap(answer, port)
    lan.wait(lambda: bridge.logged(words), 60, words)
    lan.wait(lambda: trap.count >= tries, 60, "another try")
    lan.expect(len(bridge.logged(words)), 1, "lines: " + words)
    trap.stop()
    broker.start()
    expect_right(broker, daemon)
    expect_small(bridge, memory)
    print("%s: named once, right again" % name)


def expect_small(bridge, memory):
    grown = bridge.memory() - memory
    if not lan.has_sanitizer():
        lan.expect(grown < 2048, True, "KiB more than before: %d" % grown)
    lan.expect(bridge.cpu() < 3, True, "seconds of CPU: %s" % bridge.cpu())


def flash_meanwhile(broker, bridge, daemon):
    """A byte a second in the middle of a flash."""
    daemon.ctl("approve", SECOND)
    daemon.wait_for(SECOND, "downloading", 30)
    broker.stop()
    trap = Trap(a_byte_a_second, broker.port)
    daemon.wait_for(SECOND, "flashed", 90)
    trap.stop()
    broker.start()
    expect_right(broker, daemon)


def named(bridge, part, words):
    """By -t, and once by the service; without a part all is well."""
    code, said = bridge.check()
    if part is None:
        lan.expect((code, words in said), (0, True), said)
        words = "connected as"
    else:
        lan.expect((code, part + ": FAILS: " in said, words in said),
                   (1, True, True), said)
        lan.expect(said.count("FAILS"), 1, "faults: " + said)
    with mqtt.Parts() as parts:
        parts.add(bridge).start()
        lan.wait(lambda: bridge.logged(words), 20, words)
        lan.expect(len(bridge.logged(words)), 1, "lines: " + words)
    os.unlink(bridge.log)


def tls(folder, cert, key, lines, bridge, part, words):
    """A broker with this certificate, and what is said of it."""
    with mqtt.Parts() as parts:
        parts.add(mqtt.Broker(folder, "tls", TLS_PORT, [
            "certfile " + cert, "keyfile " + key, *lines])).start()
        bridge.write()  # they share a file
        named(bridge, part, words)


def certificates_that_are_wrong(folder, daemon):
    ours = certificates.Authority(folder + "/tls", "ours")
    theirs = certificates.Authority(folder + "/tls", "theirs")
    name = ["DNS:broker.test"]
    good = ours.sign("broker", name)
    client = ours.sign("client", ["DNS:client"])
    stranger = theirs.sign("stranger", ["DNS:client"])

    def bridge(ca=ours.path, **keys):
        return mqtt.Bridge(folder, daemon, TLS_PORT, dict(dict(
            CAFile=ca, ServerName="broker.test"), **keys), name="tls")

    plain = ["cafile " + ours.path, "allow_anonymous true"]
    wants = plain + ["require_certificate true"]
    ok = "certificate: ok"
    rows = [
        (good, plain, bridge(), None, ok),
        (good, plain, bridge(Protocol="5"), None, ok),
        (good, plain, bridge(ServerName="other.test"), "certificate",
         "for another name (broker), and not for other.test"),
        (ours.sign("old", name, certificates.EXPIRED), plain, bridge(), "certificate",
         "(old) has expired"),
        (good, plain, bridge(ca=theirs.path), "certificate",
         "from an authority that is not in CAFile="),
        (good, wants, bridge(CertFile=client[0], KeyFile=client[1]), None, ok),
        (good, plain, bridge(CertFile=client[0], KeyFile=stranger[1]),
         "certificate", "or not that of CertFile="),
        (good, plain, bridge(ca="/nowhere/ca.pem"), "certificate",
         "CAFile=: /nowhere"),
    ]
    # These are refused after the handshake: the reason races with what is sent.
    rows += RACES * [
        (good, wants, bridge(), "certificate",
         "required; does it ask for a client certificate?"),
        (good, wants, bridge(CertFile=stranger[0], KeyFile=stranger[1]),
         "certificate", "is CertFile= from the authority that it trusts?"),
    ]
    for (cert, key), lines, made, part, words in rows:
        tls(folder, cert, key, lines, made, part, words)
    print("%d certificates: each as it should be" % len(rows))


def write_secret(path, word):
    with open(path, "w") as f:
        f.write(word + "\n")
    os.chmod(path, 0o600)
    return path


def login_broker(folder):
    """With the user reflashd, and one who may only read."""
    passwords, acl = folder + "/passwords", folder + "/acl"
    write_secret(passwords, "reflashd:right\nreader:right")
    subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)
    with open(acl, "w") as f:
        f.write("user reflashd\ntopic readwrite #\n"
                "user reader\ntopic read #\n")
    return mqtt.Broker(folder, "login", LOGIN_PORT, [
        "allow_anonymous false", "password_file " + passwords,
        "acl_file " + acl])


def logins(folder, daemon):
    credentials = folder + "/credentials"
    os.mkdir(credentials)
    write_secret(credentials + "/reflash-mqtt.password", "right")
    write_secret(credentials + "/other", "wrong")
    systemd = dict(CREDENTIALS_DIRECTORY=credentials)

    def bridge(env=None, port=LOGIN_PORT, **keys):
        return mqtt.Bridge(folder, daemon, port, keys, name="login", env=env)

    def login(user, word, **keys):
        path = write_secret(folder + "/password-" + word, word)
        return bridge(User=user, PasswordFile=path, **keys)

    ok = "login: ok: reflashd"
    refuses = "it refuses the login of the user "
    rows = [
        (login("reflashd", "right"), None, ok),
        (login("reflashd", "right", Protocol="5"), None, ok),
        (bridge(systemd, User="reflashd"), None, ok),
        (bridge(systemd, User="reflashd", PasswordFile="other"), "login",
         refuses + "reflashd"),
        (bridge(systemd, User="reflashd", PasswordFile="absent"), "login",
         credentials + "/absent: No such file"),
        (bridge(User="reflashd", PasswordFile="other"), "login",
         "there are no credentials here"),
        (login("reflashd", "wrong"), "login", refuses + "reflashd"),
        (login("nobody", "right", Protocol="5"), "login", refuses + "nobody"),
        (bridge(), "login", "it refuses a login without a name"),
        (bridge(Host="no-such-host.invalid"), "name", "no-such-host.invalid"),
        (bridge(port=NO_PORT), "connection",
         "it cannot be reached: Connection refused"),
        (bridge(User="reflashd", PasswordFile="/nowhere/password"), "login",
         "/nowhere"),
    ]
    with mqtt.Parts() as parts:
        parts.add(login_broker(folder)).start()
        for made, part, words in rows:
            made.write()  # they share a file
            named(made, part, words)
        reader = login("reader", "right")
        code, said = reader.check()
        lan.expect((code, "rights: may not: write reflashd/home/device/"
                    "0000000000/state: nothing is published at all" in said),
                   (1, True), said)
    print("%d logins: each as it should be" % (len(rows) + 1))


def flash_on(folder, parts, daemon):
    """Two flashes, while the broker is away and while it is another program."""
    broker = parts.add(mqtt.Broker(folder)).start()
    bridge = parts.add(mqtt.Bridge(folder, daemon, broker=dict(
        KeepAlive="5"))).start()
    expect_right(broker, daemon)
    memory = bridge.memory()
    away_in_the_middle(broker, bridge, daemon)
    flash_meanwhile(broker, bridge, daemon)
    expect_small(bridge, memory)


PLACES = (
    (silent, "answers nothing", 2),
    (a_byte_a_second, "it has been silent for 5 s", 1),
    (babble, "is not MQTT", 1),
    (slam, "closed the connection before it answered", 3),
)


def main(folder):
    daemon = lan.Daemon(folder)
    lan.make_image(daemon.images + "/first.bin", "valid")
    daemon.policy("50-all", dict(Action="ask", Image="first.bin"))
    with mqtt.Parts() as parts, \
            concurrent.futures.ThreadPoolExecutor(max_workers=9) as pool:
        parts.add(daemon).start()
        daemon.wait_for_all({"held"}, 30)
        under_way = [pool.submit(flash_on, folder, parts, daemon),
                     pool.submit(certificates_that_are_wrong, folder, daemon),
                     pool.submit(logins, folder, daemon)]
        under_way += [pool.submit(in_its_place, folder, parts, daemon, n, *row)
                      for n, row in enumerate(PLACES)]
        for each in concurrent.futures.as_completed(under_way):
            each.result()


mqtt.run(main, DEVICES)
