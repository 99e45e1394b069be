"""A process that answers questions line by line, and what it takes to get an answer from it."""

import glob
import os
import select
import statistics
import subprocess

LIMIT = 20.0  # seconds a run may take
BUDGET = 4.0  # seconds after which no further run of a question begins
RUNS = 5


class Late(Exception):
    """The answer took longer than LIMIT."""


class Failed(Exception):
    """The process ended without an answer."""


class Asker:
    """Starts `command` when it is first asked, and again after an answer that was late."""

    def __init__(self, command):
        self._command = command
        self._process = None
        self.peak_bytes = 0

    def ask(self, question):
        """The seconds that the answer took, its first row, and the seconds of opening if this opened."""
        opened = 0.0
        if self._process is None:
            self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE,
                                             stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            opened = float(self._line())
        self._process.stdin.write(question.encode() + b"\n")
        self._process.stdin.flush()
        seconds, first = self._line().split("\t", 1)
        return float(seconds), first, opened

    def _line(self):
        ready, _, _ = select.select([self._process.stdout], [], [], LIMIT)
        if not ready:
            self.close(kill=True)
            raise Late()
        line = self._process.stdout.readline().decode()
        if not line:
            message = self._process.stderr.read().decode()
            self.close(kill=True)
            raise Failed(message)
        return line.rstrip("\n")

    def close(self, kill=False):
        process, self._process = self._process, None
        if process is None:
            return
        try:
            with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
                peak = [line.split()[1] for line in status if line.startswith("VmHWM")]
            self.peak_bytes = max(self.peak_bytes, int(peak[0]) * 1024 if peak else 0)
        except OSError:
            pass  # There is no /proc on this system, or the process has ended.
        if kill:
            process.kill()
        process.stdin.close()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def warm(asker, question):
    """The median seconds of the runs after the first, and the first row of the answer."""
    seconds, first, _ = asker.ask(question)
    spent, times = seconds, []
    while len(times) < RUNS and spent < BUDGET:
        again, _, _ = asker.ask(question)
        times.append(again)
        spent += again
    return statistics.median(times or [seconds]), first


def cold(command, folder, question):
    """The seconds of opening and a first answer in a new process, with no page of the store in memory."""
    for path in [folder] if os.path.isfile(folder) else glob.glob(folder + "/**", recursive=True):
        if os.path.isfile(path):
            forget(path)
    asker = Asker(command)
    try:
        seconds, _, opened = asker.ask(question)
        return seconds + opened
    finally:
        asker.close()


def forget(path):
    """Drops a file's pages from the page cache."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)
