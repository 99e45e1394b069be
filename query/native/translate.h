// Questions of the Annals language as plans of the algebra: names looked up, scopes checked, the
// meaning of docs/language.md made explicit.
#ifndef QUERY_NATIVE_TRANSLATE_H_
#define QUERY_NATIVE_TRANSLATE_H_

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
  std::vector<std::string> notes;  // unknown names with the nearest ones, kinds that never meet
};

struct TranslateOptions {
  const GraphView& view;
  const SourceText& text;
  const Prefixes& prefixes;
  const ParameterValues& parameters;
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

// The error for what the language has but this version does not do.
absl::Status NotAvailable(const SourceText& text, Span span, std::string_view what);

}  // namespace annals::native

#endif  // QUERY_NATIVE_TRANSLATE_H_
