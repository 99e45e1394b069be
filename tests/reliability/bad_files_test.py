#!/usr/bin/env python3
"""Files that can't be loaded, or nearly: a clear error with its place, nothing stored, and on it goes.

    bad_files_test.py ANNALS [unittest's options]
"""

import gzip
import json
import os
import signal
import socket
import threading
import time
import unittest
import zlib

from program import IO, LIMIT, OK, PATIENCE, SANITIZED, WRONG, ProgramCase, main, memory

HEADER = "subject,predicate,object,time\n"
ROW = "Ada,visited,London,1842-06\n"
ROW_JSON = '{"subject": "Ada", "predicate": "visited", "object": "London"}\n'
MIB = 1 << 20


class Loading(ProgramCase):
    """A database that holds one fact already."""

    def setUp(self):
        super().setUp()
        self.check(self.database, "-c", "add (Before, stays, Here);")

    def load(self, name, content=None, how="", **options):
        if content is not None:
            self.path(name, content)
        return self.check(self.database, "-c", f'load "{name}"{how};', **options)

    def refused(self, name, content, err, how="", code=WRONG, **options):
        """The load fails so; nothing of it is stored; the next load works."""
        result = self.load(name, content, how, code=code, err=err, **options)
        self.assertRegex(result.err, r"\Aerror: ", result)
        self.assertEqual(self.count(), 1)
        return result

    def accepted(self, name, content, facts, how="", err=None):
        result = self.load(name, content, how, err=err)
        self.assertEqual(self.count(), 1 + facts, result)
        return result

    def asked(self, question):
        return self.check(self.database, "--format", "tsv", "-c", question).out.splitlines()[1:]


class Waiting(Loading):
    """What comes through a named pipe is waited for, until somebody doesn't want to any more."""

    def setUp(self):
        super().setUp()
        os.mkfifo(self.path("pipe.csv"))

    def test_a_time_limit(self):
        self.check(self.database, "--timeout", "0.3", "-c", 'load "pipe.csv";', code=LIMIT,
                   err="time limit")
        self.assertEqual(self.count(), 1)

    def test_a_signal(self):
        for arguments in (["-c", 'load "pipe.csv";'], ["-f", "pipe.csv"]):
            process = self.start(self.database, *arguments)
            # Opening it for writing waits until it is read.
            with open(self.path("pipe.csv"), "wb"):
                process.send_signal(signal.SIGTERM)
                code, _ = self.wait(process)
            process.communicate()
            self.assertEqual(code, 128 + signal.SIGTERM)
        self.assertEqual(self.count(), 1)

    def test_a_slow_writer(self):
        process = self.start(self.database, "-c", 'load "pipe.csv";')
        with open(self.path("pipe.csv"), "wb", buffering=0) as pipe:
            for piece in (HEADER, ROW[:7], ROW[7:]):
                pipe.write(piece.encode())
                time.sleep(0.1)
        process.communicate()
        self.assertEqual(process.returncode, OK)
        self.assertEqual(self.count(), 2)


class Reports(Loading):
    def test_a_report_over_an_input(self):
        self.path("other.csv", HEADER)
        for report in ("own.csv", "./own.csv", "other.csv"):
            self.path("own.csv", HEADER + "x\n" + ROW)
            self.check(self.database, "-c",
                       f'load "own.csv", "other.csv" on error skip report "{report}";',
                       code=WRONG, err="the report would replace")
            with open(self.path("own.csv"), encoding="utf-8") as file:
                self.assertEqual(file.read(), HEADER + "x\n" + ROW)

    def test_a_report_in_the_database(self):
        self.load("own.csv", HEADER + ROW, ' on error skip report "db/CURRENT"', code=WRONG,
                  err="another place")
        self.assertEqual(self.count(), 1)

    def test_what_is_passed_over_can_be_mended(self):
        rows = "Ada\tvisited\tLondon\t1842-13\nBob\tvisited\tParis\t1842\n"
        how = " as (subject, predicate, object, time)"
        self.accepted("table.tsv", rows, 1, how=how + ' on error skip report "rejects.tsv"')
        with open(self.path("rejects.tsv"), encoding="utf-8") as file:
            lines = [line.split("\t", 4)[4] for line in file][1:]
        self.assertEqual(lines, ["Ada\tvisited\tLondon\t1842-13\n"])


