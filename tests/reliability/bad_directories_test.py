#!/usr/bin/env python3
"""Directories that are no database, or no longer a whole one: refused by name, and never written to.

    bad_directories_test.py ANNALS [unittest's options]
"""

import glob
import hashlib
import itertools
import os
import shutil
import subprocess
import time

from program import BUSY, CORRUPT, IO, OK, ProgramCase, main

BLOCK = "find count(*) as n where (?s, p, ?o);"
ROWS = 25000  # so many that a load makes packed blocks
SLOW = "find count(*) as n where (?a, p, ?b) and (?c, p, ?d) and (?e, p, ?f);"


def listing(folder):
    """What is in a folder: names, kinds, sizes, times of change and contents."""
    result = {}
    for path, folders, files in os.walk(folder):
        for name in folders + files:
            full = os.path.join(path, name)
            info = os.lstat(full)
            digest = ""
            if os.path.isfile(full):
                with open(full, "rb") as file:
                    digest = hashlib.sha256(file.read()).hexdigest()
            result[os.path.relpath(full, folder)] = (info.st_mode, info.st_mtime_ns, digest)
    return result


class Directories(ProgramCase):
    def make(self, name="db"):
        """A database with packed blocks, and with facts in its log."""
        self.path("rows.csv", "subject,predicate,object\n"
                  + "".join(f"S{i},p,O{i * 7919 % 1009}\n" for i in range(ROWS)))
        database = self.path(name)
        self.check(database, "-c", 'load "rows.csv";')
        self.killed(database, "add (Ada, knows, Bob);", "add (Bob, knows, Cid);")
        return database

    def killed(self, database, *statements):
        """Runs them and kills the program, so that they stay in the log."""
        process = self.start(database, "-f", "-", stdin=subprocess.PIPE)
        process.stdin.write(("\n".join(statements) + "\n" + SLOW).encode())
        process.stdin.close()
        process.stdin = None
        for _ in statements:
            self.assertIn(b"added", process.stderr.readline())
        self.wait_for_tables(database)
        process.kill()
        process.communicate()

    def wait_for_tables(self, database):
        """Until tables are no longer merged: a kill in between leaves one that is no part of it."""
        tables, since = None, time.monotonic()
        while time.monotonic() - since < 0.5:
            time.sleep(0.05)
            now = sorted(glob.glob(os.path.join(database, "*.sst")))
            if now != tables:
                tables, since = now, time.monotonic()

    def untouched(self, path, code, err, *arguments):
        """Refused so, for writing and for reading, and left as it is."""
        before = listing(path)
        for options in ([], ["--read-only"]):
            result = self.check(path, *options, "-c", "(?x, knows, ?y);", *arguments, code=code,
                                err=err)
            self.assertEqual(result.out, "")
            self.assertEqual(listing(path), before)


class NotOurs(Directories):
    def test_a_folder_of_files(self):
        os.mkdir(self.path("photos"))
        self.path("photos/one.jpg", b"\xff\xd8")
        self.untouched(self.path("photos"), CORRUPT, "not an Annals database")

    def test_a_hidden_file_is_a_file_too(self):
        os.mkdir(self.path("home"))
        self.path("home/.profile", "x")
        self.untouched(self.path("home"), CORRUPT, "not an Annals database")

    def test_a_database_of_another_program(self):
        os.mkdir(self.path("rocks"))
        for name, content in (("CURRENT", "MANIFEST-000005\n"), ("MANIFEST-000005", b"\0\1\2"),
                              ("000004.log", b""), ("LOCK", b""), ("IDENTITY", "a-b-c\n")):
            self.path("rocks/" + name, content)
        self.untouched(self.path("rocks"), CORRUPT, "not an Annals database")

    def test_our_files_without_their_identity(self):
        database = self.make()
        os.remove(os.path.join(database, "ANNALS"))
        self.untouched(database, CORRUPT, "ANNALS")

    def test_a_file(self):
        path = self.path("file", "text")
        self.check(path, "-c", "(?x, knows, ?y);", code=CORRUPT, err="is a file")
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), "text")

    def test_a_folder_that_is_not_there(self):
        self.check(self.path("no/where"), "-c", "add (a, b, c);", code=IO, err="folder above")
        self.check(self.path("nowhere"), "--read-only", "-c", "(a, b, c);", code=IO, err="nowhere")
        self.assertFalse(os.path.exists(self.path("nowhere")))

    def test_an_empty_folder_becomes_one(self):
        os.mkdir(self.path("db"))
        self.check(self.path("db"), "--read-only", "-c", "(a, b, c);", code=IO, err="empty")
        self.assertEqual(os.listdir(self.path("db")), [])
        self.check(self.path("db"), "-c", "add (a, b, c);")

    def test_a_newer_format(self):
        database = self.make()
        path = os.path.join(database, "ANNALS")
        with open(path, encoding="ascii") as file:
            text = file.read()
        self.path("db/ANNALS", text.replace("format 1", "format 2"))
        self.untouched(database, CORRUPT, r"newer Annals \(format 2")
        for damaged in ("", "annals database\n", text[:-5], text.replace("format 1", "format 0"),
                        text.replace("format 1", "format x"), "x" * 1000, "\0" * 60):
            with self.subTest(damaged):
                self.path("db/ANNALS", damaged)
                self.untouched(database, CORRUPT, "ANNALS")
        self.path("db/ANNALS", text)
        self.check(database, "-c", "(Ada, knows, Bob);", out="yes\n")


