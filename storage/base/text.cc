#include "storage/base/text.h"

#include <unicode/brkiter.h>
#include <unicode/uchar.h>
#include <unicode/utext.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <memory>
#include <vector>

namespace annals {
namespace {

// Length of the well-formed sequence at the front of `text`, 0 if there is none, with its code
// point (Unicode 15, table 3-7).
size_t DecodeUtf8(std::string_view text, char32_t* code_point) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) {
    *code_point = lead;
    return 1;
  }
  size_t length = 0;
  unsigned char least = 0x80, most = 0xbf;  // of the second byte
  char32_t value = 0;
  if (lead >= 0xc2 && lead <= 0xdf) {
    length = 2;
    value = lead & 0x1fu;
  } else if (lead >= 0xe0 && lead <= 0xef) {
    length = 3;
    value = lead & 0x0fu;
    if (lead == 0xe0) least = 0xa0;
    if (lead == 0xed) most = 0x9f;
  } else if (lead >= 0xf0 && lead <= 0xf4) {
    length = 4;
    value = lead & 0x07u;
    if (lead == 0xf0) least = 0x90;
    if (lead == 0xf4) most = 0x8f;
  } else {
    return 0;
  }
  if (text.size() < length) return 0;
  for (size_t i = 1; i < length; ++i) {
    if (byte(i) < least || byte(i) > most) return 0;
    least = 0x80;
    most = 0xbf;
    value = value << 6 | (byte(i) & 0x3fu);
  }
  *code_point = value;
  return length;
}

bool IsAscii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool IsSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

size_t WidthOfCodePoint(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0)) return 0;
  if (c < 0x300) return 1;
  const int8_t category = u_charType(static_cast<UChar32>(c));
  if (category == U_NON_SPACING_MARK || category == U_ENCLOSING_MARK || category == U_FORMAT_CHAR ||
      category == U_CONTROL_CHAR) {
    return 0;
  }
  // Hangul vowels and finals join the syllable before them.
  if ((c >= 0x1160 && c <= 0x11ff) || (c >= 0xd7b0 && c <= 0xd7ff)) return 0;
  const int width = u_getIntPropertyValue(static_cast<UChar32>(c), UCHAR_EAST_ASIAN_WIDTH);
  if (width == U_EA_WIDE || width == U_EA_FULLWIDTH) return 2;
  return 1;
}

// Calls `visit` with each grapheme cluster until it returns false.
template <typename Visit>
void ForEachGrapheme(std::string_view text, const Visit& visit) {
  if (IsAscii(text)) {
    for (size_t i = 0; i < text.size(); ++i) {
      const size_t length = text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n' ? 2 : 1;
      if (!visit(text.substr(i, length))) return;
      i += length - 1;
    }
    return;
  }
  UErrorCode error = U_ZERO_ERROR;
  thread_local std::unique_ptr<icu::BreakIterator> breaks(
      icu::BreakIterator::createCharacterInstance(icu::Locale::getRoot(), error));
  UText utext = UTEXT_INITIALIZER;
  utext_openUTF8(&utext, text.data(), static_cast<int64_t>(text.size()), &error);
  if (U_FAILURE(error) || breaks == nullptr) {
    utext_close(&utext);
    return;
  }
  breaks->setText(&utext, error);
  int32_t begin = breaks->first();
  for (int32_t end = breaks->next(); end != icu::BreakIterator::DONE; end = breaks->next()) {
    if (!visit(text.substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin)))) break;
    begin = end;
  }
  utext_close(&utext);
}

size_t WidthOfGrapheme(std::string_view grapheme) {
  size_t width = 0;
  bool emoji = false;
  while (!grapheme.empty()) {
    char32_t c = 0xfffd;
    const size_t length = std::max<size_t>(1, DecodeUtf8(grapheme, &c));
    width = std::max(width, WidthOfCodePoint(c));
    if (c == 0xfe0f || (c >= 0x1f1e6 && c <= 0x1f1ff)) emoji = true;
    grapheme.remove_prefix(length);
  }
  return emoji && width > 0 ? 2 : width;
}

bool IsHiddenOnScreen(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad || c == 0x61c ||
         (c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f);
}

std::string Hex(char32_t value, int digits) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text(static_cast<size_t>(digits), '0');
  for (size_t i = text.size(); i-- > 0; value >>= 4) text[i] = kDigits[value & 15];
  return text;
}

