// Statements that show what there is: describe, timeline, show.
#ifndef ANNALS_BROWSE_H_
#define ANNALS_BROWSE_H_

#include "annals/question.h"
#include "annals/rows.h"
#include "query/native/ast.h"

namespace annals {

// Every fact in which the entity is subject or object, by time, the undated ones last.
absl::StatusOr<Rows> DescribeEntity(const native::Describe& statement,
                                    const QuestionContext& context);
// The dated ones, those that share an instant with the time if one is given.
absl::StatusOr<Rows> ShowTimeline(const native::Timeline& statement,
                                  const QuestionContext& context);
// show predicates, sources, aliases.
absl::StatusOr<Rows> ShowList(const native::Show& statement, const QuestionContext& context);

}  // namespace annals

#endif  // ANNALS_BROWSE_H_
