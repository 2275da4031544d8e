#!/usr/bin/env python3
"""Codes a sample in headless Chromium, by keyboard, and holds that it works.

    check_coding.py SAMPLE_FOLDER [--chromium PATH] [--shots DIR]

Asserts that coding.html asks nothing of the network and logs no error, that its
keys code, move and save, that the saved file holds what was coded, that a saved
file opens again, and that the page fits a phone. Leaves the saved file as
codings-check.json in the folder, for `standpoint agree` to read.
"""
import argparse
import json
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "html" / "check"))
from chromium import SETTLE, Chromium, complaints, find  # noqa: E402

SIDES = ["for", "against", "neither", "unclear", "none"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("sample", type=pathlib.Path)
    parser.add_argument("--chromium", default=find())
    parser.add_argument("--shots", type=pathlib.Path)
    args = parser.parse_args()
    if not args.chromium:
        sys.exit("check_coding.py: no Chromium found (install it, or name it with --chromium)")
    wrong = []

    def hold(truth, text):
        if not truth:
            wrong.append(text)

    url = (args.sample / "coding.html").resolve().as_uri()
    browser = Chromium(args.chromium)
    try:
        folder = tempfile.TemporaryDirectory()
        browser.send("Page.setDownloadBehavior", behavior="allow", downloadPath=folder.name)
        browser.send("Emulation.setDeviceMetricsOverride", width=1000, height=900, deviceScaleFactor=1, mobile=False)
        browser.open(url)
        browser.js(SETTLE)

        def key(name):
            for kind in ("keyDown", "keyUp"):
                browser.send("Input.dispatchKeyEvent", type=kind, key=name, **({"text": name} if kind == "keyDown" and len(name) == 1 else {}))
            browser.js("0")

        items = browser.js("JSON.parse(document.getElementById('items').textContent)")
        hold(len(items) > 5, f"{len(items)} items")
        hold(all("".join(p["t"] for p in i["parts"]) == i["passage"] for i in items), "the parts of a passage are not the passage")
        hold(browser.js("[...document.querySelectorAll('input')].every(i => i.labels.length === 1)"), "an input has no label")
        key("s")
        hold("initials" in browser.js("document.getElementById('saved').textContent"), "saving without a coder is not refused")
        browser.send("Input.insertText", text="check")
        key("Escape")
        if args.shots:
            args.shots.mkdir(parents=True, exist_ok=True)
            browser.shot(args.shots / "coding.png")
        want = {}
        for n, item in enumerate(items):
            hold(browser.js("document.getElementById('where').textContent") == f"{n + 1} of {len(items)}", f"item {n + 1} is not shown in its turn")
            hold(browser.js("document.getElementById('passage').textContent") == item["passage"], f"item {n + 1}: another passage")
            hold(browser.js("document.querySelector('#passage .mention').textContent") == item["mention"], f"item {n + 1}: the mention is not marked")
            side = SIDES[n % 5]
            key(str(n % 5 + 1))
            if item["speaker"]:
                key("q" if n % 3 else "w")
            want[item["unit"]] = (side, ("right" if n % 3 else "wrong") if item["speaker"] else "")
        hold(browser.js("document.getElementById('progress').textContent") == f"{len(items)} of {len(items)} coded", "not all items count as coded")
        key("ArrowLeft")
        key("ArrowLeft")
        key("n")
        browser.send("Input.insertText", text="s1 = a note")
        key("Escape")
        key("s")
        until = time.monotonic() + 20
        path = pathlib.Path(folder.name) / "codings-check.json"
        while not path.exists() and time.monotonic() < until:
            time.sleep(0.2)
        saved = json.loads(path.read_text(encoding="utf-8"))
        hold(saved["coder"] == "check", f"coder {saved['coder']!r}")
        got = {c["unit"]: (c["side"], c["speaker"]) for c in saved["codings"]}
        hold(got == want, "the saved file does not hold what was coded")
        hold(sum(c["note"] == "s1 = a note" for c in saved["codings"]) == 1, "the note was not saved once")
        (args.sample / "codings-check.json").write_bytes(path.read_bytes())

        # A new window, empty, takes the saved file up.
        browser.js("localStorage.clear()")
        browser.open(url)
        hold(browser.js("document.getElementById('progress').textContent").startswith("0 of"), "a new window is not empty")
        document = browser.send("DOM.getDocument")["root"]["nodeId"]
        node = browser.send("DOM.querySelector", nodeId=document, selector="#open")["nodeId"]
        browser.send("DOM.setFileInputFiles", nodeId=node, files=[str((args.sample / "codings-check.json").resolve())])
        browser.js(SETTLE)
        hold(browser.js("document.getElementById('progress').textContent") == f"{len(items)} of {len(items)} coded", "the saved file was not taken up")
        for width in (390, 1000):
            browser.send("Emulation.setDeviceMetricsOverride", width=width, height=844, deviceScaleFactor=1, mobile=width < 500)
            browser.js(SETTLE)
            hold(browser.js("document.documentElement.scrollWidth") <= width, f"wider than {width} px")
            if args.shots:
                browser.shot(args.shots / f"coding-{width}.png")
        wrong.extend(c for c in complaints(browser.events, url) if "blob:" not in c)
    finally:
        browser.close()
    for line in wrong:
        print(line, file=sys.stderr)
    print(f"{args.sample}: {len(items)} items coded by keyboard, saved and opened again")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
