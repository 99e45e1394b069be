"""kuzu: entities are nodes with their names as the primary key, facts are relationships.

Each of the eight commonest predicates has a relationship table of its own, so that a question about one
reads its facts alone; the others share a table. All tables have the predicate and the time as properties,
and `[r]` reads all of them. CSV files are written before the clock starts.
"""

import csv
import os
import string
import time

OWN_TABLES = 8


def _table(data, predicate):
    place = data.predicates.index(predicate)
    return f"fact{place}" if place < OWN_TABLES else "other"


def _moment(data, text):
    if data.has_minutes:
        return f"timestamp('{text.replace('T', ' ')}:00')"
    return f"date('{text}')"


def _quoted(name):
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _write(path, rows):
    with open(path, "w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)


def load(data, folder):
    import kuzu

    tables = {}
    table_of = {predicate: _table(data, predicate) for predicate in data.predicates}
    for s, p, o, t in data.rows:
        at = t.replace("T", " ") + ":00" if data.has_minutes else t
        tables.setdefault(table_of[p], []).append((s, o, p, at))
    names = sorted({row[0] for row in data.rows} | {row[2] for row in data.rows})
    files = {table: f"{folder}.{table}.csv" for table in ["entity", *tables]}
    _write(files["entity"], ([name] for name in names))
    for table, rows in tables.items():
        _write(files[table], rows)
    begin = time.perf_counter()
    connection = kuzu.Connection(kuzu.Database(folder))
    connection.execute("CREATE NODE TABLE Entity(name STRING, PRIMARY KEY(name))")
    options = "(header=false, quote='\"', escape='\"')"
    connection.execute(f"COPY Entity FROM '{files['entity']}' {options}")
    kind = "TIMESTAMP" if data.has_minutes else "DATE"
    for table in tables:
        connection.execute(f"CREATE REL TABLE {table}(FROM Entity TO Entity, p STRING, t {kind})")
        connection.execute(f"COPY {table} FROM '{files[table]}' {options}")
    connection.execute("CHECKPOINT")
    connection.close()
    seconds = time.perf_counter() - begin
    for file in files.values():
        os.remove(file)
    return seconds


def text(question, data):
    if question.cypher is None:
        return None
    c = data.constants
    day, window = c.times_of_day, c.times_of_window
    values = {key: _quoted(getattr(c, key)) for key in "SUOZ"}
    values.update({key: _table(data, getattr(c, key)) for key in "PQR"})
    return string.Template(question.cypher).substitute(
        values, I=_moment(data, c.I), D0=_moment(data, day[0]), D1=_moment(data, day[-1]),
        W0=_moment(data, window[0]), W1=_moment(data, window[-1]), UNIT=f"'{c.unit}'",
        WIDTH=c.width, SPAN=f"interval('{c.span[0]} {c.span[1]}')")


class Connection:
    def __init__(self, folder):
        import kuzu

        self._connection = kuzu.Connection(kuzu.Database(folder, read_only=True))

    def first_row(self, cypher):
        rows = self._connection.execute(cypher)
        first = None
        while rows.has_next():
            row = rows.get_next()
            first = first or row
        return first or []
