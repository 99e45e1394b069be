#!/usr/bin/env python3
"""The shell at a terminal: editing, history, completion, Ctrl-C, widths, escapes.

    terminal_test.py ANNALS [unittest's options]
"""

import os
import signal
import stat
import time

from shell_case import ENDLESS, ShellCase, Terminal, main, people

CTRL_C, CTRL_D, CTRL_R, TAB, UP = "\x03", "\x04", "\x12", "\t", "\x1b[A"


class AtTerminal(ShellCase):
    def open(self, *arguments, **options):
        terminal = Terminal(self, *arguments, **options)
        terminal.prompt()
        return terminal

    def ask(self, terminal, line):
        """What is shown for a line, without its echo."""
        terminal.line(line)
        return terminal.prompt()


class Typing(AtTerminal):
    def test_questions_and_leaving(self):
        terminal = Terminal(self, self.database)
        self.assertRegex(terminal.prompt(), r"Annals \d.*\.help")
        self.assertIn("1 fact added", self.ask(terminal, "add (Ada, born, London);"))
        answer = self.ask(terminal, "(?who, born, London);")
        self.assertRegex(answer, r"who\n---\nAda\n\(1 row, \d+\.\d ms\)")
        terminal.type(CTRL_D)
        self.assertEqual(terminal.exit_code(), 0)

    def test_quit_in_any_words(self):
        for words in (".quit", ".exit", "quit", "exit;"):
            terminal = self.open()
            terminal.line(words)
            self.assertEqual(terminal.exit_code(), 0)

    def test_a_statement_of_several_lines(self):
        terminal = self.open()
        terminal.line("add (Ada,")
        terminal.expect("   ...> ")
        terminal.line("  born, London)")
        terminal.expect("   ...> ")
        self.assertIn("1 fact added", self.ask(terminal, ";"))
        # A fault is told at once, not asked on.
        self.assertIn("error: line 1, column", self.ask(terminal, "(Ada born);"))
        self.assertIn("yes", self.ask(terminal, "(Ada, born, London);"))

    def test_a_comment_and_an_empty_line_are_no_statements(self):
        terminal = self.open()
        self.assertNotIn("...>", self.ask(terminal, ""))
        self.assertNotIn("...>", self.ask(terminal, "-- nothing"))

    def test_errors_do_not_end_it(self):
        terminal = self.open()
        self.assertIn("error: there is no command .schemo; did you mean .schema?",
                      self.ask(terminal, ".schemo"))
        self.assertIn("error:", self.ask(terminal, "nonsense;"))
        self.assertIn("yes", self.ask(terminal, "add (a, b, c); (a, b, c);"))
        terminal.type(CTRL_D)
        self.assertEqual(terminal.exit_code(), 0)

    def test_text_in_any_script_can_be_typed_and_mended(self):
        terminal = self.open()
        self.assertIn("1 fact added", self.ask(terminal, "add (Кім Чен Ин, met, 김정은X\x7f);"))
        self.assertIn("김정은\n", self.ask(terminal, "(Кім Чен Ин, met, ?x);"))

    def test_mode_timing_and_read(self):
        self.path("inner.annals", "find 7 as n;\n")
        terminal = self.open()
        self.ask(terminal, ".mode csv")
        self.assertIn("n\n1\n(1 row, ", self.ask(terminal, "find 1 as n;"))
        self.ask(terminal, ".timing off")
        self.assertIn("n\n1\n(1 row)\n", self.ask(terminal, "find 1 as n;"))
        self.assertIn("n\n7\n", self.ask(terminal, ".read inner.annals"))
        self.path("self.annals", ".read self.annals\n")
        self.assertIn("does self.annals read itself?", self.ask(terminal, ".read self.annals"))
        self.assertIn("n\n2\n", self.ask(terminal, "find 2 as n;"))

    def test_results_can_go_to_a_file(self):
        out = self.path("out.csv")
        terminal = self.open("--format", "csv", stdout=out)
        self.ask(terminal, "find 5 as n;")
        terminal.line(".quit")
        self.assertEqual(terminal.exit_code(), 0)
        with open(out, encoding="utf-8", newline="") as file:
            self.assertEqual(file.read(), "n\n5\n")

    def test_an_open_transaction_is_told_of(self):
        terminal = self.open(self.database)
        self.ask(terminal, "begin; add (a, b, c);")
        terminal.type(CTRL_D)
        terminal.expect("rolled back")
        self.assertEqual(terminal.exit_code(), 0)
        self.check(self.database, "-c", "(a, b, c);", out="no\n")


