// What the shell says beside the results: all of it goes to standard error.
#ifndef SHELL_MESSAGES_H_
#define SHELL_MESSAGES_H_

#include <string_view>

#include "absl/status/status.h"

namespace annals::shell {

// A line or several, with a line end. On a terminal control characters are shown escaped.
void Say(std::string_view text);
// "note: ...".
void SayNote(std::string_view text);
// "warning: ...".
void SayWarning(std::string_view text);
// "error: ...", with the status' message.
void SayError(const absl::Status& status);

}  // namespace annals::shell

#endif  // SHELL_MESSAGES_H_
