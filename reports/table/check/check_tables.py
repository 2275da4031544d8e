#!/usr/bin/env python3
"""Checks an output folder of standpoint with other people's readers.

    python check_tables.py DIR

Asserts that pyarrow, pandas, polars and DuckDB read the same rows and types,
that DuckDB skips row groups by their statistics, that every stance joins a statement and every statement an article, that spans
cut the same words out of articles.text by code points and by bytes, and that
the counts of run.json add up. Needs pyarrow; reads with the others where they
are installed. Exits 1 at the first thing that is not so.
"""

import hashlib
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq

PARTITIONED = ("articles", "statements", "stances")
TABLES = PARTITIONED + ("speakers", "merges", "summary", "quarantine")
LABELS = {"for", "against", "neither", "abstain"}
KINDS = {"direct", "indirect", "mixed", "described"}
TYPES = {"person", "organisation", "government", "group", "unnamed"}
UTC = pa.timestamp("ms", tz="UTC")
# Python takes these for white space, Unicode does not.
SEPARATORS = re.compile("[\x1c-\x1f]")
# Columns whose type is not string, and where null is allowed.
TIMES = {"published", "first_seen", "last_seen", "period_start"}
NULLABLE = TIMES | {
    "duplicate_of", "duplicate_similarity", "speaker_id", "speaker_name", "speaker_type", "speaker_wikidata",
    "resolution", "wikidata", "mean", "ci_low", "ci_high",
}


def check(ok, message):
    if not ok:
        sys.exit(f"check_tables: {message}")


def read(out, name):
    """The table as pyarrow reads it, dt among its columns where it is partitioned."""
    dt = pa.schema([("dt", pa.string())])
    partitioning = ds.partitioning(dt, flavor="hive") if name in PARTITIONED else None
    return ds.dataset(out / name, format="parquet", partitioning=partitioning).to_table()


def check_schema(out, name, table):
    for field in table.schema:
        column, kind = field.name, field.type
        where = f"{name}.{column}"
        check(column == column.lower() and " " not in column, f"{where}: not snake_case")
        if column == "dt":
            continue
        if column in TIMES:
            check(kind == UTC, f"{where}: {kind}, want {UTC}")
        check(not pa.types.is_binary(kind), f"{where}: bytes, want text")
        if pa.types.is_list(kind):
            check(kind.value_type in (pa.int32(), pa.float64(), pa.string()), f"{where}: {kind}")
        if column not in NULLABLE and not (name == "speakers" and column == "share_abstained"):
            if name == "summary" or not column.startswith("speaker_"):
                check(table[column].null_count == 0, f"{where}: {table[column].null_count} nulls")
    for path in sorted((out / name).rglob("*.parquet")):
        meta = pq.ParquetFile(path).metadata
        pq.read_table(path, partitioning=None).validate(full=True)
        for group in range(meta.num_row_groups):
            first = meta.row_group(group).column(0)
            check(first.is_stats_set and first.statistics.has_min_max, f"{path}: no statistics for {first.path_in_schema}")


