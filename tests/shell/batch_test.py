#!/usr/bin/env python3
"""The shell in scripts and pipes: exit codes, what goes where, options, signals.

    batch_test.py ANNALS [unittest's options]
"""

import json
import os
import re
import signal
import subprocess
import time

from shell_case import ENDLESS, PATIENCE, ShellCase, main, people

ADA = "add (Ada, born, London, 1815-12-10);"


class Answers(ShellCase):
    def test_statements_of_the_command_line(self):
        self.check(
            "-c", ADA, "-c", "(?who, born, ?where);", "--format", "csv",
            out="who,where\nAda,London\n", err=r"\A1 fact added\n\Z",
        )

    def test_a_script_on_standard_input(self):
        self.check(text=ADA + "\n(?who, born, London)", out="who\n---\nAda\n")

    def test_a_byte_order_mark_is_skipped(self):
        self.check(text="\ufeff" + ADA, err=r"\A1 fact added\n\Z")

    def test_options_run_in_their_order(self):
        one = self.path("one.annals", "(Ada, born, London);")
        self.check(
            "-f", one, "-c", ADA, "-f", one, "-c", "(Ada, born, Paris);",
            out="no\nyes\nno\n",
        )

    def test_standard_input_is_loaded(self):
        row = "subject,predicate,object\nAda,born,London\n"
        load = 'load "-" format csv;'
        self.check("-c", load, "-c", "(?who, born, London);", text=row, out="who\n---\nAda\n")
        self.check("-c", 'load "-";', text=row, code=1, err="standard input has no name")

    def test_a_report_of_what_a_load_passed_over(self):
        self.path("some.csv", "subject,predicate,object,time\nAda,born,London,1815\nBob,born,Rome,18\n")
        report = self.path("rejects.tsv", "old")
        self.check("-c", 'load "some.csv" on error skip report "rejects.tsv";',
                   err=r"passed over 1 record, see 'rejects\.tsv'")
        with open(report, encoding="utf-8") as file:
            header, row = file.read().splitlines()
        self.assertEqual(header, "file\tline\tcolumn\tmessage\ttext")
        self.assertRegex(row, r"\Asome\.csv\t3\t15\t[^\t]+\tBob,born,Rome,18\Z")

    def test_standard_input_is_not_loaded_where_statements_come_from(self):
        load = 'load "-" format csv;'
        self.check(text=load, code=1, err="standard input can't be loaded here")
        self.check("-c", load, "-f", "-", text=ADA, code=1, err="standard input can't be loaded here")

    def test_standard_input_as_a_file(self):
        self.check("-c", ADA, "-f", "-", text="(Ada, born, London);", out="yes\n")

    def test_a_statement_stays_one(self):
        # Whatever it looks like to a reader of options.
        for statement in ("[a,b]", "-1", "--help", "[[a]]"):
            _, _, err = self.run_shell("--keep-going", "-c", statement)
            self.assertLessEqual(err.count("error: "), 1, err)

    def test_formats(self):
        for name, expected in {
            "table": "where  | when\n",
            "csv": "where,when\n",
            "tsv": "where\twhen\n",
            "markdown": "| where | when |\n",
            "jsonl": '{"where":"London","when":"1815-12-10"}\n',
        }.items():
            with self.subTest(name):
                _, out, _ = self.check(
                    "--format", name, "-c", ADA, "-c", "(Ada, born, ?where, ?when);"
                )
                self.assertTrue(out.startswith(expected), out)

    def test_json_is_one_line_a_statement(self):
        _, out, _ = self.check(
            "--format", "json", "-c", "add (Ada, age, 36);",
            text="", code=0)
        self.assertEqual(out, "")
        _, out, _ = self.check(
            "--format", "json", "-c", "add (Ada, age, 36);", "-c", "(?who, age, ?n);",
            "-c", "(Ada, age, 37);")
        lines = [json.loads(line) for line in out.splitlines()]
        self.assertEqual(lines, [[{"who": "Ada", "n": 36}], False])

    def test_only_results_on_standard_output(self):
        _, out, err = self.check(
            self.database, "-c", ADA, "-c", "(?x, born, Londn);", "-c", "begin;",
            "-c", "add (A, b, c);", "--format", "csv")
        self.assertEqual(out, "x\n")
        self.assertIn("1 fact added\n", err)
        self.assertRegex(err, r"(?m)^note: .*London")
        self.assertRegex(err, r"(?m)^note: .*rolled back$")
        # No times or counts of rows but at a terminal.
        self.assertNotIn("ms)", err)
        self.check(self.database, "-c", "(A, b, c);", out="no\n")

    def test_wide_characters_line_up(self):
        # Cells: Cyrillic one each, Hangul and Han two, a combining accent none.
        facts = "add (Андрій, n, 1) (김정은, n, 22) (東京, n, 3) (Cafe\u0301, n, 4);"
        _, out, _ = self.check("-c", facts, "-c", "(?who, n, ?n) order by ?n;")
        self.assertEqual(
            out,
            "who    | n\n"
            "-------+---\n"
            "Андрій |  1\n"
            "東京   |  3\n"
            "Cafe\u0301   |  4\n"
            "김정은 | 22\n",
        )

    def test_values_go_to_pipes_as_they_are(self):
        _, out, _ = self.check(
            "-c", 'add (Ada, says, "\\u001b[31mred");', "-c", "(Ada, says, ?x);",
            "--format", "tsv")
        self.assertEqual(out, "x\n\x1b[31mred\n")


