"""Drives one headless Chromium over a pipe, by the standard library alone."""
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import tempfile
import time

SETTLE = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 200)))"


def find():
    """The path of an installed Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Chromium:
    """One headless browser with one page, spoken to by the DevTools protocol."""

    def __init__(self, path):
        read_there, self.write = os.pipe()
        self.read, write_there = os.pipe()
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars", "--no-first-run",
                 "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
                 f"--user-data-dir={self.profile.name}"]
        self.process = subprocess.Popen(
            ["sh", "-c", f'exec "$@" 3<&{read_there} 4>&{write_there}', "sh", path, *flags, "about:blank"],
            pass_fds=(read_there, write_there), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(read_there)
        os.close(write_there)
        self.buffer, self.events, self.number, self.session = b"", [], 0, None
        targets = self.send("Target.getTargets")["targetInfos"]
        page = next(t["targetId"] for t in targets if t["type"] == "page")
        self.session = self.send("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.send(f"{domain}.enable")
        self.send("Performance.enable", timeDomain="threadTicks")

    def close(self):
        try:
            self.session = None
            self.send("Browser.close", _wait=5)
        except (OSError, TimeoutError):
            pass
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.profile.cleanup()

    def message(self, until):
        """The next message, or None once the clock passes until."""
        while b"\0" not in self.buffer:
            left = until - time.monotonic()
            if left <= 0 or not select.select([self.read], [], [], left)[0]:
                return None
            piece = os.read(self.read, 1 << 20)
            if not piece:
                raise OSError("Chromium ended")
            self.buffer += piece
        line, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(line)

    def send(self, method, _wait=60, **params):
        self.number += 1
        call = {"id": self.number, "method": method, "params": params}
        if self.session:
            call["sessionId"] = self.session
        data = json.dumps(call).encode() + b"\0"
        while data:
            data = data[os.write(self.write, data):]
        until = time.monotonic() + _wait
        while (got := self.message(until)) is not None:
            if got.get("id") == self.number:
                if "error" in got:
                    raise RuntimeError(f"{method}: {got['error']['message']}")
                return got["result"]
            if "method" in got:
                self.events.append(got)
        raise TimeoutError(method)

    def open(self, url):
        self.events.clear()
        self.send("Page.navigate", url=url)
        until = time.monotonic() + 60
        while not any(e["method"] == "Page.loadEventFired" for e in self.events):
            got = self.message(until)
            if got is None:
                raise TimeoutError("the page did not load")
            if "method" in got:
                self.events.append(got)

    def js(self, expression):
        got = self.send("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in got:
            raise RuntimeError(f"{expression}: {got['exceptionDetails'].get('exception', {}).get('description')}")
        return got["result"].get("value")

    def busy(self):
        """Seconds of processor that the page's main thread has taken, however busy the machine is."""
        metrics = {m["name"]: m["value"] for m in self.send("Performance.getMetrics")["metrics"]}
        return metrics["TaskDuration"]

    def shot(self, path, whole=False):
        got = self.send("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        pathlib.Path(path).write_bytes(base64.b64decode(got["data"]))


def complaints(events, url):
    """What the page asked for, logged as an error or was refused."""
    for event in events:
        params = event["params"]
        if event["method"] == "Network.requestWillBeSent":
            asked = params["request"]["url"]
            if asked.split("#")[0] != url and not asked.startswith("data:"):
                yield f"asked for {asked}"
        elif event["method"] == "Page.javascriptDialogOpening":
            yield f"opened a dialog: {params['message']}"
        elif event["method"] == "Runtime.exceptionThrown":
            yield f"threw {params['exceptionDetails'].get('text')}"
        elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            yield f"logged {params['args']}"
        elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            yield f"logged {params['entry']['text']}"
