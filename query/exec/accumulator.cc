#include "query/exec/accumulator.h"

#include <algorithm>
#include <optional>

#include "query/exec/chunked_array.h"
#include "query/exec/compare_ids.h"
#include "query/exec/key_table.h"
#include "query/exec/make_room.h"
#include "query/exec/parallel.h"
#include "query/exec/rank.h"
#include "query/exec/sort_checked.h"
#include "query/functions/arithmetic.h"

namespace annals::exec {
namespace {

using algebra::AggregateFunction;

// What the allocator adds to a term that is held.
constexpr uint64_t kHeldTermBytes = 16;

// The argument's ids, and, for `distinct`, which rows bring a group a value it has not had.
class Values {
 public:
  Values(std::unique_ptr<Evaluator> argument, bool distinct, Context& context)
      : argument_(std::move(argument)), distinct_(distinct), context_(context), seen_(2) {}

  absl::Status Read(const Batch& batch, std::span<const uint32_t> groups) {
    SelectEveryRow(batch, &rows_);
    ANNALS_RETURN_IF_ERROR(argument_->Ids(batch, rows_, &ids_));
    if (!distinct_) return absl::OkStatus();
    group_ids_.resize(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) group_ids_[i] = TermId::Integer(groups[i]);
    size_t next = seen_.size();
    const ColumnView columns[] = {group_ids_, ids_};
    ANNALS_RETURN_IF_ERROR(seen_.Insert(columns, batch.rows, context_, &numbers_));
    for (size_t i = 0; i < ids_.size(); ++i) {
      if (numbers_[i] < next) {
        ids_[i] = TermId();  // as if it were empty
      } else {
        next = size_t{numbers_[i]} + 1;
      }
    }
    return absl::OkStatus();
  }

  // Takes over what `other` has had, under the groups of this one, and calls `add` with the group
  // of each value that is new here.
  template <typename Add>
  absl::Status Merge(const Values& other, std::span<const uint32_t> groups, const Add& add) {
    constexpr size_t kPiece = 4096;
    for (size_t begin = 0; begin < other.seen_.size(); begin += kPiece) {
      const size_t rows = std::min(kPiece, other.seen_.size() - begin);
      group_ids_.resize(rows);
      ids_.resize(rows);
      for (size_t i = 0; i < rows; ++i) {
        const auto group = static_cast<size_t>(other.seen_.key(begin + i, 0).integer());
        group_ids_[i] = TermId::Integer(groups[group]);
        ids_[i] = other.seen_.key(begin + i, 1);
      }
      const size_t known = seen_.size();
      const ColumnView columns[] = {group_ids_, ids_};
      ANNALS_RETURN_IF_ERROR(seen_.Insert(columns, rows, context_, &numbers_));
      for (size_t i = known; i < seen_.size(); ++i) {
        const TermId id = seen_.key(i, 1);
        if (!id.is_undefined()) add(static_cast<uint32_t>(seen_.key(i, 0).integer()), id);
      }
    }
    return absl::OkStatus();
  }

  bool distinct() const { return distinct_; }
  // Undefined where there is none.
  const std::vector<TermId>& ids() const { return ids_; }
  uint64_t bytes() const { return seen_.bytes(); }

 private:
  const std::unique_ptr<Evaluator> argument_;
  const bool distinct_;
  Context& context_;
  KeyTable seen_;
  Selection rows_;
  std::vector<TermId> ids_, group_ids_;
  std::vector<uint32_t> numbers_;
};

class CountRows : public Accumulator {
 public:
  // `times`: how often a row counts; may be null.
  CountRows(std::unique_ptr<Evaluator> times, Context& context)
      : times_(std::move(times)), context_(context) {}
  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &counts_, context_));
    counts_.resize(group_count);
    if (times_ == nullptr) {
      for (const uint32_t group : groups) ++counts_[group];
      return absl::OkStatus();
    }
    SelectEveryRow(batch, &rows_);
    ANNALS_RETURN_IF_ERROR(times_->Ids(batch, rows_, &ids_));
    for (size_t i = 0; i < groups.size(); ++i) counts_[groups[i]] += ids_[i].integer();
    return absl::OkStatus();
  }
  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                     size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &counts_, context_));
    counts_.resize(group_count);
    const auto& others = static_cast<CountRows&>(other).counts_;
    for (size_t i = 0; i < others.size(); ++i) counts_[groups[i]] += others[i];
    return absl::OkStatus();
  }
  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &counts_, context_));
    counts_.resize(group_count);
    for (const int64_t count : counts_) values->push_back(TermId::Integer(count));
    return absl::OkStatus();
  }
  uint64_t bytes() const override { return counts_.capacity() * sizeof(int64_t); }

 private:
  const std::unique_ptr<Evaluator> times_;
  Context& context_;
  Selection rows_;
  std::vector<TermId> ids_;
  std::vector<int64_t> counts_;
};

