#include "query/exec/make_join.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "query/algebra/build.h"
#include "query/exec/parallel.h"

namespace annals::exec {
namespace {

using algebra::Plan;
using algebra::Slot;
using algebra::Variable;

// Looking up the sources of a fact costs about as much as reading this many rows.
constexpr uint64_t kRowsPerLookup = 8;

// A variable that no question can write.
Variable HiddenFact(size_t number) { return absl::StrCat(".sourced fact ", number); }

// A pattern as a child of a join, perhaps with a filter around it.
struct Pattern {
  const algebra::Scan* scan = nullptr;
  const std::vector<algebra::ExpressionPtr>* conditions = nullptr;
};
Pattern PatternOf(const Plan& plan) {
  Pattern pattern;
  const Plan* inner = &plan;
  if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
    pattern.conditions = &filter->conditions;
    inner = filter->child.get();
  }
  pattern.scan = std::get_if<algebra::Scan>(&inner->node);
  return pattern;
}

// The facts of a pattern can be read first and their sources after that. Not where a variable
// stands for both a source and a time that may be empty: a join would let the one fill the other.
bool CanSplit(const algebra::Scan& scan) {
  const bool fills = scan.source.kind == Slot::Kind::kVariable &&
                     scan.time.kind == Slot::Kind::kVariable && !scan.dated &&
                     scan.source.variable == scan.time.variable;
  return scan.with_source && scan.fact.kind != Slot::Kind::kConstant && !fills;
}

// What is looked up first.
algebra::Scan ProbedFirst(const algebra::Scan& scan) {
  const bool any_source = CanSplit(scan) && scan.source.kind != Slot::Kind::kConstant;
  return any_source ? WithoutSource(scan, HiddenFact(0)) : scan;
}

bool IsSortedBy(const Variables& sorted_by, const Variable& variable) {
  return !sorted_by.empty() && sorted_by[0] == variable;
}

// Reads facts first and then their sources, rather than all that the source says.
absl::StatusOr<bool> FactsBeforeSources(const algebra::Scan& scan, Context& context) {
  if (!CanSplit(scan)) return false;
  ANNALS_ASSIGN_OR_RETURN(const uint64_t by_source,
                          context.source().CountRows(PlanScan(scan).spec));
  const ScanPlan facts = PlanScan(WithoutSource(scan, HiddenFact(0)));
  ANNALS_ASSIGN_OR_RETURN(const uint64_t by_fact, context.source().CountRows(facts.spec));
  return by_fact < by_source / kRowsPerLookup;
}

// Whether a plan holds a path that can be followed from given values alone.
bool HoldsPath(const Plan& plan) {
  struct Visitor {
    bool Any(const std::vector<algebra::PlanPtr>& plans) const {
      return std::any_of(plans.begin(), plans.end(),
                         [](const algebra::PlanPtr& plan) { return HoldsPath(*plan); });
    }
    bool operator()(const algebra::Path& node) const {
      return node.from.kind != Slot::Kind::kConstant && node.to.kind != Slot::Kind::kConstant;
    }
    bool operator()(const algebra::Join& node) const { return Any(node.children); }
    bool operator()(const algebra::Union& node) const { return Any(node.children); }
    bool operator()(const algebra::Filter& node) const { return HoldsPath(*node.child); }
    bool operator()(const algebra::Project& node) const { return HoldsPath(*node.child); }
    bool operator()(const algebra::Distinct& node) const { return HoldsPath(*node.child); }
    bool operator()(const algebra::Coalesce&) const { return false; }
    bool operator()(const algebra::Unit&) const { return false; }
    bool operator()(const algebra::Empty&) const { return false; }
    bool operator()(const algebra::Values&) const { return false; }
    bool operator()(const algebra::Scan&) const { return false; }
    bool operator()(const algebra::OuterRef&) const { return false; }
    bool operator()(const algebra::MultiwayJoin&) const { return false; }
    bool operator()(const algebra::LeftJoin&) const { return false; }
    bool operator()(const algebra::SemiJoin&) const { return false; }
    bool operator()(const algebra::AntiJoin&) const { return false; }
    bool operator()(const algebra::Extend&) const { return false; }
    bool operator()(const algebra::Group&) const { return false; }
    bool operator()(const algebra::Sort&) const { return false; }
    bool operator()(const algebra::Limit&) const { return false; }
  };
  return std::visit(Visitor{}, plan.node);
}

Variables SharedOf(const Variables& certain, const Plan& plan) {
  Variables shared;
  for (const Variable& variable : algebra::CertainVariablesOf(plan)) {
    if (algebra::Contains(certain, variable)) shared.push_back(variable);
  }
  return shared;
}

class JoinMaker {
 public:
  JoinMaker(const MakeChild& make_child, const MakeConditionsOf& make_conditions, Context& context)
      : make_child_(make_child), make_conditions_(make_conditions), context_(context) {}

