"""Measures the job on a cluster of this machine beside single runs of the same articles.

    measure.py STANDPOINT CONFIG WORK [PART…]

The parts, all by default, of text of invent.py in files of one task each:

    topic   5,120 articles, which beyond the first 400 all take up a target and are
            read whole: a run of two workers, the job on two workers of one core, on one
    any     1,000, 4,000, 16,000 and 64,000 articles, one in 120 on the topic beyond the
            first 400: a run and the job, of two workers each

Every cluster run's tables must be those of the run. Appends what it measures to
WORK/measured.jsonl, and prints it with what the 64,000 should take by the three before.
A measure that is there already is not taken again: the script may be cut off.
"""

import contextlib
import itertools
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time

import invent
from check_cluster import compare
from local_cluster import children, cluster, start_job, wait

TOPIC = 5120
SIZES = [1000, 4000, 16000, 64000]
PREDICTED = ["cpu", "wall", "program", "kept", "shuffled"]
TICK = os.sysconf("SC_CLK_TCK")


def main() -> None:
    binary, config, work = (os.path.abspath(a) for a in sys.argv[1:4])
    os.makedirs(f"{work}/events", exist_ok=True)
    m = Measures(binary, config, work)
    for part in sys.argv[4:] or ["topic", "any"]:
        if part == "topic":
            corpus = m.corpus("topic", TOPIC, 1, TOPIC // 16)
            m.single("topic", TOPIC, corpus)
            for workers in (2, 1):
                m.cluster("topic", TOPIC, corpus, workers)
        else:
            for n in SIZES:
                corpus = m.corpus("any", n, 120, 1000)
                m.single("any", n, corpus)
                m.cluster("any", n, corpus, 2)
    m.report()


class Measures:
    """What was measured, kept in a file."""

    def __init__(self, binary, config, work):
        self.binary, self.work, self.common = binary, work, ["--config", config]
        self.file = pathlib.Path(work, "measured.jsonl")
        self.all = {}
        if self.file.exists():
            for x in map(json.loads, self.file.read_text().splitlines()):
                self.all[x["text"], x["articles"], x["how"]] = x

    def corpus(self, text, articles, every, of_file):
        """A folder of articles, the same each time."""
        folder = pathlib.Path(self.work, f"{text}{articles}")
        if not folder.exists():
            aside = pathlib.Path(f"{folder}.aside")
            aside.mkdir(exist_ok=True)
            lines = invent.lines(articles, every)
            for n in range(0, articles, of_file):
                (aside / f"{n:06d}.jsonl").write_text("".join(line + "\n" for line in itertools.islice(lines, of_file)))
            aside.rename(folder)
        return str(folder)

    def single(self, text, articles, corpus):
        """A run of two workers."""
        out = f"{corpus}.run"
        if (text, articles, "run, 2 workers") in self.all:
            return
        for old in (out, out + ".state"):
            shutil.rmtree(old, ignore_errors=True)
        began = time.monotonic()
        run = subprocess.Popen([self.binary, "run", "--quiet", *self.common, "--workers", "2", "--max-quarantine", "100%", "--out", out, corpus])
        usage = ended(run)
        self.note(text, articles, "run, 2 workers", wall=time.monotonic() - began, cpu=usage.ru_utime + usage.ru_stime, peak=usage.ru_maxrss >> 10)

    def cluster(self, text, articles, corpus, workers):
        """The job, on a cluster that is up."""
        how = f"cluster, {workers} worker" + "s"[: workers - 1]
        if (text, articles, how) in self.all:
            return
        out = f"{corpus}.cluster{workers}"
        for old in (out, out + ".work"):
            shutil.rmtree(old, ignore_errors=True)
        size = max(p.stat().st_size for p in pathlib.Path(corpus).iterdir())
        with cluster(self.work, workers) as (url, daemons):
            before = sum(map(cpu, (d.pid for d in daemons)))
            programs = Programs(daemons)
            conf = ["spark.eventLog.enabled=true", f"spark.eventLog.dir=file://{self.work}/events"]
            job = start_job(url, self.binary, *self.common, "--bytes", str(size), "--out", out, corpus, conf=conf)
            usage = ended(job)
            wall = time.monotonic() - job.began
            wait(lambda: not executors(daemons), "the end of the executors")
            time.sleep(1)  # until the workers have taken notice
            spent = sum(map(cpu, (d.pid for d in daemons))) - before + usage.ru_utime + usage.ru_stime
        compare(f"{corpus}.run", out)
        self.note(text, articles, how, wall=wall, cpu=spent, program=programs.total(), driver=usage.ru_maxrss >> 10, **self.events())
        shutil.rmtree(out)

    def events(self):
        """Bytes kept and shuffled, by Spark's log of the last job."""
        log = max(pathlib.Path(self.work, "events").iterdir(), key=lambda p: p.stat().st_mtime)
        kept = shuffled = 0
        for line in log.open():
            metrics = json.loads(line).get("Task Metrics") or {}
            kept += metrics.get("Output Metrics", {}).get("Bytes Written", 0)
            shuffled += metrics.get("Shuffle Write Metrics", {}).get("Shuffle Bytes Written", 0)
        return {"kept": kept, "shuffled": shuffled}

    def note(self, text, articles, how, **measured):
        x = {"text": text, "articles": articles, "how": how} | {k: round(v, 1) for k, v in measured.items()}
        self.all[text, articles, how] = x
        with self.file.open("a") as to:
            to.write(json.dumps(x) + "\n")
        print(x, flush=True)

    def report(self):
        """Prints the ratios, and the last of a series beside what those before predict."""
        for (text, articles, how), x in self.all.items():
            run = self.all.get((text, articles, "run, 2 workers"))
            if how == "cluster, 2 workers" and run:
                print(f"{text} {articles}: throughput {run['wall'] / x['wall']:.2f} of the run's, by CPU {run['cpu'] / x['cpu']:.2f}")
            if two := self.all.get((text, articles, "cluster, 2 workers")) if how == "cluster, 1 worker" else None:
                print(f"{text} {articles}: the second worker makes it {x['wall'] / two['wall']:.2f} times as fast")
        series = [self.all.get(("any", n, "cluster, 2 workers")) for n in SIZES]
        if all(series):
            for name in PREDICTED:
                known, last = [x[name] for x in series[:-1]], series[-1][name]
                for which, first in (("all", 0), ("the last two", 1)):  # JVMs warm up during the first
                    fixed, each = line(SIZES[first:-1], known[first:])
                    expected = fixed + each * SIZES[-1]
                    print(f"{name}, by {which}: {fixed:.6g} + {each:.6g} an article; {SIZES[-1]}: expected {expected:.6g}, "
                          f"measured {last:.6g}, {100 * (expected / last - 1):+.1f} %")  # fmt: skip


class Programs(threading.Thread):
    """Watches what the programs take that executors start, until the executors end."""

    def __init__(self, workers):
        super().__init__(daemon=True)
        self.workers, self.seen, self.over = workers, {}, threading.Event()
        self.start()

    def run(self):
        while not self.over.wait(0.5):
            for pid in executors(self.workers):
                with contextlib.suppress(OSError):
                    self.seen[pid] = cpu(pid, of_ended=True)

    def total(self):
        self.over.set()
        self.join()
        return sum(self.seen.values())


def executors(workers):
    """The processes of the workers' executors."""
    found = []
    for pid in (pid for w in workers for pid in children(w.pid)):
        with contextlib.suppress(OSError):
            if b"CoarseGrainedExecutorBackend" in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def cpu(pid, of_ended=False):
    """CPU-seconds of a process with its ended children, or of these alone."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]
    return sum(map(int, fields[2 if of_ended else 0 :])) / TICK


def ended(process):
    """What a process and its children took, once it ended."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"{process.args}: exit {process.returncode}")
    return usage


def line(xs, ys):
    """Intercept and slope of the least squares."""
    mx, my = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((x - mx) * (y - my) for x, y in zip(xs, ys)) / sum((x - mx) ** 2 for x in xs)
    return my - slope * mx, slope


if __name__ == "__main__":
    main()