class Count : public Accumulator {
 public:
  Count(AggregateColumn aggregate, Context& context)
      : values_(std::move(aggregate.argument), aggregate.distinct, context), context_(context) {}
  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(values_.Read(batch, groups));
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &counts_, context_));
    counts_.resize(group_count);
    for (size_t i = 0; i < groups.size(); ++i) {
      counts_[groups[i]] += values_.ids()[i].is_undefined() ? 0 : 1;
    }
    return absl::OkStatus();
  }
  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                     size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &counts_, context_));
    counts_.resize(group_count);
    auto& from = static_cast<Count&>(other);
    if (values_.distinct()) {
      return values_.Merge(from.values_, groups,
                           [this](uint32_t group, TermId) { ++counts_[group]; });
    }
    for (size_t i = 0; i < from.counts_.size(); ++i) counts_[groups[i]] += from.counts_[i];
    return absl::OkStatus();
  }
  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &counts_, context_));
    counts_.resize(group_count);
    for (const int64_t count : counts_) values->push_back(TermId::Integer(count));
    return absl::OkStatus();
  }
  uint64_t bytes() const override { return counts_.capacity() * sizeof(int64_t) + values_.bytes(); }

 private:
  Values values_;
  Context& context_;
  std::vector<int64_t> counts_;
};

class Sum : public Accumulator {
 public:
  Sum(AggregateColumn aggregate, Context& context)
      : average_(aggregate.function == AggregateFunction::kAvg),
        values_(std::move(aggregate.argument), aggregate.distinct, context),
        context_(context),
        fetcher_(context.vocabulary()) {}

  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(values_.Read(batch, groups));
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    others_.clear();
    other_groups_.clear();
    for (size_t i = 0; i < groups.size(); ++i) {
      const TermId id = values_.ids()[i];
      if (id.kind() == TermKind::kInteger) {
        AddInteger(id.integer(), &groups_[groups[i]]);
      } else if (id.kind() == TermKind::kNumber || id.kind() == TermKind::kLocal) {
        others_.push_back(id);
        other_groups_.push_back(groups[i]);
      }
    }
    if (!waiting_begins_.empty()) {
      waiting_.Append(others_);
      waiting_groups_.Append(other_groups_);
      return absl::OkStatus();
    }
    return AddTerms(others_, other_groups_);
  }

  // Sums of doubles depend on the order: they wait. All else here is exact.
  void BeginShare() override { waiting_begins_.push_back(waiting_.size()); }

  absl::Status MergeShare(Accumulator& other, size_t n, std::span<const uint32_t> groups,
                          size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    const auto& from = static_cast<Sum&>(other);
    const size_t begin = from.waiting_begins_[n];
    const size_t end =
        n + 1 < from.waiting_begins_.size() ? from.waiting_begins_[n + 1] : from.waiting_.size();
    constexpr size_t kPiece = 4096;
    for (size_t at = begin; at < end; at += kPiece) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      others_.clear();
      other_groups_.clear();
      for (size_t i = at; i < std::min(end, at + kPiece); ++i) {
        others_.push_back(from.waiting_[i]);
        other_groups_.push_back(groups[from.waiting_groups_[i]]);
      }
      ANNALS_RETURN_IF_ERROR(AddTerms(others_, other_groups_));
    }
    return absl::OkStatus();
  }

  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                     size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    const auto& from = static_cast<Sum&>(other);
    for (size_t i = 0; i < from.groups_.size(); ++i) {
      const Group& group = from.groups_[i];
      Group& own = groups_[groups[i]];
      const uint64_t numbers = own.numbers + group.numbers;
      if (group.rest != nullptr) AddTo(&own.rest, *group.rest);
      AddInteger(group.whole, &own);
      own.numbers = numbers;
    }
    return absl::OkStatus();
  }

  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    for (const Group& group : groups_) {
      ANNALS_ASSIGN_OR_RETURN(values->emplace_back(), context_.vocabulary().IdOf(Result(group)));
    }
    return absl::OkStatus();
  }

  uint64_t bytes() const override {
    return groups_.capacity() * sizeof(Group) + terms_held_ * (sizeof(Term) + kHeldTermBytes) +
           values_.bytes() + waiting_.bytes() + waiting_groups_.bytes();
  }

 private:
  struct Group {
    int64_t whole = 0;  // of integers, since the last overflow
    uint64_t numbers = 0;
    std::unique_ptr<Term> rest;  // of other numbers
    std::unique_ptr<Term> durations;
    uint64_t duration_count = 0;
  };

  absl::Status AddTerms(std::span<const TermId> ids, std::span<const uint32_t> groups) {
    ANNALS_RETURN_IF_ERROR(fetcher_.Fetch(ids, &terms_));
    for (size_t i = 0; i < ids.size(); ++i) AddTerm(*terms_[i], &groups_[groups[i]]);
    return absl::OkStatus();
  }
  void AddTo(std::unique_ptr<Term>* sum, const Term& value) {
    if (*sum == nullptr) {
      ++terms_held_;
      *sum = std::make_unique<Term>(value);
    } else {
      **sum = functions::Calculate(NumberOp::kAdd, **sum, value);
    }
  }
  void AddInteger(int64_t value, Group* group) {
    ++group->numbers;
    int64_t sum = 0;
    if (__builtin_add_overflow(group->whole, value, &sum)) {
      AddTo(&group->rest, Term(group->whole));
      sum = value;
    }
    group->whole = sum;
  }
  void AddTerm(const Term& value, Group* group) {
    if (const auto* integer = value.As<int64_t>()) {
      AddInteger(*integer, group);
    } else if (value.is_number()) {
      ++group->numbers;
      AddTo(&group->rest, value);
    } else if (value.As<Duration>() != nullptr) {
      ++group->duration_count;
      AddTo(&group->durations, value);
    }
  }

  Term Result(const Group& group) const {
    if (group.numbers == 0 && group.durations != nullptr) {
      return average_ ? MeanDuration(group) : *group.durations;
    }
    Term sum(group.whole);
    if (group.rest != nullptr) sum = functions::Calculate(NumberOp::kAdd, *group.rest, sum);
    if (!average_) return sum;
    return functions::Calculate(NumberOp::kDivide, sum, Term(static_cast<int64_t>(group.numbers)));
  }

  // To the second below; of months alone, to the month.
  static Term MeanDuration(const Group& group) {
    const auto* sum = group.durations->As<Duration>();
    if (sum == nullptr || (sum->months != 0 && sum->seconds != 0)) return Term();
    const auto count = static_cast<int64_t>(group.duration_count);
    return Term(Duration{sum->months / count, sum->seconds / count});
  }

  const bool average_;
  Values values_;
  Context& context_;
  TermFetcher fetcher_;
  std::vector<Group> groups_;
  uint64_t terms_held_ = 0;  // by groups_
  std::vector<TermId> others_;
  std::vector<uint32_t> other_groups_;
  std::vector<const Term*> terms_;
  // Values that wait for MergeShare, and where those of each share begin; none: nothing waits.
  ChunkedArray<TermId> waiting_;
  ChunkedArray<uint32_t> waiting_groups_;
  std::vector<size_t> waiting_begins_;
};

