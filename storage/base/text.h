// UTF-8: checking, grapheme clusters, terminal width, escaping for display; numbers to text.
#ifndef STORAGE_BASE_TEXT_H_
#define STORAGE_BASE_TEXT_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace annals {

// Byte offset of the first byte that is not well-formed UTF-8 (overlong forms, surrogates and
// code points above U+10FFFF are not), or nullopt if all is well.
std::optional<size_t> FindInvalidUtf8(std::string_view text);

// Terminal cells that `text` occupies: 0 for combining marks and controls, 2 for East Asian wide
// and emoji, else 1; counted by grapheme cluster.
size_t DisplayWidth(std::string_view text);
size_t CountGraphemes(std::string_view text);  // extended grapheme clusters (UAX #29)
size_t CountCodePoints(std::string_view text);

// The longest prefix of whole grapheme clusters with DisplayWidth at most `cells`.
std::string_view PrefixOfWidth(std::string_view text, size_t cells);

// For a terminal: control characters (C0, DEL, C1), bidirectional controls, zero-width characters
// and invalid bytes become visible escapes such as \x1b, \n, \u202e; everything else is kept.
std::string EscapeForDisplay(std::string_view text);
// The same for text of several lines, whose \n stay.
std::string EscapeLinesForDisplay(std::string_view text);

// Lower-cases ASCII letters only.
std::string AsciiLower(std::string_view text);

// Trims ASCII white space (space, \t, \n, \r, \v, \f) on both ends and folds inner runs to one
// space.
std::string FoldAsciiSpace(std::string_view text);

// Edit distance (optimal string alignment, by code point), or nullopt if above `limit`.
std::optional<size_t> EditDistance(std::string_view a, std::string_view b, size_t limit);

// The fewest digits that read back as the same double; always with an exponent ("1.5e0", "1.2e6"),
// which is what marks a double in the language, or a name (inf, nan). The exponent is 0 for
// magnitudes from 0.00001 up to a million.
std::string DoubleToText(double value);

// "1 fact", "3 facts", "12,345 facts"; "2 entities" with a plural given.
std::string Count(uint64_t n, std::string_view singular, std::string_view plural = "");

}  // namespace annals

#endif  // STORAGE_BASE_TEXT_H_
