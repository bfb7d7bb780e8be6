#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""addon_pictures.py FOLDER -- icon.png and logo.png of the add-on of Home Assistant, by
"make addon-pictures": the icon of the page, in Chromium.
"""
import base64
import os
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(TOP, "tests", "web"))

import chromium  # noqa: E402

HEAD = "<meta name='viewport' content='width=device-width'>"
LOGO = """<body style="margin: 0; display: flex; align-items: center; gap: 14px;
height: 100px; font: 600 36px sans-serif; color: #16a34a">%s reflashd</body>"""


def draw(browser, path, width, height, html):
    tab = chromium.Tab(browser, width, height)
    tab.call("Emulation.setDefaultBackgroundColorOverride",
             color={"r": 0, "g": 0, "b": 0, "a": 0})
    tab.call("Page.navigate", url="data:text/html;base64," +
             base64.b64encode((HEAD + html).encode()).decode())
    tab.wait("document.querySelector('svg') !== null")
    tab.picture(path)


def main():
    with open(TOP + "/src/web/page/icon.svg") as f:
        icon = f.read()
    with chromium.Browser() as browser:
        draw(browser, sys.argv[1] + "/icon.png", 128, 128,
             "<body style='margin: 0'>" +
             icon.replace("<svg", "<svg width='128'", 1) + "</body>")
        draw(browser, sys.argv[1] + "/logo.png", 250, 100, LOGO %
             icon.replace("<svg", "<svg width='72'", 1))


main()
