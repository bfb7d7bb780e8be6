#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""page_pictures.py FOLDER -- the pictures of the page, by "make page-pictures": what
reflash-web shows of invented devices, in Chromium; in the light on a screen, in the
dark on a phone, and the dialog before a flash.

It runs in the folder of the programs.
"""
import os
import sys
import tempfile

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path[:0] = [os.path.join(TOP, "tests", "web"),
                os.path.join(TOP, "tests", "ctl")]

import chromium  # noqa: E402
from fake import Fake  # noqa: E402
from page import TOKEN, Page, own_net  # noqa: E402

DEVICES = (("0", "Hall", "downloading 334000"), ("1", "Kitchen", "verified"),
           ("2", "Garage", "refused"), ("3", "Bedroom", "held"),
           ("4", "Fan", "failed"), ("5", "Desk lamp", "flashed"),
           ("6", "Porch", "seen"))


def dress(fake):
    for number, label, state in DEVICES:
        fake.do("label 100000000%s %s" % (number, label))
        fake.do("set 100000000%s %s" % (number, state))


def open_page(browser, page, width, height, scheme):
    tab = chromium.Tab(browser, width, height)
    tab.scheme(scheme)
    tab.give_token(TOKEN)
    tab.open(page.origin + "/")
    tab.wait("document.getElementById('live').textContent === 'live' && "
             "page.session.orders && page.status && !document."
             "getElementById('todo-part').hidden")
    return tab


def main(folder):
    own_net()
    with tempfile.TemporaryDirectory() as work:
        path = os.path.join(work, "s")
        with Fake(path, len(DEVICES)) as fake, Page(path) as page, \
                chromium.Browser() as browser:
            dress(fake)
            tab = open_page(browser, page, 1100, 1000, "light")
            tab.picture(os.path.join(folder, "page.png"))
            tab.js("confirmOrder('approve', ['1000000003'])")
            tab.wait("document.getElementById('confirm').open")
            tab.size(1100, 620)
            tab.picture(os.path.join(folder, "page-approve.png"))
            tab = open_page(browser, page, 320, 900, "dark")
            tab.picture(os.path.join(folder, "page-phone.png"))


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1])))
