// Evaluators that compare: on ids where those tell, else on terms.
#include <algorithm>
#include <optional>

#include "query/algebra/scalar_operators.h"
#include "query/exec/compare_ids.h"
#include "query/exec/evaluator_nodes.h"

namespace annals::exec {
namespace {

// Both sides of a test of two values.
class PairTest : public ConditionEvaluator {
 public:
  PairTest(EvaluatorPtr left, EvaluatorPtr right, Context& context)
      : left_(std::move(left)),
        right_(std::move(right)),
        left_fetcher_(context.vocabulary()),
        right_fetcher_(context.vocabulary()) {}

  absl::Status Select(const Batch& batch, Selection* rows) override {
    return left_->has_ids() && right_->has_ids() ? SelectByIds(batch, rows)
                                                 : SelectByTerms(batch, rows);
  }

 protected:
  // verdicts[i] is for the pair i; those for which the terms are needed are added to `undecided`.
  virtual void TestIds(std::span<const TermId> left, std::span<const TermId> right,
                       std::vector<uint8_t>* verdicts, std::vector<uint32_t>* undecided) const = 0;
  virtual bool TestTerms(const Term& left, const Term& right) const = 0;

 private:
  absl::Status SelectByTerms(const Batch& batch, Selection* rows) {
    ANNALS_RETURN_IF_ERROR(left_->Terms(batch, *rows, &left_terms_));
    ANNALS_RETURN_IF_ERROR(right_->Terms(batch, *rows, &right_terms_));
    size_t kept = 0;
    for (size_t i = 0; i < rows->size(); ++i) {
      if (TestTerms(*left_terms_[i], *right_terms_[i])) (*rows)[kept++] = (*rows)[i];
    }
    rows->resize(kept);
    return absl::OkStatus();
  }

  absl::Status SelectByIds(const Batch& batch, Selection* rows) {
    ANNALS_RETURN_IF_ERROR(left_->Ids(batch, *rows, &left_ids_));
    ANNALS_RETURN_IF_ERROR(right_->Ids(batch, *rows, &right_ids_));
    verdicts_.resize(rows->size());
    undecided_.clear();
    TestIds(left_ids_, right_ids_, &verdicts_, &undecided_);
    if (!undecided_.empty()) ANNALS_RETURN_IF_ERROR(DecideByTerms());
    size_t kept = 0;
    for (size_t i = 0; i < rows->size(); ++i) {
      (*rows)[kept] = (*rows)[i];
      kept += verdicts_[i];
    }
    rows->resize(kept);
    return absl::OkStatus();
  }

  absl::Status DecideByTerms() {
    for (size_t i = 0; i < undecided_.size(); ++i) {
      left_ids_[i] = left_ids_[undecided_[i]];
      right_ids_[i] = right_ids_[undecided_[i]];
    }
    left_ids_.resize(undecided_.size());
    right_ids_.resize(undecided_.size());
    ANNALS_RETURN_IF_ERROR(left_fetcher_.Fetch(left_ids_, &left_terms_));
    ANNALS_RETURN_IF_ERROR(right_fetcher_.Fetch(right_ids_, &right_terms_));
    for (size_t i = 0; i < undecided_.size(); ++i) {
      verdicts_[undecided_[i]] = TestTerms(*left_terms_[i], *right_terms_[i]);
    }
    return absl::OkStatus();
  }