  absl::StatusOr<OperatorPtr> Make(const algebra::Join& join) {
    gaps_ = join.gaps;
    const auto& children = join.children;
    ANNALS_RETURN_IF_ERROR(Start(*children[0], children.size() > 1 ? children[1].get() : nullptr));
    for (size_t i = 1; i < children.size(); ++i) ANNALS_RETURN_IF_ERROR(Join(*children[i]));
    return DropHidden();
  }

  // The key of that column on the left is what a merge goes by.
  static void PutFirst(size_t left, std::vector<JoinShape::Pair>* keys) {
    const auto first = std::find_if(keys->begin(), keys->end(),
                                    [left](const auto& key) { return key.left == left; });
    if (first != keys->end()) std::rotate(keys->begin(), first, first + 1);
  }

  // Joins a pattern without conditions to what there is.
  absl::Status JoinScan(const algebra::Scan& scan, const Variables& right_certain) {
    const Variables shared = SharedCertain(scan, right_certain);
    const Variable sort = joined_->sorted_by().empty() ? Variable() : joined_->sorted_by()[0];
    JoinShape shape = ShapeWith(PlanScan(scan).variables, right_certain);
    const bool sorts = algebra::Contains(shared, sort) && !shape.has_window();
    ScanPlan whole = PlanScan(scan, {}, sorts ? sort : RightTime(shape));
    ScanPlan probe = PlanScan(scan, shared);
    const bool merge = sorts && IsSortedBy(whole.sorted_by, sort);
    if (merge) PutFirst(PositionOf(joined_->variables(), sort), &shape.keys);
    ScanSpec spec = whole.spec;
    const Variables bound = whole.variables;
    OperatorPtr right = MakeScan(std::move(whole), context_);
    const bool probes_sort = std::any_of(probe.probes.begin(), probe.probes.end(),
                                         [&](const auto& one) { return one.variable == sort; });
    if (probe.probes.empty() || (merge && !probes_sort)) {
      return Simple(merge, std::move(shape), std::move(right), right_certain);
    }
    auto kept = std::make_shared<OperatorPtr>(std::move(right));
    MakeFallbackJoin fallback =
        [merge, shape, kept, &context = context_](OperatorPtr left) -> absl::StatusOr<OperatorPtr> {
      return merge ? MakeMergeJoin(shape, std::move(left), std::move(*kept), context)
                   : MakeHashJoin(shape, std::move(left), std::move(*kept), context);
    };
    joined_ = MakeIndexJoin(std::move(shape), std::move(joined_), std::move(probe), std::move(spec),
                            merge ? Variables{sort} : Variables(), std::move(fallback), context_);
    AddCertain(right_certain, bound);
    return absl::OkStatus();
  }

  // Joins a pattern or a union of patterns, and gives the specs of the scans that read them whole;
  // none, and nothing joined, if the child is something else or shares nothing to look up.
  absl::StatusOr<std::vector<ScanSpec>> LookUp(const Plan& child) {
    std::vector<ScanSpec> patterns;
    const auto* branches = std::get_if<algebra::Union>(&child.node);
    if (branches != nullptr && CanProbeBranches(*branches)) {
      for (const auto& branch : branches->children) {
        patterns.push_back(PlanScan(ProbedFirst(*PatternOf(*branch).scan)).spec);
      }
    } else if (branches == nullptr && CanProbe(child)) {
      patterns.push_back(PlanScan(ProbedFirst(*PatternOf(child).scan)).spec);
    }
    if (!patterns.empty()) ANNALS_RETURN_IF_ERROR(Join(child));
    return patterns;
  }