class Showing(AtTerminal):
    def test_control_characters_are_escaped(self):
        terminal = self.open()
        self.ask(terminal, 'add (Ada, says, "\\u001b]0;owned\\u0007 \\u009b31m \\u202e");')
        for mode in ("table", "csv", "tsv", "json", "jsonl", "markdown"):
            self.ask(terminal, f".mode {mode}")
            at = len(terminal.raw)
            answer = self.ask(terminal, "find ?x where (Ada, says, ?x);")
            shown = terminal.raw[at:].decode()
            self.assertIn("owned", answer, mode)
            for evil in ("\x1b]", "\x07", "\x9b", "\u202e"):
                self.assertNotIn(evil, shown.replace("\x1b[", ""), mode)

    def test_errors_are_escaped_too(self):
        script = self.path("bad.annals", "\x1b]0;owned\x07;\n")
        terminal = self.open()
        answer = self.ask(terminal, f".read {script}")
        self.assertIn("error:", answer)
        self.assertNotIn("\x1b]", terminal.raw.decode())

    def test_tables_fit_the_terminal(self):
        terminal = self.open(columns=40)
        time.sleep(0.2)
        self.ask(terminal, "add (Ada, says, \"" + "long " * 30 + "\");")
        self.ask(terminal, ".timing off")
        answer = self.ask(terminal, "(?who, says, ?what);")
        lines = answer.split("(1 row)")[0].splitlines()
        table = lines[next(i for i, line in enumerate(lines) if line.startswith("who ")):]
        self.assertEqual(max(map(len, table)), 40, answer)
        self.assertIn("…", answer)


class Loading(AtTerminal):
    def file(self, rows):
        return self.path("facts.csv", "subject,predicate,object\n" + "".join(
            f"Row {i},listed,Value {i % 97}\n" for i in range(rows)))

    def test_a_load_ends_with_its_figures(self):
        terminal = self.open()
        load = f'load "{self.file(1200)}";'
        said = self.ask(terminal, load)
        self.assertIn("loaded 1,200 facts: 1,200 new ones, 1,298 new names", said)
        self.assertRegex(said, r"\(1,200 facts read, 1,200 new, 0 known; 1,298 new names; "
                               r"\d+\.\d\d s, [\d,]+ facts? a second; 2[0-9] KB\)")
        self.assertRegex(self.ask(terminal, load), r"\(1,200 facts read, 0 new, 1,200 known; 0 new names")
        # The line that tells how far it is was there, and is gone.
        self.assertIn(b"\rstoring", terminal.raw)
        self.assertNotIn("ms)", said)

    def test_without_timing_nor_figures(self):
        terminal = self.open()
        self.ask(terminal, ".timing off")
        self.assertNotIn("facts read", self.ask(terminal, f'load "{self.file(10)}";'))
        self.assertIn("(1 row", self.ask(terminal, "find count(*) as n where (?x, listed, ?y);"))

    def test_a_fault_takes_the_line_away(self):
        terminal = self.open()
        path = self.path("facts.csv", "subject,predicate,object\n" + "Ada,met,Bo\n" * 3 + "Ada\n")
        said = self.ask(terminal, f'load "{path}";')
        self.assertIn("facts.csv:5:", said)
        self.assertNotIn("facts read", said + self.ask(terminal, "add (Ada, met, Cy);"))


class Interrupting(AtTerminal):
    def test_ctrl_c_stops_the_question(self):
        terminal = self.open()
        self.ask(terminal, f".read {self.path('people.annals', people(400))}")
        terminal.line(ENDLESS)
        terminal.wait_until_busy()
        began = time.monotonic()
        terminal.type(CTRL_C)
        self.assertIn("interrupted", terminal.prompt())
        self.assertLess(time.monotonic() - began, 5)
        self.assertIn("yes", self.ask(terminal, "(P1, knows, Q1);"))

    def test_ctrl_c_stops_what_follows_in_the_line(self):
        terminal = self.open()
        self.ask(terminal, f".read {self.path('people.annals', people(400))}")
        terminal.line(ENDLESS + " find 12345 + 1 as n;")
        terminal.wait_until_busy()
        terminal.type(CTRL_C)
        self.assertNotIn("12346", terminal.prompt())

    def test_ctrl_c_as_often_as_one_likes(self):
        terminal = self.open()
        self.ask(terminal, f".read {self.path('people.annals', people(400))}")
        terminal.line(ENDLESS)
        terminal.wait_until_busy()
        for _ in range(3):
            terminal.type(CTRL_C)
            terminal.wait(0.05)
        terminal.expect("interrupted")
        terminal.prompt()
        for _ in range(2):
            terminal.type(CTRL_C)
            terminal.wait(0.2)
        terminal.line("(P1, knows, Q1);")
        terminal.expect("yes\n")

    def test_ctrl_c_clears_a_statement(self):
        terminal = self.open()
        terminal.line("add (Ada,")
        terminal.expect("   ...> ")
        terminal.type("born" + CTRL_C)
        terminal.prompt()
        terminal.type("add (never,")
        time.sleep(0.1)
        terminal.type(CTRL_C)
        terminal.prompt()
        self.assertIn("1 fact added", self.ask(terminal, "add (Bob, born, Paris);"))
        self.assertIn("no", self.ask(terminal, "(Ada, _, _);"))

    def test_sigterm_closes_cleanly(self):
        terminal = self.open(self.database)
        self.ask(terminal, "add (Ada, born, London);")
        os.kill(terminal.pid, signal.SIGTERM)
        self.assertEqual(terminal.exit_code(), 143)
        self.check(self.database, "-c", "(Ada, born, London);", out="yes\n")

    def test_stopped_and_continued(self):
        terminal = self.open()
        terminal.type("find 41 ")
        terminal.expect("41")
        os.kill(terminal.pid, signal.SIGSTOP)
        os.kill(terminal.pid, signal.SIGCONT)
        time.sleep(0.2)
        terminal.line("+ 1 as n;")
        terminal.expect("42")