class Encodings(Loading):
    def test_empty(self):
        self.accepted("empty.csv", "", 0, err="no facts")
        self.accepted("empty.tsv", "", 0, how=" as (subject, predicate, object)", err="no facts")
        self.accepted("empty.annals", "", 0, err="no facts")
        self.accepted("empty.csv.gz", gzip.compress(b""), 0, err="no facts")
        self.accepted("nothing.csv.gz", b"", 0, err="no facts")
        self.accepted("header.csv", HEADER, 0, err="no facts")
        self.accepted("blank.csv", "\n\n" + HEADER + "\n", 0, err="no facts")

    def test_utf_16(self):
        for name in "utf-16-le", "utf-16-be":
            content = ("\ufeff" + HEADER + ROW).encode(name)
            self.refused("wide.csv", content, "UTF-16.*convert it to UTF-8")
        self.refused("wide.annals", ("\ufeff" + "add (a, b, c);").encode("utf-16-le"), "UTF-16")
        for ending in "csv", "tsv", "annals", "jsonl", "nt", "nq", "ttl", "trig":
            for encoding in "utf-16-le", "utf-16-be":
                self.refused("wide." + ending, (HEADER + ROW).encode(encoding),
                             "looks like UTF-16.*convert it to UTF-8")

    def test_byte_order_mark(self):
        self.accepted("marked.csv", "\ufeff" + HEADER + ROW, 1)
        self.accepted("marked.annals", "\ufeffadd (Ada, born, London);", 2)
        self.assertEqual(self.asked("(Ada, visited, ?x);"), ["London"])

    def test_invalid_utf_8(self):
        for bad in b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82", b"\x80", b"\xff":
            content = (HEADER + ROW).encode() + b"Bob,likes," + bad + b",2001\n"
            at = len(HEADER + ROW) + len("Bob,likes,")
            self.refused("bad.csv", content, rf"bad\.csv:3: not UTF-8 at byte {at}; convert")
            self.refused("bad.annals", b"add (Ada, likes, " + bad + b");", "not UTF-8 at byte 17")
        # A character that the file's end cuts.
        self.refused("cut.csv", (HEADER + "Bob,likes,Jam").encode() + b"\xe2\x82", "not UTF-8 at byte")

    def test_invalid_utf_8_beyond_the_first_megabyte(self):
        rows = "".join(f"Ada,visited,Größe {i},1842\n" for i in range(60000)).encode()
        content = HEADER.encode() + rows + b"Bob,likes,\xff,1842\n"
        at = len(HEADER) + len(rows) + len("Bob,likes,")
        self.refused("far.csv", content, rf"far\.csv:60002: not UTF-8 at byte {at};")

    def test_nul(self):
        self.refused("nul.csv", HEADER + ROW + "Bob,likes,J\0m,2001\n", r"nul\.csv:3: a NUL character")
        self.refused("nul.annals", "add (Bob, likes, J\0m);", "NUL")