  // The rows of a plan that agree with some of the given ones, and perhaps more. All variables of
  // `given` are certain ones of the plan.
  absl::StatusOr<OperatorPtr> MakeGiven(const Plan& plan,
                                        const std::shared_ptr<OuterRelation>& given) {
    if (!HoldsPath(plan)) return make_child_(plan);
    if (const auto* path = std::get_if<algebra::Path>(&plan.node)) {
      return MakePath(*path, given, context_);
    }
    if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr child, MakeGiven(*filter->child, given));
      ANNALS_ASSIGN_OR_RETURN(RowConditions conditions,
                              make_conditions_(filter->conditions, child->variables()));
      return MakeFilter(std::move(child), std::move(conditions), context_);
    }
    if (const auto* project = std::get_if<algebra::Project>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr child, MakeGiven(*project->child, given));
      return MakeProject(std::move(child), project->variables);
    }
    if (const auto* distinct = std::get_if<algebra::Distinct>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr child, MakeGiven(*distinct->child, given));
      return MakeDistinct(std::move(child), distinct->may_stop, context_);
    }
    if (const auto* branches = std::get_if<algebra::Union>(&plan.node)) {
      std::vector<OperatorPtr> inputs;
      for (const auto& branch : branches->children) {
        ANNALS_ASSIGN_OR_RETURN(inputs.emplace_back(), MakeGiven(*branch, given));
      }
      return MakeUnionAll(algebra::VariablesOf(plan), std::move(inputs), context_);
    }
    return MakeGivenJoinOf(std::get<algebra::Join>(plan.node), algebra::VariablesOf(plan), given);
  }

  // Begins with the given rows, and goes on with what shares something with those so far.
  absl::StatusOr<OperatorPtr> MakeGivenJoinOf(const algebra::Join& node, const Variables& columns,
                                              const std::shared_ptr<OuterRelation>& given) {
    JoinMaker maker(make_child_, make_conditions_, context_);
    maker.Begin(MakeOuterRows(given, context_), given->variables());
    std::vector<const Plan*> rest;
    for (const auto& child : node.children) rest.push_back(child.get());
    while (!rest.empty()) {
      auto next = std::find_if(rest.begin(), rest.end(), [&](const Plan* child) {
        return !SharedOf(maker.certain_, *child).empty();
      });
      if (next == rest.end()) next = rest.begin();
      ANNALS_RETURN_IF_ERROR(maker.Join(**next));
      rest.erase(next);
    }
    return MakeProject(maker.DropHidden(), columns);
  }

  void Begin(OperatorPtr first, Variables certain) {
    joined_ = std::move(first);
    certain_ = std::move(certain);
  }
  OperatorPtr DropHidden() {
    Variables shown = joined_->variables();
    const size_t erased = std::erase_if(
        shown, [](const Variable& variable) { return variable.starts_with(".sourced fact "); });
    return erased == 0 ? std::move(joined_) : MakeProject(std::move(joined_), std::move(shown));
  }

 private:
  Variables SharedCertain(const algebra::Scan& scan, const Variables& right_certain) const {
    Variables shared;
    for (const Variable& variable : PlanScan(scan).variables) {
      if (algebra::Contains(certain_, variable) && algebra::Contains(right_certain, variable)) {
        shared.push_back(variable);
      }
    }
    return shared;
  }

  JoinShape ShapeWith(const Variables& right, const Variables& right_certain) const {
    JoinShape shape = MakeJoinShape(joined_->variables(), right, certain_, right_certain);
    AddGaps(gaps_, joined_->variables(), right, &shape);
    return shape;
  }

  // The right side's time, if only what is near in time meets; else nothing.
  static Variable RightTime(const JoinShape& shape) {
    if (!shape.has_window()) return Variable();
    const size_t left_columns = shape.variables.size() - shape.right_only.size();
    const auto place =
        std::find(shape.right_only.begin(), shape.right_only.end(), shape.gaps[0].right);
    return shape.variables[left_columns + static_cast<size_t>(place - shape.right_only.begin())];
  }
  // The first, if there is a gap between the two.
  Variable TimeNearTo(const Slot& time, const Slot& other) const {
    if (time.kind != Slot::Kind::kVariable || other.kind != Slot::Kind::kVariable) return {};
    const bool near = std::any_of(gaps_.begin(), gaps_.end(), [&](const algebra::TimeGap& gap) {
      return (gap.earlier == time.variable && gap.later == other.variable) ||
             (gap.earlier == other.variable && gap.later == time.variable);
    });
    return near ? time.variable : Variable();
  }

  // The first input, sorted for the second if both can be sorted by a variable that they share.
  absl::Status Start(const Plan& first, const Plan* second) {
    certain_ = algebra::CertainVariablesOf(first);
    const Pattern pattern = PatternOf(first);
    const Pattern next = second == nullptr ? Pattern() : PatternOf(*second);
    if (pattern.scan == nullptr || next.scan == nullptr) {
      ANNALS_ASSIGN_OR_RETURN(joined_, make_child_(first));
      return absl::OkStatus();
    }
    Variable sort;
    const Variables shared = SharedOf(certain_, *second);
    const auto both = std::find_if(shared.begin(), shared.end(), [&](const Variable& one) {
      return IsSortedBy(PlanScan(*pattern.scan, {}, one).sorted_by, one) &&
             IsSortedBy(PlanScan(*next.scan, {}, one).sorted_by, one);
    });
    if (both != shared.end()) sort = *both;
    if (shared.empty()) sort = TimeNearTo(pattern.scan->time, next.scan->time);
    ANNALS_ASSIGN_OR_RETURN(joined_, MakePatternScan(*pattern.scan, sort, context_));
    return Filtered(pattern);
  }

  absl::Status Filtered(const Pattern& pattern) {
    if (pattern.conditions == nullptr) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(RowConditions conditions,
                            make_conditions_(*pattern.conditions, joined_->variables()));
    joined_ = MakeFilter(std::move(joined_), std::move(conditions), context_);
    return absl::OkStatus();
  }

  absl::Status Join(const Plan& child) {
    const Variables right_certain = algebra::CertainVariablesOf(child);
    if (HoldsPath(child)) {
      Variables shared = SharedOf(certain_, child);
      if (!shared.empty()) return JoinGiven(child, right_certain, std::move(shared));
    }
    const Pattern pattern = PatternOf(child);
    if (pattern.scan == nullptr || !FilterCanWait(pattern, right_certain)) {
      const auto* branches = std::get_if<algebra::Union>(&child.node);
      return branches != nullptr && CanProbeBranches(*branches)
                 ? JoinBranches(child, *branches, right_certain)
                 : JoinChild(child, right_certain);
    }
    const algebra::Scan& scan = *pattern.scan;
    bool facts_first = false;
    if (CanSplit(scan) && !IsGiven(scan.fact)) {
      ANNALS_ASSIGN_OR_RETURN(const bool rather, FactsBeforeSources(scan, context_));
      const bool linked = !SharedCertain(WithoutSource(scan, HiddenFact(0)), right_certain).empty();
      facts_first = rather || (linked && scan.source.kind != Slot::Kind::kConstant);
    }
    if (facts_first) {
      const Variable fact = HiddenFact(++hidden_);
      Variables fact_certain = right_certain;
      algebra::AddVariables({fact}, &fact_certain);
      ANNALS_RETURN_IF_ERROR(JoinScan(WithoutSource(scan, fact), fact_certain));
      ANNALS_RETURN_IF_ERROR(JoinScan(SourcesOfFact(scan, fact), fact_certain));
    } else {
      ANNALS_RETURN_IF_ERROR(JoinScan(scan, right_certain));
    }
    return Filtered(pattern);
  }

  bool IsGiven(const Slot& slot) const {
    return slot.kind == Slot::Kind::kConstant ||
           (slot.kind == Slot::Kind::kVariable && algebra::Contains(certain_, slot.variable));
  }

  // After the join its conditions must see what they saw before it: no empty value that the left
  // side fills.
  bool FilterCanWait(const Pattern& pattern, const Variables& right_certain) const {
    if (pattern.conditions == nullptr) return true;
    const Variables variables = PlanScan(*pattern.scan).variables;
    const bool fills =
        std::any_of(variables.begin(), variables.end(), [&](const Variable& variable) {
          return !algebra::Contains(right_certain, variable) &&
                 algebra::Contains(joined_->variables(), variable);
        });
    if (fills) return false;
    // A variable that the pattern lacks is empty to its filter, but maybe not to the join.
    return std::all_of(pattern.conditions->begin(), pattern.conditions->end(),
                       [&](const algebra::ExpressionPtr& condition) {
                         const Variables used = algebra::VariablesOf(*condition);
                         return std::all_of(used.begin(), used.end(), [&](const Variable& one) {
                           return algebra::Contains(variables, one);
                         });
                       });
  }

  // Every branch is a pattern that the rows so far can be looked up in.
  bool CanProbeBranches(const algebra::Union& branches) const {
    return std::all_of(branches.children.begin(), branches.children.end(),
                       [&](const auto& branch) { return CanProbe(*branch); });
  }
  bool CanProbe(const Plan& child) const {
    const Pattern pattern = PatternOf(child);
    const Variables certain = algebra::CertainVariablesOf(child);
    if (pattern.scan == nullptr || !FilterCanWait(pattern, certain)) return false;
    const algebra::Scan scan = ProbedFirst(*pattern.scan);
    return !PlanScan(scan, SharedCertain(scan, certain)).probes.empty();
  }

  absl::Status JoinBranches(const Plan& child, const algebra::Union& branches,
                            const Variables& right_certain) {
    auto kept = std::make_shared<KeptBatches>();
    std::vector<ScanSpec> patterns;
    std::vector<OperatorPtr> joins;
    for (const algebra::PlanPtr& branch : branches.children) {
      patterns.push_back(PlanScan(ProbedFirst(*PatternOf(*branch).scan)).spec);
      JoinMaker maker(make_child_, make_conditions_, context_);
      maker.hidden_ = hidden_;
      maker.gaps_ = gaps_;
      maker.Begin(MakeKeptRows(kept, joined_->variables(), joined_->sorted_by(), context_),
                  certain_);
      ANNALS_RETURN_IF_ERROR(maker.Join(*branch));
      joins.push_back(std::move(maker.joined_));
    }
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr whole, make_child_(child));
    JoinShape shape = ShapeWith(whole->variables(), right_certain);
    Variables variables = shape.variables;
    auto right = std::make_shared<OperatorPtr>(std::move(whole));
    MakeFallbackJoin fallback = [shape = std::move(shape), right, &context = context_](
                                    OperatorPtr left) -> absl::StatusOr<OperatorPtr> {
      return MakeHashJoin(shape, std::move(left), std::move(*right), context);
    };
    joined_ = MakeBranchJoin(std::move(joined_), std::move(patterns), std::move(kept),
                             MakeUnionAll(std::move(variables), std::move(joins), context_),
                             std::move(fallback), context_);
    AddCertain(right_certain, right_certain);
    return absl::OkStatus();
  }

  absl::Status JoinGiven(const Plan& child, const Variables& right_certain, Variables shared) {
    auto values = std::make_shared<OuterRelation>(std::move(shared), context_);
    auto kept = std::make_shared<KeptBatches>();
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr right, MakeGiven(child, values));
    JoinShape shape = ShapeWith(right->variables(), right_certain);
    const Variables bound = right->variables();
    OperatorPtr rows = MakeKeptRows(kept, joined_->variables(), {}, context_);
    joined_ = MakeGivenJoin(
        std::move(joined_), std::move(values), std::move(kept),
        MakeHashJoin(std::move(shape), std::move(rows), std::move(right), context_), context_);
    AddCertain(right_certain, bound);
    return absl::OkStatus();
  }

  absl::Status JoinChild(const Plan& child, const Variables& right_certain) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr right, make_child_(child));
    JoinShape shape = ShapeWith(right->variables(), right_certain);
    const Variable sort = joined_->sorted_by().empty() ? Variable() : joined_->sorted_by()[0];
    const Variables shared = SharedOf(certain_, child);
    const bool merge = shared.size() == 1 && shared[0] == sort && !shape.has_window() &&
                       IsSortedBy(right->sorted_by(), sort);
    return Simple(merge, std::move(shape), std::move(right), right_certain);
  }

  absl::Status Simple(bool merge, JoinShape shape, OperatorPtr right,
                      const Variables& right_certain) {
    const Variables bound = right->variables();
    joined_ = merge
                  ? MakeMergeJoin(std::move(shape), std::move(joined_), std::move(right), context_)
                  : MakeHashJoin(std::move(shape), std::move(joined_), std::move(right), context_);
    AddCertain(right_certain, bound);
    return absl::OkStatus();
  }

  // Of the right side's certain variables those that it has `bound`: the first half of a pattern
  // that is split leaves the others as they were.
  void AddCertain(const Variables& right_certain, const Variables& bound) {
    for (const Variable& variable : right_certain) {
      if (algebra::Contains(bound, variable)) {
        algebra::AddVariables({variable}, &certain_);
      }
    }
  }

  const MakeChild& make_child_;
  const MakeConditionsOf& make_conditions_;
  Context& context_;
  OperatorPtr joined_;
  Variables certain_;
  std::vector<algebra::TimeGap> gaps_;
  size_t hidden_ = 0;
};

}  // namespace

