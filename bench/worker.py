#!/usr/bin/env python3
"""One peer in a process of its own.

    worker.py STORE FOLDER < questions (one a line)

prints the seconds that opening took, then a line for each question as it comes, as annals_ask does: the
seconds from its text to its last row, a tab, the first row's values joined by '|'.

    worker.py STORE FOLDER DATA.tsv.gz

loads the file and prints the seconds that took.
"""

import datetime
import importlib
import sys
import time

from data import Data


def shown(value):
    if isinstance(value, datetime.datetime):
        return value.strftime("%Y-%m-%dT%H:%M")
    return "" if value is None else str(value)


def answer(store, folder):
    begin = time.perf_counter()
    connection = store.Connection(folder)
    print(time.perf_counter() - begin, flush=True)
    for line in sys.stdin:
        begin = time.perf_counter()
        first = connection.first_row(line.rstrip("\n"))
        seconds = time.perf_counter() - begin
        print(f"{seconds}\t{'|'.join(map(shown, first))}", flush=True)


def main():
    store = importlib.import_module(f"stores.{sys.argv[1]}")
    # Imported before the clock starts, so that loading the library is no part of a cold run.
    importlib.import_module({"oxigraph": "pyoxigraph"}.get(sys.argv[1], sys.argv[1].rstrip("_")))
    if len(sys.argv) == 4:
        print(store.load(Data(sys.argv[3]), sys.argv[2]))
    else:
        answer(store, sys.argv[2])


if __name__ == "__main__":
    main()
