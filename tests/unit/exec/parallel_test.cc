// Several threads give what one gives, in the same order to the last digit, and stop when told to.
#include <catch2/catch.hpp>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "query/algebra/build.h"
#include "query/exec/operators.h"
#include "query/exec/result.h"
#include "storage/graph/store.h"
#include "tests/unit/store_fixture.h"

namespace annals::exec {
namespace {

using algebra::AggregateFunction;
using algebra::MakePlan;
using algebra::PlanPtr;
using algebra::Slot;

// Notes which threads scan.
class WatchedSource : public QuadSource {
 public:
  explicit WatchedSource(const GraphView& view) : of_(MakeGraphSource(view)) {}

  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override {
    const std::lock_guard<std::mutex> lock(mutex_);
    scanned_by_.insert(std::this_thread::get_id());
    scanned_in_shares_ |= !spec.share.first.empty() || !spec.share.last.empty();
    return of_->Scan(spec);
  }
  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override {
    return of_->CountRows(spec);
  }
  absl::StatusOr<std::unique_ptr<ScanSplitter>> Split(const ScanSpec& spec,
                                                      uint64_t rows) const override {
    return of_->Split(spec, rows);
  }
  absl::StatusOr<TermId> Find(const Term& term) const override { return of_->Find(term); }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    return of_->GetBatch(ids, out);
  }
  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const override {
    return of_->GetFact(number);
  }
  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override {
    return of_->SourcesOf(fact);
  }
  const std::string& base_iri() const override { return of_->base_iri(); }

  bool scanned_here_only() const {
    return scanned_by_ == std::set<std::thread::id>{std::this_thread::get_id()};
  }
  bool scanned_in_shares() const { return scanned_in_shares_; }

 private:
  const std::unique_ptr<QuadSource> of_;
  mutable std::mutex mutex_;
  mutable std::set<std::thread::id> scanned_by_;
  mutable bool scanned_in_shares_ = false;
};

// (Ei, P0 to P2, Ej or a number, a day), in blocks of 8.
class SharedFacts {
 public:
  SharedFacts() {
    StoreOptions options;
    options.block_rows = 8;
    store_ = Value(Store::Open(":memory:", options));
    auto load = Value(store_->BeginBulkLoad());
    std::mt19937 random(7);
    const auto below = [&](uint32_t end) { return static_cast<int>(random() % end); };
    const auto name = [](const char* of, int i) { return Term(Name{of + std::to_string(i)}); };
    for (int i = 0; i < 3000; ++i) {
      const int kind = below(4);
      const Term object = kind == 0   ? Term(0.1 * below(1000) + 1e-9 * below(1000))
                          : kind == 1 ? Term(int64_t{below(50)})
                                      : name("E", below(40));
      const Term time = below(5) == 0 ? Term() : Term(Time::FromDay(18000 + below(300)));
      load->Add(load->Intern(name("E", below(40))), load->Intern(name("P", below(3))),
                load->Intern(object), time.is_undefined() ? BulkLoad::kNone : load->Intern(time),
                BulkLoad::kNone);
    }
    Ok(load->Finish().status());
    Ok(store_->Fold());
    view_ = Value(store_->GetSnapshot());
  }

  const GraphView& view() const { return *view_; }

