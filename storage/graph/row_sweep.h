// Rows of a permutation below one prefix after the other, in one pass.
#ifndef STORAGE_GRAPH_ROW_SWEEP_H_
#define STORAGE_GRAPH_ROW_SWEEP_H_

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/view.h"

namespace annals {

// Rows below ascending prefixes of a permutation. A search for each would pass over what the same
// transaction has deleted again and again.
class RowSweep {
 public:
  RowSweep(const GraphView& view, Permutation permutation, std::vector<Column> output)
      : view_(view), columns_(output.size()) {
    spec_.permutation = permutation;
    spec_.output = std::move(output);
  }

  absl::Status To(std::span<const TermId> prefix) {
    if (scan_ != nullptr) return scan_->Seek(prefix);
    spec_.prefix.assign(prefix.begin(), prefix.end());
    ANNALS_ASSIGN_OR_RETURN(scan_, view_.Scan(spec_));
    return absl::OkStatus();
  }
  absl::StatusOr<size_t> Next(size_t most = kMostRows) { return scan_->Next(columns_, most); }
  TermId At(size_t column, size_t row) const { return columns_[column][row]; }

 private:
  static constexpr size_t kMostRows = 256;

  const GraphView& view_;
  ScanSpec spec_;
  std::unique_ptr<RowScan> scan_;
  std::vector<std::vector<TermId>> columns_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_ROW_SWEEP_H_
