"""A standalone cluster of Spark on loopback, and jobs on it."""

import contextlib
import json
import os
import pathlib
import resource
import signal
import socket
import subprocess
import sys
import time

HOME = pathlib.Path(sys.prefix, "bin")
JOB = pathlib.Path(__file__).parent.parent / "standpoint_spark.py"
SHORT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"  # the JVMs live too short to be worth optimising


@contextlib.contextmanager
def cluster(work, workers=2):
    """Yields the master's URL and its workers, of one core each."""
    port = free_port()
    environment = os.environ | {"SPARK_LOCAL_IP": "127.0.0.1", "SPARK_MASTER_OPTS": "", "SPARK_WORKER_DIR": f"{work}/workers",
                                "PYSPARK_PYTHON": sys.executable, "SPARK_DAEMON_MEMORY": "256m", "SPARK_DAEMON_JAVA_OPTS": SHORT}  # fmt: skip
    url = f"spark://127.0.0.1:{port}"
    log = open(f"{work}/cluster.log", "wb")

    def daemon(name, *args):
        return subprocess.Popen([HOME / "spark-class", f"org.apache.spark.deploy.{name}", "--host", "127.0.0.1", *args],
                                env=environment, stdout=log, stderr=log, start_new_session=True)  # fmt: skip

    daemons = [daemon("master.Master", "--port", str(port), "--webui-port", str(free_port()))]
    try:
        wait(lambda: listens(port), "the master")
        daemons += [daemon("worker.Worker", "--cores", "1", "--memory", "1g", "--webui-port", str(free_port()), url) for _ in range(workers)]
        wait(lambda: pathlib.Path(log.name).read_text().count("Successfully registered") >= workers, "the workers")
        yield url, daemons[1:]
    finally:
        for d in daemons:
            kill(d)
        log.close()


def start_job(url, *args, conf=()):
    """Submits the job; its messages go to a file named after --out."""
    out = args[args.index("--out") + 1]
    settings = ["spark.executor.memory=512m", "spark.sql.shuffle.partitions=8", "spark.driver.host=127.0.0.1", "spark.ui.enabled=false",
                f"spark.executor.extraJavaOptions={SHORT}", *conf]  # fmt: skip
    options = [word for setting in settings for word in ("--conf", setting)]
    command = [HOME / "spark-submit", "--master", url, "--driver-java-options", SHORT, *options, JOB, "--binary", *args]
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
