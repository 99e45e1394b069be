// The command line: options into a struct, or a message for the user.
#ifndef SHELL_OPTIONS_H_
#define SHELL_OPTIONS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "annals/annals.h"
#include "shell/shell.h"

namespace annals::shell {

// What -c and -f ask for, in the order of the command line.
struct Task {
  enum class Kind { kStatement, kFile };
  Kind kind = Kind::kStatement;
  std::string text;  // the statement, or the file's path
};

struct Options {
  std::string database = ":memory:";
  bool read_only = false;
  Limits limits;
  Settings settings;
  std::vector<Task> tasks;
  // --help or --version: to be printed on standard output, and nothing else done.
  std::optional<std::string> print;
};

// An error of usage (ExitCodeOf) that says what was expected.
absl::StatusOr<Options> ParseOptions(int argc, const char* const* argv);

}  // namespace annals::shell

#endif  // SHELL_OPTIONS_H_
