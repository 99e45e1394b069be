// What `check` notices of the facts that a load would store.
#ifndef ANNALS_CHECK_FACTS_H_
#define ANNALS_CHECK_FACTS_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/view.h"
#include "storage/model/term.h"

namespace annals {

// Whether facts of a `single` predicate and of one subject with these times exclude each other:
// they certainly overlap. The undefined term is no time, which overlaps with every other.
bool HoldAtOnce(const Term& a, const Term& b);

// The largest number of a fact.
absl::StatusOr<uint64_t> LastFact(const GraphView& view);

// Notes on the facts with numbers above `after`: times in the future, times after the source that
// tells of them was published, conflicts with others. `now`: UTC seconds.
absl::StatusOr<std::vector<std::string>> NotesOnFacts(const std::shared_ptr<const GraphView>& view,
                                                      uint64_t after, int64_t now);

}  // namespace annals

#endif  // ANNALS_CHECK_FACTS_H_
