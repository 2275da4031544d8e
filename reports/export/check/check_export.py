#!/usr/bin/env python3
"""Reads every export of a run back and holds it to the tables.

    check_export.py RUN EXPORTS

EXPORTS holds a folder for each format of `standpoint export`, named after it.
Asserts that pandas and DuckDB read the sheets, that no cell of them begins like
a formula, that JSON Lines hold the tables unchanged, and that every exported span
cuts the words that it claims out of its text: by code points in Python, by
UTF-16 code units for Label Studio, by bytes for the tables. Each form is held to
its readers' rules: those of brat's server (annotation.py), those by which Label
Studio's SDK validates predictions, the Web Annotation Data Model and a JSON-LD
processor, SQLite with the tables of Discourse Network Analyzer.
"""
import csv
import json
import re
import sqlite3
import sys
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pandas as pd
import pyarrow.dataset as ds
from pyld import jsonld

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


def kept(run, name):
    """The rows of articles that are no copies, which are exported whatever counts."""
    copies = {r["id"] for r in rows(run, "articles") if r["status"] == "duplicate"}
    return [r for r in rows(run, name) if r["article_id"] not in copies]


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


# The terms of http://www.w3.org/ns/anno.jsonld that are used, so that nothing is fetched.
CONTEXT = {
    "oa": "http://www.w3.org/ns/oa#", "as": "http://www.w3.org/ns/activitystreams#", "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#", "id": "@id", "type": "@type", "AnnotationPage": "as:OrderedCollectionPage",
    "items": {"@type": "@id", "@id": "as:items", "@container": "@list"},
    **{name: f"oa:{name}" for name in ("Annotation", "SpecificResource", "TextualBody", "TextPositionSelector", "TextQuoteSelector")},
    **{name: f"oa:{name}" for name in ("identifying", "assessing", "tagging", "linking", "exact", "prefix", "suffix", "styleClass")},
    **{name: {"@type": "@id", "@id": f"oa:has{name.capitalize()}"} for name in ("body", "target", "source", "selector")},
    **{name: {"@type": "@vocab", "@id": iri} for name, iri in (("purpose", "oa:hasPurpose"), ("motivation", "oa:motivatedBy"))},
    **{name: {"@type": "xsd:nonNegativeInteger", "@id": f"oa:{name}"} for name in ("start", "end")},
    "value": "rdf:value",
}
# What the Web Annotation Data Model (2017) lets each of its classes hold.
MODEL = {
    "Annotation": {"id", "type", "motivation", "body", "target"},
    "SpecificResource": {"type", "purpose", "source", "selector", "styleClass"},
    "TextualBody": {"type", "purpose", "value"},
    "TextPositionSelector": {"type", "start", "end"},
    "TextQuoteSelector": {"type", "exact", "prefix", "suffix"},
}


def modelled(item, at):
    """Every object is of a class of the model and holds what that may hold; motivations are the model's."""
    check(set(item) <= MODEL[item["type"]], f"{at}: a {item['type']} with {sorted(set(item) - MODEL[item['type']])}")
    for key in {"motivation", "purpose"} & set(item):
        check(item[key] in ("identifying", "assessing", "tagging", "linking"), f"{at}: {key} {item[key]}")
    for value in item.values():
        for part in value if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                modelled(part, at)


