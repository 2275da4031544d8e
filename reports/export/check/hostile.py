#!/usr/bin/env python3
"""Prints an invented corpus of 500 articles whose titles, outlets, names and
texts try to break what is made of them: as JSON Lines, for `standpoint run -`.

Script tags, event handlers, broken entities, overrides of the direction of
text, formulas, control characters, emoji, combining marks, CRLF and lone CR.
"""
import json
import random

ATTACKS = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>", "</script><script>alert(1)//", "</title><script>alert(1)</script>",
    "<a href='javascript:alert(1)'>x</a>", "<iframe srcdoc='<script>alert(1)</script>'>", "&lt;b&gt; &#x3c;script&#x3e; &#0; &nosuch;", "<!--", "-->", "<![CDATA[", "]]>",
    "{{.Script}} ${alert(1)} `x`", "<style>*{display:none}</style>", "</style><style>body{background:url(http://x.example)}", "<base href=http://x.example/>", "<meta http-equiv=refresh content=0;url=http://x.example>",
    "<math><mi xlink:href=javascript:alert(1)>", "<details open ontoggle=alert(1)>", "<input autofocus onfocus=alert(1)>", "' onmouseover='alert(1)", "\u202eevil\u202c", "\u2066\u2067\u2068\u2069", "\u200f\u200e\u061c",
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1:A9)", "\t=1", "a;=1+1", "x\n=1", "\"=1\"", "＝1", "=HYPERLINK(\"http://x.example\")",
    "👩‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "e\u0301\u0323" * 3, "Z\u0351\u0329" * 20, "\u0000", "\u0007\u001b[31m", "\ufeff", "\u2028\u2029", "𝔖𝔱𝔯𝔦𝔨𝔢𝔰", "W" * 300, "漢字" * 80, "\\u003cscript\\u003e", "%3Cscript%3E",
    "../../etc/passwd", "CON", "a\u0000b", "NaN", "null", "\ud7ff\ue000", "T1\tSource 0 5\tx", "E1\tStatement:T1", "#1\tAnnotatorNotes",
]
SAID = [
    "Foreign Minister Agnes Roth condemned the strikes on Syria{nl}on Monday. “They were {a}illegal,” she said.{nl}{nl}",
    "{emoji} “The strikes {a}were a crime,” Viktor Hale told reporters.{nl}",
    "President Assad is {emoji}{emoji} a killer, said Odo Brandt,{nl}a fisherman. {a}{nl}",
    "“We back the strikes,” said Ida Quill of “{a}”.{nl}",
]


def main():
    random.seed(7)
    for n in range(500):
        attack = ATTACKS[n % len(ATTACKS)]
        other = random.choice(ATTACKS)
        nl = ("\n", "\r\n", "\r", "\n\n")[n % 4]
        emoji = random.choice("😀🚀🇸🇾👩‍🚒")
        text = "".join(random.choice(SAID).format(a=random.choice([attack, other, ""]), nl=nl, emoji=emoji) for _ in range(6))
        print(json.dumps({"id": f"{attack}-{n}", "title": attack + " " + other, "text": text, "publisher": random.choice(ATTACKS), "url": random.choice(["javascript:alert(1)", "https://x.example/" + attack]),
                          "date": f"2031-{1 + n % 12:02}-{1 + n % 28:02}"}))


if __name__ == "__main__":
    main()