  const EvaluatorPtr left_, right_;
  TermFetcher left_fetcher_, right_fetcher_;
  std::vector<TermId> left_ids_, right_ids_;
  std::vector<const Term*> left_terms_, right_terms_;
  std::vector<uint8_t> verdicts_;
  std::vector<uint32_t> undecided_;
};

// `test` on each pair, inlined: this loop sees every row of a scan that is filtered.
template <typename Test>
void TestPairs(std::span<const TermId> left, std::span<const TermId> right, const Test& test,
               std::vector<uint8_t>* verdicts, std::vector<uint32_t>* undecided) {
  for (size_t i = 0; i < left.size(); ++i) {
    const std::optional<bool> verdict = test(left[i], right[i]);
    (*verdicts)[i] = verdict.value_or(false);
    if (!verdict.has_value()) undecided->push_back(static_cast<uint32_t>(i));
  }
}

constexpr uint32_t KindBit(TermKind kind) { return uint32_t{1} << static_cast<int>(kind); }
// Two ids of one of these kinds are equal values only if they are the same id,
constexpr uint32_t kEqualAsIds = KindBit(TermKind::kInteger) | KindBit(TermKind::kBoolean) |
                                 KindBit(TermKind::kText) | KindBit(TermKind::kTypedLiteral) |
                                 KindBit(TermKind::kName) | KindBit(TermKind::kIri) |
                                 KindBit(TermKind::kBlankNode) | KindBit(TermKind::kFact);
// and of one of these they order as their ids do.
constexpr uint32_t kOrderedAsIds =
    KindBit(TermKind::kInteger) | KindBit(TermKind::kBoolean) | KindBit(TermKind::kFact);

bool BothOf(uint32_t kinds, TermId a, TermId b) {
  return a.kind() == b.kind() && (kinds >> static_cast<int>(a.kind()) & 1) != 0;
}

class Comparison : public PairTest {
 public:
  Comparison(algebra::CompareOp op, EvaluatorPtr left, EvaluatorPtr right, Context& context)
      : PairTest(std::move(left), std::move(right), context), op_(op) {}

 protected:
  void TestIds(std::span<const TermId> left, std::span<const TermId> right,
               std::vector<uint8_t>* verdicts, std::vector<uint32_t>* undecided) const override {
    if (op_ == algebra::CompareOp::kEqual || op_ == algebra::CompareOp::kNotEqual) {
      const bool wanted = op_ == algebra::CompareOp::kEqual;
      const auto test = [wanted](TermId a, TermId b) -> std::optional<bool> {
        if (BothOf(kEqualAsIds, a, b)) return (a == b) == wanted;
        if (a.is_undefined() || b.is_undefined()) return false;
        const auto equal = EqualByIds(a, b);
        return equal.has_value() ? std::optional(*equal == wanted) : std::nullopt;
      };
      return TestPairs(left, right, test, verdicts, undecided);
    }
    const auto test = [op = op_](TermId a, TermId b) -> std::optional<bool> {
      if (BothOf(kOrderedAsIds, a, b)) {
        return algebra::Fulfils(op, std::partial_ordering(a.bits() <=> b.bits()));
      }
      if (a.is_undefined() || b.is_undefined()) return false;
      const auto ordering = CompareByIds(a, b);
      return ordering.has_value() ? std::optional(algebra::Fulfils(op, *ordering)) : std::nullopt;
    };
    TestPairs(left, right, test, verdicts, undecided);
  }
  bool TestTerms(const Term& left, const Term& right) const override {
    return algebra::Compare(op_, left, right);
  }

 private:
  const algebra::CompareOp op_;
};

// A function of a time that remembers the last one: in the rows of a join one side's time stays the
// same for many of the other's.
template <int64_t (*function)(TermId)>
class LastOf {
 public:
  int64_t operator()(TermId time) {
    if (time != time_) {
      time_ = time;
      value_ = function(time);
    }
    return value_;
  }

 private:
  TermId time_ = TermId::Make(TermKind::kTime, 0);
  int64_t value_ = function(time_);
};

class TimeTest : public PairTest {
 public:
  TimeTest(algebra::TimeOperator op, bool possibly, EvaluatorPtr left, EvaluatorPtr right,
           Context& context)
      : PairTest(std::move(left), std::move(right), context), op_(op), possibly_(possibly) {}

