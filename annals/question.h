// Runs questions: translation, optimizer, operators, rows.
#ifndef ANNALS_QUESTION_H_
#define ANNALS_QUESTION_H_

#include <memory>

#include "annals/rows.h"
#include "query/exec/operator.h"
#include "query/native/translate.h"
#include "storage/graph/view.h"

namespace annals {

// How questions are run; tests vary it, answers must not.
struct RunOptions {
  bool optimize = true;
  size_t batch_rows = 2048;
};

struct QuestionContext {
  std::shared_ptr<const GraphView> view;
  const SourceText& text;
  const native::Prefixes& prefixes;
  const native::ParameterValues& parameters;
  exec::Limits limits;
  RunOptions run;
};

// The same with the view that the question's `as of` and `published by` call for.
absl::StatusOr<QuestionContext> AtItsTime(const native::Find& find, const QuestionContext& context);

absl::StatusOr<Rows> AskQuestion(const native::Find& find, const QuestionContext& context);
// The plan as text, with estimates.
absl::StatusOr<Rows> ExplainQuestion(const native::Find& find, const QuestionContext& context);
// The same after a run, with what each operator did: rows, batches, time and memory, each with
// what is below it counted in.
absl::StatusOr<Rows> ProfileQuestion(const native::Find& find, const QuestionContext& context);

// The rows of a formula over its variables, for telling.
struct FormulaRows {
  std::vector<std::string> variables;
  std::vector<std::vector<TermId>> rows;
  std::vector<std::string> notes;
};
absl::StatusOr<FormulaRows> RunFormula(const native::Formula& formula,
                                       const QuestionContext& context);

}  // namespace annals

#endif  // ANNALS_QUESTION_H_
