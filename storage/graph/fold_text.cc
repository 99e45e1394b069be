#include "storage/graph/fold_text.h"

#include <unicode/normalizer2.h>
#include <unicode/translit.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>
#include <unicode/uscript.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "absl/container/flat_hash_map.h"

namespace annals {
namespace {

char AsciiLowerChar(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Without byte 0, in lower case: for names of which folding leaves nothing.
std::string OnlyLower(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    if (c != '\0') lower.push_back(AsciiLowerChar(c));
  }
  return lower;
}

std::string FoldAscii(std::string_view text) {
  std::string folded;
  folded.reserve(text.size());
  for (const char c : text) {
    if (c <= ' ' || c == '-' || c == '\'' || c == '`' || c == '\x7f') continue;
    folded.push_back(AsciiLowerChar(c));
  }
  return folded.empty() ? OnlyLower(text) : folded;
}

bool IsApostrophe(UChar32 c) {
  return c == '\'' || c == '`' || c == 0xb4 || c == 0x2b9 || c == 0x2bc || c == 0x2bb ||
         c == 0x2018 || c == 0x2019 || c == 0x201b || c == 0x2032;
}

// A mark that may be left out without making another word of it.
bool IsAccent(UChar32 c) {
  if (u_charType(c) != U_NON_SPACING_MARK && u_charType(c) != U_ENCLOSING_MARK) return false;
  if (c == 0x3099 || c == 0x309a) return false;  // the voicing marks of kana
  UErrorCode error = U_ZERO_ERROR;
  const UScriptCode script = uscript_getScript(c, &error);
  return script == USCRIPT_INHERITED || script == USCRIPT_HEBREW || script == USCRIPT_ARABIC;
}

bool FindIsDropped(UChar32 c) {
  return u_isUWhiteSpace(c) != 0 || u_hasBinaryProperty(c, UCHAR_DASH) != 0 || IsApostrophe(c) ||
         u_iscntrl(c) != 0 || u_charType(c) == U_FORMAT_CHAR || IsAccent(c);
}

// Asking ICU takes longer than all else, so what it said is kept for the characters of most texts.
bool IsDropped(UChar32 c) {
  constexpr size_t kKept = 0x10000;
  enum : uint8_t { kUnknown, kNo, kYes };
  static std::array<std::atomic<uint8_t>, kKept> kept = {};
  if (c < 0 || c >= static_cast<UChar32>(kKept)) return FindIsDropped(c);
  std::atomic<uint8_t>& known = kept[static_cast<size_t>(c)];
  uint8_t value = known.load(std::memory_order_relaxed);
  if (value == kUnknown) {
    value = FindIsDropped(c) ? kYes : kNo;
    known.store(value, std::memory_order_relaxed);
  }
  return value == kYes;
}

icu::UnicodeString FromUtf8(std::string_view text) {
  return icu::UnicodeString::fromUTF8(
      icu::StringPiece(text.data(), static_cast<int32_t>(text.size())));
}

std::string FoldUnicode(std::string_view text) {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const casefold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  const icu::Normalizer2* const decompose = icu::Normalizer2::getNFDInstance(error);
  const icu::Normalizer2* const compose = icu::Normalizer2::getNFCInstance(error);
  // ICU without its data: names then meet only where they are written alike.
  if (U_FAILURE(error)) return OnlyLower(text);
  const icu::UnicodeString letters =
      decompose->normalize(casefold->normalize(FromUtf8(text), error), error);
  icu::UnicodeString kept;
  for (int32_t i = 0; i < letters.length(); i = letters.moveIndex32(i, 1)) {
    const UChar32 c = letters.char32At(i);
    if (!IsDropped(c)) kept.append(c);
  }
  std::string folded;
  compose->normalize(kept, error).toUTF8String(folded);
  return U_FAILURE(error) || folded.empty() ? OnlyLower(text) : folded;
}

// Letters and digits, lower case; apostrophes join what they stand between, all else parts words.
std::string WordsOfAscii(std::string_view text) {
  std::string words;
  words.reserve(text.size());
  bool apart = false;
  for (const char raw : text) {
    const char c = AsciiLowerChar(raw);
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
      if (apart && !words.empty()) words.push_back(' ');
      apart = false;
      words.push_back(c);
    } else if (c != '\'' && c != '`') {
      apart = true;
    }
  }
  return words;
}

std::unique_ptr<icu::Transliterator> MakeTransliterator(const char* id) {
  UErrorCode error = U_ZERO_ERROR;
  return std::unique_ptr<icu::Transliterator>(
      icu::Transliterator::createInstance(id, UTRANS_FORWARD, error));
}

bool IsAscii(const icu::UnicodeString& text) {
  for (int32_t i = 0; i < text.length(); ++i) {
    if (text.charAt(i) >= 0x80) return false;
  }
  return true;
}

// What the transliterator "NFKC; Any-Latin; NFD; [:Mn:] Remove; NFC; Latin-ASCII" makes of it. Its
// steps are gone through one by one, since the normalizers by themselves are far faster, and what
// is ASCII after one of them stays as it is.
icu::UnicodeString Transliterated(icu::UnicodeString letters) {
  // Made once a thread: that takes as long as hundreds of names, and it isn't safe to share.
  thread_local const std::unique_ptr<icu::Transliterator> any_latin =
      MakeTransliterator("Any-Latin");
  thread_local const std::unique_ptr<icu::Transliterator> latin_ascii =
      MakeTransliterator("Latin-ASCII");
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* const compatible = icu::Normalizer2::getNFKCInstance(error);
  const icu::Normalizer2* const decompose = icu::Normalizer2::getNFDInstance(error);
  const icu::Normalizer2* const compose = icu::Normalizer2::getNFCInstance(error);
  if (U_FAILURE(error) || any_latin == nullptr || latin_ascii == nullptr) return letters;
  letters = compatible->normalize(letters, error);
  any_latin->transliterate(letters);
  if (IsAscii(letters)) return letters;
  const icu::UnicodeString parts = decompose->normalize(letters, error);
  letters.remove();
  for (int32_t i = 0; i < parts.length(); i = parts.moveIndex32(i, 1)) {
    const UChar32 c = parts.char32At(i);
    if (u_charType(c) != U_NON_SPACING_MARK) letters.append(c);
  }
  if (IsAscii(letters)) return letters;
  letters = compose->normalize(letters, error);
  latin_ascii->transliterate(letters);
  return letters;
}

std::string ToLatin(std::string_view text) {
  std::string latin;
  Transliterated(FromUtf8(text)).toUTF8String(latin);
  return latin;
}

// Names are made of words that other names have too, and of Chinese characters, which are read one
// by one: what a thread has transliterated is kept for a while.
const std::string& KnownLatin(std::string_view piece) {
  constexpr size_t kMostKept = 1 << 14;
  constexpr size_t kLongest = 64;
  struct Hash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  thread_local absl::flat_hash_map<std::string, std::string, Hash, std::equal_to<>> kept;
  thread_local std::string longer;
  if (piece.size() > kLongest) return longer = ToLatin(piece);
  const auto known = kept.find(piece);
  if (known != kept.end()) return known->second;
  if (kept.size() >= kMostKept) kept.clear();
  return kept.emplace(piece, ToLatin(piece)).first->second;
}

// Of the common Chinese characters, U+4E00 to U+9FFF: three bytes.
bool BeginsWithHan(std::string_view text) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  if (text.size() < 3 || byte(0) < 0xe4 || byte(0) > 0xe9) return false;
  return byte(0) > 0xe4 || byte(1) >= 0xb8;
}