def check_readers(out, name, table):
    """pandas, polars and DuckDB against pyarrow: rows, types, and each text."""
    rows = table.num_rows
    key = table.schema.names[0]
    want = sorted(map(str, table[key].to_pylist()))
    pattern = str(out / name / ("**/*.parquet" if name in PARTITIONED else "*.parquet"))
    try:
        import pandas
    except ImportError:
        pass
    else:
        frame = pandas.read_parquet(out / name)
        check(len(frame) == rows, f"{name}: pandas reads {len(frame)} rows, pyarrow {rows}")
        check(sorted(map(str, frame[key])) == want, f"{name}.{key}: pandas reads other values")
        if name in PARTITIONED:
            check(sorted(map(str, frame["dt"])) == sorted(table["dt"].to_pylist()), f"{name}.dt: pandas reads other dates")
        for column in TIMES & set(frame.columns):
            check(str(frame[column].dt.tz) == "UTC", f"{name}.{column}: pandas reads {frame[column].dtype}")
    try:
        import polars
    except ImportError:
        pass
    else:
        frame = polars.read_parquet(pattern, hive_partitioning=name in PARTITIONED)
        check(frame.height == rows, f"{name}: polars reads {frame.height} rows, pyarrow {rows}")
        check(sorted(map(str, frame[key])) == want, f"{name}.{key}: polars reads other values")
        for column in TIMES & set(frame.columns):
            check(frame.schema[column].time_zone == "UTC", f"{name}.{column}: polars reads {frame.schema[column]}")
        if name in PARTITIONED:
            check(sorted(frame["dt"].cast(polars.String)) == sorted(table["dt"].to_pylist()), f"{name}.dt: polars reads other dates")
    try:
        import duckdb
    except ImportError:
        pass
    else:
        db = duckdb.connect()
        relation = f"read_parquet('{pattern}', hive_partitioning = {name in PARTITIONED})"
        kinds = {row[0]: row[1] for row in db.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}
        for column in TIMES & set(kinds):
            check(kinds[column] == "TIMESTAMP WITH TIME ZONE", f"{name}.{column}: DuckDB reads {kinds[column]}")
        if name in PARTITIONED:
            got = sorted(str(row[0]) for row in db.execute(f"SELECT dt FROM {relation}").fetchall())
            check(got == sorted(table["dt"].to_pylist()), f"{name}.dt: DuckDB reads other dates")
        check(kinds[key] == "VARCHAR", f"{name}.{key}: DuckDB reads {kinds[key]}")
        got = sorted(row[0] for row in db.execute(f"SELECT {key} FROM {relation}").fetchall())
        check(got == want, f"{name}.{key}: DuckDB reads other values")
        if want:
            # A filter on a column with statistics, which may skip files and row groups.
            some = want[len(want) // 2]
            found = db.execute(f"SELECT count(*) FROM {relation} WHERE {key} = ?", [some]).fetchone()[0]
            check(found == want.count(some), f"{name}.{key}: DuckDB finds {some!r} {found} times")


def destroy(path, column, value):
    """Zeroes the pages of the row groups whose statistics exclude the value, and says of how many rows."""
    meta = pq.ParquetFile(path).metadata
    at = meta.schema.names.index(column)
    data, gone = bytearray(path.read_bytes()), 0
    for g in range(meta.num_row_groups):
        group = meta.row_group(g)
        stats = group.column(at).statistics
        if stats is None or not stats.has_min_max or stats.min <= value <= stats.max:
            continue
        for c in range(group.num_columns):
            chunk = group.column(c)
            start = chunk.dictionary_page_offset if chunk.has_dictionary_page else chunk.data_page_offset
            data[start:start + chunk.total_compressed_size] = bytes(chunk.total_compressed_size)
        gone += group.num_rows
    path.write_bytes(data)
    return gone


def check_skips(out, name, table):
    """DuckDB passes over row groups whose statistics exclude what is asked for: it answers though their pages are destroyed."""
    try:
        import duckdb
    except ImportError:
        return
    db = duckdb.connect()
    for column in ("published", "id"):
        values = sorted(v for v in table[column].to_pylist() if v is not None)
        if not values or values[0] == values[-1]:
            continue
        value = values[0]
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copytree(out / name, Path(folder) / name))
            gone = sum(destroy(path, column, value) for path in sorted(copy.rglob("*.parquet")))
            check(gone > 0, f"{name}.{column}: no statistics exclude {value}")
            literal = f"TIMESTAMPTZ '{value.isoformat()}'" if column == "published" else "'" + value.replace("'", "''") + "'"
            relation = f"read_parquet('{copy}/**/*.parquet')"
            try:
                got = db.execute(f"SELECT count(*) FROM {relation} WHERE {column} = {literal}").fetchone()[0]
            except duckdb.Error as err:
                sys.exit(f"check_tables: {name}.{column}: DuckDB reads row groups that the statistics exclude: {err}")
            check(got == values.count(value), f"{name}.{column}: DuckDB finds {value} {got} times, not {values.count(value)}")
            try:
                db.execute(f"SELECT max(hash({column})) FROM {relation}").fetchall()
            except duckdb.Error:
                continue
            check(False, f"{name}.{column}: DuckDB reads pages that are destroyed")