class List : public Accumulator {
 public:
  List(AggregateColumn aggregate, Context& context)
      : values_(std::move(aggregate.argument), aggregate.distinct, context), context_(context) {}

  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups, size_t) override {
    ANNALS_RETURN_IF_ERROR(values_.Read(batch, groups));
    for (size_t i = 0; i < groups.size(); ++i) {
      if (values_.ids()[i].is_undefined()) continue;
      groups_.push_back(groups[i]);
      ids_.push_back(values_.ids()[i]);
    }
    return absl::OkStatus();
  }

  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups, size_t) override {
    auto& from = static_cast<List&>(other);
    Reservation both(context_);
    ANNALS_RETURN_IF_ERROR(both.Resize(from.ids_.bytes() + from.groups_.bytes()));
    const auto add = [this](uint32_t group, TermId id) {
      groups_.push_back(group);
      ids_.push_back(id);
    };
    if (values_.distinct()) return values_.Merge(from.values_, groups, add);
    for (size_t i = 0; i < from.ids_.size(); ++i) add(groups[from.groups_[i]], from.ids_[i]);
    return absl::OkStatus();
  }

  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    const size_t rows = ids_.size();
    Reservation passing(context_);
    std::vector<uint32_t> ranks;
    ANNALS_RETURN_IF_ERROR(passing.Resize(rows * sizeof(uint32_t)));
    ANNALS_RETURN_IF_ERROR(RankColumn(context_, ids_, &ranks));
    ANNALS_RETURN_IF_ERROR(passing.Resize(2 * rows * sizeof(uint32_t)));
    std::vector<uint32_t> order(rows);
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto less = [&](uint32_t a, uint32_t b) {
      return groups_[a] != groups_[b] ? groups_[a] < groups_[b] : ranks[a] < ranks[b];
    };
    ANNALS_RETURN_IF_ERROR(SortChecked(context_, &order, less));
    ranks = {};
    ANNALS_RETURN_IF_ERROR(passing.Resize(rows * sizeof(uint32_t)));
    size_t next = 0;
    for (uint32_t group = 0; group < group_count; ++group) {
      const size_t begin = next;
      while (next < rows && groups_[order[next]] == group) ++next;
      ANNALS_ASSIGN_OR_RETURN(values->emplace_back(),
                              MakeList(std::span(order).subspan(begin, next - begin)));
    }
    return absl::OkStatus();
  }

  uint64_t bytes() const override { return ids_.bytes() + groups_.bytes() + values_.bytes(); }

 private:
  // Of the values in these places. Nothing to list is an empty value, as for the other aggregates.
  absl::StatusOr<TermId> MakeList(std::span<const uint32_t> places) {
    if (places.empty()) return TermId();
    constexpr size_t kPiece = 256;  // texts may be long
    Reservation reservation(context_);
    uint64_t bytes = places.size() * kKeyBytesOfItem;
    ANNALS_RETURN_IF_ERROR(reservation.Resize(bytes + places.size() * sizeof(Term)));
    TermList list;
    list.reserve(places.size());
    TermFetcher fetcher(context_.vocabulary());
    std::vector<TermId> ids;
    std::vector<const Term*> terms;
    for (size_t begin = 0; begin < places.size(); begin += kPiece) {
      ids.clear();
      for (const uint32_t place : places.subspan(begin, std::min(kPiece, places.size() - begin))) {
        ids.push_back(ids_[place]);
      }
      ANNALS_RETURN_IF_ERROR(fetcher.Fetch(ids, &terms));
      for (const Term* term : terms) {
        list.push_back(*term);
        // What its text takes outside of it, in the list and in the list's key.
        bytes += 2 * (BytesOfTerm(*term) - sizeof(Term));
      }
      ANNALS_RETURN_IF_ERROR(reservation.Resize(bytes + places.size() * sizeof(Term)));
    }
    // From here on the vocabulary counts it.
    ANNALS_ASSIGN_OR_RETURN(const TermId id,
                            context_.vocabulary().IdOf(Term(Term::Value(std::move(list)))));
    ANNALS_RETURN_IF_ERROR(reservation.Resize(0));
    ANNALS_RETURN_IF_ERROR(context_.Check());
    return id;
  }

  // About what an item takes in the key by which the vocabulary knows the list.
  static constexpr uint64_t kKeyBytesOfItem = 24;

  Values values_;
  Context& context_;
  ChunkedArray<uint32_t> groups_;
  ChunkedArray<TermId> ids_;
};

