#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The example etc/web/nginx.conf, in front of reflash-web: nobody gets in without the
login, who is in gives orders by name, events come one by one, and pages of other places
get nowhere.
"""
import base64
import json
import os
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile

from page import TOKEN, Page, free_port, own_net, read_reply, wait
from fake import Fake

HERE = os.path.dirname(os.path.abspath(__file__))
EXAMPLE = os.path.join(HERE, "..", "..", "etc", "web", "nginx.conf")
LOGIN = {"Authorization": "Basic " +
         base64.b64encode(b"alice:wonder").decode()}


def write(path, text):
    with open(path, "w") as f:
        f.write(text)
    return path


def configure(folder, page, port):
    """The example with what is elsewhere here; each must be in it."""
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes",
                    "-days", "1", "-subj", "/CN=page.example",
                    "-keyout", folder + "/key", "-out", folder + "/cert"],
                   check=True, stderr=subprocess.DEVNULL)
    hashed = subprocess.run(["openssl", "passwd", "-apr1", "wonder"],
                            check=True, capture_output=True, text=True).stdout
    write(folder + "/users", "alice:" + hashed)
    write(folder + "/token",
          'proxy_set_header Authorization "Bearer %s";\n' % TOKEN)
    with open(EXAMPLE) as f:
        site = f.read()
    for was, now in (
            ("listen 443 ssl;", "listen 127.0.0.1:%d ssl;" % port),
            ("listen [::]:443 ssl;", ""),
            ("/etc/letsencrypt/live/page.example/fullchain.pem",
             folder + "/cert"),
            ("/etc/letsencrypt/live/page.example/privkey.pem", folder + "/key"),
            ("auth_basic_user_file /etc/nginx/reflashd.users",
             "auth_basic_user_file %s/users" % folder),
            ("include /etc/nginx/reflashd.token", "include %s/token" % folder),
            ("unix:/run/reflash-web/web.sock", "unix:" + page.path)):
        assert was in site, "not in the example: " + was
        site = site.replace(was, now)
    user = "user root;\n" if os.geteuid() == 0 else ""
    return write(folder + "/nginx.conf", user + """
daemon off; worker_processes 1; pid %s/pid; error_log %s/error;
events { worker_connections 64; }
http { access_log off; client_body_temp_path %s/body; proxy_temp_path %s/proxy;
fastcgi_temp_path %s/f; uwsgi_temp_path %s/u; scgi_temp_path %s/s;
%s
}
""" % ((folder,) * 7 + (site,)))


class Front:
    """What a browser gets that asks for https://page.example:PORT."""

    def __init__(self, port):
        self.port, self.host = port, "page.example:%d" % port

    def connect(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        s = socket.create_connection(("127.0.0.1", self.port), 30)
        return context.wrap_socket(s, server_hostname="page.example")

    def send(self, s, method, path, headers, body=b""):
        lines = ["%s %s HTTP/1.1" % (method, path), "Host: " + self.host,
                 "Content-Length: %d" % len(body)]
        lines += ["%s: %s" % item for item in headers.items()]
        s.sendall("\r\n".join(lines + ["", ""]).encode() + body)

    def ask(self, method, path, headers, body=b""):
        with self.connect() as s:
            self.send(s, method, path,
                      {"Connection": "close", **headers}, body)
            return read_reply(s)

    def order(self, verb, body, **headers):
        status, _, answer = self.ask(
            "POST", "/api/v1/" + verb,
            {"Origin": "https://" + self.host,
             "Content-Type": "application/json", **LOGIN, **headers},
            json.dumps(body).encode())
        return status, answer


def check(front, fake):
    assert front.ask("GET", "/", {})[0] == 401, "without the login"
    assert front.ask("GET", "/", LOGIN)[0] == 200
    session = json.loads(front.ask("GET", "/api/v1/session", LOGIN)[2])
    assert session["orders"] is True, session
    assert front.order("pause", {}, Authorization="Basic x")[0] == 401
    assert front.order("pause", {}, Origin="https://evil.test")[0] == 403
    assert front.order("pause", {})[0] == 200
    assert front.order("resume", {})[0] == 200
    with front.connect() as s:
        front.send(s, "GET", "/api/v1/events", LOGIN)
        data = b""
        while b"event: status" not in data:
            data += s.recv(65536)
        fake.do("set 1000000000 downloading 4096")
        while b'"bytes":4096' not in data:
            data += s.recv(65536)
        assert data.count(b"event: snapshot") == 1


def main():
    for name in "nginx", "openssl":
        if not shutil.which(name):
            print("SKIP: no " + name)
            return 77
    own_net()
    with tempfile.TemporaryDirectory() as folder:
        path, port = os.path.join(folder, "s"), free_port()
        with Fake(path, 3) as fake, \
                Page(path, AllowedHosts="page.example:%d" % port) as page:
            front = Front(port)
            conf = configure(folder, page, port)
            nginx = subprocess.Popen(["nginx", "-c", conf, "-p", folder],
                                     stderr=subprocess.DEVNULL)
            try:
                wait(lambda: nginx.poll() is None and os.path.exists(
                    folder + "/pid"), "nginx starts")
                check(front, fake)
            finally:
                nginx.terminate()
                nginx.wait()
    print("behind nginx, by the example: a login lets in, and gives orders")


sys.exit(main())
