// Exit codes of the shell: one for each kind of failure, so that scripts can tell them apart.
#ifndef SHELL_EXIT_CODE_H_
#define SHELL_EXIT_CODE_H_

#include <string_view>

#include "absl/status/status.h"

namespace annals::shell {

enum ExitCode : int {
  kOk = 0,
  kWrong = 1,        // the question or the data is wrong
  kUsage = 2,        // an option or a dot command is
  kBusy = 3,         // another process or handle has the database
  kCorrupt = 4,      // the database is damaged, not ours or of a newer format
  kInputOutput = 5,  // a file is missing or can't be read or written, or there is no room
  kLimit = 6,        // the limit of time, memory, rows or depth
  kDefect = 70,      // a defect of Annals
  kSignalled = 128,  // plus the signal's number: 130 Ctrl-C, 143 SIGTERM, 141 a closed pipe
  kInterrupted = 130,
  kPipeClosed = 141,
};

// kOk for OK.
int ExitCodeOf(const absl::Status& status);

// A status whose exit code is kUsage.
absl::Status UsageError(std::string_view message);

}  // namespace annals::shell

#endif  // SHELL_EXIT_CODE_H_
