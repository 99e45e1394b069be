// Scripts: reading them whole, and telling their dot commands from the statements between.
#ifndef SHELL_SCRIPT_H_
#define SHELL_SCRIPT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace annals::shell {

// A stretch of statements, or one line that is a dot command.
struct ScriptPart {
  bool is_command = false;
  std::string_view text;  // of a command: from its dot, without the line end
  size_t line = 1;        // where it begins
};

// A dot command is a line of its own that begins with `.` and a letter, outside of any statement.
// The views are into `text`.
std::vector<ScriptPart> SplitScript(std::string_view text);

// Does a line, as typed, begin as a dot command does?
bool IsCommandLine(std::string_view line);

// A script larger than this is data, which `load` takes in bounded memory.
inline constexpr size_t kLargestScript = size_t{256} << 20;

// A whole file, or standard input for "-"; a byte-order mark is skipped. NotFound or Unavailable
// if it can't be read, ResourceExhausted if it is too large, Cancelled if a signal came first.
absl::StatusOr<std::string> ReadScript(const std::string& path);

// What errors call the script: its path, or nothing for standard input.
std::string ScriptName(const std::string& path);

}  // namespace annals::shell

#endif  // SHELL_SCRIPT_H_
