// Shares of a scan, cut at the ends of packed blocks. The blocks are walked as shares are asked
// for: a thread that takes one reads its blocks right after, so that the walk costs no I/O of its
// own.
#include <optional>

#include "storage/graph/cursors.h"
#include "storage/graph/relation.h"
#include "storage/graph/row_scan.h"

namespace annals {
namespace {

class BlockSplitter : public ScanSplitter {
 public:
  BlockSplitter(std::shared_ptr<const ScanSource> source, const ScanSpec& spec, uint64_t rows)
      : source_(std::move(source)), rows_(rows), width_(ColumnsOf(spec.permutation).size()) {
    for (const TermId id : spec.prefix) lower_.values[lower_.size++] = id.bits();
    upper_ = lower_;
    if (lower_.size < width_) {
      if (spec.low) lower_.values[lower_.size++] = spec.low->bits();
      if (spec.high) upper_.values[upper_.size++] = spec.high->bits();
    }
    const uint8_t relation = RelationOf(spec.permutation);
    const Meta& meta = source_->meta();
    if (meta.base_rows[relation - 1] == 0) return;
    iterator_ = source_->base_pool().Take();
    cursor_.emplace(*iterator_.get(), relation, meta.generation, width_);
  }

  absl::StatusOr<bool> Next(ScanShare* share) override {
    if (ended_) return false;
    *share = ScanShare();
    share->first = first_;
    if (cursor_.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(const bool cut, Cut(share));
      if (cut) return true;
    }
    ended_ = true;  // all that is left
    return true;
  }

 private:
  // Ends the share with a block after which there is another; false if the range ends before.
  absl::StatusOr<bool> Cut(ScanShare* share) {
    if (!started_) ANNALS_RETURN_IF_ERROR(cursor_->Seek(lower_.span()));
    started_ = true;
    uint64_t rows = 0;
    while (cursor_->valid()) {
      const BlockView& block = cursor_->block();
      const uint32_t last = block.rows() - 1;
      if (block.Compare(last, upper_.span()) > 0) return false;
      rows += block.rows() - cursor_->row();
      Row row;
      for (; row.size < width_; ++row.size) row.values[row.size] = block.Value(row.size, last);
      ANNALS_RETURN_IF_ERROR(cursor_->NextBlock());
      if (rows < rows_) continue;
      share->last = IdsOf(row);
      if (!Successor(&row)) return false;
      first_ = IdsOf(row);
      return true;
    }
    return false;
  }

  static std::vector<TermId> IdsOf(const Row& row) {
    std::vector<TermId> ids;
    for (const uint64_t value : row.span()) ids.push_back(TermId::FromBits(value));
    return ids;
  }

  const std::shared_ptr<const ScanSource> source_;
  const uint64_t rows_;
  const size_t width_;
  Row lower_, upper_;
  IteratorPool::Loan iterator_;
  std::optional<BaseCursor> cursor_;
  bool started_ = false;
  bool ended_ = false;
  std::vector<TermId> first_;  // of the next share
};

}  // namespace

std::unique_ptr<ScanSplitter> MakeScanSplitter(std::shared_ptr<const ScanSource> source,
                                               const ScanSpec& spec, uint64_t rows) {
  return std::make_unique<BlockSplitter>(std::move(source), spec, rows);
}

}  // namespace annals
