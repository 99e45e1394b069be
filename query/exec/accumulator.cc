#include "query/exec/accumulator.h"

#include <algorithm>
#include <optional>

#include "query/exec/compare_ids.h"
#include "query/exec/key_table.h"
#include "query/exec/parallel.h"
#include "query/exec/rank.h"
#include "query/exec/sort_checked.h"
#include "query/functions/arithmetic.h"

namespace annals::exec {
namespace {

using algebra::AggregateFunction;

// The argument's ids, and, for `distinct`, which rows bring a group a value it has not had.
class Values {
 public:
  Values(std::unique_ptr<Evaluator> argument, bool distinct)
      : argument_(std::move(argument)), distinct_(distinct), seen_(2) {}

  absl::Status Read(const Batch& batch, std::span<const uint32_t> groups) {
    SelectEveryRow(batch, &rows_);
    ANNALS_RETURN_IF_ERROR(argument_->Ids(batch, rows_, &ids_));
    if (!distinct_) return absl::OkStatus();
    group_ids_.resize(groups.size());
    for (size_t i = 0; i < groups.size(); ++i) group_ids_[i] = TermId::Integer(groups[i]);
    size_t next = seen_.size();
    const ColumnView columns[] = {group_ids_, ids_};
    seen_.Insert(columns, batch.rows, &numbers_);
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
  void Merge(const Values& other, std::span<const uint32_t> groups, const Add& add) {
    const size_t rows = other.seen_.size();
    group_ids_.resize(rows);
    ids_.resize(rows);
    for (size_t i = 0; i < rows; ++i) {
      const auto group = static_cast<size_t>(other.seen_.key(i, 0).integer());
      group_ids_[i] = TermId::Integer(groups[group]);
      ids_[i] = other.seen_.key(i, 1);
    }
    const size_t known = seen_.size();
    const ColumnView columns[] = {group_ids_, ids_};
    seen_.Insert(columns, rows, &numbers_);
    for (size_t i = known; i < seen_.size(); ++i) {
      const TermId id = seen_.key(i, 1);
      if (!id.is_undefined()) add(static_cast<uint32_t>(seen_.key(i, 0).integer()), id);
    }
  }

  bool distinct() const { return distinct_; }
  // Undefined where there is none.
  const std::vector<TermId>& ids() const { return ids_; }
  uint64_t bytes() const { return seen_.bytes(); }

 private:
  const std::unique_ptr<Evaluator> argument_;
  const bool distinct_;
  KeyTable seen_;
  Selection rows_;
  std::vector<TermId> ids_, group_ids_;
  std::vector<uint32_t> numbers_;
};

class CountRows : public Accumulator {
 public:
  // `times`: how often a row counts; may be null.
  explicit CountRows(std::unique_ptr<Evaluator> times) : times_(std::move(times)) {}
  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
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
    counts_.resize(group_count);
    const auto& others = static_cast<CountRows&>(other).counts_;
    for (size_t i = 0; i < others.size(); ++i) counts_[groups[i]] += others[i];
    return absl::OkStatus();
  }
  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    counts_.resize(group_count);
    for (const int64_t count : counts_) values->push_back(TermId::Integer(count));
    return absl::OkStatus();
  }
  uint64_t bytes() const override { return counts_.capacity() * sizeof(int64_t); }

 private:
  const std::unique_ptr<Evaluator> times_;
  Selection rows_;
  std::vector<TermId> ids_;
  std::vector<int64_t> counts_;
};

class Count : public Accumulator {
 public:
  explicit Count(AggregateColumn aggregate)
      : values_(std::move(aggregate.argument), aggregate.distinct) {}
  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(values_.Read(batch, groups));
    counts_.resize(group_count);
    for (size_t i = 0; i < groups.size(); ++i) {
      counts_[groups[i]] += values_.ids()[i].is_undefined() ? 0 : 1;
    }
    return absl::OkStatus();
  }
  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                     size_t group_count) override {
    counts_.resize(group_count);
    auto& from = static_cast<Count&>(other);
    if (values_.distinct()) {
      values_.Merge(from.values_, groups, [this](uint32_t group, TermId) { ++counts_[group]; });
      return absl::OkStatus();
    }
    for (size_t i = 0; i < from.counts_.size(); ++i) counts_[groups[i]] += from.counts_[i];
    return absl::OkStatus();
  }
  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    counts_.resize(group_count);
    for (const int64_t count : counts_) values->push_back(TermId::Integer(count));
    return absl::OkStatus();
  }
  uint64_t bytes() const override { return counts_.capacity() * sizeof(int64_t) + values_.bytes(); }

 private:
  Values values_;
  std::vector<int64_t> counts_;
};

