// Plans become operators.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "query/algebra/build.h"
#include "query/exec/exists.h"
#include "query/exec/make_join.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

using algebra::Plan;
using algebra::PlanPtr;
using algebra::Variable;

class Builder {
 public:
  explicit Builder(Context& context) : context_(context) {}

  absl::StatusOr<OperatorPtr> Make(const Plan& plan) {
    ANNALS_ASSIGN_OR_RETURN(
        OperatorPtr made,
        std::visit([this](const auto& node) { return MakeOne(node); }, plan.node));
    if (context_.profile() == nullptr) return made;
    return MakeMeasured(std::move(made), &(*context_.profile())[&plan], context_);
  }

 private:
  using Result = absl::StatusOr<OperatorPtr>;

  Result MakeOne(const algebra::Unit&) { return MakeRows({}, {std::vector<TermId>()}, context_); }
  Result MakeOne(const algebra::Empty& node) { return MakeRows(node.variables, {}, context_); }
  Result MakeOne(const algebra::Values& node) {
    std::vector<std::vector<TermId>> rows;
    for (const auto& terms : node.rows) {
      auto& row = rows.emplace_back();
      for (const Term& term : terms) {
        ANNALS_ASSIGN_OR_RETURN(row.emplace_back(), context_.vocabulary().IdOf(term));
      }
    }
    return MakeRows(node.variables, std::move(rows), context_);
  }
  Result MakeOne(const algebra::Scan& node) { return MakePatternScan(node, {}, context_); }

  Result MakeOne(const algebra::Path& node) { return MakePath(node, nullptr, context_); }

  Result MakeOne(const algebra::Join& node) {
    return MakeJoinOf(
        node, [this](const Plan& child) { return Make(child); }, ConditionMaker(), context_);
  }
  Result MakeOne(const algebra::MultiwayJoin& node) {
    std::vector<OperatorPtr> inputs;
    for (const PlanPtr& child : node.children) {
      ANNALS_ASSIGN_OR_RETURN(inputs.emplace_back(), Make(*child));
    }
    return MakeMultiwayJoin(std::move(inputs), node.variables, node.shown, context_);
  }
  MakeConditionsOf ConditionMaker() {
    return [this](const std::vector<algebra::ExpressionPtr>& conditions, const Variables& columns) {
      return MakeConditions(conditions, columns);
    };
  }

  Result MakeOne(const algebra::LeftJoin& node) {
    ANNALS_ASSIGN_OR_RETURN(Sides sides, MakeSides(node));
    ANNALS_ASSIGN_OR_RETURN(Conditions conditions,
                            MakeConditions(node.conditions, sides.shape.variables));
    return MakeLeftJoin(std::move(sides.shape), std::move(sides.left), std::move(sides.right),
                        std::move(conditions), context_);
  }
  Result MakeOne(const algebra::SemiJoin& node) { return MakeSemi(false, node); }
  Result MakeOne(const algebra::AntiJoin& node) { return MakeSemi(true, node); }
  template <typename Node>
  Result MakeSemi(bool anti, const Node& node) {
    ANNALS_ASSIGN_OR_RETURN(Sides sides, MakeSides(node));
    ANNALS_ASSIGN_OR_RETURN(Conditions conditions,
                            MakeConditions(node.conditions, sides.shape.variables));
    return MakeSemiJoin(anti, std::move(sides.shape), std::move(sides.left), std::move(sides.right),
                        std::move(conditions), context_);
  }

  Result MakeOne(const algebra::OuterRef& node) {
    const auto found = outers_.find(node.number);
    if (found == outers_.end()) {
      return Internal(absl::StrCat("a plan refers to the rows of a join ", node.number,
                                   " that is not around it"));
    }
    OperatorPtr rows = MakeOuterRows(found->second, context_);
    if (node.variables.size() == rows->variables().size()) return rows;
    return MakeDistinct(MakeProject(std::move(rows), node.variables), context_);
  }

