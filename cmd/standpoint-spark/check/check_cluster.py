"""Holds that the job on a cluster makes the tables of one run, though a worker dies.

    check_cluster.py STANDPOINT CONFIG CORPUS WORK

Starts a master and two workers on loopback, submits the job, kills one worker with its
executor once half of the articles' tasks are done, and compares every file with those of
`standpoint run` over the same corpus. Then four hundred come as a table, to what is left
of the cluster, and give the same statements, stances, speakers and summary.
"""

import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import time

from local_cluster import cluster, finish, kill, start_job, wait

TASKS = 16


def main() -> None:
    binary, config, corpus, work = (os.path.abspath(a) for a in sys.argv[1:5])
    once = f"{work}/once"
    began = time.monotonic()
    subprocess.run([binary, "run", "--quiet", "--config", config, "--max-quarantine", "100%", "--out", once, corpus], check=True)
    print(f"one run: {time.monotonic() - began:.1f} s")
    with cluster(work) as (url, workers):
        out = f"{work}/killed"
        submit = start_job(url, binary, "--config", config, "--bytes", str(os.path.getsize(corpus) // TASKS + 1), "--out", out, corpus)
        done = f"{out}.work/articles/_temporary/0"
        wait(lambda: count(done) >= TASKS // 2 or submit.poll() is not None, "half of the tasks")
        if submit.poll() is not None:
            sys.exit("the job was over before a worker could be killed")
        kill(workers.pop())
        finish(submit, f"{work}/killed.log")
        if "Lost executor" not in pathlib.Path(f"{work}/killed.log").read_text():
            sys.exit(f"{work}/killed.log: no executor was lost")
        compare(once, out)
        few, out = f"{work}/few", f"{work}/table"
        with open(corpus) as lines, open(f"{few}.jsonl", "w") as to:
            to.writelines(itertools.islice(lines, 400))
        subprocess.run([binary, "run", "--quiet", "--config", config, "--max-quarantine", "100%", "--out", few, f"{few}.jsonl"], check=True)
        finish(start_job(url, binary, "--config", config, "--out", out, "--parquet", f"{few}/articles"), f"{out}.log")
        compare(few, out, "articles/", "quarantine/", "datapackage.json", counts=("statements", "stances", "speakers", "duplicates"))


def compare(one, other, *without, counts=None):
    """Every file of the tables is the same, and run.json counts the same."""
    a, b = files(one), files(other)
    names = {n for n in a | b if not n.startswith(("report/", ".standpoint", "run.json", *without))}
    differ = sorted(n for n in names if a.get(n) != b.get(n))
    if differ:
        sys.exit(f"{one} and {other}: {len(differ)} files of {len(names)} differ: {differ[:10]}")
    counted = [json.loads(f["run.json"])["counts"] for f in (a, b)]
    if any(counted[0][c] != counted[1][c] for c in counts or counted[0]):
        sys.exit(f"run.json counts {counted[0]} and {counted[1]}")
    if len([n for n in names if re.match("statements/dt=", n)]) < 20:
        sys.exit("the corpus shows too little")
    print(f"{len(names)} files are the same")


def files(folder):
    root = pathlib.Path(folder)
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def count(folder):
    return len([n for n in os.listdir(folder) if n.startswith("task_")]) if os.path.isdir(folder) else 0


if __name__ == "__main__":
    main()
