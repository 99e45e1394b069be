// Ids: comparing by them, the vocabulary that gives them, the table that numbers tuples of them.
#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "query/algebra/scalar_operators.h"
#include "query/exec/compare_ids.h"
#include "query/exec/key_table.h"
#include "query/exec/operator.h"
#include "query/exec/vocabulary.h"
#include "tests/unit/exec/memory_source.h"

namespace annals::exec {
namespace {

std::vector<Term> SampleTerms() {
  std::vector<Term> terms = {Term(),
                             Term(int64_t{2024}),
                             Term(int64_t{-3}),
                             *ParseNumber("2024.0"),
                             *ParseNumber("-3.5e0"),
                             Term(true),
                             Term(false),
                             Text{"Kim", ""},
                             Text{"Kim", "en"},
                             Text{"Lim", ""},
                             Term(Term::Value(TypedLiteral{"Kim", "urn:type"})),
                             Name{"Kim"},
                             Name{"Lim"},
                             Iri{"urn:kim"},
                             Term(Term::Value(BlankNode{"kim"})),
                             FactRef{1},
                             FactRef{2}};
  for (const char* text :
       {"2024", "2024-06", "2024-06-19", "2024-06-01..2024-06-30", "2024-05-14..", "..2024-06-18",
        "2023-12-31", "2025", "2024-06-19T10:30", "2024-06-19T10:30:05+09:00", "-0044-03-15",
        "2024-06-19T10:30..2024-06-20T00:00", "2024..2025", "2024-06-19T01:30:05Z"}) {
    terms.push_back(*Time::Parse(text));
  }
  return terms;
}

TEST_CASE("what ids tell of values is true") {
  MemorySource source;
  const std::vector<Term> terms = SampleTerms();
  int by_ids = 0, by_terms = 0;
  for (const Term& a : terms) {
    for (const Term& b : terms) {
      const TermId left = source.Intern(a), right = source.Intern(b);
      INFO(DisplayText(a) << " and " << DisplayText(b));
      if (const auto ordering = CompareByIds(left, right)) {
        CHECK(*ordering == CompareValues(a, b));
        ++by_ids;
      } else {
        ++by_terms;
      }
      if (const auto equal = EqualByIds(left, right)) CHECK(*equal == EqualValues(a, b));
      if (const auto order = OrderByIds(left, right)) {
        CHECK((*order < 0) == (CompareForOrder(a, b) < 0));
        CHECK((*order == 0) == (CompareForOrder(a, b) == 0));
      }
    }
  }
  CHECK(by_ids > by_terms);
}

TEST_CASE("the operators on inline times are those on times") {
  for (const Term& a : SampleTerms()) {
    for (const Term& b : SampleTerms()) {
      const auto *left = a.As<Time>(), *right = b.As<Time>();
      if (left == nullptr || right == nullptr) continue;
      const auto left_id = left->ToInlineId(), right_id = right->ToInlineId();
      if (!left_id || !right_id) continue;
      INFO(DisplayText(a) << " and " << DisplayText(b));
      CHECK(InlineTimeIsDate(*left_id) == left->is_date());
      for (int i = 0; i < 5; ++i) {
        const auto op = static_cast<algebra::TimeOperator>(i);
        CHECK(HoldsForInlineTimes(op, false, *left_id, *right_id) ==
              Certainly(algebra::ToTimeOp(op), *left, *right));
        CHECK(HoldsForInlineTimes(op, true, *left_id, *right_id) ==
              Possibly(algebra::ToTimeOp(op), *left, *right));
      }
    }
  }
}

TEST_CASE("equal terms have equal ids") {
  MemorySource source;
  const TermId known = source.Intern(Name{"Kim"});
  Vocabulary vocabulary(source);
  CHECK(*vocabulary.IdOf(Name{"Kim"}) == known);
  CHECK(*vocabulary.IdOf(Term()) == TermId());
  CHECK(*vocabulary.IdOf(Term(int64_t{5})) == TermId::Integer(5));
  const TermId local = *vocabulary.IdOf(Text{"Kim", ""});
  CHECK(local.kind() == TermKind::kLocal);
  CHECK(*vocabulary.IdOf(Text{"Kim", ""}) == local);
  CHECK(*vocabulary.IdOf(Text{"Kim", "en"}) != local);
  CHECK(**vocabulary.TermOf(local) == Term(Text{"Kim", ""}));
  CHECK(**vocabulary.TermOf(known) == Term(Name{"Kim"}));
  CHECK(vocabulary.memory() > 0);
  const Term list(Term::Value(TermList{Name{"Kim"}, Term(int64_t{1})}));
  CHECK(*vocabulary.IdOf(list) == *vocabulary.IdOf(list));

  TermFetcher fetcher(vocabulary);
  const std::vector<TermId> ids = {known, known, local, TermId(), TermId::Integer(5), known};
  std::vector<const Term*> terms;
  REQUIRE(fetcher.Fetch(ids, &terms).ok());
  CHECK(*terms[1] == Term(Name{"Kim"}));
  CHECK(*terms[2] == Term(Text{"Kim", ""}));
  CHECK(terms[3]->is_undefined());
  CHECK(*terms[4] == Term(int64_t{5}));
  CHECK(terms[5] == terms[0]);
}

TEST_CASE("tuples are numbered as they come") {
  std::mt19937 random(1);
  MemorySource source;
  Context context(source, Limits());
  for (size_t width = 0; width <= 3; ++width) {
    KeyTable table(width);
    std::map<std::vector<TermId>, uint32_t> expected;
    for (int batch = 0; batch < 50; ++batch) {
      const size_t rows = random() % 100;
      std::vector<std::vector<TermId>> columns(width);
      for (auto& column : columns) {
        for (size_t i = 0; i < rows; ++i) {
          column.push_back(random() % 9 == 0 ? TermId() : TermId::Integer(random() % 40));
        }
      }
      const std::vector<ColumnView> views(columns.begin(), columns.end());
      const auto tuple = [&](size_t row) {
        std::vector<TermId> ids;
        for (const auto& column : columns) ids.push_back(column[row]);
        return ids;
      };
      std::vector<uint32_t> numbers;
      table.Find(views, rows, &numbers);
      for (size_t i = 0; i < rows; ++i) {
        const auto found = expected.find(tuple(i));
        CHECK(numbers[i] == (found == expected.end() ? KeyTable::kNone : found->second));
      }
      REQUIRE(table.Insert(views, rows, context, &numbers).ok());
      for (size_t i = 0; i < rows; ++i) {
        CHECK(numbers[i] ==
              expected.try_emplace(tuple(i), static_cast<uint32_t>(expected.size())).first->second);
      }
      CHECK(table.size() == expected.size());
    }
    for (const auto& [ids, number] : expected) {
      for (size_t i = 0; i < width; ++i) CHECK(table.key(number, i) == ids[i]);
    }
  }
}

}  // namespace
}  // namespace annals::exec