 private:
  std::unique_ptr<Store> store_;
  std::shared_ptr<const GraphView> view_;
};

Slot Named(const std::string& variable) { return {Slot::Kind::kVariable, variable, TermId()}; }

PlanPtr Pattern(const std::string& s, const std::string& p, const std::string& o,
                const std::string& t) {
  algebra::Scan scan;
  scan.subject = Named(s);
  scan.predicate = Named(p);
  scan.object = Named(o);
  if (!t.empty()) scan.time = Named(t);
  return MakePlan(std::move(scan));
}

algebra::ExpressionPtr Differ(const std::string& a, const std::string& b) {
  return algebra::MakeExpression(algebra::CompareExpr{
      algebra::CompareOp::kNotEqual, algebra::MakeVariable(a), algebra::MakeVariable(b)});
}

PlanPtr Filtered() {
  std::vector<algebra::ExpressionPtr> conditions;
  conditions.push_back(Differ("s", "o"));
  return algebra::MakeFilter(Pattern("s", "p", "o", "t"), std::move(conditions));
}

PlanPtr Joined() {
  std::vector<PlanPtr> children;
  children.push_back(Pattern("s", "p", "o", ""));
  children.push_back(Pattern("s", "p2", "o2", "t"));
  return MakePlan(algebra::Join{std::move(children)});
}

// Two keys, so that nothing merges: (a, p, b, t) both ways round.
PlanPtr BothWays() {
  std::vector<PlanPtr> children;
  children.push_back(Pattern("s", "p", "o", "t"));
  children.push_back(Pattern("o", "p", "s", "t2"));
  return MakePlan(algebra::Join{std::move(children)});
}

// One table above the other.
PlanPtr ThreeAtOnce() {
  std::vector<PlanPtr> children;
  children.push_back(Pattern("s", "p", "o", "t"));
  children.push_back(Pattern("s", "p", "o2", "t"));
  children.push_back(Pattern("s", "p", "o3", "t"));
  return MakePlan(algebra::Join{std::move(children)});
}

// A filtered side, and few rows that are looked up.
PlanPtr LookedUp(Slot predicate, const std::string& other) {
  algebra::Scan few;
  few.subject = {Slot::Kind::kVariable, "s", TermId()};
  few.predicate = std::move(predicate);
  few.object = {Slot::Kind::kVariable, "o", TermId()};
  std::vector<algebra::ExpressionPtr> conditions;
  conditions.push_back(algebra::MakeExpression(
      algebra::CompareExpr{algebra::CompareOp::kLess, algebra::MakeVariable("o"),
                           algebra::MakeConstant(Term(int64_t{2}), TermId::Integer(2))}));
  std::vector<PlanPtr> children;
  children.push_back(algebra::MakeFilter(MakePlan(std::move(few)), std::move(conditions)));
  children.push_back(Pattern("s", other, "o2", "t"));
  return MakePlan(algebra::Join{std::move(children)});
}

template <typename Node>
PlanPtr Beside(std::vector<algebra::ExpressionPtr> conditions) {
  Node node;
  node.left = Pattern("s", "p", "o", "t");
  node.right = Pattern("o", "p", "o2", "t");
  node.conditions = std::move(conditions);
  return MakePlan(std::move(node));
}

PlanPtr Above(PlanPtr join, const std::string& a, const std::string& b) {
  std::vector<algebra::ExpressionPtr> conditions;
  conditions.push_back(Differ(a, b));
  return algebra::MakeFilter(std::move(join), std::move(conditions));
}

std::vector<algebra::ExpressionPtr> One(algebra::ExpressionPtr condition) {
  std::vector<algebra::ExpressionPtr> conditions;
  conditions.push_back(std::move(condition));
  return conditions;
}

PlanPtr Grouped(PlanPtr child, std::vector<algebra::Variable> keys) {
  algebra::Group group;
  group.child = std::move(child);
  group.keys = std::move(keys);
  const auto add = [&](AggregateFunction function, bool distinct, const char* of) {
    algebra::Aggregate aggregate;
    aggregate.function = function;
    aggregate.distinct = distinct;
    if (of != nullptr) aggregate.argument = algebra::MakeVariable(of);
    aggregate.result = ".a" + std::to_string(group.aggregates.size());
    group.aggregates.push_back(std::move(aggregate));
  };
  add(AggregateFunction::kCountRows, false, nullptr);
  add(AggregateFunction::kCount, false, "t");
  add(AggregateFunction::kCount, true, "o");
  add(AggregateFunction::kSum, false, "o");
  add(AggregateFunction::kAvg, false, "o");
  add(AggregateFunction::kMin, false, "o");
  add(AggregateFunction::kMax, false, "t");
  add(AggregateFunction::kList, true, "o");
  algebra::Aggregate first;
  first.function = AggregateFunction::kFirst;
  first.argument = algebra::MakeVariable("o");
  first.by = algebra::MakeVariable("t");
  first.result = ".first";
  group.aggregates.push_back(std::move(first));
  return MakePlan(std::move(group));
}

std::vector<std::string> RowsOf(const algebra::Plan& plan, const QuadSource& source,
                                Parallelism parallelism, size_t batch_rows) {
  Context context(source, Limits(), batch_rows, parallelism);
  std::vector<std::string> rows;
  {
    ResultReader reader(Value(MakeOperator(plan, context)), context);
    while (Value(reader.Next())) {
      for (size_t row = 0; row < reader.rows(); ++row) {
        std::string line;
        for (size_t i = 0; i < reader.variables().size(); ++i) {
          line += LanguageText(reader.term(row, i)) + " | ";
        }
        rows.push_back(line);
      }
    }
  }
  CHECK(context.reserved() == 0);
  return rows;
}

TEST_CASE("what threads share is what one thread reads") {
  const SharedFacts facts;
  std::vector<PlanPtr> plans;
  plans.push_back(Filtered());
  plans.push_back(Grouped(Filtered(), {"p"}));
  plans.push_back(Grouped(Filtered(), {"s", "t"}));
  plans.push_back(Grouped(Filtered(), {}));
  plans.push_back(algebra::MakeDistinct(algebra::MakeProject(Filtered(), {"o", "p"})));
  plans.push_back(MakePlan(algebra::Sort{Filtered(), {{"t", true}, {"s", false}}}));
  plans.push_back(Joined());
  plans.push_back(Grouped(Joined(), {"o2"}));
  for (size_t i = 0; i < plans.size(); ++i) {
    const bool is_group = std::holds_alternative<algebra::Group>(plans[i]->node);
    const WatchedSource alone(facts.view());
    const auto expected = RowsOf(*plans[i], alone, {}, 2048);
    CHECK(alone.scanned_here_only());
    CHECK_FALSE(alone.scanned_in_shares());
    CHECK_FALSE(expected.empty());
    for (const size_t threads : {2u, 5u}) {
      for (const size_t batch_rows : {7u, 2048u}) {
        INFO("plan " << i << ", " << threads << " threads, batches of " << batch_rows);
        const WatchedSource shared(facts.view());
        CHECK(RowsOf(*plans[i], shared, {threads, 1, 20}, batch_rows) == expected);
        CHECK(shared.scanned_in_shares());
        // Who asks for groups works on shares, and may be faster than those begun to help.
        if (!is_group) CHECK_FALSE(shared.scanned_here_only());
      }
    }
  }
}

// In the same order, too: which side is kept doesn't depend on threads.
TEST_CASE("joins that keep rows are shared by threads") {
  const SharedFacts facts;
  struct Case {
    const char* name;
    PlanPtr plan;
    bool in_order = true;
  };
  std::vector<Case> cases;
  cases.push_back({"both ways", BothWays()});
  cases.push_back({"three at once", ThreeAtOnce()});
  const Slot p0{Slot::Kind::kConstant, "", Value(facts.view().Find(Term(Name{"P0"})))};
  cases.push_back({"looked up", LookedUp(p0, "p")});
  // Each thread merges or looks up by the size of its share.
  cases.push_back({"looked up or merged", LookedUp(Named("p"), "p"), false});
  cases.push_back({"filtered", Above(ThreeAtOnce(), "o", "o3")});
  cases.push_back({"left join", Beside<algebra::LeftJoin>({})});
  cases.push_back(
      {"left join with a condition", Beside<algebra::LeftJoin>(One(Differ("s", "o2")))});
  cases.push_back({"semijoin", Beside<algebra::SemiJoin>({})});
  cases.push_back({"semijoin with a condition", Beside<algebra::SemiJoin>(One(Differ("s", "o2")))});
  cases.push_back({"antijoin", Beside<algebra::AntiJoin>({})});
  cases.push_back({"antijoin with a condition", Beside<algebra::AntiJoin>(One(Differ("s", "o2")))});
  cases.push_back({"grouped", Grouped(ThreeAtOnce(), {"s", "t"})});
  cases.push_back({"counted", Grouped(Above(BothWays(), "t", "t2"), {})});
  cases.push_back(
      {"distinct", algebra::MakeDistinct(algebra::MakeProject(ThreeAtOnce(), {"o", "o3"}))});
  cases.push_back({"sorted", MakePlan(algebra::Sort{BothWays(), {{"t2", true}}})});
  for (const Case& one : cases) {
    const auto source = MakeGraphSource(facts.view());
    const auto rows = [&](const Parallelism& parallelism, size_t batch_rows) {
      auto found = RowsOf(*one.plan, *source, parallelism, batch_rows);
      if (!one.in_order) std::sort(found.begin(), found.end());
      return found;
    };
    const auto expected = rows({}, 64);
    CHECK_FALSE(expected.empty());
    for (const size_t threads : {2u, 3u}) {
      for (const uint64_t share_rows : {1u, 100u}) {
        INFO(one.name << ", " << threads << " threads, shares of " << share_rows);
        CHECK(rows({threads, 1, share_rows}, 64) == expected);
      }
    }
    INFO(one.name << ", small batches");
    CHECK(rows({2, 1, 1}, 7) == rows({}, 7));
  }
}

TEST_CASE("few rows are one thread's") {
  const SharedFacts facts;
  const WatchedSource source(facts.view());
  RowsOf(*Grouped(Filtered(), {"p"}), source, {4, 1000000, 0}, 2048);
  CHECK(source.scanned_here_only());
}

TEST_CASE("threads end with a question that isn't read to its end") {
  const SharedFacts facts;
  const auto source = MakeGraphSource(facts.view());
  for (const PlanPtr& plan : {Filtered(), ThreeAtOnce()}) {
    Context context(*source, Limits(), 4, {3, 1, 1});
    {
      const auto root = Value(MakeOperator(*plan, context));
      Batch batch;
      CHECK(Value(root->Next(&batch)));
    }
    CHECK(context.reserved() == 0);
  }
}

TEST_CASE("threads stop at the question's limits") {
  const SharedFacts facts;
  const auto source = MakeGraphSource(facts.view());
  for (const bool join : {false, true}) {
    INFO((join ? "a join" : "a scan"));
    const auto code = [&](const Limits& limits) {
      const PlanPtr plan = Grouped(join ? ThreeAtOnce() : Filtered(), {"s", "t", "o"});
      Context context(*source, limits, 16, {3, 1, 1});
      absl::StatusCode found = absl::StatusCode::kOk;
      {
        const auto root = Value(MakeOperator(*plan, context));
        Batch batch;
        found = root->Next(&batch).status().code();
      }
      CHECK(context.reserved() == 0);
      return found;
    };
    CHECK(code(Limits()) == absl::StatusCode::kOk);
    Limits memory;
    memory.memory_bytes = 20000;
    CHECK(code(memory) == absl::StatusCode::kResourceExhausted);
    Limits late;
    late.deadline = std::chrono::steady_clock::now();
    CHECK(code(late) == absl::StatusCode::kDeadlineExceeded);
    Limits interrupted;
    const std::atomic<bool> cancelled{true};
    interrupted.cancelled = &cancelled;
    CHECK(code(interrupted) == absl::StatusCode::kCancelled);
  }
}

}  // namespace
}  // namespace annals::exec