class Damaged(Directories):
    """Each kind of file of a database missing, cut, emptied, and with one bit flipped."""

    def setUp(self):
        super().setUp()
        self.whole = self.make("whole")

    def damaged(self, name, damage):
        """A copy of the database, its file damaged so."""
        database = self.path("copy")
        shutil.rmtree(database, ignore_errors=True)
        shutil.copytree(self.whole, database)
        path = os.path.join(database, name)
        if damage == "missing":
            os.remove(path)
            return database
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            if damage == "cut":
                file.truncate(size * 2 // 3)
            elif damage == "emptied":
                file.truncate(0)
            else:
                at = int(size * damage)
                file.seek(at)
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 0x10]))
        return database

    def newest(self, pattern):
        return os.path.basename(max(glob.glob(os.path.join(self.whole, pattern))))

    def refused(self, name, damages, named=None):
        for damage in damages:
            with self.subTest(file=name, damage=damage):
                database = self.damaged(name, damage)
                for options in (["--read-only"], []):
                    self.check(database, *options, "-c", "(Ada, knows, Bob);", "-c", BLOCK,
                               code=CORRUPT, err=named or name)

    def test_current(self):
        self.refused("CURRENT", ("missing", "cut", "emptied", 0.0, 0.7), "CURRENT|MANIFEST")

    def test_manifest(self):
        name = self.newest("MANIFEST-*")
        self.refused(name, ("missing", "emptied", "cut", 0.3, 0.6))

    def test_a_cut_manifest_deletes_nothing(self):
        # The record that is lost names the tables of the load.
        database = os.path.join(self.folder, "loaded")
        table = os.path.join(self.folder, "facts.tsv")
        with open(table, "w", encoding="utf-8") as file:
            file.writelines(f"a{i}\tknows\tb{i}\n" for i in range(30000))
        self.check(database, "-c", f'load "{table}" as (subject, predicate, object);')
        manifest = max(glob.glob(os.path.join(database, "MANIFEST-*")))
        size = os.path.getsize(manifest)
        with open(manifest, "rb") as file:
            whole = file.read()
        for cut in size - 1, size // 2:
            os.truncate(manifest, cut)
            for options in (["--read-only"], []):
                self.check(database, *options, "-c", "(a1, knows, ?b);", code=CORRUPT,
                           err=f"{os.path.basename(manifest)} was cut: it has {cut} bytes of {size}")
        with open(manifest, "wb") as file:
            file.write(whole)
        self.check(database, "--format", "csv", "-c", "(a1, knows, ?b);", out="b\nb1\n")

    def test_log(self):
        name = self.newest("*.log")
        self.assertGreater(os.path.getsize(os.path.join(self.whole, name)), 0)
        self.refused(name, ("missing", "emptied", "cut", 0.1, 0.5),
                     rf"{name}|write-ahead log|[Cc]hecksum|\.log")

    def test_mark(self):
        self.refused("ANNALS.mark", ("missing", "emptied"), r"ANNALS\.mark")

    def test_a_half_written_mark(self):
        # One of its two slots may be torn by a power cut: the other tells a commit that is there.
        path = os.path.join(self.whole, "ANNALS.mark")
        for at in 0, 4096:
            database = self.damaged("ANNALS.mark", at / os.path.getsize(path))
            self.check(database, "-c", "(Ada, knows, Bob);", out="yes\n")

    def test_tables(self):
        # A table that was being written when the program was killed is empty, and no part of it.
        tables = sorted(filter(os.path.getsize, glob.glob(os.path.join(self.whole, "*.sst"))),
                        key=os.path.getsize)
        self.assertTrue(tables)
        name = os.path.basename(tables[-1])
        self.refused(name, ("missing", "cut", "emptied"))
        # A flipped bit is found by whoever reads it: no answer is ever another.
        right = self.check(self.whole, "--read-only", "--format", "csv", "-c", BLOCK, "-c",
                           "(?s, p, ?o) order by ?s, ?o;", "-c", "describe (S77);").out
        found = 0
        for name, place in itertools.product(map(os.path.basename, tables), (0.3, 0.6)):
            with self.subTest(file=name, place=place):
                database = self.damaged(name, place)
                result = self.run_program(database, "--read-only", "--format", "csv", "-c", BLOCK,
                                          "-c", "(?s, p, ?o) order by ?s, ?o;", "-c",
                                          "describe (S77);")
                self.assertIn(result.code, (OK, CORRUPT), result.err)
                if result.code == OK:
                    self.assertEqual(result.out, right)
                else:
                    self.assertIn(".sst", result.err)
                    found += 1
        self.assertGreater(found, 0)

    def test_a_log_of_another_database(self):
        other = self.make("other")
        name = self.newest("*.log")
        database = self.path("mixed")
        shutil.copytree(self.whole, database)
        theirs = max(glob.glob(os.path.join(other, "*.log")))
        shutil.copy(theirs, os.path.join(database, name))
        self.check(database, "-c", "(Ada, knows, Bob);", code=CORRUPT, err="log")

    def test_a_mark_of_another_database(self):
        other = self.make("other")
        shutil.copy(os.path.join(other, "ANNALS.mark"), os.path.join(self.whole, "ANNALS.mark"))
        self.check(self.whole, "-c", "(Ada, knows, Bob);", code=CORRUPT, err="another database")

    def test_an_old_log_put_back(self):
        # The log as it was a commit ago: RocksDB opens it, the mark tells what is missing.
        database = self.path("older")
        shutil.copytree(self.whole, database)
        self.killed(self.whole, "add (Cid, knows, Dee);")
        shutil.copy(os.path.join(self.whole, "ANNALS.mark"), os.path.join(database, "ANNALS.mark"))
        self.check(database, "-c", "(Ada, knows, Bob);", code=CORRUPT, err="lost commits|older manifest")


