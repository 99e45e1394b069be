// Facts as a table, for the statements that show what is known of something.
#ifndef ANNALS_FACT_TABLE_H_
#define ANNALS_FACT_TABLE_H_

#include <memory>
#include <string>
#include <vector>

#include "annals/question.h"
#include "annals/rows.h"
#include "annals/tables.h"
#include "storage/graph/view.h"

namespace annals {

// One row a fact, each once: time, subject, predicate, object, qualifiers, sources; by time. What
// the facts take is in `limits` already.
absl::StatusOr<Rows> MakeFactTable(std::vector<Fact> facts, std::vector<std::string> notes,
                                   std::unique_ptr<TableLimits> limits,
                                   const QuestionContext& context);

}  // namespace annals

#endif  // ANNALS_FACT_TABLE_H_
