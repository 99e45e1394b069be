// Stores that were told the same in different ways are compared: facts to tell them, and all that
// they hold as text.
#ifndef TESTS_UNIT_GRAPH_TOLD_STORES_H_
#define TESTS_UNIT_GRAPH_TOLD_STORES_H_

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/graph/history.h"
#include "storage/graph/statistics.h"
#include "storage/graph/store.h"

namespace annals {

// A fact as it is told: terms as text; `about` is the place of the fact it qualifies, or -1.
struct ToldFact {
  int about = -1;
  std::string subject;
  std::string predicate;
  Term object;
  Term time;
  std::string source;  // none if empty
};

// Its transactions are a second apart, from 1 on.
inline std::unique_ptr<Store> OpenWithClock(uint64_t bulk_rows, uint32_t block_rows) {
  StoreOptions options;
  options.bulk_rows = bulk_rows;
  options.block_rows = block_rows;
  options.clock = [seconds = int64_t{0}]() mutable { return ++seconds; };
  auto store = Store::Open(":memory:", options);
  REQUIRE(store.ok());
  return *std::move(store);
}

inline void TellOneByOne(Store& store, const std::vector<ToldFact>& tellings) {
  auto begun = store.Begin();
  REQUIRE(begun.ok());
  WriteTransaction& write = **begun;
  std::vector<TermId> facts;
  const auto name = [&](const std::string& text) { return *write.Intern(Term(Name{text})); };
  for (const ToldFact& telling : tellings) {
    const TermId subject =
        telling.about < 0 ? name(telling.subject) : facts[static_cast<size_t>(telling.about)];
    const auto added = write.Add(subject, name(telling.predicate), *write.Intern(telling.object),
                                 *write.Intern(telling.time),
                                 telling.source.empty() ? TermId() : name(telling.source));
    REQUIRE(added.ok());
    facts.push_back(TermId::Fact(added->fact));
  }
  REQUIRE(write.Commit().ok());
}

// Ids of a view as text.
class Texts {
 public:
  explicit Texts(const GraphView& view) : view_(view) {}

  // A fact's is what it says, whatever its number.
  const std::string& Of(TermId id) {
    const auto known = known_.find(id);
    return known != known_.end() ? known->second : known_[id] = Make(id);
  }

 private:
  std::string Make(TermId id) {
    if (id.is_undefined()) return "-";
    if (id.kind() != TermKind::kFact) return LanguageText(*view_.Get(id));
    const auto fact = view_.GetFact(id.payload());
    REQUIRE(fact.ok());
    REQUIRE(fact->has_value());
    std::string text = "(" + Of((*fact)->subject) + ", " + Of((*fact)->predicate) + ", ";
    return text + Of((*fact)->object) + ", " + Of((*fact)->time) + ")";
  }

