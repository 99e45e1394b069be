#include "tests/unit/native/case_file.h"

#include <fstream>
#include <utility>

namespace annals::native {
namespace {

void AppendLine(const std::string& line, std::string* text) {
  if (!text->empty()) *text += '\n';
  *text += line;
}

}  // namespace

std::vector<Case> ReadCases(const std::string& path, std::string* trailer) {
  std::ifstream file(path);
  std::vector<Case> cases;
  Case current;
  std::string line;
  enum { kBetween, kInput, kExpected } state = kBetween;
  for (size_t number = 1; std::getline(file, line); ++number) {
    if (state == kBetween) {
      if (line.empty() || line[0] == '#') {
        current.before += line + '\n';
      } else {
        current.command = line;
        current.line = number;
        state = kInput;
      }
    } else if (state == kInput) {
      if (line == "----") {
        state = kExpected;
      } else {
        AppendLine(line, &current.input);
      }
    } else if (!line.empty()) {
      AppendLine(line, &current.expected);
    } else {
      cases.push_back(std::exchange(current, {}));
      current.before = "\n";
      state = kBetween;
    }
  }
  if (state == kBetween) {
    *trailer = current.before;
  } else {
    cases.push_back(std::move(current));
  }
  return cases;
}

void WriteCases(const std::string& path, const std::vector<Case>& cases,
                const std::string& trailer) {
  std::ofstream file(path);
  for (const Case& one : cases) {
    file << one.before << one.command << '\n' << one.input << "\n----\n" << one.expected << '\n';
  }
  file << trailer;
}

std::vector<std::string> ReadTexts(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> texts(1);
  for (std::string line; std::getline(file, line);) {
    if (line == "====") {
      texts.emplace_back();
    } else {
      AppendLine(line, &texts.back());
    }
  }
  return texts;
}

}  // namespace annals::native
