// The shell: runs statements and dot commands from a terminal, a script or the command line,
// writes answers to standard output and everything else to standard error.
#ifndef SHELL_SHELL_H_
#define SHELL_SHELL_H_

#include <chrono>
#include <string>
#include <string_view>

#include "annals/annals.h"
#include "shell/output.h"
#include "shell/progress.h"

namespace annals::shell {

struct Settings {
  Format format = Format::kTable;
  bool timing = true;       // at a terminal: the time a statement took, beside its count of rows
  bool keep_going = false;  // after an error of a script
};

class Shell {
 public:
  // Borrows all but the settings; they outlive the shell.
  Shell(Database& database, Session& session, const Settings& settings, Output& out)
      : database_(database), session_(session), settings_(settings), out_(out) {
    session_.SetProgress([this](const LoadProgress& progress) { progress_.Show(progress); });
  }
  ~Shell() { session_.SetProgress(nullptr); }
  Shell(const Shell&) = delete;
  Shell& operator=(const Shell&) = delete;

  // Runs a script: statements, and dot commands on lines of their own. Errors are said and kept
  // for exit_code(); the first ends the script, unless it is to keep going.
  void RunScript(std::string_view text, const std::string& name);
  // The same for a file, "-" being standard input.
  void RunFile(const std::string& path);
  // Reads from the terminal until the user leaves.
  void RunTerminal();
  // Tells of an unfinished transaction. After the last of the above.
  void Finish();

  // Should nothing more be run?
  bool stopped() const { return stopped_ || leaving_; }
  // Of the first error, but a signal and a closed pipe go before.
  int exit_code() const;

  // For dot commands.
  Database& database() { return database_; }
  Settings& settings() { return settings_; }
  Output& out() { return out_; }
  // Statements only.
  void RunStatements(std::string_view text, const std::string& name);
  // Runs a script from within another; ResourceExhausted if they nest too deep.
  absl::Status ReadFile(const std::string& path);
  void Leave() { leaving_ = true; }

 private:
  void RunCommandLine(std::string_view line, const std::string& name, size_t line_number);
  void RunTyped(std::string_view text);
  absl::Status Answer(Rows& rows);
  absl::Status WriteAnswer(Rows& rows);
  void SayHowLong(const Rows& rows);
  // Says an error, keeps its exit code, and stops unless the script is to go on.
  void Report(const absl::Status& error);

  Database& database_;
  Session& session_;
  Settings settings_;
  Output& out_;
  ProgressLine progress_;
  bool at_terminal_ = false;
  bool stopped_ = false;
  bool leaving_ = false;
  int depth_ = 0;
  int first_error_ = 0;
  std::chrono::steady_clock::time_point began_;
};

}  // namespace annals::shell

#endif  // SHELL_SHELL_H_