std::vector<char32_t> CodePoints(std::string_view text) {
  std::vector<char32_t> result;
  result.reserve(text.size());
  while (!text.empty()) {
    char32_t c = 0xfffd;
    const size_t length = std::max<size_t>(1, DecodeUtf8(text, &c));
    result.push_back(c);
    text.remove_prefix(length);
  }
  return result;
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  size_t i = 0;
  while (i < text.size()) {
    // Eight ASCII bytes at a time: most text is ASCII.
    while (i + 8 <= text.size()) {
      uint64_t word;
      __builtin_memcpy(&word, text.data() + i, 8);
      if ((word & 0x8080808080808080u) != 0) break;
      i += 8;
    }
    if (i >= text.size()) break;
    char32_t c;
    const size_t length = DecodeUtf8(text.substr(i), &c);
    if (length == 0) return i;
    i += length;
  }
  return std::nullopt;
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  ForEachGrapheme(text, [&](std::string_view grapheme) {
    width += WidthOfGrapheme(grapheme);
    return true;
  });
  return width;
}

size_t CountGraphemes(std::string_view text) {
  size_t count = 0;
  ForEachGrapheme(text, [&](std::string_view) {
    ++count;
    return true;
  });
  return count;
}

size_t CountCodePoints(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string_view PrefixOfWidth(std::string_view text, size_t cells) {
  size_t width = 0, length = 0;
  ForEachGrapheme(text, [&](std::string_view grapheme) {
    width += WidthOfGrapheme(grapheme);
    if (width > cells) return false;
    length += grapheme.size();
    return true;
  });
  return text.substr(0, length);
}

std::string EscapeForDisplay(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  while (!text.empty()) {
    char32_t c = 0;
    size_t length = DecodeUtf8(text, &c);
    if (length == 0) {
      result += "\\x" + Hex(static_cast<unsigned char>(text[0]), 2);
      length = 1;
    } else if (!IsHiddenOnScreen(c)) {
      result += text.substr(0, length);
    } else if (c == '\n') {
      result += "\\n";
    } else if (c == '\t') {
      result += "\\t";
    } else if (c == '\r') {
      result += "\\r";
    } else if (c < 0x100) {
      result += "\\x" + Hex(c, 2);
    } else if (c < 0x10000) {
      result += "\\u" + Hex(c, 4);
    } else {
      result += "\\U" + Hex(c, 8);
    }
    text.remove_prefix(length);
  }
  return result;
}

std::string EscapeLinesForDisplay(std::string_view text) {
  std::string result;
  while (true) {
    const size_t end = text.find('\n');
    result += EscapeForDisplay(text.substr(0, end));
    if (end == std::string_view::npos) return result;
    result += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string AsciiLower(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

std::string FoldAsciiSpace(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (char c : text) {
    if (!IsSpace(c)) {
      result += c;
    } else if (!result.empty() && result.back() != ' ') {
      result += ' ';
    }
  }
  if (result.ends_with(' ')) result.pop_back();
  return result;
}

std::optional<size_t> EditDistance(std::string_view a, std::string_view b, size_t limit) {
  const std::vector<char32_t> left = CodePoints(a), right = CodePoints(b);
  const size_t difference =
      left.size() > right.size() ? left.size() - right.size() : right.size() - left.size();
  if (difference > limit) return std::nullopt;
  std::vector<size_t> before(right.size() + 1), previous(right.size() + 1), row(right.size() + 1);
  for (size_t j = 0; j <= right.size(); ++j) previous[j] = j;
  for (size_t i = 1; i <= left.size(); ++i) {
    row[0] = i;
    size_t least = i;
    for (size_t j = 1; j <= right.size(); ++j) {
      row[j] = std::min({previous[j] + 1, row[j - 1] + 1,
                         previous[j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1]) {
        row[j] = std::min(row[j], before[j - 2] + 1);
      }
      least = std::min(least, row[j]);
    }
    if (least > limit) return std::nullopt;
    before.swap(previous);
    previous.swap(row);
  }
  if (previous[right.size()] > limit) return std::nullopt;
  return previous[right.size()];
}

std::string DoubleToText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value < 0 ? "-inf" : "inf";
  char buffer[40];
  const auto written = [&](std::chars_format format) {
    return std::string(buffer, std::to_chars(buffer, buffer + sizeof buffer, value, format).ptr);
  };
  const std::string text = written(std::chars_format::scientific);  // "1.2e+06"
  const size_t mark = text.find('e');
  const int exponent = std::stoi(text.substr(mark + 1));
  if (exponent < -5 || exponent > 5) return text.substr(0, mark + 1) + std::to_string(exponent);
  // An exponent marks a double in the language; "1.5" would be a decimal.
  return written(std::chars_format::fixed) + "e0";
}

std::string Count(uint64_t n, std::string_view singular, std::string_view plural) {
  std::string digits = std::to_string(n);
  for (size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
  std::string text = digits + " ";
  text += n == 1 ? singular : plural;
  if (n != 1 && plural.empty()) {
    text += singular;
    text += 's';
  }
  return text;
}

}  // namespace annals
