#include "storage/model/literal.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "storage/base/text.h"

namespace annals {
namespace {

constexpr std::string_view kXsd = "http://www.w3.org/2001/XMLSchema#";

std::string Xsd(std::string_view name) { return std::string(kXsd) + std::string(name); }

// Of a date, empty if XML Schema has none.
std::string_view DatatypeOf(const Time& time) {
  if (!time.is_date()) return "";
  switch (time.start()->precision) {
    case Precision::kYear:
      return "gYear";
    case Precision::kMonth:
      return "gYearMonth";
    case Precision::kDay:
      return "date";
    case Precision::kMinute:
      return "";
    case Precision::kSecond:
      return "dateTime";
  }
  return "";
}

std::optional<Time> ParseTime(std::string_view value) {
  auto time = Time::Parse(value);
  if (!time.ok() || time->ToString() != value) return std::nullopt;
  return *std::move(time);
}

std::optional<double> ParseDouble(std::string_view value) {
  if (value.find_first_not_of("0123456789+-.eE") != std::string_view::npos) return std::nullopt;
  if (value.starts_with('+')) value.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  if (error != std::errc() || end != value.data() + value.size() || !std::isfinite(number)) {
    return std::nullopt;
  }
  return number;
}

}  // namespace

Term LiteralTerm(std::string value, std::string datatype) {
  if (datatype == kTimeDatatype) {
    if (const auto time = ParseTime(value); time.has_value() && DatatypeOf(*time).empty()) {
      return Term(*time);
    }
  } else if (datatype.starts_with(kXsd)) {
    const std::string_view type = std::string_view(datatype).substr(kXsd.size());
    if (type == "string") return Term(Text{std::move(value), ""});
    if (type == "boolean" && (value == "true" || value == "false")) return Term(value == "true");
    if (type == "double") {
      if (const auto number = ParseDouble(value)) return Term(*number);
    } else if (type == "integer" || type == "decimal") {
      const auto number = ParseNumberText(value);
      const bool whole = value.find('.') == std::string::npos;
      if (number.has_value() && !std::holds_alternative<double>(*number) &&
          whole == (type == "integer")) {
        return Term(*number);
      }
    } else if (const auto time = ParseTime(value);
               time.has_value() && !type.empty() && DatatypeOf(*time) == type) {
      return Term(*time);
    }
  }
  return Term(Term::Value(TypedLiteral{std::move(value), std::move(datatype)}));
}

std::optional<Literal> LiteralOf(const Term& term) {
  if (const auto* text = term.As<Text>()) return Literal{text->value, "", text->language};
  if (const auto* literal = term.As<TypedLiteral>()) {
    return Literal{literal->value, literal->datatype, ""};
  }
  if (const auto* time = term.As<Time>()) {
    const std::string_view type = DatatypeOf(*time);
    return Literal{time->ToString(), type.empty() ? std::string(kTimeDatatype) : Xsd(type), ""};
  }
  if (const auto* value = term.As<bool>()) {
    return Literal{*value ? "true" : "false", Xsd("boolean"), ""};
  }
  if (const auto number = term.AsNumber()) {
    std::string text = NumberToText(*number);
    const bool real = std::holds_alternative<double>(*number);
    const bool whole = text.find('.') == std::string::npos;
    return Literal{std::move(text), Xsd(real ? "double" : whole ? "integer" : "decimal"), ""};
  }
  return std::nullopt;
}

bool IsLanguageTag(std::string_view text) {
  for (bool first = true;; first = false) {
    const std::string_view part = text.substr(0, std::min(text.find('-'), text.size()));
    const auto fits = [&](char c) {
      const auto byte = static_cast<unsigned char>(c);
      return first ? absl::ascii_isalpha(byte) : absl::ascii_isalnum(byte);
    };
    if (part.empty() || !std::all_of(part.begin(), part.end(), fits)) return false;
    if (part.size() == text.size()) return true;
    text.remove_prefix(part.size() + 1);
  }
}

}  // namespace annals
