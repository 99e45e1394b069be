#!/usr/bin/env python3
"""Loads a table of facts with Annals and with its peers, each in a process of its own.

    load.py BUILD TABLE [--only NAME,...] [--memory MB] [--runs N]

TABLE is tab-separated with a header: subject, predicate (or relation), object, time (or date), and
perhaps source; plain or .gz. Annals loads it as it is. The peers get the same columns: pyoxigraph
as quads whose graph is the day, through its bulk loader; kuzu by COPY as a table of names and a
table of facts; duckdb by COPY into one table. Prints wall and CPU seconds, facts a second, the
peak of memory and bytes a fact on disk; of several runs the fastest.
"""

import argparse
import csv
import gzip
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.parse

BASE = "http://example.org/"


def open_table(path):
    return gzip.open(path, "rt", encoding="utf-8") if path.endswith(".gz") else open(path, encoding="utf-8")


def rows_of(path):
    with open_table(path) as file:
        next(file)
        for line in file:
            yield line.rstrip("\n").split("\t")


def load_pyoxigraph(table, folder):
    import pyoxigraph

    def iri(text):
        return pyoxigraph.NamedNode(BASE + urllib.parse.quote(text, safe=""))

    names = {}

    def named(text):
        if text not in names:
            names[text] = iri(text)
        return names[text]

    store = pyoxigraph.Store(folder)
    store.bulk_extend(pyoxigraph.Quad(named(row[0]), named(row[1]), named(row[2]), named(row[3]))
                      for row in rows_of(table))
    store.flush()


def plain(table, folder):
    """kuzu and duckdb read plain files; making one is not timed against them."""
    if not table.endswith(".gz"):
        return table
    path = os.path.join(folder, "plain.tsv")
    with gzip.open(table, "rb") as source, open(path, "wb") as target:
        shutil.copyfileobj(source, target)
    return path


def prepare_kuzu(table, folder):
    names = set()
    with open(os.path.join(folder, "facts.csv"), "w", encoding="utf-8", newline="") as file:
        facts = csv.writer(file)
        for row in rows_of(table):
            names.add(row[0])
            names.add(row[2])
            source = row[4] if len(row) > 4 else ""
            facts.writerow((row[0], row[2], row[1], row[3], source))
    with open(os.path.join(folder, "names.csv"), "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows((name,) for name in names)


def load_kuzu(inputs, folder):
    import kuzu
    connection = kuzu.Connection(kuzu.Database(os.path.join(folder, "kuzu")))
    connection.execute("CREATE NODE TABLE Name(name STRING, PRIMARY KEY(name))")
    connection.execute("CREATE REL TABLE Fact(FROM Name TO Name, predicate STRING, time STRING, source STRING)")
    options = "(header=false, escape='\"')"
    connection.execute(f"COPY Name FROM '{inputs}/names.csv' {options}")
    connection.execute(f"COPY Fact FROM '{inputs}/facts.csv' {options}")


def load_duckdb(table, folder):
    import duckdb
    connection = duckdb.connect(os.path.join(folder, "facts.duckdb"))
    with open_table(table) as file:
        columns = file.readline().rstrip("\n").split("\t")
    connection.execute("CREATE TABLE fact(" + ", ".join(f'"{c}" VARCHAR' for c in columns) + ")")
    connection.execute(f"COPY fact FROM '{table}' (DELIMITER '\\t', HEADER, QUOTE '', NULL_PADDING)")
    connection.close()


def folder_bytes(folder):
    return sum(os.path.getsize(os.path.join(at, name)) for at, _, names in os.walk(folder) for name in names)


def measured(command, stderr=None):
    """Wall seconds, CPU seconds, peak bytes of a command."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stderr=stderr)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{command[0]} failed: {process.returncode}")
    return time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("table")
    parser.add_argument("--only", default="annals,pyoxigraph,kuzu,duckdb")
    parser.add_argument("--memory", type=int)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument("--peer", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.peer:
        {"pyoxigraph": load_pyoxigraph, "kuzu": load_kuzu, "duckdb": load_duckdb}[options.peer[0]](
            options.table, options.peer[1])
        return
    facts = sum(1 for _ in rows_of(options.table))
    print(f"{os.path.basename(options.table)}: {facts:,} facts\n")
    print("| | wall, s | CPU, s | facts/s | peak, MB | bytes a fact |\n| --- | --- | --- | --- | --- | --- |")
    scratch = tempfile.mkdtemp(prefix="annals-load-bench-", dir=os.environ.get("TMPDIR"))
    try:
        for name in options.only.split(","):
            inputs = os.path.join(scratch, "in")
            shutil.rmtree(inputs, ignore_errors=True)
            os.mkdir(inputs)
            table = options.table
            if name == "kuzu":
                prepare_kuzu(table, inputs)
                table = inputs
            elif name == "duckdb":
                table = plain(table, inputs)
            best = None
            for _ in range(options.runs):
                folder = os.path.join(scratch, "db")
                shutil.rmtree(folder, ignore_errors=True)
                if name == "annals":
                    memory = ["--memory", str(options.memory)] if options.memory else []
                    command = [f"{options.build}/annals", *memory, folder, "-c", f'load "{table}";']
                    run = measured(command, stderr=subprocess.DEVNULL)
                else:
                    os.mkdir(folder)
                    run = measured([sys.executable, __file__, options.build, table, "--peer", name, folder])
                run += (folder_bytes(folder),)
                best = run if best is None else min(best, run)
            wall, cpu, peak, size = best
            print(f"| {name} | {wall:.1f} | {cpu:.1f} | {facts / wall:,.0f} | {peak / 1e6:,.0f} | {size / facts:.0f} |",
                  flush=True)
    finally:
        shutil.rmtree(scratch)


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    main()
