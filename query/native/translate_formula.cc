// Formulas: groups with their patterns, optionals, lets, conditions and nots in the order of the
// language's meaning.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "query/native/translator.h"
#include "storage/base/text.h"

namespace annals::native {

using algebra::AddVariables;
using algebra::Contains;
using algebra::MakeFilter;
using algebra::MakeJoin;
using algebra::MakePlan;
using algebra::MakeUnion;
using algebra::Variable;

// The parts of one group by what they do.
struct Translator::Group {
  std::vector<const Formula*> joined;
  std::vector<std::pair<const FormulaCondition*, const TermExpr*>> listed;  // ?x in (...) binds
  std::vector<const Formula*> optionals;
  std::vector<const FormulaLet*> lets;
  std::vector<const Expr*> conditions;
  std::vector<const Expr*> negated;  // conditions under `not`
  std::vector<const Formula*> nots;
};

namespace {

std::vector<algebra::Variable> NamesOf(const std::vector<VariableUse>& uses) {
  std::vector<algebra::Variable> names;
  for (const VariableUse& use : uses) names.push_back(use.name);
  return names;
}

std::vector<algebra::Variable> BoundBy(const std::vector<const Formula*>& parts) {
  std::vector<algebra::Variable> bound;
  for (const Formula* part : parts) AddVariables(NamesOf(BoundVariables(*part)), &bound);
  return bound;
}

// The formula inside groups of braces.
const Formula& Ungrouped(const Formula& formula) {
  const Formula* inner = &formula;
  while (const auto* group = std::get_if<FormulaGroup>(&inner->node)) inner = group->formula.get();
  return *inner;
}

// Translates with a copy of `outside` (which may be null) into which nothing is lifted.
template <typename Translate>
absl::StatusOr<algebra::PlanPtr> WithoutLifting(Outside* outside, const Translate& translate) {
  if (outside == nullptr) return translate(nullptr);
  Outside inner = *outside;
  inner.lifted = nullptr;
  ANNALS_ASSIGN_OR_RETURN(algebra::PlanPtr plan, translate(&inner));
  outside->referred = inner.referred;
  outside->beside = std::move(inner.beside);
  return plan;
}

template <typename... Arguments>
algebra::ExpressionPtr Call(const char* function, Arguments... arguments) {
  std::vector<algebra::ExpressionPtr> list;
  (list.push_back(std::move(arguments)), ...);
  return algebra::MakeExpression(algebra::CallExpr{function, std::move(list)});
}

algebra::PlanPtr Copied(algebra::PlanPtr plan, const Variable& variable, const Variable& copy) {
  return MakePlan(algebra::Extend{std::move(plan), copy, algebra::MakeVariable(variable)});
}

// Without the column, or with another one's values in it.
algebra::PlanPtr Dropped(algebra::PlanPtr plan, const Variable& variable) {
  std::vector<Variable> rest = algebra::VariablesOf(*plan);
  std::erase(rest, variable);
  return algebra::MakeProject(std::move(plan), std::move(rest));
}
algebra::PlanPtr Replaced(algebra::PlanPtr plan, const Variable& variable, const Variable& by) {
  return Dropped(Copied(Dropped(std::move(plan), variable), by, variable), by);
}

}  // namespace

Outside::Outside(const algebra::Plan& rows, int outer, const Outside* around)
    : own(algebra::VariablesOf(rows)),
      variables(own),
      certain(algebra::CertainVariablesOf(rows)),
      number(outer) {
  if (around == nullptr) return;
  for (const Variable& v : around->variables) {
    if (!Contains(certain, v)) further.push_back(v);
  }
  AddVariables(further, &variables);
}

absl::Status Translator::Unbindable(const VariableUse& use, const Variables& known) const {
  std::string hint;
  size_t least = 3;
  for (const Variable& name : known) {
    const auto distance = EditDistance(use.name, name, least - 1);
    if (distance.has_value() && *distance < least) {
      least = *distance;
      hint = absl::StrCat("did you mean ?", name, "?");
    }
  }
  return Error(use.span,
               absl::StrCat("nothing here binds ?", use.name,
                            "; expected a variable that a pattern of this question binds"),
               hint);
}

// `and` distributes over `or`: where a nested group reads a variable that only its siblings bind,
// the siblings are put into each of its branches. Nullopt where nothing needs that.
std::optional<std::vector<std::vector<const Formula*>>> Translator::Distribute(
    const std::vector<const Formula*>& parts) const {
  for (size_t i = 0; i < parts.size(); ++i) {
    const Formula& inner = Ungrouped(*parts[i]);
    const bool nested = &inner != parts[i] || std::holds_alternative<FormulaOr>(inner.node);
    if (!nested || std::holds_alternative<FormulaFind>(inner.node) || parts.size() == 1) continue;
    std::vector<const Formula*> siblings = parts;
    siblings.erase(siblings.begin() + static_cast<ptrdiff_t>(i));
    const Variables outside = BoundBy(siblings);
    const std::vector<VariableUse> needs = VariablesReadBy(inner);
    const bool needy = std::any_of(needs.begin(), needs.end(), [&](const VariableUse& use) {
      return Contains(outside, use.name);
    });
    if (!needy) continue;
    std::vector<std::vector<const Formula*>> branches;
    // Where the braces stand: optionals count as written.
    const auto add = [&](const Formula& branch) {
      std::vector<const Formula*> all = siblings;
      const std::vector<const Formula*> inside = PartsOf(branch);
      all.insert(all.begin() + static_cast<ptrdiff_t>(i), inside.begin(), inside.end());
      branches.push_back(std::move(all));
    };
    if (const auto* either = std::get_if<FormulaOr>(&inner.node)) {
      for (const Formula& branch : either->parts) add(branch);
    } else {
      add(inner);
    }
    return branches;
  }
  return std::nullopt;
}

// Each branch is planned with all that stands beside it.
absl::Status Translator::CountBranches(size_t branches, const Formula& first) {
  constexpr size_t kMostBranches = 1000;
  branches_ += branches;
  if (branches_ <= kMostBranches) return absl::OkStatus();
  return Error({first.span.begin, first.span.begin + 1},
               absl::StrCat("the parts of 'or' that read what stands beside them give more than ",
                            kMostBranches, " combinations; expected less"),
               "a question in braces, { find ... }, is answered by itself");
}

absl::Status Translator::SortParts(const std::vector<const Formula*>& parts,
                                   const Variables& bound_above, Group* group) {
  for (const Formula* part : parts) {
    if (const auto* condition = std::get_if<FormulaCondition>(&part->node)) {
      const TermExpr* variable = ListedVariable(*part);
      std::vector<const Formula*> others;
      for (const Formula* other : parts) {
        if (other != part && ListedVariable(*other) == nullptr) others.push_back(other);
      }
      const bool taken =
          variable == nullptr || Contains(bound_above, variable->text) ||
          Contains(BoundBy(others), variable->text) ||
          std::any_of(group->listed.begin(), group->listed.end(),
                      [&](const auto& listed) { return listed.second->text == variable->text; });
      if (taken) {
        group->conditions.push_back(&condition->condition);
      } else {
        group->listed.emplace_back(condition, variable);
      }
    } else if (const auto* inverted = std::get_if<FormulaNot>(&part->node)) {
      const Formula& inner = *inverted->formula;
      if (const auto* negated = std::get_if<FormulaCondition>(&inner.node)) {
        group->negated.push_back(&negated->condition);
      } else {
        group->nots.push_back(&inner);
      }
    } else if (const auto* optional = std::get_if<FormulaOptional>(&part->node)) {
      group->optionals.push_back(optional->formula.get());
    } else if (const auto* let = std::get_if<FormulaLet>(&part->node)) {
      group->lets.push_back(let);
    } else {
      group->joined.push_back(part);
    }
  }
  return absl::OkStatus();
}

// Every variable that is needed must be bound here or come from outside.
absl::Status Translator::CheckNeeds(const std::vector<const Formula*>& parts,
                                    const Variables& bound, const Outside* outside) const {
  for (const Formula* part : parts) {
    for (const VariableUse& use : NeededVariables(*part)) {
      if (Contains(bound, use.name)) continue;
      if (outside != nullptr && Contains(outside->variables, use.name)) continue;
      Variables known = bound;
      if (outside != nullptr) AddVariables(outside->variables, &known);
      return Unbindable(use, known);
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateListed(const FormulaCondition& condition,
                                                             const TermExpr& variable) {
  const auto& list = std::get<ExprInList>(condition.condition.node);
  algebra::Values values{{variable.text}, {}};
  for (const TermExpr& term : list.list) {
    ANNALS_ASSIGN_OR_RETURN(const ExpressionPtr item, TranslateTerm(term, Place::kObject));
    const auto& constant = std::get<algebra::ConstantExpr>(item->node);
    // A name that nothing has is no value; other terms are.
    const bool unknown = constant.id.is_undefined() && (constant.term.As<Name>() != nullptr ||
                                                        constant.term.As<Iri>() != nullptr);
    if (!unknown) values.rows.push_back({constant.term});
  }
  return MakePlan(std::move(values));
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateJoined(const Formula& part,
                                                             Outside* outside) {
  if (const auto* pattern = std::get_if<Pattern>(&part.node)) return TranslatePattern(*pattern);
  if (const auto* find = std::get_if<FormulaFind>(&part.node)) {
    return TranslateSubquestion(*find->find);
  }
  if (const auto* shortest = std::get_if<FormulaShortest>(&part.node)) {
    return TranslateShortest(*shortest);
  }
  if (const auto* coalesced = std::get_if<FormulaCoalesced>(&part.node)) {
    return TranslateCoalesced(*coalesced);
  }
  if (const auto* every = std::get_if<FormulaEvery>(&part.node)) return TranslateEvery(*every);
  // What is empty in this part may have a value in the rest.
  return WithoutLifting(outside, [&](Outside* inner) { return TranslateScope(part, inner); });
}

// Rows of one fact are those that agree in all that the pattern names, what is not shown too.
absl::StatusOr<algebra::PlanPtr> Translator::TranslateCoalesced(const FormulaCoalesced& coalesced) {
  const Pattern& pattern = *coalesced.pattern;
  if (!pattern.time.has_value() || pattern.time->kind != TermExpr::Kind::kVariable) {
    const Span span = pattern.time.has_value() ? pattern.time->span : pattern.tuple;
    return Error(span, "'coalesced' makes periods one; expected a variable as the time");
  }
  const auto* step = std::get_if<PathStep>(&pattern.predicate.node);
  if (step == nullptr) {
    return Error(pattern.predicate.span,
                 "'coalesced' is about the periods of one fact; expected one predicate");
  }
  for (const TermExpr* term : {&pattern.subject, &step->term, &pattern.object}) {
    if (term->kind == TermExpr::Kind::kVariable && term->text == pattern.time->text) {
      return Error(term->span, "this is the time; expected another variable");
    }
  }
  ANNALS_ASSIGN_OR_RETURN(PatternSlots slots, MakeSlots(pattern));
  for (Slot* slot : {&slots.scan.subject, &slots.scan.object}) {
    if (slot->kind == Slot::Kind::kAny) *slot = Slot{Slot::Kind::kVariable, Fresh(), TermId()};
  }
  TermExpr predicate = step->term;
  if (predicate.kind == TermExpr::Kind::kAnything) {
    predicate.kind = TermExpr::Kind::kVariable;
    predicate.text = Fresh();
  }
  PatternSlots parts = slots;
  ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, [&] {
    const WithoutFacts without(*this);
    return TranslateStep(predicate, std::move(slots));
  }());
  plan = algebra::MakeDistinct(std::move(plan));
  plan = MakePlan(algebra::Coalesce{std::move(plan), pattern.time->text});
  if (facts_ == nullptr || !options_.facts_inside) return plan;
  // The facts whose times are in the period.
  parts.scan.time.variable = Fresh();
  std::vector<ExpressionPtr> inside;
  inside.push_back(MakeExpression(algebra::TimeExpr{algebra::TimeOperator::kIn, false,
                                                    algebra::MakeVariable(parts.scan.time.variable),
                                                    algebra::MakeVariable(pattern.time->text)}));
  std::vector<PlanPtr> joined;
  joined.push_back(std::move(plan));
  ANNALS_ASSIGN_OR_RETURN(joined.emplace_back(), TranslateStep(predicate, std::move(parts)));
  return MakeFilter(MakeJoin(std::move(joined)), std::move(inside));
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateEvery(const FormulaEvery& every) {
  constexpr size_t kMost = 100000;
  const auto unit = ParseTimeUnit(every.unit);
  const bool fits = unit.has_value() && *unit >= TimeUnit::kDay;
  if (!fits) return Error(every.unit_span, "expected day, week, month or year after 'every'");
  ANNALS_ASSIGN_OR_RETURN(const ExpressionPtr value, TimeOperand(every.window));
  const auto* constant = std::get_if<algebra::ConstantExpr>(&value->node);
  const Time* const window = constant == nullptr ? nullptr : constant->term.As<Time>();
  if (window == nullptr) {
    return Error(every.window.span, "expected a time here, as 2024 or 2024-01..2024-06");
  }
  if (window->open_start() || window->open_end()) {
    return Error(every.window.span, "expected a time that has both ends");
  }
  algebra::Values values{{every.variable.text}, {}};
  for (int64_t day = DayOfInstant(window->first()); day <= DayOfInstant(window->last());) {
    const std::optional<Time> bucket = Time::FromDay(day).Trunc(*unit);
    if (!bucket.has_value()) return Error(every.window.span, "this time is out of range");
    values.rows.push_back({Term(*bucket)});
    if (values.rows.size() > kMost) {
      return Error(every.window.span,
                   absl::StrCat("this is more than ", kMost, " of them; expected less"));
    }
    day = DayOfInstant(bucket->last()) + 1;
  }
  return MakePlan(std::move(values));
}

// What an OuterRef needs beside the left side's columns is made for the join and dropped after it.
// What the left side may leave empty is there as it is further outside.
template <typename Node>
absl::StatusOr<algebra::PlanPtr> Translator::AddScope(PlanPtr left, const Formula& inner,
                                                      Outside* further) {
  std::vector<ExpressionPtr> conditions;
  Outside outside(*left, ++outer_numbers_, further);
  outside.lifted = &conditions;
  ANNALS_ASSIGN_OR_RETURN(PlanPtr right, TranslateScope(inner, &outside));
  Variables filled = outside.lent, copies;
  for (const algebra::Beside& beside : outside.beside) {
    if (Contains(outside.further, beside.of)) AddVariables({beside.of}, &filled);
  }
  left = WithCopies(std::move(left), filled, further, &copies);
  const auto add = [&](const Variable& variable, ExpressionPtr value) {
    left = MakePlan(algebra::Extend{std::move(left), variable, std::move(value)});
  };
  for (size_t i = 0; i < outside.lent.size(); ++i) {
    add(outside.lent[i], algebra::MakeVariable(copies[i]));
  }
  for (const algebra::Beside& beside : outside.beside) {
    const auto at = std::find(filled.begin(), filled.end(), beside.of);
    ExpressionPtr value = algebra::MakeVariable(beside.of);
    if (at != filled.end()) {
      value = algebra::MakeVariable(copies[static_cast<size_t>(at - filled.begin())]);
      if (Contains(outside.own, beside.of)) {
        value = Call("coalesce", algebra::MakeVariable(beside.of), std::move(value));
      }
    }
    if (!beside.is_copy) value = Call("bound", std::move(value));
    add(beside.name, std::move(value));
  }
  PlanPtr plan = MakePlan(Node{std::move(left), std::move(right), std::move(conditions),
                               outside.referred ? outside.number : 0});
  Variables shown = algebra::VariablesOf(*plan);
  for (const algebra::Beside& beside : outside.beside) std::erase(shown, beside.name);
  for (const Variable& v : outside.lent) std::erase(shown, v);
  return algebra::MakeProject(std::move(plan), std::move(shown));
}

absl::StatusOr<algebra::PlanPtr> Translator::AddOptional(PlanPtr left, const Formula& inner,
                                                         Outside* outside) {
  return AddScope<algebra::LeftJoin>(std::move(left), inner, outside);
}

absl::StatusOr<algebra::PlanPtr> Translator::AddNot(PlanPtr left, const Formula& inner,
                                                    Outside* outside) {
  const WithoutFacts without(*this);
  return AddScope<algebra::AntiJoin>(std::move(left), inner, outside);
}

absl::StatusOr<algebra::PlanPtr> Translator::AddLets(PlanPtr plan,
                                                     std::vector<const FormulaLet*> lets) {
  while (!lets.empty()) {
    const Variables have = algebra::VariablesOf(*plan);
    const auto ready = std::find_if(lets.begin(), lets.end(), [&](const FormulaLet* let) {
      const std::vector<VariableUse> uses = VariablesOf(let->value);
      return std::none_of(uses.begin(), uses.end(), [&](const VariableUse& use) {
        return std::any_of(lets.begin(), lets.end(), [&](const FormulaLet* other) {
          return other->variable.text == use.name;
        });
      });
    });
    const FormulaLet& let = ready == lets.end() ? *lets[0] : **ready;
    if (Contains(have, let.variable.text)) {
      return Error(
          let.variable.span,
          absl::StrCat("?", let.variable.text, " is bound already; 'let' makes a new variable"));
    }
    if (ready == lets.end()) {
      return Error(let.variable.span,
                   absl::StrCat("?", let.variable.text, " is defined by itself"));
    }
    const Sees sees(*this, have);
    ANNALS_ASSIGN_OR_RETURN(ExpressionPtr value, TranslateExpression(let.value));
    plan = MakePlan(algebra::Extend{std::move(plan), let.variable.text, std::move(value)});
    lets.erase(ready);
  }
  return plan;
}

Variable Translator::ColumnBeside(const Variable& variable, bool is_copy, Outside* outside) {
  for (const algebra::Beside& beside : outside->beside) {
    if (beside.of == variable && beside.is_copy == is_copy) return beside.name;
  }
  return outside->beside.emplace_back(algebra::Beside{Fresh(), variable, is_copy}).name;
}

// The plan joined with copies of these variables as they are outside. A row in here is of the rows
// outside that have the very same values: where one has none, whether it has one is a column that
// they share.
algebra::PlanPtr Translator::WithCopies(PlanPtr plan, const Variables& variables, Outside* outside,
                                        Variables* copies) {
  if (variables.empty()) return plan;
  algebra::OuterRef outer{outside->number, {}, {}};
  for (const Variable& variable : variables) {
    copies->push_back(ColumnBeside(variable, true, outside));
    outer.variables.push_back(copies->back());
    if (Contains(outside->certain, variable)) {
      outer.certain.push_back(copies->back());
    } else {
      outer.variables.push_back(ColumnBeside(variable, false, outside));
    }
  }
  outside->referred = true;
  std::vector<PlanPtr> parts;
  parts.push_back(std::move(plan));
  parts.push_back(MakePlan(std::move(outer)));
  return MakeJoin(std::move(parts));
}

// The plan in which those of `filled` that are empty are as they are outside. With `own` also
// columns of them as they were before, in order; no name for those that the plan did not have.
algebra::PlanPtr Translator::Fill(PlanPtr plan, const Variables& filled, Outside* outside,
                                  Variables* own) {
  Variables copies;
  plan = WithCopies(std::move(plan), filled, outside, &copies);
  const Variables have = algebra::VariablesOf(*plan);
  for (size_t i = 0; i < filled.size(); ++i) {
    ExpressionPtr outer = algebra::MakeVariable(copies[i]);
    if (!Contains(have, filled[i])) {
      if (own != nullptr) own->emplace_back();
      plan = MakePlan(algebra::Extend{std::move(plan), filled[i], std::move(outer)});
      continue;
    }
    const Variable value = Fresh();
    plan = MakePlan(
        algebra::Extend{std::move(plan), value,
                        Call("coalesce", algebra::MakeVariable(filled[i]), std::move(outer))});
    if (own != nullptr) plan = Copied(std::move(plan), filled[i], own->emplace_back(Fresh()));
    plan = Replaced(std::move(plan), filled[i], value);
  }
  return plan;
}

// Adds to a plan in which those of `filled` that are empty are as they are outside, and takes them
// back.
absl::StatusOr<algebra::PlanPtr> Translator::WithFilled(
    PlanPtr plan, const Variables& filled, Outside* outside,
    const std::function<absl::StatusOr<PlanPtr>(PlanPtr)>& add) {
  if (filled.empty()) return add(std::move(plan));
  Variables own;
  ANNALS_ASSIGN_OR_RETURN(plan, add(Fill(std::move(plan), filled, outside, &own)));
  for (size_t i = 0; i < filled.size(); ++i) {
    plan = own[i].empty() ? Dropped(std::move(plan), filled[i])
                          : Replaced(std::move(plan), filled[i], own[i]);
  }
  return plan;
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateGroup(std::vector<const Formula*> parts,
                                                            Outside* outside,
                                                            const Variables& bound_above) {
  if (auto branches = Distribute(parts)) {
    ANNALS_RETURN_IF_ERROR(CountBranches(branches->size(), *parts[0]));
    std::vector<PlanPtr> plans;
    // What any branch binds, a list only tests, in all of them.
    Variables bound = bound_above;
    for (const Formula* part : parts) {
      AddVariables(NamesOf(BoundBesidesLists(*part)), &bound);
    }
    if (branches->size() == 1) return TranslateGroup(std::move((*branches)[0]), outside, bound);
    // A condition of one branch is not one of all.
    return WithoutLifting(outside, [&](Outside* inner) -> absl::StatusOr<PlanPtr> {
      for (auto& branch : *branches) {
        ANNALS_ASSIGN_OR_RETURN(plans.emplace_back(),
                                TranslateGroup(std::move(branch), inner, bound));
      }
      return MakeUnion(std::move(plans));
    });
  }
  Group group;
  ANNALS_RETURN_IF_ERROR(SortParts(parts, bound_above, &group));
  ANNALS_RETURN_IF_ERROR(CheckNeeds(parts, BoundBy(parts), outside));
  std::vector<PlanPtr> joined;
  for (const Formula* part : group.joined) {
    ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, TranslateJoined(*part, outside));
    joined.push_back(std::move(plan));
  }
  for (const auto& [condition, variable] : group.listed) {
    ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, TranslateListed(*condition, *variable));
    joined.push_back(std::move(plan));
  }
  PlanPtr plan = MakeJoin(std::move(joined));
  // Where the group may leave a variable empty, the value from outside counts. What neither binds
  // is empty here: another branch binds it.
  Variables filled;
  const auto open_in = [&](const PlanPtr& rows) {
    const Variables certain = algebra::CertainVariablesOf(*rows);
    Variables open;
    if (outside == nullptr) return open;
    for (const Variable& v : outside->variables) {
      if (!Contains(certain, v) && !Contains(filled, v)) open.push_back(v);
    }
    return open;
  };
  // Those of `open` that a formula inside names in patterns: there they have the value from
  // outside.
  const auto open_for = [&](const Formula& inner) {
    const Variables named = NamesOf(BoundVariables(inner));
    Variables open = open_in(plan);
    std::erase_if(open, [&](const Variable& v) { return !Contains(named, v); });
    return open;
  };
  for (const Formula* optional : group.optionals) {
    const Variables open = open_for(*optional);
    plan = Fill(std::move(plan), open, outside, nullptr);
    AddVariables(open, &filled);
    ANNALS_ASSIGN_OR_RETURN(plan, AddOptional(std::move(plan), *optional, outside));
  }
  Variables open = open_in(plan);
  Variables read_by_lets;
  for (const FormulaLet* let : group.lets) {
    AddVariables(NamesOf(VariablesSeenBy(let->value)), &read_by_lets);
  }
  std::erase_if(open, [&](const Variable& v) { return !Contains(read_by_lets, v); });
  ANNALS_ASSIGN_OR_RETURN(plan, WithFilled(std::move(plan), open, outside, [&](PlanPtr with) {
                            return AddLets(std::move(with), group.lets);
                          }));
  open = open_in(plan);
  const Variables have = algebra::VariablesOf(*plan);
  std::vector<ExpressionPtr> filters;
  Variables visible = have;
  if (outside != nullptr) AddVariables(outside->variables, &visible);
  const Sees sees(*this, std::move(visible));
  Variables copied;
  const auto add = [&](const Expr& expr, bool negate) -> absl::Status {
    ANNALS_ASSIGN_OR_RETURN(ExpressionPtr condition, TranslateExpression(expr));
    const Variables reads = algebra::VariablesOf(*condition);
    if (negate) condition = algebra::MakeExpression(algebra::NotExpr{std::move(condition)});
    Variables from_outside;
    for (const Variable& v : reads) {
      if (Contains(open, v)) from_outside.push_back(v);
    }
    // What both sides of the join may leave empty is not lifted.
    const bool lifts =
        !from_outside.empty() && outside->lifted != nullptr &&
        std::none_of(from_outside.begin(), from_outside.end(), [&](const Variable& v) {
          return Contains(outside->further, v) && (Contains(have, v) || Contains(outside->own, v));
        });
    for (const Variable& v : from_outside) {
      if (!lifts) AddVariables({v}, &copied);
      if (lifts && Contains(outside->further, v)) AddVariables({v}, &outside->lent);
    }
    (lifts ? *outside->lifted : filters).push_back(std::move(condition));
    return absl::OkStatus();
  };
  for (const Expr* condition : group.conditions) ANNALS_RETURN_IF_ERROR(add(*condition, false));
  for (const Expr* condition : group.negated) ANNALS_RETURN_IF_ERROR(add(*condition, true));
  ANNALS_ASSIGN_OR_RETURN(plan, WithFilled(std::move(plan), copied, outside,
                                           [&](PlanPtr with) -> absl::StatusOr<PlanPtr> {
                                             return MakeFilter(std::move(with), std::move(filters));
                                           }));
  for (const Formula* inner : group.nots) {
    const Variables read = open_for(*inner);
    ANNALS_ASSIGN_OR_RETURN(plan, WithFilled(std::move(plan), read, outside, [&](PlanPtr with) {
                              return AddNot(std::move(with), *inner, outside);
                            }));
  }
  return plan;
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateScope(const Formula& formula,
                                                            Outside* outside) {
  const Formula& inner = Ungrouped(formula);
  const auto* either = std::get_if<FormulaOr>(&inner.node);
  if (either == nullptr) return TranslateGroup(PartsOf(inner), outside);
  return WithoutLifting(outside, [&](Outside* inner_outside) -> absl::StatusOr<PlanPtr> {
    std::vector<PlanPtr> branches;
    for (const Formula& branch : either->parts) {
      ANNALS_ASSIGN_OR_RETURN(branches.emplace_back(),
                              TranslateGroup(PartsOf(branch), inner_outside));
    }
    return MakeUnion(std::move(branches));
  });
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateSubquestion(const Find& find) {
  if (find.as_of.has_value() || find.published_by.has_value()) return SubquestionOfPast(find);
  ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, [&] {
    const WithoutFacts without(*this);
    return SubquestionRows(find);
  }());
  if (facts_ == nullptr || !options_.facts_inside) return plan;
  std::vector<PlanPtr> joined;
  joined.push_back(std::move(plan));
  ANNALS_ASSIGN_OR_RETURN(joined.emplace_back(), SubquestionFacts(find));
  return MakeJoin(std::move(joined));
}

absl::StatusOr<algebra::PlanPtr> Translator::SubquestionOfPast(const Find& find) {
  if (options_.past_rows == nullptr) {
    const Expr& clause = find.as_of.has_value() ? *find.as_of : *find.published_by;
    return Error(clause.span,
                 "a rule derives what holds now; expected no 'as of' and no 'published by' in it");
  }
  has_past_rows_ = true;
  ANNALS_ASSIGN_OR_RETURN(PastRows answer, options_.past_rows(find));
  notes_.insert(notes_.end(), answer.notes.begin(), answer.notes.end());
  return MakePlan(std::move(answer.rows));
}

// Its rows, with the titles as columns.
absl::StatusOr<algebra::PlanPtr> Translator::SubquestionRows(const Find& find) {
  auto* const aggregates = std::exchange(aggregates_, nullptr);
  ANNALS_ASSIGN_OR_RETURN(Question question, TranslateFind(find));
  aggregates_ = aggregates;
  PlanPtr plan = std::move(question.plan);
  Variables titles;
  bool renames = false;
  for (const QuestionColumn& column : question.columns) {
    titles.push_back(column.title);
    renames |= column.variable != column.title;
  }
  // Facts, and the subjects of their steps, which are no columns of the question.
  Variables behind;
  if (facts_ != nullptr) {
    for (FactUse& use : *facts_) {
      AddVariables({use.variable}, &behind);
      if (use.subject.kind != Slot::Kind::kVariable) continue;
      const Variable subject = std::exchange(use.subject.variable, Fresh());
      plan = MakePlan(
          algebra::Extend{std::move(plan), use.subject.variable, algebra::MakeVariable(subject)});
      behind.push_back(use.subject.variable);
    }
  }
  if (!renames && behind.empty()) return plan;
  // Columns whose names the question uses inside for something else get them here.
  Variables hidden;
  for (const QuestionColumn& column : question.columns) {
    hidden.push_back(column.variable);
  }
  AddVariables(behind, &hidden);
  AddVariables(behind, &titles);
  plan = algebra::MakeProject(std::move(plan), hidden);
  for (size_t i = 0; i < titles.size(); ++i) {
    if (hidden[i] == titles[i]) continue;
    plan = MakePlan(algebra::Extend{std::move(plan), titles[i], algebra::MakeVariable(hidden[i])});
  }
  return algebra::MakeProject(std::move(plan), titles);
}

// What it shows and doesn't aggregate, with the facts behind that.
absl::StatusOr<algebra::PlanPtr> Translator::SubquestionFacts(const Find& find) {
  std::vector<FactUse> uses;
  std::vector<FactUse>* const around = std::exchange(facts_, &uses);
  auto plan = SubquestionRows(find);
  facts_ = around;
  ANNALS_RETURN_IF_ERROR(plan.status());
  facts_->insert(facts_->end(), uses.begin(), uses.end());
  return plan;
}

}  // namespace annals::native