bool IsHan(UChar32 c) { return c >= 0x4e00 && c <= 0x9fef; }

// Letters of which no rule looks across a space: printable ASCII, Greek, Cyrillic and Arabic
// letters, Hangul syllables.
bool StaysInWord(UChar32 c) {
  return (c > ' ' && c < 0x7f) || (c >= 0x391 && c <= 0x3ce) || (c >= 0x400 && c <= 0x45f) ||
         (c >= 0x621 && c <= 0x63a) || (c >= 0x641 && c <= 0x64a) || (c >= 0xac00 && c <= 0xd7a3);
}

// Is it that of its pieces? Chinese characters are read one by one among themselves only.
bool HasPieces(std::string_view text) {
  bool words = false, han = false;
  const icu::UnicodeString letters = FromUtf8(text);
  for (int32_t i = 0; i < letters.length(); i = letters.moveIndex32(i, 1)) {
    const UChar32 c = letters.char32At(i);
    if (c == ' ') continue;
    han = han || IsHan(c);
    words = words || !IsHan(c);
    if ((han && words) || !(IsHan(c) || StaysInWord(c))) return false;
  }
  return true;
}

// The end of the piece that begins the text: a Chinese character, or a word.
size_t EndOfPiece(std::string_view text) {
  return BeginsWithHan(text) ? 3 : std::min(text.find(' '), text.size());
}

std::string LatinByPieces(std::string_view text) {
  std::string latin;
  while (!text.empty()) {
    if (text[0] == ' ') {
      text.remove_prefix(1);
      continue;
    }
    const std::string_view piece = text.substr(0, EndOfPiece(text));
    text.remove_prefix(piece.size());
    if (!latin.empty()) latin += ' ';
    if (IsAsciiText(piece)) {
      latin += piece;
    } else {
      latin += KnownLatin(piece);
    }
  }
  return latin;
}

}  // namespace

bool IsAsciiText(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

std::string FoldName(std::string_view text) {
  return IsAsciiText(text) ? FoldAscii(text) : FoldUnicode(text);
}

std::string LatinKey(std::string_view text) {
  if (IsAsciiText(text)) return WordsOfAscii(text);
  return HasPieces(text) ? WordsOfAscii(LatinByPieces(text)) : LatinKeyOfWhole(text);
}

std::string LatinKeyOfWhole(std::string_view text) { return WordsOfAscii(ToLatin(text)); }

}  // namespace annals
