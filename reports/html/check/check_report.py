#!/usr/bin/env python3
"""Opens a report in headless Chromium and holds that it works.

    check_report.py REPORT.html… [--chromium PATH] [--shots DIR]

Asserts, at desktop and phone width, light and dark: no network request, no
console error, no policy violation, nothing of an article run, no horizontal
scroll of the page, headings in order, contrast of all text (WCAG 2.1, AA), a name
for every control, link and region, an order of the Tab key that is the page's.
On paper: nothing to click, light colours, no table that runs off the sheet.
Follows a link of the heat map, sets each filter, sorts a table, and asserts that
what is visible changes as it should. Takes comparisons too. Needs Python's standard library
and Chromium, which it speaks to over a pipe.
"""
import argparse
import base64
import json
import pathlib
import sys

from chromium import SETTLE, Chromium, complaints, find

RUNAWAY = 20  # seconds of the main thread: ten times what a quiet machine takes, so that only work that grew with the square is told
WIDTHS = {"desktop": (1280, 900, False), "phone": (390, 844, True)}


# By attribute: to ask ten thousand cards for their boxes would lay each of them out.
VISIBLE = "[...document.querySelectorAll('.card')].filter(c => !c.closest('[hidden]')).length"
UNSEEN = "[...document.querySelectorAll('.card')].filter(c => c.closest('[hidden]')).slice(0, 20).every(c => c.getClientRects().length === 0)"


def choose(browser, control, value):
    browser.js(f"""(() => {{ const e = document.getElementById('{control}'); e.value = {json.dumps(value)};
        e.dispatchEvent(new Event('input', {{bubbles: true}})); e.dispatchEvent(new Event('change', {{bubbles: true}})); }})()""")
    browser.js(SETTLE)


# Text whose contrast with what lies behind it falls short of WCAG 2.1, 1.4.3; of the speakers, the first few.
FAINT = """(() => {
  const rgb = c => { const m = c.match(/[\\d.]+/g).map(Number); return m.length < 4 ? [...m, 1] : m; };
  const light = c => { const [r, g, b] = c.map(v => { v /= 255; return v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4; }); return .2126 * r + .7152 * g + .0722 * b; };
  const behind = e => {
    const layers = [];
    for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] > 0) { layers.push(c); if (c[3] === 1) break; } }
    let under = [255, 255, 255];
    for (const c of layers.reverse()) under = under.map((v, i) => v * (1 - c[3]) + c[i] * c[3]);
    return under;
  };
  const out = new Map();
  const near = new Set([...document.querySelectorAll('.speaker')].slice(0, 4));
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT | NodeFilter.SHOW_ELEMENT, n =>
    n.nodeType === 3 ? NodeFilter.FILTER_ACCEPT : n.classList.contains('speaker') && !near.has(n) ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP);
  let seen = 0;
  while (walk.nextNode() && seen < 6000) {
    const e = walk.currentNode.parentElement;
    if (!walk.currentNode.textContent.trim() || !e.checkVisibility({ opacityProperty: true, contentVisibilityAuto: true }) || e.closest("script, style, .hidden, .skip, title, [aria-hidden=true]")) continue;
    seen++;
    const s = getComputedStyle(e), svg = e.closest("svg");
    let c = rgb(svg ? s.fill : s.color);
    const back = behind(svg ? svg.parentElement : e);
    let alpha = c[3];
    for (let p = e; p; p = p.parentElement) alpha *= Number(getComputedStyle(p).opacity);
    const ink = back.map((v, i) => v * (1 - alpha) + c[i] * alpha);
    const [a, b] = [light(ink), light(back)].sort((x, y) => y - x);
    const size = parseFloat(s.fontSize), large = size >= 24 || size >= 18.66 && Number(s.fontWeight) >= 700;
    const ratio = (a + .05) / (b + .05);
    if (ratio < (large ? 3 : 4.5)) out.set(`${e.tagName}.${e.className.baseVal ?? e.className}`, `${ratio.toFixed(2)}: ${walk.currentNode.textContent.trim().slice(0, 30)}`);
  }
  return [...out].slice(0, 8);
})()"""
NAMELESS = """(() => {
  const named = e => (e.getAttribute('aria-label') || e.textContent || '').trim() || e.getAttribute('aria-labelledby') || e.labels?.length;
  return [...document.querySelectorAll('a[href], button, input, select, [role=region], nav, section')].filter(e => !e.closest('[hidden]') && !named(e)).map(e => e.outerHTML.slice(0, 80));
})()"""


def tab_order(browser, hold, steps):
    """Tab moves through the page in its own order, and what has the focus shows it."""
    browser.js("document.activeElement.blur(); scrollTo(0, 0)")
    last = -1
    for _ in range(steps):
        for kind in ("keyDown", "keyUp"):
            browser.send("Input.dispatchKeyEvent", type=kind, key="Tab", code="Tab", windowsVirtualKeyCode=9)
        at, shown, what = browser.js("""(() => { const e = document.activeElement, s = getComputedStyle(e);
            return [[...document.querySelectorAll('*')].indexOf(e), s.outlineStyle !== 'none' || s.boxShadow !== 'none', e.outerHTML.slice(0, 60)]; })()""")
        hold(at > last, f"Tab goes back, to {what}")
        hold(shown, f"the focus cannot be seen on {what}")
        last = at
    browser.js("document.activeElement.blur(); scrollTo(0, 0)")