class Errors(ShellCase):
    def test_a_fault_in_a_statement_is_1_with_a_caret(self):
        _, out, err = self.check(":memory:", "-c", "find ?who where (?who met Kim)", code=1)
        self.assertEqual(out, "")
        lines = err.splitlines()
        self.assertRegex(lines[0], r"^error: line 1, column \d+: expected ','")
        fault, caret = next(
            (lines[i], lines[i + 1]) for i in range(len(lines)) if "?who met Kim" in lines[i]
        )
        self.assertGreaterEqual(caret.index("^"), fault.index("met"))

    def test_the_first_error_ends(self):
        self.check(
            "-c", "nonsense;", "-c", ADA, "-c", "(Ada, born, London);", code=1, out="",
            err=r"\Aerror: ")
        self.check(text="nonsense;\n" + ADA + "\n(Ada, born, London);", code=1, out="")

    def test_keep_going(self):
        for arguments, text in (
            (("-c", "nonsense;", "-c", ADA, "-c", "(Ada, born, London);"), ""),
            ((), "nonsense;\n" + ADA + "\n(Ada, born, London);\n"),
        ):
            self.check("--keep-going", *arguments, text=text, code=1, out="yes\n")

    def test_keep_going_exits_with_the_first_error(self):
        _, out, err = self.check(
            "--keep-going", text='.nonsense\nload "missing.csv";\nfind 1 as n;\n', code=2)
        self.assertEqual(err.count("error: "), 2)
        self.assertEqual(out, "n\n-\n1\n")

    def test_every_error_is_said_once(self):
        _, _, err = self.check(
            "--keep-going", "--timeout", "0.05", "-c", people(300), "-c", ENDLESS, "-c", ENDLESS,
            code=6)
        self.assertEqual(err.count("error: "), 2, err)

    def test_input_that_ends_in_a_statement(self):
        for text in ("(Ada, born", 'add (Ada, says, "un', "find ?x where", "from (X) { (a, b, c)"):
            with self.subTest(text):
                self.check(text=ADA + "\n" + text, code=1, err=r"(?m)^error: line 2, column ")

    def test_errors_name_file_and_line(self):
        script = self.path("bad.annals", ADA + "\n\n.timing on\n\n(Ada born);\n")
        self.check("-f", script, code=1, err=r"(?m)^error: .*bad\.annals:5:\d+: ")
        script = self.path("worse.annals", ADA + "\n.nonsense\n")
        self.check("-f", script, code=2, err=r"(?m)^error: .*worse\.annals:2: there is no command")

    def test_files_that_are_not_there(self):
        self.check("-f", "missing.annals", code=5, err=r"cannot read the script missing\.annals")
        self.check("-f", self.folder, code=5, err="directory")
        self.check("-c", 'load "missing.csv";', code=5, err=r"missing\.csv")
        self.check("missing", "--read-only", "-c", "show predicates;", code=5, err="missing")
        self.assertFalse(os.path.exists(self.path("missing")))

    def test_a_folder_that_is_no_database(self):
        self.path("notes.txt", "mine")
        self.check(self.folder, "-c", ADA, code=4, err=r"\Aerror: ")
        self.assertEqual(os.listdir(self.folder), ["notes.txt"])

    def test_read_only(self):
        self.check(self.database, "-c", ADA)
        self.check(self.database, "--read-only", "-c", "(Ada, born, London);", out="yes\n")
        code, out, err = self.run_shell(self.database, "--read-only", "-c", "add (a, b, c);")
        self.assertEqual((code, out), (5, ""))
        self.assertIn("without --read-only", err)
        self.check(self.database, "-c", "(a, b, c);", out="no\n")

    def test_a_second_writer(self):
        first = self.start(self.database)
        first.stdin.write(" ")
        first.stdin.flush()
        until = time.monotonic() + PATIENCE
        while not os.path.exists(self.database) or not os.listdir(self.database):
            self.assertLess(time.monotonic(), until)
            time.sleep(0.02)
        while True:
            # The folder is there a little before its lock.
            code, _, err = self.run_shell(self.database, "-c", ADA)
            if code == 3:
                break
            self.assertIn(code, (0, 4, 5), err)
            self.assertLess(time.monotonic(), until)
        self.assertRegex(err, r"\Aerror: ")
        first.communicate(timeout=PATIENCE)
        self.assertEqual(first.returncode, 0)
        self.check(self.database, "-c", ADA)

    def test_a_full_device(self):
        if not os.path.exists("/dev/full"):
            self.skipTest("there is no /dev/full")
        with open("/dev/full", "w", encoding="utf-8") as full:
            process = self.start("-c", "find 1 as n;", "-c", "find 2 as n;", stdout=full)
            _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 5)
        self.assertEqual(err.count("error: "), 1)
        self.assertIn("No space left", err)


