#!/usr/bin/env python3
"""Kills and interrupts loads at random moments: each is there whole or not at all, and the next works.

    kill_load_test.py ANNALS [unittest's options]

Loads are of all the kinds that are stored in different ways: small ones as rows of the delta, large
ones as a new generation of packed blocks, such that make the delta so long that it is merged into the
next generation, and corrections and withdrawals, which take facts back, small and large. ANNALS_TEST_SEED repeats a run,
ANNALS_TEST_EFFORT scales the number of cycles in per cent (make kill-soak runs 1,000).
"""

import csv
import io
import os
import random
import signal
import subprocess
import time

from program import OK, ProgramCase, effort, main

KILLS = 40
INTERRUPTS = 12
CYCLES_A_DATABASE = 20
INTERRUPTED = 130

# Rows of a load: below and above the 20,000 from which one becomes a generation, and from which the
# delta is merged into one.
ROWS = {"small": 300, "merging": 14000, "large": 30000, "correction": 4000, "large correction": 25000,
        "withdrawal": 22000}

LISTED = "find ?source, count(*) as n where (?s, listed, ?o, ?t) from ?source;"
NOTED = "find ?source, count(*) as n where (?s, listed, ?o, ?t) {note: ?n} from ?source;"
FRESH = "find ?source, count(*) as n where (?s, listed, fresh, ?t) from ?source;"


class LoadKills(ProgramCase):
    def setUp(self):
        super().setUp()
        self.seed = int(os.environ.get("ANNALS_TEST_SEED", random.randrange(1 << 30)))
        self.rng = random.Random(self.seed)
        self.number = 0
        self.seconds = dict.fromkeys(ROWS, 0.3)  # how long a load of a kind takes, about
        self.stored = {}  # source: (rows, those of its correction)
        self.finished = self.whole = self.gone = 0

    def new_database(self):
        self.database = self.path(f"db {self.number}")
        self.stored = {}

    def write_rows(self, rows, first, fresh):
        """A file of so many rows of this load; those of a correction have another object."""
        lines = ["subject,predicate,object,time,note\n"]
        for i in range(first, first + rows):
            what = "fresh" if fresh else f"Value {i * 7919 % 1009}"
            lines.append(f"Row {self.number} {i},listed,{what},2024-{i % 12 + 1:02},"
                         f"{'seen' if i % 10 == 0 else ''}\n")
        return self.path("load.csv", "".join(lines))

    def make_load(self, kind):
        """The statement, its source, and what that tells afterwards: rows, and those that it was
        corrected to."""
        self.number += 1
        rows = ROWS[kind] + self.rng.randrange(100) * 10
        told = [source for source, (had, _) in self.stored.items() if had > 0]
        if kind == "withdrawal" and told:
            most = max(told, key=lambda source: self.stored[source][0])
            source = self.rng.choice([most, self.rng.choice(told)])
            return f"withdraw ({source});", source, (0, self.stored[source][1])
        correct = [source for source, (_, fresh) in self.stored.items() if fresh == 0]
        if kind.endswith("correction") and correct:
            source = self.rng.choice(correct)
            self.write_rows(rows, 0, fresh=True)
            return f'load "load.csv" from ({source}) replacing source;', source, (rows, rows)
        source = f"source {self.number}"
        self.write_rows(rows, 0, fresh=False)
        return f'load "load.csv" from ({source});', source, (rows, 0)

    def taken_back(self, *options):
        """The sources whose first row, as it was told first, the history has as taken back."""
        numbers = [source.split()[1] for source in self.stored]
        statements = [word for number in numbers
                      for word in ("-c", f"history (Row {number} 0, listed, Value 0);")]
        if not statements:
            return set()
        result = self.check(self.database, "--format", "csv", *options, *statements)
        rows = [row for row in csv.reader(io.StringIO(result.out)) if row[0] != "subject"]
        return {row[4] for row in rows if row[6]}

    def found(self, *options):
        """What the sources give, as `expected` has it."""
        return [*self.counts_by_source(LISTED, NOTED, FRESH, options=options), self.taken_back(*options)]

    def expected(self):
        told = {source: numbers for source, numbers in self.stored.items() if numbers[0] > 0}
        return [{source: rows for source, (rows, _) in told.items()},
                {source: rows // 10 for source, (rows, _) in told.items()},
                {source: fresh for source, (_, fresh) in told.items() if fresh},
                {source for source, (rows, fresh) in self.stored.items() if fresh or rows == 0}]

    def load_until(self, kind, ended_by):
        """Runs a load that is ended at a random moment, and sees what came of it."""
        statement, source, told = self.make_load(kind)
        process = self.start(self.database, "-c", statement, stderr=subprocess.PIPE)
        began = time.monotonic()
        try:
            process.wait(self.rng.uniform(0, 1.1 * self.seconds[kind]))
        except subprocess.TimeoutExpired:
            process.send_signal(ended_by)
        out, err = process.communicate()
        said = f"seed {self.seed}, load {self.number} ({kind}), exit {process.returncode}: {out} {err}"
        finished = process.returncode == OK
        if finished:
            taken = time.monotonic() - began
            self.seconds[kind] = 0.7 * self.seconds[kind] + 0.3 * taken
            self.finished += 1
        else:
            self.seconds[kind] *= 1.02
            expected = -signal.SIGKILL if ended_by == signal.SIGKILL else INTERRUPTED
            # The signal may come before the program has taken charge of it.
            self.assertIn(process.returncode, (expected, -ended_by), said)
        acknowledged = b"loaded " in err or b"lose this source" in err
        before = dict(self.stored)
        # A database that was killed while it was made is finished when it is opened for writing.
        self.check(self.database, "-c", "find 1 as n;")
        found = self.found(*(["--read-only"] if self.rng.random() < 0.3 else []))
        self.stored[source] = told
        if found != self.expected():
            self.assertFalse(acknowledged, f"what was acknowledged is not there: {said}")
            self.stored = before
            self.assertEqual(found, self.expected(), f"neither whole nor gone: {said}")
            self.gone += 1
            return
        self.whole += not finished
        # What ends a moment after it was stored has said that it was.
        if ended_by == signal.SIGINT:
            self.assertTrue(acknowledged, f"stored, and nothing said: {said}")

    def load_to_the_end(self):
        statement, source, told = self.make_load("small")
        self.check(self.database, "-c", statement, err=f"loaded {told[0]} facts|loaded ")
        self.stored[source] = told
        self.assertEqual(self.found(), self.expected(), f"seed {self.seed}")

    def cycles(self, count, ended_by):
        for i in range(count):
            if i % CYCLES_A_DATABASE == 0:
                self.new_database()
            self.load_until(self.rng.choice(list(ROWS)), ended_by)
            self.load_to_the_end()
        print(f"{count} loads ended by {ended_by.name}: {self.gone} were gone, {self.whole} whole, "
              f"{self.finished} had finished; seed {self.seed}")

    def test_kills(self):
        self.cycles(effort(KILLS), signal.SIGKILL)

    def test_interrupts(self):
        self.cycles(effort(INTERRUPTS), signal.SIGINT)


if __name__ == "__main__":
    main()
