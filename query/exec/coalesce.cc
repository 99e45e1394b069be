// Touching and overlapping periods of the same fact made one.
#include <algorithm>
#include <map>
#include <utility>

#include "query/exec/operators.h"

namespace annals::exec {
namespace {

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
        reservation_(context) {}

  const Variables& variables() const override { return input_->variables(); }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!read_) ANNALS_RETURN_IF_ERROR(Read());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables().size());
    while (next_ != times_.end() && batch->rows < context_.batch_rows()) {
      ANNALS_RETURN_IF_ERROR(Give(next_->first, next_->second, batch));
      ++next_;
    }
    return batch->rows > 0;
  }

 private:
  using Key = std::vector<TermId>;  // a row with no time

  absl::Status Read() {
    read_ = true;
    Batch batch;
    uint64_t bytes = 0;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input_->Next(&batch));
      if (!more) break;
      for (size_t row = 0; row < batch.rows; ++row) {
        Key key;
        for (size_t i = 0; i < batch.columns.size(); ++i) {
          key.push_back(i == time_ ? TermId() : batch.columns[i][row]);
        }
        bytes += sizeof(TermId);
        auto [place, is_new] = times_.try_emplace(std::move(key));
        if (is_new) bytes += 64 + sizeof(TermId) * batch.columns.size();
        place->second.push_back(batch.columns[time_][row]);
      }
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(bytes));
    }
    next_ = times_.begin();
    return absl::OkStatus();
  }

  absl::Status Give(const Key& key, const std::vector<TermId>& ids, Batch* batch) {
    std::vector<Time> times;
    for (const TermId id : ids) {
      ANNALS_ASSIGN_OR_RETURN(const Term* const term, context_.vocabulary().TermOf(id));
      const Time* const time = term->As<Time>();
      if (time != nullptr) times.push_back(*time);
    }
    for (const Time& time : Coalesced(std::move(times))) {
      ANNALS_ASSIGN_OR_RETURN(const TermId id, context_.vocabulary().IdOf(Term(time)));
      for (size_t i = 0; i < key.size(); ++i) {
        batch->columns[i].push_back(i == time_ ? id : key[i]);
      }
      ++batch->rows;
    }
    return absl::OkStatus();
  }

  const OperatorPtr input_;
  const Variables sorted_by_;
  const size_t time_;
  Context& context_;
  Reservation reservation_;
  bool read_ = false;
  std::map<Key, std::vector<TermId>> times_;
  std::map<Key, std::vector<TermId>>::const_iterator next_;
};

}  // namespace

OperatorPtr MakeCoalesce(OperatorPtr input, algebra::Variable time, Context& context) {
  return std::make_unique<Coalesce>(std::move(input), std::move(time), context);
}

}  // namespace annals::exec