class Shared(Directories):
    def hold(self, *arguments):
        """A process that has the database open until its input ends."""
        process = self.start(self.database, *arguments, "-c", "add (Holder, holds, Lock);", "-f", "-",
                             stdin=subprocess.PIPE)
        line = process.stderr.readline()
        self.assertIn(b"fact", line)
        return process

    def release(self, process):
        process.stdin.close()
        process.stdout.close()
        process.stderr.close()
        code, _ = self.wait(process)
        self.assertEqual(code, OK)

    def test_a_second_writer(self):
        first = self.hold()
        self.check(self.database, "-c", "add (a, b, c);", code=BUSY, err="already open")
        self.check(self.database, "--read-only", "-c", "(a, b, c);", code=BUSY, err="open for writing")
        self.release(first)
        self.assertEqual(self.count(), 1)

    def test_the_lock_file_deleted(self):
        first = self.hold()
        os.remove(os.path.join(self.database, "LOCK"))
        self.check(self.database, "-c", "add (a, b, c);", code=BUSY, err="already open")
        os.symlink(self.database, self.path("another name"))
        self.check(self.path("another name"), "-c", "add (a, b, c);", code=BUSY)
        self.release(first)
        self.assertEqual(self.count(), 1)
        self.check(self.database, "-c", "add (a, b, c);")

    def test_readers_side_by_side(self):
        self.check(self.database, "-c", "add (a, b, c);")
        first = self.start(self.database, "--read-only", "-c", "find nothing(1) as n;", "-f", "-",
                           "--keep-going", stdin=subprocess.PIPE)
        first.stderr.readline()
        self.check(self.database, "--read-only", "-c", "(a, b, c);", out="yes\n")
        self.check(self.database, "-c", "add (d, e, f);", code=BUSY)
        first.stdin.close()
        first.stdout.close()
        first.stderr.close()
        self.wait(first)
        self.check(self.database, "-c", "add (d, e, f);")


if __name__ == "__main__":
    main()
