// docs/functions.md, written from the table.
#include "query/functions/function.h"

namespace annals::functions {
namespace {

constexpr std::string_view kIntroduction =
    "# Functions\n"
    "\n"
    "This page is written from the table in `query/functions`; a test compares them.\n"
    "\n"
    "An empty argument, or one of a wrong type, gives the empty value, never an error; only the\n"
    "functions that say so take empty values. Texts are counted in code points, and places in "
    "them\n"
    "from 1. A function of texts takes texts, not names: write `contains(name(?x), \"Kim\")`.\n";

constexpr std::string_view kOperators =
    "\n"
    "## Operators\n"
    "\n"
    "`+ - * / %` on numbers stay exact on integers and decimals: `7 / 2` is `3.5`, an integer "
    "that\n"
    "leaves 64 bits becomes a decimal, and `%` has the sign of its left side. With a double the "
    "result\n"
    "is a double. Division by zero gives the empty value.\n"
    "\n"
    "The difference of two times is a duration, from start to start. A duration can be added to "
    "and\n"
    "subtracted from a time or a duration, multiplied by a whole number, and divided by a "
    "duration:\n"
    "`(?b - ?a) / 1 day`.\n"
    "\n"
    "`=` and `!=` compare values: numbers across their kinds, times by start and end, texts "
    "whatever\n"
    "their language, names as the entities that they are. Values of kinds that never meet are\n"
    "different: `=` is false and `!=` true. `< <= > >=` between such kinds are false, and so is "
    "every\n"
    "comparison with an empty value. An integer beside a time is read as that year.\n";

}  // namespace

std::string FunctionsMarkdown() {
  std::string page(kIntroduction);
  std::optional<FunctionGroup> group;
  for (const Function& function : Functions()) {
    if (group != function.group) {
      group = function.group;
      page += "\n## ";
      page += GroupTitle(function.group);
      page += "\n\n| call | gives | |\n| --- | --- | --- |\n";
    }
    page += "| `" + std::string(function.name) + "(" + std::string(function.arguments) + ")` | ";
    page += function.result;
    page += " | ";
    page += function.description;
    page += " `" + std::string(function.example) + "` ";
    page += function.example_result.empty() ? "is empty"
                                            : "is `" + std::string(function.example_result) + "`";
    page += ". |\n";
  }
  page += kOperators;
  return page;
}

}  // namespace annals::functions
