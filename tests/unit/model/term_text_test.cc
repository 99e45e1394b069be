// Terms as text: bare words, what is shown, what can be typed again, names as IRIs.
#include <catch2/catch.hpp>

#include "storage/model/term.h"

namespace annals {
namespace {

Time T(std::string_view text) { return Time::Parse(text).value(); }

TEST_CASE("a bare word is a number, boolean or time only if all of it is one") {
  const std::pair<const char*, Term> kRows[] = {
      {"11000", Term(int64_t{11000})},
      {"-3.5", *ParseNumber("-3.5")},
      {"1.2e6", Term(1.2e6)},
      {"true", Term(true)},
      {"false", Term(false)},
      {"2024-11-29", Term(T("2024-11-29"))},
      {"2024-11", Term(T("2024-11"))},
      {"2024-05-14..", Term(T("2024-05-14.."))},
      {"..2024", Term(T("..2024"))},
      {"2024", Term(int64_t{2024})},
      {"-2024", Term(int64_t{-2024})},
      {"True", Term(Name{"True"})},
      {"9K720 Iskander", Term(Name{"9K720 Iskander"})},
      {"KN-23", Term(Name{"KN-23"})},
      {"29 November", Term(Name{"29 November"})},
      {"007", Term(Name{"007"})},
      {"2024-6", Term(Name{"2024-6"})},
      {"19/04/2024", Term(Name{"19/04/2024"})},
      {"Kim Jong-un", Term(Name{"Kim Jong-un"})},
  };
  for (const auto& [text, term] : kRows) {
    INFO(text);
    const auto parsed = ParseBareTerm(text);
    REQUIRE(parsed.ok());
    CHECK(*parsed == term);
  }
  CHECK_FALSE(ParseBareTerm("2024-13-45").ok());
  CHECK_FALSE(ParseBareTerm("2023-02-29").ok());
  CHECK_FALSE(ParseBareTerm("2025..2024").ok());
}

TEST_CASE("terms as they are read and as they are typed") {
  const struct {
    Term term;
    const char *shown, *typed;
  } kRows[] = {
      {Term(), "", ""},
      {Term(int64_t{-7}), "-7", "-7"},
      {*ParseNumber("3.50"), "3.50", "3.50"},
      {Term(1.5), "1.5e0", "1.5e0"},
      {Term(true), "true", "true"},
      {Term(T("2024-06")), "2024-06", "2024-06"},
      {*ParseBareTerm("2024-05-14.."), "2024-05-14..", "2024-05-14.."},
      {Term(Duration{0, 30 * 86400}), "30 days", "30 days"},
      {Term(Text{"satisfactory", ""}), "satisfactory", "\"satisfactory\""},
      {Term(Text{"задоволений", "uk"}), "задоволений", "\"задоволений\"@uk"},
      {Term(Text{"a\"b\\c\nd\te\x01", ""}), "a\"b\\c\nd\te\x01", "\"a\\\"b\\\\c\\nd\\te\\u0001\""},
      {Term(Term::Value(TypedLiteral{"P1D", "http://x#duration"})), "P1D",
       "\"P1D\"^^<http://x#duration>"},
      {Term(Name{"Kim Jong-un"}), "Kim Jong-un", "Kim Jong-un"},
      {Term(Name{"1984"}), "1984", "`1984`"},
      {Term(Name{"true"}), "true", "`true`"},
      {Term(Name{"2024-06"}), "2024-06", "`2024-06`"},
      {Term(Name{"2024-13-45"}), "2024-13-45", "`2024-13-45`"},
      {Term(Iri{"http://x/y"}), "<http://x/y>", "<http://x/y>"},
      {Term(Term::Value(BlankNode{"b1"})), "_:b1", "_:b1"},
      {Term(FactRef{17}), "fact 17", "fact 17"},
      {Term(Term::Value(TermList{Term(int64_t{1}), Term(Name{"Kim"})})), "1, Kim", "1, Kim"},
  };
  for (const auto& row : kRows) {
    CHECK(DisplayText(row.term) == row.shown);
    CHECK(LanguageText(row.term) == row.typed);
  }
}

TEST_CASE("names stay bare where the grammar reads them back") {
  for (const char* name : {"Kim Jong-un",
                           "Citizen (India)",
                           "a (b, c) d",
                           "don't",
                           "9K720 Iskander",
                           "1984",
                           "true",
                           "Київ",
                           "김정은",
                           "a\xC2\xA0z",
                           "C++",
                           "what?",
                           "50% off",
                           "a -b",
                           "a--b",
                           "_x",
                           "A: B",
                           "wd Q7747",
                           "a \"b\"",
                           "x=y",
                           "and",
                           "a <b>",
                           "a $b"}) {
    INFO(name);
    CHECK(NameText(name) == name);
  }
}

TEST_CASE("names that would be read otherwise are written in backticks") {
  for (const char* name :
       {"",    " a",   "a ",     "a  b",     "a\tb",     "a\nb", "protest, peaceful",
        "a;b", "{a}",  "a}",     "(a)",      "\"a\"",    "<a>",  "$a",
        "?a",  "a ?b", "a (?b)", "a (b,?c)", "a -- b",   "--a",  "a)",
        "a(b", "a)(b", "_",      "_:b1",     "wd:Q7747", "x-y:z"}) {
    INFO("'" << name << "'");
    CHECK(NameText(name) == "`" + std::string(name) + "`");
  }
  CHECK(NameText("a`b") == "`a``b`");
  CHECK(NameText("`") == "````");
}

TEST_CASE("the predicate's place needs more backticks") {
  for (const char* name :
       {"met", "holds office", "Appeal for aid (such as arms)", "born in (x) y", "_x", "2nd of"}) {
    INFO(name);
    CHECK(NameText(name, true) == name);
  }
  for (const char* name :
       {"and/or", "a|b", "^a", "C++", "a*", "what?", "!a", "_", "_ a", "a (b)c", "a{2}"}) {
    INFO(name);
    CHECK(NameText(name, true) == "`" + std::string(name) + "`");
  }
}

TEST_CASE("a name is an IRI under the base, and comes back") {
  const char* base = "https://x.example/";
  CHECK(NameToIri(base, "Kim Jong-un") == "https://x.example/Kim%20Jong-un");
  CHECK(NameToIri(base, "a/b%c?d#e") == "https://x.example/a%2Fb%25c%3Fd%23e");
  CHECK(NameToIri(base, "김정은") == "https://x.example/김정은");
  std::string all;
  for (int byte = 1; byte < 0x80; ++byte) all += static_cast<char>(byte);
  for (const std::string& name : {all, std::string("Kim Jong-un"), std::string("Київ, Україна"),
                                  std::string("%20"), std::string("~a_b.c-d")}) {
    CHECK(IriToName(base, NameToIri(base, name)) == name);
  }
}

TEST_CASE("an IRI that no name has is not taken for one") {
  const char* base = "https://x.example/";
  for (const char* iri :
       {"https://y.example/a", "https://x.example/", "https://x.example/a/b",
        "https://x.example/a#b", "https://x.example/a b", "https://x.example/%4",
        "https://x.example/%zz", "https://x.example/%2f", "https://x.example/%41",
        "https://x.example/%FF", "https://x.example/%", "https://x.example/a%00"}) {
    INFO(iri);
    CHECK_FALSE(IriToName(base, iri).has_value());
  }
}

}  // namespace
}  // namespace annals
