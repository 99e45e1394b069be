// The new rows of each permutation, from what a load was matched to.
#ifndef STORAGE_GRAPH_LOAD_ROWS_H_
#define STORAGE_GRAPH_LOAD_ROWS_H_

#include <cstdint>
#include <memory>
#include <string>

#include "storage/base/status.h"
#include "storage/graph/load_match.h"
#include "storage/graph/row_stream.h"
#include "storage/graph/view.h"

namespace annals {

// `match` must outlive it. Sorting takes at most about `memory_bytes`; `database` says where
// temporary files may be. Of the same match several may be made and read at once.
absl::StatusOr<std::unique_ptr<RowStream>> MakeRowsOfLoad(const LoadMatch& match,
                                                          Permutation permutation,
                                                          uint64_t memory_bytes,
                                                          const std::string& database);

}  // namespace annals

#endif  // STORAGE_GRAPH_LOAD_ROWS_H_
