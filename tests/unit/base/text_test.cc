// UTF-8, graphemes, widths, escapes, distances and numbers as text.
#include "storage/base/text.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <random>
#include <string>

namespace annals {
namespace {

using namespace std::string_literals;

TEST_CASE("well-formed UTF-8 is accepted") {
  for (const std::string& text :
       {""s, "\0"s, "plain ASCII of more than eight bytes"s, "Кім Чен Ин 김정은"s, "\x7f\xc2\x80"s,
        "\xdf\xbf\xe0\xa0\x80"s, "\xed\x9f\xbf\xee\x80\x80"s, "\xef\xbf\xbf\xf0\x90\x80\x80"s,
        "\xf4\x8f\xbf\xbf"s}) {
    INFO(text);
    CHECK(FindInvalidUtf8(text) == std::nullopt);
  }
}

TEST_CASE("each way of being malformed is found where it begins") {
  const std::string bad[] = {"\x80",
                             "\xbf",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xe0\x9f\xbf",
                             "\xf0\x8f\xbf\xbf",
                             "\xed\xa0\x80",
                             "\xed\xbf\xbf",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xff",
                             "\xfe",
                             "\xc3",
                             "\xe2\x82",
                             "\xf0\x9f\x98",
                             "\xc3(",
                             "\xe2\x28\xa1",
                             "\xf0\x9f\x98("};
  for (const std::string& bytes : bad) {
    for (const size_t before : {0u, 1u, 7u, 8u, 9u, 40u}) {
      INFO(before);
      CHECK(FindInvalidUtf8(std::string(before, 'a') + bytes) == before);
      CHECK(FindInvalidUtf8(std::string(before, 'a') + bytes + "tail of ASCII") == before);
    }
  }
}

TEST_CASE("graphemes and cells") {
  struct Row {
    std::string text;
    size_t graphemes, code_points, cells;
  };
  const Row rows[] = {
      {"", 0, 0, 0},
      {"Kim", 3, 3, 3},
      {"Кім Чен Ин", 10, 10, 10},
      {"김정은", 3, 3, 6},
      {"\u1100\u1161\u11a8", 1, 3, 2},  // the same Hangul in parts
      {"金正恩", 3, 3, 6},
      {"ｆｕｌｌ", 4, 4, 8},
      {"ｱｲ", 2, 2, 2},  // half width
      {"e\u0301", 1, 2, 1},
      {"й\u0306\u0323", 1, 3, 1},
      {"\u0915\u094d", 1, 2, 1},  // Devanagari: consonant, virama
      {"😀", 1, 1, 2},
      {"👍🏽", 1, 2, 2},         // skin tone
      {"👨\u200d👩\u200d👧", 1, 5, 2},  // joined by ZWJ
      {"🇺🇦", 1, 2, 2},               // a flag
      {"🇺🇦🇰🇵", 2, 4, 4},
      {"❤\ufe0f", 1, 2, 2},  // emoji presentation
      {"❤", 1, 1, 1},
      {"\r\n", 1, 2, 0},
      {"a\r\nb", 3, 4, 2},
      {"\u00a0", 1, 1, 1},
      {"…", 1, 1, 1},
  };
  for (const Row& row : rows) {
    INFO(row.text);
    CHECK(CountGraphemes(row.text) == row.graphemes);
    CHECK(CountCodePoints(row.text) == row.code_points);
    CHECK(DisplayWidth(row.text) == row.cells);
  }
}

TEST_CASE("a prefix keeps clusters whole") {
  CHECK(PrefixOfWidth("abcdef", 3) == "abc");
  CHECK(PrefixOfWidth("abc", 9) == "abc");
  CHECK(PrefixOfWidth("abc", 0).empty());
  CHECK(PrefixOfWidth("김정은", 5) == "김정");
  CHECK(PrefixOfWidth("e\u0301x", 1) == "e\u0301");
  CHECK(PrefixOfWidth("👨\u200d👩\u200d👧x", 1).empty());
  CHECK(PrefixOfWidth("👨\u200d👩\u200d👧x", 2) == "👨\u200d👩\u200d👧");
}

TEST_CASE("what a terminal would obey or hide is escaped; the rest is kept") {
  CHECK(EscapeForDisplay("Кім \u00a0김 e\u0301 \\n ~") == "Кім \u00a0김 e\u0301 \\n ~");
  CHECK(EscapeForDisplay("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(EscapeForDisplay("\x1b]0;x\x07"s) == "\\x1b]0;x\\x07");
  CHECK(EscapeForDisplay("\0\x7f"s) == "\\x00\\x7f");
  CHECK(EscapeForDisplay("\u009b31m") == "\\x9b31m");
  CHECK(EscapeForDisplay("\u202eabc\u2066\u200b\ufeff\u00ad") ==
        "\\u202eabc\\u2066\\u200b\\ufeff\\xad");
  CHECK(EscapeForDisplay("\U000e0041") == "\\U000e0041");
  CHECK(EscapeForDisplay("a\xff\xc3") == "a\\xff\\xc3");
}

TEST_CASE("nothing that comes out of EscapeForDisplay is a control or ill-formed") {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (size_t i = random() % 40; i > 0; --i) text += static_cast<char>(random());
    const std::string shown = EscapeForDisplay(text);
    CHECK(FindInvalidUtf8(shown) == std::nullopt);
    for (const char c : shown) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    CHECK(PrefixOfWidth(shown, DisplayWidth(shown)).size() == shown.size());
  }
}

TEST_CASE("ASCII case and space") {
  CHECK(AsciiLower("FiND É И") == "find É И");
  CHECK(FoldAsciiSpace(" \t Kim \r\n\v\f Jong-un ") == "Kim Jong-un");
  CHECK(FoldAsciiSpace("a\u00a0 \u00a0b") == "a\u00a0 \u00a0b");
  CHECK(FoldAsciiSpace(" \n").empty());
}

TEST_CASE("edit distance counts code points, swaps and no more than the limit") {
  CHECK(EditDistance("", "", 0) == 0u);
  CHECK(EditDistance("kitten", "sitting", 3) == 3u);
  CHECK(EditDistance("kitten", "sitting", 2) == std::nullopt);
  CHECK(EditDistance("Jong-un", "Jogn-un", 5) == 1u);
  CHECK(EditDistance("ca", "abc", 5) == 3u);  // no edit inside a swap
  CHECK(EditDistance("Кім", "Ким", 5) == 1u);
  CHECK(EditDistance("", "abc", 3) == 3u);
  CHECK(EditDistance("abc", "", 2) == std::nullopt);
  CHECK(EditDistance("abc", "abc", 0) == 0u);
  CHECK(EditDistance("abc", "abd", 0) == std::nullopt);
}

TEST_CASE("doubles are shortest, marked as doubles, and read back the same") {
  CHECK(DoubleToText(0) == "0e0");
  CHECK(DoubleToText(1.5) == "1.5e0");
  CHECK(DoubleToText(-3) == "-3e0");
  CHECK(DoubleToText(0.1 + 0.2) == "0.30000000000000004e0");
  CHECK(DoubleToText(999999.5) == "999999.5e0");
  CHECK(DoubleToText(1.2e6) == "1.2e6");
  CHECK(DoubleToText(0.00001) == "0.00001e0");
  CHECK(DoubleToText(1.5e-6) == "1.5e-6");
  CHECK(DoubleToText(1e300) == "1e300");
  CHECK(DoubleToText(std::numeric_limits<double>::infinity()) == "inf");
  CHECK(DoubleToText(-std::numeric_limits<double>::infinity()) == "-inf");
  CHECK(DoubleToText(-std::nan("")) == "nan");
  std::mt19937_64 random(11);
  for (int round = 0; round < 20000; ++round) {
    const uint64_t bits = random();
    double value;
    static_assert(sizeof value == sizeof bits);
    __builtin_memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    CHECK(std::strtod(DoubleToText(value).c_str(), nullptr) == value);
  }
}

TEST_CASE("counted nouns") {
  CHECK(Count(0, "fact") == "0 facts");
  CHECK(Count(1, "fact") == "1 fact");
  CHECK(Count(999, "fact") == "999 facts");
  CHECK(Count(1000, "fact") == "1,000 facts");
  CHECK(Count(12345678, "fact") == "12,345,678 facts");
  CHECK(Count(1, "entity", "entities") == "1 entity");
  CHECK(Count(2, "entity", "entities") == "2 entities");
}

TEST_CASE("line ends stay where lines are escaped") {
  CHECK(EscapeLinesForDisplay("") == "");
  CHECK(EscapeLinesForDisplay("a\x1b\nb\n") == "a\\x1b\nb\n");
  CHECK(EscapeLinesForDisplay("\n\n\xffz") == "\n\n\\xffz");
}

}  // namespace
}  // namespace annals
