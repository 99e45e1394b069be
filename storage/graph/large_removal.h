// A removal of much as one commit: the store's next generation is written without it.
#ifndef STORAGE_GRAPH_LARGE_REMOVAL_H_
#define STORAGE_GRAPH_LARGE_REMOVAL_H_

#include <cstdint>

#include "storage/base/status.h"
#include "storage/graph/store.h"
#include "storage/graph/store_core.h"

namespace annals {

// As WriteTransaction::RemoveAllAndCommit, however little it is. The caller holds the core's writer
// lock.
absl::StatusOr<uint64_t> RemoveByGeneration(StoreCore& core, const Removals& removals,
                                            const RemovalOptions& options);

}  // namespace annals

#endif  // STORAGE_GRAPH_LARGE_REMOVAL_H_
