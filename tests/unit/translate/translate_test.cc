// Questions to canonical plans, and faulty ones to whole messages, over a few facts. With
// ANNALS_REWRITE set in the environment the files are rewritten with what comes out.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/unit/native/case_file.h"
#include "tests/unit/optimizer/questions.h"

namespace annals::optimizer {
namespace {

MemoryView Sample() {
  MemoryView view;
  view.Add("met, is, symmetric");
  view.Add("Ada, met, Bo, 2024-06-19");
  view.Add("Bo, knows, Cy, 2023");
  view.Add("Ada, visited, Oslo");
  view.Add("Ada, place, Oslo");
  view.Add("Ada, topic, Trade");
  view.Add("Ada, published, 2024");
  view.Add("Norway, part of, Europe");
  for (const char* name : {"Paper", "Post", "1984"}) view.NameId(name);
  return view;
}

// The columns shown, the plan and the notes; or the message.
std::string Outcome(const std::string& text, const MemoryView& view, std::string* command) {
  const auto question = ToQuestion(text, view);
  *command = question.ok() ? "plan" : "error";
  if (!question.ok()) return std::string(question.status().message());
  std::string outcome = question->yes_no ? "yes or no" : "shows";
  for (const auto& column : question->columns) {
    outcome += " " + column.title;
    if (column.title != column.variable) outcome += "=?" + column.variable;
  }
  if (question->ordered) outcome += ", ordered";
  outcome += "\n" + Dump(*question->plan, view);
  for (const std::string& note : question->notes) outcome += "note: " + note + "\n";
  outcome.pop_back();
  return outcome;
}

TEST_CASE("questions give these plans and messages") {
  const MemoryView view = Sample();
  size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(ANNALS_TRANSLATE_CASES)) {
    const std::string path = entry.path();
    if (entry.path().extension() != ".txt" || entry.path().filename() == "CMakeLists.txt") continue;
    ++files;
    std::string trailer;
    std::vector<native::Case> cases = native::ReadCases(path, &trailer);
    REQUIRE_FALSE(cases.empty());
    for (native::Case& one : cases) {
      INFO(path << ":" << one.line << "\n" << one.input);
      std::string command;
      const std::string outcome = Outcome(one.input, view, &command);
      CHECK(command == one.command);
      if (std::getenv("ANNALS_REWRITE") != nullptr) {
        one.expected = outcome;
      } else {
        CHECK(outcome == one.expected);
      }
    }
    if (std::getenv("ANNALS_REWRITE") != nullptr) native::WriteCases(path, cases, trailer);
  }
  CHECK(files >= 4);
}

}  // namespace
}  // namespace annals::optimizer
