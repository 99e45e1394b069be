// Positions and messages: whole texts, caret included.
#include "storage/base/source_text.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals {
namespace {

std::string ErrorOf(const SourceText& text, Span span, std::string_view message,
                    std::string_view hint = "") {
  const absl::Status status = text.Error(span, message, hint);
  CHECK(status.code() == absl::StatusCode::kInvalidArgument);
  return std::string(ToStd(status.message()));
}

// The span of `part` in `text`.
Span SpanOf(std::string_view text, std::string_view part) {
  const size_t begin = text.find(part);
  REQUIRE(begin != text.npos);
  return {begin, begin + part.size()};
}

TEST_CASE("typed text is located by line and column") {
  const std::string_view text = "find ?who where (?who met Kim)";
  CHECK(ErrorOf(SourceText(text), {22, 23}, "expected ',' after the subject") ==
        "line 1, column 23: expected ',' after the subject\n"
        " 1 | find ?who where (?who met Kim)\n"
        "   |                       ^");
}

TEST_CASE("a named file, a later line, a span and a hint") {
  const std::string_view text = "(a, b, c)\n(Ada, born, London, 1815-13)\n";
  CHECK(ErrorOf(SourceText(text, "facts.annals", 9), SpanOf(text, "1815-13"), "no month 13",
                "months are 01 to 12") ==
        "facts.annals:10:21: no month 13\n"
        " 10 | (Ada, born, London, 1815-13)\n"
        "    |                     ^~~~~~~\n"
        "hint: months are 01 to 12");
}

TEST_CASE("LF, CRLF and a lone CR each end one line") {
  const std::string_view text = "a\nb\r\nc\rd";
  const SourceText source(text);
  for (const auto& [offset, line, column] : {std::tuple{size_t{0}, size_t{1}, size_t{1}},
                                             {1, 1, 2},
                                             {2, 2, 1},
                                             {3, 2, 2},
                                             {4, 2, 2},
                                             {5, 3, 1},
                                             {6, 3, 2},
                                             {7, 4, 1},
                                             {8, 4, 2},
                                             {99, 4, 2}}) {
    INFO(offset);
    const SourceText::Position position = source.Locate(offset);
    CHECK(position.line == line);
    if (offset != 4) CHECK(position.column == column);
  }
  const SourceText::Position second = source.Locate(3);
  CHECK(source.Slice({second.line_begin, second.line_end}) == "b");
}

// Where lines begin and end, counted anew from the first byte.
std::vector<Span> LinesOf(std::string_view text) {
  std::vector<Span> lines;
  size_t begin = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\n' && text[i] != '\r') continue;
    lines.push_back({begin, i});
    if (text.substr(i, 2) == "\r\n") ++i;
    begin = i + 1;
  }
  lines.push_back({begin, text.size()});
  return lines;
}

TEST_CASE("every place of a long text is found") {
  std::mt19937 random(7);
  const auto below = [&](size_t limit) { return random() % limit; };
  constexpr std::string_view kPieces[] = {"(a, b, c)", "김정은", "e\u0301", "👨‍👩‍👧",
                                          "\u0301",    "\x80",   " ",       "x",
                                          "--",        "\r\n",   "\r",      "\n"};
  // Lines of some bytes, of some thousand, and only one.
  for (const size_t pieces_between_ends : {3, 3000, 1000000}) {
    std::string text;
    while (text.size() < 60000) {
      text += below(pieces_between_ends) == 0 ? kPieces[9 + below(3)] : kPieces[below(9)];
    }
    const SourceText source(text, "", 5);
    const std::vector<Span> lines = LinesOf(text);
    for (size_t i = 0; i < 3000; ++i) {
      const size_t offset = below(text.size() + 1);
      // Half of a character, or of a CRLF, is none.
      if (offset < text.size() && (text[offset] & 0xc0) == 0x80) continue;
      const auto after =
          std::upper_bound(lines.begin(), lines.end(), offset,
                           [](size_t wanted, const Span& line) { return wanted < line.begin; });
      const Span line = *std::prev(after);
      INFO(pieces_between_ends << " at " << offset);
      const SourceText::Position position = source.Locate(offset);
      CHECK(position.line == static_cast<size_t>(after - lines.begin()) + 4);
      CHECK(position.line_begin == line.begin);
      CHECK(position.line_end == line.end);
      CHECK(position.column ==
            CountGraphemes(std::string_view(text).substr(line.begin, offset - line.begin)) + 1);
    }
  }
}

