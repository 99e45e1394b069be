"""What was measured over one data set, as tables in Markdown. Annals is the first column."""

import math
from typing import NamedTuple, Optional

import estimates
from asker import LIMIT


WHOLE_SCAN = ("scan", "all facts")


class Answer(NamedTuple):
    """One store's answer to one question; all empty where its language can't ask it."""
    warm: Optional[float] = None
    cold: Optional[float] = None
    first_row: Optional[str] = None
    late: bool = False
    failed: bool = False


class Column(NamedTuple):
    """One store."""
    load: Optional[float]
    bytes_per_fact: float
    peak_bytes: int
    answers: list


class Figures:
    def __init__(self, name, facts, questions, peers):
        self._name = name
        self._facts = facts
        self._questions = questions
        self._peers = peers
        self._columns = []
        self.estimates = []  # of Annals's joins

    def add(self, column):
        self._columns.append(column)

    def unequal(self):
        """How many questions have answers that differ or failed."""
        return sum(not self._equal(row) for row in self._rows())

    def markdown(self):
        return "\n".join([f"## {self._name}, {self._facts:,} facts", "", *self._stores(), "",
                          "Warm:", "", *self._table("warm"), "", *self._summary(),
                          *estimates.markdown(self.estimates),
                          "Cold:", "", *self._table("cold"), ""])

    def _rows(self):
        return list(zip(*(column.answers for column in self._columns)))

    @staticmethod
    def _equal(row):
        given = {answer.first_row for answer in row if answer.first_row is not None}
        return len(given) <= 1 and not any(answer.failed for answer in row)

    def _stores(self):
        def line(what, values):
            return f"| {what} | " + " | ".join(values) + " |"
        return [line("", ["Annals", *self._peers]), line("---", ["---"] * len(self._columns)),
                line("load, s", ["-" if c.load is None else f"{c.load:.2f}"
                                 for c in self._columns]),
                line("bytes a fact on disk", [f"{c.bytes_per_fact:.0f}" for c in self._columns]),
                line("peak memory of the questions, MB",
                     [f"{c.peak_bytes / 1e6:.0f}" for c in self._columns])]

    def _summary(self):
        """What the goals speak of."""
        slower = sum(_is_slower(row, "warm") for row in self._rows())
        yield f"Slower than the fastest peer: {slower} of {len(self._questions)}."
        for question, row in zip(self._questions, self._rows()):
            if (question.kind, question.what) == WHOLE_SCAN and row[0].warm is not None:
                yield f"The scan of all facts: {self._facts / row[0].warm / 1e6:.0f}M facts/s."
        yield ""

    def _table(self, state):
        """Annals in milliseconds; each peer in milliseconds and as a multiple of Annals."""
        yield "| | Annals, ms | " + " | ".join(f"{p}, ms | ratio" for p in self._peers) + " | |"
        yield "| --- " * (3 + 2 * len(self._peers)) + "|"
        logs = [[] for _ in self._peers]
        for question, row in zip(self._questions, self._rows()):
            ours = getattr(row[0], state)
            cells = [_milliseconds(row[0], ours)]
            for answer, log in zip(row[1:], logs):
                theirs = getattr(answer, state)
                cells.append(_milliseconds(answer, theirs))
                cells.append("" if None in (ours, theirs) else f"{theirs / ours:.2g}"
                             if theirs < 10 * ours else f"{theirs / ours:.0f}")
                if None not in (ours, theirs):
                    log.append(math.log(theirs / ours))
            notes = [_shown_answer(row)] if state == "warm" else []
            if not self._equal(row):
                notes.append("**unequal**")
            if _is_slower(row, state):
                notes.append("**slower**")
            note = " ".join(notes)
            yield f"| {question.kind}: {question.what} | " + " | ".join(cells) + f" | {note} |"
        means = [f" | {math.exp(sum(log) / len(log)):.1f}" if log else " | " for log in logs]
        yield "| geometric mean | |" + " |".join(means) + " | |"


def _is_slower(row, state):
    """Whether a peer's answer came before the one of Annals."""
    ours, *theirs = [getattr(answer, state) for answer in row]
    given = [seconds for seconds in theirs if seconds is not None]
    return bool(given) and (row[0].late if ours is None else min(given) < ours)


def _milliseconds(answer, seconds):
    if answer.late:
        return f"> {LIMIT:.0f} s"
    if answer.failed:
        return "failed"
    return "-" if seconds is None else f"{seconds * 1e3:.3g}" if seconds < 1 else f"{seconds * 1e3:.0f}"


def _shown_answer(row):
    """The first row; all that were given where they differ."""
    given = list(dict.fromkeys(a.first_row for a in row if a.first_row is not None))
    return " and ".join(text.replace("|", ", ") for text in given)
