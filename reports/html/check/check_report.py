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
import json
import pathlib
import sys
import time

from chromium import SETTLE, Chromium, complaints, find

WIDTHS = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


VISIBLE = "[...document.querySelectorAll('.card')].filter(c => c.getClientRects().length > 0).length"


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
    parser.add_argument("--chromium", default=find())
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