def sorts(browser, hold):
    """A table sorts by a click on a head of numbers, up and down."""
    got = browser.js("""(() => { for (const t of document.querySelectorAll('.sortable')) { const b = t.querySelector('th.num button');
        if (!b || t.tBodies[0].rows.length < 3 || !t.checkVisibility()) continue; const c = b.closest('th').cellIndex;
        const read = () => [...t.tBodies[0].rows].map(r => parseFloat(r.cells[c].textContent.replace(/−/g, '-').replace(/,/g, ''))).filter(v => !isNaN(v));
        b.click(); const up = read(); b.click(); const down = read(); return [up, down, b.closest('th').getAttribute('aria-sort')]; } return null; })()""")
    if got:
        up, down, said = got
        hold(up == sorted(up) and down == sorted(down, reverse=True) and said == "descending", f"a table does not sort: {up[:6]}, {down[:6]}, {said}")


PAPER = 688  # px: A4 within its margins


def prints(browser, hold, name, shots):
    """On paper the page is light whatever the screen, and nothing is cut off or left to click."""
    browser.send("Emulation.setDeviceMetricsOverride", width=PAPER, height=1000, deviceScaleFactor=1, mobile=False)
    browser.send("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    browser.js(SETTLE)
    hold(browser.js("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", "the paper is not white")
    scroll = browser.js("document.documentElement.scrollWidth")
    hold(scroll <= PAPER, f"on paper of {PAPER} px the page is {scroll} px wide")
    left = browser.js("[...document.querySelectorAll('input, select, nav, summary, .skip')].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 60))")
    hold(not left, f"to click on paper: {left[:4]}")
    hold(not (faint := browser.js(FAINT)), f"faint on paper: {faint}")
    if shots and browser.js("document.querySelectorAll('.card').length") < 2000:
        pdf = browser.send("Page.printToPDF", printBackground=False, preferCSSPageSize=True)["data"]
        (shots / f"{name}.pdf").write_bytes(base64.b64decode(pdf))
    browser.send("Emulation.setEmulatedMedia", media="")


def check(browser, url, name, width, dark, shots):
    wrong = []

    def hold(truth, text):
        if not truth:
            wrong.append(f"{name}: {text}")

    wide, high, phone = width
    browser.open("about:blank")
    before = browser.busy()
    browser.send("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=1, mobile=phone)
    browser.send("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
    browser.open(url)
    browser.js(SETTLE)
    work = browser.busy() - before
    hold(work < RUNAWAY, f"took {work:.1f} s of the browser's main thread to open, more than {RUNAWAY} s")
    loaded, painted = browser.js("[performance.getEntriesByType('navigation')[0].loadEventEnd, performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0]")

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
    hold(not browser.js("window.hits"), "a text of an article was run")
    hold(not (faint := browser.js(FAINT)), f"faint text: {faint}")
    hold(not (nameless := browser.js(NAMELESS)), f"without a name: {nameless}")
    hold(browser.js("[...document.querySelectorAll('[tabindex]')].every(e => e.tabIndex <= 0)"), "a positive tabindex")
    hold(browser.js("[...document.querySelectorAll('th')].every(e => e.scope)"), "a head cell without scope")
    before = browser.busy()
    tab_order(browser, hold, 14)
    tabs = browser.busy() - before
    hold(tabs < RUNAWAY, f"14 tabs took {tabs:.1f} s of the browser's main thread")
    sorts(browser, hold)
    dark_now = browser.js("getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).every(v => v < 80)")
    hold(dark_now == dark, "the colours do not follow the system")
    if shots:
        browser.shot(f"{shots}/{name}-top.png")
        for part in browser.js("[...document.querySelectorAll('main section[id]:not(.speaker)')].map(s => s.id)"):
            browser.js(f"document.getElementById('{part}').scrollIntoView()")
            browser.js(SETTLE)
            browser.shot(f"{shots}/{name}-{part}.png")

    everything = browser.js(VISIBLE)
    counted = browser.js("document.querySelectorAll('.card').length")
    hold(everything == counted, f"{everything} of {counted} statements visible before any filter")
    if counted:
        cell = browser.js("""(() => { const a = document.querySelector('.heat td a[href^="#"]'); if (!a) return null;
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
        hold(browser.js(UNSEEN), "a statement that is filtered out has a box")
        fits("after filters")
        browser.js("document.querySelector('#filter button').click()")
        browser.js(SETTLE)
        hold(browser.js(VISIBLE) == everything, "Clear does not bring all statements back")
    browser.js("document.querySelectorAll('details').forEach(d => { d.open = true })")
    browser.js(SETTLE)
    fits("with all details open")
    if dark and not phone:
        prints(browser, hold, name, shots)
    wrong += [f"{name}: {c}" for c in complaints(browser.events, url)]
    return wrong, f"{name}: loaded in {loaded / 1000:.2f} s, painted from {painted / 1000:.2f} s on; {counted} statements; CPU of the main thread: {work:.2f} s to open, {tabs:.2f} s for 14 tabs"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("report", type=pathlib.Path, nargs="+")
    parser.add_argument("--chromium", default=find())
    parser.add_argument("--shots", type=pathlib.Path, help="folder for screenshots")
    args = parser.parse_args()
    if not args.chromium:
        sys.exit("check_report.py: no Chromium found (install it, or name it with --chromium)")
    for report in args.report:
        if not report.is_file():
            sys.exit(f"{report}: no such report")
    if args.shots:
        args.shots.mkdir(parents=True, exist_ok=True)
    browser = Chromium(args.chromium)
    browser.send("Page.addScriptToEvaluateOnNewDocument", source="window.hits = 0; window.hit = () => { window.hits++ };")
    wrong = []
    try:
        for report in args.report:
            for name, width in WIDTHS.items():
                for dark in (False, True):
                    found, line = check(browser, report.resolve().as_uri(), f"{report.stem}-{name}-{'dark' if dark else 'light'}", width, dark, args.shots)
                    wrong += found
                    print(line)
    finally:
        browser.close()
    for line in wrong:
        print(line, file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
