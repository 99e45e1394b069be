"""What the tests of the shell share: the program's path, a fresh folder each, runs and terminals."""

import errno
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

SHELL = None

# Generous: sanitizers and a busy machine are slow, and a test that waits in vain fails anyway.
PATIENCE = 60

# Rows without end, as far as patience goes: four patterns that share nothing.
ENDLESS = (
    "find count(*) as n where (?a, knows, ?b) and (?c, knows, ?d) and (?e, knows, ?f) "
    "and (?g, knows, ?h);"
)


def people(count):
    """An `add` of so many facts for ENDLESS."""
    return "add " + " ".join(f"(P{i}, knows, Q{i})" for i in range(count)) + ";"


# By itself a sanitizer's report ends the program with 1, as a wrong question does. RocksDB isn't
# instrumented for ThreadSanitizer, so what happens inside it is not judged.
SANITIZER_OPTIONS = {
    "ASAN_OPTIONS": "exitcode=99",
    "UBSAN_OPTIONS": "exitcode=99:print_stacktrace=1",
    "TSAN_OPTIONS": "exitcode=99:ignore_noninstrumented_modules=1",
}


def environment(folder):
    options = {name: f"{ours}:{os.environ.get(name, '')}" for name, ours in SANITIZER_OPTIONS.items()}
    return {
        **options,
        "HOME": folder,
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "TERM": "vt100",
    }


class ShellCase(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="annals-shell-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.database = os.path.join(self.folder, "db")

    def path(self, name, content=None):
        path = os.path.join(self.folder, name)
        if content is not None:
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
        return path

    def start(self, *arguments, **options):
        return subprocess.Popen(
            [SHELL, *arguments],
            stdin=options.pop("stdin", subprocess.PIPE),
            stdout=options.pop("stdout", subprocess.PIPE),
            stderr=subprocess.PIPE,
            cwd=self.folder,
            env=environment(self.folder),
            text=True,
            encoding="utf-8",
            **options,
        )

    def run_shell(self, *arguments, text=""):
        """Runs to the end; returns (exit code, standard output, standard error)."""
        process = self.start(*arguments)
        try:
            out, err = process.communicate(text, timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            self.fail(f"{arguments} did not end")
        self.assertNotEqual(process.returncode, 99, err)
        return process.returncode, out, err

    def check(self, *arguments, text="", code=0, out=None, err=None):
        """Like run_shell; `out` is compared whole, `err` is a pattern to be found."""
        result = self.run_shell(*arguments, text=text)
        self.assertEqual(result[0], code, result)
        if out is not None:
            self.assertEqual(result[1], out, result)
        if err == "":
            self.assertEqual(result[2], "", result)
        elif err is not None:
            self.assertRegex(result[2], err)
        return result


class Terminal:
    """The shell at a pseudo-terminal of 80 by 24."""

    def __init__(self, case, *arguments, columns=80, env=None, stdout=None):
        self.case = case
        self.text = ""  # all that was shown
        self.seen = 0  # up to where it was expected
        self.raw = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            os.chdir(case.folder)
            if stdout is not None:
                os.dup2(os.open(stdout, os.O_WRONLY | os.O_CREAT, 0o600), 1)
            os.execve(SHELL, [SHELL, *arguments], {**environment(case.folder), **(env or {})})
        self.resize(columns)
        case.addCleanup(self.close)

    def resize(self, columns):
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))

    def close(self):
        if self.pid is not None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
            self.pid = None
        os.close(self.fd)

    def type(self, text):
        os.write(self.fd, text.encode())

    def line(self, text):
        self.type(text + "\n")

    def _read(self, until):
        ready, _, _ = select.select([self.fd], [], [], max(0, until - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 1 << 16)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            data = b""
        self.raw += data
        text = self.raw.decode("utf-8", "replace").replace("\r\n", "\n")
        self.text = re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|[=>()][A-Z0-9]?)", "", text)
        return bool(data)

    def wait(self, seconds):
        """Lets time pass and takes what is shown, as terminals do: the kernel drops what nobody has
        read yet when Ctrl-C is typed."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self._read(until)

    def wait_until_busy(self):
        """Until the shell has worked for a tenth of a second: a long question runs."""
        until = time.monotonic() + PATIENCE
        begun = self._processor_time()
        while self._processor_time() < begun + 0.1 and time.monotonic() < until:
            self.wait(0.05)

    def _processor_time(self):
        with open(f"/proc/{self.pid}/stat", encoding="utf-8") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def expect(self, text, patience=PATIENCE):
        """Waits until this text is shown, and returns what was shown before it since last time."""
        until = time.monotonic() + patience
        while True:
            at = self.text.find(text, self.seen)
            if at >= 0:
                before = self.text[self.seen : at]
                self.seen = at + len(text)
                return before
            if not self._read(until):
                self.case.fail(f"expected {text!r}, saw {self.text[self.seen :]!r}")

    def prompt(self):
        return self.expect("annals> ")

    def exit_code(self):
        """Waits for the end of the shell."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.pid = None
                code = os.waitstatus_to_exitcode(status)
                if code == 99:
                    while self._read(time.monotonic()):
                        pass
                    self.case.fail(self.text[self.seen :])
                return code
            self._read(time.monotonic() + 0.05)
        self.case.fail(f"the shell did not end; saw {self.text[self.seen :]!r}")


def main():
    global SHELL
    SHELL = os.path.abspath(sys.argv.pop(1))
    # The test files import this module under its own name, while they are __main__.
    unittest.main(module="__main__")
