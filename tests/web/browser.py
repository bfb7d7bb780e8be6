#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: ISC
"""The page in Chromium: progress without a reload, an approval by keyboard alone, an
image that changes meanwhile, a daemon that goes and comes, hostile names, a small
screen, no JavaScript; nothing is asked for from elsewhere, and nothing complains.
AXE names axe.min.js of axe-core, which then finds no violation.
"""
import json
import os
import subprocess
import sys
import tempfile

import chromium
from page import Page, own_net, wait
from fake import Fake

HOSTILE = ["<img src=x onerror=document.title='hacked'>",
           "\u202egnp.exe \u0600\u0627\u0644", "x" * 10240, "\"'&</script>"]


def text_of(tab, ident):
    return tab.js("page.devices.get('%s').row.innerText" % ident)


def the_page_is_live(fake, page, tab):
    tab.open(page.origin + "/")
    tab.wait("document.getElementById('live').textContent === 'live'")
    tab.wait("document.getElementById('rows').children.length === 5")
    tab.wait("document.getElementById('sentence').textContent.includes("
             "'waits for your approval')")
    tab.wait("document.getElementById('todo').children.length > 0")
    tab.js("window.mark = 'not reloaded'")
    seen = []
    for amount in (100000, 250000, 504848):
        fake.do("set 1000000000 downloading %d" % amount)
        percent = amount * 100 // 504848
        tab.wait("page.devices.get('1000000000').cells.bar.value === %d" %
                 percent)
        seen.append(text_of(tab, "1000000000"))
    assert "left" in seen[0] and "KiB/s" in seen[0], seen
    fake.do("set 1000000000 verified")
    tab.wait("page.devices.get('1000000000').device.state === 'verified' && "
             "page.devices.get('1000000000').cells.bar.hidden")
    assert tab.js("window.mark") == "not reloaded"


def looking_is_all_without_a_token(tab):
    assert tab.js("[...document.querySelectorAll('.actions button')]"
                  ".every((b) => b.hidden)")
    assert "sudo reflashctl web" in tab.js(
        "document.getElementById('rights').textContent")


def log_in(page, tab):
    link = subprocess.run(
        [os.path.join(os.getcwd(), "reflashctl"), "web", "--config",
         page.conf], capture_output=True, text=True, check=True).stdout
    tab.call("Page.navigate", url="about:blank")
    tab.wait("location.href === 'about:blank'")
    tab.open(link.strip())
    tab.wait("page.session.orders")
    assert "#" not in tab.js("location.href"), "the code stays in sight"
    tab.wait("document.getElementById('live').textContent === 'live'")


def an_approval_by_keyboard(fake, page, tab):
    device = "1000000003"
    tab.wait("page.devices.has('%s')" % device)
    tab.tab_to("Approve " + device)
    tab.press("Enter")
    tab.wait("document.getElementById('confirm').open")
    assert tab.focused() == "Do nothing", "the default is to do nothing"
    said = tab.js("document.getElementById('confirm').innerText")
    image = tab.js("page.devices.get('%s').device.image" % device)
    for part in (image["sha256"], image["name"], device,
                 "cannot be undone", "Tasmota"):
        assert part in said, (part, said)
    tab.press("Escape")
    tab.wait("!document.getElementById('confirm').open")
    assert tab.js("page.devices.get('%s').device.state" % device) == "held"
    assert "Approve " + device in tab.focused(), "the focus comes back"
    tab.press("Enter")
    tab.wait("document.getElementById('confirm').open")
    tab.press("Tab")
    assert tab.focused().startswith("Flash " + device), tab.focused()
    tab.press("Enter")
    tab.wait("!document.getElementById('confirm').open")
    tab.wait("page.devices.get('%s').device.state !== 'held'" % device)


def a_changed_image_is_refused(fake, page, tab):
    device = "1000000003"
    fake.do("set %s held" % device)
    tab.wait("page.devices.get('%s').device.state === 'held'" % device)
    tab.js("confirmOrder('approve', ['%s'])" % device)
    fake.do("replace " + "ab" * 32)
    tab.js("document.getElementById('confirm-yes').click()")
    tab.wait("!document.getElementById('confirm-error').hidden")
    said = tab.js("document.getElementById('confirm-error').textContent")
    assert "Nothing was done: the image was replaced by another" in said, said
    assert tab.js("page.devices.get('%s').device.state" % device) == "held"
    tab.press("Escape")


