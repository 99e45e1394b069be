// Functions of texts.
#include <re2/re2.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>

#include "absl/strings/str_cat.h"
#include "query/functions/tables.h"
#include "storage/base/text.h"

namespace annals::functions {
namespace {

constexpr size_t kMostBytes = 64 << 20;  // of a text that a function makes

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

const std::string* TextOf(const Term& term) {
  const auto* text = term.As<Text>();
  return text == nullptr ? nullptr : &text->value;
}

bool IsContinuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

// The byte where code point number `index`, from 0, begins; the end if there are fewer.
size_t ByteOfCodePoint(std::string_view text, uint64_t index) {
  size_t byte = 0;
  for (; byte < text.size(); ++byte) {
    if (IsContinuation(text[byte])) continue;
    if (index == 0) return byte;
    --index;
  }
  return byte;
}

absl::StatusOr<Term> Length(Arguments arguments, EvaluationContext&) {
  if (const auto* list = arguments[0]->As<TermList>()) {
    return Term(static_cast<int64_t>(list->size()));
  }
  const auto* text = TextOf(*arguments[0]);
  return text == nullptr ? Term() : Term(static_cast<int64_t>(CountCodePoints(*text)));
}

using CaseMapping = void (*)(const char*, uint32_t, icu::StringPiece, icu::ByteSink&, icu::Edits*,
                             UErrorCode&);
template <CaseMapping mapping>
absl::StatusOr<Term> MapCase(Arguments arguments, EvaluationContext&) {
  const auto* text = arguments[0]->As<Text>();
  if (text == nullptr) return Term();
  Text result{"", text->language};
  icu::StringByteSink<std::string> sink(&result.value);
  UErrorCode error = U_ZERO_ERROR;
  mapping("", 0, icu::StringPiece(text->value.data(), static_cast<int32_t>(text->value.size())),
          sink, nullptr, error);
  return U_FAILURE(error) != 0 ? Term() : Term(std::move(result));
}

template <bool (*test)(std::string_view, std::string_view)>
absl::StatusOr<Term> TestTexts(Arguments arguments, EvaluationContext&) {
  const auto* text = TextOf(*arguments[0]);
  const auto* other = TextOf(*arguments[1]);
  return text == nullptr || other == nullptr ? Term() : Term(test(*text, *other));
}
bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
bool StartsWith(std::string_view text, std::string_view part) { return text.starts_with(part); }
bool EndsWith(std::string_view text, std::string_view part) { return text.ends_with(part); }

absl::StatusOr<Term> Matches(Arguments arguments, EvaluationContext& context) {
  const auto* text = TextOf(*arguments[0]);
  const auto* pattern = TextOf(*arguments[1]);
  if (text == nullptr || pattern == nullptr) return Term();
  const re2::RE2* compiled = context.patterns().Get(*pattern);
  if (compiled == nullptr) return Term();
  return Term(re2::RE2::PartialMatch(Piece(*text), *compiled));
}

absl::StatusOr<Term> Replace(Arguments arguments, EvaluationContext& context) {
  const auto* text = arguments[0]->As<Text>();
  const auto* pattern = TextOf(*arguments[1]);
  const auto* replacement = TextOf(*arguments[2]);
  if (text == nullptr || pattern == nullptr || replacement == nullptr) return Term();
  const re2::RE2* compiled = context.patterns().Get(*pattern);
  std::string error;
  if (compiled == nullptr || !compiled->CheckRewriteString(Piece(*replacement), &error)) {
    return Term();
  }
  if ((text->value.size() + 1) * (replacement->size() + 1) > kMostBytes) return Term();
  Text result = *text;
  re2::RE2::GlobalReplace(&result.value, *compiled, Piece(*replacement));
  return Term(std::move(result));
}

absl::Status CheckPattern(std::string_view function, const Term* pattern) {
  const auto* text = pattern == nullptr ? nullptr : TextOf(*pattern);
  if (text == nullptr) return absl::OkStatus();
  const std::string error = PatternError(*text);
  if (error.empty()) return absl::OkStatus();
  return InvalidArgument(absl::StrCat(ToAbsl(function), ": the pattern can't be read: ", error));
}

absl::Status CheckMatches(Arguments constants) { return CheckPattern("matches", constants[1]); }

absl::Status CheckReplace(Arguments constants) {
  ANNALS_RETURN_IF_ERROR(CheckPattern("replace", constants[1]));
  const auto* pattern = constants[1] == nullptr ? nullptr : TextOf(*constants[1]);
  const auto* replacement = constants[2] == nullptr ? nullptr : TextOf(*constants[2]);
  if (pattern == nullptr || replacement == nullptr) return absl::OkStatus();
  std::string error;
  const re2::RE2 compiled(Piece(*pattern), re2::RE2::Quiet);
  if (compiled.CheckRewriteString(Piece(*replacement), &error)) return absl::OkStatus();
  return InvalidArgument(absl::StrCat("replace: the replacement can't be used: ", error));
}

absl::StatusOr<Term> Substr(Arguments arguments, EvaluationContext&) {
  const auto* text = arguments[0]->As<Text>();
  const auto* start = arguments[1]->As<int64_t>();
  const auto* length = arguments.size() > 2 ? arguments[2]->As<int64_t>() : nullptr;
  if (text == nullptr || start == nullptr || *start < 1) return Term();
  if (arguments.size() > 2 && (length == nullptr || *length < 0)) return Term();
  std::string_view rest = text->value;
  rest.remove_prefix(ByteOfCodePoint(rest, static_cast<uint64_t>(*start - 1)));
  if (length != nullptr) {
    rest = rest.substr(0, ByteOfCodePoint(rest, static_cast<uint64_t>(*length)));
  }
  return Term(Text{std::string(rest), text->language});
}

absl::StatusOr<Term> Concat(Arguments arguments, EvaluationContext&) {
  std::string result;
  for (const Term* argument : arguments) {
    result += DisplayText(*argument);
    if (result.size() > kMostBytes) return Term();
  }
  return Term(Text{std::move(result), ""});
}

absl::StatusOr<Term> SplitPart(Arguments arguments, EvaluationContext&) {
  const auto* text = arguments[0]->As<Text>();
  const auto* separator = TextOf(*arguments[1]);
  const auto* number = arguments[2]->As<int64_t>();
  if (text == nullptr || separator == nullptr || number == nullptr) return Term();
  if (separator->empty() || *number < 1) return Term();
  std::string_view rest = text->value;
  for (int64_t part = 1;; ++part) {
    const size_t end = rest.find(*separator);
    if (part == *number) return Term(Text{std::string(rest.substr(0, end)), text->language});
    if (end == std::string_view::npos) return Term();
    rest.remove_prefix(end + separator->size());
  }
}

constexpr auto kText = FunctionGroup::kText;
constexpr Function kRows[] = {
    {"length", kText, 1, 1, "text or list", "integer", "How many code points, or values of a list.",
     "length(\"Кім\")", "3", false, Length, nullptr},
    {"lower", kText, 1, 1, "text", "text", "In lower case.", "lower(\"Kim ЧЕН\")", "\"kim чен\"",
     false, MapCase<icu::CaseMap::utf8ToLower>, nullptr},
    {"upper", kText, 1, 1, "text", "text", "In upper case.", "upper(\"straße\")", "\"STRASSE\"",
     false, MapCase<icu::CaseMap::utf8ToUpper>, nullptr},
    {"contains", kText, 2, 2, "text, text", "boolean", "Whether the second is somewhere in it.",
     "contains(\"Kim Jong-un\", \"Jong\")", "true", false, TestTexts<Contains>, nullptr},
    {"starts_with", kText, 2, 2, "text, text", "boolean", "Whether it begins with the second.",
     "starts_with(\"Kim Jong-un\", \"Kim\")", "true", false, TestTexts<StartsWith>, nullptr},
    {"ends_with", kText, 2, 2, "text, text", "boolean", "Whether it ends with the second.",
     "ends_with(\"Kim Jong-un\", \"il\")", "false", false, TestTexts<EndsWith>, nullptr},
    {"matches", kText, 2, 2, "text, pattern", "boolean",
     "Whether a part of it fits the regular expression (RE2 syntax, in time linear in the text; "
     "`^` "
     "and `$` tie it to the ends, `(?i)` ignores case).",
     "matches(\"KN-23\", \"^KN-[0-9]+$\")", "true", false, Matches, CheckMatches},
    {"replace", kText, 3, 3, "text, pattern, text", "text",
     "With every part that fits the pattern replaced; `\\1` in the replacement is the first group.",
     "replace(\"2024/11\", \"/\", \"-\")", "\"2024-11\"", false, Replace, CheckReplace},
    {"substr", kText, 2, 3, "text, start[, length]", "text",
     "The part from a place, counted from 1, to the end or of a length.",
     "substr(\"Pyongyang\", 6, 4)", "\"yang\"", false, Substr, nullptr},
    {"concat", kText, 1, Function::kAnyNumber, "value, ...", "text",
     "One after the other; values that are no texts as `text` gives them.", "concat(\"KN-\", 23)",
     "\"KN-23\"", false, Concat, nullptr},
    {"split_part", kText, 3, 3, "text, separator, number", "text",
     "The part of that number, from 1, between separators; empty where there are fewer.",
     "split_part(\"Kim Jong-un\", \" \", 2)", "\"Jong-un\"", false, SplitPart, nullptr},
};

}  // namespace

std::span<const Function> TextFunctions() { return kRows; }

}  // namespace annals::functions
