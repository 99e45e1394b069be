// BulkLoad (storage/graph/store.h): terms and facts are collected in tables of the load, then
// matched with the store in sorted passes and told at once.
#ifndef STORAGE_GRAPH_BULK_LOAD_H_
#define STORAGE_GRAPH_BULK_LOAD_H_

#include <memory>

#include "storage/graph/store.h"
#include "storage/graph/store_core.h"

namespace annals {

// A quarter of this machine's memory.
uint64_t DefaultLoadMemory();
// What LoadOptions::memory_bytes leaves when the rest of the process has its part.
uint64_t LoadMemory(uint64_t limit);

// Finish commits: through the delta below StoreOptions::bulk_rows new assertions, else as a new
// generation. The guard is given back when the load goes.
std::unique_ptr<BulkLoad> MakeBulkLoad(std::shared_ptr<StoreCore> core,
                                       StoreCore::WriterGuard guard, const LoadOptions& options);

// Finish tells through `transaction`, which must outlive the load. After an error part of it may
// have been told: the caller returns to its save point.
std::unique_ptr<BulkLoad> MakeBulkLoadInto(WriteTransaction& transaction);

}  // namespace annals

#endif  // STORAGE_GRAPH_BULK_LOAD_H_
