// Functions of facts.
#include <algorithm>

#include "query/functions/tables.h"

namespace annals::functions {
namespace {

constexpr std::string_view kConfidence = "confidence";

template <Term FactTerms::*part>
absl::StatusOr<Term> PartOf(Arguments arguments, EvaluationContext& context) {
  const auto* ref = arguments[0]->As<FactRef>();
  if (ref == nullptr) return Term();
  ANNALS_ASSIGN_OR_RETURN(auto fact, context.GetFact(ref->number));
  return fact.has_value() ? (*fact).*part : Term();
}

absl::StatusOr<Term> Sources(Arguments arguments, EvaluationContext& context) {
  const auto* ref = arguments[0]->As<FactRef>();
  if (ref == nullptr) return Term();
  ANNALS_ASSIGN_OR_RETURN(TermList sources, context.SourcesOf(ref->number));
  std::sort(sources.begin(), sources.end(),
            [](const Term& a, const Term& b) { return CompareForOrder(a, b) < 0; });
  return Term(Term::Value(std::move(sources)));
}

absl::StatusOr<Term> Confidence(Arguments arguments, EvaluationContext& context) {
  const auto* ref = arguments[0]->As<FactRef>();
  if (ref == nullptr) return Term();
  ANNALS_ASSIGN_OR_RETURN(auto values, context.QualifiersOf(ref->number, kConfidence));
  const Term* least = nullptr;
  for (const Term& value : values) {
    if (least == nullptr || CompareForOrder(value, *least) < 0) least = &value;
  }
  return least == nullptr ? Term() : *least;
}

constexpr auto kFacts = FunctionGroup::kFacts;
constexpr Function kRows[] = {
    {"subject", kFacts, 1, 1, "fact", "value", "The subject, as told.", "subject(?f)",
     "Andriy Belousov", false, PartOf<&FactTerms::subject>, nullptr},
    {"predicate", kFacts, 1, 1, "fact", "name", "The predicate, as told.", "predicate(?f)", "met",
     false, PartOf<&FactTerms::predicate>, nullptr},
    {"object", kFacts, 1, 1, "fact", "value", "The object, as told.", "object(?f)", "Kim Jong-un",
     false, PartOf<&FactTerms::object>, nullptr},
    {"time", kFacts, 1, 1, "fact", "time", "The time; empty if it has none.", "time(?f)",
     "2024-11-29", false, PartOf<&FactTerms::time>, nullptr},
    {"sources", kFacts, 1, 1, "fact", "list", "The sources that give it, in order.",
     "length(sources(?f))", "2", false, Sources, nullptr},
    {"confidence", kFacts, 1, 1, "fact", "value",
     "The value of its qualifier `confidence`, the least if it has several.", "confidence(?f)",
     "0.9", false, Confidence, nullptr},
};

}  // namespace

std::span<const Function> FactFunctions() { return kRows; }

}  // namespace annals::functions
