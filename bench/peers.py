#!/usr/bin/env python3
"""Annals beside pyoxigraph (on disk) on the same data, with equal answers: a table of ratios.

    bench/peers.py BUILD DATA.tsv.gz [RUNS]

BUILD holds the programs annals and annals_ask. A dated fact is a quad in pyoxigraph, its day the
graph. Medians of warm runs, inside each process; a ratio above 1 says that Annals is faster.
"""

import gzip
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse

import pyoxigraph

BASE = "http://example.org/"

# (what, the language, SPARQL with the same first row). P and Q are frequent predicates, S a subject.
QUESTIONS = [
    ("a subject and predicate", "find count(*) where (`{S}`, `{P}`, ?o, ?t);",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH ?t {{ <{S}> <{P}> ?o }} }}"),
    ("all of a subject", "find count(*) where (`{S}`, ?p, ?o, ?t);",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH ?t {{ <{S}> ?p ?o }} }}"),
    ("scan of a predicate", "find count(?t) where (?s, `{P}`, ?o, ?t) and ?s != ?o;",
     "SELECT (COUNT(?t) AS ?n) {{ GRAPH ?t {{ ?s <{P}> ?o }} FILTER(?s != ?o) }}"),
    ("a predicate in one day", "find count(*) where (?s, `{P}`, ?o, {D});",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH <{D}> {{ ?s <{P}> ?o }} }}"),
    ("a predicate by object", "find count(?s) where (?s, `{P}`, `{S}`, ?t);",
     "SELECT (COUNT(?s) AS ?n) {{ GRAPH ?t {{ ?s <{P}> <{S}> }} }}"),
    ("join of two patterns", "find count(*) where (?a, `{P}`, ?b, ?t) and (?b, `{Q}`, ?c, ?u);",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH ?t {{ ?a <{P}> ?b }} GRAPH ?u {{ ?b <{Q}> ?c }} }}"),
    ("both ways on one day", "find count(*) where (?a, `{P}`, ?b, ?t) and (?b, `{P}`, ?a, ?t);",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH ?t {{ ?a <{P}> ?b . ?b <{P}> ?a }} }}"),
    ("absence", "find count(*) where (?a, `{P}`, ?b, ?t) and not (?a, `{Q}`, ?x);",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH ?t {{ ?a <{P}> ?b }} "
     "FILTER NOT EXISTS {{ GRAPH ?u {{ ?a <{Q}> ?x }} }} }}"),
    ("group by predicate, largest", "find ?p, count(*) as n where (?s, ?p, ?o, ?t) "
     "order by n desc, ?p limit 1;",
     "SELECT ?p (COUNT(*) AS ?n) {{ GRAPH ?t {{ ?s ?p ?o }} }} GROUP BY ?p "
     "ORDER BY DESC(?n) ?p LIMIT 1"),
    ("star of three", "find count(*) where (?a, `{P}`, `{S}`, ?t) and (?a, `{Q}`, ?b, ?u) "
     "and (?a, `{R}`, ?c, ?v);",
     "SELECT (COUNT(*) AS ?n) {{ GRAPH ?t {{ ?a <{P}> <{S}> }} GRAPH ?u {{ ?a <{Q}> ?b }} "
     "GRAPH ?v {{ ?a <{R}> ?c }} }}"),
]


def iri(name):
    return BASE + urllib.parse.quote(name, safe="")


def read(path):
    with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
        next(file)
        return [line.rstrip("\n").split("\t") for line in file]


def commonest(values, number):
    counts = {}
    for value in values:
        counts[value] = counts.get(value, 0) + 1
    return sorted(counts, key=lambda value: (-counts[value], value))[:number]


def folder_bytes(folder):
    return sum(os.path.getsize(os.path.join(at, name))
               for at, _, names in os.walk(folder) for name in names)


def load_annals(build, data, folder):
    begin = time.perf_counter()
    subprocess.run([f"{build}/annals", folder, "-c",
                    f'load "{data}" as (subject, predicate, object, time);'],
                   check=True, stderr=subprocess.DEVNULL)
    return time.perf_counter() - begin


def load_peer(rows, folder):
    begin = time.perf_counter()
    store = pyoxigraph.Store(folder)
    node = {}

    def named(text):
        if text not in node:
            node[text] = pyoxigraph.NamedNode(iri(text))
        return node[text]

    store.bulk_extend(pyoxigraph.Quad(named(s), named(p), named(o), named(t))
                      for s, p, o, t in rows)
    store.flush()
    return time.perf_counter() - begin, store


def ask_annals(build, folder, questions, runs):
    out = subprocess.run([f"{build}/bench/annals_ask", folder, str(runs)], check=True,
                         input="\n".join(questions) + "\n", capture_output=True, text=True).stdout
    answers = []
    for line in out.splitlines():
        first, times = line.rsplit("\t", 1)
        answers.append((first, statistics.median(float(t) for t in times.split(","))))
    return answers


def ask_peer(store, sparql, runs):
    times = []
    for _ in range(runs):
        begin = time.perf_counter()
        first = None
        for row in store.query(sparql):
            first = first or [row[i] for i in range(len(row))]
        times.append(time.perf_counter() - begin)
    text = "|".join(urllib.parse.unquote(value.value.removeprefix(BASE)) for value in first)
    return text, statistics.median(times)


def main():
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    build, data = sys.argv[1], sys.argv[2]
    runs = int(sys.argv[3]) if len(sys.argv) == 4 else 5
    rows = read(data)
    predicates = commonest((row[1] for row in rows), 5)
    values = {"S": commonest((row[0] for row in rows), 1)[0], "P": predicates[1],
              "Q": predicates[3], "R": predicates[4], "D": commonest((row[3] for row in rows), 1)[0]}
    folder = tempfile.mkdtemp(prefix="annals-bench-")
    try:
        ours, theirs = os.path.join(folder, "annals"), os.path.join(folder, "peer")
        our_load = load_annals(build, data, ours)
        their_load, store = load_peer(rows, theirs)
        print(f"{os.path.basename(data)}: {len(rows):,} facts\n")
        print("| | Annals | pyoxigraph | ratio | answer |")
        print("| --- | --- | --- | --- | --- |")
        print(f"| load, s | {our_load:.2f} | {their_load:.2f} | {their_load / our_load:.1f} | |")
        our_bytes, their_bytes = folder_bytes(ours) / len(rows), folder_bytes(theirs) / len(rows)
        print(f"| bytes a fact | {our_bytes:.0f} | {their_bytes:.0f} "
              f"| {their_bytes / our_bytes:.1f} | |")
        answers = ask_annals(build, ours, [q.format(**values) for _, q, _ in QUESTIONS], runs)
        iris = {key: iri(value) for key, value in values.items()}
        unequal, product = 0, 1.0
        for (what, _, sparql), (mine, seconds) in zip(QUESTIONS, answers):
            other, peer_seconds = ask_peer(store, sparql.format(**iris), runs)
            same = mine == other
            unequal += not same
            product *= peer_seconds / seconds
            print(f"| {what}, ms | {seconds * 1e3:.3f} | {peer_seconds * 1e3:.3f} "
                  f"| {peer_seconds / seconds:.1f} | {mine if same else f'{mine} and {other}!'} |")
        print(f"\ngeometric mean of the questions' ratios: {product ** (1 / len(QUESTIONS)):.1f}")
        return 1 if unequal else 0
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    sys.exit(main())
