#!/usr/bin/env python3
"""Questions and statements that are wrong, too deep, long or much: each ends soon and clearly.

    bad_questions_test.py ANNALS [unittest's options]
"""

import random
import time
import unittest

from program import LIMIT, OK, SANITIZED, WRONG, ProgramCase, main, memory

MIB = 1 << 20
# A bound on linear work that takes a second at most on a quiet machine.
SOON = 300 if SANITIZED else 60
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

    def test_brackets_that_are_closed(self):
        for opening, middle, closing in (
            ("{", "(?a, knows, ?b)", "}"),
            ("not {", "(?a, knows, ?b)", "}"),
            ("optional {", "(?a, knows, ?b)", "}"),
            ("{ find ?a where ", "(?a, knows, ?b)", "}"),
        ):
            with self.subTest(opening):
                count = 100000
                text = opening * count + middle + closing * count
                self.refused(text, "deep|nest", code=self.either(text, WRONG, LIMIT))
        text = "find " + "(" * 100000 + "1" + ")" * 100000 + " as n;"
        self.refused(text, "deep|nest", code=self.either(text, WRONG, LIMIT))

    def either(self, text, *codes):
        code = self.run_program(self.database, "-f", self.path("script.annals", text)).code
        self.assertIn(code, codes)
        return code

    def test_nots(self):
        for word in "not ", "optional ", "explain ", "-", "possibly ", "^":
            with self.subTest(word):
                prefix = "find " if word == "-" else "(a, " if word == "^" else ""
                result = self.run_program(
                    self.database, "-f",
                    self.path("script.annals", prefix + word * 100000 + "(a, knows, ?b);"))
                self.assertIn(result.code, (WRONG, LIMIT), result)
                self.assertLess(len(result.err), 4000)
                self.assertLess(result.seconds, SOON)

    def test_what_is_not_too_deep(self):
        self.ask("{" * 50 + "(Ada, knows, Bob)" + "}" * 50, out="yes\n")
        self.ask("find " + "(" * 50 + "1" + ")" * 50 + " as n;", "--format", "tsv", out="n\n1\n")


class Unfinished(Asking):
    def test_unterminated(self):
        for text, err in (
            ('(a, says, "no end);', "closes the text"),
            ("(a, `no end, b);", "backtick"),
            ("(a, b, <http://no.end/);", ">"),
            ("(a, b, c", r"'\)'|\)"),
            ("find ?x where", "expected"),
            ("(a, b, c) {place: ", "expected"),
            ('(a, b, "\\', "escape|text"),
            ("load", "expected"),
        ):
            with self.subTest(text):
                self.refused(text, err)

    def test_a_large_literal(self):
        size = (2 if SANITIZED else 20) * MIB
        text = "x" * size
        self.ask(f'find length("{text}") as n;', "--format", "tsv", out=f"n\n{size}\n")
        self.refused(f'find length("{text}', "closes the text")
        self.refused(f"(Ada, knows, {text}", r"expected")
        self.refused(f"(Ada, {text}; b)", r"expected")

    @unittest.skipIf(SANITIZED, "memory can't be limited under sanitizers")
    def test_more_than_there_is_memory_for(self):
        text = "x" * (20 * MIB)
        texts = ", ".join("?t" for _ in range(60))
        result = self.run_program(
            "--memory", "100", "-f", self.path(
                "script.annals", f'let ?t = "{text}" and let ?u = length(concat({texts}));'),
            **memory(1200 * MIB))
        self.assertIn(result.code, (OK, WRONG, LIMIT), result.err[:500])
        self.assertNotRegex(result.err, "terminate called")


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

    def test_regular_expressions_take_linear_time(self):
        text = "a" * (10 * MIB)
        self.ask(f'find matches("{text}!", "^(a+)+$") as m;', "--format", "tsv", out="m\nfalse\n")
        self.ask('find matches("' + "a" * 5000 + '!", "(a|aa|aaa)*$") as m;')
        self.refused('find matches("a", "(") as m;', "regular expression|pattern|\\)")
        self.ends_somehow('find matches("a", "((a{1,1000}){1,1000}){1,1000}") as m;')
        self.ends_somehow('find replace("' + "a" * 100000 + '", "", "' + "b" * 1000 + '") as m;')

    def ends_somehow(self, text):
        result = self.run_program("-f", self.path("script.annals", text))
        self.assertIn(result.code, (OK, WRONG, LIMIT), result.err[:1000])
        self.assertLess(result.seconds, SOON)


