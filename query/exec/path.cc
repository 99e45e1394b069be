// The pairs of ends of a path: a search from each end that is known, or from every one.
#include <algorithm>
#include <functional>

#include "query/algebra/build.h"
#include "query/exec/make_room.h"
#include "query/exec/operators.h"
#include "query/exec/path_search.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

using algebra::Slot;

class PathPairs : public Operator {
 public:
  PathPairs(const algebra::Path& path, std::shared_ptr<const OuterRelation> given, Context& context)
      : from_(path.from),
        to_(path.to),
        may_be_empty_(path.may_be_empty()),
        with_chain_(path.chain.has_value()),
        with_length_(path.length.has_value()),
        given_(std::move(given)),
        context_(context),
        backward_(SearchesBackward(path)),
        search_(MakePathSearch(path, backward_, context)),
        reservation_(context) {
    for (const Slot* slot : {&from_, &to_}) {
      if (slot->kind == Slot::Kind::kVariable) algebra::AddVariables({slot->variable}, &variables_);
    }
    if (with_chain_) variables_.push_back(*path.chain);
    if (with_length_) variables_.push_back(*path.length);
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!started_) {
      started_ = true;
      ANNALS_RETURN_IF_ERROR(FindStarts());
    }
    batch->Reset(variables_.size());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    while (batch->rows < context_.batch_rows()) {
      if (next_reached_ < reached_.size()) {
        ANNALS_RETURN_IF_ERROR(Add(reached_[next_reached_++], batch));
      } else if (next_start_ < starts_.size()) {
        ANNALS_RETURN_IF_ERROR(Search(starts_[next_start_++]));
      } else {
        break;
      }
    }
    return batch->rows > 0;
  }

 private:
  bool IsGiven(const Slot& slot) const {
    return slot.kind == Slot::Kind::kVariable && given_ != nullptr &&
           algebra::Contains(given_->variables(), slot.variable);
  }
  bool SearchesBackward(const algebra::Path& path) const {
    if (path.from.kind == Slot::Kind::kConstant) return false;
    if (path.to.kind == Slot::Kind::kConstant) return true;
    return !IsGiven(path.from) && IsGiven(path.to);
  }

  absl::Status FindStarts() {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    const Slot& start = backward_ ? to_ : from_;
    if (start.kind == Slot::Kind::kConstant) {
      starts_.push_back(start.id);
      return absl::OkStatus();
    }
    if (IsGiven(start)) {
      const size_t column = PositionOf(given_->variables(), start.variable);
      for (size_t i = 0; i < given_->rows().size(); ++i) {
        starts_.push_back(given_->rows().key(i, column));
      }
    } else {
      if (may_be_empty_) {
        ANNALS_RETURN_IF_ERROR(AddNodes(Permutation::kSpo, Column::kSubject));
        ANNALS_RETURN_IF_ERROR(AddNodes(Permutation::kOsp, Column::kObject));
      } else {
        ANNALS_RETURN_IF_ERROR(search_->AddStarts(&starts_));
      }
      all_are_nodes_ = true;
    }
    ANNALS_RETURN_IF_ERROR(reservation_.Resize(starts_.capacity() * sizeof(TermId)));
    ANNALS_RETURN_IF_ERROR(SortChecked(context_, &starts_, std::less<TermId>()));
    starts_.erase(std::unique(starts_.begin(), starts_.end()), starts_.end());
    return reservation_.Resize(starts_.capacity() * sizeof(TermId));
  }

  // Every term that stands in this place of a fact.
  absl::Status AddNodes(Permutation permutation, Column column) {
    ScanSpec spec;
    spec.permutation = permutation;
    spec.output = {column};
    ANNALS_ASSIGN_OR_RETURN(const auto scan, context_.source().Scan(spec));
    std::vector<TermId> ids;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const size_t rows,
                              scan->Next(std::span(&ids, 1), context_.batch_rows()));
      if (rows == 0) return absl::OkStatus();
      ANNALS_RETURN_IF_ERROR(MakeRoom(starts_.size() + rows, &starts_, context_));
      for (const TermId id : ids) {
        if (starts_.empty() || starts_.back() != id) starts_.push_back(id);
      }
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(starts_.capacity() * sizeof(TermId)));
    }
  }

  absl::StatusOr<bool> IsNode(TermId id) {
    if (all_are_nodes_) return true;
    if (id.kind() == TermKind::kLocal) return false;
    for (const Permutation permutation : {Permutation::kSpo, Permutation::kOsp}) {
      ScanSpec spec;
      spec.permutation = permutation;
      spec.prefix = {id};
      ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(spec));
      if (rows > 0) return true;
    }
    return false;
  }

  absl::Status Search(TermId start) {
    reached_.clear();
    next_reached_ = 0;
    const Slot& other = backward_ ? from_ : to_;
    const bool same_variable = from_.kind == Slot::Kind::kVariable && to_.kind == from_.kind &&
                               from_.variable == to_.variable;
    std::optional<TermId> target;
    if (other.kind == Slot::Kind::kConstant) target = other.id;
    if (same_variable) target = start;
    if (may_be_empty_ && (!target.has_value() || *target == start)) {
      // A constant end is linked with itself whatever the facts are.
      bool itself = from_.kind == Slot::Kind::kConstant || to_.kind == Slot::Kind::kConstant;
      if (!itself) {
        ANNALS_ASSIGN_OR_RETURN(itself, IsNode(start));
      }
      if (itself) reached_.push_back({start, {}, 0});
      if (target.has_value()) {
        start_ = start;
        return absl::OkStatus();
      }
    }
    start_ = start;
    return search_->From(start, target, &reached_);
  }

  absl::Status Add(const Reached& reached, Batch* batch) {
    size_t column = 0;
    const auto add = [&](const Slot& slot, TermId id) {
      if (slot.kind != Slot::Kind::kVariable) return;
      if (column > 0 && slot.variable == variables_[0]) return;  // both ends are one variable
      batch->columns[column++].push_back(id);
    };
    add(from_, backward_ ? reached.end : start_);
    add(to_, backward_ ? start_ : reached.end);
    if (with_chain_) {
      TermList facts;
      for (const uint64_t fact : reached.chain) facts.emplace_back(FactRef{fact});
      ANNALS_ASSIGN_OR_RETURN(const TermId id,
                              context_.vocabulary().IdOf(Term(Term::Value(std::move(facts)))));
      batch->columns[column++].push_back(id);
    }
    if (with_length_) {
      batch->columns[column].push_back(TermId::Integer(static_cast<int64_t>(reached.length)));
    }
    ++batch->rows;
    return absl::OkStatus();
  }

  const Slot from_, to_;
  const bool may_be_empty_, with_chain_, with_length_;
  const std::shared_ptr<const OuterRelation> given_;
  Context& context_;
  const bool backward_;
  const std::unique_ptr<PathSearch> search_;
  Reservation reservation_;
  Variables variables_;
  const Variables sorted_by_;
  bool started_ = false;
  bool all_are_nodes_ = false;
  std::vector<TermId> starts_;
  size_t next_start_ = 0;
  TermId start_;  // that `reached_` belongs to
  std::vector<Reached> reached_;
  size_t next_reached_ = 0;
};

}  // namespace

OperatorPtr MakePath(const algebra::Path& path, std::shared_ptr<const OuterRelation> given,
                     Context& context) {
  return std::make_unique<PathPairs>(path, std::move(given), context);
}

}  // namespace annals::exec
