// Plans become operators.
#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "query/algebra/build.h"
#include "query/exec/count_runs.h"
#include "query/exec/exists.h"
#include "query/exec/make_join.h"
#include "query/exec/operators.h"
#include "query/exec/parallel.h"
#include "query/exec/shared_scan.h"

namespace annals::exec {
namespace {

using algebra::Plan;
using algebra::PlanPtr;
using algebra::Variable;

// A pattern, and what works on its rows one by one.
bool ReadsOnePattern(const Plan& plan) {
  if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
    return ReadsOnePattern(*filter->child);
  }
  if (const auto* extend = std::get_if<algebra::Extend>(&plan.node)) {
    return ReadsOnePattern(*extend->child);
  }
  if (const auto* project = std::get_if<algebra::Project>(&plan.node)) {
    return ReadsOnePattern(*project->child);
  }
  return std::holds_alternative<algebra::Scan>(plan.node);
}

class Builder {
 public:
  explicit Builder(Context& context) : context_(context) {}

  absl::StatusOr<OperatorPtr> Make(const Plan& plan) {
    return Measure(plan, std::visit([this](const auto& node) { return MakeOne(node); }, plan.node));
  }

  // The same for an input that will be read to its end: by several threads where that pays.
  absl::StatusOr<OperatorPtr> MakeWhole(const Plan& plan) {
    if (std::holds_alternative<algebra::Scan>(plan.node))
      return Make(plan);  // reading is not worth it
    ANNALS_ASSIGN_OR_RETURN(std::optional<SharedWork> shared, Share(plan, nullptr));
    if (shared.has_value()) return MakeGather(*std::move(shared), context_);
    // It may be made of parts that can be shared.
    if (const auto* project = std::get_if<algebra::Project>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, MakeWhole(*project->child));
      return Measure(plan, MakeProject(std::move(input), project->variables));
    }
    return Make(plan);
  }

 private:
  using Result = absl::StatusOr<OperatorPtr>;

  Result Measure(const Plan& plan, Result made) {
    if (context_.profile() == nullptr || !made.ok()) return made;
    return MakeMeasured(*std::move(made), plan, context_);
  }

  // --- Several threads

  // What of a plan is made for each thread besides its rows.
  using ForThread = std::function<absl::Status(Builder& builder, ThreadPipeline* pipeline)>;

  // Threads that share the plan's rows out; nullopt where that can't be or doesn't pay.
  absl::StatusOr<std::optional<SharedWork>> Share(const Plan& plan, const ForThread& for_thread) {
    if (context_.parallelism().threads < 2) return std::optional<SharedWork>();
    ANNALS_ASSIGN_OR_RETURN(std::optional<SharedWork> shared, ShareScan(plan));
    if (!shared.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(shared, ShareJoin(plan));
    }
    if (!shared.has_value() || for_thread == nullptr) return shared;
    for (ThreadPipeline& pipeline : shared->pipelines) {
      Builder builder(*pipeline.context);
      ANNALS_RETURN_IF_ERROR(for_thread(builder, &pipeline));
    }
    return shared;
  }

  // Shares of the scan that all is read by.
  absl::StatusOr<std::optional<SharedWork>> ShareScan(const Plan& plan) {
    const Parallelism& parallelism = context_.parallelism();
    const algebra::Scan* scan = SharedScanOf(plan);
    if (scan == nullptr) return std::optional<SharedWork>();
    const ScanPlan plan_of_scan = PlanScan(*scan);
    const ScanSpec& whole = plan_of_scan.spec;
    if (whole.prefix.size() > 2) return std::optional<SharedWork>();  // surely small
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(whole));
    // Runs are read faster than threads begin.
    if (rows < parallelism.least_rows * RowsOfRun(plan_of_scan)) return std::optional<SharedWork>();
    const uint64_t share_rows =
        parallelism.share_rows > 0
            ? parallelism.share_rows
            : std::clamp(rows / (parallelism.threads * kSharesOfThread), kLeastShare, kMostShare);

