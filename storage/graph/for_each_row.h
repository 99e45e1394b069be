// A scan read to its end.
#ifndef STORAGE_GRAPH_FOR_EACH_ROW_H_
#define STORAGE_GRAPH_FOR_EACH_ROW_H_

#include <memory>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals {

// Calls `visit(columns, row)` for every row of a scan; its first error ends it.
template <typename Visit>
absl::Status ForEachRow(const GraphView& view, const ScanSpec& spec, const Visit& visit) {
  constexpr size_t kBatch = 2048;
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, view.Scan(spec));
  std::vector<std::vector<TermId>> columns(spec.output.size());
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next(columns, kBatch));
    if (rows == 0) return absl::OkStatus();
    for (size_t i = 0; i < rows; ++i) ANNALS_RETURN_IF_ERROR(visit(columns, i));
  }
}

}  // namespace annals

#endif  // STORAGE_GRAPH_FOR_EACH_ROW_H_