class Values(Asking):
    def value(self, expression):
        result = self.ask(f"find {expression} as n;", "--format", "jsonl")
        return result.out.strip()

    def test_numbers_at_their_ends(self):
        self.assertIn("9223372036854775807", self.value("9223372036854775807"))
        self.assertNotIn("-9223372036854775808", self.value("9223372036854775807 + 1"))
        for expression in ("1 / 0", "1 % 0", "-9223372036854775807 - 1 - 1", "1e308 * 1e308",
                           "(0 - 9223372036854775807 - 1) / (0 - 1)",
                           "(0 - 9223372036854775807 - 1) % (0 - 1)",
                           "abs(0 - 9223372036854775807 - 1)", "9223372036854775807 * 3",
                           "round(1e300)", "floor(-1e300)", "99999999999999999999999999 + 1",
                           'substr("abc", 9223372036854775807, 9223372036854775807)',
                           'substr("abc", 0 - 9223372036854775807)', "year(9223372036854775807)",
                           "2024-01-01 + 9223372036854775807 days",
                           "2024-01-01 + 999999999 years", "9223372036854775807 weeks"):
            with self.subTest(expression):
                result = self.run_program("--format", "jsonl", "-c", f"find {expression} as n;")
                self.assertIn(result.code, (OK, WRONG), result)
                if result.code == WRONG:
                    self.assertIn("^", result.err)

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

    def test_unknown_names_are_hinted_at(self):
        result = self.ask("(Adda, knows, ?x);", "--format", "tsv", out="x\n")
        self.assertRegex(result.err, r"(?s)no entity is called 'Adda'.*'Ada'")
        self.refused("(Ada, knows, ?x) and ?y = 1;", r"\?y")
        self.refused("find nosuch(1) as n;", "nosuch")

    def test_odd_characters_are_shown_escaped(self):
        result = self.refused("(Ada, knows, \u202eboB, x, y);", "expected|time")
        self.assertNotIn("\u202e", result.err)
        for odd in "\u202e", "\u200b", "\u2066", "\x1b[2J", "\x9b", "\ufeff", "\x07":
            with self.subTest(repr(odd)):
                result = self.run_program("-c", f"(A{odd}da, knows, Bob); (x{odd}y")
                self.assertEqual(result.code, WRONG, result)
                self.assertNotIn(odd, result.err)
                result = self.run_program("-c", f'find "a{odd}b" as n;')
                self.assertEqual(result.code, OK, result)
                self.assertNotIn(odd, result.out)

    def test_look_alikes_are_told_apart(self):
        self.check(self.path("alike"), "-c", "add (Аda, knows, Bob) (Ada, knows, Bob);",
                   err="2 facts added")  # the first begins with a Cyrillic letter

    def test_what_is_not_text(self):
        self.refused(b"(Ada, knows, \xff);", "not UTF-8 at byte 13")
        self.refused(b"(Ada, knows, \0);", "NUL character at byte 13")

    def test_random_bytes(self):
        rng = random.Random(7)
        pieces = ["(", ")", "{", "}", "?x", ",", "Ada", "knows", "and", "or", "not", ";", '"', "`",
                  "find", "where", "--", "\n", " ", "2024", "..", "1e9", "<", ">", "/", "+", "$p",
                  "in", "let", "=", "order by", "limit", "_", "^", "|", "from", "as", "\\", "é"]
        for _ in range(60):
            text = "".join(rng.choice(pieces) + rng.choice(["", " "]) for _ in range(rng.randint(1, 60)))
            result = self.run_program("--timeout", "5", "--keep-going", "-f",
                                      self.path("script.annals", text))
            self.assertIn(result.code, (OK, WRONG, LIMIT), (text, result))


if __name__ == "__main__":
    main()
