// Questions of the Annals language as plans of the algebra: names looked up, scopes checked, the
// meaning of docs/language.md made explicit.
#ifndef QUERY_NATIVE_TRANSLATE_H_
#define QUERY_NATIVE_TRANSLATE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "query/algebra/plan.h"
#include "query/native/ast.h"
#include "query/native/terms.h"
#include "storage/base/source_text.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals::native {

struct QuestionColumn {
  algebra::Variable variable;  // of the plan
  std::string title;
};

struct Question {
  algebra::PlanPtr plan;
  std::vector<QuestionColumn> columns;
  bool yes_no = false;             // no columns: is there a row?
  bool ordered = false;            // the order of the rows was asked for
  bool gives_names = false;        // parameters stand only for names of entities in scans
  bool has_past_rows = false;      // see TranslateOptions
  std::vector<NameUse> names;      // found by another spelling
  std::vector<std::string> notes;  // unknown names with the nearest ones, kinds that never meet
};

// A step of a pattern, or a path, that a row rests on: a column with the fact, or with a list of
// facts, that made it match.
struct FactUse {
  algebra::Variable variable;
  bool chain = false;     // a list
  TermId predicate;       // as asked for; undefined: any, or a path
  algebra::Slot subject;  // as asked for
};

// For a step of a pattern: facts of another predicate stand in for those of its own.
struct StandIn {
  size_t step = 0;  // counted as in `facts`
  TermId predicate;
};

// The whole answer to a question, its columns by their titles.
struct PastRows {
  algebra::Values rows;
  std::vector<std::string> notes;
};

struct TranslateOptions {
  const GraphView& view;
  const SourceText& text;
  const Prefixes& prefixes;
  const ParameterValues& parameters;
  // Where not null, the plan has a column for each step that rows rest on (not for those inside
  // `not` and `exists`), listed here. A question's plan then shows what is not aggregated, in any
  // order, and without having and limits.
  std::vector<FactUse>* facts = nullptr;
  std::optional<StandIn> stand_in = std::nullopt;
  // Answers a question inside the question that has a clock (`as of`, `published by`) of its own:
  // `view` is of another time. The answer becomes part of the plan. Unset, as for rules, which
  // derive what holds now: such a question is refused.
  std::function<absl::StatusOr<PastRows>(const Find&)> past_rows = {};
  // Steps inside `coalesced` and questions inside the question are listed too, and the plan has a
  // row for each fact there.
  bool facts_inside = false;
};

// Errors are InvalidArgument with a caret; storage errors pass through. `options` and what it
// refers to must outlive the call only.
absl::StatusOr<Question> TranslateQuestion(const Find& find, const TranslateOptions& options);

// The plan of a time that stands after `as of` or `published by`: one row with the column "time".
// What `find` has there is not part of the question's plan: it says what `view` should be.
absl::StatusOr<algebra::PlanPtr> TranslateMoment(const Expr& expr, const TranslateOptions& options);

// The plan of a formula with all of its visible variables as columns, rows distinct; for telling
// (`remove ... where`).
absl::StatusOr<Question> TranslateFormula(const Formula& formula, const TranslateOptions& options);

}  // namespace annals::native

#endif  // QUERY_NATIVE_TRANSLATE_H_