class History(AtTerminal):
    def history(self, folder=".local/state"):
        return os.path.join(self.folder, folder, "annals", "history")

    def test_it_is_kept_between_runs(self):
        terminal = self.open()
        self.ask(terminal, "find 41 + 1 as n;")
        terminal.type(CTRL_D)
        terminal.exit_code()
        with open(self.history(), encoding="utf-8") as file:
            self.assertEqual(file.read(), "find 41 + 1 as n;\n")
        self.assertEqual(stat.S_IMODE(os.stat(self.history()).st_mode), 0o600)
        terminal = self.open()
        terminal.type(UP)
        terminal.expect("find 41 + 1 as n;")
        terminal.type("\n")
        self.assertIn("42", terminal.prompt())

    def test_it_survives_a_kill(self):
        terminal = self.open()
        self.ask(terminal, "find 41 + 1 as n;")
        terminal.close = lambda: None
        os.kill(terminal.pid, signal.SIGKILL)
        os.waitpid(terminal.pid, 0)
        terminal.pid = None
        with open(self.history(), encoding="utf-8") as file:
            self.assertIn("find 41 + 1", file.read())

    def test_lines_of_a_statement_are_one_entry(self):
        terminal = self.open()
        terminal.line("find 41")
        terminal.expect("   ...> ")
        self.ask(terminal, "+ 1 as n;")
        terminal.type(UP + "\n")
        self.assertIn("42", terminal.prompt())

    def test_xdg_state_home(self):
        terminal = self.open(env={"XDG_STATE_HOME": self.path("state")})
        self.ask(terminal, "find 1 as n;")
        self.assertTrue(os.path.exists(self.history("state")))

    def test_searching_it(self):
        terminal = self.open()
        self.ask(terminal, "find 41 + 1 as n;")
        self.ask(terminal, "find 3 as n;")
        terminal.type(CTRL_R + "41")
        time.sleep(0.2)
        terminal.type("\n")
        terminal.expect("42")

    def test_not_writable_is_one_warning(self):
        self.path("file", "")
        terminal = Terminal(self, env={"XDG_STATE_HOME": self.path("file")})
        self.assertIn("warning: the history is not kept", terminal.prompt())
        answer = self.ask(terminal, "find 1 as n;")
        answer += self.ask(terminal, "find 2 as n;")
        self.assertNotIn("warning", answer)

    def test_it_does_not_grow_without_end(self):
        os.makedirs(os.path.dirname(self.history()))
        with open(self.history(), "w", encoding="utf-8") as file:
            file.writelines(f"find {i} as n;\n" for i in range(5000))
        terminal = self.open()
        terminal.type(UP)
        terminal.expect("find 4999 as n;")
        with open(self.history(), encoding="utf-8") as file:
            lines = file.read().splitlines()
        self.assertEqual((len(lines), lines[0]), (2000, "find 3000 as n;"))


class Completing(AtTerminal):
    def test_words(self):
        terminal = self.open()
        terminal.type("expl" + TAB + " (?a, b, c);\n")
        self.assertRegex(terminal.prompt(), r"(?i)scan|empty|b, c")
        self.assertNotIn("error", terminal.text)

    def test_several_are_listed(self):
        terminal = self.open()
        terminal.type("pre" + TAB)
        # Both begin with "pre"; what they share further is typed, then they are listed.
        terminal.type(TAB)
        terminal.expect("predicate")
        terminal.expect("prefix")

    def test_names_and_predicates(self):
        terminal = self.open()
        self.ask(terminal, "add (Kim Jong-un, holds office, Leader);")
        terminal.type("(Kim J" + TAB + ", hol" + TAB + ", ?x);\n")
        self.assertIn("Leader", terminal.prompt())

    def test_names_that_need_quotes_get_them(self):
        terminal = self.open()
        self.ask(terminal, "add (`protest, peaceful`, kind, 7);")
        terminal.type("(prot" + TAB + ", kind, ?x);\n")
        self.assertIn("7\n", terminal.prompt())

    def test_wide_names(self):
        terminal = self.open()
        self.ask(terminal, "add (김정은, met, Кім Чен Ин);")
        terminal.type("(김정" + TAB + ", met, Кі" + TAB + ");\n")
        self.assertIn("yes", terminal.prompt())

    def test_commands_and_files(self):
        self.path("questions.annals", "find 8 as n;\n")
        terminal = self.open()
        terminal.type(".rea" + TAB + " quest" + TAB + "\n")
        self.assertIn("8\n", terminal.prompt())
        terminal.type(".mode markd" + TAB + "\n")
        terminal.prompt()
        self.assertIn("| 1 |", self.ask(terminal, "find 1 as n;"))


if __name__ == "__main__":
    main()
