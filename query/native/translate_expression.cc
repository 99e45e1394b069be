// Expressions: constants by their place, operators, functions, aggregates.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "query/functions/function.h"
#include "query/native/translator.h"

namespace annals::native {

using algebra::Contains;
using algebra::Expression;
using algebra::MakeConstant;
using algebra::MakeExpression;
using algebra::MakeVariable;

namespace {

enum class StaticKind { kUnknown, kText, kName };

// What an expression is whatever the row, as far as `=` cares.
StaticKind KindOfExpression(const Expression& expression) {
  if (const auto* constant = std::get_if<algebra::ConstantExpr>(&expression.node)) {
    if (constant->term.As<Text>() != nullptr) return StaticKind::kText;
    if (constant->term.As<Name>() != nullptr) return StaticKind::kName;
  }
  if (const auto* call = std::get_if<algebra::CallExpr>(&expression.node)) {
    const functions::Function* function = functions::FindFunction(call->function);
    if (function != nullptr && function->result == "text") return StaticKind::kText;
  }
  return StaticKind::kUnknown;
}

template <typename Op>
Op Nth(BinaryOp op, BinaryOp first) {
  return static_cast<Op>(static_cast<int>(op) - static_cast<int>(first));
}

algebra::AggregateFunction AggregateOf(const ExprCall& call) {
  using algebra::AggregateFunction;
  if (call.star) return AggregateFunction::kCountRows;
  static constexpr std::pair<std::string_view, AggregateFunction> kRows[] = {
      {"count", AggregateFunction::kCount}, {"sum", AggregateFunction::kSum},
      {"avg", AggregateFunction::kAvg},     {"min", AggregateFunction::kMin},
      {"max", AggregateFunction::kMax},     {"list", AggregateFunction::kList},
      {"first", AggregateFunction::kFirst}, {"last", AggregateFunction::kLast}};
  for (const auto& [name, function] : kRows) {
    if (call.name == name) return function;
  }
  return AggregateFunction::kCount;
}

}  // namespace

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateTerm(const TermExpr& term,
                                                                 Place place) {
  if (term.kind == TermExpr::Kind::kVariable) return MakeVariable(term.text);
  if (term.kind == TermExpr::Kind::kAnything) {
    return Error(term.span, "'_' stands for anything in a pattern only; expected a value");
  }
  if (term.kind == TermExpr::Kind::kBlankNode) {
    return Error(term.span, "a blank node can't be asked for");
  }
  ANNALS_ASSIGN_OR_RETURN(const Term value, reader_.Read(term, place));
  if (value.As<Name>() == nullptr && value.As<Iri>() == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(const TermId id, options_.view.Find(value));
    return MakeConstant(value, id);
  }
  ANNALS_ASSIGN_OR_RETURN(Resolved resolved, resolver_.Resolve(value, term.span));
  return MakeConstant(std::move(resolved.term), resolved.id);
}

// Beside a worded operator a bare year is a time.
absl::StatusOr<algebra::ExpressionPtr> Translator::TimeOperand(const Expr& expr) {
  const auto* term = std::get_if<ExprTerm>(&expr.node);
  if (term != nullptr && term->term.kind == TermExpr::Kind::kWord &&
      Time::LooksLikeBareYear(term->term.text)) {
    return TranslateTerm(term->term, Place::kTime);
  }
  return TranslateExpression(expr);
}

void Translator::NoteNeverEqual(const Expression& left, const Expression& right) {
  const StaticKind a = KindOfExpression(left), b = KindOfExpression(right);
  if (a == StaticKind::kUnknown || b == StaticKind::kUnknown || a == b) return;
  const std::string note =
      "a text never equals a name: compare name(?x) with a text in quotes, and ?x with a name in "
      "backticks";
  if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(note);
}

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateBinary(const ExprBinary& binary,
                                                                   bool possibly) {
  if (binary.op == BinaryOp::kOr || binary.op == BinaryOp::kAnd) {
    std::vector<ExpressionPtr> operands;
    for (const Expr* operand : {binary.left.get(), binary.right.get()}) {
      ANNALS_ASSIGN_OR_RETURN(ExpressionPtr expression, TranslateExpression(*operand));
      operands.push_back(std::move(expression));
    }
    if (binary.op == BinaryOp::kOr) return MakeExpression(algebra::OrExpr{std::move(operands)});
    return MakeExpression(algebra::AndExpr{std::move(operands)});
  }
  const bool worded = binary.op >= BinaryOp::kBefore && binary.op <= BinaryOp::kEquals;
  ANNALS_ASSIGN_OR_RETURN(ExpressionPtr left,
                          worded ? TimeOperand(*binary.left) : TranslateExpression(*binary.left));
  ANNALS_ASSIGN_OR_RETURN(ExpressionPtr right,
                          worded ? TimeOperand(*binary.right) : TranslateExpression(*binary.right));
  if (worded) {
    const auto* constant = std::get_if<algebra::ConstantExpr>(&right->node);
    if (constant != nullptr && constant->term.As<Time>() == nullptr) {
      return Error(binary.right->span, "expected a time beside this operator");
    }
    return MakeExpression(
        algebra::TimeExpr{Nth<algebra::TimeOperator>(binary.op, BinaryOp::kBefore), possibly,
                          std::move(left), std::move(right)});
  }
  if (binary.op <= BinaryOp::kGreaterOrEqual) {
    NoteNeverEqual(*left, *right);
    return MakeExpression(algebra::CompareExpr{Nth<algebra::CompareOp>(binary.op, BinaryOp::kEqual),
                                               std::move(left), std::move(right)});
  }
  return MakeExpression(algebra::ArithmeticExpr{
      Nth<algebra::ArithmeticOp>(binary.op, BinaryOp::kAdd), std::move(left), std::move(right)});
}

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateIn(ExpressionPtr value,
                                                               const std::vector<TermExpr>& list) {
  std::vector<ExpressionPtr> items;
  for (const TermExpr& term : list) {
    ANNALS_ASSIGN_OR_RETURN(ExpressionPtr item, TranslateTerm(term, Place::kObject));
    NoteNeverEqual(*value, *item);
    items.push_back(std::move(item));
  }
  return MakeExpression(algebra::InExpr{std::move(value), std::move(items)});
}

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateAggregate(const ExprCall& call,
                                                                      Span span) {
  if (aggregates_ == nullptr) {
    return Error(span, absl::StrCat(call.name,
                                    "(...) counts over rows: it stands in find, having or "
                                    "order by, and not inside another aggregate"));
  }
  const bool ordered = call.name == "first" || call.name == "last";
  if (call.star && call.name != "count") {
    return Error(span, absl::StrCat("only count takes *; expected ", call.name, "(?variable)"));
  }
  if (!call.star && call.arguments.size() != 1) {
    return Error(span, absl::StrCat(call.name, " takes one argument, as ", call.name, "(?x)"));
  }
  if (ordered != (call.by != nullptr)) {
    return Error(span, ordered ? absl::StrCat("expected ", call.name, "(?who by ?when)")
                               : absl::StrCat(call.name, " takes no 'by'"));
  }
  algebra::Aggregate aggregate;
  aggregate.function = AggregateOf(call);
  aggregate.distinct = call.distinct;
  aggregate.result = Fresh();
  auto* const aggregates = std::exchange(aggregates_, nullptr);
  if (!call.star) {
    ANNALS_ASSIGN_OR_RETURN(aggregate.argument, TranslateExpression(call.arguments[0]));
  }
  if (call.by != nullptr) {
    ANNALS_ASSIGN_OR_RETURN(aggregate.by, TranslateExpression(*call.by));
  }
  aggregates_ = aggregates;
  ExpressionPtr result = MakeVariable(aggregate.result);
  aggregates_->push_back(std::move(aggregate));
  return result;
}

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateCall(const ExprCall& call, Span span) {
  if (IsAggregate(call.name)) return TranslateAggregate(call, span);
  const functions::Function* function = functions::FindFunction(call.name);
  if (function == nullptr) {
    const functions::Function* near = functions::NearestFunction(call.name);
    return Error(
        call.name_span,
        absl::StrCat("there is no function '", call.name, "'",
                     near == nullptr ? std::string()
                                     : absl::StrCat("; did you mean '", ToAbsl(near->name), "'?")));
  }
  if (call.star || call.distinct || call.by != nullptr) {
    return Error(span, absl::StrCat("'*', 'distinct' and 'by' belong to aggregates; ", call.name,
                                    " is a function"));
  }
  if (auto wrong = functions::WrongArgumentCount(*function, call.arguments.size())) {
    return Error(span, *wrong);
  }
  std::vector<ExpressionPtr> arguments;
  std::vector<const Term*> constants;
  for (const Expr& argument : call.arguments) {
    const auto* word = std::get_if<ExprTerm>(&argument.node);
    // A unit, as in trunc(?t, month), is handed on as a text.
    if (word != nullptr && word->term.kind == TermExpr::Kind::kWord &&
        ParseTimeUnit(word->term.text).has_value()) {
      arguments.push_back(MakeConstant(Term(Text{word->term.text, ""}), TermId()));
    } else {
      ANNALS_ASSIGN_OR_RETURN(ExpressionPtr expression, TranslateExpression(argument));
      arguments.push_back(std::move(expression));
    }
    const auto* constant = std::get_if<algebra::ConstantExpr>(&arguments.back()->node);
    constants.push_back(constant == nullptr ? nullptr : &constant->term);
  }
  if (function->check != nullptr) {
    if (const absl::Status status = function->check(constants); !status.ok()) {
      return Error(span, ToStd(status.message()));
    }
  }
  return MakeExpression(algebra::CallExpr{call.name, std::move(arguments)});
}

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateExists(const ExprExists& exists,
                                                                   Span span) {
  if (visible_ == nullptr) {
    return Error(span, "'exists' belongs to a question; expected a value here");
  }
  const WithoutFacts without(*this);
  Outside outside(*visible_, ++outer_numbers_);
  auto* const aggregates = std::exchange(aggregates_, nullptr);
  ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, TranslateScope(*exists.formula, &outside));
  aggregates_ = aggregates;
  Variables row = outside.variables, shared;
  for (const algebra::Beside& beside : outside.beside) row.push_back(beside.name);
  for (const Variable& variable : algebra::VariablesOf(*plan)) {
    if (Contains(row, variable)) shared.push_back(variable);
  }
  return MakeExpression(algebra::ExistsExpr{std::move(plan), std::move(shared),
                                            outside.referred ? outside.number : 0,
                                            std::move(outside.beside)});
}

