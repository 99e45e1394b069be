"""How far the optimizer's estimates of joins are from the rows that come out of them."""

import re
import statistics
import subprocess

from asker import LIMIT

# "    anti join on ?a  ~12 rows  | 1,234 rows in 1 batch, ...", as `profile` prints an operator.
_JOIN = re.compile(r"^\s*(?:\w+ )?join\b.*?~(\d+) rows\s+\| ([\d,]+) rows?\b")


class Estimate:
    """Estimated and actual rows of one join."""

    def __init__(self, question, estimated, actual):
        self.question = question
        self.estimated = estimated
        self.actual = actual

    def error(self):
        """How many times the one is the other; less than a row counts as one."""
        low, high = sorted((max(self.estimated, 1), max(self.actual, 1)))
        return high / low


def of_joins(build, folder, texts):
    """The joins in the profiles of questions: pairs of a question's name and its text.

    Those of questions that take too long are left out.
    """
    found = []
    for name, text in texts:
        try:
            plan = subprocess.run([f"{build}/annals", folder, "-c", f"profile {text}"], check=True,
                                  capture_output=True, text=True, timeout=LIMIT).stdout
        except subprocess.TimeoutExpired:
            continue
        for line in plan.splitlines():
            join = _JOIN.match(line)
            if join:
                found.append(Estimate(name, int(join[1]), int(join[2].replace(",", ""))))
    return found


def markdown(estimates):
    if not estimates:
        return []
    errors = [estimate.error() for estimate in estimates]
    lines = [f"Estimates of {len(errors)} joins: off by {statistics.median(errors):.1f} times on the "
             "median. The worst:", "", "| | estimated rows | rows |", "| --- | --- | --- |"]
    for estimate in sorted(estimates, key=Estimate.error, reverse=True)[:8]:
        lines.append(f"| {estimate.question} | {estimate.estimated:,} | {estimate.actual:,} |")
    return [*lines, ""]
