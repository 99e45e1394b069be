"""What the tests of reliability share: the program's path, a fresh folder each, and its runs."""

import csv
import io
import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

PROGRAM = os.path.abspath(sys.argv.pop(1)) if len(sys.argv) > 1 else ""

# Exit codes.
OK, WRONG, USAGE, BUSY, CORRUPT, IO, LIMIT, DEFECT = 0, 1, 2, 3, 4, 5, 6, 70
TERMINATED = 143

# The sanitizers that the program is built with, by CTest: "address,undefined", "thread" or none.
# They reserve terabytes of addresses, so that limits of memory can't be set under them.
SANITIZED = os.environ.get("ANNALS_TEST_SANITIZE", "")

# Generous: a busy machine is slow, and a run that waits in vain fails anyway. Sanitizers take ten times
# as long for what reads character by character.
PATIENCE = 600 if SANITIZED else 120

# By itself a report ends the program with 1, as a wrong question does. RocksDB isn't instrumented for
# ThreadSanitizer, so what happens inside it is not judged.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "exitcode=99",
    "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=99:ignore_noninstrumented_modules=1",
}

FACTS = "find count(*) as n where (?s, ?p, ?o);"


def effort(rounds):
    """So many rounds, scaled by the percentage in ANNALS_TEST_EFFORT; at least one."""
    return max(1, rounds * int(os.environ.get("ANNALS_TEST_EFFORT", "100")) // 100)


def environment(folder, **more):
    options = {name: f"{ours}:{os.environ.get(name, '')}" for name, ours in SANITIZER_OPTIONS.items()}
    return {**options, "HOME": folder, "PATH": os.environ["PATH"], "LANG": "C.UTF-8", **more}


def limited(**limits):
    """A preexec_fn that sets such limits: limited(AS=1 << 30, NOFILE=20)."""

    def apply():
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))

    return apply


def memory(size):
    """Options of a run that may use so many bytes; without effect under sanitizers."""
    return {} if SANITIZED else {"preexec_fn": limited(AS=size)}


class Result:
    def __init__(self, code, out, err, seconds, peak):
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds
        self.peak = peak  # bytes of memory at its height

    def __repr__(self):
        return f"exit {self.code} after {self.seconds:.2f} s\n{self.out[:2000]}{self.err[:4000]}"


class ProgramCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="annals-reliability-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.database = os.path.join(self.folder, "db")

    def path(self, name, content=None):
        """A path in the test's folder, with this content (text or bytes) if there is one."""
        path = os.path.join(self.folder, name)
        if content is not None:
            if isinstance(content, str):
                content = content.encode()
            with open(path, "wb") as file:
                file.write(content)
        return path

    def start(self, *arguments, env=None, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(
            [PROGRAM, *arguments], cwd=self.folder, env=environment(self.folder, **(env or {})),
            **options,
        )

    def run_program(self, *arguments, text=None, **options):
        """Runs to the end, which must come."""
        out_path, err_path = self.path(".out"), self.path(".err")
        began = time.monotonic()
        with open(out_path, "w+b") as out, open(err_path, "w+b") as err:
            if text is not None:
                options["stdin"] = open(self.path(".in", text), "rb")
            process = self.start(*arguments, stdout=out, stderr=err, **options)
            if text is not None:
                options["stdin"].close()
            code, peak = self.wait(process)
            out.seek(0)
            err.seek(0)
            result = Result(code, out.read().decode("utf-8", "replace"),
                            err.read().decode("utf-8", "replace"), time.monotonic() - began, peak)
            self.assertNotEqual(code, 99, result)
            return result

    def wait(self, process):
        until = time.monotonic() + PATIENCE
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                process.returncode = os.waitstatus_to_exitcode(status)
                return process.returncode, usage.ru_maxrss * 1024
            if time.monotonic() > until:
                process.kill()
                os.wait4(process.pid, 0)
                self.fail("the program did not end")
            time.sleep(0.002)

    def check(self, *arguments, code=OK, out=None, err=None, **options):
        """Runs it; `out` is compared whole, `err` is a pattern to be found."""
        result = self.run_program(*arguments, **options)
        self.assertEqual(result.code, code, result)
        if out is not None:
            self.assertEqual(result.out, out, result)
        if err is not None:
            self.assertRegex(result.err, err, result)
        if code != OK:
            self.assertEqual(len(re.findall(r"(?m)^error: ", result.err)), 1, result)
            self.assertNotRegex(result.err, r"(?i)assert|terminate called|sanitizer", result)
        return result

    def counts_by_source(self, *questions, options=()):
        """For each question that finds ?source and its count ?n: {source: n}."""
        arguments = [word for question in questions for word in ("-c", question)]
        result = self.check(self.database, "--format", "csv", *options, *arguments)
        answers = []
        for row in csv.reader(io.StringIO(result.out)):
            if row == ["source", "n"]:
                answers.append({})
            else:
                answers[-1][row[0]] = int(row[1])
        return answers

    def count(self, *arguments, **options):
        """How many facts the database holds, by its own answer."""
        result = self.check(self.database, "--format", "csv", "-c", FACTS, *arguments, **options)
        return int(result.out.split()[1])


def main():
    if not PROGRAM:
        sys.exit(f"usage: {sys.argv[0]} ANNALS [unittest's options]")
    result = unittest.main(module="__main__", exit=False).result
    for case, reason in result.skipped:
        print(f"SKIP: {case.id()}: {reason}", file=sys.stderr)
    sys.exit(not result.wasSuccessful())
