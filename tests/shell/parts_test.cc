// Parts of the shell that take text and give text: scripts split, places to complete, exit codes.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "shell/commands.h"
#include "shell/completion.h"
#include "shell/exit_code.h"
#include "shell/script.h"
#include "storage/base/status.h"

namespace annals::shell {
namespace {

// "3.mode csv|4:(a, b, c);\n": parts with their lines, `.` a command and `:` statements.
std::string Split(std::string_view text) {
  std::string result;
  for (const ScriptPart& part : SplitScript(text)) {
    if (!result.empty()) result += '|';
    result += std::to_string(part.line) + (part.is_command ? "" : ":") + std::string(part.text);
  }
  return result;
}

// The kind of place at the end of the text and what is to be completed there: "name:Kim".
std::string Place(std::string_view before) {
  const CompletionPlace place = FindPlace(before);
  const std::string rest(before.substr(place.begin));
  switch (place.kind) {
    case CompletionPlace::Kind::kNothing:
      return "nothing";
    case CompletionPlace::Kind::kWord:
      return "word:" + rest;
    case CompletionPlace::Kind::kVariable:
      return "variable:" + rest;
    case CompletionPlace::Kind::kName:
      return "name:" + rest;
    case CompletionPlace::Kind::kQuotedName:
      return "quoted:" + rest;
  }
  return "";
}

TEST_CASE("scripts are split at dot commands") {
  CHECK(Split("") == "");
  CHECK(Split("(a, b, c);") == "1:(a, b, c);");
  CHECK(Split(".mode csv") == "1.mode csv");
  CHECK(Split("\n(a, b, c);\n  .mode csv\n(d, e, f);\n") ==
        "1:\n(a, b, c);\n|3.mode csv|4:(d, e, f);\n");
  CHECK(Split(".a\n.b\n") == "1.a|2.b");
  // Inside a statement or a text, and before a digit, a dot is none of ours.
  CHECK(Split("add (a, b, \"x\n.quit\ny\");") == "1:add (a, b, \"x\n.quit\ny\");");
  CHECK(Split("find 1\n.5 as n;") == "1:find 1\n.5 as n;");
  CHECK(Split("...\n") == "1:...\n");
}

TEST_CASE("the place to complete") {
  CHECK(Place("") == "nothing");
  CHECK(Place("fi") == "word:fi");
  CHECK(Place("find ?who where (a, b, ?who) or") == "word:or");
  CHECK(Place("find ?w") == "variable:?w");
  CHECK(Place("(Kim Jong") == "name:Kim Jong");
  CHECK(Place("(Kim, m") == "name:m");
  CHECK(Place("(Kim, met, ?w") == "variable:?w");
  CHECK(Place("(Kim, ") == "nothing");
  CHECK(Place("(Citizen (India, S") == "name:Citizen (India, S");
  CHECK(Place("(Citizen (India), vis") == "name:vis");
  CHECK(Place("(`protest, p") == "quoted:protest, p");
  CHECK(Place("(`a``b`, me") == "name:me");
  CHECK(Place("(O\"Neil, me") == "name:me");
  CHECK(Place("(a, b, \"x, y") == "nothing");
  CHECK(Place("(a, b, \"x\\\", y\") an") == "word:an");
  CHECK(Place("(a, b, c) {pl") == "name:pl");
  CHECK(Place("(a, b, c) {place: Py") == "name:Py");
  CHECK(Place("(a, b, c) {place: Pyongyang, to") == "name:to");
  CHECK(Place("find ?x where { (a, b, ?x) a") == "word:a");
  CHECK(Place("find count(?w") == "variable:?w");
  CHECK(Place("describe (Ki") == "name:Ki");
  CHECK(Place("(a, b, c); des") == "word:des");
  CHECK(Place("-- (a") == "nothing");
  CHECK(Place("-- (a\nfi") == "word:fi");
  CHECK(Place("(a--b, c") == "name:c");
  CHECK(Place(")}]") == "nothing");
}

TEST_CASE("names are quoted where the language needs it") {
  CHECK(WriteName("Kim Jong-un") == "Kim Jong-un");
  CHECK(WriteName("Кім Чен Ин") == "Кім Чен Ин");
  CHECK(WriteName("9K720 Iskander") == "9K720 Iskander");
  CHECK(WriteName("protest, peaceful") == "`protest, peaceful`");
  CHECK(WriteName("a`b") == "`a``b`");
  CHECK(WriteName("1984") == "`1984`");
  CHECK(WriteName("2024-06") == "`2024-06`");
  CHECK(WriteName("two  spaces") == "`two  spaces`");
  CHECK(WriteName("true") == "`true`");
  CHECK(WriteName("") == "``");
}

TEST_CASE("the common beginning stands between code points") {
  CHECK(CommonPrefix({}) == "");
  CHECK(CommonPrefix({"predicate", "prefix"}) == "pre");
  CHECK(CommonPrefix({"one"}) == "one");
  CHECK(CommonPrefix({"a", "ab"}) == "a");
  // K and и differ in their second byte only.
  CHECK(CommonPrefix({"Кім", "Ким"}) == "К");
  CHECK(CommonPrefix({"é", "è"}) == "");
}

TEST_CASE("exit codes") {
  CHECK(ExitCodeOf(absl::OkStatus()) == 0);
  CHECK(ExitCodeOf(InvalidArgument("")) == 1);
  CHECK(ExitCodeOf(UsageError("")) == 2);
  CHECK(ExitCodeOf(Busy("")) == 3);
  CHECK(ExitCodeOf(DataLoss("")) == 4);
  CHECK(ExitCodeOf(Unavailable("")) == 5);
  CHECK(ExitCodeOf(NotFound("")) == 5);
  CHECK(ExitCodeOf(DeadlineExceeded("")) == 6);
  CHECK(ExitCodeOf(ResourceExhausted("")) == 6);
  CHECK(ExitCodeOf(Cancelled("")) == 130);
  CHECK(ExitCodeOf(Internal("")) == 70);
}

TEST_CASE("every command says what it does") {
  for (const Command& command : Commands()) {
    INFO(command.name);
    CHECK(!command.description.empty());
    CHECK(command.example.substr(0, command.name.size() + 1) == "." + std::string(command.name));
    CHECK(command.arguments.empty() == (command.argument == Argument::kNone));
    CHECK(FindCommand(command.name) == &command);
  }
  CHECK(FindCommand("nonsense") == nullptr);
}

}  // namespace
}  // namespace annals::shell