class Usage(ShellCase):
    def test_usage_errors(self):
        for arguments, expected in (
            (("--nonsense",), "--nonsense"),
            (("one", "two"), "two"),
            (("-c",), "-c|--command"),
            (("--format", "xml"), "table, csv, tsv, json, jsonl, markdown"),
            (("--timeout", "soon"), "seconds"),
            (("--timeout", "0"), "seconds"),
            (("--timeout", "nan"), "seconds"),
            (("--memory", "-1"), "megabytes"),
            (("--memory", "1.5"), "megabytes"),
            (("--rows", "0"), "whole number"),
            (("--rows", "many"), "whole number"),
            (("",), "DATABASE"),
        ):
            with self.subTest(arguments):
                _, out, err = self.check(*arguments, code=2)
                self.assertEqual(out, "")
                self.assertRegex(err, r"\Aerror: ")
                self.assertRegex(err, expected)

    def test_help_and_version(self):
        _, out, _ = self.check("--help", err="")
        for option in ("-c", "-f", "--format", "--read-only", "--timeout", "--memory",
                       "--rows", "--keep-going", "--version"):
            self.assertIn(option, out)
        self.assertLessEqual(max(map(len, out.splitlines())), 100)
        _, out, _ = self.check("--version", err="")
        self.assertRegex(out, r"\Aannals \d+\.\d+\.\d+\n\Z")

    def test_unknown_commands(self):
        self.check(text=".halp\n", code=2, err=r"line 1: there is no command \.halp; did you mean "
                                               r"\.help\?")
        self.check(text=".zzzzzz\n", code=2, err=r"\.help lists them")
        self.check(text=".mode xml\n", code=2, err="xml")
        self.check(text=".timing maybe\n", code=2, err="on or off")
        self.check(text=".read\n", code=2, err="expects a file")
        self.check(text=".stats now\n", code=2, err="takes nothing")


