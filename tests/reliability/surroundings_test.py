#!/usr/bin/env python3
"""Scarce room, few descriptors, read-only folders, other zones and languages.

    surroundings_test.py ANNALS [unittest's options]
"""

import os
import random
import shutil
import signal
import subprocess
import unittest

from program import IO, OK, SANITIZED, ProgramCase, limited, main

MIB = 1 << 20


def rows(count, seed):
    """Facts with names that do not compress."""
    rng = random.Random(seed)
    return "subject,predicate,object\n" + "".join(
        f"{rng.getrandbits(128):x},p{i % 3},{rng.getrandbits(128):x}\n" for i in range(count))


@unittest.skipIf(SANITIZED, "sanitizers take memory of their own")
class LittleMemory(ProgramCase):
    """A load keeps to its limit, within a tenth, whatever it is told in."""
    FACTS = 200000

    def load(self, name, lines):
        path = self.path(name)
        with open(path, "w", encoding="utf-8") as file:
            file.writelines(lines)
        result = self.check(self.path("db"), "--memory", "128", "-c", f'load "{path}";')
        self.assertIn(f"loaded {self.FACTS:,} facts", result.out + result.err)
        self.assertLess(result.peak, 128 * 1.1 * MIB)

    def names(self):
        return ((f"Envoy {i} of the Republic", f"Guest {i % 99}") for i in range(self.FACTS))

    def test_table(self):
        self.load("t.tsv", ["subject\tpredicate\tobject\n"] +
                  [f"{a}\tmet\t{b}\n" for a, b in self.names()])

    def test_json_lines(self):
        room = " " * 600
        self.load("t.jsonl", (f'{{"subject": "{a}", {room} "predicate": "met", "object": "{b}"}}\n'
                              for a, b in self.names()))

    def test_statements(self):
        room = "-- " + "x" * 600
        self.load("t.annals", (f"add ({a}, met, {b}); {room}\n" for a, b in self.names()))

    def test_one_block(self):
        facts = [f"({a}, met, {b})\n" for a, b in self.names()]
        self.load("t.annals", ["from (Log) {\n", *facts, "};\n"])

    def test_statements_of_rdf(self):
        room = "#" + "x" * 600
        self.load("t.nq", (f"<http://e/{a.replace(' ', '_')}> <http://e/met> "
                           f"<http://e/{b.replace(' ', '_')}> .\n{room}\n" for a, b in self.names()))


