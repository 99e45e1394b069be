#include "annals/check_facts.h"

#include <functional>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "annals/rows.h"
#include "annals/tables.h"
#include "storage/base/text.h"
#include "storage/graph/for_each_row.h"
#include "storage/model/time.h"

namespace annals {
namespace {

constexpr size_t kExamples = 5;

// How many there are of one kind, and the first few.
class Noticed {
 public:
  void Add(const std::function<std::string()>& example) {
    if (count_++ < kExamples) examples_.push_back(example());
  }
  // "2 facts WHAT: (a, b, c), (d, e, f)" where there are any.
  void Report(std::string_view one, std::string_view many, std::vector<std::string>* notes) const {
    if (count_ == 0) return;
    std::string text = absl::StrCat(Count(count_, one, many), ": ", absl::StrJoin(examples_, "; "));
    if (count_ > examples_.size()) absl::StrAppend(&text, " and others");
    notes->push_back(std::move(text));
  }

 private:
  uint64_t count_ = 0;
  std::vector<std::string> examples_;
};

class FactChecker {
 public:
  FactChecker(const std::shared_ptr<const GraphView>& view, uint64_t after, int64_t now,
              std::shared_ptr<const Declarations> declared)
      : view_(*view),
        after_(after),
        now_(now),
        declared_(std::move(declared)),
        text_(MakeFactText(view)) {}

  absl::Status Read() {
    ScanSpec spec;
    spec.permutation = Permutation::kFact;
    spec.low = TermId::Fact(after_ + 1);
    spec.output = {Column::kFact,   Column::kSubject, Column::kPredicate,
                   Column::kObject, Column::kTime,    Column::kSource};
    return ForEachRow(view_, spec, [&](const auto& columns, size_t i) -> absl::Status {
      const Fact fact{columns[1][i], columns[2][i], columns[3][i], columns[4][i],
                      columns[0][i].payload()};
      ANNALS_ASSIGN_OR_RETURN(const Term time, view_.Get(fact.time));
      ANNALS_RETURN_IF_ERROR(CheckTime(fact, time, columns[5][i]));
      // A fact has a row for each source.
      if (fact.number == last_ || !declared_->IsSingle(fact.predicate)) return absl::OkStatus();
      last_ = fact.number;
      return CheckOthers(fact, time);
    });
  }

  std::vector<std::string> Notes() const {
    std::vector<std::string> notes;
    future_.Report("fact is dated in the future", "facts are dated in the future", &notes);
    early_.Report("fact is dated after the source that tells it was published",
                  "facts are dated after the source that tells them was published", &notes);
    conflicts_.Report("pair of facts conflicts", "pairs of facts conflict", &notes);
    return notes;
  }

 private:
  absl::Status CheckTime(const Fact& fact, const Term& term, TermId source) {
    const Time* const time = term.As<Time>();
    if (time == nullptr || time->open_start()) return absl::OkStatus();
    if (time->first() > now_ && fact.number != last_in_future_) {
      last_in_future_ = fact.number;
      future_.Add([&] { return text_(fact.number); });
    }
    if (source.is_undefined()) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const Term published, PublishedOf(source));
    const Time* const out = published.As<Time>();
    if (out == nullptr || time->first() <= out->last()) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const Term name, view_.Get(source));
    early_.Add([&] {
      return absl::StrCat(text_(fact.number), " from ", DisplayText(name), ", published ",
                          DisplayText(published));
    });
    return absl::OkStatus();
  }

  absl::StatusOr<Term> PublishedOf(TermId source) {
    const auto known = published_.find(source);
    if (known != published_.end()) return known->second;
    ANNALS_ASSIGN_OR_RETURN(Term published, PropertyOf(source, "published", view_));
    return published_.emplace(source, std::move(published)).first->second;
  }

  // Of two new facts the later one finds the pair.
  absl::Status CheckOthers(const Fact& fact, const Term& time) {
    ScanSpec spec;
    spec.permutation = Permutation::kSpo;
    spec.prefix = {fact.subject, fact.predicate};
    spec.output = {Column::kObject, Column::kTime, Column::kFact};
    return ForEachRow(view_, spec, [&](const auto& columns, size_t i) -> absl::Status {
      const uint64_t other = columns[2][i].payload();
      if (other >= fact.number || columns[0][i] == fact.object) return absl::OkStatus();
      ANNALS_ASSIGN_OR_RETURN(const Term then, view_.Get(columns[1][i]));
      if (!HoldAtOnce(time, then)) return absl::OkStatus();
      conflicts_.Add([&] { return absl::StrCat(text_(fact.number), " and ", text_(other)); });
      return absl::OkStatus();
    });
  }

  const GraphView& view_;
  const uint64_t after_;
  const int64_t now_;
  const std::shared_ptr<const Declarations> declared_;
  const FactText text_;
  std::map<TermId, Term> published_;  // of the sources met
  uint64_t last_ = 0, last_in_future_ = 0;
  Noticed future_, early_, conflicts_;
};

}  // namespace

bool HoldAtOnce(const Term& a, const Term& b) {
  const Time* const left = a.As<Time>();
  const Time* const right = b.As<Time>();
  if (left == nullptr || right == nullptr) return true;
  return Certainly(TimeOp::kOverlaps, *left, *right) && Certainly(TimeOp::kOverlaps, *right, *left);
}

absl::StatusOr<uint64_t> LastFact(const GraphView& view) {
  uint64_t low = 0, high = TermId::kPayloadMask;  // in [low, high]
  while (low < high) {
    const uint64_t middle = low + (high - low + 1) / 2;
    ScanSpec spec;
    spec.permutation = Permutation::kFact;
    spec.low = TermId::Fact(middle);
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, view.CountRows(spec));
    (rows > 0 ? low : high) = rows > 0 ? middle : middle - 1;
  }
  return low;
}

absl::StatusOr<std::vector<std::string>> NotesOnFacts(const std::shared_ptr<const GraphView>& view,
                                                      uint64_t after, int64_t now) {
  ANNALS_ASSIGN_OR_RETURN(std::shared_ptr<const Declarations> declared, view->Declared());
  FactChecker checker(view, after, now, std::move(declared));
  ANNALS_RETURN_IF_ERROR(checker.Read());
  return checker.Notes();
}

}  // namespace annals
