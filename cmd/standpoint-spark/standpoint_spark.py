"""The tables of ``standpoint run``, made on a Spark cluster.

    spark-submit --files standpoint standpoint_spark.py --out /shared/night /shared/articles
    spark-submit --files standpoint standpoint_spark.py --out /shared/night --table news.articles

Partitions are piped through ``standpoint step`` (static, shipped with the job), which
does everything that there is to know about articles; Spark brings together what
belongs together. No logic of the analysis is written twice, and every step does the
work of the same code that ``run`` calls: the tables are those of one run, to the byte.

    files     the corpus, divided into tasks
    articles  each read and analysed                         by task
    ids       an id of its own for every article             by family of ids
    copies    copies and their originals                     by connected component
    lines     the lines that outlets repeat                  by outlet
    speakers  which speakers are one                         one task, of added-up speakers
    tables    the articles' Parquet files                    by day
    totals    speakers and summary                           by speaker
    finish    the small tables, run.json, and publication    one task

What a step gives is kept under --work before the next begins, so that an executor lost
later costs no analysis. The driver plans, and sees tasks and counts but no article: its
memory does not grow with them. Retried and speculative tasks change nothing: keys come
from the place in the corpus, days are written aside and renamed, whole.

--out is a folder that all machines mount, as are the files of the corpus; --work, and
a table, may lie wherever Spark reads and writes. An article that the analysis fails on
goes to quarantine; a binary that fails, fails its task, which Spark tries again.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import shutil
import subprocess
import sys
from itertools import chain

from pyspark.sql import DataFrame, Observation, SparkSession, Window
from pyspark.sql import functions as F

ARTICLE = """key bigint, id string, path string, line int, family string, wording string, day string,
    publisher string, keys array<bigint>, lines array<bigint>, statements int,
    speakers array<struct<id: string, name: string, type: string, wikidata: string, aliases: array<string>, n: bigint>>,
    record string, rejected string"""
ROW = "table string, row string"
PERSON = "id string, stays string, name string, type string, wikidata string, aliases array<string>"


def main() -> None:
    """Parses the command line and runs the job."""
    p = argparse.ArgumentParser(description="The tables of `standpoint run`, made on a Spark cluster.")
    p.add_argument("corpus", nargs="*", help="files and folders, as standpoint run takes them")
    p.add_argument("--table", help="a table of articles in Spark's catalogue, instead of a corpus")
    p.add_argument("--parquet", help="Parquet files of articles, instead of a corpus")
    p.add_argument("--out", required=True, help="folder to publish, which must not be there; all machines mount it")
    p.add_argument("--work", help="where steps keep what they give, anywhere that Spark writes (default OUT.work)")
    p.add_argument("--binary", default="standpoint", help="the static standpoint")
    p.add_argument("--config", help="configuration file of standpoint")
    p.add_argument("--since", help="the summary covers the articles published since this day alone (YYYY-MM-DD)")
    p.add_argument("--bytes", type=int, default=64 << 20, help="bytes of files for one task")
    args = p.parse_args()
    if bool(args.corpus) + bool(args.table) + bool(args.parquet) != 1:
        p.error("name a corpus, or --table, or --parquet")
    spark = SparkSession.builder.appName("standpoint").config("spark.sql.session.timeZone", "UTC").getOrCreate()
    try:
        print(json.dumps(Job(spark, args).run()))
    finally:
        spark.stop()


class Job:
    """One run on the cluster."""

    def __init__(self, spark: SparkSession, args: argparse.Namespace) -> None:
        self.spark, self.args, self.jvm = spark, args, spark._jvm
        self.out = os.path.abspath(args.out)
        self.corpus = [os.path.abspath(path) for path in args.corpus]  # executors begin elsewhere
        self.aside = self.out + ".aside"
        self.work = args.work or "file://" + self.out + ".work"
        self.since = ["--since", args.since] if args.since else []
        self.began = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        context = spark.sparkContext
        self.env = {"GOMAXPROCS": context.getConf().get("spark.task.cpus", "1")}
        if "TMPDIR" in os.environ:
            self.env["TMPDIR"] = os.environ["TMPDIR"]
        self.here = [os.path.abspath(args.binary)]
        there = list(self.here)
        for path in filter(None, [args.binary, args.config]):
            context.addFile(os.path.abspath(path))
        if not context.master.startswith("local"):  # executors begin where their files are put
            there = ["./" + os.path.basename(args.binary)]
        self.there = there
        if args.config:
            self.here += ["--config", os.path.abspath(args.config)]
            local = there[0] == self.here[0]
            there += ["--config", os.path.abspath(args.config) if local else "./" + os.path.basename(args.config)]

    def run(self) -> dict:
        """Makes and publishes the tables, and returns the counts of run.json."""
        if os.path.exists(self.out):
            sys.exit(f"{self.out}: is there already (choose another --out)")
        shutil.rmtree(self.aside, ignore_errors=True)
        os.makedirs(self.aside)
        read = self.keep("articles", self.articles())
        ids = self.keep("ids", self.ids(read))
        articles = (
            read.filter("record is not null")
            .join(ids, "key", "left")
            .filter(ids["rejected"].isNull())
            .select("key", F.coalesce("new_id", "id").alias("id"), "day", "publisher", "keys", "lines", "speakers", "record")
        )
        copies = self.keep("copies", self.copies(articles))
        repeated = self.keep("lines", self.lines(articles, copies))
        people = self.keep("speakers", self.speakers(articles))
        adds = self.keep("tables", self.tables(articles, copies, repeated, people))
        totals = self.keep("totals", self.totals(adds, people))
        twice = ids.filter("rejected is not null")
        rejected = read.filter("rejected is not null").join(twice, "key", "left_anti").select("rejected").unionByName(twice.select("rejected"))
        rest = totals.unionByName(rejected.select(F.lit("quarantine").alias("table"), F.col("rejected").alias("row")))
        for rows in (people, adds):
            rest = rest.unionByName(rows.filter("table is not null").select("table", "row"))
        done = self.piped(self.lined(rest.repartition(1)), "finish", "--dir", self.aside, "--out", self.out, "--began", self.began, *self.since)
        counts = [json.loads(line) for line in done.collect()]
        self.forget()
        return counts[0]

    def articles(self) -> DataFrame:
        """What became of every article of the corpus."""
        if self.corpus:
            found = subprocess.run(
                [*self.here, "step", "files", "--bytes", str(self.args.bytes), "--", *self.corpus], stdout=subprocess.PIPE, check=True, text=True
            )
            tasks = self.jvm.java.util.ArrayList()
            for task in found.stdout.splitlines():
                tasks.add(task)
            lines = self.spark.sparkContext._jsc.parallelize(tasks, max(1, len(tasks)))
        else:
            rows = self.spark.table(self.args.table) if self.args.table else self.spark.read.parquet(self.args.parquet)
            began = self.began

            def begin(part: int, records):
                return chain([json.dumps({"part": part, "now": began})], records)

            records = rows.select(F.to_json(F.struct("*"))).rdd.map(lambda row: row[0])
            lines = records.mapPartitionsWithIndex(begin)._to_java_object_rdd()
        return self.parsed(self.piped(lines, "articles", "--workers", self.env["GOMAXPROCS"]), ARTICLE).withColumn("record", F.unbase64("record"))

    def ids(self, read: DataFrame) -> DataFrame:
        """Articles that get another id, or are rejected for theirs."""
        analysed = read.filter("family is not null").select("key", "id", "path", "line", "family", "wording")
        several = analysed.groupBy("family").count().filter("count > 1").select("family")
        return self.step(analysed.join(several, "family").repartition("family"), "key bigint, new_id string, rejected string", "ids")

    def copies(self, articles: DataFrame) -> DataFrame:
        """Copies with their originals. Articles that share a key are tied to the first that has it."""
        keys = articles.select("key", F.explode("keys").alias("k"))
        first = keys.select(F.col("key").alias("a"), F.min("key").over(Window.partitionBy("k")).alias("b"))
        tied = self.components(first.filter("a <> b").distinct())
        members = tied.join(articles, "key").select("root", "key", "id", F.base64("record").alias("record"))
        return self.step(members.repartition("root"), "key bigint, original string, kind string, similarity double", "copies")

    def components(self, edges: DataFrame) -> DataFrame:
        """The root, its least node, of every node of a graph of edges a > b.

        Large-star and small-star in turn (Kiveris et al., Connected Components in MapReduce
        and Beyond, 2014), until all that are connected hang on their root.
        """
        before, turn = None, 0
        while True:
            seen = Observation()
            total = F.sum(F.xxhash64("a", "b").cast("decimal(38,0)")).alias("total")
            edges = self.keep(f"edges{turn}", edges.observe(seen, F.count(F.lit(1)).alias("count"), total))
            now = seen.get
            if now == before:
                break
            before, turn = now, turn + 1
            both = edges.unionByName(edges.select(F.col("b").alias("a"), F.col("a").alias("b")))
            least = F.least("a", F.min("b").over(Window.partitionBy("a")))
            edges = both.select("a", "b", least.alias("m")).filter("b > a").select(F.col("b").alias("a"), F.col("m").alias("b")).distinct()
            small = edges.select("a", "b", F.min("b").over(Window.partitionBy("a")).alias("m"))
            moved = small.filter("b > m").select(F.col("b").alias("a"), F.col("m").alias("b"))
            edges = small.select("a", F.col("m").alias("b")).unionByName(moved).distinct()
        roots = edges.select(F.col("b").alias("key"), F.col("b").alias("root")).distinct()
        return edges.select(F.col("a").alias("key"), F.col("b").alias("root")).unionByName(roots)

    def lines(self, articles: DataFrame, copies: DataFrame) -> DataFrame:
        """The lines that outlets repeat in articles that are no copies."""
        originals = articles.filter("publisher is not null").join(copies, "key", "left_anti").select("publisher", "lines")
        return self.step(originals.repartition("publisher"), "publisher string, repeated array<bigint>", "lines")

    def speakers(self, articles: DataFrame) -> DataFrame:
        """As whom each speaker goes, and the rows of the table merges."""
        said = articles.select(F.explode("speakers").alias("s")).select("s.*")
        added = said.groupBy("id", "name", "type", "wikidata", "aliases").agg(F.sum("n").alias("n"))
        return self.step(added.repartition(1), f"{PERSON}, {ROW}", "speakers")

    def tables(self, articles: DataFrame, copies: DataFrame, repeated: DataFrame, people: DataFrame) -> DataFrame:
        """Writes the articles' tables; gives what articles add to the totals, and counts.

        Records go to their days once. What is known of an article, its original and its
        speakers, goes there beside it, in rows that sort before its record.
        """
        records = articles.select("day", "id", "publisher", F.base64("record").alias("record")).join(repeated, "publisher", "left")
        original = F.struct("original", "kind", "similarity").alias("copy")
        copied = articles.select("key", "day", "id").join(copies, "key").select("day", "id", original)
        named = articles.select("day", F.col("id").alias("article"), F.explode(F.array_distinct("speakers.id")).alias("id"))
        person = F.struct("id", "stays", "name", "type", "wikidata").alias("person")
        persons = named.join(people.filter("id is not null"), "id").select("day", F.col("article").alias("id"), person)
        rows = records.unionByName(copied, allowMissingColumns=True).unionByName(persons, allowMissingColumns=True)
        days = rows.repartition("day").sortWithinPartitions("day", "id", F.col("record").isNotNull())
        return self.step(days, f"speaker string, adds string, {ROW}", "tables", "--out", self.aside)

    def totals(self, adds: DataFrame, people: DataFrame) -> DataFrame:
        """Rows of the tables speakers and summary."""
        given = adds.filter("adds is not null").select("speaker", "adds")
        staying = people.filter("id = stays").drop("table", "row").withColumn("speaker", F.col("id"))
        both = given.unionByName(staying, allowMissingColumns=True)
        return self.step(both.repartition("speaker"), ROW, "totals", *self.since)

    def step(self, rows: DataFrame, schema: str, *command: str) -> DataFrame:
        """Pipes every partition through a step of the binary."""
        return self.parsed(self.piped(self.lined(rows), *command), schema)

    # Lines go from the JVM to the binary and back: through Python's RDD.pipe they would
    # be pickled and copied twice more, by a second process on each core.

    def lined(self, rows: DataFrame):
        """A JavaRDD of the rows as JSON lines."""
        return getattr(rows.select(F.to_json(F.struct("*")))._jdf, "as")(self.jvm.org.apache.spark.sql.Encoders.STRING()).javaRDD()

    def piped(self, lines, *command: str):
        """A JavaRDD of the lines that a step of the binary gives for each partition; a binary that fails, fails its task."""
        words, env = self.jvm.java.util.ArrayList(), self.jvm.java.util.HashMap()
        for word in [*self.there, "step", *command]:
            words.add(word)
        for name, value in self.env.items():
            env.put(name, value)
        return lines.pipe(words, env, False, 1 << 16, "UTF-8")

    def parsed(self, lines, schema: str) -> DataFrame:
        """The JSON lines of a JavaRDD, as columns."""
        rows = self.spark._jsparkSession.createDataset(lines.rdd(), self.jvm.org.apache.spark.sql.Encoders.STRING())
        return DataFrame(rows.toDF(), self.spark).select(F.from_json("value", schema, {"mode": "FAILFAST"}).alias("x")).select("x.*")

    def keep(self, name: str, rows: DataFrame) -> DataFrame:
        """Keeps rows, so that whatever is lost later does not make them again."""
        path = f"{self.work}/{name}"
        rows.write.mode("overwrite").parquet(path)
        return self.spark.read.schema(rows.schema).parquet(path)

    def forget(self) -> None:
        """Removes what was kept."""
        path = self.jvm.org.apache.hadoop.fs.Path(self.work)
        path.getFileSystem(self.spark._jsc.hadoopConfiguration()).delete(path, True)


if __name__ == "__main__":
    main()
