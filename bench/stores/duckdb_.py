"""DuckDB: one table of facts, its names as ENUMs, so that a column holds small numbers.

The rows are stored by predicate and time, which lets the zone maps pass over what a predicate or a
window leaves out, and subjects and objects have an index each.
"""

import string
import time


def _moment(data, text):
    if data.has_minutes:
        return f"TIMESTAMP '{text.replace('T', ' ')}:00'"
    return f"DATE '{text}'"


def _quoted(name):
    return "'" + name.replace("'", "''") + "'"


def load(data, folder):
    import duckdb

    begin = time.perf_counter()
    connection = duckdb.connect(folder)
    kind = "TIMESTAMP" if data.has_minutes else "DATE"
    connection.execute(f"""
        CREATE TEMP TABLE lines AS SELECT * FROM read_csv({_quoted(data.path)}, delim='\t', quote='',
          escape='', header=true, auto_detect=false,
          columns={{'s': 'VARCHAR', 'p': 'VARCHAR', 'o': 'VARCHAR', 't': '{kind}'}});
        CREATE TYPE entity AS ENUM (SELECT s FROM lines UNION SELECT o FROM lines ORDER BY 1);
        CREATE TYPE predicate AS ENUM (SELECT DISTINCT p FROM lines ORDER BY 1);
        CREATE TABLE f AS SELECT s::entity AS s, p::predicate AS p, o::entity AS o, t FROM lines
          ORDER BY p, t, s, o;
        CREATE INDEX f_s ON f(s);
        CREATE INDEX f_o ON f(o);
        CHECKPOINT;
    """)
    connection.close()
    return time.perf_counter() - begin


def text(question, data):
    if question.sql is None:
        return None
    c = data.constants
    day, window = c.times_of_day, c.times_of_window
    names = {key: _quoted(getattr(c, key)) for key in "PQRSUOZ"}
    count, unit = c.span
    return string.Template(question.sql).substitute(
        names, I=_moment(data, c.I), D0=_moment(data, day[0]), D1=_moment(data, day[-1]),
        W0=_moment(data, window[0]), W1=_moment(data, window[-1]), UNIT=f"'{c.unit}'",
        WIDTH=c.width, SPAN=f"INTERVAL {count} {unit}" if data.has_minutes else str(count))


class Connection:
    def __init__(self, folder):
        import duckdb

        self._connection = duckdb.connect(folder, read_only=True)

    def first_row(self, sql):
        rows = self._connection.execute(sql).fetchall()
        return rows[0] if rows else []
