// A load that says all that its sources say: what they told before and do not tell here, they lose.
#ifndef STORAGE_GRAPH_REPLACING_LOAD_H_
#define STORAGE_GRAPH_REPLACING_LOAD_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/load_content.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/store.h"

namespace annals {

// The sources of a load, by their handles: those of its facts, and those that tell nothing else.
using SourceHandles = std::set<LoadContent::Handle>;

// Finish tells through `transaction`, which must outlive the load, fact by fact, and then takes
// from the sources of the load what it does not say: as Remove does, so a fact without another
// source goes. Sources that are merged are one. `check` (it may be unset) is called now and then.
// After an error part of it may have been told: the caller rolls back.
std::unique_ptr<BulkLoad> MakeReplacingLoad(WriteTransaction& transaction,
                                            std::function<absl::Status()> check);

// What such a load's Finish does. `content` is finished.
absl::StatusOr<BulkLoad::Result> TellReplacing(const LoadContent& content,
                                               const SourceHandles& sources,
                                               WriteTransaction& transaction,
                                               const std::function<absl::Status()>& check);

// Of the sources those that `view` has, with all that are merged into the same. Counts in `result`
// the sources that are replaced.
absl::StatusOr<std::vector<TermId>> FindReplaced(const LoadContent& content,
                                                 const SourceHandles& sources,
                                                 const GraphView& view, BulkLoad::Result* result);

// What the sources tell in `view` and the load does not. Counts in `result` what is lost.
struct LostSearch {
  const GraphView& view;
  const std::vector<TermId>& sources;
  const SeenFacts& seen;  // of the view: what it makes one is counted as one
  // Does the load tell this fact of this source?
  std::function<bool(uint64_t fact, TermId source)> is_told;
  std::function<absl::Status()> check;                     // may be unset
  std::function<void(uint64_t fact, TermId source)> lost;  // called for each
};
absl::Status FindLost(const LostSearch& search, BulkLoad::Result* result);

}  // namespace annals

#endif  // STORAGE_GRAPH_REPLACING_LOAD_H_
