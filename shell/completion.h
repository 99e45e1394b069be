// Completion at the terminal: which keyword, function, variable, name, dot command or file the text
// before the cursor may be the beginning of.
#ifndef SHELL_COMPLETION_H_
#define SHELL_COMPLETION_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "annals/annals.h"

namespace annals::shell {

struct Completion {
  size_t replaced = 0;                  // bytes before the cursor that a candidate replaces
  std::vector<std::string> candidates;  // sorted and distinct
};

// What stands at the cursor, by the statement's text before it.
struct CompletionPlace {
  enum class Kind {
    kNothing,     // inside a text or a comment
    kWord,        // a keyword or function
    kVariable,    // from its `?`
    kName,        // a name in parentheses or among qualifiers
    kQuotedName,  // a name after its backtick
  };
  Kind kind = Kind::kNothing;
  size_t begin = 0;  // where in the text it begins
};
CompletionPlace FindPlace(std::string_view before);

// `before` is the statement from its first line up to the cursor. Names come from the session; its
// errors are silent, as there is nothing to complete then.
Completion Complete(std::string_view before, Session& session);

// A name as the language takes it: in backticks where it needs them.
std::string WriteName(std::string_view name);

// The longest beginning that all share, in whole code points.
std::string CommonPrefix(const std::vector<std::string>& candidates);

}  // namespace annals::shell

#endif  // SHELL_COMPLETION_H_
