// The functions of expressions, as rows of one plain table: what a question may call, what help and
// docs/functions.md say of it, and how it is evaluated.
//
// A function never fails on a value: an empty argument or one of a wrong type gives the empty value
// (the undefined term), except where the row says otherwise. Texts are counted in code points and
// places in them from 1. Functions that take a text take literals only, not names: name(?x).
#ifndef QUERY_FUNCTIONS_FUNCTION_H_
#define QUERY_FUNCTIONS_FUNCTION_H_

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "query/functions/evaluation_context.h"
#include "storage/base/status.h"
#include "storage/model/term.h"

namespace annals::functions {

// Borrowed, never null; as many as the row allows.
using Arguments = std::span<const Term* const>;

enum class FunctionGroup { kText, kNumbers, kTerms, kTimes, kFacts };

struct Function {
  static constexpr int kAnyNumber = -1;

  std::string_view name;
  FunctionGroup group;
  int min_arguments;
  int max_arguments;           // kAnyNumber: no end
  std::string_view arguments;  // as shown to the user: "text, text"
  std::string_view result;     // "number"
  std::string_view description;
  std::string_view example;         // in the language; evaluated by the tests
  std::string_view example_result;  // as LanguageText writes it; nothing for the empty value
  bool takes_empty;                 // false: an empty argument gives the empty value at once
  // Storage errors are the only ones.
  absl::StatusOr<Term> (*evaluate)(Arguments arguments, EvaluationContext& context);
  // May be null. Looks at the arguments that are constants (the others are null) when the question
  // is made: InvalidArgument with what is wrong, as a pattern that can't be read.
  absl::Status (*check)(Arguments constants);
};

// All functions, by group, then as the documentation lists them.
std::span<const Function> Functions();
// Null if there is none.
const Function* FindFunction(std::string_view name);
// The function whose name is nearest, for "did you mean"; null if none is near.
const Function* NearestFunction(std::string_view name);

// "round takes 1 or 2 arguments: round(number[, places])"; nullopt if `count` is right.
std::optional<std::string> WrongArgumentCount(const Function& function, size_t count);
// Evaluates, the empty arguments seen to.
absl::StatusOr<Term> Call(const Function& function, Arguments arguments,
                          EvaluationContext& context);

std::string_view GroupTitle(FunctionGroup group);
// docs/functions.md, whole.
std::string FunctionsMarkdown();

}  // namespace annals::functions

#endif  // QUERY_FUNCTIONS_FUNCTION_H_