class Sum : public Accumulator {
 public:
  Sum(AggregateColumn aggregate, Context& context)
      : average_(aggregate.function == AggregateFunction::kAvg),
        values_(std::move(aggregate.argument), aggregate.distinct),
        context_(context),
        fetcher_(context.vocabulary()) {}

  absl::Status Add(const Batch& batch, std::span<const uint32_t> groups,
                   size_t group_count) override {
    ANNALS_RETURN_IF_ERROR(values_.Read(batch, groups));
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
      waiting_.insert(waiting_.end(), others_.begin(), others_.end());
      waiting_groups_.insert(waiting_groups_.end(), other_groups_.begin(), other_groups_.end());
      return absl::OkStatus();
    }
    return AddTerms(others_, other_groups_);
  }

  // Sums of doubles depend on the order: they wait. All else here is exact.
  void BeginShare() override { waiting_begins_.push_back(waiting_.size()); }

  absl::Status MergeShare(Accumulator& other, size_t n, std::span<const uint32_t> groups,
                          size_t group_count) override {
    groups_.resize(group_count);
    const auto& from = static_cast<Sum&>(other);
    const size_t begin = from.waiting_begins_[n];
    const size_t end =
        n + 1 < from.waiting_begins_.size() ? from.waiting_begins_[n + 1] : from.waiting_.size();
    std::vector<uint32_t> own;
    for (size_t i = begin; i < end; ++i) own.push_back(groups[from.waiting_groups_[i]]);
    return AddTerms(std::span(from.waiting_).subspan(begin, end - begin), own);
  }

  absl::Status Merge(Accumulator& other, std::span<const uint32_t> groups,
                     size_t group_count) override {
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
    groups_.resize(group_count);
    for (const Group& group : groups_) {
      ANNALS_ASSIGN_OR_RETURN(values->emplace_back(), context_.vocabulary().IdOf(Result(group)));
    }
    return absl::OkStatus();
  }

  uint64_t bytes() const override {
    return groups_.capacity() * sizeof(Group) + values_.bytes() +
           waiting_.capacity() * sizeof(TermId) + waiting_groups_.capacity() * sizeof(uint32_t);
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
  static void AddTo(std::unique_ptr<Term>* sum, const Term& value) {
    if (*sum == nullptr) {
      *sum = std::make_unique<Term>(value);
    } else {
      **sum = functions::Calculate(NumberOp::kAdd, **sum, value);
    }
  }
  static void AddInteger(int64_t value, Group* group) {
    ++group->numbers;
    int64_t sum = 0;
    if (__builtin_add_overflow(group->whole, value, &sum)) {
      AddTo(&group->rest, Term(group->whole));
      sum = value;
    }
    group->whole = sum;
  }
  static void AddTerm(const Term& value, Group* group) {
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
  std::vector<TermId> others_;
  std::vector<uint32_t> other_groups_;
  std::vector<const Term*> terms_;
  // Values that wait for MergeShare, and where those of each share begin; none: nothing waits.
  std::vector<TermId> waiting_;
  std::vector<uint32_t> waiting_groups_;
  std::vector<size_t> waiting_begins_;
};

class List : public Accumulator {
 public:
  List(AggregateColumn aggregate, Context& context)
      : values_(std::move(aggregate.argument), aggregate.distinct), context_(context) {}

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
    const auto add = [this](uint32_t group, TermId id) {
      groups_.push_back(group);
      ids_.push_back(id);
    };
    if (values_.distinct()) {
      values_.Merge(from.values_, groups, add);
      return absl::OkStatus();
    }
    for (size_t i = 0; i < from.ids_.size(); ++i) add(groups[from.groups_[i]], from.ids_[i]);
    return absl::OkStatus();
  }

  absl::Status Finish(size_t group_count, std::vector<TermId>* values) override {
    std::vector<uint32_t> ranks, order(ids_.size());
    ANNALS_RETURN_IF_ERROR(RankColumn(context_, ids_, &ranks));
    for (uint32_t i = 0; i < order.size(); ++i) order[i] = i;
    const auto less = [&](uint32_t a, uint32_t b) {
      return groups_[a] != groups_[b] ? groups_[a] < groups_[b] : ranks[a] < ranks[b];
    };
    ANNALS_RETURN_IF_ERROR(SortChecked(context_, &order, less));
    size_t next = 0;
    for (uint32_t group = 0; group < group_count; ++group) {
      TermList list;
      std::vector<TermId> ids;
      for (; next < order.size() && groups_[order[next]] == group; ++next) {
        ids.push_back(ids_[order[next]]);
      }
      TermFetcher fetcher(context_.vocabulary());
      std::vector<const Term*> terms;
      ANNALS_RETURN_IF_ERROR(fetcher.Fetch(ids, &terms));
      list.reserve(terms.size());
      for (const Term* term : terms) list.push_back(*term);
      // Nothing to list is an empty value, as for the other aggregates.
      const Term value = list.empty() ? Term() : Term(Term::Value(std::move(list)));
      ANNALS_ASSIGN_OR_RETURN(values->emplace_back(), context_.vocabulary().IdOf(value));
      ANNALS_RETURN_IF_ERROR(context_.Check());
    }
    return absl::OkStatus();
  }

  uint64_t bytes() const override {
    return ids_.capacity() * sizeof(TermId) + groups_.capacity() * sizeof(uint32_t) +
           values_.bytes();
  }

 private:
  Values values_;
  Context& context_;
  std::vector<uint32_t> groups_;
  std::vector<TermId> ids_;
};

