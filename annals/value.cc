#include "annals/value.h"

#include <cmath>

#include "storage/base/text.h"

namespace annals {

struct ValueAccess {
  static Value Make(Value::Kind kind, std::string text) {
    Value value;
    value.kind_ = kind;
    value.text_ = std::move(text);
    return value;
  }
  static Value Number(Value::Kind kind, std::string text, const annals::Number& number) {
    Value value = Make(kind, std::move(text));
    value.number_ = ToDouble(number);
    if (const auto* integer = std::get_if<int64_t>(&number)) {
      value.integer_ = *integer;
    } else if (std::fabs(value.number_) < 9.2e18) {
      value.integer_ = static_cast<int64_t>(value.number_);
    }
    return value;
  }
  static Value Boolean(bool truth) {
    Value value = Make(Value::Kind::kBoolean, truth ? "true" : "false");
    value.integer_ = truth ? 1 : 0;
    value.number_ = value.integer_ != 0 ? 1 : 0;
    return value;
  }
  static Value OfTime(const annals::Time& time) {
    Value value = Make(Value::Kind::kTime, time.ToString());
    value.interval_ = {time.first(), time.last()};
    return value;
  }
  static Value Literal(const TypedLiteral& literal) {
    Value value = Make(Value::Kind::kLiteral, literal.value);
    value.datatype_ = literal.datatype;
    return value;
  }
  static Value OfText(const annals::Text& text) {
    Value value = Make(Value::Kind::kText, text.value);
    value.language_ = text.language;
    return value;
  }
  static Value List(const TermList& list, const FactText& fact_text) {
    Value value = Make(Value::Kind::kList, "");
    value.items_.reserve(list.size());
    for (const Term& item : list) {
      value.items_.push_back(ToValue(item, fact_text));
      if (!value.text_.empty()) value.text_ += ", ";
      value.text_ += value.items_.back().text();
    }
    return value;
  }
};

Value Value::Integer(int64_t value) {
  return ValueAccess::Number(Kind::kInteger, std::to_string(value), annals::Number(value));
}
Value Value::Double(double value) {
  return ValueAccess::Number(Kind::kDouble, DoubleToText(value), annals::Number(value));
}
Value Value::Boolean(bool value) { return ValueAccess::Boolean(value); }
Value Value::Text(std::string text, std::string language) {
  return ValueAccess::OfText(annals::Text{std::move(text), std::move(language)});
}
Value Value::Name(std::string name) { return ValueAccess::Make(Kind::kName, std::move(name)); }
Value Value::Iri(std::string iri) { return ValueAccess::Make(Kind::kIri, std::move(iri)); }
absl::StatusOr<Value> Value::Time(std::string_view text) {
  auto time = annals::Time::Parse(text);
  if (!time.ok()) return time.status();
  return ValueAccess::OfTime(*time);
}

Value ToValue(const Term& term, const FactText& fact_text) {
  struct Visitor {
    const FactText& fact_text;
    Value operator()(std::monostate) const { return {}; }
    Value operator()(int64_t value) const { return Value::Integer(value); }
    Value operator()(const Decimal& value) const {
      return ValueAccess::Number(Value::Kind::kDecimal, value.text, annals::Number(value));
    }
    Value operator()(double value) const { return Value::Double(value); }
    Value operator()(bool value) const { return Value::Boolean(value); }
    Value operator()(const Time& value) const { return ValueAccess::OfTime(value); }
    Value operator()(const Duration& value) const {
      return ValueAccess::Make(Value::Kind::kDuration, ToString(value));
    }
    Value operator()(const Text& value) const { return ValueAccess::OfText(value); }
    Value operator()(const TypedLiteral& value) const { return ValueAccess::Literal(value); }
    Value operator()(const Name& value) const { return Value::Name(value.text); }
    Value operator()(const Iri& value) const { return Value::Iri(value.text); }
    Value operator()(const BlankNode& value) const {
      return ValueAccess::Make(Value::Kind::kBlankNode, "_:" + value.label);
    }
    Value operator()(const FactRef& value) const {
      return ValueAccess::Make(Value::Kind::kFact, fact_text(value.number));
    }
    Value operator()(const TermList& value) const { return ValueAccess::List(value, fact_text); }
  };
  return std::visit(Visitor{fact_text}, term.value());
}

absl::StatusOr<Term> ToTerm(const Value& value) {
  for (std::string_view text :
       {std::string_view(value.text()), std::string_view(value.language())}) {
    if (FindInvalidUtf8(text).has_value()) return InvalidArgument("a parameter is not valid UTF-8");
    if (text.find('\0') != std::string_view::npos) {
      return InvalidArgument("a parameter holds a NUL character");
    }
  }
  switch (value.kind()) {
    case Value::Kind::kEmpty:
      return Term();
    case Value::Kind::kInteger:
      return Term(value.integer());
    case Value::Kind::kDouble:
      return Term(value.number());
    case Value::Kind::kBoolean:
      return Term(value.boolean());
    case Value::Kind::kDecimal:
      return Term(Term::Value(Decimal{value.text()}));
    case Value::Kind::kTime: {
      ANNALS_ASSIGN_OR_RETURN(Time time, Time::Parse(value.text()));
      return Term(time);
    }
    case Value::Kind::kText:
      return Term(Text{value.text(), AsciiLower(value.language())});
    case Value::Kind::kLiteral:
      return Term(Term::Value(TypedLiteral{value.text(), value.datatype()}));
    case Value::Kind::kName:
      if (value.text().empty()) return InvalidArgument("a name given as a parameter is empty");
      return Term(Name{value.text()});
    case Value::Kind::kIri:
      return Term(Iri{value.text()});
    case Value::Kind::kDuration:
    case Value::Kind::kBlankNode:
    case Value::Kind::kFact:
    case Value::Kind::kList:
      break;
  }
  return InvalidArgument(
      "a parameter is a number, boolean, time, text, name or IRI; this one is none of them");
}

results::Cell ToCell(const Term& term, const FactText& fact_text) {
  using Kind = results::Cell::Kind;
  if (term.is_undefined()) return {};
  if (const auto* fact = term.As<FactRef>()) return {Kind::kText, fact_text(fact->number), {}};
  if (const auto* iri = term.As<Iri>()) return {Kind::kText, iri->text, {}};
  if (const auto* list = term.As<TermList>()) {
    results::Cell cell{Kind::kList, "", {}};
    cell.items.reserve(list->size());
    for (const Term& item : *list) {
      cell.items.push_back(ToCell(item, fact_text));
      if (!cell.text.empty()) cell.text += ", ";
      cell.text += cell.items.back().text;
    }
    return cell;
  }
  if (const auto* real = term.As<double>()) {
    // An exponent of 0 only marks a double in the language.
    std::string text = DoubleToText(*real);
    if (text.ends_with("e0")) text.resize(text.size() - 2);
    return {Kind::kNumber, std::move(text), {}};
  }
  const Kind kind = term.is_number()             ? Kind::kNumber
                    : term.As<bool>() != nullptr ? Kind::kBoolean
                                                 : Kind::kText;
  return {kind, DisplayText(term), {}};
}

}  // namespace annals
