// Lines typed at a terminal, with libedit's editing, history and completion.
#ifndef SHELL_EDITOR_H_
#define SHELL_EDITOR_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "shell/completion.h"

namespace annals::shell {

class Editor {
 public:
  struct Line {
    enum class Kind { kText, kInterrupted, kEnd };
    Kind kind = Kind::kEnd;
    std::string text;  // without its line end
  };
  // What the line up to the cursor may become.
  using Completer = std::function<Completion(std::string_view line)>;

  virtual ~Editor() = default;
  // kInterrupted after Ctrl-C, kEnd after Ctrl-D on an empty line and when the shell should end.
  virtual Line Read(std::string_view prompt) = 0;
  // Makes an entry the newest of the history.
  virtual void Remember(std::string_view entry) = 0;
};

// Reads standard input, which is a terminal; shows the line on standard output if that is one, else
// on standard error. Sets the process' LC_CTYPE to one in UTF-8.
std::unique_ptr<Editor> MakeEditor(Editor::Completer completer);

}  // namespace annals::shell

#endif  // SHELL_EDITOR_H_
