#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The page behind the ingress of Home Assistant, which a proxy in here does as Home
Assistant and its Supervisor do: a path before every URL, a session by a cookie, the
person in headers. In Chromium the page is in a frame of Home Assistant: it is live,
and an approval is given by the person who has logged in; nothing is asked for outside
of the path. A request that comes past ingress, from another page or without a name
gets nowhere.
"""
import http.client
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading

import chromium
from page import Page, own_net, wait
from fake import Fake

SUPERVISOR, HOST = "172.30.32.2", "172.30.32.1"
PREFIX = "/api/hassio_ingress/Zq3-secret_token/"
ALICE = {"X-Remote-User-Id": "0123456789abcdef0123456789abcdef",
         "X-Remote-User-Name": "alice",
         "X-Remote-User-Display-Name": "Alice Wonder"}
DEVICE = "1000000003"  # is held for an approval
LEFT_OUT = ("connection", "content-length", "content-encoding",
            "transfer-encoding", "x-remote-user-id", "x-remote-user-name",
            "x-remote-user-display-name")
DASHBOARD = b"""<!doctype html><title>Home Assistant</title>
<link rel="icon" href="data:,"><iframe src="%s" style="width: 95vw; height: 90vh"></iframe>""" % (
    PREFIX.encode())


class Handler(http.server.BaseHTTPRequestHandler):
    """Core and Supervisor in one: the path, the session, the headers."""
    protocol_version = "HTTP/1.1"

    def log_message(self, *what):
        pass

    def answer(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.asked.append(self.path)
        if self.path == "/":
            self.answer(200, DASHBOARD, Content_Type="text/html", Set_Cookie=(
                "ingress_session=good; Path=/api/hassio_ingress/; "
                "SameSite=Strict"))
        elif not self.path.startswith(PREFIX):
            self.answer(404, b"outside of the path")
        elif "ingress_session=good" not in self.headers.get("Cookie", ""):
            self.answer(401, b"no session")
        else:
            self.hand_on()

    do_POST = do_GET

    def hand_on(self):
        size = int(self.headers.get("Content-Length", 0))
        page = http.client.HTTPConnection(
            HOST, self.server.page.port, timeout=60,
            source_address=(SUPERVISOR, 0))
        page.putrequest(self.command, "/" + self.path[len(PREFIX):],
                        skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():
            if name.lower() not in LEFT_OUT:
                page.putheader(name, value)
        for name, value in {"X-Ingress-Path": PREFIX.rstrip("/"),
                            "X-Forwarded-Host": self.headers["Host"],
                            **self.server.person}.items():
            page.putheader(name, value)
        page.putheader("Content-Length", str(size))
        page.endheaders(self.rfile.read(size))
        self.give_back(page.getresponse())

    def give_back(self, reply):
        self.send_response(reply.status)
        for name, value in reply.getheaders():
            if name.lower() not in LEFT_OUT:
                self.send_header(name, value)
        self.send_header("Connection", "close")
        self.end_headers()
        try:
            while True:
                part = reply.read1(65536)
                if not part:
                    break
                self.wfile.write(part)
        except OSError:
            pass  # the browser has left
        self.close_connection = True
        reply.close()


class HomeAssistant(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *what):
        """The browser has left, or the test is over."""

    def __init__(self, page):
        super().__init__(("127.0.0.1", 0), Handler)
        self.page, self.person, self.asked = page, ALICE, []
        self.origin = "http://homeassistant.test:%d" % self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()


def add_addresses():
    """The first is where connections come from that do not say."""
    for address in (SUPERVISOR, HOST):
        subprocess.run(["ip", "address", "add", address + "/23", "dev", "lo"],
                       check=True)


class FromSupervisor:
    """A page that is asked as the Supervisor would."""

    def __init__(self, page, source=SUPERVISOR):
        self.page, self.source = page, source

    def connect(self):
        return socket.create_connection((HOST, self.page.port), 30,
                                        (self.source, 0))

    def order(self, verb, body=None, **headers):
        """As Page.order(): the page of Home Assistant gives it, and Alice."""
        given = {"Host": "ha.test:8123", "Origin": "http://ha.test:8123",
                 **ALICE}
        given.update({name.replace("_", "-"): value
                      for name, value in headers.items()})
        return self.page.order(verb, body, None, self.connect(), **given)

    def get(self, path, **headers):
        return self.page.ask("GET", path, {"Host": "ha.test:8123", **headers},
                             sock=self.connect())


def only_home_assistant_gets_in(page):
    assert FromSupervisor(page).get("/")[0] == 200
    for source in (HOST, "127.0.0.1"):
        for path in ("/", "/api/v1/devices", "/metrics"):
            status, _, body = FromSupervisor(page, source).get(path)
            assert status == 403 and b"only for Home Assistant" in body, (
                source, path, status)
        status, told = FromSupervisor(page, source).order("pause")
        assert status == 403 and not told["ok"], (source, told)


def an_order_needs_a_person_and_the_page(page, fake):
    """Each row is what is not as it must be, and what is answered then."""
    cases = [
        ("no id", {"X-Remote-User-Id": None}, 403),
        ("an empty id", {"X-Remote-User-Id": ""}, 403),
        ("two ids", {"X-Remote-User-Id": ["a", "b"]}, 400),
        ("no Origin", {"Origin": None}, 403),
        ("of no page", {"Origin": "null"}, 403),
        ("foreign", {"Origin": "http://evil.test"}, 403),
        ("another port", {"Origin": "http://ha.test:1880"}, 403),
        ("led here", {"Origin": "http://evil.test:8123"}, 403),
        ("same-site", {"Sec-Fetch-Site": "same-site"}, 403),
        ("a form", {"Content-Type": "application/x-www-form-urlencoded"},
         415),
        ("text", {"Content-Type": "text/plain"}, 415),
        ("a preflight", None, 405),
    ]
    front = FromSupervisor(page)
    for name, headers, expected in cases:
        if headers is None:
            status = page.ask("OPTIONS", "/api/v1/pause", {
                "Origin": "http://evil.test", "Host": "ha.test:8123"},
                sock=front.connect())[0]
        else:
            status = front.order("pause", {}, **headers)[0]
        assert status == expected, (name, status)
    assert page.ask("GET", "/", {"Host": "localhost"}, sock=page.connect_by_path()
                    )[0] == 200
    assert json.loads(front.get("/api/v1/status")[2])["paused"] is False
    status, told = front.order("pause")
    assert status == 200 and told["ok"], told
    status, told = front.order("resume", {}, Host="ha-inside:8123",
                               X_Forwarded_Host="ha.test:8123")
    assert status == 200, "a proxy in front of Home Assistant: %s" % told


def many_pages_are_live(page):
    """They all come from one address, and are from as many browsers."""
    streams = [FromSupervisor(page).connect() for _ in range(12)]
    for stream in streams:
        stream.sendall(b"GET /api/v1/events HTTP/1.1\r\nHost: ha.test\r\n\r\n")
    for stream in streams:
        assert stream.recv(64).startswith(b"HTTP/1.1 200 "), stream
        stream.close()


def elsewhere_nothing_has_changed(control):
    """Without Ingress= the headers of a person are worth nothing."""
    with Page(control, address=HOST, InsecureApprove="yes") as page:
        for source in (SUPERVISOR, HOST):
            status, told = FromSupervisor(page, source).order(
                "pause", {}, Host=page.host, Origin=page.origin)
            assert status == 401, (source, told)
        assert "frame-ancestors 'none'" in page.get("/")[1][
            "content-security-policy"]
    with Page(control, address=HOST, Ingress=SUPERVISOR) as page:
        status, told = page.order("pause", {}, None, page.connect_by_path(),
                                  Host="localhost", Origin="http://localhost",
                                  **ALICE)
        assert status == 401, "by the Unix socket: %s" % told


def only_those_who_are_named(control):
    with Page(control, address=HOST, Ingress=SUPERVISOR,
              IngressUsers="bob fedcba9876543210") as page:
        front = FromSupervisor(page)
        status, told = front.order("pause")
        assert status == 403 and "approvers" in told["error"], told
        session = json.loads(front.get("/api/v1/session", **ALICE)[2])
        assert session["orders"] is False, session
        for verb, who in (("pause", {"X-Remote-User-Name": "bob"}),
                          ("resume", {"X-Remote-User-Id": "fedcba9876543210"})):
            status, told = front.order(verb, {}, **who)
            assert status == 200, (who, told)
        assert front.order("pause", {}, X_Remote_User_Name=None,
                           X_Remote_User_Display_Name="bob")[0] == 403


def wrong_settings_are_said(control):
    with tempfile.TemporaryDirectory() as folder:
        conf = os.path.join(folder, "web.conf")
        for text, words in (("Ingress=supervisor\n", "172.30.32.2"),
                            ("IngressUsers=bob\n", "without Ingress=")):
            with open(conf, "w") as f:
                f.write("[Server]\n" + text)
            done = subprocess.run(["./reflash-web", "-c", conf, "-t"],
                                  capture_output=True, text=True)
            said = done.stdout + done.stderr
            assert done.returncode == 78 and words in said, said


# What is in the frame; its document may be looked at from outside, being of the
# same place.
FRAME = "document.querySelector('iframe').contentDocument"


def the_page_is_live_in_its_frame(ha, fake, tab):
    tab.open(ha.origin + "/")
    tab.wait(FRAME + ".getElementById('live')?.textContent === 'live'")
    tab.wait(FRAME + ".getElementById('rows').children.length === 5")
    for amount in (100000, 250000):
        fake.do("set 1000000000 downloading %d" % amount)
        tab.wait(FRAME + ".getElementById('rows').innerText.includes('%d %%')"
                 % (amount * 100 // 504848))
    tab.wait(FRAME + ".getElementById('rights').hidden")


def state_of(page, ident):
    told = json.loads(FromSupervisor(page).get("/api/v1/devices")[2])
    return next(one["state"] for one in told["devices"] if one["id"] == ident)


def alice_approves(page, tab):
    assert state_of(page, DEVICE) == "held"
    find = ("[...%s.querySelectorAll('button')].find((b) => (b.getAttribute("
            "'aria-label') || b.textContent).includes('Approve %s'))" % (
                FRAME, DEVICE))
    tab.wait(find + " !== undefined")
    tab.js(find + ".click()")
    tab.wait(FRAME + ".getElementById('confirm').open")
    tab.js(FRAME + ".getElementById('confirm-yes').click()")
    tab.wait("!%s.getElementById('confirm').open" % FRAME)
    wait(lambda: state_of(page, DEVICE) != "held", "the device is let go")


def all_views_load(tab):
    for view in ("plan", "policies", "history", "problems"):
        tab.js(FRAME + ".querySelector('nav a[href=\"#%s\"]').click()" % view)
        tab.wait("%s.getElementById('%s').children.length > 0" % (
            FRAME, view))
    reply = tab.js("fetch(%s.querySelector('a[download]').href).then((r) => "
                   "r.status)" % FRAME)
    assert reply == 200, reply


def nothing_is_asked_for_elsewhere(ha, tab):
    outside = [path for path in ha.asked
               if path != "/" and not path.startswith(PREFIX)]
    assert outside == [], outside
    inside = {path[len(PREFIX):].split("?")[0] for path in ha.asked
              if path.startswith(PREFIX)}
    assert {"", "page.css", "page.js", "api/v1/events", "api/v1/approve",
            "api/v1/session"} <= inside, inside
    assert all(url.startswith((ha.origin, "about:"))
               for url in tab.asked_for()), tab.asked_for()
    complaints = [text for text in tab.complaints() if "favicon" not in text]
    assert complaints == [], complaints


def a_page_of_another_place(ha, browser):
    """It leads to Home Assistant by its own name, or sends to it what it can: the
    cookie of the session is for neither."""
    tab = chromium.Tab(browser)
    evil = ha.origin.replace("homeassistant", "evil")
    tab.call("Page.navigate", url=evil + PREFIX)
    tab.wait("document.body && document.body.innerText === 'no session'")
    seen = len(ha.asked)
    status = tab.js("fetch('%sapi/v1/pause', {method: 'POST', mode: 'no-cors', "
                    "credentials: 'include', body: '{}'}).then(() => 'sent', "
                    "(e) => 'stopped')" % (ha.origin + PREFIX))
    assert len(ha.asked) > seen or status == "stopped"
    assert json.loads(FromSupervisor(ha.page).get("/api/v1/status")[2])[
        "paused"] is False


def in_chromium(control, fake):
    if not chromium.find():
        print("SKIP: no chromium")
        return 77
    with Page(control, token=None, address=HOST, Ingress=SUPERVISOR) as page, \
            chromium.Browser("--host-resolver-rules=MAP *.test 127.0.0.1") \
            as browser:
        ha, tab = HomeAssistant(page), chromium.Tab(browser)
        the_page_is_live_in_its_frame(ha, fake, tab)
        alice_approves(page, tab)
        all_views_load(tab)
        nothing_is_asked_for_elsewhere(ha, tab)
        a_page_of_another_place(ha, browser)
        ha.shutdown()
    print("the page is live in its frame, and Alice has approved; everything "
          "that was asked for is below " + PREFIX)
    return 0


def main():
    if not own_net():
        print("SKIP: no namespaces here")
        return 77
    add_addresses()
    with tempfile.TemporaryDirectory() as folder:
        control = os.path.join(folder, "s")
        with Fake(control, 5) as fake:
            with Page(control, address=HOST, Ingress=SUPERVISOR) as page:
                only_home_assistant_gets_in(page)
                an_order_needs_a_person_and_the_page(page, fake)
                many_pages_are_live(page)
            elsewhere_nothing_has_changed(control)
            only_those_who_are_named(control)
            wrong_settings_are_said(control)
            return in_chromium(control, fake)


sys.exit(main())