// min, max, first and last: the value whose key comes first or last in term order.
class Extreme : public Accumulator {
 public:
  Extreme(AggregateColumn aggregate, Context& context)
      : last_(aggregate.function == AggregateFunction::kMax ||
              aggregate.function == AggregateFunction::kLast),
        argument_(std::move(aggregate.argument)),
        by_(std::move(aggregate.by)),
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
    groups_.resize(group_count);
    for (const Group& group : groups_) values->push_back(group.value.id);
    return absl::OkStatus();
  }

  uint64_t bytes() const override { return groups_.capacity() * sizeof(Group); }

 private:
  struct Candidate {
    TermId id;
    const Term* term;  // may be null where the id tells
  };
  struct Held {
    TermId id;
    std::unique_ptr<Term> term;

    void Take(const Candidate& candidate) {
      id = candidate.id;
      term = candidate.term == nullptr ? nullptr : std::make_unique<Term>(*candidate.term);
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

  void Offer(const Candidate& key, const Candidate& value, Group* group) const {
    if (!group->value.id.is_undefined()) {
      if (key.id == group->key.id && value.id == group->value.id) return;
      int order = group->key.Compare(key);
      if (order == 0 && by_ != nullptr) order = group->value.Compare(value);
      if (last_ ? order <= 0 : order >= 0) return;
    }
    group->key.Take(key);
    group->value.Take(value);
  }

  const bool last_;
  const std::unique_ptr<Evaluator> argument_, by_;
  TermFetcher key_fetcher_, value_fetcher_;
  Selection rows_;
  std::vector<TermId> values_, keys_;
  std::vector<const Term*> value_terms_, key_terms_;
  std::vector<Group> groups_;
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
      return std::make_unique<CountRows>(std::move(aggregate.argument));
    case AggregateFunction::kCount:
      return std::make_unique<Count>(std::move(aggregate));
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
