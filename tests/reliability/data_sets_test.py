#!/usr/bin/env python3
"""Published graphs go in, out in every format and in again; people are found by any of their names.

    data_sets_test.py ANNALS [unittest's options]

The files are looked for in the folder that ANNALS_TEST_DATA names; what is not there is said loudly.
The data set of the articles is a part of the project.
"""

import collections
import csv
import gzip
import hashlib
import io
import os
import random
import re
import unittest

from program import WRONG, ProgramCase, effort, main

DATA = os.environ.get("ANNALS_TEST_DATA", "")
ARTICLES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "datasets",
                        "dprk-russia-talks", "dprk-russia-talks.annals")
FORMATS = "annals", "jsonl.zst", "nt.gz", "nq", "ttl", "trig.gz"
TABLES = "csv.gz", "tsv"


def published(name):
    return os.path.join(DATA, name)


def is_here(*names):
    return unittest.skipUnless(all(os.path.isfile(published(name)) for name in names),
                               f"{', '.join(names)} is not in ANNALS_TEST_DATA ({DATA or 'unset'})")


def rows_of(name):
    with gzip.open(published(name), "rt", encoding="utf-8", newline="\n") as file:
        next(file)
        return [line.rstrip("\n").split("\t") for line in file]


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


class DataSets(ProgramCase):
    def digest(self, database):
        """Of all facts, each with its qualifiers and sources, in whatever order they are stored."""
        path = self.path("digest.annals")
        self.check(database, "--read-only", "-c", f'export "{path}";')
        with open(path, "rb") as file:
            lines = sorted(line.rstrip() for line in file)
        return len(lines), hashlib.sha256(b"\n".join(lines)).hexdigest()

    def round_trips(self, formats):
        lines, digest = self.digest(self.database)
        self.assertGreater(lines, 100)
        for ending in formats:
            path, again = self.path("all." + ending), self.path("again " + ending)
            self.check(self.database, "--read-only", "-c", f'export "{path}";')
            self.check(again, "-c", f'load "{path}";')
            self.assertEqual(self.digest(again), (lines, digest), ending)
            os.remove(path)

    def load(self, path, loaded, rest=""):
        self.check(self.database, "-c", f'load "{path}"{rest};', err=f"loaded {loaded:,} facts")

    def test_articles(self):
        self.check(self.database, "-c", f'load "{ARTICLES}";')
        self.round_trips(FORMATS)

    @is_here("icews14.tsv.gz")
    def test_days(self):
        self.load(published("icews14.tsv.gz"), 90730)
        self.round_trips(FORMATS + TABLES)

    def load_periods(self, name, faults):
        """Loads what has no fault; the rows passed over must be those with the faults."""
        path, report = published(name), self.path("rejects.tsv")
        rows = rows_of(name)
        number = re.compile(r"(-?)(\d+)-")

        def year(text):
            match = number.match(text)
            return None if match is None else int(match[2]) * (-1 if match[1] else 1)

        expected = {}
        for line, row in enumerate(rows, 2):
            start, end = year(row[3]), year(row[4])
            if start is not None and end is not None and start > end:
                expected[line] = "ends before it starts"
        expected.update(faults)
        first = min(expected)
        self.check(self.database, "-c", f'load "{path}";', code=WRONG,
                   err=f"{re.escape(path)}:{first}:[0-9]+: .*{re.escape(expected[first])}")
        self.load(path, len(rows) - len(expected), f' on error skip report "{report}"')
        with open(report, encoding="utf-8", newline="") as file:
            found = {int(row["line"]): row["message"] for row in csv.DictReader(file, delimiter="\t")}
        self.assertEqual(found.keys(), expected.keys())
        for line, message in expected.items():
            self.assertIn(message, found[line])

    @is_here("wikidata12k.tsv.gz")
    def test_periods(self):
        self.load_periods("wikidata12k.tsv.gz", {})
        self.round_trips(FORMATS + TABLES)

    @is_here("yago11k.tsv.gz")
    def test_early_years_and_open_ends(self):
        # 307-13047-09 and 1963-64-65.
        self.load_periods("yago11k.tsv.gz", {7437: "is not a time", 11455: "is not a date"})
        earliest = self.check(self.database, "--format", "csv", "-c",
                              "find start(?t) as t where (_, _, _, ?t) order by t limit 1;")
        self.assertRegex(earliest.out, r"\n\"?-0431-01-01", earliest)
        self.round_trips(FORMATS + TABLES)

    @is_here("everypolitician-memberships.tsv.gz", "everypolitician-names.tsv.gz")
    def test_people_by_any_name(self):
        columns = ("as (_, subject, object, predicate, group, area, start, end, term, _, _, house, "
                   "source)")
        memberships = rows_of("everypolitician-memberships.tsv.gz")
        self.check(self.database, "-c",
                   f'load "{published("everypolitician-memberships.tsv.gz")}" {columns} '
                   'on error skip report "rejects.tsv";', err="loaded [0-9,]+ facts")
        people = {row[1] for row in memberships}
        entities = {text for row in memberships for text in row[1:]}  # their names are no aliases
        names = collections.defaultdict(dict)  # of a person: text and language
        bearers = collections.defaultdict(set)
        languages = set()
        for person, _, _, language, name in rows_of("everypolitician-names.tsv.gz"):
            name = " ".join(name.split(" "))
            if person in people and name and name not in entities:
                names[person].setdefault((name, language), None)
                bearers[name].add(person)
                languages.add(language)
        self.assertGreater(len(languages), 200)
        with open(self.path("names.annals"), "w", encoding="utf-8") as file:
            for person, texts in names.items():
                spellings = ", ".join(
                    '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
                    + ("@" + language if language else "") for text, language in texts)
                file.write(f"alias ({quoted(person)}) {spellings};\n")
        self.check(self.database, "-c", 'load "names.annals";')
        # Many in one run; what several people are called is an error that lists them.
        rng = random.Random(11)
        alone = [name for name, who in bearers.items() if len(who) == 1]
        asked = rng.sample(sorted(alone), min(effort(2000), len(alone)))
        script = "".join(f"find ?x where ?x in ({quoted(name)});\n" for name in asked)
        answer = self.check(self.database, "--read-only", "--format", "csv", "-f", "-", text=script)
        found = [row[0] for row in csv.reader(io.StringIO(answer.out)) if row != ["x"]]
        self.assertEqual(found, [next(iter(bearers[name])) for name in asked])
        shared = next(name for name, who in sorted(bearers.items()) if len(who) == 2)
        listed = self.check(self.database, "-c", f"({quoted(shared)}, member, ?body);", code=WRONG)
        for person in bearers[shared]:
            self.assertIn(person, listed.err)
        self.round_trips(("annals", "nq"))


if __name__ == "__main__":
    main()
