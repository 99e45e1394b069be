// A file of statements is cut into blocks that several threads parse: wherever a cut falls, what is
// told is the same.
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>

#include "annals/annals.h"
#include "tests/unit/folder.h"

namespace annals {
namespace {

std::string Message(Session& session, const std::string& statement) {
  const auto rows = session.Run(statement);
  return rows.ok() ? rows->message() : std::string(rows.status().message());
}

// Statements, comments, texts and IRIs full of what looks like the end of a statement.
std::string FactsOf(int facts) {
  std::string text = "from (Log) {\n";
  for (int i = 0; i < facts; ++i) {
    const std::string n = std::to_string(i);
    if (i == facts / 2) text += "};\n-- ; it's \"half; of them\nadd ";
    text += "  (S" + n + ", says, \"a; b " + n + "\") -- ; `\n";
    text += "  (S" + n + ", is at, <https://example.org/;" + n + ";x>)\n";
    if (i > facts / 2 && i % 7 == 0) text += ";\nadd ";
  }
  return text + "  (End, is, here);\n";
}

TEST_CASE("what a file tells does not depend on where it is cut") {
  const Folder folder;
  const std::string path = folder.Database() + ".annals";
  constexpr int kFacts = 6000;
  std::ofstream(path) << FactsOf(kFacts);
  const auto database = *Database::Open(":memory:");
  const auto session = database->NewSession();
  CHECK(Message(*session, "load \"" + path + "\"").starts_with("loaded 12,001 facts: 12,001 new"));
  // The last statement has a fault, which is found where it is.
  std::ofstream(path, std::ios::app) << "add (a, b;\n";
  const std::string fault = Message(*session, "load \"" + path + "\"");
  INFO(fault);
  CHECK(fault.find(".annals:12434:10: ") != std::string::npos);
  CHECK(Message(*session, "load \"" + path + "\" on error skip").find("passed over 1 record") !=
        std::string::npos);
}

}  // namespace
}  // namespace annals
