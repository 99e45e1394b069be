// Kept rows of a join in the order of a time, so that a probing row looks only at those that are
// near enough. See algebra::TimeGap.
#ifndef QUERY_EXEC_NEAR_ROWS_H_
#define QUERY_EXEC_NEAR_ROWS_H_

#include <cstdint>
#include <span>
#include <vector>

#include "query/exec/batch.h"
#include "query/exec/chunked_rows.h"
#include "query/exec/join_shape.h"
#include "storage/base/status.h"

namespace annals::exec {

class Context;

// Positions of kept rows, [at, end).
struct RowRange {
  uint32_t at = 0, end = 0;
};

class NearRows {
 public:
  // A gap as the side that is kept sees it.
  struct Gap {
    size_t kept, probing;  // columns
    bool kept_is_earlier;
    bool kept_end, probing_end;  // from which end of each time it is measured
    int64_t seconds;
  };
  // Those of the shape's gaps that are on one kept time.
  static std::vector<Gap> GapsOf(const JoinShape& shape, bool keep_left);

  explicit NearRows(std::vector<Gap> gaps) : gaps_(std::move(gaps)) {}

  bool active() const { return !gaps_.empty(); }
  // Puts the rows of each group, [begins[i], begins[i + 1]) of `order`, in the order of their time.
  // Reserves what it needs meanwhile; bytes() are for the caller to reserve.
  absl::Status Sort(const ChunkedRows& rows, std::span<const uint32_t> begins, Context& context,
                    std::vector<uint32_t>* order);
  // The rows of a group that may be near enough to a probing row, in two pieces.
  RowRange Near(size_t group, RowRange whole, const Batch& probing, size_t row) const;
  RowRange Loose(size_t group, RowRange whole) const { return {loose_begins_[group], whole.end}; }

  uint64_t bytes() const {
    return starts_.capacity() * sizeof(int64_t) + loose_begins_.capacity() * sizeof(uint32_t);
  }

 private:
  bool IsLoose(TermId time) const;
  void NoteLength(TermId time);

  const std::vector<Gap> gaps_;
  std::vector<int64_t> starts_;  // of each row that isn't loose
  // In each group, where the rows begin that can't be put in order: no inline time, or, where its
  // end counts, one that lasts long.
  std::vector<uint32_t> loose_begins_;
  int64_t longest_ = 0;  // of the others where the end counts, seconds
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_NEAR_ROWS_H_
