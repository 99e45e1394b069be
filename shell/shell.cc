#include "shell/shell.h"

#include <cstdio>
#include <new>
#include <utility>
#include <vector>

#include "shell/commands.h"
#include "shell/completion.h"
#include "shell/editor.h"
#include "shell/exit_code.h"
#include "shell/history.h"
#include "shell/interrupt.h"
#include "shell/messages.h"
#include "shell/script.h"
#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals::shell {
namespace {

// Scripts that read scripts; one that reads itself ends here.
constexpr int kDeepest = 32;
constexpr std::string_view kPrompt = "annals> ";
constexpr std::string_view kMorePrompt = "   ...> ";

// What strangers type to get out or to get help.
bool IsBareCommand(std::string_view line) {
  while (line.ends_with(' ') || line.ends_with(';')) line.remove_suffix(1);
  return line == "help" || line == "quit" || line == "exit";
}

// A statement of several lines is one entry, where joining its lines keeps what it means.
std::string HistoryEntry(std::string_view statement) {
  std::string entry(statement);
  while (entry.ends_with('\n')) entry.pop_back();
  for (char& c : entry) {
    if (c == '\n') c = ' ';
  }
  return entry;
}

bool CanJoin(std::string_view statement) {
  return statement.find("--") == std::string_view::npos &&
         statement.find('`') == std::string_view::npos;
}

// What was typed before, and what is typed now, of this run and of those before.
class TypedHistory {
 public:
  explicit TypedHistory(Editor& editor) : editor_(editor), file_(HistoryFile::DefaultPath()) {
    std::vector<std::string> entries;
    Warn(file_.Open(&entries));
    for (const std::string& entry : entries) editor_.Remember(entry);
  }
  void Add(std::string_view statement) {
    if (CanJoin(statement)) {
      AddEntry(HistoryEntry(statement));
      return;
    }
    while (!statement.empty()) {
      const size_t end = std::min(statement.find('\n'), statement.size());
      AddEntry(statement.substr(0, end));
      statement.remove_prefix(std::min(end + 1, statement.size()));
    }
  }

 private:
  void AddEntry(std::string_view entry) {
    if (entry.find_first_not_of(" \t") == std::string_view::npos) return;
    editor_.Remember(entry);
    Warn(file_.Append(entry));
  }
  void Warn(const absl::Status& status) {
    if (!status.ok()) SayWarning(ToStd(status.message()));
  }

  Editor& editor_;
  HistoryFile file_;
};

}  // namespace

int Shell::exit_code() const {
  if (TerminationSignal() != 0) return kSignalled + TerminationSignal();
  if (at_terminal_) return kOk;
  if (out_.closed()) return kPipeClosed;
  return Interrupted() ? static_cast<int>(kInterrupted) : first_error_;
}

void Shell::Report(const absl::Status& error) {
  progress_.Clear();
  // Where the reader has gone nobody waits for an explanation.
  if (!out_.closed()) {
    if (absl::IsCancelled(error) && ShouldStop()) {
      Say("interrupted");
    } else {
      SayError(error);
    }
  }
  if (first_error_ == 0) first_error_ = ExitCodeOf(error);
  stopped_ = !settings_.keep_going || at_terminal_ || out_.closed() || ShouldStop();
}

void Shell::SayHowLong(const Rows& rows) {
  if (!at_terminal_ || depth_ > 0) return;
  std::string text;
  if (rows.kind() == Rows::Kind::kRows) text = Count(rows.count(), "row");
  if (settings_.timing) {
    const std::chrono::duration<double, std::milli> took =
        std::chrono::steady_clock::now() - began_;
    char time[32];
    std::snprintf(time, sizeof(time), "%.1f ms", took.count());
    text += (text.empty() ? "" : ", ") + std::string(time);
  }
  if (!text.empty()) Say("(" + text + ")");
}

absl::Status Shell::WriteAnswer(Rows& rows) {
  const WriteOptions options{settings_.format, out_.width(), out_.terminal()};
  const absl::Status written = WriteRows(rows, options, out_);
  // Why a stream failed is known to the stream alone.
  ANNALS_RETURN_IF_ERROR(out_.Finish());
  return written;
}

absl::Status Shell::Answer(Rows& rows) {
  progress_.Clear();
  // A signal between two statements cancels neither; what has been done is said all the same.
  const bool stop = ShouldStop();
  if (stop && rows.kind() != Rows::Kind::kMessage) return Cancelled("interrupted");
  if (rows.kind() == Rows::Kind::kMessage) {
    if (!rows.message().empty()) Say(rows.message());
  } else {
    ANNALS_RETURN_IF_ERROR(WriteAnswer(rows));
  }
  for (const std::string& note : rows.notes()) SayNote(note);
  const std::string load = progress_.TakeSummary();
  if (!load.empty()) {
    if (settings_.timing) Say("(" + load + ")");
  } else if (rows.kind() != Rows::Kind::kMessage || !rows.message().empty()) {
    SayHowLong(rows);
  }
  began_ = std::chrono::steady_clock::now();
  return stop ? Cancelled("interrupted") : absl::OkStatus();
}

