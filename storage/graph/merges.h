// Entities that are one: (Kim Jong-in, merged into, Kim Jong-un) is a fact, and a mapping that
// questions see through; what was told of either stays as it was, so that it can be undone.
#ifndef STORAGE_GRAPH_MERGES_H_
#define STORAGE_GRAPH_MERGES_H_

#include <memory>

#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals {

// `base` with every entity that is merged into another replaced by that one; the same view if there
// are none. Ranges that hold no fact of such an entity are read as they are.
absl::StatusOr<std::shared_ptr<const GraphView>> MakeMergedView(
    std::shared_ptr<const GraphView> base);

}  // namespace annals

#endif  // STORAGE_GRAPH_MERGES_H_
