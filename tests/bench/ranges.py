#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""The server of images beside nginx: ranges.py RESULT

Both get a processor of their own if there are two, the load the other one.
reflashd is the whole daemon, with a device that was told to fetch its image
and never does, and each range that wrk gets instead is counted as its
progress.
"""
import os
import re
import shutil
import signal
import subprocess
import sys

import bench

PAIRS = 5
SECONDS = 3
CONNECTIONS = (1, 32, 1000)
MANY = 4096     # connections that both let in
SIZE = 504848
PORT, CORKED = 8398, 8399

NGINX = """
user root; worker_processes 1; daemon off; master_process off;
pid %(folder)s/pid; error_log %(folder)s/nginx.log;
events { worker_connections 8192; }
http {
	access_log off; sendfile on; tcp_nodelay on;
	open_file_cache max=64 inactive=1h; open_file_cache_valid 1h;
	keepalive_requests 1000000000; keepalive_timeout 60;
	client_body_temp_path %(folder)s/1; proxy_temp_path %(folder)s/2;
	fastcgi_temp_path %(folder)s/3; uwsgi_temp_path %(folder)s/4;
	scgi_temp_path %(folder)s/5;
	server { listen %(address)s:%(port)d backlog=4096; root %(folder)s/www; }
	server {
		listen %(address)s:%(corked)d backlog=4096;
		root %(folder)s/www; tcp_nopush on;
	}
}
"""

# Name, arguments of ranges.lua or None without it, least ratio to nginx, and
# whether nginx is quicker with tcp_nopush: on a connection that it will close
# the second segment of a reply else waits 40 ms for the first to be
# acknowledged, and on one that is kept alive it is two more system calls.
KINDS = (("range", (), 0.9, False),
         ("range, connection", ("close",), 1.0, True),
         ("whole image", None, 0.9, False))


def pin(processor):
    if os.cpu_count() > 1:
        os.sched_setaffinity(0, {processor})


class Nginx:
    def __init__(self, folder, image, path):
        self.folder = folder
        copy = folder + "/www" + path
        os.makedirs(os.path.dirname(copy))
        shutil.copyfile(image, copy)
        address = os.environ["REFLASH_SIM_SERVER"]
        with open(folder + "/nginx.conf", "w") as f:
            f.write(NGINX % dict(folder=folder, address=address, port=PORT,
                                 corked=CORKED))
        self.urls = ["http://%s:%d%s" % (address, port, path)
                     for port in (PORT, CORKED)]
        self.process = subprocess.Popen(
            ["nginx", "-c", folder + "/nginx.conf", "-e",
             folder + "/nginx.log"], preexec_fn=lambda: pin(0))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Load:
    """wrk on one server: requests a second, and the server's time for each."""

    def __init__(self, connections, arguments):
        self.connections, self.arguments = connections, arguments
        self.others = bench.Others()

    def run(self, url, pid):
        script = [] if self.arguments is None else [
            "-s", bench.HERE + "/ranges.lua"]
        words = [] if self.arguments is None else [
            "--", str(SIZE), *self.arguments]
        spent, children = bench.cpu_seconds(pid), bench.children_seconds()
        done = subprocess.run(
            ["wrk", "-t1", "-c%d" % self.connections, "-d%ds" % SECONDS,
             *script, url, *words], stdout=subprocess.PIPE, check=True,
            universal_newlines=True, preexec_fn=lambda: pin(1)).stdout
        spent = bench.cpu_seconds(pid) - spent
        self.others.ran(spent + bench.children_seconds() - children)
        bad = re.search(r"Socket errors.*|Non-2xx.*", done)
        if bad:
            sys.exit("%s: %s" % (url, bad.group(0)))
        count = int(re.search(r"(\d+) requests in", done).group(1))
        rate = float(re.search(r"Requests/sec: +([\d.]+)", done).group(1))
        return dict(rate=rate, cpu_us=spent / count * 1e6)


def column(runs, key):
    return [run[key] for run in runs]


def measure(result, kind, connections, nginx, url, pid):
    load = Load(connections, kind[1])
    rival, own = bench.in_pairs(
        PAIRS, lambda: load.run(nginx.urls[kind[3]], nginx.process.pid),
        lambda: load.run(url, pid))
    name = "%s, %d connection%s" % (
        kind[0], connections, "" if connections == 1 else "s")
    rate = bench.ratio(column(own, "rate"), column(rival, "rate"))
    work = bench.ratio(column(rival, "cpu_us"), column(own, "cpu_us"))
    others = load.others.share()
    facts = {who: {key: bench.summary(column(runs, key))
                   for key in ("rate", "cpu_us")}
             for who, runs in (("nginx", rival), ("reflashd", own))}
    result.case(name, **facts, ratio=rate, ratio_of_work=work, others=others)
    bench.say("  %-34s nginx %6.0f/s %6.1f us   reflashd %6.0f/s %6.1f us   "
              "ratio %.2f (%.2f to %.2f), by work %.2f" % (
                  name, facts["nginx"]["rate"]["median"],
                  facts["nginx"]["cpu_us"]["median"],
                  facts["reflashd"]["rate"]["median"],
                  facts["reflashd"]["cpu_us"]["median"],
                  rate["median"], rate["low"], rate["high"], work["median"]))
    if bench.spread(rate) > bench.MAX_SPREAD or others > bench.MAX_OTHERS:
        result.doubt("%s: spread of the ratio %.2f, others had %.2f "
                     "processors" % (name, bench.spread(rate), others))
    result.aim(name + ", beside nginx", rate["median"], kind[2],
               least=True)


def start_daemon(lan, folder):
    """The daemon, and the URL that its device was told."""
    daemon = lan.Daemon(
        folder, limits=dict(FirstFetchSec=86400, FlashTimeoutSec=86400,
                            VerdictSec=86400),
        server=dict(CheckSource="no", MaxConnections=MANY,
                    MaxConnectionsPerAddress=MANY // 2))
    lan.make_image(daemon.images + "/fw.bin", "valid")
    daemon.policy("50-all", dict(Image="fw.bin"))
    daemon.start()
    os.sched_setaffinity(daemon.process.pid, {0})
    line = lan.wait(lambda: daemon.logged("told to download http"), 60, "an offer")[0]
    return daemon, re.search(r"http://\S+", line).group(0)


def main(path):
    folder = bench.enter_lan("--devices", "1", "--each", "fault=never-fetch")
    import lan
    result = bench.Result("ranges", "nginx-light", "nginx", "wrk",
                          "libevent-core-2.1-7", "libc6")
    daemon, url = start_daemon(lan, folder)
    nginx = Nginx(folder, daemon.images + "/fw.bin",
                  "/" + url.split("/", 3)[3])
    for kind in KINDS:
        for connections in CONNECTIONS:
            measure(result, kind, connections, nginx, url,
                    daemon.process.pid)
    nginx.stop()
    daemon.stop()
    result.write(path)


main(*sys.argv[1:])
