# SPDX-License-Identifier: ISC
"""Chromium without a window, driven over a pipe by its DevTools protocol; nothing
but Python and Chromium is needed.
"""
import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

LIMIT = 60  # seconds that anything may take
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu",
         "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--disable-extensions", "--mute-audio",
         "--hide-scrollbars", "--remote-debugging-pipe",
         "--force-color-profile=srgb"]
KEYS = {"Tab": 9, "Enter": 13, "Escape": 27, " ": 32}


def find():
    return shutil.which("chromium") or shutil.which("chromium-browser")


class Browser:
    """One Chromium; each Tab is a page of its own."""

    def __init__(self, *flags):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        to_read, self.to = os.pipe()
        self.by, by_write = os.pipe()
        to_read, by_write = self.above(to_read), self.above(by_write)
        log = open(os.path.join(self.folder.name, "log"), "w")

        def dup():
            os.dup2(to_read, 3)
            os.dup2(by_write, 4)
        self.process = subprocess.Popen(
            [find(), *FLAGS, "--user-data-dir=" + self.folder.name, *flags,
             "about:blank"], preexec_fn=dup, close_fds=False,
            stdout=log, stderr=log, stdin=subprocess.DEVNULL,
            env=dict(os.environ, HOME=self.folder.name))
        for fd in (to_read, by_write):
            os.close(fd)
        self.data, self.number = b"", 0
        self.events, self.replies = [], {}

    @staticmethod
    def above(fd):
        """The same descriptor, with a number that dup() does not overwrite."""
        high = fcntl.fcntl(fd, fcntl.F_DUPFD, 10)
        os.close(fd)
        return high

    def __enter__(self):
        return self

    def __exit__(self, *what):
        self.process.terminate()
        self.process.wait(LIMIT)
        self.folder.cleanup()

    def send(self, method, session=None, **params):
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if session:
            message["sessionId"] = session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        return self.number

    def receive(self, seconds):
        """Take what comes within that time; False: nothing did."""
        if not select.select([self.by], [], [], seconds)[0]:
            return False
        part = os.read(self.by, 1 << 20)
        assert part, "Chromium has ended"
        self.data += part
        *messages, self.data = self.data.split(b"\0")
        for text in messages:
            message = json.loads(text)
            if "id" in message:
                self.replies[message["id"]] = message
            else:
                self.events.append(message)
        return True

    def call(self, method, session=None, **params):
        number = self.send(method, session, **params)
        end = time.monotonic() + LIMIT
        while number not in self.replies:
            assert time.monotonic() < end, "no answer to " + method
            self.receive(1)
        reply = self.replies.pop(number)
        assert "error" not in reply, (method, reply)
        return reply["result"]


class Tab:
    """A page; what it has complained of is in complaints()."""

    def __init__(self, browser, width=1280, height=900):
        self.browser = browser
        self.target = browser.call("Target.createTarget",
                                   url="about:blank")["targetId"]
        self.session = browser.call("Target.attachToTarget", flatten=True,
                                    targetId=self.target)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")
        self.size(width, height)

    def call(self, method, **params):
        return self.browser.call(method, self.session, **params)

    def size(self, width, height):
        self.call("Emulation.setDeviceMetricsOverride", width=width,
                  height=height, deviceScaleFactor=1, mobile=width < 500)

    def scheme(self, name):
        self.call("Emulation.setEmulatedMedia", features=[
            {"name": "prefers-color-scheme", "value": name}])

    def open(self, url):
        self.call("Page.navigate", url=url)
        self.wait("document.readyState === 'complete' && location.href !== "
                  "'about:blank'")

    def give_token(self, token):
        """As if a link of reflashctl had been opened in this tab."""
        self.call("Page.addScriptToEvaluateOnNewDocument", source="if "
                  "(location.protocol === 'http:') sessionStorage.setItem("
                  "'reflashd-token', '%s')" % token)

    def js(self, expression):
        reply = self.call("Runtime.evaluate", expression=expression,
                          returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in reply, (expression, reply)
        return reply["result"].get("value")

    def wait(self, expression, seconds=20):
        end = time.monotonic() + seconds
        while True:
            value = self.js(expression)
            if value:
                return value
            assert time.monotonic() < end, "never came true: %s; %s" % (
                expression, self.js("document.body.innerText")[:2000])
            self.browser.receive(0.05)

    def press(self, key, shift=False):
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key,
                      windowsVirtualKeyCode=KEYS[key],
                      text="\r" if key == "Enter" and kind == "keyDown" else
                      "", modifiers=8 if shift else 0)

    def focused(self):
        """What a screen reader would say of the element with the focus."""
        return self.js(
            "(() => { const e = document.activeElement; return e.getAttribute("
            "'aria-label') || e.textContent.trim() || e.id || e.tagName; })()")

    def tab_to(self, words, limit=80):
        """Press Tab until something with these words has the focus."""
        for _ in range(limit):
            self.press("Tab")
            if words in self.focused():
                return
        raise AssertionError("Tab does not lead to: " + words)

    def picture(self, path):
        shot = self.call("Page.captureScreenshot", format="png")
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def complaints(self):
        """Errors of scripts and of the policy, as the console has them."""
        self.browser.receive(0.2)
        wrong = []
        for event in self.browser.events:
            if event.get("sessionId") != self.session:
                continue
            if event["method"] == "Runtime.exceptionThrown":
                wrong.append(json.dumps(event["params"])[:600])
            if event["method"] == "Log.entryAdded":
                entry = event["params"]["entry"]
                if entry["level"] == "error":
                    wrong.append("%s %s" % (entry["text"], entry.get("url")))
        return wrong

    def asked_for(self):
        return [event["params"]["request"]["url"]
                for event in self.browser.events
                if event["method"] == "Network.requestWillBeSent" and
                event.get("sessionId") == self.session]
