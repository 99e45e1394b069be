#include "query/optimizer/verify.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "query/optimizer/rewrite.h"

namespace annals::optimizer {
namespace {

using algebra::Plan;
using algebra::PlanPtr;

absl::Status Broken(const std::string& what) {
  return Internal(absl::StrCat("the plan is not sound: ", what));
}

class Verifier {
 public:
  explicit Verifier(int fed) : fed_{fed} {}
  absl::Status Check(const Plan& plan) {
    ANNALS_RETURN_IF_ERROR(std::visit([this](const auto& node) { return Node(node); }, plan.node));
    absl::Status status;
    ForEachExpression(plan, [&](const algebra::ExpressionPtr& expression, bool) {
      if (status.ok()) {
        status = expression == nullptr ? Broken("an expression is missing") : Inside(*expression);
      }
    });
    return status;
  }

 private:
  absl::Status Child(const PlanPtr& child) {
    if (child == nullptr) return Broken("a child is missing");
    return Check(*child);
  }
  absl::Status Keys(const std::vector<algebra::SortKey>& keys, const PlanPtr& child) {
    const Variables columns = algebra::VariablesOf(*child);
    for (const algebra::SortKey& key : keys) {
      if (!algebra::Contains(columns, key.variable)) {
        return Broken(absl::StrCat("it sorts by ?", key.variable, ", which is no column"));
      }
    }
    return absl::OkStatus();
  }
  absl::Status WithOuter(const Plan& right, int outer) {
    if (outer != 0) fed_.insert(outer);
    const absl::Status status = Check(right);
    fed_.erase(outer);
    return status;
  }
  // The plans of exists stand by themselves.
  absl::Status Inside(const algebra::Expression& expression) {
    absl::Status status;
    if (const auto* exists = std::get_if<algebra::ExistsExpr>(&expression.node)) {
      status = exists->plan == nullptr ? Broken("an exists has no plan")
                                       : WithOuter(*exists->plan, exists->outer);
    }
    ForEachOperand(expression, [&](const algebra::ExpressionPtr& operand) {
      if (status.ok()) {
        status = operand == nullptr ? Broken("an operand is missing") : Inside(*operand);
      }
    });
    return status;
  }

  absl::Status Node(const algebra::Unit&) { return absl::OkStatus(); }
  absl::Status Node(const algebra::Empty&) { return absl::OkStatus(); }
  absl::Status Node(const algebra::Scan&) { return absl::OkStatus(); }
  absl::Status Node(const algebra::Path& node) {
    if (node.places.empty()) return Broken("a path has no beginning");
    for (const algebra::PathPlace& place : node.places) {
      for (const uint32_t next : place.next) {
        if (next == 0 || next >= node.places.size()) return Broken("a path leads nowhere");
      }
    }
    return absl::OkStatus();
  }
  absl::Status Node(const algebra::Values& node) {
    const bool fits = std::all_of(node.rows.begin(), node.rows.end(), [&](const auto& row) {
      return row.size() == node.variables.size();
    });
    return fits ? absl::OkStatus() : Broken("a row of values doesn't fit the columns");
  }
  absl::Status Node(const algebra::OuterRef& node) {
    if (fed_.contains(node.number)) return absl::OkStatus();
    return Broken(absl::StrCat("nothing feeds outer #", node.number));
  }
  absl::Status Node(const algebra::Join& node) {
    if (node.children.size() < 2) return Broken("a join has fewer than two children");
    for (const PlanPtr& child : node.children) ANNALS_RETURN_IF_ERROR(Child(child));
    return absl::OkStatus();
  }
  absl::Status Node(const algebra::MultiwayJoin& node) {
    Variables columns;
    for (const PlanPtr& child : node.children) {
      ANNALS_RETURN_IF_ERROR(Child(child));
      const Variables own = algebra::VariablesOf(*child);
      if (!IsSubset(own, algebra::CertainVariablesOf(*child))) {
        return Broken("a multiway join has a column that may be empty");
      }
      algebra::AddVariables(own, &columns);
    }
    const bool all = columns.size() == node.variables.size() && IsSubset(columns, node.variables);
    if (!all) return Broken("a multiway join has other variables than its children");
    return node.shown <= node.variables.size() ? absl::OkStatus()
                                               : Broken("a multiway join shows too much");
  }
  absl::Status Node(const algebra::Union& node) {
    if (node.children.empty()) return Broken("a union has no children");
    for (const PlanPtr& child : node.children) ANNALS_RETURN_IF_ERROR(Child(child));
    return absl::OkStatus();
  }
  template <typename T>
  requires requires(T t) { t.left; }
  absl::Status Node(const T& node) {
    ANNALS_RETURN_IF_ERROR(Child(node.left));
    if (node.right == nullptr) return Broken("a child is missing");
    return WithOuter(*node.right, node.outer);
  }
  absl::Status Node(const algebra::Filter& node) { return Child(node.child); }
  absl::Status Node(const algebra::Extend& node) { return Child(node.child); }
  absl::Status Node(const algebra::Project& node) { return Child(node.child); }
  absl::Status Node(const algebra::Distinct& node) { return Child(node.child); }
  absl::Status Node(const algebra::Coalesce& node) { return Child(node.child); }
  absl::Status Node(const algebra::Group& node) {
    ANNALS_RETURN_IF_ERROR(Child(node.child));
    if (IsSubset(node.keys, algebra::VariablesOf(*node.child))) return absl::OkStatus();
    return Broken("it groups by what is no column");
  }
  absl::Status Node(const algebra::Sort& node) {
    ANNALS_RETURN_IF_ERROR(Child(node.child));
    return Keys(node.keys, node.child);
  }
  absl::Status Node(const algebra::Limit& node) {
    ANNALS_RETURN_IF_ERROR(Child(node.child));
    return Keys(node.keys, node.child);
  }

  std::set<int> fed_;
};

}  // namespace

absl::Status VerifyPlan(const Plan& plan, int fed) { return Verifier(fed).Check(plan); }

}  // namespace annals::optimizer
