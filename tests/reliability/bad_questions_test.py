#!/usr/bin/env python3
"""Questions that are too deep or too much, and values at their ends: each ends soon and clearly.

    bad_questions_test.py ANNALS [unittest's options]
"""

import time

from program import LIMIT, OK, SANITIZED, WRONG, ProgramCase, main

# A bound on linear work that takes a second at most on a quiet machine.
SOON = 60
SLOWER = 20 if SANITIZED else 1

TELL = "add (Ada, knows, Bob) (Bob, knows, Cid) (Cid, knows, Ada) (Ada, born, London, 1815-12-10);"


class Asking(ProgramCase):
    def setUp(self):
        super().setUp()
        self.check(self.database, "-c", TELL)

    def ask(self, text, *options, code=OK, **checks):
        """Runs a script; the database works and is unchanged after it."""
        result = self.check(self.database, "-f", self.path("script.annals", text), *options,
                            code=code, **checks)
        self.assertLess(result.seconds, SOON)
        self.check(self.database, "-c", "(Ada, knows, Bob);", out="yes\n")
        self.assertEqual(self.count(), 4)
        return result

    def refused(self, text, err, code=WRONG, **options):
        result = self.ask(text, code=code, err=err, **options)
        self.assertEqual(result.out, "")
        self.assertLess(len(result.err), 4000, "a message is to be read")
        return result


class Deep(Asking):
    def test_brackets(self):
        for opening in "(", "{", "{ (a, b, c) and ", "find (", "(a, b, c) and {", "(a, (", "[", "<", "<a ":
            with self.subTest(opening):
                self.refused(opening * 100000, r"script\.annals:1:\d+: ")


class Costly(Asking):
    def people(self, count):
        rows = "".join(f"P{i},likes{i % 5},Q{i * 7919 % count}\n" for i in range(count))
        self.path("people.csv", "subject,predicate,object\n" + rows)
        self.database = self.path("people")
        self.check(self.database, "-c", 'load "people.csv";')

    def stops(self, question, seconds=1.0, options=(), said="time"):
        began = time.monotonic()
        result = self.check(self.database, "--timeout", str(seconds), *options, "-c", question,
                            code=LIMIT, err=rf"(?i){said}")
        self.assertLess(time.monotonic() - began, seconds + 5 * SLOWER)
        return result

    def test_a_product_of_unrelated_patterns(self):
        self.people(20000)
        product = " and ".join(f"(?a{i}, likes{i}, ?b{i})" for i in range(5))
        self.stops(f"find count(*) as n where {product};")
        self.stops(f"find ?a0, ?b3 where {product} order by ?b3, ?a0;")
        self.stops(f"find ?a0, count(?b4) as n where {product} limit 5;")
        self.stops(f"{product};")
        self.stops(f"(Nobody else, likes0, ?x) or {product} and ?b0 != ?b1 and ?a0 = ?a4;")
        self.check(self.database, "-c", "(P0, likes0, Q0);", out="yes\n")

    def test_memory(self):
        self.people(20000)
        pairs = "(?a, likes0, ?b) and (?c, likes1, ?d)"
        self.stops(f"find ?a, ?d where {pairs} order by ?d, ?a;", 100, ("--memory", "8"), "memory")
        self.stops(f"find ?a, ?d, count(*) as n where {pairs};", 100, ("--memory", "8"), "memory")


class Values(Asking):
    def value(self, expression):
        result = self.ask(f"find {expression} as n;", "--format", "jsonl")
        return result.out.strip()

    def test_division_by_zero_is_empty(self):
        self.assertEqual(self.value("1 / 0"), self.value("coalesce(1 / 0)"))
        self.ask("(Ada, knows, ?x) and 1 / 0 = 1;", "--format", "tsv", out="x\n")

    def test_limits(self):
        self.refused("(Ada, knows, ?x) limit -1;", "whole number")
        self.refused("(Ada, knows, ?x) offset -1;", "whole number")
        self.refused("(Ada, knows, ?x) limit 1.5;", "whole number|expected")
        self.ask("(Ada, knows, ?x) limit 0;", "--format", "tsv", out="x\n")
        self.ask("(Ada, knows, ?x) limit 9223372036854775807 offset 9223372036854775807;",
                 "--format", "tsv", out="x\n")
        result = self.run_program(self.database, "-c", "(Ada, knows, ?x) limit 99999999999999999999;")
        self.assertIn(result.code, (OK, WRONG), result)

    def test_look_alikes_are_told_apart(self):
        self.check(self.path("alike"), "-c", "add (Аda, knows, Bob) (Ada, knows, Bob);",
                   err="2 facts added")  # the first begins with a Cyrillic letter


if __name__ == "__main__":
    main()
