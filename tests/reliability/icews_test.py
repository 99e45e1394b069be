#!/usr/bin/env python3
"""Loads a published graph of 90,730 dated events and compares answers with a naive evaluation.

    icews_test.py ANNALS [unittest's options]

The file icews14.tsv.gz is looked for in the folder that ANNALS_TEST_DATA names; without it nothing is
tested, which is said loudly.
"""

import collections
import csv
import gzip
import io
import os
import sys
import unittest

from program import ProgramCase, main

FILE = os.path.join(os.environ.get("ANNALS_TEST_DATA", ""), "icews14.tsv.gz")
HERE = os.path.isfile(FILE)


def read():
    with gzip.open(FILE, "rt", encoding="utf-8", newline="\n") as file:
        lines = [tuple(line.rstrip("\n").split("\t")) for line in file]
    assert lines[0] == ("subject", "relation", "object", "date"), lines[0]
    return lines[1:]


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


@unittest.skipUnless(HERE, "the data is not here")
class Events(ProgramCase):
    """One load for all questions; the rows that Python reads are the truth."""

    @classmethod
    def setUpClass(cls):
        cls.rows = read()

    def ask(self, question):
        result = self.check(self.database, "--read-only", "--format", "csv", "-c", question)
        return list(csv.reader(io.StringIO(result.out, newline="")))[1:]

    def agree(self, question, expected, ordered=False):
        answer = [tuple(row) for row in self.ask(question)]
        expected = [tuple(map(str, row)) for row in expected]
        self.assertGreater(len(expected), 0, "a question without an answer shows little")
        if not ordered:
            answer, expected = sorted(answer), sorted(expected)
        self.assertEqual(len(answer), len(expected), question)
        self.assertEqual(answer, expected, question)

    def test_answers(self):
        self.check(self.database, "-c", f'load "{FILE}";', err="loaded 90,730 facts")
        self.check(self.database, "-c", f'load "{FILE}" as (subject, predicate, object, time);',
                   err="nothing new.*unchanged")
        for check in (self.counts, self.names, self.look_ups, self.windows, self.joins, self.groups,
                      self.absences, self.orders):
            with self.subTest(check.__name__):
                check()

    def counts(self):
        self.assertEqual(len(self.rows), 90730)
        self.agree("find count(?f) as n where (?s, ?p, ?o, ?t) as ?f;", [(90730,)])
        entities = {row[0] for row in self.rows} | {row[2] for row in self.rows}
        self.assertEqual(len(entities), 7128)
        self.agree("find count(distinct ?x) as n where (?x, _, _) or (_, _, ?x);", [(7128,)])
        self.agree("find count(distinct ?p) as n where (_, ?p, _);", [(230,)])

    def names(self):
        # One entity ends in a no-break space, which is kept.
        entities = {row[0] for row in self.rows} | {row[2] for row in self.rows}
        spaced = [name for name in entities if name.endswith("\u00a0")]
        self.assertEqual(len(spaced), 1)
        for name in spaced:
            for question, expected in (
                (f"({quoted(name)}, ?p, ?o, ?t);", {row[1:] for row in self.rows if row[0] == name}),
                (f"(?s, ?p, {quoted(name)}, ?t);",
                 {row[:2] + row[3:] for row in self.rows if row[2] == name}),
            ):
                if expected:
                    self.agree(question, expected)
        for mark in ",", "/", "'", "(":
            name = min(name for name in entities if mark in name)
            self.agree(f"find count(?f) as n where ({quoted(name)}, _, _) as ?f "
                       f"or (_, _, {quoted(name)}) as ?f;",
                       [(sum(1 for row in self.rows if name in (row[0], row[2])),)])

    def look_ups(self):
        self.agree("(South Korea, ?did, North Korea, ?when);",
                   {row[1::2] for row in self.rows if row[::2] == ("South Korea", "North Korea")})
        self.agree("(?who, Make a visit, Japan);",
                   {row[:1] for row in self.rows if row[1:3] == ("Make a visit", "Japan")})

    def windows(self):
        self.agree("(?who, Consult, ?whom, 2014-03);",
                   {row[::2] for row in self.rows
                    if row[1] == "Consult" and row[3].startswith("2014-03")})
        self.agree("find ?who, ?whom, ?t where (?who, Make statement, ?whom, ?t) "
                   "and ?t in 2014-06-10..2014-06-12;",
                   {(row[0], row[2], row[3]) for row in self.rows
                    if row[1] == "Make statement" and "2014-06-10" <= row[3] <= "2014-06-12"})
        self.agree("find count(?f) as n where (_, ?p, _, ?t) as ?f and ?t before 2014-02;",
                   [(sum(1 for row in self.rows if row[3] < "2014-02"),)])

    def joins(self):
        visits = {row[::2] for row in self.rows if row[1] == "Make a visit"}
        hosts = collections.defaultdict(set)
        for who, whom in {row[::2] for row in self.rows if row[1] == "Host a visit"}:
            hosts[whom].add(who)
        self.agree("find ?a, ?b, ?c where (?a, Make a visit, ?b) and (?c, Host a visit, ?a);",
                   {(a, b, c) for a, b in visits for c in hosts[a]})
        by_day = collections.defaultdict(set)
        for who, did, whom, when in self.rows:
            by_day[did, who, whom].add(when)
        self.agree("(?a, Threaten, ?b, ?t) and (?b, Threaten, ?a, ?t);",
                   {(row[0], row[2], row[3]) for row in self.rows
                    if row[1] == "Threaten" and row[3] in by_day["Threaten", row[2], row[0]]})

    def groups(self):
        counts = collections.Counter(row[1] for row in self.rows)
        self.agree("find ?p, count(?f) as n where (_, ?p, _) as ?f;", counts.items())
        months = collections.Counter(row[3][5:7] for row in self.rows if row[0] == "Iran")
        self.agree("find month(?t) as m, count(?f) as n where (Iran, _, _, ?t) as ?f;",
                   {(int(month), n) for month, n in months.items()})
        firsts = {}
        for who, did, whom, when in self.rows:
            if did == "Sign formal agreement":
                firsts[who] = min(firsts.get(who, when), when)
        self.agree("find ?who, min(?t) as first where (?who, Sign formal agreement, _, ?t);",
                   firsts.items())

    def absences(self):
        hosts = {row[0] for row in self.rows if row[1] == "Host a visit"}
        self.agree("find ?a where (?a, Make a visit, _) and not (?a, Host a visit, _);",
                   {row[:1] for row in self.rows if row[1] == "Make a visit" and row[0] not in hosts})

    def orders(self):
        counts = collections.Counter(row[0] for row in self.rows)
        self.agree("find ?who, count(?f) as n where (?who, _, _) as ?f order by n desc, ?who limit 25;",
                   sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:25], ordered=True)
        found = sorted((row[3], row[0]) for row in {(row[0], "", "", row[3]) for row in self.rows
                                                    if row[1] == "Make an appeal or request"})
        self.agree("find ?t, ?who where (?who, Make an appeal or request, _, ?t) "
                   "order by ?t, ?who limit 40 offset 100;", found[100:140], ordered=True)


if __name__ == "__main__":
    if not HERE:
        print(f"SKIP: icews14.tsv.gz is not in ANNALS_TEST_DATA ({os.path.dirname(FILE) or 'not set'}): "
              "NOTHING WAS TESTED", file=sys.stderr)
    main()
