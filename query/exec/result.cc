#include "query/exec/result.h"

#include "absl/strings/str_cat.h"
#include "query/exec/term_cache.h"

namespace annals::exec {

absl::Status CheckTime(const Limits& limits) {
  if (limits.cancelled != nullptr && limits.cancelled->load(std::memory_order_relaxed)) {
    return Cancelled("the question was interrupted");
  }
  if (limits.deadline.has_value() && std::chrono::steady_clock::now() >= *limits.deadline) {
    return DeadlineExceeded(
        "the question took longer than its time limit: ask for less or raise the limit");
  }
  return absl::OkStatus();
}

absl::Status CheckRows(uint64_t rows, const Limits& limits) {
  if (rows <= limits.rows) return absl::OkStatus();
  return ResourceExhausted(absl::StrCat("the answer has more rows than its limit of ", limits.rows,
                                        ": ask for less or raise the limit"));
}

ResultReader::ResultReader(std::unique_ptr<Operator> input, Context& context)
    : input_(std::move(input)),
      context_(context),
      cache_(std::make_unique<TermCache>(context)),
      terms_(input_->variables().size()) {}

ResultReader::~ResultReader() = default;

absl::StatusOr<bool> ResultReader::Next() {
  ANNALS_RETURN_IF_ERROR(context_.Check());
  ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch_));
  if (!more) {
    batch_.Reset(terms_.size());
    return false;
  }
  total_rows_ += batch_.rows;
  ANNALS_RETURN_IF_ERROR(CheckRows(total_rows_, context_.limits()));
  cache_->BeginBatch();
  for (size_t i = 0; i < terms_.size(); ++i) {
    ANNALS_RETURN_IF_ERROR(cache_->Fetch(batch_.columns[i], &terms_[i]));
  }
  return true;
}

}  // namespace annals::exec
