// Sources to canonical trees, and faulty sources to whole messages. With ANNALS_REWRITE set in the
// environment the files are rewritten with what comes out.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "query/native/dump.h"
#include "query/native/parser.h"
#include "tests/unit/native/case_file.h"

namespace annals::native {
namespace {

std::vector<std::string> CaseFiles() {
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(ANNALS_PARSE_CASES)) {
    if (entry.path().extension() == ".txt" && entry.path().filename() != "CMakeLists.txt") {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

// The trees of all statements, a line each, or the message.
std::string Outcome(const std::string& input, std::string* command) {
  const SourceText text(input);
  const auto statements = ParseScript(text);
  *command = statements.ok() ? "parse" : "error";
  if (!statements.ok()) return std::string(ToStd(statements.status().message()));
  std::string dump;
  for (const Statement& statement : *statements) {
    dump += (dump.empty() ? "" : "\n") + DumpAst(statement);
  }
  return dump;
}

TEST_CASE("sources give these trees and messages") {
  const std::vector<std::string> files = CaseFiles();
  REQUIRE(files.size() >= 5);
  for (const std::string& path : files) {
    std::string trailer;
    std::vector<Case> cases = ReadCases(path, &trailer);
    REQUIRE_FALSE(cases.empty());
    for (Case& one : cases) {
      INFO(path << ":" << one.line << "\n" << one.input);
      std::string command;
      const std::string outcome = Outcome(one.input, &command);
      CHECK(command == one.command);
      if (std::getenv("ANNALS_REWRITE") != nullptr) {
        one.expected = outcome;
      } else {
        CHECK(outcome == one.expected);
      }
    }
    if (std::getenv("ANNALS_REWRITE") != nullptr) WriteCases(path, cases, trailer);
  }
}

// Every message shows the line and a caret.
void CheckHasCaret(const absl::Status& status) {
  const std::string message(ToStd(status.message()));
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  CHECK(message.find("line ") == 0);
  CHECK(message.find(" | ") != std::string::npos);
  CHECK(message.find('^') != std::string::npos);
}

void CheckContract(const char* file, bool good) {
  const std::string path = std::string(ANNALS_CONTRACT_CASES "/") + file;
  if (!std::filesystem::exists(path)) {
    WARN("SKIPPED: " << path << " is not there; only the project's own cases were run");
    return;
  }
  const std::vector<std::string> texts = ReadTexts(path);
  CHECK(texts.size() > 20);
  for (const std::string& input : texts) {
    INFO(input);
    const SourceText text(input);
    const auto statements = ParseScript(text);
    CHECK(statements.ok() == good);
    if (!statements.ok()) {
      INFO(ToStd(statements.status().message()));
      CheckHasCaret(statements.status());
    }
  }
}

TEST_CASE("what the language's cases call good is parsed") {
  CheckContract("language-cases-good.txt", true);
}

TEST_CASE("what the language's cases call bad is refused with a caret") {
  CheckContract("language-cases-bad.txt", false);
}

// A fault anywhere: cutting a good script short never crashes, and what it gives has a caret.
TEST_CASE("a good source cut short is parsed or refused with a caret") {
  for (const std::string& path : CaseFiles()) {
    std::string trailer;
    for (const Case& one : ReadCases(path, &trailer)) {
      if (one.command != "parse") continue;
      for (size_t length = 0; length < one.input.size(); length += 2) {
        const std::string input = one.input.substr(0, length);
        const SourceText text(input);
        const auto statements = ParseScript(text);
        if (!statements.ok()) CheckHasCaret(statements.status());
      }
    }
  }
}

}  // namespace
}  // namespace annals::native