// min, max, first and last: the value whose key comes first or last in term order.
class Extreme : public Accumulator {
 public:
  Extreme(AggregateColumn aggregate, Context& context)
      : last_(aggregate.function == AggregateFunction::kMax ||
              aggregate.function == AggregateFunction::kLast),
        argument_(std::move(aggregate.argument)),
        by_(std::move(aggregate.by)),
        context_(context),
        key_fetcher_(context.vocabulary()),
        value_fetcher_(context.vocabulary()) {}

  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
    SelectEveryRow(batch, &rows_);
    ANNALS_RETURN_IF_ERROR(argument_->Ids(batch, rows_, &values_));
    ANNALS_RETURN_IF_ERROR(Fetch(values_, &value_fetcher_, &value_terms_));
    if (by_ != nullptr) {
      ANNALS_RETURN_IF_ERROR(by_->Ids(batch, rows_, &keys_));
      ANNALS_RETURN_IF_ERROR(Fetch(keys_, &key_fetcher_, &key_terms_));
    }
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    for (size_t i = 0; i < groups.size(); ++i) {
      const Candidate value{values_[i], value_terms_.empty() ? nullptr : value_terms_[i]};
      Candidate key = value;
      if (by_ != nullptr) key = {keys_[i], key_terms_.empty() ? nullptr : key_terms_[i]};
      if (value.id.is_undefined() || key.id.is_undefined()) continue;
      Offer(key, value, &groups_[groups[i]]);
    }
    return absl::OkStatus();
  }

  // Values that are equally far are the same: the order of the rows makes no difference.
  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                     size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    const auto& from = static_cast<Extreme&>(other);
    for (size_t i = 0; i < from.groups_.size(); ++i) {
      const Held& value = from.groups_[i].value;
      const Held& key = from.groups_[i].key;
      if (value.id.is_undefined()) continue;
      Offer({key.id, key.term.get()}, {value.id, value.term.get()}, &groups_[groups[i]]);
    }
    return absl::OkStatus();
  }

  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    ANNALS_RETURN_IF_ERROR(MakeRoom(group_count, &groups_, context_));
    groups_.resize(group_count);
    for (const Group& group : groups_) values->push_back(group.value.id);
    return absl::OkStatus();
  }

  uint64_t bytes() const override { return groups_.capacity() * sizeof(Group) + term_bytes_; }

 private:
  struct Candidate {
    TermId id;
    const Term* term;  // may be null where the id tells
  };
  struct Held {
    TermId id;
    std::unique_ptr<Term> term;
    uint64_t bytes = 0;  // of the term

    void Take(const Candidate& candidate, uint64_t* held) {
      id = candidate.id;
      *held -= bytes;
      if (candidate.term == nullptr) {
        term = nullptr;
      } else if (term == nullptr) {
        term = std::make_unique<Term>(*candidate.term);
      } else {
        *term = *candidate.term;
      }
      bytes = term == nullptr ? 0 : BytesOfTerm(*term) + kHeldTermBytes;
      *held += bytes;
    }
    int Compare(const Candidate& candidate) const {
      if (const auto known = OrderByIds(candidate.id, id)) return *known;
      return CompareTerms(candidate);
    }

   private:
    int CompareTerms(const Candidate& candidate) const {
      const auto own = term != nullptr ? *term : TermFromInlineId(id).value_or(Term());
      const auto other = candidate.term != nullptr
                             ? *candidate.term
                             : TermFromInlineId(candidate.id).value_or(Term());
      return CompareForOrder(other, own);
    }
  };
  struct Group {
    Held key, value;
  };

  // Terms of a batch, unless all of its ids hold their values.
  static absl::Status Fetch(const std::vector<TermId>& ids, TermFetcher* fetcher,
                            std::vector<const Term*>* terms) {
    terms->clear();
    const bool needed = std::any_of(ids.begin(), ids.end(), [](TermId id) {
      return id.in_dictionary() || id.kind() == TermKind::kLocal;
    });
    return needed ? fetcher->Fetch(ids, terms) : absl::OkStatus();
  }

  void Offer(const Candidate& key, const Candidate& value, Group* group) {
    if (!group->value.id.is_undefined()) {
      if (key.id == group->key.id && value.id == group->value.id) return;
      int order = group->key.Compare(key);
      if (order == 0 && by_ != nullptr) order = group->value.Compare(value);
      if (last_ ? order <= 0 : order >= 0) return;
    }
    group->key.Take(key, &term_bytes_);
    group->value.Take(value, &term_bytes_);
  }

  const bool last_;
  const std::unique_ptr<Evaluator> argument_, by_;
  Context& context_;
  TermFetcher key_fetcher_, value_fetcher_;
  Selection rows_;
  std::vector<TermId> values_, keys_;
  std::vector<const Term*> value_terms_, key_terms_;
  std::vector<Group> groups_;
  uint64_t term_bytes_ = 0;  // of groups_
};

}  // namespace

