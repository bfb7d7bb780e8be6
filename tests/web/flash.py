#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""Three devices are approved on the page, together, and flashed: their progress
moves without a reload and ends right, also where the daemon is started again in the
middle. The metrics of the page are those of reflashctl; where there is a prometheus,
it scrapes them.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lan")]

import chromium  # noqa: E402
import lan  # noqa: E402
from page import TOKEN, Page, free_port  # noqa: E402

DEVICES = "--devices 3 --each chunk-ms=150,reboot-ms=500"


def percent(tab):
    return tab.js("[...page.devices.values()].map((e) => e.device.progress ? "
                  "e.cells.bar.value : null)")


def approve_all(tab, idents):
    # A click on a row that is not in the document yet chooses nothing.
    tab.wait("[...page.devices.values()].filter((e) => e.row.isConnected && "
             "e.device.reason === 'approval').length === 3", 60)
    for ident in idents:
        tab.js("page.devices.get('%s').cells.choose.click()" % ident)
    tab.wait("document.getElementById('approve-chosen').textContent === "
             "'Approve 3 chosen devices…'")
    tab.js("document.getElementById('approve-chosen').click()")
    tab.js("document.getElementById('confirm-yes').click()")
    tab.wait("!document.getElementById('confirm').open")


def watch_progress(tab):
    """Until some are done; what each bar has shown on the way."""
    seen = [set(), set(), set()]

    def done():
        for bar, value in zip(seen, percent(tab)):
            if value is not None:
                bar.add(value)
        return all(len(bar) >= 4 for bar in seen)
    lan.wait(done, 60, "the bars move")
    return seen


def scrape(page):
    """What a real Prometheus makes of it."""
    if not shutil.which("prometheus"):
        return "without prometheus"
    port = free_port()
    with open(page.folder.name + "/prometheus.yml", "w") as f:
        f.write("global: {scrape_interval: 1s}\nscrape_configs:\n"
                "  - job_name: reflashd\n    static_configs:\n"
                "      - targets: ['%s']\n" % page.host)
    child = subprocess.Popen(
        ["prometheus", "--config.file=" + f.name, "--web.listen-address="
         "127.0.0.1:%d" % port, "--storage.tsdb.path=%s/tsdb" %
         page.folder.name], stderr=subprocess.DEVNULL)

    def ask(query):
        try:
            url = "http://127.0.0.1:%d/api/v1/query?query=%s" % (port, query)
            with urllib.request.urlopen(url) as reply:
                result = json.load(reply)["data"]["result"]
            return [float(one["value"][1]) for one in result]
        except OSError:
            return []
    try:
        lan.wait(lambda: ask("up") == [1.0], 60, "prometheus: up")
        lan.wait(lambda: sum(ask("reflashd_devices")) == 3, 30, "devices")
        samples = ask("scrape_samples_scraped")[0]
        lan.expect(len(ask('{__name__=~"reflashd_.*"}')), int(samples),
                   "each sample is a series of its own")
        return "prometheus has %d series" % samples
    finally:
        child.terminate()
        child.wait()


def main(folder):
    if not chromium.find():
        lan.skip("no chromium")
    daemon = lan.Daemon(folder, limits=dict(MaxParallel=3))
    lan.make_image(daemon.images + "/fw.bin", "small")
    daemon.policy("10-all", dict(Action="ask", Image="fw.bin"))
    idents = {ident for _, ident in lan.sim_devices()}
    with lan.stopped_at_end(daemon):
        daemon.start()
        with Page(daemon.control) as page, chromium.Browser() as browser:
            tab = chromium.Tab(browser)
            tab.give_token(TOKEN)
            tab.open(page.origin + "/")
            tab.wait("page.session.orders")
            tab.js("window.mark = 'not reloaded'")
            approve_all(tab, idents)
            seen = watch_progress(tab)
            daemon.kill()
            tab.wait("document.getElementById('live').textContent === "
                     "'not live'")
            daemon.start()
            tab.wait("document.getElementById('live').textContent === 'live'",
                     30)
            daemon.wait_for_all({"flashed"}, 120)
            tab.wait("[...page.devices.values()].every((e) => e.device.state "
                     "=== 'flashed' && e.cells.bar.hidden)")
            tab.wait("document.getElementById('sentence').textContent === "
                     "'3 devices: 3 done.'")
            lan.expect(tab.js("window.mark"), "not reloaded", "the tab")
            lan.expect(tab.complaints(), [], "complaints")
            for entry in daemon.ctl_json("history")["history"]:
                lan.expect(entry["who"], "web", "who ordered it")
            text = page.get("/metrics")[2].decode()
            again = daemon.ctl("metrics")
            lan.expect(re.sub(r"(http_requests.*) \d+", r"\1", text),
                       re.sub(r"(http_requests.*) \d+", r"\1", again),
                       "the metrics")
            said = scrape(page)
    print("bars were seen at %s; %s" % (
        ", ".join(str(len(bar)) for bar in seen), said))


lan.run(main, DEVICES)
