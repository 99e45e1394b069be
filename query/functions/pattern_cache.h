// Regular expressions of one question, each compiled once.
#ifndef QUERY_FUNCTIONS_PATTERN_CACHE_H_
#define QUERY_FUNCTIONS_PATTERN_CACHE_H_

#include <memory>
#include <string>
#include <string_view>

namespace re2 {
class RE2;
}

namespace annals::functions {

// Keeps a bounded number of patterns: they may come from the data. Not thread-safe.
class PatternCache {
 public:
  PatternCache();
  ~PatternCache();

  // Null if the pattern can't be read. Borrowed until the next call.
  const re2::RE2* Get(std::string_view pattern);

 private:
  struct Patterns;
  std::unique_ptr<Patterns> patterns_;
};

// What is wrong with a pattern, as "missing closing ): (abc"; empty if nothing is.
std::string PatternError(std::string_view pattern);

}  // namespace annals::functions

#endif  // QUERY_FUNCTIONS_PATTERN_CACHE_H_
