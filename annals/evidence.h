// Statements about what is known: since when and from whom (history), and what disagrees
// (conflicts).
#ifndef ANNALS_EVIDENCE_H_
#define ANNALS_EVIDENCE_H_

#include "annals/question.h"
#include "annals/rows.h"
#include "query/native/ast.h"

namespace annals {

// A row for each telling of a fact: when it was added, by which source, when it was taken back.
absl::StatusOr<Rows> ShowHistory(const native::History& statement, const QuestionContext& context);

// Pairs of facts of a `single` predicate, and of one subject, that certainly overlap in time and
// have different objects. A fact without a time overlaps with every other.
absl::StatusOr<Rows> ShowConflicts(const native::Conflicts& statement,
                                   const QuestionContext& context);

}  // namespace annals

#endif  // ANNALS_EVIDENCE_H_
