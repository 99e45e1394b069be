#include "storage/base/source_text.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "storage/base/status.h"
#include "storage/base/text.h"

namespace annals {
namespace {

// A longer line is cut around the fault.
constexpr size_t kShownBefore = 60;
constexpr size_t kShownAfter = 40;

// Between marks.
constexpr size_t kStep = 4096;

// Does a grapheme cluster surely end between these bytes?
bool IsBoundary(char before, char after) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  return before == '\n' || (printable(before) && printable(after));
}

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

void SourceText::MoveTo(size_t to, Mark* mark) const {
  size_t counted = mark->offset;
  for (size_t i = mark->offset; i < to; ++i) {
    const char c = text_[i];
    if (c != '\n' && c != '\r') continue;
    if (c == '\r' && i + 1 < text_.size() && text_[i + 1] == '\n') {
      // Between the two of CRLF we are still at the end of the line before.
      if (i + 1 == to) break;
      ++i;
    }
    ++mark->line;
    mark->line_begin = counted = i + 1;
    mark->column = 0;
  }
  mark->column += CountGraphemes(text_.substr(counted, to - counted));
  mark->offset = to;
}

void SourceText::AddMark() const {
  Mark mark = marks_.empty() ? Mark() : marks_.back();
  for (size_t i = mark.offset + kStep; i < text_.size(); ++i) {
    if (!IsBoundary(text_[i - 1], text_[i])) continue;
    MoveTo(i, &mark);
    marks_.push_back(mark);
    return;
  }
  all_marked_ = true;
}

SourceText::Position SourceText::Locate(size_t offset) const {
  offset = std::min(offset, text_.size());
  const std::lock_guard<std::mutex> lock(mutex_);
  // Reading a short text is as fast.
  if (text_.size() < 4 * kStep) all_marked_ = true;
  while (!all_marked_ && (marks_.empty() || marks_.back().offset <= offset)) AddMark();
  const auto is_before = [](size_t wanted, const Mark& mark) { return wanted < mark.offset; };
  const auto after = std::upper_bound(marks_.begin(), marks_.end(), offset, is_before);
  Mark at = after == marks_.begin() ? Mark() : *std::prev(after);
  MoveTo(offset, &at);
  // The line ends behind the last mark that stands on it.
  const auto first = after - marks_.begin();
  while (!all_marked_ && marks_.back().line <= at.line) AddMark();
  const auto next_line =
      std::upper_bound(marks_.begin() + first, marks_.end(), at.line,
                       [](size_t line, const Mark& mark) { return line < mark.line; });
  // Inside of a CRLF it has ended already.
  const size_t on_line = next_line != marks_.begin() + first ? std::prev(next_line)->offset
                         : offset > at.line_begin            ? offset - 1
                                                             : offset;
  return {first_line_ + at.line, at.column + 1, at.line_begin,
          std::min(text_.find_first_of("\r\n", on_line), text_.size())};
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
