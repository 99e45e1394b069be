// Touching and overlapping periods of the same fact made one.
#include <algorithm>
#include <utility>

#include "query/exec/chunked_array.h"
#include "query/exec/key_table.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

constexpr size_t kPlacedBetweenChecks = 1 << 16;

bool IsTime(TermId id) {
  return id.kind() == TermKind::kTime || id.kind() == TermKind::kDictionaryTime;
}

// Periods that share an instant or follow one another at once become one, from the earliest start
// to the latest end as these were written. Dates, some moment within which is meant, stay.
std::vector<Time> Coalesced(std::vector<Time> times) {
  std::vector<Time> result;
  std::vector<Time> periods;
  for (const Time& time : times) (time.is_period() ? periods : result).push_back(time);
  std::sort(periods.begin(), periods.end(), [](const Time& a, const Time& b) {
    return std::pair(a.first(), b.last()) < std::pair(b.first(), a.last());
  });
  for (size_t i = 0; i < periods.size();) {
    const Time& start = periods[i];
    Time end = start;
    for (++i; i < periods.size(); ++i) {
      const bool open = end.last() == Time::kOpenEnd;
      if (!open && periods[i].first() > end.last() + 1) break;
      if (periods[i].last() > end.last()) end = periods[i];
    }
    if (start == end) {
      result.push_back(start);
      continue;
    }
    // It can't end before it starts.
    const absl::StatusOr<Time> whole = Time::Period(start.start(), end.end());
    if (whole.ok()) result.push_back(*whole);
  }
  return result;
}

class Coalesce : public Operator {
 public:
  Coalesce(OperatorPtr input, algebra::Variable time, Context& context)
      : input_(std::move(input)),
        time_(PositionOf(input_->variables(), time)),
        context_(context),
        reservation_(context),
        fetcher_(context.vocabulary()),
        keys_(input_->variables().size() - 1) {}

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!read_) ANNALS_RETURN_IF_ERROR(Read());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables().size());
    for (; next_ < keys_.size() && batch->rows < context_.batch_rows(); ++next_) {
      ANNALS_RETURN_IF_ERROR(Give(next_, batch));
    }
    return batch->rows > 0;
  }

 private:
  absl::Status Read() {
    read_ = true;
    Batch batch;
    std::vector<uint32_t> numbers;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch));
      if (!more) break;
      std::vector<ColumnView> keys;
      for (size_t i = 0; i < batch.columns.size(); ++i) {
        if (i != time_) keys.emplace_back(batch.columns[i]);
      }
      ANNALS_RETURN_IF_ERROR(keys_.Insert(keys, batch.rows, context_, &numbers));
      key_of_.Append(numbers);
      times_.Append(batch.columns[time_]);
      ANNALS_RETURN_IF_ERROR(Account());
    }
    return SortTimes();
  }

  // Puts the times of each key side by side.
  absl::Status SortTimes() {
    const size_t rows = times_.size();
    Reservation passing(context_);
    ANNALS_RETURN_IF_ERROR(
        passing.Resize((keys_.size() + 1) * sizeof(size_t) + rows * sizeof(TermId)));
    begins_.assign(keys_.size() + 1, 0);
    sorted_.resize(rows);
    for (size_t i = 0; i < rows; ++i) ++begins_[key_of_[i] + 1];
    for (size_t i = 1; i < begins_.size(); ++i) begins_[i] += begins_[i - 1];
    for (size_t i = 0; i < rows; ++i) {
      if (i % kPlacedBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
      sorted_[begins_[key_of_[i]]++] = times_[i];
    }
    // Each is where the next key's begin by now.
    std::copy_backward(begins_.begin(), begins_.end() - 1, begins_.end());
    begins_[0] = 0;
    key_of_.Clear();
    times_.Clear();
    return Account();
  }

  absl::Status Account() {
    return reservation_.Resize(keys_.bytes() + key_of_.bytes() + times_.bytes() +
                               begins_.capacity() * sizeof(size_t) +
                               sorted_.capacity() * sizeof(TermId));
  }

  absl::Status Give(size_t key, Batch* batch) {
    const std::span<const TermId> ids =
        std::span(sorted_).subspan(begins_[key], begins_[key + 1] - begins_[key]);
    if (ids.size() == 1 && IsTime(ids[0])) {
      AddRow(key, ids[0], batch);
      return absl::OkStatus();
    }
    ANNALS_RETURN_IF_ERROR(fetcher_.Fetch(ids, &terms_));
    std::vector<Time> times;
    for (const Term* const term : terms_) {
      const Time* const time = term->As<Time>();
      if (time != nullptr) times.push_back(*time);
    }
    for (const Time& time : Coalesced(std::move(times))) {
      ANNALS_ASSIGN_OR_RETURN(const TermId id, context_.vocabulary().IdOf(Term(time)));
      AddRow(key, id, batch);
    }
    return absl::OkStatus();
  }

  void AddRow(size_t key, TermId time, Batch* batch) const {
    for (size_t i = 0, next = 0; i < batch->columns.size(); ++i) {
      batch->columns[i].push_back(i == time_ ? time : keys_.key(key, next++));
    }
    ++batch->rows;
  }

  const OperatorPtr input_;
  const Variables sorted_by_;
  const size_t time_;
  Context& context_;
  Reservation reservation_;
  TermFetcher fetcher_;
  std::vector<const Term*> terms_;  // scratch
  bool read_ = false;
  KeyTable keys_;  // rows without their time
  // Of each row, until all are read.
  ChunkedArray<uint32_t> key_of_;
  ChunkedArray<TermId> times_;
  // Then: the times of key n are sorted_ [begins_[n], begins_[n + 1]).
  std::vector<TermId> sorted_;
  std::vector<size_t> begins_;
  size_t next_ = 0;  // key
};

}  // namespace

OperatorPtr MakeCoalesce(OperatorPtr input, algebra::Variable time, Context& context) {
  return std::make_unique<Coalesce>(std::move(input), std::move(time), context);
}

}  // namespace annals::exec
