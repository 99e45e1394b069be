"""A data set of dated facts, and the constants that the questions take from it.

The constants depend on the facts alone: they are what is commonest, the names deciding between equals.
"""

import collections
import gzip
import os
from typing import NamedTuple


class Constants(NamedTuple):
    P: str
    Q: str
    R: str
    S: str
    U: str
    O: str
    Z: str
    I: str
    D: str
    W: str
    times_of_day: list  # the times in the data that are in D
    times_of_window: list  # and in W
    unit: str  # what times are grouped by
    width: int  # how many characters of a time say its unit
    span: tuple  # a length of time: how many, of what


class Data:
    """The facts of one file: rows of subject, predicate, object and time as texts."""

    def __init__(self, path):
        self.path = path
        self.name = os.path.basename(path).split(".")[0]
        with gzip.open(path, "rt", encoding="utf-8", newline="\n") as file:
            next(file)
            self.rows = [tuple(line.rstrip("\n").split("\t")) for line in file]
        self.times = sorted({row[3] for row in self.rows})
        self.has_minutes = "T" in self.times[0]
        self.predicates = _by_count(row[1] for row in self.rows)
        self.constants = self._choose()

    def _choose(self):
        subjects = _by_count(row[0] for row in self.rows)
        p, q, r = self.predicates[1], self.predicates[3], self.predicates[4]
        reached_by = collections.defaultdict(set)
        for _, predicate, o, _ in self.rows:
            reached_by[predicate].add(o)
        in_both = reached_by[p] & reached_by[r]
        objects = _by_count(row[2] for row in self.rows if row[2] in in_both)
        moment = _by_count(row[3] for row in self.rows)[0]
        day = moment[:10]
        window = f"{day[:8]}10..{day[:8]}12" if self.has_minutes else day[:7]
        return Constants(
            P=p, Q=q, R=r, S=subjects[0], U=subjects[len(subjects) // 4],
            O=_by_count(row[2] for row in self.rows if row[0] == subjects[0])[0],
            Z=objects[len(objects) // 4], I=moment, D=day, W=window,
            times_of_day=[t for t in self.times if t[:10] == day],
            times_of_window=[t for t in self.times if _within(t, window)],
            unit="day" if self.has_minutes else "month",
            width=10 if self.has_minutes else 7,
            span=(6, "hours") if self.has_minutes else (7, "days"))


def _within(time, window):
    first, _, last = window.partition("..")
    return first <= time[:len(first)] <= (last or first)


def _by_count(values):
    counts = collections.Counter(values)
    return sorted(counts, key=lambda value: (-counts[value], value))
