#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The sockets of the page: over IPv6 as over IPv4, opened by itself or by systemd;
from another machine it only shows, whichever of the two that one speaks.
"""
import os
import socket
import subprocess
import sys
import tempfile

from page import Page, own_net, wait
from fake import Fake


def has_ipv6():
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
        return True
    except OSError:
        return False


def has_systemd():
    with open("config.h") as f:
        return "#define HAVE_SYSTEMD 1" in f.read()


def orders_are_taken(page, sock=None):
    assert page.order("pause", sock=sock and sock())[0] == 200
    assert page.get_json("/api/v1/status")["paused"] is True
    assert page.order("resume", sock=sock and sock())[0] == 200


def by_itself_over_ipv6(path):
    with Page(path, address="::1") as page:
        assert "http://[::1]:%d" % page.port in page.said(), page.said()
        assert page.get("/")[0] == 200
        orders_are_taken(page)
        assert page.get("/", Host="[::2]:%d" % page.port)[0] == 421
        assert page.order("pause", Origin="http://[::1]:1")[0] == 403
        told = subprocess.run(
            [os.path.join(os.getcwd(), "reflash-web"), "-t", "-c", page.conf],
            capture_output=True, text=True,
            env=dict(os.environ, REFLASHD_SOCKET=path))
        assert "page: http://[::1]:%d\n" % page.port in told.stdout, told
        link = subprocess.run(
            [os.path.join(os.getcwd(), "reflashctl"), "web", "--config",
             page.conf], capture_output=True, text=True, check=True).stdout
        assert link.startswith(page.origin + "/#t="), link


def over_the_network_it_only_shows(path):
    for words in ("link add page0 type veth peer name page1",
                  "link set page0 up", "link set page1 up",
                  "address add fd00:99::1/64 dev page0 nodad"):
        subprocess.run(["ip", *words.split()], check=True)
    for insecure, want in (("no", 403), ("yes", 200)):
        with Page(path, address="fd00:99::1",
                  InsecureApprove=insecure) as page:
            assert page.get("/")[0] == 200
            status, answer = page.order("pause")
            assert status == want, (insecure, status, answer)
            page.order("resume")


def listening(family, address, v6only=True):
    s = socket.socket(family)
    if family == socket.AF_INET6:
        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    s.bind(address)
    s.listen()
    return s


def given_by_systemd(path, folder):
    """All three at once; the one that was asked for is the first."""
    web = os.path.join(folder, "given.sock")
    with listening(socket.AF_INET6, ("::1", 0)) as six, \
            listening(socket.AF_INET, ("127.0.0.1", 0)) as four, \
            listening(socket.AF_UNIX, web) as unix, \
            Page(path, address="::1", given=[six, four, unix]) as page:
        said = page.said()
        for place in ("http://[::1]:%d" % page.port, web,
                      "http://127.0.0.1:%d" % four.getsockname()[1]):
            assert place in said, (place, said)
        assert "of no use" not in said, said
        orders_are_taken(page)
        orders_are_taken(page, lambda: page.connect_by_path(web))
        orders_are_taken(page, lambda: socket.create_connection(
            four.getsockname()))


def one_for_both(path):
    """A ListenStream=8267 of systemd: IPv4 comes on a socket of IPv6."""
    with listening(socket.AF_INET6, ("::", 0), v6only=False) as both, \
            Page(path, address="127.0.0.1", given=[both]) as page:
        orders_are_taken(page)
        assert page.get("/", Host="10.1.2.3:%d" % page.port)[0] == 421


def what_is_no_use_is_said(path):
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as other, \
            listening(socket.AF_INET, ("127.0.0.1", 0)) as four:
        other.bind(("::1", 0))
        with Page(path, given=[four, other]) as page:
            wait(lambda: "is of no use here" in page.said(), "it is said")
            orders_are_taken(page)


def main():
    has_net = own_net()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "s")
        with Fake(path, 3):
            if not has_ipv6():
                print("SKIP: no IPv6")
                return 77
            by_itself_over_ipv6(path)
            if has_net:
                over_the_network_it_only_shows(path)
            if has_systemd():
                given_by_systemd(path, folder)
                one_for_both(path)
                what_is_no_use_is_said(path)
    print("the page is there over IPv6 as over IPv4%s" % (
        ", and at the sockets of systemd" if has_systemd() else ""))


sys.exit(main())