    SharedWork shared;
    shared.stopped = std::make_shared<std::atomic<bool>>(false);
    for (size_t i = 0; i < parallelism.threads; ++i) {
      bool keeps = false;
      ANNALS_ASSIGN_OR_RETURN(ThreadPipeline pipeline,
                              MakePipeline(shared.stopped, [&](Builder& builder) {
                                return builder.MakeOfShares(plan, &keeps);
                              }));
      // Joins that keep rows would do so again for each share.
      if (keeps) return std::optional<SharedWork>();
      if (i == 0) {
        ANNALS_ASSIGN_OR_RETURN(auto splitter,
                                context_.source().Split(pipeline.share->spec(), share_rows));
        if (splitter == nullptr) return std::optional<SharedWork>();
        shared.source = MakeScanShares(std::move(splitter));
      }
      pipeline.share->set_part(
          std::min(1.0, static_cast<double>(share_rows) / static_cast<double>(rows + 1)));
      shared.pipelines.push_back(std::move(pipeline));
    }
    return std::optional<SharedWork>(std::move(shared));
  }

  // About; fewer than least_rows runs are one thread's.
  static uint64_t RowsOfRun(const ScanPlan& scan) {
    if (!scan.reads_runs) return 1;
    return scan.variables.size() < 2 ? 64 : scan.variables.size() == 2 ? 4 : 2;
  }

  static constexpr uint64_t kSharesOfThread = 8, kLeastShare = 8192, kMostShare = 65536;

  // Shares of the batches that a join works on: it is made once, and read by one thread at a time.
  absl::StatusOr<std::optional<SharedWork>> ShareJoin(const Plan& plan) {
    const Parallelism& parallelism = context_.parallelism();
    const Plan* const join = SharedJoinOf(plan);
    if (join == nullptr) return std::optional<SharedWork>();
    ANNALS_ASSIGN_OR_RETURN(const bool pays, JoinsMany(*join));
    if (!pays) return std::optional<SharedWork>();

    SharedWork shared;
    shared.stopped = std::make_shared<std::atomic<bool>>(false);
    shared.reader.context = std::make_unique<Context>(context_, shared.stopped, parallelism);
    MeasureLike(context_, &shared.reader);
    Builder reader(*shared.reader.context);
    reader.outers_ = outers_;
    ANNALS_ASSIGN_OR_RETURN(shared.reader.root, reader.Make(*join));
    Operator& root = *shared.reader.root;
    if (root.batchwise() == nullptr) return std::optional<SharedWork>();
    shared.source = MakeBatchShares(
        *root.batchwise(), parallelism.share_rows > 0 ? parallelism.share_rows : kJoinedShare);
    for (size_t i = 0; i < parallelism.threads; ++i) {
      ANNALS_ASSIGN_OR_RETURN(ThreadPipeline pipeline,
                              MakePipeline(shared.stopped, [&](Builder& builder) {
                                const auto piecework = [&](const Plan&) -> Result {
                                  return MakePiecework(root, builder.context_);
                                };
                                return builder.MakeAbove(plan, piecework);
                              }));
      shared.pipelines.push_back(std::move(pipeline));
    }
    return std::optional<SharedWork>(std::move(shared));
  }

  static constexpr uint64_t kJoinedShare = 4096;

  // Whether some pattern that the join reads or looks up is large, and can be read by threads.
  absl::StatusOr<bool> JoinsMany(const Plan& join) {
    for (const algebra::Scan* pattern : LargePatternsOf(join)) {
      const ScanSpec spec = PlanScan(*pattern).spec;
      ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(spec));
      if (rows == 0 || rows < context_.parallelism().least_joined_rows()) continue;
      ANNALS_ASSIGN_OR_RETURN(const auto splitter, context_.source().Split(spec, rows));
      if (splitter != nullptr) return true;
    }
    return false;
  }

  // One thread's: what `make` makes in its context.
  absl::StatusOr<ThreadPipeline> MakePipeline(
      const std::shared_ptr<const std::atomic<bool>>& stopped,
      const std::function<Result(Builder& builder)>& make) {
    ThreadPipeline pipeline;
    pipeline.context = std::make_unique<Context>(context_, stopped);
    pipeline.share = std::make_unique<ThreadShare>();
    pipeline.context->set_share(pipeline.share.get());
    MeasureLike(context_, &pipeline);
    Builder builder(*pipeline.context);
    ANNALS_ASSIGN_OR_RETURN(pipeline.root, make(builder));
    return pipeline;
  }

  static void MeasureLike(const Context& context, ThreadPipeline* pipeline) {
    if (context.profile() == nullptr) return;
    pipeline->profile = std::make_unique<Profile>();
    pipeline->context->MeasureInto(pipeline->profile.get());
  }

  // What is row by row, of an input that `make_below` makes of the node below.
  Result MakeAbove(const Plan& plan, const std::function<Result(const Plan& below)>& make_below) {
    if (const auto* filter = std::get_if<algebra::Filter>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, MakeAbove(*filter->child, make_below));
      ANNALS_ASSIGN_OR_RETURN(RowConditions conditions,
                              MakeConditions(filter->conditions, input->variables()));
      return Measure(plan, MakeFilter(std::move(input), std::move(conditions), context_));
    }
    if (const auto* extend = std::get_if<algebra::Extend>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, MakeAbove(*extend->child, make_below));
      ANNALS_ASSIGN_OR_RETURN(auto expression,
                              MakeExpression(*extend->expression, input->variables()));
      return Measure(
          plan, MakeExtend(std::move(input), extend->variable, std::move(expression), context_));
    }
    if (const auto* project = std::get_if<algebra::Project>(&plan.node)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, MakeAbove(*project->child, make_below));
      return Measure(plan, MakeProject(std::move(input), project->variables));
    }
    return make_below(plan);
  }

  // In a thread's context: the parts of SharedScanOf.
  Result MakeOfShares(const Plan& plan, bool* keeps) {
    return MakeAbove(plan, [this, keeps](const Plan& below) -> Result {
      const MakeOperators make = [builder = *this, &below]() mutable {
        return builder.Make(below);
      };
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr made, MakeForEachShare(make, context_));
      // Joins by merging give their rows in order, all others don't.
      const bool is_join = std::holds_alternative<algebra::Join>(below.node);
      if (is_join && made->sorted_by().empty()) *keeps = true;
      return made;
    });
  }

  // --- The nodes

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
    ANNALS_ASSIGN_OR_RETURN(RowConditions conditions,
                            MakeConditions(node.conditions, sides.shape.variables));
    return MakeLeftJoin(std::move(sides.shape), std::move(sides.left), std::move(sides.right),
                        std::move(conditions), context_);
  }
  Result MakeOne(const algebra::SemiJoin& node) { return MakeSemi(false, node); }
  Result MakeOne(const algebra::AntiJoin& node) { return MakeSemi(true, node); }
  template <typename Node>
  Result MakeSemi(bool anti, const Node& node) {
    ANNALS_ASSIGN_OR_RETURN(Sides sides, MakeSides(node));
    ANNALS_ASSIGN_OR_RETURN(RowConditions conditions,
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
    return MakeDistinct(MakeProject(std::move(rows), node.variables), false, context_);
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
    ANNALS_ASSIGN_OR_RETURN(RowConditions conditions,
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
    const bool counts = std::all_of(
        node.aggregates.begin(), node.aggregates.end(), [](const algebra::Aggregate& aggregate) {
          return aggregate.function == algebra::AggregateFunction::kCountRows;
        });
    if (counts && !node.keys.empty() && ReadsOnePattern(*node.child)) {
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
      if (GivesGroups(*input, node.keys)) {
        std::vector<AggregateColumn> aggregates;
        ANNALS_RETURN_IF_ERROR(MakeAggregates(node, input->variables(), &aggregates));
        return MakeCountRuns(std::move(input), node.keys, std::move(aggregates), context_);
      }
    }
    const bool merges =
        std::all_of(node.aggregates.begin(), node.aggregates.end(), MergesAcrossThreads);
    if (merges) {
      std::vector<std::vector<AggregateColumn>> of_threads;
      const ForThread make_aggregates = [&](Builder& builder, ThreadPipeline* pipeline) {
        of_threads.emplace_back();
        return builder.MakeAggregates(node, pipeline->root->variables(), &of_threads.back());
      };
      ANNALS_ASSIGN_OR_RETURN(std::optional<SharedWork> shared,
                              Share(*node.child, make_aggregates));
      if (shared.has_value()) {
        std::vector<AggregateColumn> merged;
        const Variables columns = shared->pipelines[0].root->variables();
        ANNALS_RETURN_IF_ERROR(MakeAggregates(node, columns, &merged));
        return MakeSharedGroup(*std::move(shared), node.keys, std::move(of_threads),
                               std::move(merged), context_);
      }
    }
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, MakeWhole(*node.child));
    std::vector<AggregateColumn> aggregates;
    ANNALS_RETURN_IF_ERROR(MakeAggregates(node, input->variables(), &aggregates));
    return MakeGroup(std::move(input), node.keys, std::move(aggregates), context_);
  }
  absl::Status MakeAggregates(const algebra::Group& node, const Variables& columns,
                              std::vector<AggregateColumn>* aggregates) {
    for (const algebra::Aggregate& aggregate : node.aggregates) {
      AggregateColumn column{aggregate.function, aggregate.distinct, nullptr, nullptr,
                             aggregate.result};
      if (aggregate.argument != nullptr) {
        ANNALS_ASSIGN_OR_RETURN(column.argument, MakeExpression(*aggregate.argument, columns));
      }
      if (aggregate.by != nullptr) {
        ANNALS_ASSIGN_OR_RETURN(column.by, MakeExpression(*aggregate.by, columns));
      }
      aggregates->push_back(std::move(column));
    }
    return absl::OkStatus();
  }
  Result MakeOne(const algebra::Project& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeProject(std::move(input), node.variables);
  }
  Result MakeOne(const algebra::Distinct& node) {
    // What a thread has had already goes first there.
    const ForThread make_distinct = [&node](Builder& builder, ThreadPipeline* pipeline) {
      pipeline->root = MakeDistinct(std::move(pipeline->root), node.may_stop, builder.context_);
      return absl::OkStatus();
    };
    ANNALS_ASSIGN_OR_RETURN(std::optional<SharedWork> shared, Share(*node.child, make_distinct));
    if (shared.has_value()) {
      return MakeDistinct(MakeGather(*std::move(shared), context_), node.may_stop, context_);
    }
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeDistinct(std::move(input), node.may_stop, context_);
  }
  Result MakeOne(const algebra::Coalesce& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, Make(*node.child));
    return MakeCoalesce(std::move(input), node.time, context_);
  }
  Result MakeOne(const algebra::Sort& node) {
    ANNALS_ASSIGN_OR_RETURN(OperatorPtr input, MakeWhole(*node.child));
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
      ANNALS_ASSIGN_OR_RETURN(OperatorPtr unsorted, MakeWhole(*sort->child));
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
  absl::StatusOr<RowConditions> MakeConditions(
      const std::vector<algebra::ExpressionPtr>& expressions, const Variables& columns) {
    RowConditions conditions;
    ANNALS_ASSIGN_OR_RETURN(conditions.made, Compile(expressions, columns));
    // An `exists` keeps a table of its own: each thread would make it again.
    if (std::any_of(expressions.begin(), expressions.end(),
                    [](const auto& expression) { return HoldsExists(*expression); })) {
      return conditions;
    }
    conditions.again = [&expressions, columns](Context& thread) {
      return Builder(thread).Compile(expressions, columns);
    };
    return conditions;
  }
  absl::StatusOr<Conditions> Compile(const std::vector<algebra::ExpressionPtr>& expressions,
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
          (aggregate.function == algebra::AggregateFunction::kCountRows && variable == nullptr) ||
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
  return Builder(context).MakeWhole(plan);
}

}  // namespace annals::exec
