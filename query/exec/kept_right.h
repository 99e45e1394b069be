// What left joins, semijoins and antijoins share: a left side that streams (or, when the right side
// refers to it, is read first) and a right side that is kept.
#ifndef QUERY_EXEC_KEPT_RIGHT_H_
#define QUERY_EXEC_KEPT_RIGHT_H_

#include <memory>

#include "query/exec/join_table.h"
#include "query/exec/operators.h"
#include "query/exec/replay.h"

namespace annals::exec {

class KeptRight {
 public:
  KeptRight(const JoinShape& shape, bool keys_only, OperatorPtr left, RightSide right,
            Context& context)
      : left_(std::move(left), context),
        right_(std::move(right)),
        context_(context),
        table_(KeepRight(shape), keys_only, context),
        one_row_is_enough_(keys_only && !shape.has_shared()) {}

  const Operator& left() const { return left_.input(); }
  const JoinTable& table() const { return table_; }
  Replay& input() { return left_; }

  // Reads what must be read before the first row can be given.
  absl::Status Open() {
    if (opened_) return absl::OkStatus();
    opened_ = true;
    ANNALS_ASSIGN_OR_RETURN(const bool needed, ReadLeftFirst());
    if (!needed) return table_.Finish();
    Batch batch;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, right_.rows->Next(&batch));
      if (!more) break;
      ANNALS_RETURN_IF_ERROR(table_.Add(batch));
      if (one_row_is_enough_) break;
    }
    right_ = {};  // and what it keeps
    return table_.Finish();
  }

 private:
  // Reads the left side, as far as the right side needs that, and decides how to read the right
  // one; false if there is nothing to look for.
  absl::StatusOr<bool> ReadLeftFirst() {
    uint64_t most = UINT64_MAX;
    if (right_.outer == nullptr) {
      if (!right_.lookup.has_value()) return true;
      most = 0;
      for (const ScanSpec& pattern : right_.lookup->patterns) {
        ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(pattern));
        most += rows / kRowsPerProbe;
      }
    }
    bool more = true;
    while (more && left_.rows() <= most) {
      ANNALS_ASSIGN_OR_RETURN(more, left_.ReadAhead());
    }
    if (more) return true;  // too many to look up
    if (right_.lookup.has_value()) {
      right_.outer = right_.lookup->outer;
      right_.rows = std::move(right_.lookup->rows);
    }
    for (const Batch& batch : left_.batches()) {
      ANNALS_RETURN_IF_ERROR(right_.outer->Add(left_.input().variables(), batch));
    }
    return left_.rows() > 0;
  }

  Replay left_;
  RightSide right_;
  Context& context_;
  JoinTable table_;
  const bool one_row_is_enough_;
  bool opened_ = false;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_KEPT_RIGHT_H_
