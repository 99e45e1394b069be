#include "query/optimizer/keys.h"

namespace annals::optimizer {
namespace {

using algebra::Contains;
using algebra::Plan;
using algebra::PlanPtr;
using algebra::Slot;

struct KeyVisitor {
  using Result = std::optional<Variables>;

  Result operator()(const algebra::Unit&) const { return Variables(); }
  Result operator()(const algebra::Empty&) const { return Variables(); }
  Result operator()(const algebra::OuterRef& node) const { return node.variables; }
  Result operator()(const algebra::Values& node) const {
    if (node.rows.size() < 2) return Variables();
    for (size_t i = 0; i < node.rows.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (node.rows[i] == node.rows[j]) return std::nullopt;
      }
    }
    return node.variables;
  }
  // A fact is one row (with a source, one for each); subject, predicate, object and time name it.
  Result operator()(const algebra::Scan& node) const {
    Variables key;
    const auto add = [&](const Slot& slot) {
      if (slot.kind == Slot::Kind::kVariable) algebra::AddVariables({slot.variable}, &key);
      return slot.kind != Slot::Kind::kAny;
    };
    if (node.with_source && !add(node.source)) return std::nullopt;
    if (add(node.fact)) return key;
    const bool named =
        add(node.subject) && add(node.predicate) && add(node.object) && add(node.time);
    return named ? Result(key) : std::nullopt;
  }
  // A row for each pair of ends.
  Result operator()(const algebra::Path& node) const {
    if (node.from.kind == Slot::Kind::kAny || node.to.kind == Slot::Kind::kAny) return std::nullopt;
    Variables key;
    for (const Slot* slot : {&node.from, &node.to}) {
      if (slot->kind == Slot::Kind::kVariable) algebra::AddVariables({slot->variable}, &key);
    }
    return key;
  }
  Result operator()(const algebra::Join& node) const {
    Variables seen, certain, key;
    for (const PlanPtr& child : node.children) {
      const Result one = KeyOf(*child);
      if (!one.has_value()) return std::nullopt;
      // An empty value that agrees with several makes equal rows of different ones.
      const Variables columns = algebra::VariablesOf(*child);
      const Variables shared = Intersection(columns, seen);
      const Variables filled = algebra::CertainVariablesOf(*child);
      if (!IsSubset(shared, certain) || !IsSubset(shared, filled)) return std::nullopt;
      algebra::AddVariables(columns, &seen);
      algebra::AddVariables(filled, &certain);
      algebra::AddVariables(*one, &key);
    }
    return key;
  }
  Result operator()(const algebra::MultiwayJoin& node) const {
    return Variables(node.variables.begin(),
                     node.variables.begin() + static_cast<ptrdiff_t>(node.shown));
  }
  Result operator()(const algebra::LeftJoin& node) const {
    const Result left = KeyOf(*node.left), right = KeyOf(*node.right);
    if (!left.has_value() || !right.has_value()) return std::nullopt;
    const Variables shared =
        Intersection(algebra::VariablesOf(*node.left), algebra::VariablesOf(*node.right));
    if (!IsSubset(shared, algebra::CertainVariablesOf(*node.left)) ||
        !IsSubset(shared, algebra::CertainVariablesOf(*node.right))) {
      return std::nullopt;
    }
    Variables key = *left;
    algebra::AddVariables(*right, &key);
    return key;
  }
  Result operator()(const algebra::SemiJoin& node) const { return KeyOf(*node.left); }
  Result operator()(const algebra::AntiJoin& node) const { return KeyOf(*node.left); }
  Result operator()(const algebra::Union&) const { return std::nullopt; }
  Result operator()(const algebra::Filter& node) const { return KeyOf(*node.child); }
  Result operator()(const algebra::Extend& node) const {
    const Result key = KeyOf(*node.child);
    return key.has_value() && Contains(*key, node.variable) ? std::nullopt : key;
  }
  Result operator()(const algebra::Group& node) const { return node.keys; }
  Result operator()(const algebra::Project& node) const {
    const Result key = KeyOf(*node.child);
    return key.has_value() && IsSubset(*key, node.variables) ? key : std::nullopt;
  }
  Result operator()(const algebra::Distinct& node) const {
    const Result key = KeyOf(*node.child);
    return key.has_value() || node.may_stop ? key : algebra::VariablesOf(*node.child);
  }
  Result operator()(const algebra::Coalesce& node) const {
    return algebra::VariablesOf(*node.child);
  }
  Result operator()(const algebra::Sort& node) const { return KeyOf(*node.child); }
  Result operator()(const algebra::Limit& node) const {
    return node.limit.has_value() && *node.limit <= 1 && !node.with_ties ? Result(Variables())
                                                                         : KeyOf(*node.child);
  }
};

}  // namespace

std::optional<Variables> KeyOf(const Plan& plan) { return std::visit(KeyVisitor{}, plan.node); }

}  // namespace annals::optimizer