void Shell::RunStatements(std::string_view text, const std::string& name) {
  began_ = std::chrono::steady_clock::now();
  bool said = false;
  const auto failed = [&](const absl::Status& error) {
    if (!said) Report(error);
    said = stopped_;
    began_ = std::chrono::steady_clock::now();
    return !stopped_;
  };
  // An error in the midst of an answer is one of its statement: the script may go on after it.
  const auto answer = [&](Rows& rows) {
    absl::Status status = Answer(rows);
    if (!status.ok() && failed(status)) status = absl::OkStatus();
    return status;
  };
  absl::Status status;
  try {
    status = session_.RunScript(text, name, answer, failed);
  } catch (const std::bad_alloc&) {
    status = ResourceExhausted("there is not enough memory for this statement");
  }
  if (!status.ok() && !said) Report(status);
}

void Shell::RunCommandLine(std::string_view line, const std::string& name, size_t line_number) {
  absl::Status status = ShouldStop() ? Cancelled("interrupted") : RunCommand(*this, line);
  if (const absl::Status written = out_.Finish(); status.ok()) status = written;
  if (status.ok()) return;
  if (!at_terminal_ || depth_ > 0) {
    const std::string where = name.empty() ? "line " + std::to_string(line_number) + ": "
                                           : name + ":" + std::to_string(line_number) + ": ";
    absl::Status placed(status.code(), where + std::string(ToStd(status.message())));
    status.ForEachPayload(
        [&](absl::string_view key, const absl::Cord& payload) { placed.SetPayload(key, payload); });
    status = placed;
  }
  Report(status);
}

void Shell::RunScript(std::string_view text, const std::string& name) {
  for (const ScriptPart& part : SplitScript(text)) {
    if (stopped()) return;
    if (part.is_command) {
      RunCommandLine(part.text, name, part.line);
    } else if (part.line == 1) {
      RunStatements(part.text, name);
    } else {
      // Empty lines for those before, so that errors tell the script's own lines.
      RunStatements(std::string(part.line - 1, '\n').append(part.text), name);
    }
  }
}

void Shell::RunFile(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadScript(path);
  if (!text.ok()) {
    Report(text.status());
    return;
  }
  RunScript(*text, ScriptName(path));
}

absl::Status Shell::ReadFile(const std::string& path) {
  if (depth_ == kDeepest) {
    return ResourceExhausted(".read is " + std::to_string(kDeepest) + " scripts deep; does " +
                             path + " read itself?");
  }
  ANNALS_ASSIGN_OR_RETURN(const std::string text, ReadScript(path));
  ++depth_;
  RunScript(text, ScriptName(path));
  --depth_;
  return absl::OkStatus();
}

void Shell::RunTyped(std::string_view text) {
  if (IsCommandLine(text)) {
    RunCommandLine(text, "", 1);
  } else {
    RunStatements(text, "");
  }
  // What went wrong is said and over, and so is Ctrl-C.
  stopped_ = false;
  ClearInterrupt();
}

void Shell::RunTerminal() {
  at_terminal_ = true;
  std::string pending;
  const auto editor = MakeEditor(
      [&](std::string_view line) { return Complete(pending + std::string(line), session_); });
  TypedHistory history(*editor);
  Say("Annals " + std::string(Version()) + ", " + database_.path() +
      (database_.read_only() ? " (read only)" : "") + ". .help tells more, .quit leaves.");
  while (!leaving_ && TerminationSignal() == 0) {
    const Editor::Line line = editor->Read(pending.empty() ? kPrompt : kMorePrompt);
    if (line.kind == Editor::Line::Kind::kEnd) break;
    if (line.kind == Editor::Line::Kind::kInterrupted) {
      pending.clear();
      ClearInterrupt();
      continue;
    }
    if (pending.empty() && (IsCommandLine(line.text) || IsBareCommand(line.text))) {
      history.Add(line.text);
      RunTyped(IsCommandLine(line.text) ? line.text : "." + line.text);
      continue;
    }
    pending += line.text + "\n";
    if (Session::IsIncomplete(pending)) continue;
    history.Add(pending);
    RunTyped(std::exchange(pending, ""));
  }
}

void Shell::Finish() {
  if (session_.in_transaction()) SayNote("the transaction was not committed and is rolled back");
}

}  // namespace annals::shell