def spans(row, prefix):
    """Pairs of code points and pairs of bytes, of a list of spans or of one."""
    if f"{prefix}_starts" in row:
        columns = [row[f"{prefix}_{c}"] for c in ("starts", "ends", "byte_starts", "byte_ends")]
        check(len({len(c) for c in columns}) == 1, f"{row['id']}: {prefix}: lists of unlike length")
    else:
        columns = [[row[f"{prefix}_{c}"]] for c in ("start", "end", "byte_start", "byte_end")]
    return list(zip(*columns))


def check_spans(article, row, prefix):
    text, raw = article
    pieces, last = [], 0
    for start, end, byte_start, byte_end in spans(row, prefix):
        check(last <= start < end <= len(text), f"{row['id']}: {prefix}: {start}…{end} after {last} in a text of {len(text)}")
        last = end
        piece = text[start:end]
        check(piece.encode() == raw[byte_start:byte_end], f"{row['id']}: {prefix}: code points cut {piece!r}, bytes {raw[byte_start:byte_end]!r}")
        pieces.append(piece)
    # Pieces may be joined by marks of omission, white space may be folded.
    want, got = "".join(pieces), row[f"{prefix}_text"]
    bare = str.maketrans("", "", "… \t\r\n\u00a0\u2028\u2029")
    check("".join(want.translate(bare).split()) == "".join(got.translate(bare).split()), f"{row['id']}: {prefix}_text is {got!r}, the spans cut {pieces!r}")


def check_rows(tables, counting):
    articles, statements = {}, {}
    for row in tables["articles"]:
        where = f"article {row['id']}"
        check(row["id"] not in articles, f"{where}: twice")
        raw = row["text"].encode()
        articles[row["id"]] = row, (row["text"], raw)
        check(row["status"] in ("analysed", "duplicate"), f"{where}: status {row['status']!r}")
        check((row["status"] == "duplicate") == (row["duplicate_of"] is not None), f"{where}: duplicate_of {row['duplicate_of']!r} and status {row['status']!r}")
        check((row["published"] is None) == bool(row["published_note"]), f"{where}: published {row['published']} and note {row['published_note']!r}")
        check(row["dt"] == (row["published"].date().isoformat() if row["published"] else "undated"), f"{where}: published {row['published']} in dt={row['dt']}")
        check(hashlib.sha256(raw).hexdigest() == row["text_sha256"], f"{where}: text_sha256")
        words = len(SEPARATORS.sub("x", row["text"]).split())
        check(row["words"] == words, f"{where}: {row['words']} words, want {words}")
    for row, _ in articles.values():
        of = row["duplicate_of"]
        check(of is None or of in articles and articles[of][0]["status"] == "analysed", f"article {row['id']}: duplicate_of {of!r}")

    for row in tables["statements"]:
        where = f"statement {row['id']}"
        check(row["id"] not in statements, f"{where}: twice")
        check(row["article_id"] in articles, f"{where}: no article {row['article_id']!r}")
        statements[row["id"]] = row
        article, text = articles[row["article_id"]]
        for prefix in ("source", "cue", "content"):
            check_spans(text, row, prefix)
        start = row["context_start"]
        check(text[0][start:start + len(row["context"])] == row["context"], f"{where}: context is not the text at {start}")
        check(row["kind"] in KINDS, f"{where}: kind {row['kind']!r}")
        check((row["speaker_id"] is None) == (row["speaker_name"] is None), f"{where}: speaker_id {row['speaker_id']!r}, speaker_name {row['speaker_name']!r}")
        check(row["speaker_type"] in TYPES | {None}, f"{where}: speaker_type {row['speaker_type']!r}")
        check(len(row["candidate_names"]) == len(row["candidate_confidences"]), f"{where}: candidates of unlike length")
        for column in ("published", "publisher", "dt"):
            check(row[column] == article[column], f"{where}: {column} differs from its article's")
        for x in [row["confidence"], row["speaker_confidence"], *row["candidate_confidences"]]:
            check(0 <= x <= 1, f"{where}: confidence {x}")

    check_counting(tables["statements"], {id_ for id_, (a, _) in articles.items() if a["status"] == "duplicate"}, counting)

    for row in tables["stances"]:
        where = f"stance {row['id']}"
        statement = statements.get(row["statement_id"])
        check(statement is not None, f"{where}: no statement {row['statement_id']!r}")
        for column in ("article_id", "published", "publisher", "dt", "speaker_id", "speaker_name", "speaker_type", "kind", "duplicate"):
            check(row[column] == statement[column], f"{where}: {column} differs from its statement's")
        for prefix in ("mention", "evidence"):
            check_spans(articles[row["article_id"]][1], row, prefix)
        check(row["label"] in LABELS, f"{where}: label {row['label']!r}")
        check(-1 <= row["score"] <= 1 and 0 <= row["confidence"] <= 1, f"{where}: score {row['score']}, confidence {row['confidence']}")
    check(len({r["id"] for r in tables["stances"]}) == len(tables["stances"]), "stances: an id twice")


