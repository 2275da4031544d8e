#!/usr/bin/env python3
"""Opens a report in headless Chromium and holds that it works.

    check_report.py REPORT.html [--chromium PATH] [--shots DIR] [--slow SECONDS]

Asserts, at desktop and phone width, light and dark: no network request, no
console error, no policy violation, no horizontal scroll of the page, headings
in order. Follows a link of the heat map and sets each filter, and asserts that
the visible statements change as they should. Needs Python's standard library
and Chromium, which it speaks to over a pipe.
"""
import argparse
import base64
import json
import os
import pathlib
import select
import shutil
import subprocess
import sys
import tempfile
import time

WIDTHS = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


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
        elif event["method"] == "Runtime.exceptionThrown":
            yield f"threw {params['exceptionDetails'].get('text')}"
        elif event["method"] == "Runtime.consoleAPICalled" and params["type"] in ("error", "warning", "assert"):
            yield f"logged {params['args']}"
        elif event["method"] == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            yield f"logged {params['entry']['text']}"


VISIBLE = "[...document.querySelectorAll('.card')].filter(c => c.getClientRects().length > 0).length"
SETTLE = "new Promise(done => requestAnimationFrame(() => setTimeout(done, 200)))"


def choose(browser, control, value):
    browser.js(f"""(() => {{ const e = document.getElementById('{control}'); e.value = {json.dumps(value)};
        e.dispatchEvent(new Event('input', {{bubbles: true}})); e.dispatchEvent(new Event('change', {{bubbles: true}})); }})()""")
    browser.js(SETTLE)


def check(browser, url, name, width, dark, shots, slow):
    wrong = []

    def hold(truth, text):
        if not truth:
            wrong.append(f"{name}: {text}")

    wide, high, phone = width
    browser.send("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=phone)
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
    began = time.monotonic()
    browser.open(url)
    browser.js(SETTLE)
    took = time.monotonic() - began
    hold(took < slow, f"took {took:.1f} s to open, more than {slow} s")

    def fits(when):
        scroll, view = browser.js("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        hold(scroll <= view, f"{when}: the page is {scroll} px wide in a window of {view} px")
        hold(view == wide, f"{when}: laid out {view} px wide, not {wide} px")

    fits("at first")
    hold(browser.js("document.documentElement.lang") == "en", "no language is set")
    for landmark in ("header", "nav", "main", "footer"):
        hold(browser.js(f"document.querySelectorAll('{landmark}').length") >= 1, f"no {landmark}")
    levels = browser.js("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    hold(levels.count(1) == 1, "there is not one h1")
    hold(all(b - a <= 1 for a, b in zip(levels, levels[1:])), f"a level of headings is left out: {levels[:40]}")
    hold(browser.js("[...document.querySelectorAll('svg')].every(s => s.getAttribute('aria-hidden') === 'true' || s.querySelector('title'))"),
         "an SVG has neither title nor aria-hidden")
    dark_now = browser.js("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(v => v < 80)")
    hold(dark_now == dark, "the colours do not follow the system")
    if shots:
        browser.shot(f"{shots}/{name}-top.png")
        for part in ("findings", "map", "time", "themes", "statements", "coverage", "method"):
            browser.js(f"document.getElementById('{part}').scrollIntoView()")
            browser.js(SETTLE)
            browser.shot(f"{shots}/{name}-{part}.png")

    everything = browser.js(VISIBLE)
    counted = browser.js("document.querySelectorAll('.card').length")
    hold(everything == counted, f"{everything} of {counted} statements visible before any filter")
    if counted:
        cell = browser.js("""(() => { const a = document.querySelector('.heat td a'); if (!a) return null;
            a.focus(); const held = document.activeElement === a; a.click(); return [a.hash, a.dataset.target, held]; })()""")
        hold(cell, "the heat map holds no link")
        if cell:
            browser.js(SETTLE)
            anchor, target, held = cell
            hold(held, "a cell of the heat map cannot be focused")
            hold(browser.js("location.hash") == anchor, "the link of the heat map was not followed")
            top = browser.js(f"document.getElementById(decodeURIComponent({json.dumps(anchor[1:])})).getBoundingClientRect().top")
            hold(-2 <= top < high, f"the speaker lies {top:.0f} px from the top after the jump")
            some = browser.js(VISIBLE)
            wanted = browser.js(f"[...document.querySelectorAll('.card')].filter(c => (' ' + c.dataset.k).includes(' {target}:')).length")
            hold(some == wanted and some > 0, f"{some} statements visible after the link, not the {wanted} on its target")
            if shots:
                browser.shot(f"{shots}/{name}-filtered.png")
        choose(browser, "f-target", "")
        for label in ("for", "against", "neither", "abstain"):
            choose(browser, "f-label", label)
            some = browser.js(VISIBLE)
            wanted = browser.js(f"[...document.querySelectorAll('.card')].filter(c => c.dataset.k.split(' ').some(k => k.endsWith(':{label}'))).length")
            hold(some == wanted, f"{some} statements visible under {label}, not {wanted}")
        choose(browser, "f-label", "")
        choose(browser, "f-text", "zzz no such word zzz")
        hold(browser.js(VISIBLE) == 0, "a search for nonsense leaves statements visible")
        hold(browser.js("document.getElementById('f-none').getClientRects().length") > 0, "an empty search does not say so")
        fits("after filters")
        browser.js("document.querySelector('#filter button').click()")
        browser.js(SETTLE)
        hold(browser.js(VISIBLE) == everything, "Clear does not bring all statements back")
    browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })")
    browser.js(SETTLE)
    fits("with all details open")
    wrong += [f"{name}: {c}" for c in complaints(browser.events, url)]
    return wrong, f"{name}: opened in {took:.2f} s, {counted} statements"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("report", type=pathlib.Path)
    parser.add_argument("--chromium", default=shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome"))
    parser.add_argument("--shots", type=pathlib.Path, help="folder for screenshots")
    parser.add_argument("--slow", type=float, default=10, help="seconds that opening may take")
    args = parser.parse_args()
    if not args.chromium:
        sys.exit("check_report.py: no Chromium found (install it, or name it with --chromium)")
    if not args.report.is_file():
        sys.exit(f"{args.report}: no such report")
    if args.shots:
        args.shots.mkdir(parents=True, exist_ok=True)
    browser = Chromium(args.chromium)
    wrong = []
    try:
        for name, width in WIDTHS.items():
            for dark in (False, True):
                found, line = check(browser, args.report.resolve().as_uri(), name + ("-dark" if dark else "-light"), width, dark, args.shots, args.slow)
                wrong += found
                print(line)
    finally:
        browser.close()
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
