#include "query/functions/function.h"

#include <algorithm>
#include <vector>

#include "query/functions/tables.h"
#include "storage/base/text.h"

namespace annals::functions {
namespace {

const std::vector<Function>& Table() {
  static const auto* const table = [] {
    auto* rows = new std::vector<Function>();
    for (const auto part :
         {TextFunctions(), NumberFunctions(), TermFunctions(), TimeFunctions(), FactFunctions()}) {
      rows->insert(rows->end(), part.begin(), part.end());
    }
    return rows;
  }();
  return *table;
}

}  // namespace

std::span<const Function> Functions() { return Table(); }

const Function* FindFunction(std::string_view name) {
  for (const Function& function : Table()) {
    if (function.name == name) return &function;
  }
  return nullptr;
}

const Function* NearestFunction(std::string_view name) {
  const std::string folded = AsciiLower(name);
  const Function* nearest = nullptr;
  size_t least = std::max<size_t>(1, folded.size() / 3) + 1;
  for (const Function& function : Table()) {
    const auto distance = EditDistance(folded, function.name, least - 1);
    if (!distance.has_value()) continue;
    nearest = &function;
    least = *distance;
    if (least == 0) break;
  }
  return nearest;
}

std::optional<std::string> WrongArgumentCount(const Function& function, size_t count) {
  const auto least = static_cast<size_t>(function.min_arguments);
  const bool open = function.max_arguments == Function::kAnyNumber;
  const size_t most = open ? count : static_cast<size_t>(function.max_arguments);
  if (count >= least && count <= most) return std::nullopt;
  std::string message(function.name);
  message += " takes ";
  if (open) {
    message += "at least " + Count(least, "argument");
  } else if (most == 0) {
    message += "no arguments";
  } else if (least == most) {
    message += Count(most, "argument");
  } else {
    message +=
        std::to_string(least) + (most == least + 1 ? " or " : " to ") + Count(most, "argument");
  }
  message += ": ";
  message += function.name;
  message += '(';
  message += function.arguments;
  return message + ')';
}

absl::StatusOr<Term> Call(const Function& function, Arguments arguments,
                          EvaluationContext& context) {
  if (!function.takes_empty) {
    for (const Term* argument : arguments) {
      if (argument->is_undefined()) return Term();
    }
  }
  return function.evaluate(arguments, context);
}

std::string_view GroupTitle(FunctionGroup group) {
  switch (group) {
    case FunctionGroup::kText:
      return "Texts";
    case FunctionGroup::kNumbers:
      return "Numbers";
    case FunctionGroup::kTerms:
      return "Terms";
    case FunctionGroup::kTimes:
      return "Times";
    case FunctionGroup::kFacts:
      return "Facts";
  }
  return "";
}

}  // namespace annals::functions