bool MergesAcrossThreads(const algebra::Aggregate& aggregate) {
  // Sums of distinct doubles depend on which comes first.
  const bool sums = aggregate.function == AggregateFunction::kSum ||
                    aggregate.function == AggregateFunction::kAvg;
  return !(sums && aggregate.distinct) &&
         (aggregate.argument == nullptr || !HoldsExists(*aggregate.argument)) &&
         (aggregate.by == nullptr || !HoldsExists(*aggregate.by));
}

std::unique_ptr<Accumulator> MakeAccumulator(AggregateColumn aggregate, Context& context) {
  switch (aggregate.function) {
    case AggregateFunction::kCountRows:
      return std::make_unique<CountRows>(std::move(aggregate.argument), context);
    case AggregateFunction::kCount:
      return std::make_unique<Count>(std::move(aggregate), context);
    case AggregateFunction::kSum:
    case AggregateFunction::kAvg:
      return std::make_unique<Sum>(std::move(aggregate), context);
    case AggregateFunction::kList:
      return std::make_unique<List>(std::move(aggregate), context);
    case AggregateFunction::kMin:
    case AggregateFunction::kMax:
    case AggregateFunction::kFirst:
    case AggregateFunction::kLast:
      return std::make_unique<Extreme>(std::move(aggregate), context);
  }
  return nullptr;
}

}  // namespace annals::exec