def check_web(run, folder):
    page = json.loads((folder / "annotations.jsonld").read_text(encoding="utf-8"))
    check(page["@context"] == "http://www.w3.org/ns/anno.jsonld" and page["type"] == "AnnotationPage", "web-annotation: no AnnotationPage")
    n, texts = 0, {}
    for item in page["items"]:
        check(item["type"] == "Annotation" and item["target"], f"{item['id']}: no annotation with a target")
        modelled(item, item["id"])
        for target in item["target"]:
            source = target["source"]
            if source not in texts:
                texts[source] = (folder / source).read_bytes().decode("utf-8")
            s, quote = target["selector"]
            text = texts[source]
            check(text[s["start"]:s["end"]] == quote["exact"], f"{item['id']}: {quote['exact']!r} is not at {s['start']}")
            check(text[:s["start"]].endswith(quote["prefix"]) and text[s["end"]:].startswith(quote["suffix"]), f"{item['id']}: wrong context")
            n += 1
    counted = kept(run, "statements") + kept(run, "stances")
    check(len(page["items"]) == len(counted), f"web-annotation: {len(page['items'])} annotations, not {len(counted)}")
    some = dict(page, items=page["items"][:200])  # a JSON-LD processor takes its time
    loader = lambda url, _: {"contextUrl": None, "documentUrl": url, "document": {"@context": CONTEXT}}
    triples = jsonld.to_rdf(some, {"documentLoader": loader, "base": "https://x.example/annotations.jsonld"})["@default"]
    starts = sum(t["predicate"]["value"] == "http://www.w3.org/ns/oa#start" for t in triples)
    check(starts == sum(len(i["target"]) for i in some["items"]), f"web-annotation: as RDF {starts} positions are left")
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
            check(re.fullmatch(r"[TEA#][1-9][0-9]*", id_) and id_ not in known, f"{path}: id {id_} is no id, or not the only one")
            if id_[0] == "T":
                name, places = kind.split(" ", 1)
                check(name in types, f"{path}: type {name}")
                ends = [tuple(map(int, p.split(" "))) for p in places.split(";")]
                check(all(0 <= a < b <= len(text) for a, b in ends), f"{path}: {id_} lies outside of its text")
                check(all(a[1] <= b[0] for a, b in zip(ends, ends[1:])), f"{path}: pieces of {id_} overlap or are out of order")
                pieces = [text[int(a):int(b)] for a, b in (p.split(" ") for p in places.split(";"))]
                check(" ".join(pieces) == rest[0], f"{path}: {id_}: {rest[0]!r} is not {pieces!r}")
                check(all(len(p.splitlines()) == 1 for p in pieces), f"{path}: {id_} holds a line end")
                known[id_] = name
                n += len(pieces)
            elif id_[0] == "E":
                roles = [a.split(":") for a in kind.split(" ")]
                check(roles[0][0] == "Statement" and all(known[t] == re.sub(r"\d+$", "", role) for role, t in roles), f"{path}: {line}")
                check(len({role for role, _ in roles}) == len(roles), f"{path}: a role twice in {line}")
                known[id_] = "event"
                events += 1
            elif id_[0] == "A":
                name, of, value = kind.split(" ")
                check(known[of] == "event" and re.search(rf"^{name}\t.*\b{value}\b", conf, re.M), f"{path}: {line}")
                known[id_] = "attribute"
            elif id_[0] == "#":
                check(known[kind.split(" ")[1]] == "event" and len(rest) == 1, f"{path}: {line}")
                known[id_] = "note"
            else:
                check(False, f"{path}: {line!r}")
    wanted = sum(bool(r["content_starts"]) for r in kept(run, "statements"))
    check(events == wanted, f"brat: {events} statements, not {wanted}")
    return f"{n} spans"


def check_studio(run, folder):
    tasks = json.loads((folder / "tasks.json").read_text(encoding="utf-8"))
    view = ElementTree.parse(folder / "label-studio.xml")
    labels, relations = ({e.get("value") for e in view.iter(name)} for name in ("Label", "Relation"))
    n = 0
    for task in tasks:
        units = task["data"]["text"].encode("utf-16-le")
        ids = set()
        for r in task["predictions"][0]["result"]:
            if r["type"] == "relation":
                check({r["from_id"], r["to_id"]} <= ids, f"label-studio: relation of unknown regions {r}")
                check(r["direction"] in ("left", "right", "bi") and set(r["labels"]) <= relations, f"label-studio: relation {r}")
                continue
            check(r["id"] not in ids, f"label-studio: two regions {r['id']}")
            ids.add(r["id"])
            v = r["value"]
            check((r["from_name"], r["to_name"], r["type"]) == ("label", "text", "labels") and set(v["labels"]) <= labels, f"label-studio: region {r}")
            check(units[2 * v["start"]:2 * v["end"]].decode("utf-16-le") == v["text"], f"label-studio: {v}")
            n += 1
    counted = sum(r["status"] != "duplicate" for r in rows(run, "articles"))
    check(len(tasks) == counted, f"label-studio: {len(tasks)} tasks, not {counted}")
    return f"{n} spans"


