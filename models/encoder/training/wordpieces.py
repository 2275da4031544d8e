"""Writes what the reference tokeniser makes of texts that are hard to cut, for the test of analysis/encoder.

    python wordpieces.py --base MINILM --out ../../../analysis/encoder/testdata/wordpieces.json
"""
import argparse
import json
from pathlib import Path

from tokenizers import Tokenizer

TEXTS = [
    "The envoy of Velmaria said “we won't sign,” and left.",
    "Übermäßig naïve façades à la Señor Ñandú; İstanbul, ǅ, ß, ﬁ, Å.",
    "e\u0301clair cafe\u0301s o\u0308sterreichisch",
    "北京說：「不」。 カタカナ 한국어",
    "zero\u200bwidth soft\u00adhyphen bell\u0007 tab\tnew\r\nline\u00a0space\u2028sep nul\x00 \ufffd",
    "don't can’t O'Brien's rock-n-roll e.g. U.S.-led $1,000.50 50% #tag @name a_b c/d [x] {y} <z> ~^`|\\",
    "🙂👍🏽👩‍👩‍👧 ☃ ¡hola! ¿qué? «guillemets» ‹x› … – — ― ‐ ‑",
    "antidisestablishmentarianism " + "x" * 100 + " " + "y" * 101 + " pneumonoultramicroscopicsilicovolcanoconiosis",
    "\u0627\u0644\u0633\u0644\u0627\u0645 \u05e9\u05dc\u05d5\u05dd \u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "①②③ ½ Ⅳ x² H₂O ™ © ℃ № ﬀ \ue000 \U0001d400",
    "",
    " \n ",
]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--base", type=Path, required=True)
    ap.add_argument("--out", type=Path, required=True)
    args = ap.parse_args()
    tokenizer = Tokenizer.from_file(str(args.base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    rows = []
    for text in TEXTS:
        e = tokenizer.encode(text, add_special_tokens=False)
        at = [0]
        for c in text:
            at.append(at[-1] + len(c.encode()))
        rows.append(dict(text=text, pieces=[[i, at[a], at[b]] for i, (a, b) in zip(e.ids, e.offsets)]))
    args.out.parent.mkdir(parents=True, exist_ok=True)
    args.out.write_text(json.dumps(rows, ensure_ascii=True, indent=0) + "\n")


if __name__ == "__main__":
    main()
