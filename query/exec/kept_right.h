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
  KeptRight(const JoinShape& shape, bool keys_only, OperatorPtr left, OperatorPtr right,
            std::shared_ptr<OuterRelation> outer, Context& context)
      : left_(std::move(left), context),
        right_(std::move(right)),
        outer_(std::move(outer)),
        context_(context),
        table_(KeepRight(shape), keys_only, context),
        one_row_is_enough_(keys_only && !shape.has_shared()) {}

  const Operator& left() const { return left_.input(); }
  JoinTable& table() { return table_; }

  // Reads what must be read before the first row can be given.
  absl::Status Open() {
    if (opened_) return absl::OkStatus();
    opened_ = true;
    if (outer_ != nullptr) {
      while (true) {
        ANNALS_ASSIGN_OR_RETURN(const bool more, left_.ReadAhead());
        if (!more) break;
        ANNALS_RETURN_IF_ERROR(outer_->Add(left_.input().variables(), left_.batches().back()));
      }
      if (left_.rows() == 0) return table_.Finish();  // nothing to look for
    }
    Batch batch;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, right_->Next(&batch));
      if (!more) break;
      ANNALS_RETURN_IF_ERROR(table_.Add(batch));
      if (one_row_is_enough_) break;
    }
    right_.reset();  // and what it keeps
    return table_.Finish();
  }

  absl::StatusOr<bool> NextLeft(Batch* batch) { return left_.Next(batch); }

 private:
  Replay left_;
  OperatorPtr right_;
  const std::shared_ptr<OuterRelation> outer_;
  Context& context_;
  JoinTable table_;
  const bool one_row_is_enough_;
  bool opened_ = false;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_KEPT_RIGHT_H_
