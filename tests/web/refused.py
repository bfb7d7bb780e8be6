#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Who must not give orders cannot: foreign pages by form, no-cors and JSON, names
that lead here, a missing Origin, orders by GET, preflights, a thousand guesses of
the token. The daemon gets none of it. Who may, can.
"""
import json
import os
import subprocess
import sys
import tempfile
import time

from page import TOKEN, Page, own_net, wait
from fake import Fake
import schema

VERBS = ("approve", "flash", "retry", "cancel", "pause", "resume")
DEVICE = "1000000003"  # is held for an approval
JSON = {"Content-Type": "application/json"}
BEARER = {"Authorization": "Bearer " + TOKEN}


def nothing_foreign_is_let_in(page):
    """Each row is what is not as it must be, and what is answered then."""
    ours = {"Origin": page.origin, **JSON, **BEARER}
    cases = [
        ("foreign, JSON", {"Origin": "http://evil.test"}, 403),
        ("foreign, form", {"Origin": "http://evil.test", "Content-Type":
                           "application/x-www-form-urlencoded"}, 403),
        ("foreign, no-cors", {"Origin": "http://evil.test",
                              "Content-Type": "text/plain"}, 403),
        ("of no page", {"Origin": "null"}, 403),
        ("no Origin", {"Origin": None}, 403),
        ("another port", {"Origin": "http://127.0.0.1:1"}, 403),
        ("another host of ours", {"Origin": "http://localhost:%d" %
                                  page.port}, 403),
        ("two Origins", {"Origin": [page.origin, "http://evil.test"]}, 400),
        ("cross-site", {"Sec-Fetch-Site": "cross-site"}, 403),
        ("same-site", {"Sec-Fetch-Site": "same-site"}, 403),
        ("our form", {"Content-Type": "application/x-www-form-urlencoded"},
         415),
        ("our text", {"Content-Type": "text/plain"}, 415),
        ("of no type", {"Content-Type": None}, 415),
        ("two types", {"Content-Type": ["application/json", "text/plain"]},
         400),
        ("led here", {"Host": "evil.test", "Origin": "http://evil.test"}, 421),
        ("led here, our port", {"Host": "evil.test:%d" % page.port,
                                "Origin": "http://evil.test:%d" % page.port},
         421),
        ("led here, looks like ours", {"Host": "127.0.0.1.evil.test"}, 421),
        ("no Host", {"Host": None}, 400),
        ("two Hosts", {"Host": [page.host, "evil.test"]}, 400),
        ("no token", {"Authorization": None}, 401),
        ("another scheme", {"Authorization": "Basic " + TOKEN}, 401),
        ("an empty token", {"Authorization": "Bearer "}, 401),
        ("two tokens", {"Authorization": ["Bearer x", "Bearer " + TOKEN]},
         400),
    ]
    for verb in VERBS + ("login",):
        for name, change, want in cases:
            status, headers, body = page.ask(
                "POST", "/api/v1/" + verb, {**ours, **change},
                json.dumps({"id": DEVICE}).encode())
            assert status == want, (verb, name, status, body)
            if status != 400:
                check_refusal(headers, body)


def check_refusal(headers, body):
    said = json.loads(body)
    assert said["ok"] is False and said["code"] and said["error"], said
    assert not any(name.startswith("access-control") for name in headers)


def orders_are_only_given_by_post(page):
    ours = {"Origin": page.origin, **JSON, **BEARER}
    for verb in VERBS + ("login",):
        for method in ("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH",
                       "TRACE"):
            status, headers, _ = page.ask(
                method, "/api/v1/" + verb + ("?id=" + DEVICE if method == "GET"
                                             else ""), ours)
            assert status == 405 and headers["allow"] == "POST", (
                verb, method, status)
    # A browser asks so before it sends JSON to another place.
    for path in ("/api/v1/approve", "/api/v1/devices", "/api/v1/events"):
        status, headers, _ = page.ask("OPTIONS", path, {
            "Origin": "http://evil.test",
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type"})
        assert status == 405, (path, status)
        assert not any(name.startswith("access-control") for name in headers)


def other_pages_cannot_read(page):
    for path in ("/api/v1/devices", "/api/v1/status", "/api/v1/events",
                 "/metrics"):
        status, headers, _ = page.get(path, Origin="http://evil.test")
        assert status == 403, (path, status)
        status, headers, _ = page.get(path, Host="evil.test")
        assert status == 421, (path, status)
        assert headers["cross-origin-resource-policy"] == "same-origin"


def a_token_cannot_be_guessed(page):
    said = {}
    for number in range(1000):
        status, _ = page.order("pause", token="%048x" % number)
        said[status] = said.get(status, 0) + 1
    assert set(said) == {401, 429} and said[429] > 900, said
    # A program that knows the token cannot be kept out.
    status, answer = page.order("approve", {"id": DEVICE, "preview": True})
    assert status in (200, 409), (status, answer)


def what_is_not_http_or_too_much_is_refused(page):
    host = page.host.encode()
    post = (b"POST /api/v1/pause HTTP/1.1\r\nHost: " + host +
            b"\r\nOrigin: " + page.origin.encode() +
            b"\r\nContent-Type: application/json\r\nAuthorization: Bearer " +
            TOKEN.encode() + b"\r\n")
    cases = [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (0, 400)),
        (b"GET / HTTP/1.1\r\n\r\n", (400,)),
        (b"GET http://evil.test/ HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
         (404, 400)),
        (b"GET /../../etc/passwd HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
         (404,)),
        (b"GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
         (404,)),
        (b"GET /page.css%00.html HTTP/1.1\r\nHost: " + host + b"\r\n\r\n",
         (404,)),
        (b"GET /api/v1/plan?id=<script> HTTP/1.1\r\nHost: " + host +
         b"\r\n\r\n", (404, 400)),
        (b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nX: " + b"x" * 10000 +
         b"\r\n\r\n", (0, 400, 413)),
        (post + b"Content-Length: 5000\r\n\r\n" + b"x" * 5000, (0, 400, 413)),
    ] + [
        (post + b"Content-Length: %d\r\n\r\n" % len(body) + body, (400,))
        for body in (b"not JSON!", b"[]", b"null", b"[" * 4000,
                     b'{"a":' + b"[" * 3995, b'{"policy":"\xff\xfe\x00"}',
                     b'{"policy":"a","policy":"b"}', b'{"policy":1.5}',
                     b'{"image":"/etc/shadow"}', b'{"who":"admin"}',
                     b'{"args":{}}', b'{"polic":"a"}', b'{"":"a"}')
    ]
    for data, wanted in cases:
        try:
            status = page.raw(data)[0]
        except ConnectionResetError:
            status = 0
        assert status in wanted, (data[:60], status)


def every_reply_is_protected(page):
    for path in ("/", "/page.css", "/page.js", "/api/v1/devices",
                 "/api/v1/session", "/metrics", "/nothing"):
        _, headers, body = page.get(path)
        policy = headers["content-security-policy"]
        for part in ("default-src 'none'", "script-src 'self'",
                     "frame-ancestors 'none'", "form-action 'none'",
                     "base-uri 'none'"):
            assert part in policy, (path, policy)
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cache-control"] == "no-store"
        assert "set-cookie" not in headers
        head = page.ask("HEAD", path)
        assert head[1].get("content-length") == headers["content-length"] and \
            head[2] == b"", (path, head)


def a_session_begins_by_a_link_and_once(page):
    ctl = [os.path.join(os.getcwd(), "reflashctl"), "web", "--config",
           page.conf]
    told = subprocess.run(ctl + ["--json"], capture_output=True, text=True,
                          check=True).stdout
    schema.check(json.loads(told), "web")
    link = subprocess.run(ctl, capture_output=True, text=True, check=True)
    url, code = link.stdout.strip().split("/#t=")
    assert url == page.origin and TOKEN not in link.stdout
    assert page.get_json("/api/v1/session")["orders"] is False
    bearer = {"Authorization": "Bearer " + code}
    assert page.get_json("/api/v1/session", **bearer)["orders"] is False
    status, answer = page.order("login", token=code)
    assert status == 200 and answer["token"] not in (code, TOKEN), answer
    session = answer["token"]
    assert page.order("login", token=code)[0] in (401, 429), "a second time"
    assert page.get_json("/api/v1/session", Authorization="Bearer " +
                         session)["orders"] is True
    assert page.order("pause", token=session)[0] == 200
    assert page.order("resume", token=session)[0] == 200
    other = subprocess.run(ctl + ["https://page.example"], text=True,
                           capture_output=True, check=True).stdout
    assert other.startswith("https://page.example/#t="), other


def without_a_file_of_a_token_nobody_may(fake):
    with Page(fake.path, token=None) as page:
        assert page.order("pause")[0] == 401
        session = page.get_json("/api/v1/session", **BEARER)
        assert session["orders"] is False and "reflashctl web" in \
            session["why"], session
        page.write_token(TOKEN)
        assert page.order("pause")[0] == 200
        assert page.order("resume")[0] == 200
        os.chmod(page.token_file, 0o666)
        assert page.order("pause")[0] == 401


def over_the_network_it_only_shows(fake):
    """Here, the address of this machine on a net that is not the loopback."""
    for words in ("link add page0 type veth peer name page1",
                  "link set page0 up", "link set page1 up",
                  "address add 10.99.0.1/24 dev page0"):
        subprocess.run(["ip", *words.split()], check=True)
    for insecure, want in (("no", 403), ("yes", 200)):
        with Page(fake.path, address="10.99.0.1",
                  InsecureApprove=insecure) as page:
            assert page.get("/")[0] == 200
            assert page.order("pause")[0] == want, insecure
            page.order("resume")
            session = page.get_json("/api/v1/session", **BEARER)
            assert session["orders"] is (want == 200), session
            assert page.get("/", Host="10.99.0.2:1")[0] == 421


def who_has_the_token_gives_orders(fake, page):
    image = page.get_json("/api/v1/devices")["devices"][3]["image"]
    status, answer = page.order("approve", {"id": DEVICE, "sha256": "0" * 64})
    assert status == 409 and answer["code"] == "ESTALE", (status, answer)
    status, answer = page.order("approve", {"id": "1000ffffff"})
    assert status == 404, (status, answer)
    status, answer = page.order("approve", {"id": DEVICE,
                                            "sha256": image["sha256"]})
    assert status == 200 and answer["ok"] is True, (status, answer)
    status, answer = page.order("pause", Sec_Fetch_Site="same-origin")
    assert status == 200, answer
    assert page.get_json("/api/v1/status")["paused"] is True
    assert page.order("pause")[0] == 409
    assert page.order("resume")[0] == 200
    status, _, body = page.raw(
        b"GET /api/v1/status HTTP/1.0\r\nHost: localhost\r\n\r\n")
    assert status == 200 and json.loads(body)["paused"] is False


def lone_bytes_do_not_hold_places(page):
    """A hundred that say nothing: a browser gets through all the same."""
    idle = [page.connect() for _ in range(100)]
    for s in idle[:50]:
        s.sendall(b"GET / HT")
    assert page.get("/api/v1/session")[0] == 200
    wait(lambda: page.descriptors() < 50, "those that say nothing are ended")
    for s in idle:
        s.close()


def a_lack_of_descriptors_passes(fake):
    with Page(fake.path, descriptors=30) as page:
        many = [page.connect() for _ in range(60)]
        wait(lambda: page.descriptors() >= 29, "none is left")
        begun, used = time.monotonic(), page.cpu_seconds()
        wait(lambda: time.monotonic() - begun > 2, "2 s have passed")
        assert page.cpu_seconds() - used < 1, "it tries without end"
        for s in many:
            s.close()
        wait(lambda: page.get("/api/v1/session")[0] == 200, "it goes on")


def main():
    has_net = own_net()
    folder = tempfile.TemporaryDirectory()
    with Fake(os.path.join(folder.name, "s"), 5) as fake:
        fake.path = os.path.join(folder.name, "s")
        with Page(fake.path, AllowedHosts="page.example") as page:
            before = page.get_json("/api/v1/devices")
            asked = fake.do("images 0")[1]
            nothing_foreign_is_let_in(page)
            orders_are_only_given_by_post(page)
            other_pages_cannot_read(page)
            what_is_not_http_or_too_much_is_refused(page)
            assert fake.do("images 0")[1] == asked, "the daemon was asked"
            assert page.get_json("/api/v1/devices") == before
            every_reply_is_protected(page)
            a_token_cannot_be_guessed(page)
            lone_bytes_do_not_hold_places(page)
        with Page(fake.path) as page:
            a_session_begins_by_a_link_and_once(page)
            who_has_the_token_gives_orders(fake, page)
        without_a_file_of_a_token_nobody_may(fake)
        a_lack_of_descriptors_passes(fake)
        if has_net:
            over_the_network_it_only_shows(fake)
        else:
            print("no net of our own: not tried over one")
    print("nothing foreign was let in, and the daemon was asked nothing by it")


sys.exit(main())