class JsonLines(Loading):
    def test_nesting(self):
        deep = "[" * 100000 + "]" * 100000
        for content in deep, '{"subject": "a", "predicate": "b", "object": ' + deep + "}", "[" * 100000:
            self.refused("deep.jsonl", content, r"deep\.jsonl:1:\d+: ")

    def test_cut(self):
        line = '{"id": "A", "facts": [{"subject": "a", "predicate": "b", "object": "c\\u0041"}]}'
        for length in range(2, len(line)):
            self.refused("cut.jsonl", ROW_JSON + line[:length], r"cut\.jsonl:2:\d+: ")
        self.accepted("whole.jsonl", ROW_JSON + line, 3)

    def test_the_last_line_of_many(self):
        lines = "".join(json.dumps({"subject": f"S{i}", "predicate": "p", "object": i}) + "\n"
                        for i in range(50000))
        self.refused("long.jsonl", lines + '{"subject": "x"}', r"long\.jsonl:50001:1: .*predicate")
        self.accepted("good.jsonl", lines, 50000)

    def test_encodings(self):
        self.accepted("empty.jsonl", "", 0, err="no facts")
        self.refused("bad.jsonl", ROW_JSON.encode() + b'{"subject": "\xff"}', "not UTF-8 at byte")
        self.accepted("marked.jsonl", "\ufeff" + ROW_JSON.replace("\n", "\r\n"), 1)


    def test_odd_values(self):
        for value, column, said in (
            ("NaN", 46, "expected a JSON value"),
            ("1e999", 46, "this is not a number that can be kept"),
            ("-Infinity", 46, ""),
            ('"x\\u0000"', 46, "a NUL character"),
            ('"x\\ud800"', 46, "this text holds a wrong escape"),
            ('{"iri": "http://x y"}', 54, "expected an IRI"),
            ('{"iri": "http://x/<"}', 54, "expected an IRI"),
        ):
            with self.subTest(value):
                self.refused("odd.jsonl", ROW_JSON + '{"subject": "a", "predicate": "b", "object": ' + value + "}\n",
                             rf"odd\.jsonl:2:{column}: {said}")
        self.refused("keys.jsonl", ROW_JSON + '{"subject": "a", "predicate": "b", "subject": "c"}',
                     r"keys\.jsonl:2:36: the key 'subject' stands here for the second time")


class Rdf(Loading):
    GOOD = '<http://x.org/a> <http://x.org/p> "x" .\n'
    NAMES = "bad.nt", "bad.nq", "bad.ttl", "bad.trig"

    def test_encodings(self):
        for name in self.NAMES:
            with self.subTest(name):
                self.refused(name, self.GOOD.encode() + b'<http://x.org/a> <p:q> "\xed\xa0\x80" .\n',
                             rf"{name}:2: not UTF-8 at byte {len(self.GOOD) + 24}")
                self.refused(name, self.GOOD + '<http://x.org/a> <p:q> "x\0" .\n', rf"{name}:2: a NUL")
                self.refused(name, ("\ufeff" + self.GOOD).encode("utf-16-le"), "UTF-16")
        self.accepted("marked.nt", "\ufeff" + self.GOOD.replace("\n", "\r\n"), 1)
        self.accepted("marked.ttl", "\ufeff@prefix x: <http://x.org/> .\rx:a x:p x:o .\r", 2)

    def test_iris(self):
        for name in self.NAMES:
            for iri in "http://x.org/a b", "http://x.org/<a", "http://x.org/\x01", "http://x.org/\\u0020":
                with self.subTest(name + " " + iri):
                    self.refused(name, self.GOOD + f"<{iri}> <p:q> <p:o> .\n", rf"{name}:2:\d+: invalid")
        self.refused("bad.annals", "add (a, b, <http://x y>);", r"bad\.annals:1:21: ")

    def test_escapes(self):
        for name in self.NAMES:
            self.refused(name, self.GOOD + '<http://x.org/a> <p:q> "x\\u0000" .\n', f"{name}.*NUL")
            self.refused(name, self.GOOD + '<http://x.org/a> <p:q> "x\\ud800" .\n', f"{name}.*no character")

    def test_cut(self):
        line = '<http://x.org/a> <http://x.org/p> "x\\n"@en .'
        for name in self.NAMES:
            for length in 17, 35, len(line) - 2:
                with self.subTest(f"{name} {length}"):
                    self.refused(name, self.GOOD + line[:length], rf"{name}:[23]:\d+: ")

    def test_nesting(self):
        for opening in "[ <p:q> ", "( ":
            self.refused("deep.ttl", "<p:s> <p:p> " + opening * 100000, r"deep\.ttl:1:\d+: brackets are nested")
        shallow = "<p:s> <p:p> " + "[ <p:q> " * 900 + "1" + " ]" * 900 + " ."
        quoted = ' # [[(\n<p:a> <p:b> """[[((""", "\\"((" .'
        self.accepted("shallow.ttl", shallow + quoted, 903)