  Result MakeOne(const algebra::Union& node) {
    Variables variables;
    std::vector<OperatorPtr> inputs;
    for (const PlanPtr& child : node.children) {
      ANNALS_ASSIGN_OR_RETURN(inputs.emplace_back(), Make(*child));
      algebra::AddVariables(inputs.back()->variables(), &variables);
    }
    return MakeUnionAll(std::move(variables), std::move(inputs), context_);
  }
  Result MakeOne(const algebra::Filter& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    ANNALS_ASSIGN_OR_RETURN(Conditions conditions,
                            MakeConditions(node.conditions, input->variables()));
    return MakeFilter(std::move(input), std::move(conditions), context_);
  }
  Result MakeOne(const algebra::Extend& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    ANNALS_ASSIGN_OR_RETURN(auto expression, MakeExpression(*node.expression, input->variables()));
    return MakeExtend(std::move(input), node.variable, std::move(expression), context_);
  }
  Result MakeOne(const algebra::Group& node) {
    if (auto count = CountOfScan(node)) return *std::move(count);
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    std::vector<AggregateColumn> aggregates;
    for (const algebra::Aggregate& aggregate : node.aggregates) {
      AggregateColumn column{aggregate.function, aggregate.distinct, nullptr, nullptr,
                             aggregate.result};
      if (aggregate.argument != nullptr) {
        ANNALS_ASSIGN_OR_RETURN(column.argument,
                                MakeExpression(*aggregate.argument, input->variables()));
      }
      if (aggregate.by != nullptr) {
        ANNALS_ASSIGN_OR_RETURN(column.by, MakeExpression(*aggregate.by, input->variables()));
      }
      aggregates.push_back(std::move(column));
    }
    return MakeGroup(std::move(input), node.keys, std::move(aggregates), context_);
  }
  Result MakeOne(const algebra::Project& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeProject(std::move(input), node.variables);
  }
  Result MakeOne(const algebra::Distinct& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeDistinct(std::move(input), context_);
  }
  Result MakeOne(const algebra::Coalesce& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeCoalesce(std::move(input), node.time, context_);
  }
  Result MakeOne(const algebra::Sort& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeSort(std::move(input), node.keys, std::nullopt, false, context_);
  }
  Result MakeOne(const algebra::Limit& node) {
    Variables ties;
    if (node.with_ties) {
      for (const algebra::SortKey& key : node.keys) ties.push_back(key.variable);
    }
    OperatorPtr input;
    const auto* sort = std::get_if<algebra::Sort>(&node.child->node);
    const uint64_t most = node.limit.value_or(0) + node.offset;
    if (sort != nullptr && node.limit.has_value() && most >= node.offset) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr unsorted, Make(*sort->child));
      input = MakeSort(std::move(unsorted), sort->keys, most, node.with_ties, context_);
    } else {
      ANNALS_ASSIGN_OR_RETURN(input, Make(*node.child));
    }
    return MakeLimit(std::move(input), node.limit, node.offset, ties, context_);
  }

  struct Sides {
    JoinShape shape;
    OperatorPtr left;
    RightSide right;
  };
  template <typename Node>
  absl::StatusOr<Sides> MakeSides(const Node& node) {
    const Plan& left = *node.left;
    const Plan& right = *node.right;
    Sides sides;
    ANNALS_ASSIGN_OR_RETURN(sides.left, Make(left));
    const Variables left_certain = algebra::CertainVariablesOf(left);
    const MakeChild make_child = [this](const Plan& child) { return Make(child); };
    sides.right.outer = MakeOuter(right, node.outer);
    if (sides.right.outer == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(
          auto given, MakeGivenSide(right, left_certain, make_child, ConditionMaker(), context_));
      if (given.has_value()) sides.right = *std::move(given);
    }
    if (sides.right.rows == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(sides.right.rows, Make(right));
    }
    sides.shape = MakeJoinShape(sides.left->variables(), sides.right.rows->variables(),
                                left_certain, algebra::CertainVariablesOf(right));
    AddGaps(node.gaps, sides.left->variables(), sides.right.rows->variables(), &sides.shape);
    if (sides.right.outer == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(sides.right.lookup,
                              MakeLookup(right, sides.right.rows->variables(), left_certain,
                                         make_child, ConditionMaker(), context_));
    }
    return sides;
  }

  // The relation that OuterRefs with this number below `plan` read; null if there are none.
  std::shared_ptr<OuterRelation> MakeOuter(const Plan& plan, int number) {
    if (number == 0) return nullptr;
    auto relation = std::make_shared<OuterRelation>(OuterVariables(plan, number), context_);
    outers_[number] = relation;
    return relation;
  }

  static Variables OuterVariables(const Plan& plan, int number);

  absl::StatusOr<std::unique_ptr<Evaluator>> MakeExpression(const algebra::Expression& expression,
                                                            const Variables& columns) {
    const MakeRowTest make_row_test = [this](const algebra::ExistsExpr& exists,
                                             const Variables& variables) {
      return MakeExists(exists, variables);
    };
    return MakeEvaluator(expression, columns, context_, make_row_test);
  }
  absl::StatusOr<Conditions> MakeConditions(const std::vector<algebra::ExpressionPtr>& expressions,
                                            const Variables& columns) {
    Conditions conditions;
    for (const auto& expression : expressions) {
      ANNALS_ASSIGN_OR_RETURN(conditions.emplace_back(), MakeExpression(*expression, columns));
    }
    return conditions;
  }

  absl::StatusOr<std::unique_ptr<RowTest>> MakeExists(const algebra::ExistsExpr& exists,
                                                      const Variables& columns) {
    auto outer = MakeOuter(*exists.plan, exists.outer);
    // The rows' columns may be empty; that some never are is not known here.
    Variables row = columns;
    for (const algebra::Beside& beside : exists.beside) row.push_back(beside.name);
    JoinShape shape = MakeJoinShape(row, exists.shared, {}, {});
    // The plan may be run again, when this builder is gone.
    auto make = [builder = *this, &exists]() mutable -> absl::StatusOr<OperatorPtr> {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr plan, builder.Make(*exists.plan));
      return MakeProject(std::move(plan), exists.shared);
    };
    return MakeExistsTest(std::move(shape), columns, exists.beside, std::move(make),
                          std::move(outer), context_);
  }

  // A count of all rows of a scan is known without reading them.
  std::optional<OperatorPtr> CountOfScan(const algebra::Group& node) {
    const auto* scan = std::get_if<algebra::Scan>(&node.child->node);
    if (scan == nullptr || !node.keys.empty() || node.aggregates.empty()) return std::nullopt;
    const Variables certain = algebra::CertainVariablesOf(*node.child);
    Variables results;
    for (const algebra::Aggregate& aggregate : node.aggregates) {
      const auto* variable = aggregate.argument == nullptr
                                 ? nullptr
                                 : std::get_if<algebra::VariableExpr>(&aggregate.argument->node);
      const bool counts_rows =
          aggregate.function == algebra::AggregateFunction::kCountRows ||
          (aggregate.function == algebra::AggregateFunction::kCount && !aggregate.distinct &&
           variable != nullptr && algebra::Contains(certain, variable->name));
      if (!counts_rows) return std::nullopt;
      results.push_back(aggregate.result);
    }
    ScanPlan plan = PlanScan(*scan);
    const bool whole_range =
        !plan.has_tests() && !plan.spec.window.has_value() && !plan.spec.dated_only;
    if (!whole_range) return std::nullopt;
    return MakeCountScan(std::move(plan.spec), std::move(results), context_);
  }

  Context& context_;
  std::map<int, std::shared_ptr<OuterRelation>> outers_;
};

