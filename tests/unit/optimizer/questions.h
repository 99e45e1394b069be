// Questions in the language as plans, for tests of the optimizer.
#ifndef TESTS_UNIT_OPTIMIZER_QUESTIONS_H_
#define TESTS_UNIT_OPTIMIZER_QUESTIONS_H_

#include <set>
#include <string>

#include "query/native/translate.h"
#include "query/optimizer/optimizer.h"
#include "tests/unit/optimizer/memory_view.h"

namespace annals::optimizer {

absl::StatusOr<native::Question> ToQuestion(const std::string& text, const MemoryView& view);
// Fails the test if the text is no question.
algebra::PlanPtr ToPlan(const std::string& text, const MemoryView& view);

// Options by which only these passes run.
Options Only(const MemoryView& view, const std::set<std::string>& passes);

std::string Dump(const algebra::Plan& plan, const MemoryView& view);
// The dump of the question's plan after these passes (in their order in the table), with a line
// above that names those that changed it.
std::string After(const std::set<std::string>& passes, const std::string& text,
                  const MemoryView& view);

}  // namespace annals::optimizer

#endif  // TESTS_UNIT_OPTIMIZER_QUESTIONS_H_
