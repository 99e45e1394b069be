// Dot commands: what is said to the shell rather than to the database, as rows of one table that
// .help shows and completion reads.
#ifndef SHELL_COMMANDS_H_
#define SHELL_COMMANDS_H_

#include <span>
#include <string_view>

#include "absl/status/status.h"

namespace annals::shell {

class Shell;

// What a command takes; all may be left out but kFile.
enum class Argument { kNone, kCommand, kFormat, kSwitch, kFile };

struct Command {
  std::string_view name;       // without its dot
  std::string_view arguments;  // as shown: "[FORMAT]"
  Argument argument;
  std::string_view description;
  std::string_view example;
  // The argument is trimmed, without a `;` at its end.
  absl::Status (*run)(Shell& shell, std::string_view argument);
};

// In the order of .help.
std::span<const Command> Commands();
// Without the dot; null if there is none.
const Command* FindCommand(std::string_view name);

// Runs a line that begins with a dot. An error of usage where there is no such command (the nearest
// is suggested) or the argument is wrong.
absl::Status RunCommand(Shell& shell, std::string_view line);

}  // namespace annals::shell

#endif  // SHELL_COMMANDS_H_