// Looks for the OuterRef of that number.
struct OuterFinder {
  int number;
  Variables* found;

  void In(const PlanPtr& plan) const { std::visit(*this, plan->node); }
  void In(const std::vector<PlanPtr>& plans) const {
    for (const PlanPtr& plan : plans) In(plan);
  }
  void In(const algebra::ExpressionPtr& expression) const {
    if (expression != nullptr) std::visit(*this, expression->node);
  }
  void In(const std::vector<algebra::ExpressionPtr>& expressions) const {
    for (const auto& expression : expressions) In(expression);
  }

  void operator()(const algebra::OuterRef& node) const {
    if (node.number == number) algebra::AddVariables(node.variables, found);
  }
  void operator()(const algebra::Unit&) const {}
  void operator()(const algebra::Empty&) const {}
  void operator()(const algebra::Values&) const {}
  void operator()(const algebra::Scan&) const {}
  void operator()(const algebra::Path&) const {}
  void operator()(const algebra::Join& node) const { In(node.children); }
  void operator()(const algebra::MultiwayJoin& node) const { In(node.children); }
  void operator()(const algebra::LeftJoin& node) const {
    In(node.left), In(node.right), In(node.conditions);
  }
  void operator()(const algebra::SemiJoin& node) const {
    In(node.left), In(node.right), In(node.conditions);
  }
  void operator()(const algebra::AntiJoin& node) const {
    In(node.left), In(node.right), In(node.conditions);
  }
  void operator()(const algebra::Union& node) const { In(node.children); }
  void operator()(const algebra::Filter& node) const { In(node.child), In(node.conditions); }
  void operator()(const algebra::Extend& node) const { In(node.child), In(node.expression); }
  void operator()(const algebra::Group& node) const {
    In(node.child);
    for (const algebra::Aggregate& aggregate : node.aggregates) {
      In(aggregate.argument), In(aggregate.by);
    }
  }
  void operator()(const algebra::Project& node) const { In(node.child); }
  void operator()(const algebra::Distinct& node) const { In(node.child); }
  void operator()(const algebra::Coalesce& node) const { In(node.child); }
  void operator()(const algebra::Sort& node) const { In(node.child); }
  void operator()(const algebra::Limit& node) const { In(node.child); }

  void operator()(const algebra::ConstantExpr&) const {}
  void operator()(const algebra::VariableExpr&) const {}
  void operator()(const algebra::AndExpr& node) const { In(node.operands); }
  void operator()(const algebra::OrExpr& node) const { In(node.operands); }
  void operator()(const algebra::NotExpr& node) const { In(node.operand); }
  void operator()(const algebra::CompareExpr& node) const { In(node.left), In(node.right); }
  void operator()(const algebra::ArithmeticExpr& node) const { In(node.left), In(node.right); }
  void operator()(const algebra::NegateExpr& node) const { In(node.operand); }
  void operator()(const algebra::TimeExpr& node) const { In(node.left), In(node.right); }
  void operator()(const algebra::InExpr& node) const { In(node.value), In(node.list); }
  void operator()(const algebra::CallExpr& node) const { In(node.arguments); }
  void operator()(const algebra::ExistsExpr& node) const { In(node.plan); }
};

Variables Builder::OuterVariables(const Plan& plan, int number) {
  Variables variables;
  std::visit(OuterFinder{number, &variables}, plan.node);
  return variables;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Operator>> MakeOperator(const Plan& plan, Context& context) {
  return Builder(context).Make(plan);
}

}  // namespace annals::exec
