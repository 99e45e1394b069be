#!/usr/bin/env python3
"""How late questions end after their time limit, and how far they go beyond one of memory.

    python3 bench/limits.py build/release/annals DATA.tsv.gz [--seconds 0.3] [--memory 64]
                            [--only TEXT] [--keep FOLDER]

Each question is asked with --timeout and again with --memory. It prints what the process took beyond
the time, by its clock and in CPU, with what an empty question takes there left out, and how far its
memory rose above the limit and above what the process has after questions that have filled the cache
of blocks with all orders of the facts. The exit code is 1 if a question was late by more than 100 ms
of both clocks or used over 10% more memory (and 4 MB for batches on their way and what the allocator
keeps), or ended with another error than that of a limit.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time

LATE_SECONDS = 0.1
SLACK_MB = 4
OK, LIMIT = 0, 6

# Each reads the facts in another order, and keeps next to nothing.
FILL_CACHE = "".join(
    f"find count(*) where {{ find {columns} where (?s, ?p, ?o, ?t) }}; "
    for columns in ("?s, ?p", "?p, ?o", "?o, ?s", "?p, ?t"))

QUESTIONS = [
    ("sort", "find ?s, ?p, ?o, ?t where (?s, ?p, ?o, ?t) order by ?o desc, ?t, ?s limit 5;"),
    ("sort all", "find ?s, ?p, ?o, ?t where (?s, ?p, ?o, ?t) order by ?t desc, ?o, ?s;"),
    ("sort of texts", "find ?s, name(?o) as n where (?s, ?p, ?o, ?t) order by n, ?s;"),
    ("list", "find ?s, list(?o) where (?s, ?p, ?o, ?t) order by ?s limit 1;"),
    ("one list", "find list(?t) where (?s, ?p, ?o, ?t);"),
    ("distinct list", "find ?p, list(distinct ?o) where (?s, ?p, ?o, ?t);"),
    ("groups", "find ?s, ?o, ?t, count(*) where (?s, ?p, ?o, ?t) order by ?s limit 1;"),
    ("distinct", "find count(*) where { find ?s, ?o, ?t where (?s, ?p, ?o, ?t) };"),
    ("last", "find ?s, last(?o by ?t) where (?s, ?p, ?o, ?t) order by ?s limit 1;"),
    ("product", "find count(*) where (?a, ?p, ?b, ?t) and (?c, ?q, ?d, ?u) and ?a != ?c;"),
    ("product of rows", "find ?a, ?c where (?a, ?p, ?b, ?t) and (?c, ?q, ?d, ?u) and ?b != ?d;"),
    ("hash join", "find count(*) where (?a, ?p, ?b, ?t) and (?b, ?q, ?a, ?t);"),
    ("wide join", "find count(*) where (?a, ?p, ?b, ?t) and (?a, ?q, ?b, ?u) and ?t != ?u;"),
    ("near in time", "find count(*) where (?a, ?p, ?b, ?t) and (?b, ?q, ?c, ?u) "
                     "and ?u - ?t < 3 days and ?u - ?t > 0 days;"),
    ("left join", "find count(*), count(?c) where (?a, ?p, ?b, ?t) and "
                  "optional (?b, ?q, ?c, ?t);"),
    ("not", "find count(*) where (?a, ?p, ?b, ?t) and not (?b, ?p, ?a, ?t);"),
    ("triangle", "find count(*) where (?a, ?p, ?b) and (?b, ?q, ?c) and (?c, ?r, ?a);"),
    ("path", "find count(*) where (?a, (!none)+, ?b);"),
    ("path of one", "find count(*) where (?a, $P+, ?b);"),
    ("shortest", "find count(*) where shortest (?a, $P+, ?b) as ?path;"),
    ("in time order", "find count(*) where shortest (?a, $P+, ?b) in time order as ?path;"),
    ("texts", "find count(*) where (?a, ?p, ?b, ?t) and matches(name(?b), \"(a+)+x\");"),
    ("coalesced", "coalesced (?a, ?p, ?b, ?t);"),
    ("answer", "(?a, ?p, ?b, ?t);"),
    ("rules", "rule (?a, reaches, ?b) if (?a, $P, ?b); "
              "rule (?a, reaches, ?c) if (?a, reaches, ?b) and (?b, $P, ?c); "
              "find count(*) where (?a, reaches, ?b);"),
]


class Run:
    """One run of the program: what it took and how it ended."""

    def __init__(self, annals, database, options, statements):
        arguments = [annals, database, "--format", "csv", *options, "-c", statements]
        began = time.monotonic()
        process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.error = process.stderr.read().decode(errors="replace")
        _, status, usage = os.wait4(process.pid, 0)
        self.seconds = time.monotonic() - began
        self.cpu = usage.ru_utime + usage.ru_stime
        self.megabytes = usage.ru_maxrss / 1024
        self.code = os.waitstatus_to_exitcode(status)


def commonest_predicate(annals, database):
    out = subprocess.run(
        [annals, database, "--format", "tsv", "-c",
         "find ?p, count(*) as n where (?s, ?p, ?o) order by n desc limit 1;"],
        check=True, capture_output=True, text=True).stdout
    return "`" + out.splitlines()[1].split("\t")[0].replace("`", "``") + "`"


def measure(options, database):
    asked = options.annals, database
    idle = Run(*asked, [], "find 1 as n;")
    filled = Run(*asked, [], FILL_CACHE)
    predicate = commonest_predicate(*asked)
    print(f"{'question':16} {'ended':8} {'late':>7} {'late CPU':>9}   {'ended':8} {'MB over':>8}")
    bad = []
    for name, text in QUESTIONS:
        if options.only and options.only not in name:
            continue
        text = "begin; " + text.replace("$P", predicate)  # rules are rolled back
        timed = Run(*asked, ["--timeout", str(options.seconds)], text)
        late = timed.seconds - idle.seconds - options.seconds
        late_cpu = timed.cpu - idle.cpu - options.seconds
        kept = Run(*asked, ["--memory", str(options.memory), "--timeout", "60"],
                   FILL_CACHE + text)
        over = kept.megabytes - filled.megabytes - options.memory
        ends = {OK: "done", LIMIT: "limit"}
        print(f"{name:16} {ends.get(timed.code, timed.code):8} {late * 1000:5.0f}ms "
              f"{late_cpu * 1000:7.0f}ms   {ends.get(kept.code, kept.code):8} {over:8.1f}",
              flush=True)
        failed = [run.error for run in (timed, kept) if run.code not in ends]
        if failed:
            print(failed[0], file=sys.stderr)
        is_late = timed.code == LIMIT and min(late, late_cpu) > LATE_SECONDS
        if is_late or over > options.memory * 0.1 + SLACK_MB or failed:
            bad.append(name)
    if bad:
        print("beyond the limits: " + ", ".join(bad))
    return 1 if bad else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("annals")
    parser.add_argument("data")
    parser.add_argument("--seconds", type=float, default=0.3)
    parser.add_argument("--memory", type=int, default=64, help="MB")
    parser.add_argument("--only", help="questions with this in their name")
    parser.add_argument("--keep", help="a folder for the database, used again if it is there")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = options.keep or os.path.join(folder, "facts")
        if not os.path.exists(database):
            subprocess.run([options.annals, database, "-c", f'load "{options.data}";'], check=True)
        return measure(options, database)


if __name__ == "__main__":
    sys.exit(main())