class Rows(Loading):
    def test_open_quote(self):
        self.refused("open.csv", HEADER + ROW + '"Bob,likes,Jam,2001\n' + ROW * 1000,
                     r"open\.csv:3: .*never\s+closed")
        self.refused("after.csv", HEADER + '"Bob"s,likes,Jam,2001\n', r"after\.csv:2:6: expected ','")

    def test_columns(self):
        self.refused("few.csv", HEADER + ROW + "Bob,likes\n", r"few\.csv:3:\d+: expected 4 columns")
        self.refused("many.csv", HEADER + ROW + "Bob,likes,Jam,2001,x\n",
                     r"many\.csv:3:20: expected 4 columns, found 5")
        self.refused("few.tsv", "Ada\tlikes\n", r"few\.tsv:1:\d+: expected 3 columns",
                     how=" as (subject, predicate, object)")
        self.refused("none.csv", "who,did,what\n" + ROW, r"none\.csv:1.* no column is called 'subject'")
        self.refused("wide.csv", HEADER[:-1] + ",x" * 100000 + "\n" + ROW,
                     r"wide\.csv:1:\d+: this line has more than 10000 columns; is the file really a table of facts\?")
        self.refused("wide_row.csv", HEADER + ROW + "Bob,likes" + ",x" * 100000 + "\n",
                     r"wide_row\.csv:3:\d+: this line has more than 10000 columns;")
        self.refused("narrow.csv", ROW, "there are 10003 columns; a table of facts has 10000 at most",
                     how=" as (subject, predicate, object" + ", _" * 10000 + ")")
        self.refused("blank.csv", HEADER + ",likes,Jam,2001\n", r"blank\.csv:2:1: .*empty")
        names = "".join(f",q{i}" for i in range(9996))
        self.accepted("wide_enough.csv", HEADER[:-1] + names + "\nBob,likes,Jam,2001" + ",x" * 9996 + "\n", 9997)

    def test_line_ends(self):
        lines = ["subject,predicate,object,time", "Ada,likes,Jam,2001", "Bob,likes,Tea,2002"]
        self.accepted("crlf.csv", "\r\n".join(lines) + "\r\n", 2)
        self.accepted("cr.csv", "\r".join(lines).replace("Bob", "Cid"), 3)
        self.assertEqual(self.asked("(?x, likes, Tea, ?t) order by ?x;"), ["Bob\t2002", "Cid\t2002"])
        for end in "\r\n", "\r", "\n":
            bad = end.join(lines + ["Dee,likes,Jam,2023-02-29"])
            self.load("bad.csv", bad, code=WRONG, err=r"bad\.csv:4:15: ")
        # Line ends within quotes count too.
        self.load("quoted.csv", HEADER + '"A\nB",likes,Jam,2001\n' + "Dee,likes,Jam,2023-13\n",
                  code=WRONG, err=r"quoted\.csv:4:15: ")
        self.assertEqual(self.count(), 4)

    def test_times(self):
        for time, said in (
            ("2023-02-29", "28 days"),
            ("2024-13-01", "month"),
            ("2024-00-10", "month"),
            ("2024-01-00", "day"),
            ("2024-06-19T25:00", "hour"),
            ("2024..2023", "[Ee]nd.*before|before.*(start|begin)"),
            ("03/04/2023", "03/04/2023"),
            ("yesterday", "yesterday"),
        ):
            with self.subTest(time):
                self.refused("times.csv", HEADER + ROW + f"Bob,likes,Jam,{time}\n",
                             rf"times\.csv:3:15: (?s:.*){said}")
        self.refused("ends.csv", "subject,predicate,object,start,end\nBob,is,King,2005,2001\n",
                     r"ends\.csv:2:\d+: ")
        # As an object such text is a name, unless it has the shape of a time.
        self.refused("object.csv", "subject,predicate,object\nBob,born,2023-02-29\n",
                     r"object\.csv:2:10: ")
        self.accepted("slashes.csv", "subject,predicate,object\nBob,born,03/04/2023\n", 1)

    def test_the_last_line_of_many(self):
        rows = "".join(f"S{i % 5000},p{i % 40},O{i},2014-01-{i % 31 + 1:02}\n" for i in range(199999))
        self.refused("long.csv", HEADER + rows + "Bob,likes,Jam,2014-02-30\n", r"long\.csv:200001:15: ")
        self.accepted("good.csv", HEADER + rows, 199999)

    def test_duplicates(self):
        self.accepted("twice.csv", HEADER + ROW + ROW + ROW, 1, err="loaded 3 facts: 1 new one")
        self.accepted("twice.csv", None, 1, err="nothing new.*unchanged")
        self.accepted("other.csv", HEADER + ROW, 1, err="nothing new.*unchanged")

    def test_formulas_of_spreadsheets_are_stored_as_they_are(self):
        cell = "=cmd|' /C calc'!A0"
        self.accepted("cells.csv", f"subject,predicate,object\nAda,says,{cell}\nBob,says,+1+2\n", 2)
        self.assertEqual(self.asked("(Ada, says, ?x);"), [cell])

    def test_what_a_table_writes_it_can_read(self):
        self.check(self.database, "-c", 'add (Ada, says, "") from (A); add (Ada, says, "") {k: ""} from (B);')
        for name in "all.csv", "all.tsv":
            self.check(self.database, "-c", f'export "{name}";',
                       err="wrote 1 fact .*(?s:.*)note: 1 fact left out: a table has no empty texts")
            self.check(self.path("other " + name), "-c", f'load "{name}";', err="loaded 1 fact")

    def test_odd_characters_are_kept(self):
        names = ["Ünïted\u00a0", " blank ", "a\u200bb", "\u202eabc", "\x1b[31m", "e\u0301", "👩‍👩‍👧"]
        rows = "".join(f"{name},is,odd\n" for name in names)
        self.accepted("odd.tsv", rows.replace(",", "\t"), len(names),
                      how=" as (subject, predicate, object)")
        found = self.check(self.database, "--format", "jsonl", "-c", "(?x, is, odd);").out
        self.assertEqual({json.loads(line)["x"] for line in found.splitlines()}, set(names))