absl::StatusOr<OperatorPtr> MakePatternScan(const algebra::Scan& scan,
                                            const algebra::Variable& sort_first, Context& context) {
  ANNALS_ASSIGN_OR_RETURN(const bool facts_first, FactsBeforeSources(scan, context));
  if (!facts_first) {
    ScanPlan plan = PlanScan(scan, {}, sort_first);
    if (context.share() != nullptr) context.share()->Take(&plan.spec);
    return MakeScan(std::move(plan), context);
  }
  const Variable fact = HiddenFact(0);
  const algebra::Scan facts = WithoutSource(scan, fact);
  const Variable& own = facts.fact.variable;
  const MakeChild no_children;
  const MakeConditionsOf no_conditions;
  JoinMaker maker(no_children, no_conditions, context);
  maker.Begin(MakeScan(PlanScan(facts, {}, sort_first), context), {own});
  Variables certain = {own};
  if (scan.source.kind == Slot::Kind::kVariable)
    algebra::AddVariables({scan.source.variable}, &certain);
  ANNALS_RETURN_IF_ERROR(maker.JoinScan(SourcesOfFact(scan, fact), certain));
  return maker.DropHidden();
}

absl::StatusOr<OperatorPtr> MakeJoinOf(const algebra::Join& join, const MakeChild& make_child,
                                       const MakeConditionsOf& make_conditions, Context& context) {
  return JoinMaker(make_child, make_conditions, context).Make(join);
}

