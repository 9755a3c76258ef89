"""A browser without a window, asked by its DevTools protocol over a pipe: no port, and no library.

It keeps what it would show in its console and what it asked of the network, for tests to look at.
"""

import base64
import json
import os
import queue
import shutil
import subprocess
import tempfile
import threading

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ANSWERS_WITHIN_SECONDS = 30


def find():
    """Returns the browser, or none."""
    return next((path for path in map(shutil.which, NAMES) if path), None)


class Chromium:
    """Use as a context. Certificates are not checked: whoever sits between is the test's own."""

    def __init__(self, program, proxy):
        self.program, self.proxy = program, proxy
        self.number = 0
        self.answers, self.listeners = {}, {}
        self.lock = threading.Lock()

    def __enter__(self):
        self.profile = tempfile.mkdtemp(prefix="towpath-browser-")
        to_browser, self.mouth = os.pipe()
        self.ear, from_browser = os.pipe()
        words = [
            self.program,
            "--headless=new",
            "--no-sandbox",
            "--no-first-run",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            "--ignore-certificate-errors",
            "--remote-debugging-pipe",
            f"--proxy-server={self.proxy}",
            # Loopback too: nothing goes past the proxy.
            "--proxy-bypass-list=<-loopback>",
            f"--user-data-dir={self.profile}",
        ]
        # It reads from 3 and writes to 4, whatever numbers the pipes have here.
        shell = f'exec "$@" 3<&{to_browser} 4>&{from_browser}'
        self.process = subprocess.Popen(
            ["bash", "-c", shell, "bash", *words],
            pass_fds=(to_browser, from_browser),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(to_browser)
        os.close(from_browser)
        threading.Thread(target=self.listen, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        os.close(self.mouth)
        shutil.rmtree(self.profile, ignore_errors=True)

    def listen(self):
        rest = b""
        while piece := os.read(self.ear, 1 << 20):
            *messages, rest = (rest + piece).split(b"\0")
            for message in map(json.loads, messages):
                if "id" in message:
                    self.answers[message["id"]].put(message)
                elif listener := self.listeners.get(message.get("sessionId")):
                    listener(message["method"], message["params"])
        os.close(self.ear)

    def ask(self, method, session=None, **params):
        with self.lock:
            self.number += 1
            number = self.number
            self.answers[number] = queue.Queue()
            asked = {"id": number, "method": method, "params": params}
            asked |= {"sessionId": session} if session else {}
            os.write(self.mouth, json.dumps(asked).encode() + b"\0")
        told = self.answers[number].get(timeout=ANSWERS_WITHIN_SECONDS)
        del self.answers[number]
        if "error" in told:
            raise ValueError(f"{method}: {told['error']['message']}")
        return told["result"]

    def page(self, **look):
        """Opens a page in a profile of its own, so that nothing is left over from another."""
        context = self.ask("Target.createBrowserContext")["browserContextId"]
        target = self.ask("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, **look)


class Page:
    """A page: what it shows, what a person does with it, and what it said and asked for."""

    def __init__(self, browser, session, width=390, height=844, scheme="light", scripts=True):
        self.browser, self.session = browser, session
        self.console, self.requests = [], []
        self.loaded = threading.Event()
        browser.listeners[session] = self.hear
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")
        is_phone = width < 600
        self.ask("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2, mobile=is_phone)
        self.ask("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)

    def ask(self, method, **params):
        return self.browser.ask(method, self.session, **params)

    def hear(self, method, params):
        if method == "Runtime.consoleAPICalled":
            self.console.append(f"{params['type']}: {[one.get('value') for one in params['args']]}")
        elif method == "Runtime.exceptionThrown":
            self.console.append(f"exception: {params['exceptionDetails'].get('exception', {}).get('description')}")
        elif method == "Log.entryAdded":
            entry = params["entry"]
            self.console.append(f"{entry['source']} {entry['level']}: {entry['text']}")
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"])
        elif method == "Page.loadEventFired":
            self.loaded.set()

    def open(self, url):
        self.loaded.clear()
        self.ask("Page.navigate", url=url)
        if not self.loaded.wait(ANSWERS_WITHIN_SECONDS):
            raise TimeoutError(f"{url} did not load")

    def run(self, script):
        """Returns what a script comes to; what it throws is raised."""
        told = self.ask("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in told:
            raise ValueError(told["exceptionDetails"]["exception"].get("description"))
        return told["result"].get("value")

    def text(self):
        """Returns what a person reads."""
        return self.run("document.body.innerText") or ""

    def press(self, selector):
        """Presses in the middle of something, as a finger does."""
        self.run(f"document.querySelector({json.dumps(selector)}).scrollIntoView({{block: 'center'}})")
        place = self.run(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            " return [box.x + box.width / 2, box.y + box.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.ask("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def type(self, selector, text):
        self.press(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).select()")
        self.ask("Input.insertText", text=text)

    def cut_off(self, is_cut_off):
        """Takes the network away, or gives it back."""
        self.ask(
            "Network.emulateNetworkConditions",
            offline=is_cut_off,
            latency=0,
            downloadThroughput=-1,
            uploadThroughput=-1,
        )

    def key(self, name, code):
        for kind in ("keyDown", "keyUp"):
            self.ask("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code, text="\r")

    def picture(self, path):
        """Takes a picture of all of the page."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        taken = self.ask("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=clip)
        path.write_bytes(base64.b64decode(taken["data"]))

    def is_too_wide(self):
        """Says whether anything reaches over the edge, so that one would have to scroll sideways."""
        return self.run("document.documentElement.scrollWidth > document.documentElement.clientWidth")
