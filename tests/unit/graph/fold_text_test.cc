#include "storage/graph/fold_text.h"

#include <unicode/translit.h>
#include <unicode/unistr.h>

#include <catch2/catch.hpp>
#include <memory>
#include <random>
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

// Letters of texts that mix scripts, and any other characters.
std::u32string SomeLetters(std::mt19937& random) {
  static constexpr std::pair<char32_t, char32_t> kScripts[] = {
      {0x20, 0x7f},     {0xa0, 0x24f},    {0x300, 0x36f},   {0x370, 0x3ff},   {0x400, 0x52f},
      {0x531, 0x587},   {0x590, 0x5f4},   {0x600, 0x6ff},   {0x900, 0x97f},   {0x980, 0xdff},
      {0xe00, 0xe7f},   {0x10a0, 0x10ff}, {0x1100, 0x11ff}, {0x1e00, 0x1fff}, {0x2000, 0x206f},
      {0x3040, 0x30ff}, {0x4e00, 0x9fff}, {0xac00, 0xd7a3}, {0xff00, 0xffef}, {0x10000, 0x1ffff}};
  const auto below = [&](size_t n) { return random() % n; };
  std::u32string text;
  const size_t scripts = 1 + below(3);
  for (size_t i = 0; i < scripts; ++i) {
    const auto [first, last] = kScripts[below(std::size(kScripts))];
    for (size_t n = 1 + below(6); n > 0; --n) {
      text += static_cast<char32_t>(first + below(last - first + 1));
    }
    if (below(3) == 0) text += U' ';
  }
  return text;
}

TEST_CASE("Latin keys are what ICU's transliterator makes of all steps together") {
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<icu::Transliterator> to_latin(icu::Transliterator::createInstance(
      "NFKC; Any-Latin; NFD; [:Mn:] Remove; NFC; Latin-ASCII", UTRANS_FORWARD, error));
  REQUIRE(U_SUCCESS(error));
  std::mt19937 random(4);
  for (int i = 0; i < 20000; ++i) {
    const std::u32string letters = SomeLetters(random);
    icu::UnicodeString text;
    for (const char32_t c : letters) text.append(static_cast<UChar32>(c));
    std::string utf8;
    text.toUTF8String(utf8);
    to_latin->transliterate(text);
    std::string expected;
    text.toUTF8String(expected);
    // No second time.
    for (char& c : expected) {
      if (static_cast<unsigned char>(c) >= 0x80) c = ' ';
    }
    CHECK(LatinKey(utf8) == LatinKey(expected));
  }
}

// Some letters of each script whose words are transliterated one by one, and of others.
TEST_CASE("a name's Latin key is that of the whole name, however it is come by") {
  constexpr std::pair<char32_t, char32_t> kRanges[] = {
      {0x20, 0x7e},     {0x391, 0x3ce},   {0x400, 0x45f},   {0x621, 0x64a}, {0x4e00, 0x9fff},
      {0xac00, 0xd7a3}, {0x3041, 0x30ff}, {0x0e01, 0x0e30}, {0x5d0, 0x5ea}, {0xc0, 0x24f}};
  std::mt19937 random(5);
  for (int i = 0; i < 3000; ++i) {
    std::u32string text;
    const auto script = random() % std::size(kRanges);
    const bool mixed = random() % 3 == 0;
    for (uint32_t letters = 1 + static_cast<uint32_t>(random() % 10); letters > 0; --letters) {
      const auto [first, last] = kRanges[mixed ? random() % std::size(kRanges) : script];
      text += random() % 4 == 0 ? U' ' : static_cast<char32_t>(first + random() % (last - first));
    }
    std::string utf8;
    icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(text.data()),
                                  static_cast<int32_t>(text.size()))
        .toUTF8String(utf8);
    CAPTURE(utf8);
    CHECK(LatinKey(utf8) == LatinKeyOfWhole(utf8));
  }
}

}  // namespace
}  // namespace annals
