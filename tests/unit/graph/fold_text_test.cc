#include "storage/graph/fold_text.h"

#include <catch2/catch.hpp>
#include <string>

namespace annals {
namespace {

TEST_CASE("spellings of one name fold alike") {
  struct Row {
    const char* a;
    const char* b;
  };
  const Row row = GENERATE(values<Row>({
      {"Kim Jong-un", "kimjongun"},
      {"KIM JONG UN", "Kim Jong-un"},
      {"Kím Jong\u2011un", "Kim Jong-un"},       // an accent, a non-breaking hyphen
      {"Kim\u00a0Jong\u2013un", "Kim Jong-un"},  // a non-breaking space, a dash
      {"Kim\u200bJong-un", "Kim Jong-un"},       // a zero-width space
      {"Ｋｉｍ Ｊｏｎｇ－ｕｎ", "Kim Jong-un"},  // full width
      {"Straße", "STRASSE"},
      {"Ελλάδα", "ΕΛΛΑΔΑ"},
      {"Горбачёв", "ГОРБАЧЕВ"},
      {"O\u2019Neill", "O'Neill"},
      {"ﬁne", "FINE"},
      {"Kim\tJong\nun", "Kim Jong-un"},
      {"e\u0301", "\u00e9"},
  }));
  CHECK(FoldName(row.a) == FoldName(row.b));
}

TEST_CASE("other letters stay other letters") {
  CHECK(FoldName("Kim Jong-un") != FoldName("Kim Jong-in"));
  CHECK(FoldName("か") != FoldName("が"));
  CHECK(FoldName("バス") != FoldName("パス"));
  CHECK(FoldName("कि") != FoldName("क"));
  CHECK(FoldName("김정은") == "김정은");
  CHECK(FoldName("\u1100\u1161") == "가");
  CHECK(FoldName("U.S.") == "u.s.");
}

TEST_CASE("what folds away stays as it is, and no byte 0 is left") {
  CHECK(FoldName("-") == "-");
  CHECK(FoldName("\u2014") == "\u2014");
  CHECK(FoldName("").empty());
  CHECK(FoldName(std::string_view("a\0b", 3)) == "ab");
  CHECK(FoldName(std::string_view("\0", 1)).empty());
  CHECK(FoldName(std::string_view("\xc3\0\xff", 3)).find('\0') == std::string::npos);
}

TEST_CASE("folding twice changes nothing") {
  for (const char* text : {"Kím Jong-Un", "Straße", "İstanbul", "Ǆ", "ｶﾞ", "Ὀδυσσεύς"}) {
    CHECK(FoldName(FoldName(text)) == FoldName(text));
  }
}

TEST_CASE("names in Latin letters") {
  CHECK(LatinKey("Белоусов") == "belousov");
  CHECK(LatinKey("Kim Jong-un") == "kim jong un");
  CHECK(LatinKey("Łódź") == "lodz");
  CHECK(LatinKey("Αθήνα") == "athena");
  CHECK(LatinKey("O'Neill, Ed") == "oneill ed");
  CHECK(LatinKey("習近平") == "xi jin ping");
  CHECK(LatinKey("  --  ").empty());
}

}  // namespace
}  // namespace annals