  const GraphView& view_;
  std::map<TermId, std::string> known_;
};

inline std::string Describe(const GraphView& view, TermId id) { return Texts(view).Of(id); }

// Every row of a permutation as text, sorted; fact numbers and transactions left out.
inline std::vector<std::string> Dump(const GraphView& view, Permutation permutation, Texts& texts) {
  const std::span<const Column> columns = ColumnsOf(permutation);
  const auto scan = view.Scan({.permutation = permutation,
                               .prefix = {},
                               .low = {},
                               .high = {},
                               .window = {},
                               .output = {columns.begin(), columns.end()}});
  REQUIRE(scan.ok());
  std::vector<std::string> rows;
  std::vector<std::vector<TermId>> batch(columns.size());
  std::vector<TermId> last;
  while (true) {
    const auto count = (*scan)->Next(batch, 100);
    REQUIRE(count.ok());
    if (*count == 0) break;
    for (size_t i = 0; i < *count; ++i) {
      std::string text;
      std::vector<TermId> row;
      for (size_t c = 0; c < columns.size(); ++c) {
        row.push_back(batch[c][i]);
        if (columns[c] == Column::kTransaction) continue;
        text += texts.Of(batch[c][i]) + " | ";
      }
      if (last >= row) FAIL("rows out of order: " << text);
      last = row;
      rows.push_back(text);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

inline std::string Statistics(const GraphView& view) {
  const GraphStatistics all = *view.Statistics();
  std::string text = std::to_string(all.facts) + " facts, " + std::to_string(all.assertions) +
                     " assertions, " + std::to_string(all.terms) + " terms, " +
                     std::to_string(all.predicates) + " predicates, " +
                     std::to_string(all.sources) + " sources";
  std::set<std::string> rows;
  const auto predicates = view.Predicates();
  REQUIRE(predicates.ok());
  for (const PredicateStatistics& row : *predicates) {
    rows.insert("\n" + Describe(view, row.predicate) + ": " + std::to_string(row.facts) + ", " +
                std::to_string(row.dated_facts) + " dated, " +
                std::to_string(row.distinct_subjects) + " subjects, " +
                std::to_string(row.distinct_objects) + " objects, " +
                std::to_string(row.first_instant) + " to " + std::to_string(row.last_instant));
  }
  for (const std::string& row : rows) text += row;
  return text;
}

inline void CheckSame(Store& a, Store& b) {
  const auto left = *a.GetSnapshot();
  const auto right = *b.GetSnapshot();
  Texts left_texts(*left), right_texts(*right);
  for (int p = 1; p <= 6; ++p) {
    const auto permutation = static_cast<Permutation>(p);
    const bool same =
        Dump(*left, permutation, left_texts) == Dump(*right, permutation, right_texts);
    CAPTURE(p);
    CHECK(same);
  }
  CHECK(Statistics(*left) == Statistics(*right));
}

// Facts of few entities, so that they meet: repeated, qualified, qualifiers qualified, from several
// sources and from none, with times of every form.
inline std::vector<ToldFact> SomeTellings(uint32_t seed, int count) {
  std::mt19937 random(seed);
  const auto pick = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  const auto name = [&](const char* stem, int n) { return stem + std::to_string(pick(n)); };
  std::vector<ToldFact> tellings;
  for (int i = 0; i < count; ++i) {
    ToldFact telling;
    if (i > 0 && pick(4) == 0) {
      telling.about = pick(i);
    } else {
      telling.subject = name("entity ", 30);
    }
    telling.predicate = name("predicate ", 5);
    switch (pick(6)) {
      case 0:
        telling.object = Term(Text{name("text ", 20), pick(2) == 0 ? "en" : ""});
        break;
      case 1:
        telling.object = Term(int64_t{pick(20)});
        break;
      case 2:
        telling.object = Term(0.5 + pick(20));
        break;
      default:
        telling.object = Term(Name{name("entity ", 30)});
        break;
    }
    static constexpr const char* kTimes[] = {"2024-05-06", "2024", "2024-05..2024-07", "2023..",
                                             "2024-05-06T07:08Z..2024-05-07"};
    const int time = pick(8);
    if (time < 5) telling.time = Term(*Time::Parse(kTimes[time]));
    if (pick(3) > 0) telling.source = name("source ", 3);
    tellings.push_back(telling);
  }
  return tellings;
}

inline void CheckSamePast(Store& a, Store& b, int64_t instant) {
  PastOptions options;
  options.as_of = instant;
  const auto left = MakePastView(*a.GetSnapshot(), options);
  const auto right = MakePastView(*b.GetSnapshot(), options);
  REQUIRE((left.ok() && right.ok()));
  Texts left_texts(**left), right_texts(**right);
  for (const Permutation permutation : {Permutation::kSpo, Permutation::kFact}) {
    CHECK(Dump(**left, permutation, left_texts) == Dump(**right, permutation, right_texts));
  }
}

}  // namespace annals

#endif  // TESTS_UNIT_GRAPH_TOLD_STORES_H_
