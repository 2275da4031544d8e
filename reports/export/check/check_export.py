#!/usr/bin/env python3
"""Reads every export of a run back and holds it to the tables.

    check_export.py RUN EXPORTS

EXPORTS holds a folder for each format of `standpoint export`, named after it.
Asserts that pandas and DuckDB read the sheets, that no cell of them begins like
a formula, that JSON Lines hold the tables unchanged, and that every exported span
cuts the words that it claims out of its text: by code points in Python, by
UTF-16 code units for Label Studio, by bytes for the tables.
"""
import csv
import json
import re
import sys
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.dataset as ds

TABLES = ("articles", "statements", "stances", "speakers", "merges", "summary", "quarantine")
FORMULA = re.compile("[=+\\-@\t\r\n＝＋－＠]")
NUMBER = re.compile(r"-?[0-9.]+(e[+-]?[0-9]+)?$")


def check(ok, message):
    if not ok:
        sys.exit(f"check_export: {message}")


def bare(text):
    """Undoes the guard of a cell: see reports/sheet."""
    return re.sub("(^|[,;\t|\r\n\"])'(?='*[=+\\-@\t\r\n＝＋－＠])", r"\1", text)


def rows(run, name):
    files = sorted((run / name).rglob("*.parquet"))
    return [] if not files else ds.dataset([str(f) for f in files], format="parquet").to_table().to_pylist()


def same(exported, row, column, unguard):
    value = row[column]
    if value is None:
        return exported in ("", None)
    if hasattr(value, "isoformat"):
        return pd.Timestamp(exported) == pd.Timestamp(value)
    if isinstance(value, bool):
        return exported in (value, str(value).lower())
    if isinstance(value, float):
        return float(exported) == value
    if isinstance(value, list):
        return (json.loads(bare(exported)) if unguard else exported) == value
    if isinstance(value, str):
        return (bare(exported) if unguard else exported) == value
    return int(exported) == value


def check_csv(run, folder):
    csv.field_size_limit(1 << 30)
    cells = 0
    for name in TABLES:
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            got = list(csv.reader(file))
        want = rows(run, name)
        check(len(got) == len(want) + 1, f"{name}.csv: {len(got) - 1} rows, not {len(want)}")
        for line, row in zip(got[1:], want):
            for column, cell in zip(got[0], line):
                check(same(cell, row, column, True), f"{name}.csv: {column} is {cell!r}, not {row[column]!r}")
                if isinstance(row[column], (str, list)):
                    for part in re.split("[,;\t|\r\n\"]", "x," + cell):
                        check(not FORMULA.match(part), f"{name}.csv: {column}: a formula in {cell!r}")
                    cells += 1
        frame = pd.read_csv(folder / f"{name}.csv", keep_default_na=False)
        check(len(frame) == len(want), f"{name}.csv: pandas reads {len(frame)} rows")
        count = duckdb.sql(f"SELECT count(*) FROM read_csv('{folder / name}.csv', header = true, all_varchar = true, quote = '\"', escape = '\"', delim = ',', max_line_size = 20000000)").fetchall()[0][0]
        check(count == len(want), f"{name}.csv: DuckDB reads {count} rows, not {len(want)}")
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    check({r["name"] for r in package["resources"]} == set(TABLES), "csv: datapackage.json lacks a table")
    return f"{cells} guarded cells"


def check_jsonl(run, folder):
    n = 0
    for name in TABLES:
        want = rows(run, name)
        got = [json.loads(line) for line in (folder / f"{name}.jsonl").read_bytes().split(b"\n") if line]
        check(len(got) == len(want), f"{name}.jsonl: {len(got)} rows, not {len(want)}")
        for line, row in zip(got, want):
            check(line.keys() == row.keys(), f"{name}.jsonl: columns {sorted(line)}")
            for column in row:
                check(same(line[column], row, column, False), f"{name}.jsonl: {column} is {line[column]!r}, not {row[column]!r}")
            n += 1
    return f"{n} rows"