def all_views_show_something(tab):
    for view, words in (("plan", "Tasmota 9.5.0 lite"),
                        ("policies", "50-sonoff-mini"),
                        ("history", "1000000000"),
                        ("problems", "no space left")):
        tab.js("location.hash = '%s'" % view)
        tab.wait("document.getElementById('view-%s').innerText.includes('%s')"
                 % (view, words))
    tab.js("location.hash = 'devices'")
    tab.wait("!document.getElementById('view-devices').hidden")
    tab.js("document.querySelector('#rows button.name').click()")
    tab.wait("document.getElementById('details').open && document."
             "getElementById('details-policies').children.length > 0")
    tab.press("Escape")


def the_details_follow(fake, tab):
    device = "1000000002"
    tab.js("showDetails('%s')" % device)
    facts = "document.getElementById('facts').innerText"
    for amount in (100000, 250000):
        fake.do("set %s downloading %d" % (device, amount))
        tab.wait("%s.includes('%d %%')" % (facts, amount * 100 // 504848))
    assert tab.focused() == "Close", "the focus stays: " + tab.focused()
    fake.do("set %s verified" % device)
    tab.wait("%s.includes('verified') && !%s.includes('%%')" % (facts, facts))
    assert tab.focused() == "Close", tab.focused()
    assert tab.js("document.getElementById('details').open")
    tab.press("Escape")
    tab.wait("!document.getElementById('details').open")


def hostile_names_are_text(fake, page, tab):
    for number, name in enumerate(HOSTILE):
        fake.do("label 100000000%d %s" % (number, name))
    tab.wait("page.devices.get('1000000003').device.label !== null")
    assert tab.js("document.querySelectorAll('img').length") == 0
    for number, name in enumerate(HOSTILE):
        ident = "100000000%d" % number
        assert tab.js("page.devices.get('%s').device.label" % ident) == name
        shown = tab.js("page.devices.get('%s').cells.nameText.textContent" %
                       ident)
        assert shown == (name if len(name) <= 80 else name[:80] + "…"), shown
        tab.js("showDetails('%s')" % ident)
        assert tab.js("document.getElementById('details-head').textContent"
                      ) == shown
        assert tab.js("document.querySelectorAll('img').length") == 0
        tab.press("Escape")
    assert tab.js("getComputedStyle(page.devices.get('1000000001').cells."
                  "nameText).unicodeBidi") == "isolate"
    assert "hacked" not in tab.js("document.title")
    assert tab.js("document.documentElement.scrollWidth <= innerWidth")
    raw = page.get("/")[2].decode()
    assert "<img" not in raw and "&lt;img" in raw
    assert "</script>" not in raw.split("</head>")[1]
    for number in range(len(HOSTILE)):
        fake.do("label 100000000%d Plug-%d" % (number, number))


def it_fits(tab):
    for width in (320, 375, 768, 1280):
        tab.size(width, 900)
        wide = tab.js("document.documentElement.scrollWidth")
        assert wide <= width, "%d px wide at %d px" % (wide, width)


def check_axe(tab):
    path = os.environ.get("AXE")
    if not path:
        return "without axe-core"
    with open(path) as f:
        tab.js(f.read() + ";0")
    for scheme in ("light", "dark"):
        tab.scheme(scheme)
        for state in ("0", "location.hash = 'plan'",
                      "location.hash = 'policies'", "location.hash = 'history'",
                      "location.hash = 'problems'", "location.hash = 'devices'",
                      "showDetails('1000000003')",
                      "document.getElementById('details').close(); "
                      "confirmOrder('approve', ['1000000003'])"):
            tab.js(state + ";0")
            tab.wait("document.readyState === 'complete' && (!SHOW[view] || "
                     "document.getElementById(view).children.length > 0)")
            found = tab.js("axe.run().then((r) => r.violations.map((v) => "
                           "v.id + ': ' + v.nodes.map((n) => n.html).join()))")
            assert found == [], (scheme, state, found)
        tab.press("Escape")
    return "axe-core finds no violation"


def the_daemon_goes_and_comes(path, fake, tab):
    fake.end()
    tab.wait("document.getElementById('live').textContent === 'not live'")
    assert "does not answer" in tab.js(
        "document.getElementById('stale').textContent")
    fake = Fake(path, 5)
    tab.wait("document.getElementById('live').textContent === 'live' && "
             "document.getElementById('stale').hidden")
    return fake


def the_server_goes_and_comes(page, tab):
    """Its sessions end with it, and the page says so."""
    page.process.terminate()
    page.process.wait()
    tab.wait("document.getElementById('live').textContent === 'not live'")
    page.start()
    tab.wait("document.getElementById('live').textContent === 'live'", 40)


def it_can_be_read_without_scripts(page, browser):
    tab = chromium.Tab(browser)
    tab.call("Emulation.setScriptExecutionDisabled", value=True)
    tab.call("Page.navigate", url=page.origin + "/")

    def text():
        try:
            root = tab.call("DOM.getDocument", depth=-1)["root"]["nodeId"]
            return tab.call("DOM.getOuterHTML", nodeId=root)["outerHTML"]
        except AssertionError:  # the page is another one by now
            return ""
    wait(lambda: "1000000004" in text(), "the table without JavaScript")


def eight_tabs_all_load(page, browser):
    tabs = [chromium.Tab(browser) for _ in range(8)]
    for tab in tabs:
        tab.call("Page.navigate", url=page.origin + "/")
        tab.wait("document.readyState === 'complete' && "
                 "document.getElementById('rows').children.length === 5")
    for tab in tabs:
        browser.call("Target.closeTarget", targetId=tab.target)


def a_foreign_page_gets_nowhere(page, browser, fake):
    """evil.test leads to our address: by its own name, and to give orders."""
    asked = fake.do("images 0")[1]
    tab = chromium.Tab(browser)
    tab.call("Page.navigate", url="http://evil.test:%d/" % page.port)
    tab.wait("document.body && document.body.innerText.includes("
             "'this name is not one of this page')")
    for kind, headers in (("text/plain", {}), ("application/json", {}),
                          ("application/x-www-form-urlencoded", {})):
        tab.js("fetch('%s/api/v1/pause', {method: 'POST', mode: '%s', body: "
               "'{}', headers: {'Content-Type': '%s'}}).then((r) => r.status, "
               "(e) => 'stopped')" % (page.origin, "cors" if "json" in kind
                                      else "no-cors", kind))
    assert tab.js("fetch('%s/api/v1/devices').then((r) => r.status, (e) => "
                  "'stopped')" % page.origin) == "stopped"
    assert fake.do("images 0")[1] == asked
    assert page.get_json("/api/v1/status")["paused"] is False


def main():
    if not chromium.find():
        print("SKIP: no chromium")
        return 77
    own_net()
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, "s")
    fake = Fake(path, 5)
    with Page(path) as page, chromium.Browser(
            "--host-resolver-rules=MAP evil.test 127.0.0.1") as browser:
        tab = chromium.Tab(browser)
        the_page_is_live(fake, page, tab)
        looking_is_all_without_a_token(tab)
        log_in(page, tab)
        an_approval_by_keyboard(fake, page, tab)
        a_changed_image_is_refused(fake, page, tab)
        complaints = [text for text in tab.complaints()
                      if "409 (Conflict)" not in text]
        assert complaints == [], complaints
        all_views_show_something(tab)
        the_details_follow(fake, tab)
        hostile_names_are_text(fake, page, tab)
        it_fits(tab)
        axe = check_axe(tab)
        assert all(url.startswith((page.origin, "about:"))
                   for url in tab.asked_for()), tab.asked_for()
        complaints = [text for text in tab.complaints()
                      if "409 (Conflict)" not in text]
        assert complaints == [], complaints
        a_foreign_page_gets_nowhere(page, browser, fake)
        it_can_be_read_without_scripts(page, browser)
        eight_tabs_all_load(page, browser)
        browser.call("Target.activateTarget", targetId=tab.target)
        fake = the_daemon_goes_and_comes(path, fake, tab)
        the_server_goes_and_comes(page, tab)
    fake.end()
    print("the page does in Chromium what it says; " + axe)


sys.exit(main())
