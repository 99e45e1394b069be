// Telling what a load was told through a transaction, fact by fact.
#ifndef STORAGE_GRAPH_LOAD_TELLING_H_
#define STORAGE_GRAPH_LOAD_TELLING_H_

#include <cstdint>
#include <functional>

#include "storage/base/status.h"
#include "storage/graph/load_content.h"
#include "storage/graph/store.h"

namespace annals {

struct TellingHooks {
  std::function<absl::Status()> check;  // called now and then; an error ends it; may be unset
  // Called for each fact of a source, by their numbers, and for what merges make one with it; may
  // be unset.
  std::function<void(uint64_t fact, TermId source)> told;
};

// `content` is finished. After an error part of it may have been told.
absl::StatusOr<BulkLoad::Result> TellContent(const LoadContent& content,
                                             WriteTransaction& transaction,
                                             const TellingHooks& hooks);

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_TELLING_H_