def check_dna_database(run, folder, frame):
    """SQLite takes the database, its keys hold, and it says what events.csv says, of words that are the evidence."""
    db = sqlite3.connect(":memory:")
    db.executescript((folder / "standpoint.sql").read_text(encoding="utf-8"))
    check(db.execute("PRAGMA foreign_key_check").fetchall() == [], "dna: a key points nowhere")
    entities, values = (db.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0] for name in ("ENTITIES", "ATTRIBUTEVALUES"))
    check(values == 3 * entities > 0, f"dna: {values} attributes of {entities} entities")
    untyped = db.execute("SELECT COUNT(*) FROM ENTITIES e JOIN ATTRIBUTEVALUES v ON v.EntityId = e.ID JOIN ATTRIBUTEVARIABLES a ON a.ID = v.AttributeVariableId "
                         "AND a.VariableId = e.VariableId AND a.AttributeVariable = 'Type' WHERE (e.Value = '') != (v.AttributeValue = '')").fetchone()[0]
    check(untyped == 0, f"dna: {untyped} entities without their type")
    got = db.execute("""
        SELECT s.ID, d.ID, d.Text, s.Start, s.Stop, p.Value, o.Value, c.Value, b.Value
        FROM STATEMENTS s JOIN DOCUMENTS d ON d.ID = s.DocumentId JOIN DATABOOLEAN b ON b.StatementId = s.ID
        JOIN DATASHORTTEXT ps ON ps.StatementId = s.ID AND ps.VariableId = 1 JOIN ENTITIES p ON p.ID = ps.Entity
        JOIN DATASHORTTEXT os ON os.StatementId = s.ID AND os.VariableId = 2 JOIN ENTITIES o ON o.ID = os.Entity
        JOIN DATASHORTTEXT cs ON cs.StatementId = s.ID AND cs.VariableId = 3 JOIN ENTITIES c ON c.ID = cs.Entity
        ORDER BY s.ID""").fetchall()
    check(len(got) == len(frame), f"dna: {len(got)} statements in the database, {len(frame)} in events.csv")
    evidence = [r["evidence_text"] for r in kept(run, "stances") if r["speaker_id"] is not None and r["label"] in ("for", "against")]
    for row, event, words in zip(got, frame.to_dict("records"), evidence):
        statement, document, text, start, stop, *actors, agreement = row
        check([statement, document, agreement] == [event["statement_id"], event["document_id"], event["agreement"]], f"dna: statement {statement} is not that of events.csv")
        for actor, name in zip(actors, ("person", "organization", "concept")):
            check(actor == bare(event[name]).replace("\0", "")[:190], f"dna: {name} {actor!r}, not {event[name]!r}")
        cut = text.encode("utf-16-le")[2 * start:2 * stop].decode("utf-16-le")
        check(cut == words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", ""), f"dna: statement {statement} is {cut!r}, not {words!r}")


def check_dna(run, folder):
    frame = pd.read_csv(folder / "events.csv", keep_default_na=False)
    wanted = sum(r["speaker_id"] is not None and r["label"] in ("for", "against") for r in kept(run, "stances"))
    check(len(frame) == wanted, f"dna: {len(frame)} events, not {wanted}")
    check(set(frame.agreement) <= {0, 1}, f"dna: agreement {set(frame.agreement)}")
    check(((frame.person == "") != (frame.organization == "")).all(), "dna: an event of neither person nor organisation, or of both")
    check_dna_database(run, folder, frame)
    return f"{len(frame)} events"


def main(argv):
    if len(argv) != 3:
        sys.exit("usage: check_export.py RUN EXPORTS")
    run, exports = Path(argv[1]), Path(argv[2])
    for name, f in (("csv", check_csv), ("jsonl", check_jsonl), ("web-annotation", check_web), ("brat", check_brat), ("label-studio", check_studio), ("dna", check_dna)):
        print(f"{name}: {f(run, exports / name)}: as in the tables")


if __name__ == "__main__":
    main(sys.argv)