class SmallDisk(ProgramCase):
    def mount(self, size):
        """A disk of so many bytes; None if this may not be done here."""
        disk = self.path("disk")
        os.mkdir(disk)
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", disk],
                              capture_output=True, check=False) if shutil.which("mount") else None
        if done is None or done.returncode != 0:
            return None
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        return disk

    def fill(self, database, **options):
        """Tells and loads until there is no room; returns how many facts were acknowledged."""
        self.path("big.csv", rows(60000, 1))
        self.path("small.csv", rows(3000, 2))
        self.check(database, "-c", "add (Ada, knows, Bob);", **options)
        self.check(database, "-c", 'load "big.csv";', code=IO, **options)
        self.database = database
        self.assertEqual(self.count("--read-only"), 1)
        stored = 1
        for seed in range(3, 40):
            self.path("next.csv", rows(3000, seed))
            result = self.run_program(database, "-c", 'load "next.csv";', **options)
            self.assertIn(result.code, (OK, IO), result)
            if result.code == IO:
                self.assertRegex(result.err, r"\Aerror: ")
                return stored
            stored += 3000
        self.fail("the disk was never full")

    def test_a_full_disk(self):
        disk = self.mount(8 * MIB)
        if disk is None:
            self.skipTest("mounting is not allowed here; the limit of file sizes is tested instead")
        stored = self.fill(os.path.join(disk, "db"))
        self.assertEqual(self.count("--read-only"), stored)
        done = subprocess.run(["mount", "-o", f"remount,size={64 * MIB}", disk],
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.count(), stored)
        self.check(self.database, "-c", 'load "small.csv";', err="loaded 3,000 facts")
        self.assertEqual(self.count(), stored + 3000)

    def test_files_may_not_grow(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            limited(FSIZE=600000)()

        self.check(self.database, "-c", "add (Ada, knows, Bob);")
        self.path("big.csv", rows(60000, 1))
        self.check(self.database, "-c", 'load "big.csv";', code=IO, preexec_fn=limit)
        self.assertEqual(self.count(), 1)
        self.check(self.database, "-c", 'load "big.csv";', err="loaded 60,000 facts")
        self.assertEqual(self.count(), 60001)


class Descriptors(ProgramCase):
    @unittest.skipIf(SANITIZED, "sanitizers need descriptors of their own")
    def test_twenty(self):
        few = {"preexec_fn": limited(NOFILE=20)}
        self.path("rows.csv", rows(25000, 4))
        self.check(self.database, "-c", "add (Ada, knows, Bob);", "-c", 'load "rows.csv";', **few)
        self.check(self.database, "-c", "(Ada, knows, ?x);", "-c", "add (Bob, knows, Cid);", **few)
        self.assertEqual(self.count(**few), 25002)
        self.assertEqual(self.count("--read-only", **few), 25002)


class ReadOnly(ProgramCase):
    def as_reader(self):
        """Options under which nothing here may be written."""
        if os.geteuid() != 0:
            return {}
        os.chmod(self.folder, 0o755)
        return {"preexec_fn": lambda: (os.setgid(65534), os.setuid(65534))}

    def test_a_folder_that_can_not_be_written(self):
        self.check(self.database, "-c", "add (Ada, knows, Bob);")
        for path, folders, files in os.walk(self.database):
            for name in files:
                os.chmod(os.path.join(path, name), 0o444)
        os.chmod(self.database, 0o555)
        self.addCleanup(os.chmod, self.database, 0o755)
        options = self.as_reader()
        self.check(self.database, "--read-only", "-c", "(Ada, knows, Bob);", out="yes\n", **options)
        self.check(self.database, "-c", "add (a, b, c);", code=IO, err="(?i)permission denied",
                   **options)
        self.check(self.database, "--read-only", "-c", "add (a, b, c);", code=IO, err="read",
                   **options)

    def test_a_read_only_mount(self):
        self.check(self.database, "-c", "add (Ada, knows, Bob);")
        view = self.path("view")
        os.mkdir(view)
        for arguments in (["--bind", self.database, view], ["-o", "remount,bind,ro", view]):
            if shutil.which("mount") is None or subprocess.run(
                    ["mount", *arguments], capture_output=True, check=False).returncode != 0:
                self.skipTest("mounting is not allowed here")
            if arguments[0] == "--bind":
                self.addCleanup(subprocess.run, ["umount", "-l", view], check=False)
        self.check(view, "--read-only", "-c", "(Ada, knows, Bob);", out="yes\n")
        self.check(view, "-c", "add (a, b, c);", code=IO, err="(?i)read-only")


class Places(ProgramCase):
    QUESTIONS = (
        "(?who, ?did, ?what, ?when) order by ?when, ?who;",
        "(?who, met, ?what, 2024-06-19);",
        "find ?when, year(?when) as y, start(?when) as s, 1.5 + 1 as n "
        "where (?who, met, ?what, ?when) order by ?when;",
        "find upper(name(?who)) as u, lower(name(?who)) as l where (?who, met, _) order by u;",
        "(istanbul, met, ?x); (KİM, met, ?x);",
        "timeline (Kim);",
    )

    def test_answers_are_the_same_everywhere(self):
        facts = ("add (Kim, met, Ilya, 2024-06-19T23:30:00+09:00) (Kim, met, Zoë, 2024-06-19) "
                 "(Istanbul, met, ilya, 2024-03-31T02:30) (äpfel, met, Kim, 2024-10..) ;")
        self.check(self.database, "-c", facts)
        answers = set()
        for zone, language in (("UTC", "C"), ("Asia/Pyongyang", "tr_TR.UTF-8"),
                               ("America/New_York", "de_DE.UTF-8"), ("Pacific/Apia", "C.UTF-8"),
                               ("nowhere/at all", "xx_XX")):
            options = {"env": {"TZ": zone, "LANG": language, "LC_ALL": language}}
            for format in "csv", "jsonl":
                questions = [part for text in self.QUESTIONS for part in ("-c", text)]
                result = self.check(self.database, "--format", format, *questions, **options)
                answers.add((format, result.out))
            self.check(self.path(f"told under {language}"), "-c", facts, "-c",
                       "(Kim, met, Ilya, ?t);", "--format", "csv",
                       out="t\n2024-06-19T23:30:00+09:00\n", **options)
        self.assertEqual(len(answers), 2, answers)


if __name__ == "__main__":
    main()
