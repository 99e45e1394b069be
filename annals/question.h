// Runs questions: translation, optimizer, operators, rows.
#ifndef ANNALS_QUESTION_H_
#define ANNALS_QUESTION_H_

#include <memory>

#include "annals/rows.h"
#include "query/exec/operator.h"
#include "query/native/translate.h"
#include "storage/graph/history.h"
#include "storage/graph/overlay.h"
#include "storage/graph/view.h"

namespace annals {

// How questions are run; tests vary it, answers must not.
struct RunOptions {
  bool optimize = true;
  size_t batch_rows = 2048;
  exec::Parallelism parallelism = {};

  bool operator==(const RunOptions&) const = default;
};

class Derivations;

// Views that are costly to make, and what they were made of.
struct KeptViews {
  std::shared_ptr<const GraphView> merged_of, merged;
  std::shared_ptr<const Derivations> derived;
};

class KeptPlan;

struct QuestionContext {
  std::shared_ptr<const GraphView> view;
  const SourceText& text;
  const native::Prefixes& prefixes;
  const native::ParameterValues& parameters;
  exec::Limits limits;
  RunOptions run;
  // Where views are kept from one question to the next; may be null.
  KeptViews* kept = nullptr;
  // Where the plan is kept from one run of the question to the next; may be null.
  KeptPlan* kept_plan = nullptr;
  // What was derived for this question; null: nothing was needed.
  std::shared_ptr<const Derivations> derived = nullptr;
  // Of ForQuestion: the view that its view was made of, the question's clocks, and how many bytes
  // count against its limit besides what its run keeps: what was derived for it, and the answers to
  // questions of another time inside it, in its plan.
  std::shared_ptr<const GraphView> now = nullptr;
  PastOptions clocks = {};
  std::shared_ptr<uint64_t> held_bytes = nullptr;
};

// Cancelled or DeadlineExceeded, for statements that take long to tell.
absl::Status CheckLimits(const exec::Limits& limits);

// The same with entities that were merged seen as one.
absl::StatusOr<QuestionContext> WithMerged(QuestionContext context);
// The same with the view that the question needs: at its `as of` and `published by`, with merged
// entities, with what rules derive.
absl::StatusOr<QuestionContext> ForQuestion(const native::Find& find,
                                            const QuestionContext& context);

// How a question is translated over the view of its context, which must outlive the options.
native::TranslateOptions TranslateOptionsOf(const QuestionContext& context);

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
  AddedTerms added;  // computed terms that the view lacks
  std::vector<std::string> notes;
  uint64_t bytes = 0;  // that the rows take
};
absl::StatusOr<FormulaRows> RunFormula(const native::Formula& formula,
                                       const QuestionContext& context);
// The rows of a plan over the context's view.
absl::StatusOr<FormulaRows> RunPlan(algebra::PlanPtr plan, const QuestionContext& context);

}  // namespace annals

#endif  // ANNALS_QUESTION_H_
