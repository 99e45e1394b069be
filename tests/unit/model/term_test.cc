// Terms: ids, dictionary keys, the total order, comparison in conditions.
#include "storage/model/term.h"

#include <catch2/catch.hpp>
#include <limits>
#include <set>

#include "tests/unit/model/random_times.h"

namespace annals {
namespace {

Time T(std::string_view text) { return Time::Parse(text).value(); }
Term Literal(std::string value, std::string datatype) {
  return Term(Term::Value(TypedLiteral{std::move(value), std::move(datatype)}));
}
Term Blank(std::string label) { return Term(Term::Value(BlankNode{std::move(label)})); }
Term List(TermList items) { return Term(Term::Value(std::move(items))); }

// At least two of each kind, in CompareForOrder's order.
std::vector<Term> TermsInOrder() {
  return {
      *ParseNumber("-1e300"),
      Term(std::numeric_limits<int64_t>::min()),
      Term(int64_t{-5}),
      *ParseNumber("-4.5"),
      Term(int64_t{1}),  // equal values: integer, decimals, double
      *ParseNumber("1.0"),
      *ParseNumber("1.00"),
      *ParseNumber("1e0"),
      Term(int64_t{2024}),
      Term(TermId::kIntegerBias),
      *ParseNumber("9223372036854775808"),
      Term(T("..2024")),
      Term(T("2024-06-19")),
      Term(T("2024-06-19..")),
      Term(T("2024-06-19T10:30+05:53")),
      Term(T("2025")),
      Term(Duration{0, 60}),
      Term(Duration{0, 86400}),
      Term(Duration{1, 0}),
      Term(false),
      Term(true),
      Term(Text{"", ""}),
      Term(Text{"Kim", ""}),
      Term(Text{"Kim", "en"}),
      Term(Text{"Kim", "ko"}),
      Term(Text{"Київ", ""}),
      Literal("P1D", "http://www.w3.org/2001/XMLSchema#duration"),
      Literal("P1D", "http://www.w3.org/2001/XMLSchema#string2"),
      Literal("P2D", "http://www.w3.org/2001/XMLSchema#duration"),
      Term(Name{"Kim"}),
      Term(Iri{"Kim"}),
      Term(Name{"Kim Jong-un"}),
      Term(Name{"http://x"}),
      Term(Iri{"http://x/y"}),
      Term(Name{"김정은"}),
      Blank("a"),
      Blank("b"),
      Term(FactRef{1}),
      Term(FactRef{17}),
      List({}),
      List({Term(int64_t{1})}),
      List({Term(int64_t{1}), Term()}),
      List({Term(int64_t{2})}),
      Term(),
  };
}

TEST_CASE("the order is total, and equal only for equal terms") {
  const std::vector<Term> terms = TermsInOrder();
  for (size_t i = 0; i < terms.size(); ++i) {
    for (size_t j = 0; j < terms.size(); ++j) {
      INFO(LanguageText(terms[i]) << " and " << LanguageText(terms[j]));
      const int order = CompareForOrder(terms[i], terms[j]);
      CHECK((order < 0) == (i < j));
      CHECK((order == 0) == (i == j));
      CHECK((terms[i] == terms[j]) == (i == j));
    }
  }
}

TEST_CASE("kinds have their persistent numbers") {
  const std::pair<TermKind, int> kNumbers[] = {
      {TermKind::kUndefined, 0}, {TermKind::kInteger, 1},        {TermKind::kNumber, 2},
      {TermKind::kTime, 3},      {TermKind::kDictionaryTime, 4}, {TermKind::kBoolean, 5},
      {TermKind::kText, 6},      {TermKind::kLanguageText, 7},   {TermKind::kTypedLiteral, 8},
      {TermKind::kName, 9},      {TermKind::kIri, 10},           {TermKind::kBlankNode, 11},
      {TermKind::kFact, 12},     {TermKind::kLocal, 13}};
  for (const auto& [kind, number] : kNumbers) {
    CHECK(static_cast<int>(kind) == number);
    CHECK(TermId::Make(kind, 5).bits() == (static_cast<uint64_t>(number) << 60 | 5));
    CHECK(TermId::Make(kind, 5).kind() == kind);
    CHECK(TermId::Make(kind, 5).payload() == 5);
  }
  CHECK(TermId().is_undefined());
  CHECK(TermId().bits() == 0);
}

TEST_CASE("the kinds of the dictionary are those that hold no value themselves") {
  const std::set<TermKind> in_dictionary = {
      TermKind::kNumber,       TermKind::kDictionaryTime, TermKind::kText, TermKind::kLanguageText,
      TermKind::kTypedLiteral, TermKind::kName,           TermKind::kIri,  TermKind::kBlankNode};
  for (int kind = 0; kind < 16; ++kind) {
    const auto id = TermId::Make(static_cast<TermKind>(kind), 1);
    CHECK(id.in_dictionary() == (in_dictionary.count(id.kind()) == 1));
  }
}

TEST_CASE("integers of 60 bits are their ids, in order") {
  constexpr int64_t kBias = TermId::kIntegerBias;
  const int64_t kInOrder[] = {-kBias, -kBias + 1, -11000, -1, 0, 1, 2024, kBias - 1};
  for (size_t i = 0; i < std::size(kInOrder); ++i) {
    CHECK(TermId::IntegerFits(kInOrder[i]));
    CHECK(TermId::Integer(kInOrder[i]).integer() == kInOrder[i]);
    CHECK(InlineId(Term(kInOrder[i])) == TermId::Integer(kInOrder[i]));
    if (i > 0) CHECK(TermId::Integer(kInOrder[i - 1]) < TermId::Integer(kInOrder[i]));
  }
  for (const int64_t value : {kBias, -kBias - 1, std::numeric_limits<int64_t>::max()}) {
    CHECK_FALSE(TermId::IntegerFits(value));
    CHECK_FALSE(InlineId(Term(value)).has_value());
    CHECK(KindOf(Term(value)) == TermKind::kNumber);
  }
}

TEST_CASE("a term comes back from its id or from its bytes in the dictionary") {
  std::set<std::pair<TermKind, std::string>> keys;
  size_t stored = 0;
  for (const Term& term : TermsInOrder()) {
    INFO(LanguageText(term));
    const TermKind kind = KindOf(term);
    if (const auto id = InlineId(term)) {
      CHECK(id->kind() == kind);
      CHECK_FALSE(id->in_dictionary());
      CHECK(TermFromInlineId(*id) == term);
    } else if (kind != TermKind::kLocal) {
      CHECK(TermId::Make(kind, 0).in_dictionary());
      const std::string key = DictionaryKey(term);
      CHECK(TermFromDictionaryKey(kind, key) == term);
      keys.emplace(kind, key);
      ++stored;
    }
  }
  CHECK(keys.size() == stored);
}

TEST_CASE("random times come back from their id or their bytes") {
  RandomTimes random(8);
  int inlined = 0;
  for (int i = 0; i < 10000; ++i) {
    const Term term(random.Any(i % 2 == 0 ? -999999 : 1900, i % 2 == 0 ? 999999 : 2100));
    const auto id = InlineId(term);
    const auto back = id.has_value() ? TermFromInlineId(*id)
                                     : TermFromDictionaryKey(KindOf(term), DictionaryKey(term));
    if (back != term) FAIL(DisplayText(term));
    inlined += id.has_value() ? 1 : 0;
  }
  CHECK(inlined > 3000);
  CHECK(inlined < 9000);
}

TEST_CASE("bytes and bits that no stored term has are refused") {
  const std::pair<TermKind, std::string> kBytes[] = {
      {TermKind::kNumber, ""},
      {TermKind::kNumber, "i"},
      {TermKind::kNumber, "i5"},
      {TermKind::kNumber, "d5"},
      {TermKind::kNumber, "x1.5"},
      {TermKind::kNumber, "f1.5"},
      {TermKind::kNumber, "f1.50e0"},
      {TermKind::kNumber, "d9223372036854775807"},
      {TermKind::kNumber, "i9223372036854775808"},
      {TermKind::kDictionaryTime, "2024-06-19"},
      {TermKind::kDictionaryTime, "June"},
      {TermKind::kLanguageText, "en"},
      {TermKind::kLanguageText, std::string("\0Kim", 4)},
      {TermKind::kTypedLiteral, "P1D"},
      {TermKind::kInteger, "5"},
      {TermKind::kFact, "17"},
      {TermKind::kUndefined, ""}};
  for (const auto& [kind, bytes] : kBytes) {
    INFO(static_cast<int>(kind) << " '" << bytes << "'");
    CHECK_FALSE(TermFromDictionaryKey(kind, bytes).has_value());
  }
  CHECK_FALSE(TermFromInlineId(TermId::FromBits(1)).has_value());
  CHECK_FALSE(TermFromInlineId(TermId::Make(TermKind::kBoolean, 2)).has_value());
  CHECK_FALSE(TermFromInlineId(TermId::Make(TermKind::kName, 2)).has_value());
  CHECK_FALSE(TermFromInlineId(TermId::Local(2)).has_value());
  CHECK_FALSE(TermFromInlineId(TermId::FromBits(~uint64_t{0})).has_value());
}

TEST_CASE("unique keys differ wherever terms do") {
  std::vector<Term> terms = TermsInOrder();
  for (const char* text : {"1", "60", "true", "Kim"}) terms.emplace_back(Text{text, ""});
  terms.emplace_back(Text{"b", "a"});
  terms.emplace_back(Text{std::string("en\0Kim", 6), ""});
  terms.push_back(List({Term(Text{"1:B", ""})}));
  terms.push_back(List({Term(Text{"Kim", ""}), Term(Text{"Kim", "en"})}));
  terms.push_back(List({List({Term(int64_t{1})})}));
  for (const Term& a : terms) {
    for (const Term& b : terms) {
      INFO(LanguageText(a) << " and " << LanguageText(b));
      CHECK((UniqueKey(a) == UniqueKey(b)) == (a == b));
    }
  }
}

std::string Compared(const Term& a, const Term& b) {
  const auto order = CompareValues(a, b);
  CHECK(EqualValues(a, b) == (order == 0));
  CHECK((CompareValues(b, a) <=> 0) == (0 <=> order));
  return order < 0 ? "<" : order > 0 ? ">" : order == 0 ? "=" : "?";
}

TEST_CASE("conditions compare values") {
  const Term one(int64_t{1});
  CHECK(Compared(one, *ParseNumber("1.0")) == "=");
  CHECK(Compared(one, *ParseNumber("1e0")) == "=");
  CHECK(Compared(one, *ParseNumber("1.5")) == "<");
  CHECK(Compared(Term(T("2024")), Term(T("2024-01-01..2024-12-31"))) == "=");
  CHECK(Compared(Term(T("2024-06")), Term(T("2024-06-01"))) == ">");
  CHECK(Compared(Term(T("..2023")), Term(T("-0044"))) == "<");
  CHECK(Compared(Term(T("2024")), Term(T("2024.."))) == "<");
  CHECK(Compared(Term(Text{"a", ""}), Term(Text{"a", "en"})) == "=");
  CHECK(Compared(Term(Text{"a", ""}), Term(Text{"b", "en"})) == "<");
  CHECK(Compared(Term(false), Term(true)) == "<");
  CHECK(Compared(Term(Duration{0, 86400}), Term(Duration{0, 3600})) == ">");
  CHECK(Compared(Term(Name{"A"}), Term(Name{"B"})) == "<");
  CHECK(Compared(Term(FactRef{2}), Term(FactRef{2})) == "=");
  CHECK(Compared(List({one}), List({one})) == "=");
}

TEST_CASE("an integer beside a time is that year") {
  CHECK(Compared(Term(int64_t{2024}), Term(T("2024"))) == "=");
  CHECK(Compared(Term(T("2024-06-19")), Term(int64_t{2024})) == ">");
  CHECK(Compared(Term(T("2023-12-31")), Term(int64_t{2024})) == "<");
  CHECK(Compared(Term(T("0079")), Term(int64_t{79})) == "=");
  CHECK(Compared(Term(T("-0044-03-15")), Term(int64_t{-43})) == "<");
  CHECK(Compared(Term(T("2024")), *ParseNumber("2024.0")) == "?");
  CHECK(Compared(Term(T("2024")), Term(int64_t{10000000})) == "?");
}

TEST_CASE("kinds that never meet are not ordered, nor is an empty value") {
  const Term name(Name{"Kim"}), text(Text{"Kim", ""}), iri(Iri{"Kim"});
  CHECK(Compared(name, text) == "?");
  CHECK(Compared(name, iri) == "?");
  CHECK(Compared(text, Term(true)) == "?");
  CHECK(Compared(Term(int64_t{1}), Term(true)) == "?");
  CHECK(Compared(Term(int64_t{1}), Term(Text{"1", ""})) == "?");
  CHECK(Compared(Term(T("2024-06")), Term(Text{"2024-06", ""})) == "?");
  CHECK(Compared(Term(Duration{0, 1}), Term(int64_t{1})) == "?");
  CHECK(Compared(Literal("1", "http://a"), Literal("1", "http://b")) == "?");
  CHECK(Compared(Literal("1", "http://a"), Literal("1", "http://a")) == "=");
  CHECK(Compared(Term(), Term()) == "?");
  CHECK(Compared(Term(), name) == "?");
}

}  // namespace
}  // namespace annals
