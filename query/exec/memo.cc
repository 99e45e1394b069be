// An evaluator of one variable that works once a distinct value.
#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "query/exec/evaluator_nodes.h"

namespace annals::exec {
namespace {

constexpr size_t kMostRemembered = 1 << 20;

class Memo : public Evaluator {
 public:
  Memo(EvaluatorPtr inner, size_t column) : inner_(std::move(inner)), column_(column) {
    distinct_.Reset(1);
  }

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
    CollectDistinct(batch, rows);
    ANNALS_RETURN_IF_ERROR(inner_->Ids(distinct_, every_row_, &ids_));
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) (*out)[i] = ids_[places_[i]];
    return absl::OkStatus();
  }

  absl::Status Select(const Batch& batch, Selection* rows) override {
    ANNALS_RETURN_IF_ERROR(JudgeUnknown(batch, *rows));
    const auto& column = batch.columns[column_];
    std::erase_if(*rows, [&](uint32_t row) { return !verdicts_.find(column[row])->second; });
    return absl::OkStatus();
  }

 private:
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

  absl::Status JudgeUnknown(const Batch& batch, const Selection& rows) {
    if (verdicts_.size() > kMostRemembered) verdicts_.clear();
    distinct_.Reset(1);
    for (const uint32_t row : rows) {
      const TermId id = batch.columns[column_][row];
      if (verdicts_.try_emplace(id, false).second) distinct_.columns[0].push_back(id);
    }
    distinct_.rows = distinct_.columns[0].size();
    if (distinct_.rows == 0) return absl::OkStatus();
    SelectEveryRow(distinct_, &every_row_);
    const absl::Status status = inner_->Select(distinct_, &every_row_);
    if (!status.ok()) {
      verdicts_.clear();
      return status;
    }
    for (const uint32_t row : every_row_) verdicts_[distinct_.columns[0][row]] = true;
    return absl::OkStatus();
  }

  const EvaluatorPtr inner_;
  const size_t column_;
  Batch distinct_;
  Selection every_row_;
  absl::flat_hash_map<TermId, uint32_t> found_;
  absl::flat_hash_map<TermId, bool> verdicts_;
  std::vector<uint32_t> places_;
  std::vector<const Term*> terms_;
  std::vector<TermId> ids_;
};

}  // namespace

EvaluatorPtr MakeMemo(EvaluatorPtr inner, size_t column) {
  return std::make_unique<Memo>(std::move(inner), column);
}

}  // namespace annals::exec