class Sizes(Loading):
    def test_one_long_line(self):
        path = self.path("long.csv")
        with open(path, "wb") as file:
            file.write(HEADER.encode() + b"Ada,says,")
            for _ in range(160):
                file.write(b"x" * MIB)
        result = self.refused("long.csv", None, r"long\.csv:2: this line is longer than 64 MB",
                              **memory(1500 * MIB))
        # AddressSanitizer keeps what was freed for a while.
        self.assertLess(result.peak, (1200 if SANITIZED else 600) * MIB)

    def test_a_cut_gzip(self):
        whole = gzip.compress((HEADER + "".join(f"S{i},p,O{i * 7919}\n".replace("\n", ",2001\n")
                                                for i in range(20000))).encode())
        for length in len(whole) - 1, len(whole) - 8, len(whole) // 2, 12:
            with self.subTest(length):
                self.refused("cut.csv.gz", whole[:length], "cut")
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 0x10
        self.refused("flipped.csv.gz", bytes(flipped), r"gzip|flipped\.csv\.gz:\d+")
        flipped = bytearray(whole)
        flipped[-6] ^= 1  # of its checksum
        self.refused("sum.csv.gz", bytes(flipped), "damaged gzip")
        self.refused("behind.csv.gz", whole + b"junk", "behind the end of its gzip data")
        more = gzip.compress(b"Another,p,O,2001\n")
        self.accepted("whole.csv.gz", whole + more + bytes(100000), 20001)

    def bomb(self, name, head, body, mebibytes):
        """A gzip file that is small and holds much: `body` (a MiB) again and again."""
        packer = zlib.compressobj(9, zlib.DEFLATED, 31)
        with open(self.path(name), "wb") as file:
            file.write(packer.compress(head.encode()))
            for _ in range(mebibytes):
                file.write(packer.compress(body))
            file.write(packer.flush())
        self.assertLess(os.path.getsize(self.path(name)), 4 * MIB)

    def test_gzip_bombs(self):
        limits = memory(1024 * MIB)
        self.bomb("zeros.csv.gz", HEADER, b"\0" * MIB, 1024)
        self.refused("zeros.csv.gz", None, r"zeros\.csv\.gz:2: a NUL", **limits)
        self.bomb("line.csv.gz", HEADER + "Ada,says,", b"x" * MIB, 1024)
        self.refused("line.csv.gz", None, r"line\.csv\.gz:2: this line is longer", **limits)

    @unittest.skipIf(SANITIZED, "memory can't be limited under sanitizers")
    def test_gzip_bombs_without_a_fault(self):
        row = b"Ada,visited,London,1842-06\n"
        self.bomb("rows.csv.gz", HEADER, row * (MIB // len(row)), 400)
        self.refused("rows.csv.gz", None, "memory", code=LIMIT, **memory(512 * MIB))
        self.bomb("script.annals.gz", "", b" " * MIB, 1024)
        self.refused("script.annals.gz", None, "memory|longer", code=LIMIT,
                     **memory(512 * MIB))


class NotFiles(Loading):
    def test_a_directory(self):
        os.mkdir(self.path("folder.csv"))
        self.refused("folder.csv", None, "this folder holds no file to be loaded")
        self.path("folder.csv/a.csv", HEADER + ROW)
        self.path("folder.csv/b.csv", HEADER + "Bob,likes\n")
        self.refused("folder.csv", None, r"folder\.csv/b\.csv:2:")
        os.remove(self.path("folder.csv/b.csv"))
        self.accepted("folder.csv", None, 1)

    def test_a_missing_file(self):
        self.refused("nowhere.csv", None, r"nowhere\.csv.*No such file", code=IO)
        self.refused("nowhere/deep.annals", None, "No such file", code=IO)
        self.path("plain", "x")
        self.refused("plain/below.csv", None, "Not a directory", code=IO)

    def test_an_unreadable_file(self):
        path = self.path("secret.csv", HEADER + ROW)
        os.chmod(path, 0)
        options = {}
        if os.geteuid() == 0:  # who may read everything: ask as nobody, on a database of its own
            os.chmod(self.folder, 0o777)
            options["preexec_fn"] = lambda: (os.setgid(65534), os.setuid(65534))
        result = self.check(self.path("other db"), "-c", 'load "secret.csv";', code=IO,
                            err=r"secret\.csv.*Permission denied", **options)
        self.assertIn("error: ", result.err)

    def test_names_that_say_no_kind(self):
        self.refused("facts", HEADER, r"\.csv")
        self.refused("facts.parquet", "", "what kind of file")

    def test_dev_zero(self):
        os.symlink("/dev/zero", self.path("zero.csv"))
        self.refused("zero.csv", None, r"zero\.csv:1: a NUL", **memory(1024 * MIB))

    def test_dev_zero_read_whole(self):
        for name in "zero.jsonl", "zero.annals", "zero.nt", "zero.ttl":
            os.symlink("/dev/zero", self.path(name))
            self.refused(name, None, rf"{name}:1: a NUL", **memory(1024 * MIB))

    def test_a_file_that_shrinks_while_it_is_read(self):
        rows = "".join(f"Row {i},listed,Value {i % 999},2024\n" for i in range(150000))
        for i in range(8):
            path = self.path("shrinks.csv", HEADER + rows)
            process = self.start(self.database, "-c", 'check "shrinks.csv";')
            time.sleep(0.02 + 0.03 * i)
            os.truncate(path, len(HEADER) + len(rows) // (i + 2))
            out, err = process.communicate(timeout=PATIENCE)
            # What was left is sound, or ends within a row.
            self.assertIn(process.returncode, (OK, WRONG, IO), err)
            self.assertEqual(self.count(), 1)

    def fifo(self, content):
        os.mkfifo(self.path("pipe.csv"))

        def write():
            with open(self.path("pipe.csv"), "wb") as pipe:
                try:
                    pipe.write(content)
                except BrokenPipeError:
                    pass

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        self.addCleanup(writer.join, 10)

    def test_a_fifo_with_facts(self):
        self.fifo((HEADER + ROW).encode())
        self.accepted("pipe.csv", None, 1)

    def test_a_fifo_with_a_fault(self):
        self.fifo((HEADER + "Bob,likes\n" + ROW * 50000).encode())
        self.refused("pipe.csv", None, r"pipe\.csv:2")

    def test_a_socket(self):
        address = self.path("socket.csv")
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(address)
            self.refused("socket.csv", None, r"socket\.csv", code=IO)


if __name__ == "__main__":
    main()