 protected:
  void TestIds(std::span<const TermId> left, std::span<const TermId> right,
               std::vector<uint8_t>* verdicts, std::vector<uint32_t>* undecided) const override {
    using inline_time::FirstInstant;
    using inline_time::LastInstant;
    if (op_ == algebra::TimeOperator::kBefore && !possibly_) {
      LastOf<&LastInstant> last;
      LastOf<&FirstInstant> first;
      const auto before = [&](TermId a, TermId b) { return last(a) < first(b); };
      TestInlinePairs(left, right, before, verdicts, undecided);
    } else if (op_ == algebra::TimeOperator::kAfter && !possibly_) {
      LastOf<&FirstInstant> first;
      LastOf<&LastInstant> last;
      const auto after = [&](TermId a, TermId b) { return first(a) > last(b); };
      TestInlinePairs(left, right, after, verdicts, undecided);
    } else {
      const auto test = [this](TermId a, TermId b) {
        return HoldsForInlineTimes(op_, possibly_, a, b);
      };
      TestInlinePairs(left, right, test, verdicts, undecided);
    }
  }
  bool TestTerms(const Term& left, const Term& right) const override {
    const auto* a = left.As<Time>();
    const auto* b = right.As<Time>();
    if (a == nullptr || b == nullptr) return false;
    const TimeOp op = algebra::ToTimeOp(op_);
    return possibly_ ? Possibly(op, *a, *b) : Certainly(op, *a, *b);
  }

 private:
  template <typename Test>
  static void TestInlinePairs(std::span<const TermId> left, std::span<const TermId> right,
                              const Test& test, std::vector<uint8_t>* verdicts,
                              std::vector<uint32_t>* undecided) {
    const auto test_all = [&test](TermId a, TermId b) -> std::optional<bool> {
      if (a.kind() == TermKind::kTime && b.kind() == TermKind::kTime) return test(a, b);
      return MayBeTime(a) && MayBeTime(b) ? std::nullopt : std::optional(false);
    };
    TestPairs(left, right, test_all, verdicts, undecided);
  }
  static bool MayBeTime(TermId id) {
    return id.kind() == TermKind::kTime || id.kind() == TermKind::kDictionaryTime ||
           id.kind() == TermKind::kLocal;
  }

  const algebra::TimeOperator op_;
  const bool possibly_;
};

class InList : public ConditionEvaluator {
 public:
  InList(EvaluatorPtr value, std::vector<EvaluatorPtr> list)
      : value_(std::move(value)), list_(std::move(list)), item_terms_(list_.size()) {}

  absl::Status Select(const Batch& batch, Selection* rows) override {
    ANNALS_RETURN_IF_ERROR(value_->Terms(batch, *rows, &value_terms_));
    for (size_t i = 0; i < list_.size(); ++i) {
      ANNALS_RETURN_IF_ERROR(list_[i]->Terms(batch, *rows, &item_terms_[i]));
    }
    size_t kept = 0;
    for (size_t i = 0; i < rows->size(); ++i) {
      const bool found = std::any_of(item_terms_.begin(), item_terms_.end(), [&](const auto& item) {
        return EqualsOrInside(*value_terms_[i], *item[i]);
      });
      if (found) (*rows)[kept++] = (*rows)[i];
    }
    rows->resize(kept);
    return absl::OkStatus();
  }

 private:
  const EvaluatorPtr value_;
  const std::vector<EvaluatorPtr> list_;
  std::vector<const Term*> value_terms_;
  std::vector<std::vector<const Term*>> item_terms_;
};

}  // namespace

bool EqualsOrInside(const Term& value, const Term& item) {
  if (EqualValues(value, item)) return true;
  const auto* time = value.As<Time>();
  if (time == nullptr) return false;
  if (const auto* window = item.As<Time>()) return Certainly(TimeOp::kIn, *time, *window);
  const auto* year = item.As<int64_t>();
  const auto window = year == nullptr ? std::nullopt : Time::Year(*year);
  return window.has_value() && Certainly(TimeOp::kIn, *time, *window);
}

EvaluatorPtr MakeComparison(algebra::CompareOp op, EvaluatorPtr left, EvaluatorPtr right,
                            Context& context) {
  return std::make_unique<Comparison>(op, std::move(left), std::move(right), context);
}

EvaluatorPtr MakeTimeTest(algebra::TimeOperator op, bool possibly, EvaluatorPtr left,
                          EvaluatorPtr right, Context& context) {
  return std::make_unique<TimeTest>(op, possibly, std::move(left), std::move(right), context);
}

EvaluatorPtr MakeInList(EvaluatorPtr value, std::vector<EvaluatorPtr> list) {
  return std::make_unique<InList>(std::move(value), std::move(list));
}

}  // namespace annals::exec
