#include "shell/messages.h"

#include <unistd.h>

#include <cstdio>
#include <string>

#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals::shell {
namespace {

void Write(std::string_view kind, std::string_view text) {
  static const bool terminal = isatty(STDERR_FILENO) == 1;
  while (text.ends_with('\n')) text.remove_suffix(1);
  std::string line(kind);
  line += terminal ? EscapeLinesForDisplay(text) : std::string(text);
  line += '\n';
  // One call, so that lines of several processes don't mix. A message that can't be written has
  // nowhere else to go.
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

void Say(std::string_view text) { Write("", text); }
void SayNote(std::string_view text) { Write("note: ", text); }
void SayWarning(std::string_view text) { Write("warning: ", text); }
void SayError(const absl::Status& status) { Write("error: ", ToStd(status.message())); }

}  // namespace annals::shell