TEST_CASE("columns are grapheme clusters; carets stand under terminal cells") {
  // Wide characters, a letter of two code points, an emoji of several.
  const std::string_view text = "(김정은, e\u0301t, 👨‍👩‍👧 x y)";
  const Span span = SpanOf(text, "x");
  CHECK(SourceText(text).Locate(span.begin).column == 13);
  const std::string message = ErrorOf(SourceText(text), span, "m");
  const size_t line = message.find('\n') + 1, caret_line = message.find('\n', line) + 1;
  const std::string shown = message.substr(line, message.find(" x y") + 1 - line);
  CHECK(message.substr(caret_line) == "   | " + std::string(DisplayWidth(shown) - 5, ' ') + "^");
}

TEST_CASE("a wide character is underlined as wide as it is") {
  const std::string_view text = "a 김정 b";
  CHECK(ErrorOf(SourceText(text), SpanOf(text, "김정"), "m") ==
        "line 1, column 3: m\n"
        " 1 | a 김정 b\n"
        "   |   ^~~~");
}

TEST_CASE("what a terminal would obey is shown escaped, and counted so") {
  const std::string_view text = "a\x1b[31m\u202e b";
  CHECK(ErrorOf(SourceText(text), SpanOf(text, "b"), "m") ==
        "line 1, column 9: m\n"
        " 1 | a\\x1b[31m\\u202e b\n"
        "   |                 ^");
}

TEST_CASE("a long line is cut around the fault") {
  const std::string text = std::string(5000, 'a') + "!" + std::string(5000, 'b');
  const std::string message = ErrorOf(SourceText(text), {5000, 5001}, "m");
  CHECK(message.size() < 400);
  const size_t line = message.find('\n') + 1, caret_line = message.find('\n', line) + 1;
  const size_t fault = message.find('!');
  REQUIRE(fault != message.npos);
  const size_t cells = DisplayWidth(std::string_view(message).substr(line, fault - line));
  CHECK(message.find('^') - caret_line == cells);
}

TEST_CASE("a span over several lines is underlined to the end of its first") {
  const std::string_view text = "(a, b\nc, d)";
  CHECK(ErrorOf(SourceText(text), {4, text.size()}, "m") ==
        "line 1, column 5: m\n"
        " 1 | (a, b\n"
        "   |     ^");
}

TEST_CASE("the end of the text can be at fault, and a span beyond it is kept inside") {
  CHECK(ErrorOf(SourceText("(a, b"), {5, 5}, "m") ==
        "line 1, column 6: m\n"
        " 1 | (a, b\n"
        "   |      ^");
  CHECK(ErrorOf(SourceText("(a, b"), {50, 60}, "m") == ErrorOf(SourceText("(a, b"), {5, 5}, "m"));
  CHECK(ErrorOf(SourceText(""), {0, 0}, "m") ==
        "line 1, column 1: m\n"
        " 1 | \n"
        "   | ^");
}

TEST_CASE("invalid bytes in the line neither crash nor reach the terminal") {
  const std::string_view text = "ab\xff\xc3 c";
  const std::string message = ErrorOf(SourceText(text), {2, 3}, "m");
  CHECK(message ==
        "line 1, column 3: m\n"
        " 1 | ab\\xff\\xc3 c\n"
        "   |   ^~~~");
}

}  // namespace
}  // namespace annals
