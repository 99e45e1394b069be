#!/usr/bin/env python3
"""Annals beside pyoxigraph, kuzu and DuckDB on the same data, with equal answers: tables in Markdown.

    bench/peers.py BUILD DATA.tsv.gz... [--only TEXT] [--keep FOLDER] [--no-cold] [--write PAGE]

BUILD holds the programs annals and bench/annals_ask. Exits with 1 if an answer differs or failed.
"""

import argparse
import importlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile

import estimates
import report
from asker import Asker, Failed, Late, cold, warm
from data import Data
from questions import QUESTIONS

BENCH = os.path.dirname(os.path.abspath(__file__))
ANNALS = "annals"
# Module in stores, package.
PEERS = {"oxigraph": "pyoxigraph", "kuzu_": "kuzu", "duckdb_": "duckdb"}
MEASURED = "<!-- measured -->"
COLD_IF_UNDER = 2.0  # seconds: what takes longer warm is not asked cold


def stored_bytes(path):
    if os.path.isfile(path):
        return os.path.getsize(path)
    return sum(os.path.getsize(os.path.join(at, name))
               for at, _, names in os.walk(path) for name in names)


class Bench:
    """One data set in one store: loaded, asked, closed."""

    def __init__(self, name, data, folder, build):
        self.name = name
        self._data = data
        self._build = build
        self._folder = os.path.join(folder, f"{data.name}.{name}")
        self._store = importlib.import_module(f"stores.{name}")
        self._worker = [sys.executable, os.path.join(BENCH, "worker.py"), name, self._folder]

    def load(self):
        """The seconds of loading; None if the store is there already."""
        if os.path.exists(self._folder):
            return None
        if self.name == ANNALS:
            return self._store.load(self._data, self._folder, self._build)
        return float(subprocess.run([*self._worker, self._data.path], check=True,
                                    stdout=subprocess.PIPE).stdout)

    def bytes_per_fact(self):
        return stored_bytes(self._folder) / len(self._data.rows)

    def command(self):
        return ([f"{self._build}/bench/annals_ask", self._folder] if self.name == ANNALS
                else self._worker)

    def ask(self, questions, with_cold):
        """A report.Answer for each question, and the peak memory of the process that was asked."""
        asker = Asker(self.command())
        answers = [self._ask_one(asker, question, with_cold) for question in questions]
        asker.close()
        return answers, asker.peak_bytes

    def estimates(self, questions):
        return estimates.of_joins(self._build, self._folder,
                                  [(f"{q.kind}: {q.what}", self._store.text(q, self._data))
                                   for q in questions])

    def _ask_one(self, asker, question, with_cold):
        text = self._store.text(question, self._data)
        if text is None:
            return report.Answer()
        try:
            seconds, first = warm(asker, text)
            first_run = None
            if with_cold and seconds < COLD_IF_UNDER:
                first_run = cold(self.command(), self._folder, text)
            return report.Answer(seconds, first_run, first)
        except Late:
            return report.Answer(late=True)
        except Failed as failed:
            print(f"{self.name}: {text}\n{failed}", file=sys.stderr)
            return report.Answer(failed=True)


def measure(path, questions, arguments, folder):
    data = Data(path)
    figures = report.Figures(data.name, len(data.rows), questions, list(PEERS.values()))
    for name in [ANNALS, *PEERS]:
        bench = Bench(name, data, folder, arguments.build)
        loaded = bench.load()
        print(f"{data.name}: {name} is loaded", file=sys.stderr)
        answers, peak = bench.ask(questions, not arguments.no_cold)
        figures.add(report.Column(loaded, bench.bytes_per_fact(), peak, answers))
        if name == ANNALS:
            figures.estimates = bench.estimates(questions)
    return figures


def write_page(page, tables):
    with open(page, encoding="utf-8") as file:
        kept, mark, _ = file.read().partition(MEASURED + "\n")
    if not mark:
        sys.exit(f"{page} has no line {MEASURED}")
    with open(page, "w", encoding="utf-8") as file:
        file.write(kept + mark + "\n" + "\n".join(tables).rstrip("\n") + "\n")


def check_packages():
    missing = [name for name in PEERS.values() if importlib.util.find_spec(name) is None]
    if missing:
        sys.exit("Python has no " + ", ".join(missing) + "; install with\n  python3 -m pip install "
                 + " ".join(missing))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("build")
    parser.add_argument("data", nargs="+")
    parser.add_argument("--only", default="", help="the questions whose kind or name has this text")
    parser.add_argument("--keep", help="a folder for the stores; what is loaded there is used again")
    parser.add_argument("--no-cold", action="store_true", help="ask warm only")
    parser.add_argument("--write", help="a page in which the tables replace what follows "
                        f"the line {MEASURED}")
    arguments = parser.parse_args()
    check_packages()
    questions = [q for q in QUESTIONS if arguments.only in f"{q.kind}: {q.what}"]
    folder = arguments.keep or tempfile.mkdtemp(prefix="annals-bench-")
    tables, unequal = [], 0
    try:
        for path in arguments.data:
            figures = measure(path, questions, arguments, folder)
            tables.append(figures.markdown())
            print(tables[-1], flush=True)
            unequal += figures.unequal()
    finally:
        if not arguments.keep:
            shutil.rmtree(folder)
    if arguments.write:
        write_page(arguments.write, tables)
    return 1 if unequal else 0


if __name__ == "__main__":
    sys.exit(main())