def check_counting(statements, copies, counting):
    """duplicate is what the run's counting says: of copies, and of words that the same speaker is quoted with again."""
    counts = [r for r in statements if counting.get("copies_each") or r["article_id"] not in copies]
    if counting.get("quotations_once"):
        first = {}
        for row in sorted(counts, key=lambda r: (r["published"] is None, r["published"] or 0, r["article_id"], r["ordinal"])):
            first.setdefault(row["quotation_group"] or row["id"], row)
        counts = first.values()
    counts = {r["id"] for r in counts}
    for row in statements:
        check(row["duplicate"] == (row["id"] not in counts), f"statement {row['id']}: duplicate")


def check_totals(run, tables):
    counts = run["counts"]
    counted = [r for r in tables["stances"] if not r["duplicate"]]
    found = {
        "in": len(tables["articles"]) + len(tables["quarantine"]),
        "analysed": sum(r["status"] == "analysed" for r in tables["articles"]),
        "duplicates": sum(r["status"] == "duplicate" for r in tables["articles"]),
        "quarantined": len(tables["quarantine"]),
        "relevant": sum(r["relevant"] for r in tables["articles"]),
        "statements": len(tables["statements"]),
        "stances": len(tables["stances"]),
        "abstained": sum(r["label"] == "abstain" for r in tables["stances"]),
        "speakers_abstained": sum(r["speaker_id"] is None for r in tables["statements"]),
        "speakers": len(tables["speakers"]),
    }
    # the tables do not tell an article analysed in this run from one of an earlier
    counts["analysed"] += counts.pop("unchanged")
    check(counts == found, f"run.json counts {counts}, the tables hold {found}")
    check(counts["in"] == counts["analysed"] + counts["duplicates"] + counts["quarantined"], f"counts do not add up: {counts}")
    for table in ("statements", "stances"):
        check(sum(r[table] for r in tables["articles"]) == counts[table], f"articles.{table} does not add up")

    targets = {t["id"] for t in run["targets"]}
    check({r["target"] for r in tables["stances"]} <= targets, "stances: a target that run.json does not list")
    labels = ("n_for", "n_against", "n_neither", "n_abstain")
    months = [r for r in tables["summary"] if r["period"] != "all"]
    whole = [r for r in tables["summary"] if r["period"] == "all"]
    for rows, name in ((months, "by month"), (whole, "for all")):
        total = sum(r[n] for r in rows for n in labels)
        check(total == len(counted), f"summary {name} holds {total} stances, the table stances {len(counted)}")
    cells = {}
    for row in counted:
        cells.setdefault((row["speaker_id"] or "", row["target"]), []).append(row)
    speakers = {r["id"] for r in tables["speakers"]}
    for row in tables["summary"]:
        where = f"summary {row['speaker_id']}, {row['target']}, {row['period']}"
        cell = cells[row["speaker_id"], row["target"]] if row["period"] == "all" else None
        check(row["speaker_id"] in speakers | {""}, f"{where}: no such speaker")
        check((row["period_start"] is None) == (row["period"] in ("all", "undated")), f"{where}: period_start {row['period_start']}")
        check((row["ci_low"] is None) == (row["ci_high"] is None), f"{where}: half an interval")
        if row["ci_low"] is not None:
            check(row["ci_low"] - 1e-9 <= row["mean"] <= row["ci_high"] + 1e-9, f"{where}: mean {row['mean']} outside of {row['ci_low']}…{row['ci_high']}")
        if cell is not None:
            scores = [r["score"] for r in cell if r["label"] != "abstain"]
            check((row["mean"] is None) == (not scores), f"{where}: mean {row['mean']}")
            check(not scores or abs(sum(scores) / len(scores) - row["mean"]) < 1e-6, f"{where}: mean {row['mean']}")
            check(row["articles"] == len({r["article_id"] for r in cell}), f"{where}: articles {row['articles']}")


