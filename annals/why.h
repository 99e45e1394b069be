// why QUESTION: each row of the answer with the facts behind it, their sources, and what made
// something match that was asked for otherwise.
#ifndef ANNALS_WHY_H_
#define ANNALS_WHY_H_

#include "annals/question.h"
#include "annals/rows.h"
#include "query/native/ast.h"

namespace annals {

// The columns of the question, then `fact`, `sources` and `because`: a row for each fact behind a
// row of the answer, in its order. Facts that rules derived are followed by those that they were
// derived from. Behind a row of a grouped question are the facts behind all that it counts.
absl::StatusOr<Rows> WhyQuestion(const native::Find& find, const QuestionContext& asked);

}  // namespace annals

#endif  // ANNALS_WHY_H_