absl::StatusOr<std::optional<RightSide>> MakeGivenSide(const Plan& right,
                                                       const Variables& left_certain,
                                                       const MakeChild& make_child,
                                                       const MakeConditionsOf& make_conditions,
                                                       Context& context) {
  Variables shared = SharedOf(left_certain, right);
  if (shared.empty() || !HoldsPath(right)) return std::optional<RightSide>();
  RightSide side;
  side.outer = std::make_shared<OuterRelation>(std::move(shared), context);
  JoinMaker maker(make_child, make_conditions, context);
  ANNALS_ASSIGN_OR_RETURN(side.rows, maker.MakeGiven(right, side.outer));
  return std::optional<RightSide>(std::move(side));
}

absl::StatusOr<std::optional<RightSide::Lookup>> MakeLookup(
    const Plan& right, const Variables& columns, const Variables& left_certain,
    const MakeChild& make_child, const MakeConditionsOf& make_conditions, Context& context) {
  Variables shared;
  for (const Variable& variable : algebra::CertainVariablesOf(right)) {
    if (algebra::Contains(left_certain, variable)) shared.push_back(variable);
  }
  if (shared.empty()) return std::optional<RightSide::Lookup>();
  RightSide::Lookup lookup;
  lookup.outer = std::make_shared<OuterRelation>(shared, context);
  JoinMaker maker(make_child, make_conditions, context);
  maker.Begin(MakeOuterRows(lookup.outer, context), shared);
  ANNALS_ASSIGN_OR_RETURN(lookup.patterns, maker.LookUp(right));
  if (lookup.patterns.empty()) return std::optional<RightSide::Lookup>();
  lookup.rows = MakeProject(maker.DropHidden(), columns);
  return std::optional<RightSide::Lookup>(std::move(lookup));
}

}  // namespace annals::exec