def check_documented(out, run):
    """Every column is explained in the footer of its files and in datapackage.json, which lists every file."""
    package = json.loads((out / "datapackage.json").read_text(encoding="utf-8"))
    listed = {}
    for resource in package["resources"]:
        for path in [resource["path"]] if isinstance(resource["path"], str) else resource["path"]:
            listed[path] = {f["name"] for f in resource["schema"]["fields"] if f["description"]}
    for path in sorted(out.rglob("*.parquet")):
        name = path.relative_to(out)
        footer = pq.read_metadata(path)
        notes = {k.decode(): v.decode() for k, v in (footer.metadata or {}).items()}
        check(notes.get("standpoint.table") == name.parts[0], f"{name}: the footer says it is of {notes.get('standpoint.table')!r}")
        check(notes.get("standpoint.schema_version") == str(run["schema_version"]), f"{name}: another schema version in the footer")
        meant = {c["name"] for c in json.loads(notes["standpoint.columns"]) if c["meaning"] and c["type"]}
        columns = set(pq.read_schema(path).names)
        check(meant == columns, f"{name}: the footer explains {meant ^ columns} wrongly")
        check(listed.get(name.as_posix()) == columns, f"{name}: datapackage.json does not explain it")
    check(len(listed) == len(list(out.rglob("*.parquet"))), "datapackage.json lists a file that is not there")


def main(argv):
    if len(argv) != 2:
        sys.exit("usage: check_tables.py DIR")
    out = Path(argv[1])
    check((out / "_SUCCESS").is_file(), f"{out}: no _SUCCESS")
    run = json.loads((out / "run.json").read_text(encoding="utf-8"))
    check(run["tool"] == "standpoint", f"run.json is of {run['tool']!r}")
    tables = {}
    for name in TABLES:
        files = list((out / name).rglob("*.parquet"))
        if name in PARTITIONED and not files:
            check(run["counts"][name if name != "articles" else "analysed"] == 0, f"{name}: no files")
            tables[name] = []
            continue
        table = read(out, name)
        check_schema(out, name, table)
        check_readers(out, name, table)
        if name in PARTITIONED:
            check_skips(out, name, table)
        tables[name] = table.to_pylist()
    check_rows(tables, run.get("counting", {}))
    check_totals(run, tables)
    check_documented(out, run)
    print(f"{out}: " + ", ".join(f"{len(rows)} {name}" for name, rows in tables.items()) + ": all as promised")


if __name__ == "__main__":
    main(sys.argv)
