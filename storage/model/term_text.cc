// Terms as text: read from bare words, shown, and written as in the language or as IRIs.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"
#include "storage/model/term.h"

namespace annals {
namespace {

bool IsAsciiSpace(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}

bool IsLetter(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' || byte >= 0x80;
}

bool IsLetterOrDigit(char c) { return IsLetter(c) || (c >= '0' && c <= '9'); }

// `?` and a letter at the beginning of a word, or of a part in parentheses, would be a variable.
bool HoldsVariable(std::string_view name) {
  for (size_t i = 0; i + 1 < name.size(); ++i) {
    const bool begins =
        i == 0 || IsAsciiSpace(name[i - 1]) || name[i - 1] == '(' || name[i - 1] == ',';
    if (name[i] == '?' && IsLetter(name[i + 1]) && begins) return true;
  }
  return false;
}

// As `wd:Q7747`, which a prefix declared where it is read would make an IRI.
bool LooksPrefixed(std::string_view name) {
  const size_t colon = name.find(':');
  if (colon == std::string_view::npos || colon + 1 == name.size()) return false;
  return !IsAsciiSpace(name[colon + 1]) &&
         std::all_of(name.begin(), name.begin() + static_cast<std::ptrdiff_t>(colon),
                     [](char c) { return IsLetterOrDigit(c) || c == '-' || c == '.'; });
}

// What only the predicate's place, a path, would read otherwise: its signs, `_`, and a parenthesis
// that closes inside a word.
bool IsPathLike(std::string_view name) {
  if (name.find_first_of("/|^+*?!") != std::string_view::npos) return true;
  if (name[0] == '_' && (name.size() == 1 || !IsLetterOrDigit(name[1]))) return true;
  for (size_t i = 0; i + 1 < name.size(); ++i) {
    const char next = name[i + 1];
    if (name[i] == ')' && next != ' ' && next != '(' && next != ')') return true;
  }
  return false;
}

bool IsBareName(std::string_view name, bool predicate) {
  if (name.empty() || name == "_" || name.starts_with("_:") || FoldAsciiSpace(name) != name) {
    return false;
  }
  if (std::string_view("(\"<$`?").find(name[0]) != std::string_view::npos) return false;
  if (name.find_first_of(";{}`") != std::string_view::npos) return false;
  if (name.starts_with("--") || name.find(" --") != std::string_view::npos) return false;
  if (predicate && IsPathLike(name)) return false;
  if (LooksPrefixed(name)) return false;
  int depth = 0;
  for (char c : name) {
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return false;
    if (c == ',' && depth == 0) return false;
  }
  return depth == 0 && !HoldsVariable(name);
}

std::string Backticked(std::string_view name) {
  std::string text = "`";
  for (char c : name) {
    if (c == '`') text += '`';
    text += c;
  }
  return text + '`';
}

std::string Quoted(std::string_view value) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string text = "\"";
  for (char c : value) {
    switch (c) {
      case '"':
        text += "\\\"";
        break;
      case '\\':
        text += "\\\\";
        break;
      case '\n':
        text += "\\n";
        break;
      case '\t':
        text += "\\t";
        break;
      case '\r':
        text += "\\r";
        break;
      default:
        if (const auto byte = static_cast<unsigned char>(c); byte < 0x20 || byte == 0x7f) {
          text += "\\u00";
          text += kHex[byte >> 4];
          text += kHex[byte & 15];
        } else {
          text += c;
        }
    }
  }
  return text + '"';
}

bool IsUnreserved(unsigned char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~' || c >= 0x80;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

std::optional<Term> ParseNumber(std::string_view text) {
  const auto number = ParseNumberText(text);
  if (!number.has_value()) return std::nullopt;
  return Term(*number);
}

absl::StatusOr<Term> ParseBareTerm(std::string_view text) {
  if (text == "true" || text == "false") return Term(text == "true");
  if (auto number = ParseNumber(text)) return *number;
  if (Time::LooksLikeTime(text) && !Time::LooksLikeBareYear(text)) {
    ANNALS_ASSIGN_OR_RETURN(Time time, Time::Parse(text));
    return Term(time);
  }
  return Term(Name{std::string(text)});
}

std::string DisplayText(const Term& term) {
  struct Visitor {
    std::string operator()(std::monostate) const { return ""; }
    std::string operator()(int64_t value) const { return std::to_string(value); }
    std::string operator()(const Decimal& value) const { return value.text; }
    std::string operator()(double value) const { return DoubleToText(value); }
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    std::string operator()(const Time& value) const { return value.ToString(); }
    std::string operator()(const Duration& value) const { return ToString(value); }
    std::string operator()(const Text& value) const { return value.value; }
    std::string operator()(const TypedLiteral& value) const { return value.value; }
    std::string operator()(const Name& value) const { return value.text; }
    std::string operator()(const Iri& value) const { return "<" + value.text + ">"; }
    std::string operator()(const BlankNode& value) const { return "_:" + value.label; }
    std::string operator()(const FactRef& value) const {
      return "fact " + std::to_string(value.number);
    }
    std::string operator()(const TermList& value) const {
      std::string text;
      for (const Term& item : value) {
        if (!text.empty()) text += ", ";
        text += DisplayText(item);
      }
      return text;
    }
  };
  return std::visit(Visitor{}, term.value());
}

std::string NameText(std::string_view name, bool predicate) {
  return IsBareName(name, predicate) ? std::string(name) : Backticked(name);
}

std::string LanguageText(const Term& term) {
  if (const auto* name = term.As<Name>()) {
    // What would be read back as a number, boolean or time is no name when bare.
    const auto bare = ParseBareTerm(name->text);
    return bare.ok() && *bare == term ? NameText(name->text) : Backticked(name->text);
  }
  if (const auto* text = term.As<Text>()) {
    return Quoted(text->value) + (text->language.empty() ? "" : "@" + text->language);
  }
  if (const auto* literal = term.As<TypedLiteral>()) {
    return Quoted(literal->value) + "^^<" + literal->datatype + ">";
  }
  return DisplayText(term);
}

std::string NameToIri(std::string_view base, std::string_view name) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string iri(base);
  for (char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (IsUnreserved(byte)) {
      iri += c;
    } else {
      iri += '%';
      iri += kHex[byte >> 4];
      iri += kHex[byte & 15];
    }
  }
  return iri;
}

std::optional<std::string> IriToName(std::string_view base, std::string_view iri) {
  if (!iri.starts_with(base) || iri.size() == base.size()) return std::nullopt;
  std::string name;
  for (std::string_view rest = iri.substr(base.size()); !rest.empty(); rest.remove_prefix(1)) {
    if (rest[0] == '%') {
      const int high = rest.size() > 2 ? HexValue(rest[1]) : -1;
      const int low = rest.size() > 2 ? HexValue(rest[2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      name += static_cast<char>(high * 16 + low);
      rest.remove_prefix(2);
    } else if (IsUnreserved(static_cast<unsigned char>(rest[0]))) {
      name += rest[0];
    } else {
      return std::nullopt;
    }
  }
  // No text may hold a NUL.
  if (FindInvalidUtf8(name).has_value() || name.find('\0') != name.npos) return std::nullopt;
  if (NameToIri(base, name) != iri) return std::nullopt;
  return name;
}

}  // namespace annals
