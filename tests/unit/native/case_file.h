// Files of cases for the parser: a command, its input, `----` and what must come out.
#ifndef TESTS_UNIT_NATIVE_CASE_FILE_H_
#define TESTS_UNIT_NATIVE_CASE_FILE_H_

#include <string>
#include <vector>

namespace annals::native {

struct Case {
  std::string before;   // comments and blank lines above it, as they stand
  std::string command;  // "parse" or "error"
  std::string input;
  std::string expected;
  size_t line = 0;  // of the command
};

// A case ends at the first blank line behind its `----`; `trailer` is what follows the last one.
std::vector<Case> ReadCases(const std::string& path, std::string* trailer);
void WriteCases(const std::string& path, const std::vector<Case>& cases,
                const std::string& trailer);

// Texts apart by lines of `====`, without line ends around them.
std::vector<std::string> ReadTexts(const std::string& path);

}  // namespace annals::native

#endif  // TESTS_UNIT_NATIVE_CASE_FILE_H_
