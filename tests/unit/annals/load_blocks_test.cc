// A file of statements is cut into blocks that several threads parse: wherever a cut falls, what is
// told is the same.
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <memory>
#include <string>
#include <utility>

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

// Facts of some 40 bytes, one a line.
std::string Lines(int facts, const std::string& name) {
  std::string text;
  for (int i = 0; i < facts; ++i) {
    text += "  (" + name + " " + std::to_string(i) + ", arrived, Pyongyang, 2024-11-29)\n";
  }
  return text;
}

TEST_CASE("a fault anywhere in a long statement passes over all of it and nothing else") {
  const Folder folder;
  const std::string path = folder.Database() + ".annals";
  for (const std::string head : {"from (Log) {\n", "add\n"}) {
    const std::string end = head == "add\n" ? ";\n" : "};\n";
    for (const auto& [fault, at] : {std::pair{"(a, b, c, 2024-13)\n", ":15003:11: "},
                                    {"(a, b c)\n", ":15003:8: "},
                                    {"(a, ?b, c)\n", ":15003:5: "}}) {
      std::ofstream(path) << "add (Before, is, here);\n"
                          << head << Lines(15000, "Envoy") << fault << Lines(15000, "Guest") << end
                          << "add (After, is, here);\n";
      INFO(head << fault);
      const auto database = *Database::Open(":memory:");
      const auto session = database->NewSession();
      const std::string message = Message(*session, "load \"" + path + "\"");
      CHECK(message.find(std::string(".annals") + at) != std::string::npos);
      CHECK(Message(*session, "load \"" + path + "\" on error skip") ==
            "loaded 2 facts: 2 new ones, 4 new names; passed over 1 record");
    }
  }
}

TEST_CASE("names of what is passed over are not looked up") {
  const Folder folder;
  const std::string path = folder.Database() + ".annals";
  const auto database = *Database::Open(":memory:");
  const auto session = database->NewSession();
  CHECK(Message(*session, "alias (A1) \"Al\"") != "");
  CHECK(Message(*session, "alias (B1) \"Al\"") != "");
  CHECK(Message(*session, "add (A1, b, c) (B1, b, c)") != "");
  std::ofstream(path) << "from (s) {(Al, b, c)\n"
                      << Lines(9000, "Envoy") << "(a, b c) };\nadd (t, u, v);\n";
  CHECK(Message(*session, "load \"" + path + "\" on error skip").ends_with("passed over 1 record"));
  // Sound, it is an error of the load, as anywhere.
  std::ofstream(path) << "from (s) {(Al, b, c)\n" << Lines(9000, "Envoy") << "};\n";
  CHECK(Message(*session, "load \"" + path + "\" on error skip").find("'Al' is an alias of 2") !=
        std::string::npos);
}

TEST_CASE("a comment behind any white space is passed over with its statement") {
  const Folder folder;
  const std::string path = folder.Database() + ".annals";
  for (const char* space : {" ", "\t", "\n", "\r", "\v", "\f"}) {
    std::ofstream(path) << "add (a, b, \"\\q\")" << space
                        << "-- c; add (leak, b, c); x\n(d, e, f);\nadd (t, u, v);\n";
    const auto database = *Database::Open(":memory:");
    const auto session = database->NewSession();
    CHECK(Message(*session, "load \"" + path + "\" on error skip") ==
          "loaded 1 fact: 1 new one, 3 new names; passed over 1 record");
  }
}

TEST_CASE("a long block gives all of its facts its source") {
  const Folder folder;
  const std::string path = folder.Database() + ".annals";
  std::ofstream(path) << "from (Log) {\n"
                      << Lines(30000, "Envoy") << "};\nadd (After, is, here);\n";
  const auto database = *Database::Open(":memory:");
  const auto session = database->NewSession();
  for (const char* how : {"", " on error skip", " replacing source"}) {
    CHECK(Message(*session, "load \"" + path + "\"" + how).find("30,001 facts") !=
          std::string::npos);
  }
  auto rows = session->Run("find count(*) where (?x, arrived, ?y, ?t) from (Log)");
  REQUIRE(rows.ok());
  CHECK(rows->Next().value());
  CHECK(rows->at(0).text() == "30000");
}

}  // namespace
}  // namespace annals
