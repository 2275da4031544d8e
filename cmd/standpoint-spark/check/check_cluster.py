"""Holds that the job on a cluster makes the tables of one run, though a worker dies.

    check_cluster.py STANDPOINT CONFIG CORPUS WORK

Starts a master and two workers on loopback, submits the job, kills one worker with its
executor once half of the articles' tasks are done, and compares every file with those of
`standpoint run` over the same corpus. Then four hundred come as a table, to what is left
of the cluster, and give the same statements, stances, speakers and summary.
"""

import contextlib
import itertools
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import time

HOME = pathlib.Path(sys.prefix, "bin")
JOB = pathlib.Path(__file__).parent.parent / "standpoint_spark.py"
TASKS = 16
SHORT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # the JVMs live too short to be worth optimising


def main() -> None:
    binary, config, corpus, work = (os.path.abspath(a) for a in sys.argv[1:5])
    once = f"{work}/once"
    began = time.monotonic()
    subprocess.run([binary, "run", "--quiet", "--config", config, "--max-quarantine", "100%", "--out", once, corpus], check=True)
    print(f"one run: {time.monotonic() - began:.1f} s")
    with cluster(work) as (url, workers):
        out = f"{work}/killed"
        submit = start_job(work, url, binary, "--config", config, "--bytes", str(os.path.getsize(corpus) // TASKS + 1), "--out", out, corpus)
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
        finish(start_job(work, url, binary, "--config", config, "--out", out, "--parquet", f"{few}/articles"), f"{out}.log")
        compare(few, out, "articles/", "quarantine/", "datapackage.json", counts=("statements", "stances", "speakers", "duplicates"))


@contextlib.contextmanager
def cluster(work):
    """Yields the master's URL and the two workers."""
    port = free_port()
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_MASTER_OPTS": "", "SPARK_WORKER_DIR": f"{work}/workers",
                                "PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": SHORT}  # fmt: skip
    url = f"spark://127.0.0.1:{port}"
    log = open(f"{work}/cluster.log", "ab")

    def daemon(name, *args):
        return subprocess.Popen([HOME / "spark-class", f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *args],
                                env=environment, stdout=log, stderr=log, start_new_session=True)  # fmt: skip

    daemons = [daemon("master.Master", "--port", str(port), "--webui-port", str(free_port()))]
    try:
        wait(lambda: listens(port), "the master")
        daemons += [daemon("worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", str(free_port()), url) for _ in range(2)]
        wait(lambda: pathlib.Path(log.name).read_text().count("Successfully registered") >= 2, "the workers")
        yield url, daemons[1:]
    finally:
        for d in daemons:
            kill(d)
        log.close()


def start_job(work, url, *args):
    """Submits the job; its messages go to a file named after --out."""
    out = args[args.index("--out") + 1]
    command = [HOME / "spark-submit", "--master", url, "--conf", "spark.executor.memory=512m", "--conf", "spark.sql.shuffle.partitions=8",
               "--conf", "spark.driver.host=127.0.0.1", "--conf", "spark.ui.enabled=false",
               "--driver-java-options", SHORT, "--conf", f"spark.executor.extraJavaOptions={SHORT}", JOB, "--binary", *args]  # fmt: skip
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "PYSPARK_PYTHON": sys.executable}
    with open(out + ".log", "wb") as log, open(out + ".json", "wb") as counts:
        job = subprocess.Popen(command, env=environment, stdout=counts, stderr=log)
    job.began = time.monotonic()
    return job


def finish(job, log):
    """Waits for the job, and prints its time and counts."""
    if job.wait() != 0:
        sys.exit(f"the job failed:\n{pathlib.Path(log).read_text()[-6000:]}")
    counts = json.loads(pathlib.Path(log).with_suffix(".json").read_text())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    print(f"{pathlib.Path(log).stem}: {time.monotonic() - job.began:.1f} s, {counts['in']} articles, {counts['duplicates']} copies, "
          f"{counts['statements']} statements, {counts['speakers']} speakers, {counts['quarantined']} quarantined; largest process {peak >> 10} MB")  # fmt: skip


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


def kill(process):
    """Kills a process, and those that it started, at once."""
    for child in children(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    process.kill()
    process.wait()


def children(pid):
    """The descendants of a process, the last first."""
    parents = {}
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            fields = stat.read_text().rsplit(")", 1)[1].split()
            parents.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, queue = [], [pid]
    while queue:
        below = parents.get(queue.pop(), [])
        found += below
        queue += below
    return reversed(found)


def wait(until, what, seconds=300):
    end = time.monotonic() + seconds
    while not until():
        if time.monotonic() > end:
            sys.exit(f"{what}: not there after {seconds} s")
        time.sleep(0.2)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def listens(port):
    with socket.socket() as s:
        return s.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    main()
