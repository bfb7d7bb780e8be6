# SPDX-License-Identifier: ISC
"""Makes the pictures of doc/home-assistant.md: what a person sees in the real
Home Assistant, by the Chromium of the system and its driver (on Debian:
chromium-driver and python3-selenium).
"""
import json
import os
import shutil

import lan

DIALOG, PAGE = (640, 710), (1000, 860)  # sizes of the window
LARGEST = 100 * 1000  # bytes of a picture
OPEN = """
const home = document.querySelector("home-assistant");
home.dispatchEvent(new CustomEvent("hass-more-info",
    {detail: {entityId: arguments[0]}}));
"""
FIND = """
const devices = document.querySelector("home-assistant").hass.devices;
return Object.values(devices).find(
    device => device.identifiers.some(pair => pair[1] == arguments[0])).id;
"""
# Everything of Home Assistant is in the shadow of something else.
TEXT = """
function text(node) {
    if (node.nodeType === Node.TEXT_NODE)
        return node.nodeValue;
    if (["STYLE", "SCRIPT"].includes(node.nodeName))
        return "";
    let all = [...node.childNodes];
    if (node.shadowRoot)
        all = [...node.shadowRoot.childNodes, ...all];
    return all.map(text).join(" ");
}
return text(document.body).replace(/\\s+/g, " ");
"""


def have_all():
    """Whether there is what it takes."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return False
    return all(shutil.which(p) for p in ("chromium", "chromedriver"))


class Browser:
    """Chromium, logged in to a Home Assistant, and where its pictures go."""

    def __init__(self, home, url, scratch, folder):
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service
        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium")
        for word in ("--headless=new", "--no-sandbox", "--disable-gpu",
                     "--hide-scrollbars", "--force-device-scale-factor=1",
                     "--user-data-dir=" + scratch,
                     "--window-size=%d,%d" % DIALOG):
            options.add_argument(word)
        self.url, self.folder = url, folder
        os.makedirs(folder, exist_ok=True)
        self.driver = webdriver.Chrome(
            service=Service(shutil.which("chromedriver")), options=options)
        self.driver.get(url + "/manifest.json")
        self.run("localStorage.setItem('hassTokens', arguments[0])",
                 json.dumps(dict(home.tokens, hassUrl=url, clientId=url + "/",
                                 expires=4102444800000)))

    def run(self, script, *words):
        return self.driver.execute_script(script, *words)

    def go(self, path):
        self.driver.get(self.url + path)

    def show_dialog(self, entity):
        """The dialog that a click on the entity opens."""
        self.go("/config/entities")
        self.wait_for("Entities")
        self.run(OPEN, entity)

    def show_device(self, ident):
        """The page of the device."""
        self.driver.set_window_size(*PAGE)
        self.go("/config/devices/device/" + self.run(FIND, ident))

    def wait_for(self, *words):
        try:
            lan.wait(lambda: all(w in self.run(TEXT) for w in words), 30,
                     "%s in the browser" % ", ".join(words))
        except lan.Failure as why:
            raise lan.Failure("%s: it shows %r" % (why, self.run(TEXT)[-800:]))

    def take(self, name):
        path = os.path.join(self.folder, name + ".png")
        self.driver.save_screenshot(path)
        size = os.path.getsize(path)
        lan.expect(0 < size < LARGEST, True, "%s: %d bytes" % (path, size))
        print("%s: %d bytes" % (name, size))

    def stop(self):
        self.driver.quit()
