"""pyoxigraph, on disk: a dated fact is a quad whose graph is its time.

So a pattern with a time is one index range, and a window is the list of its times. N-Quads are written
before the clock starts.
"""

import os
import re
import string
import time
import urllib.parse

BASE = "http://e/"
XSD = "http://www.w3.org/2001/XMLSchema#"


def _iri(name):
    return f"<{BASE}{urllib.parse.quote(name, safe=':')}>"


def load(data, folder):
    import pyoxigraph

    source = folder + ".nq"
    with open(source, "w", encoding="utf-8") as file:
        file.writelines(" ".join(map(_iri, row)) + " .\n" for row in data.rows)
    begin = time.perf_counter()
    store = pyoxigraph.Store(folder)
    store.bulk_load(path=source, format=pyoxigraph.RdfFormat.N_QUADS)
    store.flush()
    seconds = time.perf_counter() - begin
    os.remove(source)
    return seconds


def text(question, data):
    if question.sparql is None:
        return None
    c = data.constants
    after_base = len(BASE) + 1
    count, unit = c.span
    if data.has_minutes:
        value = rf'xsd:dateTime(CONCAT(SUBSTR(STR(\1), {after_base}), ":00"))'
        span = f"PT{count}H"
    else:
        value = rf"xsd:date(SUBSTR(STR(\1), {after_base}))"
        span = f"P{count}D"
    sparql = re.sub(r"\$T\((\?\w)\)", value, question.sparql)
    sparql = re.sub(r"\$UNIT\((\?\w)\)", rf"SUBSTR(STR(\1), {after_base}, {c.width})", sparql)
    names = {key: _iri(getattr(c, key)) for key in "PQRSUOZI"}
    sparql = string.Template(sparql).substitute(
        names, D=" ".join(map(_iri, c.times_of_day)), W=" ".join(map(_iri, c.times_of_window)),
        W0=_iri(c.times_of_window[0]), SPAN=f'"{span}"^^xsd:dayTimeDuration')
    return f"PREFIX xsd: <{XSD}> {sparql}"


class Connection:
    def __init__(self, folder):
        import pyoxigraph

        self._store = pyoxigraph.Store.read_only(folder)

    def first_row(self, sparql):
        # What names no graph asks about all of them.
        rows = self._store.query(sparql, use_default_graph_as_union="GRAPH" not in sparql)
        first = None
        for row in rows:
            if first is None:
                first = [row[i] for i in range(len(rows.variables))]
        return [urllib.parse.unquote(value.value.removeprefix(BASE)) for value in first or []]
