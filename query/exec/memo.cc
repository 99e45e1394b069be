// An evaluator of one variable that works once a distinct value.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "query/exec/evaluator_nodes.h"
#include "query/exec/key_table.h"
#include "query/exec/make_room.h"

namespace annals::exec {
namespace {

constexpr size_t kMostRemembered = 1 << 20;

// What is known of the values that have come: results[n] belongs to the value number n.
template <typename Result>
class Remembered {
 public:
  // Numbers the values; those that are new are the column of `fresh`.
  absl::Status Look(std::span<const TermId> values, Context& context, Batch* fresh) {
    if (values_.size() > kMostRemembered) Forget();
    ANNALS_RETURN_IF_ERROR(MakeRoom(values_.size() + values.size(), &results_, context));
    const size_t known = values_.size();
    const ColumnView columns[] = {values};
    ANNALS_RETURN_IF_ERROR(values_.Insert(columns, values.size(), context, &numbers_));
    fresh->Reset(1);
    for (size_t i = known; i < values_.size(); ++i) fresh->columns[0].push_back(values_.key(i, 0));
    fresh->rows = fresh->columns[0].size();
    return absl::OkStatus();
  }
  // Of the fresh values, in order.
  void Add(Result result) { results_.push_back(result); }
  void Forget() {
    values_ = KeyTable(1);
    results_.clear();
  }

  // Of the i-th value of the last Look.
  Result at(size_t i) const { return results_[numbers_[i]]; }
  uint64_t bytes() const { return values_.bytes() + results_.capacity() * sizeof(Result); }

 private:
  KeyTable values_{1};
  std::vector<Result> results_;
  std::vector<uint32_t> numbers_;
};

class Memo : public Evaluator {
 public:
  Memo(EvaluatorPtr inner, size_t column, Context& context)
      : inner_(std::move(inner)), column_(column), context_(context), reservation_(context) {}

  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    CollectDistinct(batch, rows);
    ANNALS_RETURN_IF_ERROR(inner_->Terms(distinct_, every_row_, &terms_));
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) (*out)[i] = terms_[places_[i]];
    return absl::OkStatus();
  }

  absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override {
    Gather(batch, rows);
    ANNALS_RETURN_IF_ERROR(ids_.Look(values_, context_, &distinct_));
    if (distinct_.rows > 0) {
      SelectEveryRow(distinct_, &every_row_);
      const absl::Status status = inner_->Ids(distinct_, every_row_, &new_ids_);
      if (!status.ok()) {
        ids_.Forget();
        return status;
      }
      for (const TermId id : new_ids_) ids_.Add(id);
      ANNALS_RETURN_IF_ERROR(Account());
    }
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) (*out)[i] = ids_.at(i);
    return absl::OkStatus();
  }

  absl::Status Select(const Batch& batch, Selection* rows) override {
    Gather(batch, *rows);
    ANNALS_RETURN_IF_ERROR(verdicts_.Look(values_, context_, &distinct_));
    if (distinct_.rows > 0) ANNALS_RETURN_IF_ERROR(Judge());
    size_t kept = 0;
    for (size_t i = 0; i < rows->size(); ++i) {
      (*rows)[kept] = (*rows)[i];
      kept += verdicts_.at(i);
    }
    rows->resize(kept);
    return absl::OkStatus();
  }

 private:
  // values_ = the column at these rows.
  void Gather(const Batch& batch, std::span<const uint32_t> rows) {
    const auto& column = batch.columns[column_];
    if (rows.size() == batch.rows) {
      values_ = column;
      return;
    }
    values_.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) values_[i] = column[rows[i]];
  }

  // places_[i]: where in distinct_ the value of rows[i] stands.
  void CollectDistinct(const Batch& batch, std::span<const uint32_t> rows) {
    found_.clear();
    distinct_.Reset(1);
    places_.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const TermId id = batch.columns[column_][rows[i]];
      const auto [entry, is_new] =
          found_.try_emplace(id, static_cast<uint32_t>(distinct_.columns[0].size()));
      if (is_new) distinct_.columns[0].push_back(id);
      places_[i] = entry->second;
    }
    distinct_.rows = distinct_.columns[0].size();
    SelectEveryRow(distinct_, &every_row_);
  }

  // The verdicts on the values of distinct_.
  absl::Status Judge() {
    SelectEveryRow(distinct_, &every_row_);
    const absl::Status status = inner_->Select(distinct_, &every_row_);
    if (!status.ok()) {
      verdicts_.Forget();
      return status;
    }
    size_t next = 0;
    for (uint32_t i = 0; i < distinct_.rows; ++i) {
      const bool passes = next < every_row_.size() && every_row_[next] == i;
      if (passes) ++next;
      verdicts_.Add(passes);
    }
    return Account();
  }

  absl::Status Account() { return reservation_.Resize(ids_.bytes() + verdicts_.bytes()); }

  const EvaluatorPtr inner_;
  const size_t column_;
  Context& context_;
  Reservation reservation_;
  Remembered<TermId> ids_;
  Remembered<uint8_t> verdicts_;
  std::vector<TermId> values_, new_ids_;
  Batch distinct_;
  Selection every_row_;
  absl::flat_hash_map<TermId, uint32_t> found_;
  std::vector<uint32_t> places_;
  std::vector<const Term*> terms_;
};

}  // namespace

EvaluatorPtr MakeMemo(EvaluatorPtr inner, size_t column, Context& context) {
  return std::make_unique<Memo>(std::move(inner), column, context);
}

}  // namespace annals::exec
