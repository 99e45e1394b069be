// Functions that look at a term of any kind.
#include "query/functions/tables.h"
#include "storage/base/text.h"

namespace annals::functions {
namespace {

constexpr std::string_view kXsd = "http://www.w3.org/2001/XMLSchema#";
constexpr std::string_view kLanguageString =
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString";

absl::StatusOr<Term> NameOf(Arguments arguments, EvaluationContext&) {
  const auto* name = arguments[0]->As<Name>();
  return name == nullptr ? Term() : Term(Text{name->text, ""});
}

absl::StatusOr<Term> IriOf(Arguments arguments, EvaluationContext& context) {
  const Term& term = *arguments[0];
  if (const auto* name = term.As<Name>())
    return Term(Iri{NameToIri(context.base_iri(), name->text)});
  if (term.As<Iri>() != nullptr) return term;
  const auto* text = term.As<Text>();
  if (text == nullptr || text->value.find(':') == std::string::npos ||
      text->value.find_first_of(" <>\"{}|\\^`\n\t") != std::string::npos) {
    return Term();
  }
  return Term(Iri{text->value});
}

absl::StatusOr<Term> Lang(Arguments arguments, EvaluationContext&) {
  const auto* text = arguments[0]->As<Text>();
  return text == nullptr ? Term() : Term(Text{text->language, ""});
}

Term Xsd(std::string_view name) { return Term(Iri{std::string(kXsd) + std::string(name)}); }

Term TimeDatatype(const Time& time) {
  if (time.is_period()) return Term();
  switch (time.start()->precision) {
    case Precision::kYear:
      return Xsd("gYear");
    case Precision::kMonth:
      return Xsd("gYearMonth");
    case Precision::kDay:
      return Xsd("date");
    case Precision::kMinute:
    case Precision::kSecond:
      return Xsd("dateTime");
  }
  return Term();
}

absl::StatusOr<Term> Datatype(Arguments arguments, EvaluationContext&) {
  struct Visitor {
    Term operator()(std::monostate) const { return Term(); }
    Term operator()(int64_t) const { return Xsd("integer"); }
    Term operator()(const Decimal& decimal) const {
      return Xsd(decimal.text.find('.') == std::string::npos ? "integer" : "decimal");
    }
    Term operator()(double) const { return Xsd("double"); }
    Term operator()(bool) const { return Xsd("boolean"); }
    Term operator()(const Time& time) const { return TimeDatatype(time); }
    Term operator()(const Duration&) const { return Xsd("duration"); }
    Term operator()(const Text& text) const {
      return text.language.empty() ? Xsd("string") : Term(Iri{std::string(kLanguageString)});
    }
    Term operator()(const TypedLiteral& literal) const { return Term(Iri{literal.datatype}); }
    Term operator()(const Name&) const { return Term(); }
    Term operator()(const Iri&) const { return Term(); }
    Term operator()(const BlankNode&) const { return Term(); }
    Term operator()(const FactRef&) const { return Term(); }
    Term operator()(const TermList&) const { return Term(); }
  };
  return std::visit(Visitor{}, arguments[0]->value());
}

absl::StatusOr<Term> TextOf(Arguments arguments, EvaluationContext&) {
  if (const auto* iri = arguments[0]->As<Iri>()) return Term(Text{iri->text, ""});
  return Term(Text{DisplayText(*arguments[0]), ""});
}

absl::StatusOr<Term> NumberOf(Arguments arguments, EvaluationContext&) {
  const Term& term = *arguments[0];
  if (term.is_number()) return term;
  const auto* text = term.As<Text>();
  const auto* literal = term.As<TypedLiteral>();
  if (text == nullptr && literal == nullptr) return Term();
  const auto number =
      ParseNumberText(FoldAsciiSpace(text != nullptr ? text->value : literal->value));
  return number.has_value() ? Term(*number) : Term();
}

template <typename Kind>
absl::StatusOr<Term> Is(Arguments arguments, EvaluationContext&) {
  return Term(arguments[0]->As<Kind>() != nullptr);
}
absl::StatusOr<Term> IsNumber(Arguments arguments, EvaluationContext&) {
  return Term(arguments[0]->is_number());
}
absl::StatusOr<Term> Bound(Arguments arguments, EvaluationContext&) {
  return Term(!arguments[0]->is_undefined());
}
absl::StatusOr<Term> Coalesce(Arguments arguments, EvaluationContext&) {
  for (const Term* argument : arguments) {
    if (!argument->is_undefined()) return *argument;
  }
  return Term();
}
absl::StatusOr<Term> If(Arguments arguments, EvaluationContext&) {
  const auto* condition = arguments[0]->As<bool>();
  return condition != nullptr && *condition ? *arguments[1] : *arguments[2];
}

constexpr auto kTerms = FunctionGroup::kTerms;
constexpr Function kRows[] = {
    {"name", kTerms, 1, 1, "name", "text", "The text of a name.", "name(`Kim Jong-un`)",
     "\"Kim Jong-un\"", false, NameOf, nullptr},
    {"iri", kTerms, 1, 1, "name, IRI or text", "IRI",
     "The IRI of a name, or the one that a text spells.",
     "iri(\"http://www.wikidata.org/entity/Q7747\")", "<http://www.wikidata.org/entity/Q7747>",
     false, IriOf, nullptr},
    {"lang", kTerms, 1, 1, "text", "text", "The language of a text; `\"\"` if it has none.",
     "lang(\"Київ\"@uk)", "\"uk\"", false, Lang, nullptr},
    {"datatype", kTerms, 1, 1, "value", "IRI",
     "The datatype that a literal has as RDF; empty for names, IRIs and periods.", "datatype(3.5)",
     "<http://www.w3.org/2001/XMLSchema#decimal>", false, Datatype, nullptr},
    {"text", kTerms, 1, 1, "value", "text", "Any value as the text that tables show.",
     "text(2024-06)", "\"2024-06\"", false, TextOf, nullptr},
    {"number", kTerms, 1, 1, "text or number", "number", "The number that a text is.",
     "number(\"1200\")", "1200", false, NumberOf, nullptr},
    {"is_name", kTerms, 1, 1, "value", "boolean",
     "Whether it is a name; false for the empty value.", "is_name(`Kim Jong-un`)", "true", true,
     Is<Name>, nullptr},
    {"is_text", kTerms, 1, 1, "value", "boolean",
     "Whether it is a text; false for the empty value.", "is_text(\"Kim\")", "true", true, Is<Text>,
     nullptr},
    {"is_number", kTerms, 1, 1, "value", "boolean",
     "Whether it is a number; false for the empty value.", "is_number(\"12\")", "false", true,
     IsNumber, nullptr},
    {"is_time", kTerms, 1, 1, "value", "boolean",
     "Whether it is a time; false for the empty value.", "is_time(2024-06)", "true", true, Is<Time>,
     nullptr},
    {"bound", kTerms, 1, 1, "value", "boolean", "Whether it is not empty.", "bound(number(\"x\"))",
     "false", true, Bound, nullptr},
    {"coalesce", kTerms, 1, Function::kAnyNumber, "value, ...", "value",
     "The first that is not empty.", "coalesce(number(\"x\"), 0)", "0", true, Coalesce, nullptr},
    {"if", kTerms, 3, 3, "condition, value, value", "value",
     "The second where the first is true, else the third.", "if(is_number(1), \"one\", \"two\")",
     "\"one\"", true, If, nullptr},
};

}  // namespace

std::span<const Function> TermFunctions() { return kRows; }

}  // namespace annals::functions
