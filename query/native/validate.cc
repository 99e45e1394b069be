#include "query/native/validate.h"

#include <algorithm>
#include <atomic>
#include <random>

#include "absl/strings/str_cat.h"
#include "query/native/predicates.h"
#include "query/native/scope.h"
#include "query/native/translate.h"
#include "storage/base/text.h"
#include "storage/graph/view.h"

namespace annals::native {
namespace {

absl::Status CheckConstant(const TermExpr& term, const SourceText& text) {
  if (term.kind == TermExpr::Kind::kVariable) {
    return text.Error(term.span, absl::StrCat("a fact that is told holds no variables; expected a "
                                              "name or value instead of ?",
                                              term.text));
  }
  if (term.kind == TermExpr::Kind::kAnything) {
    return text.Error(term.span, "a fact that is told holds no '_'; expected a name or value");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<const TermExpr*> CheckFact(const Pattern& fact, const SourceText& text) {
  const auto* step = std::get_if<PathStep>(&fact.predicate.node);
  if (step == nullptr) {
    return text.Error(fact.predicate.span,
                      "a fact that is told has one predicate, not a path; a predicate whose name "
                      "holds / | ^ + * ? or ! is written in backticks");
  }
  for (const TermExpr* term : {&fact.subject, &step->term, &fact.object}) {
    ANNALS_RETURN_IF_ERROR(CheckConstant(*term, text));
  }
  if (fact.time.has_value()) ANNALS_RETURN_IF_ERROR(CheckConstant(*fact.time, text));
  if (fact.source.has_value()) ANNALS_RETURN_IF_ERROR(CheckConstant(*fact.source, text));
  for (const Qualifier& qualifier : fact.qualifiers) {
    ANNALS_RETURN_IF_ERROR(CheckConstant(qualifier.key, text));
    ANNALS_RETURN_IF_ERROR(CheckConstant(qualifier.value, text));
  }
  if (fact.fact.has_value()) {
    return text.Error(fact.fact->span, "'as' belongs to questions; a fact that is told has none");
  }
  return &step->term;
}

std::string RuleText(std::string_view written, const Prefixes& prefixes) {
  std::string text;
  for (const auto& [prefix, iri] : prefixes) {
    if (written.find(absl::StrCat(prefix, ":")) == std::string_view::npos) continue;
    absl::StrAppend(&text, "prefix ", prefix, ": <", iri, ">; ");
  }
  while (written.ends_with(';') || written.ends_with(' ') || written.ends_with('\n')) {
    written.remove_suffix(1);
  }
  return absl::StrCat(text, ToAbsl(written));
}

absl::Status CheckRule(const Rule& rule, const SourceText& text) {
  const Pattern& head = rule.head;
  const auto* step = std::get_if<PathStep>(&head.predicate.node);
  if (step == nullptr || step->term.kind == TermExpr::Kind::kVariable) {
    return text.Error(head.predicate.span, "expected the one predicate that the rule derives");
  }
  const std::vector<VariableUse> bound = BoundVariables(rule.body);
  std::vector<const TermExpr*> terms = {&head.subject, &step->term, &head.object};
  if (head.time.has_value()) terms.push_back(&*head.time);
  for (const TermExpr* term : terms) {
    if (term->kind == TermExpr::Kind::kAnything || term->kind == TermExpr::Kind::kBlankNode) {
      return text.Error(term->span,
                        "a rule derives facts with names and values; expected one, or a variable "
                        "that its body binds");
    }
    if (term->kind == TermExpr::Kind::kParameter) {
      return text.Error(term->span, "a rule is kept; expected a name or value, not a parameter");
    }
    const bool open = term->kind == TermExpr::Kind::kVariable &&
                      std::none_of(bound.begin(), bound.end(),
                                   [&](const VariableUse& use) { return use.name == term->text; });
    if (open) {
      return text.Error(term->span, absl::StrCat("nothing after 'if' binds ?", term->text,
                                                 "; a rule derives only what its body finds"));
    }
  }
  for (const PredicateUse& use : PredicatesOf(rule.body)) {
    if (use.term->kind == TermExpr::Kind::kVariable ||
        use.term->kind == TermExpr::Kind::kAnything) {
      const Span span = use.term->span == Span() ? rule.body.span : use.term->span;
      return text.Error(span, "a rule names the predicates that it reads; expected a name");
    }
    if (use.repeated) {
      return text.Error(use.term->span,
                        "a rule reads facts one by one; expected a predicate without + * {} or "
                        "'shortest' (a rule may read what it derives itself)");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckPredicateDecl(const PredicateDecl& declaration, const SourceText& text) {
  for (const Qualifier& qualifier : declaration.qualifiers) {
    const std::string& key = qualifier.key.text;
    const TermExpr& value = qualifier.value;
    if (key == kIsPredicate) {
      if (value.text == kSymmetric || value.text == kTransitive || value.text == kSingle) continue;
      return text.Error(value.span, "expected 'symmetric', 'transitive' or 'single' after 'is:'");
    }
    if (key == kInverseOf || key == kImplies) {
      const bool names = value.kind == TermExpr::Kind::kWord ||
                         value.kind == TermExpr::Kind::kQuotedName ||
                         value.kind == TermExpr::Kind::kIri;
      if (names) continue;
      return text.Error(value.span, absl::StrCat("expected a predicate after '", key, ":'"));
    }
    return text.Error(qualifier.key.span,
                      "expected a declaration: {is: symmetric}, {is: transitive}, {is: single}, "
                      "{inverse of: q} or {implies: q}");
  }
  return absl::OkStatus();
}

namespace {

struct DatasetVisitor {
  const SourceText& text;
  Span span;
  absl::Status operator()(const Add&) const { return absl::OkStatus(); }
  absl::Status operator()(const FromBlock&) const { return absl::OkStatus(); }
  absl::Status operator()(const PrefixDecl&) const { return absl::OkStatus(); }
  absl::Status operator()(const SourceDecl&) const { return absl::OkStatus(); }
  absl::Status operator()(const AliasDecl&) const { return absl::OkStatus(); }
  absl::Status operator()(const PredicateDecl& node) const {
    return CheckPredicateDecl(node, text);
  }
  absl::Status operator()(const Rule& node) const { return CheckRule(node, text); }
  template <typename T>
  absl::Status operator()(const T&) const {
    return text.Error({span.begin, span.begin + 1},
                      "a loaded file holds facts, declarations and rules only: add, from, source, "
                      "alias, predicate, rule and prefix");
  }
};

}  // namespace

absl::Status CheckDatasetStatement(const Statement& statement, const SourceText& text) {
  return std::visit(DatasetVisitor{text, statement.span}, statement.node);
}

absl::Status AliasIsEntity(const TermExpr& spelling, const Term& entity, const SourceText& text) {
  const std::string from = NameText(spelling.text);
  const auto* name = entity.As<Name>();
  const std::string into = name == nullptr ? LanguageText(entity) : NameText(name->text);
  return text.Error(
      spelling.span,
      absl::StrCat("'", EscapeForDisplay(spelling.text),
                   "' is an entity's own name, so it can't be an alias of another"),
      absl::StrCat("if both are one, tell it: merge (", from, ") into (", into, ");"));
}

std::string FreshBlankPrefix() {
  // Other processes begin elsewhere.
  static std::atomic<uint64_t> next = [] {
    std::random_device device;
    return uint64_t{device()} << 32 | device();
  }();
  return absl::StrCat("b", absl::Hex(next++, absl::kZeroPad16), "-");
}

}  // namespace annals::native