class Commands(ShellCase):
    def test_they_stand_on_lines_of_their_own(self):
        self.check(
            text=ADA + "\n.mode csv\n(?who, born, London);\n  .mode tsv;\n(?who, born, London);\n",
            out="who\nAda\nwho\nAda\n")

    def test_a_dot_inside_of_a_statement_is_none(self):
        self.check(text="add (Ada, says,\n.quit);\n(Ada, says, .quit);\n", out="yes\n")

    def test_help(self):
        _, out, _ = self.check(text=".help\n", err="")
        for name in ("help", "mode", "timing", "load", "read", "schema", "sources", "stats",
                     "quit", "exit"):
            self.assertRegex(out, rf"(?m)^  \.{name} ")
        _, out, _ = self.check("-c", ".help mode", err="")
        self.assertIn(".mode csv", out)

    def test_quit_leaves_a_script(self):
        self.check(text="find 1 as n;\n.quit\nfind 2 as n;\n", out="n\n-\n1\n")
        inner = self.path("inner.annals", ".quit\n")
        self.check(text=f".read {inner}\nfind 2 as n;\n", out="")

    def test_read(self):
        self.path("inner.annals", ADA + "\n(Ada, born, London);\n")
        self.check(text=".read inner.annals\n(Ada, born, Paris);\n", out="yes\nno\n")
        self.check(text='.read "inner.annals"\n', out="yes\n")
        self.path("broken.annals", "(Ada born);\n")
        self.check(text=".read broken.annals\nfind 1 as n;\n", code=1, out="",
                   err=r"\Aerror: .*broken\.annals:1:")

    def test_a_script_that_reads_itself(self):
        script = self.path("self.annals", ".read self.annals\n")
        _, out, err = self.check("-f", script, code=6)
        self.assertEqual(out, "")
        self.assertEqual(err.count("error: "), 1)
        self.assertIn("self.annals:1: .read is 32 scripts deep", err)

    def test_load(self):
        self.path('odd "name.csv', "subject,predicate,object\nAda,born,London\n")
        self.check(text='.load odd "name.csv\n(Ada, born, London);\n', out="yes\n")
        self.path("plain.tsv", "Ada\tdied\tLondon\n")
        self.check(text='.load "plain.tsv" as (subject, predicate, object)\n(Ada, died, London);',
                   out="yes\n")
        self.check(text=".load missing.csv\n", code=5, err=r"missing\.csv")

    def test_schema_sources_stats(self):
        facts = "from (Book) { (Ada, born, London, 1815-12-10) (Ada, died, London, 1852-11-27) };"
        self.check(self.database, "-c", facts)
        _, out, _ = self.check(self.database, "--format", "csv", "-c", ".schema")
        self.assertRegex(out, r"(?m)^born,.*1815")
        _, out, _ = self.check(self.database, "--format", "csv", "-c", ".sources")
        self.assertRegex(out, r"(?m)^Book\b")
        _, out, _ = self.check(self.database, "--format", "json", "-c", ".stats")
        figures = {row["what"]: row["number"] for row in json.loads(out)}
        self.assertEqual(figures["facts, qualifiers included"], 2)
        self.assertEqual(figures["sources"], 1)
        self.assertGreater(figures["bytes on disk"], 0)


