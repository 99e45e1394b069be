// find and formulas alone: what is shown, grouped, ordered and limited.
#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "query/native/translator.h"
#include "storage/base/text.h"

namespace annals::native {

using algebra::AddVariables;
using algebra::Contains;
using algebra::MakeDistinct;
using algebra::MakePlan;
using algebra::MakeProject;

// A find while it is being put together.
struct Translator::FindParts {
  PlanPtr plan;
  Variables formula;                    // visible variables of the formula
  Variables facts;                      // those of them that hold facts behind a row (FactUse)
  std::vector<QuestionColumn> columns;  // what is shown
  std::vector<std::string> written;     // each column's expression as written
  std::vector<ExpressionPtr> values;    // each column's expression; null: a variable
  std::vector<bool> aggregated;
  std::vector<algebra::Aggregate> aggregates;
  std::vector<algebra::SortKey> keys;
  bool grouped = false;
};

namespace {

std::string Written(const SourceText& text, Span span) { return FoldAsciiSpace(text.Slice(span)); }

const TermExpr* AsVariable(const Expr& expr) {
  const auto* term = std::get_if<ExprTerm>(&expr.node);
  const bool variable = term != nullptr && term->term.kind == TermExpr::Kind::kVariable;
  return variable ? &term->term : nullptr;
}

}  // namespace

absl::Status Translator::CheckReadable(const Expr& expr, const Variables& known,
                                       std::string_view where) const {
  for (const VariableUse& use : VariablesOf(expr)) {
    if (Contains(known, use.name)) continue;
    if (where.empty()) return Unbindable(use, known);
    return Error(use.span, absl::StrCat("?", use.name, " is not shown; ", ToAbsl(where)));
  }
  return absl::OkStatus();
}

absl::Status Translator::ReadItems(const Find& find, FindParts* parts) {
  for (const FindItem& item : find.items) {
    ANNALS_RETURN_IF_ERROR(CheckReadable(item.value, parts->formula, ""));
    for (const QuestionColumn& column : parts->columns) {
      if (column.title == item.name) {
        return Error(item.span, absl::StrCat("two columns are called '", item.name,
                                             "'; give one another name with 'as'"));
      }
    }
    const TermExpr* variable = AsVariable(item.value);
    parts->written.push_back(Written(options_.text, item.value.span));
    parts->aggregated.push_back(HoldsAggregate(item.value));
    parts->grouped |= parts->aggregated.back();
    if (variable != nullptr) {
      parts->columns.push_back({variable->text, item.name});
      parts->values.push_back(nullptr);
      continue;
    }
    aggregates_ = &parts->aggregates;
    const Sees sees(*this, parts->formula);
    auto value = TranslateExpression(item.value);
    aggregates_ = nullptr;
    if (!value.ok()) return value.status();
    // Under its own name unless the formula uses that for something else.
    const bool free = item.named && !Contains(parts->formula, item.name);
    parts->columns.push_back({free ? item.name : Fresh(), item.name});
    parts->values.push_back(std::move(*value));
  }
  return absl::OkStatus();
}

// What is shown and not aggregated is what is grouped by.
absl::Status Translator::GroupItems(FindParts* parts) {
  std::vector<size_t> late;
  Variables keys;
  for (size_t i = 0; i < parts->columns.size(); ++i) {
    if (parts->grouped && parts->aggregated[i]) {
      late.push_back(i);
      continue;
    }
    if (parts->values[i] != nullptr) {
      parts->plan = MakePlan(algebra::Extend{std::move(parts->plan), parts->columns[i].variable,
                                             std::move(parts->values[i])});
    }
    AddVariables({parts->columns[i].variable}, &keys);
  }
  if (!parts->grouped) return absl::OkStatus();
  parts->plan =
      MakePlan(algebra::Group{std::move(parts->plan), keys, std::move(parts->aggregates)});
  for (size_t i : late) {
    parts->plan = MakePlan(algebra::Extend{std::move(parts->plan), parts->columns[i].variable,
                                           std::move(parts->values[i])});
  }
  return absl::OkStatus();
}

// Outside its aggregates it reads what is shown, under its title.
absl::Status Translator::CheckHaving(const Find& find, const algebra::Expression& having,
                                     const FindParts& parts) const {
  for (const Variable& variable : algebra::VariablesOf(having)) {
    const bool shown =
        variable.starts_with('.') ||
        std::any_of(parts.columns.begin(), parts.columns.end(), [&](const QuestionColumn& column) {
          return column.title == variable || column.variable == variable;
        });
    if (!shown) {
      return Error(find.having->span, absl::StrCat("?", variable,
                                                   " is not shown; 'having' reads what find shows, "
                                                   "and aggregates"));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<algebra::Variable> Translator::OrderVariable(const Expr& expr, const Find& find,
                                                            FindParts* parts) {
  const std::string written = Written(options_.text, expr.span);
  const std::string_view bare =
      written.starts_with('?') ? std::string_view(written).substr(1) : std::string_view(written);
  for (size_t i = 0; i < parts->columns.size(); ++i) {
    if (parts->columns[i].title == bare || parts->written[i] == written) {
      return parts->columns[i].variable;
    }
  }
  Variables shown;
  for (const QuestionColumn& column : parts->columns) shown.push_back(column.title);
  const auto* term = std::get_if<ExprTerm>(&expr.node);
  if (term != nullptr && term->term.kind == TermExpr::Kind::kWord &&
      !ParseNumber(term->term.text).has_value()) {
    std::string columns;
    for (const Variable& name : shown) absl::StrAppend(&columns, columns.empty() ? "" : ", ", name);
    return Error(expr.span, absl::StrCat("no column is called '", term->term.text,
                                         "'; what is shown is ", columns));
  }
  if (HoldsAggregate(expr)) {
    return Error(expr.span,
                 "'order by' uses what is shown; add this to find, with 'as' and a name");
  }
  ANNALS_RETURN_IF_ERROR(CheckReadable(
      expr, shown,
      find.is_find ? "'order by' uses what find shows" : "'order by' uses what is shown"));
  ANNALS_ASSIGN_OR_RETURN(ExpressionPtr value, TranslateExpression(expr));
  const Variable variable = Fresh();
  parts->plan = MakePlan(algebra::Extend{std::move(parts->plan), variable, std::move(value)});
  return variable;
}

absl::Status Translator::ApplyOrder(const Find& find, FindParts* parts) {
  for (const OrderKey& key : find.order) {
    ANNALS_ASSIGN_OR_RETURN(const Variable variable, OrderVariable(key.value, find, parts));
    parts->keys.push_back({variable, key.descending});
  }
  if (!parts->keys.empty()) {
    parts->plan = MakePlan(algebra::Sort{std::move(parts->plan), parts->keys});
  }
  return absl::OkStatus();
}

absl::StatusOr<std::optional<uint64_t>> Translator::ReadCount(
    const std::optional<RowCount>& count) {
  if (!count.has_value()) return std::nullopt;
  const TermExpr& term = count->value;
  if (term.kind != TermExpr::Kind::kParameter) {
    uint64_t number = 0;
    if (!absl::SimpleAtoi(term.text, &number)) {
      return Error(term.span, "expected a whole number of rows, 0 or more");
    }
    return number;
  }
  ANNALS_ASSIGN_OR_RETURN(const Term value, reader_.Read(term, Place::kObject));
  const auto* number = value.As<int64_t>();
  if (number == nullptr || *number < 0) {
    return Error(term.span, absl::StrCat("the parameter $", term.text,
                                         " must be a whole number of rows, 0 or more"));
  }
  return static_cast<uint64_t>(*number);
}

absl::Status Translator::ApplyLimit(const Find& find, FindParts* parts) {
  ANNALS_ASSIGN_OR_RETURN(const std::optional<uint64_t> limit, ReadCount(find.limit));
  ANNALS_ASSIGN_OR_RETURN(const std::optional<uint64_t> offset, ReadCount(find.offset));
  if (find.with_ties && parts->keys.empty()) {
    return Error(find.limit->value.span, "'with ties' needs 'order by': ties are rows equal on it");
  }
  if (limit.has_value() || offset.value_or(0) > 0) {
    parts->plan = MakePlan(algebra::Limit{std::move(parts->plan), limit, offset.value_or(0),
                                          find.with_ties, parts->keys});
  }
  return absl::OkStatus();
}

// Looking at scopes and joining costs more than linear time, so that there is a limit.
absl::Status Translator::CheckSize(const Formula& formula) const {
  constexpr size_t kMostParts = 250;
  const size_t parts = CountParts(formula);
  if (parts <= kMostParts) return absl::OkStatus();
  return Error({formula.span.begin, formula.span.begin + 1},
               absl::StrCat("this question has ", parts,
                            " patterns and conditions; expected at most ", kMostParts),
               "a long list of values is written ?x in (a, b, c)");
}

absl::StatusOr<Question> Translator::TranslateFind(const Find& find) {
  FindParts parts;
  if (find.where.has_value()) {
    ANNALS_RETURN_IF_ERROR(CheckSize(*find.where));
    for (const VariableUse& use : BoundVariables(*find.where)) parts.formula.push_back(use.name);
    ANNALS_ASSIGN_OR_RETURN(parts.plan, TranslateScope(*find.where, nullptr));
    parts.facts = FactVariables();
    AddVariables(parts.facts, &parts.formula);
    // Values are counted once for each binding of all of the formula's variables.
    parts.plan = MakeDistinct(MakeProject(std::move(parts.plan), parts.formula));
  } else {
    parts.plan = MakePlan(algebra::Unit{});
  }
  if (find.is_find) {
    ANNALS_RETURN_IF_ERROR(ReadItems(find, &parts));
  } else {
    for (const Variable& variable : parts.formula) {
      if (Contains(parts.facts, variable)) continue;
      parts.columns.push_back({variable, variable});
      parts.written.push_back("?" + variable);
      parts.values.push_back(nullptr);
      parts.aggregated.push_back(false);
    }
  }
  if (facts_ != nullptr) return WithFacts(std::move(parts));
  ExpressionPtr having;
  if (find.having.has_value()) {
    const size_t before = parts.aggregates.size();
    aggregates_ = &parts.aggregates;
    Variables titles;
    for (const QuestionColumn& column : parts.columns) titles.push_back(column.title);
    const Sees sees(*this, std::move(titles));
    auto value = TranslateExpression(*find.having);
    aggregates_ = nullptr;
    if (!value.ok()) return value.status();
    having = std::move(*value);
    ANNALS_RETURN_IF_ERROR(CheckHaving(find, *having, parts));
    parts.grouped |= parts.aggregates.size() > before;
  }
  ANNALS_RETURN_IF_ERROR(GroupItems(&parts));
  Variables shown;
  for (const QuestionColumn& column : parts.columns) AddVariables({column.variable}, &shown);
  if (having != nullptr) {
    // A title that is not the plan's own variable is given for the condition only.
    for (const QuestionColumn& column : parts.columns) {
      const Variables have = algebra::VariablesOf(*parts.plan);
      if (column.title != column.variable && !Contains(have, column.title)) {
        parts.plan = MakePlan(algebra::Extend{std::move(parts.plan), column.title,
                                              algebra::MakeVariable(column.variable)});
      }
    }
    std::vector<ExpressionPtr> conditions;
    conditions.push_back(std::move(having));
    parts.plan = algebra::MakeFilter(std::move(parts.plan), std::move(conditions));
  }
  parts.plan = MakeDistinct(MakeProject(std::move(parts.plan), shown));
  ANNALS_RETURN_IF_ERROR(ApplyOrder(find, &parts));
  ANNALS_RETURN_IF_ERROR(ApplyLimit(find, &parts));
  parts.plan = MakeProject(std::move(parts.plan), shown);
  Question question;
  question.plan = std::move(parts.plan);
  question.columns = std::move(parts.columns);
  question.yes_no = question.columns.empty();
  question.ordered = !parts.keys.empty();
  question.gives_names =
      names_given_ > 0 && names_given_ == reader_.parameters_read && !has_past_rows_;
  question.has_past_rows = has_past_rows_;
  question.names = resolver_.uses();
  question.notes = notes_;
  return question;
}

Translator::Variables Translator::FactVariables() const {
  Variables variables;
  if (facts_ == nullptr) return variables;
  for (const FactUse& use : *facts_) {
    AddVariables({use.variable}, &variables);
    const bool hidden =
        use.subject.kind == Slot::Kind::kVariable && use.subject.variable.starts_with('.');
    if (hidden && options_.facts_inside) AddVariables({use.subject.variable}, &variables);
  }
  return variables;
}

// What is not aggregated, and the facts behind it.
absl::StatusOr<Question> Translator::WithFacts(FindParts parts) {
  Question question;
  Variables shown = parts.facts;
  for (const FactUse& use : *facts_) {
    if (use.subject.kind == Slot::Kind::kVariable) AddVariables({use.subject.variable}, &shown);
  }
  for (size_t i = 0; i < parts.columns.size(); ++i) {
    if (parts.grouped && parts.aggregated[i]) continue;
    const Variable& variable = parts.columns[i].variable;
    if (parts.values[i] != nullptr) {
      parts.plan =
          MakePlan(algebra::Extend{std::move(parts.plan), variable, std::move(parts.values[i])});
    }
    AddVariables({variable}, &shown);
    question.columns.push_back(parts.columns[i]);
  }
  question.plan = MakeDistinct(MakeProject(std::move(parts.plan), shown));
  question.notes = notes_;
  return question;
}

absl::StatusOr<Question> Translator::TranslateAll(const Formula& formula) {
  ANNALS_RETURN_IF_ERROR(CheckSize(formula));
  Question question;
  Variables variables;
  for (const VariableUse& use : BoundVariables(formula)) {
    variables.push_back(use.name);
    question.columns.push_back({use.name, use.name});
  }
  ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, TranslateScope(formula, nullptr));
  AddVariables(FactVariables(), &variables);
  question.plan = MakeDistinct(MakeProject(std::move(plan), variables));
  question.notes = notes_;
  return question;
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateMoment(const Expr& expr) {
  const std::vector<VariableUse> uses = VariablesOf(expr);
  if (!uses.empty()) {
    return Error(uses[0].span, "expected a time that is the same for the whole question");
  }
  ANNALS_ASSIGN_OR_RETURN(ExpressionPtr value, TimeOperand(expr));
  return MakePlan(algebra::Extend{MakePlan(algebra::Unit{}), "time", std::move(value)});
}

absl::StatusOr<algebra::PlanPtr> TranslateMoment(const Expr& expr,
                                                 const TranslateOptions& options) {
  return Translator(options).TranslateMoment(expr);
}

absl::StatusOr<Question> TranslateQuestion(const Find& find, const TranslateOptions& options) {
  return Translator(options).TranslateFind(find);
}

absl::StatusOr<Question> TranslateFormula(const Formula& formula, const TranslateOptions& options) {
  return Translator(options).TranslateAll(formula);
}

}  // namespace annals::native
