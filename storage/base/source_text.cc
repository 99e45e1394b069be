#include "storage/base/source_text.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals {
namespace {

// A longer line is cut around the fault.
constexpr size_t kShownBefore = 60;
constexpr size_t kShownAfter = 40;

// Offset `count` code points before or after `from`, kept within [low, high].
size_t Back(std::string_view text, size_t from, size_t count, size_t low) {
  while (from > low && count > 0) {
    --from;
    if ((static_cast<unsigned char>(text[from]) & 0xc0) != 0x80) --count;
  }
  return from;
}

size_t Forward(std::string_view text, size_t from, size_t count, size_t high) {
  while (from < high) {
    if ((static_cast<unsigned char>(text[from]) & 0xc0) != 0x80 && count-- == 0) break;
    ++from;
  }
  return from;
}

}  // namespace

SourceText::Position SourceText::Locate(size_t offset) const {
  offset = std::min(offset, text_.size());
  Position position{first_line_, 1, 0, text_.size()};
  for (size_t i = 0; i < offset; ++i) {
    const char c = text_[i];
    if (c != '\n' && c != '\r') continue;
    if (c == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n') {
      // Between the two of CRLF we are still at the end of the line before.
      if (i + 1 == offset) break;
      ++i;
    }
    ++position.line;
    position.line_begin = i + 1;
  }
  position.line_end = std::min(text_.find_first_of("\r\n", position.line_begin), text_.size());
  position.column =
      CountGraphemes(text_.substr(position.line_begin, offset - position.line_begin)) + 1;
  return position;
}

absl::Status SourceText::Error(Span span, std::string_view message, std::string_view hint) const {
  span.begin = std::min(span.begin, text_.size());
  span.end = std::clamp(span.end, span.begin, text_.size());
  // Whole characters: half of one can't be shown.
  const auto inside = [&](size_t offset) {
    return offset < text_.size() && (static_cast<unsigned char>(text_[offset]) & 0xC0) == 0x80;
  };
  while (span.begin > 0 && inside(span.begin)) --span.begin;
  while (inside(span.end)) ++span.end;
  const Position at = Locate(span.begin);
  const size_t fault = std::min(span.begin, at.line_end);
  const size_t fault_end = std::clamp(span.end, fault, at.line_end);
  const size_t begin = Back(text_, fault, kShownBefore, at.line_begin);
  const size_t end = Forward(text_, fault_end, kShownAfter, at.line_end);
  const auto shown = [&](size_t from, size_t to) {
    return EscapeForDisplay(text_.substr(from, to - from));
  };
  const std::string before = absl::StrCat(begin > at.line_begin ? "…" : "", shown(begin, fault));
  std::string under = shown(fault, fault_end);
  const std::string after = absl::StrCat(shown(fault_end, end), end < at.line_end ? "…" : "");
  if (DisplayWidth(under) > kShownBefore) {
    under = absl::StrCat(ToAbsl(PrefixOfWidth(under, kShownBefore)), "…");
  }
  const std::string number = std::to_string(at.line);
  std::string text = name_.empty() ? absl::StrCat("line ", at.line, ", column ", at.column, ": ")
                                   : absl::StrCat(name_, ":", at.line, ":", at.column, ": ");
  const std::string gutter(number.size() + 2, ' ');
  const size_t width = std::max<size_t>(DisplayWidth(under), 1);
  absl::StrAppend(&text, ToAbsl(message), "\n ", number, " | ", before, under, after, "\n", gutter,
                  "| ", std::string(DisplayWidth(before), ' '), "^", std::string(width - 1, '~'));
  if (!hint.empty()) absl::StrAppend(&text, "\nhint: ", ToAbsl(hint));
  return InvalidArgument(text);
}

}  // namespace annals