absl::StatusOr<algebra::ExpressionPtr> Translator::TranslateExpression(const Expr& expr) {
  if (const auto* term = std::get_if<ExprTerm>(&expr.node)) {
    const TermExpr& written = term->term;
    if (written.kind == TermExpr::Kind::kWord) {
      ANNALS_ASSIGN_OR_RETURN(const Term value, reader_.Read(written, Place::kObject));
      if (value.As<Name>() != nullptr) {
        return Error(expr.span,
                     "expected a value here; a variable begins with ?, and a name is "
                     "written in backticks");
      }
    }
    return TranslateTerm(written, Place::kObject);
  }
  if (const auto* duration = std::get_if<ExprDuration>(&expr.node)) {
    int64_t amount = 0;
    const auto unit = ParseTimeUnit(duration->unit);
    if (!absl::SimpleAtoi(duration->amount, &amount) || !unit.has_value()) {
      return Error(expr.span, "this duration is too long");
    }
    const auto value = MakeDuration(amount, *unit);
    if (!value.has_value()) return Error(expr.span, "this duration is too long");
    return MakeConstant(Term(*value), TermId());
  }
  if (const auto* inverted = std::get_if<ExprNot>(&expr.node)) {
    ANNALS_ASSIGN_OR_RETURN(ExpressionPtr operand, TranslateExpression(*inverted->operand));
    return MakeExpression(algebra::NotExpr{std::move(operand)});
  }
  if (const auto* negated = std::get_if<ExprNegate>(&expr.node)) {
    ANNALS_ASSIGN_OR_RETURN(ExpressionPtr operand, TranslateExpression(*negated->operand));
    return MakeExpression(algebra::NegateExpr{std::move(operand)});
  }
  if (const auto* binary = std::get_if<ExprBinary>(&expr.node)) {
    return TranslateBinary(*binary, false);
  }
  if (const auto* possible = std::get_if<ExprPossibly>(&expr.node)) {
    return TranslateBinary(std::get<ExprBinary>(possible->operand->node), true);
  }
  if (const auto* list = std::get_if<ExprInList>(&expr.node)) {
    ANNALS_ASSIGN_OR_RETURN(ExpressionPtr value, TranslateExpression(*list->value));
    return TranslateIn(std::move(value), list->list);
  }
  if (const auto* exists = std::get_if<ExprExists>(&expr.node)) {
    return TranslateExists(*exists, expr.span);
  }
  return TranslateCall(std::get<ExprCall>(expr.node), expr.span);
}

}  // namespace annals::native