def check_web(run, folder):
    page = json.loads((folder / "annotations.jsonld").read_text(encoding="utf-8"))
    check(page["@context"] == "http://www.w3.org/ns/anno.jsonld" and page["type"] == "AnnotationPage", "web-annotation: no AnnotationPage")
    n, texts = 0, {}
    for item in page["items"]:
        check(item["type"] == "Annotation" and item["target"], f"{item['id']}: no annotation with a target")
        for target in item["target"]:
            source = target["source"]
            if source not in texts:
                texts[source] = (folder / source).read_bytes().decode("utf-8")
            s = target["selector"]
            quote = s["refinedBy"]
            text = texts[source]
            check(text[s["start"]:s["end"]] == quote["exact"], f"{item['id']}: {quote['exact']!r} is not at {s['start']}")
            check(text[:s["start"]].endswith(quote["prefix"]) and text[s["end"]:].startswith(quote["suffix"]), f"{item['id']}: wrong context")
            n += 1
    counted = [r for name in ("statements", "stances") for r in rows(run, name) if not r["duplicate"]]
    check(len(page["items"]) == len(counted), f"web-annotation: {len(page['items'])} annotations, not {len(counted)}")
    return f"{n} spans"


def check_brat(run, folder):
    types = {"Source", "Cue", "Mention", "Evidence", "Statement"}
    conf = (folder / "annotation.conf").read_text(encoding="utf-8")
    n = events = 0
    for path in sorted(folder.glob("*.ann")):
        text = path.with_suffix(".txt").read_bytes().decode("utf-8")
        known = {}
        for line in path.read_bytes().decode("utf-8").splitlines():
            id_, kind, *rest = line.split("\t", 2)
            if id_[0] == "T":
                name, places = kind.split(" ", 1)
                check(name in types, f"{path}: type {name}")
                pieces = [text[int(a):int(b)] for a, b in (p.split(" ") for p in places.split(";"))]
                check(" ".join(pieces) == rest[0], f"{path}: {id_}: {rest[0]!r} is not {pieces!r}")
                check(all(len(p.splitlines()) == 1 for p in pieces), f"{path}: {id_} holds a line end")
                known[id_] = name
                n += len(pieces)
            elif id_[0] == "E":
                roles = [a.split(":") for a in kind.split(" ")]
                check(roles[0][0] == "Statement" and all(known[t] == re.sub(r"\d+$", "", role) for role, t in roles), f"{path}: {line}")
                known[id_] = "event"
                events += 1
            elif id_[0] == "A":
                name, of, value = kind.split(" ")
                check(known[of] == "event" and re.search(rf"^{name}\t.*\b{value}\b", conf, re.M), f"{path}: {line}")
            elif id_[0] == "#":
                check(known[kind.split(" ")[1]] == "event" and len(rest) == 1, f"{path}: {line}")
            else:
                check(False, f"{path}: {line!r}")
    wanted = sum(not r["duplicate"] and bool(r["content_starts"]) for r in rows(run, "statements"))
    check(events == wanted, f"brat: {events} statements, not {wanted}")
    return f"{n} spans"


def check_studio(run, folder):
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    n = 0
    for task in tasks:
        units = task["data"]["text"].encode("utf-16-le")
        ids = set()
        for r in task["predictions"][0]["result"]:
            if r["type"] == "relation":
                check({r["from_id"], r["to_id"]} <= ids, f"label-studio: relation of unknown regions {r}")
                continue
            ids.add(r["id"])
            v = r["value"]
            check(units[2 * v["start"]:2 * v["end"]].decode("utf-16-le") == v["text"], f"label-studio: {v}")
            n += 1
    counted = sum(r["status"] != "duplicate" for r in rows(run, "articles"))
    check(len(tasks) == counted, f"label-studio: {len(tasks)} tasks, not {counted}")
    return f"{n} spans"


def check_dna(run, folder):
    frame = pd.read_csv(folder / "events.csv", keep_default_na=False)
    wanted = sum(not r["duplicate"] and r["speaker_id"] is not None and r["label"] in ("for", "against") for r in rows(run, "stances"))
    check(len(frame) == wanted, f"dna: {len(frame)} events, not {wanted}")
    check(set(frame.agreement) <= {0, 1}, f"dna: agreement {set(frame.agreement)}")
    check(((frame.person == "") != (frame.organization == "")).all(), "dna: an event of neither person nor organisation, or of both")
    return f"{len(frame)} events"


def main(argv):
    if len(argv) != 3:
        sys.exit("usage: check_export.py RUN EXPORTS")
    run, exports = Path(argv[1]), Path(argv[2])
    for name, f in (("csv", check_csv), ("jsonl", check_jsonl), ("web-annotation", check_web), ("brat", check_brat), ("label-studio", check_studio), ("dna", check_dna)):
        print(f"{name}: {f(run, exports / name)}: as in the tables")


if __name__ == "__main__":
    main(sys.argv)
