#!/usr/bin/env python3
"""Kills a writer at random moments: what it acknowledged is there, whole; nothing is there by half.

    kill_test.py ANNALS [unittest's options]

A writer runs a script of statements, each from a source of its own and of several facts with
qualifiers; it is killed after some acknowledgements and a random moment more. Then each source must
give all of its statement's facts or none: those of acknowledged statements all, and at most one more
statement, the one that was running. ANNALS_TEST_SEED repeats a run.
"""

import collections
import os
import random
import signal
import subprocess
import time

from program import OK, TERMINATED, ProgramCase, effort, main

CYCLES = 200
CYCLES_A_DATABASE = 25
MOST_ACKNOWLEDGED = 14

# What a load brings: a few rows, some hundreds, and so many that they are written as new packed
# blocks instead of row by row.
SMALL, MIDDLE, LARGE = 20, 400, 21000

GIVEN = "find ?source, count(*) as n where (?s, told, ?o) from ?source;"
QUALIFIED = "find ?source, count(*) as n where (?s, told, ?o) {note: ?n, place: ?p} from ?source;"
LISTED = "find ?source, count(*) as n where (?s, listed, ?o, ?t) from ?source;"

# A statement, or several in a transaction: what it says when it is done, and what is there then.
Told = collections.namedtuple("Told", "text lines given qualified listed")


class Writer:
    """Makes scripts; all that a script tells is new."""

    def __init__(self, case, rng):
        self.case = case
        self.rng = rng
        self.number = 0
        for name, rows in ("small", SMALL), ("middle", MIDDLE), ("large", LARGE):
            lines = [f"Row {i},listed,Value {i * 7919 % 1009},2024-{i % 12 + 1:02}\n"
                     for i in range(rows)]
            case.path(name + ".csv", "subject,predicate,object,time\n" + "".join(lines))

    def source(self):
        self.number += 1
        return f"source {self.number}"

    def add(self):
        source = self.source()
        facts = self.rng.randint(2, 6)
        text = "add"
        for i in range(facts):
            text += (f" (Subject {self.number} {i}, told, Object {i}, 2024-0{i + 1})"
                     f" {{note: {self.number}, place: Place {i}}} from ({source})")
        return Told(text + ";", 1, {source: facts}, {source: facts}, {})

    def block(self):
        source = self.source()
        facts = self.rng.randint(2, 6)
        text = f"from ({source}) {{"
        for i in range(facts):
            text += f" (Subject {self.number} {i}, told, {i}) {{note: x, place: y}}"
        return Told(text + " };", 1, {source: facts}, {source: facts}, {})

    def transaction(self):
        one, two = self.add(), self.block()
        text = f"begin; {one.text} {two.text} commit;"
        return Told(text, 4, {**one.given, **two.given}, {**one.qualified, **two.qualified}, {})

    def load(self):
        source = self.source()
        name, rows = self.rng.choice((("small", SMALL), ("small", SMALL), ("middle", MIDDLE)))
        return Told(f'load "{name}.csv" from ({source});', 1, {}, {}, {source: rows})

    def large_load(self):
        source = self.source()
        return Told(f'load "large.csv" from ({source});', 1, {}, {}, {source: LARGE})

    def script(self, large):
        kinds = (self.add, self.add, self.block, self.transaction, self.load)
        told = [self.rng.choice(kinds)() for _ in range(MOST_ACKNOWLEDGED * 2)]
        if large:
            told.insert(self.rng.randint(0, 2), self.large_load())
        return told


def total(told):
    """What is there when all of these are."""
    given, qualified, listed = {}, {}, {}
    for each in told:
        given.update(each.given)
        qualified.update(each.qualified)
        listed.update(each.listed)
    return given, qualified, listed


class Kills(ProgramCase):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("ANNALS_TEST_SEED", random.randrange(1 << 30)))
        self.rng = random.Random(self.seed)
        self.writer = Writer(self, self.rng)
        self.start_up = 0.02  # seconds from the start to the first acknowledgement
        self.stored = []  # what must be there
        self.acknowledged = self.unacknowledged = self.kept = 0

    def found(self, *options):
        """What the sources give, as `total` has it."""
        return tuple(self.counts_by_source(GIVEN, QUALIFIED, LISTED, options=options))

    def write_until_killed(self, told, kill):
        """Returns how many of the statements were acknowledged."""
        script = self.path("script.annals", "\n".join(each.text for each in told))
        process = self.start(self.database, "-f", script, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        wanted = self.rng.randint(0, MOST_ACKNOWLEDGED)
        lines = []
        while len(lines) < wanted:
            line = process.stderr.readline()
            if not line:
                break
            if not lines:
                self.start_up = 0.9 * self.start_up + 0.1 * (time.monotonic() - began)
            if not line.startswith(b"note: "):
                lines.append(line)
        time.sleep(self.rng.uniform(0, 0.006) if lines else self.rng.uniform(0, 1.2 * self.start_up))
        # Not send_signal, which takes an ended process' status before `wait` does.
        os.kill(process.pid, kill)
        rest = process.stderr.read()
        process.stderr.close()
        code, _ = self.wait(process)
        self.assertIn(code, (-kill, OK) if kill == signal.SIGKILL else (-kill, TERMINATED, OK), rest)
        lines += [line for line in rest.splitlines(keepends=True)
                  if line.endswith(b"\n") and not line.startswith((b"note: ", b"interrupted"))]
        for line in lines:
            self.assertNotIn(b"error", line, lines)
        at, done = 0, 0
        while done < len(told) and at + told[done].lines <= len(lines):
            at += told[done].lines
            done += 1
        return done

    def kill_while_opening(self):
        process = self.start(self.database, "-c", "find 1 as n;")
        time.sleep(self.rng.uniform(0, self.start_up))
        process.kill()
        process.communicate()

    def cycle(self, large, kill):
        told = self.writer.script(large)
        done = self.write_until_killed(told, kill)
        if self.rng.random() < 0.2:
            self.kill_while_opening()
        readable = done > 0 or self.stored
        options = ["--read-only"] if readable and self.rng.random() < 0.3 else []
        found = self.found(*options)
        self.acknowledged += done
        self.stored += told[:done]
        if found != total(self.stored):
            # The statement that was running may have been stored before it could say so.
            self.stored += told[done : done + 1]
            self.kept += 1
        self.assertEqual(found, total(self.stored), f"seed {self.seed}, {done} acknowledged")

    def new_database(self):
        self.stored = []
        self.database = self.path(f"db {self.writer.number}")

    def test_whatever_the_moment(self):
        cycles = effort(CYCLES)
        for i in range(cycles):
            if i % CYCLES_A_DATABASE == 0:
                self.new_database()
            self.cycle(large=i % 8 == 3, kill=signal.SIGTERM if i % 10 == 9 else signal.SIGKILL)
        print(f"{cycles} kills: {self.acknowledged} statements acknowledged, all there; "
              f"{self.kept} more stored whole; seed {self.seed}")
        self.assertGreater(self.acknowledged, cycles)


if __name__ == "__main__":
    main()