class Limits(ShellCase):
    def test_time(self):
        began = time.monotonic()
        self.check("--timeout", "0.3", "-c", people(300), "-c", ENDLESS, code=6, err="time")
        self.assertLess(time.monotonic() - began, PATIENCE)

    def test_memory(self):
        every = "find ?a, ?c, ?e where (?a, knows, _) and (?c, knows, _) and (?e, knows, _) " \
                "order by ?e, ?a, ?c;"
        self.check("--memory", "4", "-c", people(400), "-c", every, code=6, err="(?i)memory")

    def test_rows(self):
        every = "find ?a where (?a, knows, _);"
        _, out, err = self.check("--rows", "300", "--format", "csv", "-c", people(300), "-c", every)
        self.assertEqual(len(out.splitlines()), 300 + 1)
        self.check("--rows", "299", "-c", people(300), "-c", every, code=6,
                   err="the answer has more rows than its limit of 299")
        # What is told or counted over is no answer, nor is one inside the question.
        self.check("--rows", "1", "-c", people(300), "-c",
                   "find count(*) as n where { find ?a where (?a, knows, ?b) as of 2999 };")
        self.check("--rows", "1", "-c", people(300), "-c", "find count(*) where (?a, knows, ?b);",
                   "-c", "remove (?a, knows, ?b) where (?a, knows, ?b);", err="300 facts removed")


class Signals(ShellCase):
    def begin_endless(self, *before):
        process = self.start(self.database, *before, "-c", people(400), "-c", ENDLESS, "-c",
                             "find 1 as n;")
        self.assertRegex(process.stderr.readline(), "400 facts added")
        time.sleep(0.1)
        return process

    def finish(self, process):
        out, err = process.communicate(timeout=PATIENCE)
        return process.returncode, out, err

    def test_interrupted(self):
        process = self.begin_endless()
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process), (130, "", "interrupted\n"))
        self.check(self.database, "-c", "(P399, knows, Q399);", out="yes\n")

    def test_interrupted_ends_even_with_keep_going(self):
        process = self.begin_endless("--keep-going")
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process)[:2], (130, ""))

    def test_interrupted_twice(self):
        process = self.begin_endless()
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGINT)
        self.assertEqual(self.finish(process)[:2], (130, ""))
        self.check(self.database, "-c", "(P399, knows, Q399);", out="yes\n")

    def test_terminated(self):
        process = self.begin_endless()
        process.send_signal(signal.SIGTERM)
        self.assertEqual(self.finish(process), (143, "", "interrupted\n"))
        self.check(self.database, "-c", "(P399, knows, Q399);", out="yes\n")

    def test_interrupted_while_waiting_for_input(self):
        process = self.start(self.database)
        process.stdin.write(" ")
        process.stdin.flush()
        until = time.monotonic() + PATIENCE
        while not os.path.exists(self.database) and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(timeout=PATIENCE), 130)
        self.finish(process)

    def test_an_interrupted_load_stores_nothing(self):
        with open(self.path("big.csv"), "w", encoding="utf-8") as file:
            file.write("subject,predicate,object\n")
            for i in range(600000):
                file.write(f"S{i},p{i % 7},O{i * 7919 % 100003}\n")
        process = self.start(self.database, "-c", "add (Ada, born, London);", "-c",
                             'load "big.csv";')
        process.stderr.readline()
        time.sleep(0.25)
        process.send_signal(signal.SIGINT)
        code, _, err = self.finish(process)
        self.assertEqual(code, 130, err)
        self.check(self.database, "--format", "csv", "-c", "find count(*) as n where (?s, ?p, ?o);",
                   out="n\n1\n")

    def test_a_reader_that_leaves(self):
        rows = "find ?a, ?c where (?a, knows, _) and (?c, knows, _);"
        process = self.start("-c", people(500), "-c", rows, "-c", rows, "--format", "csv")
        self.assertEqual(process.stdout.readline(), "a,c\n")
        process.stdout.close()
        process.stdout = open(os.devnull, encoding="utf-8")
        _, err = process.communicate(timeout=PATIENCE)
        self.assertEqual(err, "500 facts added\n")
        self.assertEqual(process.returncode, 141)


if __name__ == "__main__":
    main()
