// What random plans don't show: limits, the ways that joins take, order, and messages.
#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>

#include "query/algebra/build.h"
#include "query/exec/operator.h"
#include "query/exec/result.h"
#include "tests/unit/exec/memory_source.h"
#include "tests/unit/exec/reference.h"

namespace annals::exec {
namespace {

using algebra::MakeExpression;
using algebra::MakePlan;
using algebra::MakeVariable;
using algebra::PlanPtr;
using algebra::Slot;

Slot Variable(const char* name) {
  Slot slot;
  slot.kind = Slot::Kind::kVariable;
  slot.variable = name;
  return slot;
}
Slot Constant(TermId id) {
  Slot slot;
  slot.kind = Slot::Kind::kConstant;
  slot.id = id;
  return slot;
}

PlanPtr Scan(Slot subject, Slot predicate, Slot object) {
  algebra::Scan scan;
  scan.subject = std::move(subject);
  scan.predicate = std::move(predicate);
  scan.object = std::move(object);
  return MakePlan(std::move(scan));
}

template <typename... Plans>
PlanPtr Join(Plans... plans) {
  algebra::Join join;
  (join.children.push_back(std::move(plans)), ...);
  return MakePlan(std::move(join));
}

PlanPtr Numbers(const char* variable, int64_t from, int64_t to) {
  algebra::Values values;
  values.variables = {variable};
  for (int64_t i = from; i < to; ++i) values.rows.push_back({Term(i)});
  return MakePlan(std::move(values));
}

// Rows of the plan, as they come, or the error's message.
std::vector<std::string> Rows(const algebra::Plan& plan, Context& context) {
  auto root = MakeOperator(plan, context);
  if (!root.ok()) return {std::string(ToStd(root.status().message()))};
  ResultReader reader(std::move(*root), context);
  std::vector<std::string> rows;
  while (true) {
    const auto more = reader.Next();
    if (!more.ok()) return {std::string(ToStd(more.status().message()))};
    if (!*more) return rows;
    for (size_t row = 0; row < reader.rows(); ++row) {
      std::vector<Term> terms;
      for (size_t i = 0; i < reader.variables().size(); ++i) terms.push_back(reader.term(row, i));
      rows.push_back(RowText(terms));
    }
  }
}

absl::Status StatusOf(const algebra::Plan& plan, const MemorySource& source, const Limits& limits) {
  Context context(source, limits);
  auto root = MakeOperator(plan, context);
  if (!root.ok()) return root.status();
  ResultReader reader(std::move(*root), context);
  while (true) {
    const auto more = reader.Next();
    if (!more.ok()) return more.status();
    if (!*more) return absl::OkStatus();
  }
}

TEST_CASE("a cross product stops at its limits") {
  const MemorySource source;
  const auto cross = [] {
    return Join(Numbers("a", 0, 5000), Numbers("b", 0, 5000), Numbers("c", 0, 5000));
  };
  // Nothing of it fulfils the condition, so it never gives a row.
  algebra::Filter filter;
  filter.child = cross();
  filter.conditions.push_back(MakeExpression(
      algebra::CompareExpr{algebra::CompareOp::kLess, MakeVariable("a"),
                           MakeExpression(algebra::ConstantExpr{Term(int64_t{-1}), TermId()})}));
  const PlanPtr plan = MakePlan(std::move(filter));

  Limits limits;
  const auto start = std::chrono::steady_clock::now();
  limits.deadline = start + std::chrono::milliseconds(100);
  CHECK(absl::IsDeadlineExceeded(StatusOf(*plan, source, limits)));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));

  std::atomic<bool> cancelled = true;
  limits.deadline.reset();
  limits.cancelled = &cancelled;
  CHECK(absl::IsCancelled(StatusOf(*plan, source, limits)));

  limits.cancelled = nullptr;
  limits.rows = 10000;
  CHECK(absl::IsResourceExhausted(StatusOf(*cross(), source, limits)));
}

TEST_CASE("a join whose pairs never agree stops at its deadline") {
  // All rows of one side have an empty value, so that every pair must be looked at.
  const MemorySource source;
  algebra::Values left, right;
  left.variables = {"a", "b"};
  right.variables = {"a", "b"};
  for (int64_t i = 0; i < 20000; ++i) {
    left.rows.push_back({Term(), Term(i)});
    right.rows.push_back({Term(), Term(i + 100000)});
  }
  const PlanPtr plan = Join(MakePlan(std::move(left)), MakePlan(std::move(right)));
  Limits limits;
  const auto start = std::chrono::steady_clock::now();
  limits.deadline = start;  // over before it began
  Context context(source, limits);
  CHECK(absl::IsDeadlineExceeded(StatusOf(*plan, source, limits)));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
}

TEST_CASE("what operators keep is limited") {
  const MemorySource source;
  const auto numbers = [] { return Join(Numbers("a", 0, 3000), Numbers("b", 0, 30)); };
  Limits limits;
  limits.memory_bytes = 300000;
  std::vector<PlanPtr> plans;
  plans.push_back(MakePlan(algebra::Sort{numbers(), {{"a", false}}}));
  plans.push_back(MakePlan(algebra::Distinct{numbers()}));
  plans.push_back(MakePlan(algebra::Group{numbers(), {"a", "b"}, {}}));
  plans.push_back(MakePlan(algebra::LeftJoin{Numbers("a", 0, 1), numbers(), {}, 0}));
  plans.push_back(MakePlan(algebra::AntiJoin{Numbers("a", 0, 1), numbers(), {}, 0}));
  for (const PlanPtr& plan : plans) {
    CHECK(absl::IsResourceExhausted(StatusOf(*plan, source, limits)));
    CHECK(StatusOf(*plan, source, Limits()).ok());
  }
  // Only the first rows are kept.
  algebra::Limit limit;
  limit.child = MakePlan(algebra::Sort{numbers(), {{"b", true}, {"a", false}}});
  limit.limit = 2;
  const PlanPtr top = MakePlan(std::move(limit));
  limits.memory_bytes = 2000000;
  CHECK(StatusOf(*top, source, limits).ok());
  Context context(source, limits);
  CHECK(Rows(*top, context) == std::vector<std::string>{"0 | 29 | ", "1 | 29 | "});
}

TEST_CASE("a distinct that may stop does so where few rows repeat") {
  const MemorySource source;
  const auto rows_of = [&](algebra::Distinct distinct) {
    Context context(source, Limits());
    return Rows(*MakePlan(std::move(distinct)), context).size();
  };
  const auto pairs = [] { return Join(Numbers("a", 0, 300), Numbers("b", 0, 300)); };
  const auto twice = [&] {
    std::vector<PlanPtr> branches;
    branches.push_back(pairs());
    branches.push_back(pairs());
    return MakePlan(algebra::Union{std::move(branches)});
  };
  const auto firsts = [&] { return MakePlan(algebra::Project{pairs(), {"a"}}); };
  CHECK(rows_of({twice()}) == 90000);
  CHECK(rows_of({twice(), true}) == 180000);
  CHECK(rows_of({firsts(), true}) == 300);
}

// 1000 facts (item i, likes, item i + 1), and a few of another predicate.
struct Chain {
  MemorySource source;
  TermId likes, owns;

  Chain() {
    const Term likes_term = Name{"likes"}, owns_term = Name{"owns"};
    for (int i = 0; i < 1000; ++i) {
      source.Add(Name{"item " + std::to_string(i)}, likes_term,
                 Name{"item " + std::to_string(i + 1)}, Term(), {Name{"Paper"}});
    }
    source.Add(Name{"Ada"}, owns_term, Name{"item 7"}, Term(), {Name{"Paper"}, Name{"Post"}});
    source.Add(Name{"Ada"}, owns_term, Name{"item 500"}, Term(), {Name{"Paper"}});
    likes = source.Intern(likes_term);
    owns = source.Intern(owns_term);
  }
};

TEST_CASE("a few rows are looked up") {
  const Chain chain;
  Context context(chain.source, Limits());
  const PlanPtr plan =
      Join(Scan(Constant(*chain.source.Find(Name{"Ada"})), Constant(chain.owns), Variable("x")),
           Scan(Variable("x"), Constant(chain.likes), Variable("y")));
  auto rows = Rows(*plan, context);
  std::sort(rows.begin(), rows.end());
  CHECK(rows == std::vector<std::string>{"item 500 | item 501 | ", "item 7 | item 8 | "});
  CHECK(chain.source.rows_read <= 4);
}

// One or more, or exactly `steps`, of a predicate.
PlanPtr Path(Slot from, TermId predicate, Slot to, uint32_t steps = 0) {
  algebra::Path path;
  path.from = std::move(from);
  path.to = std::move(to);
  path.places.resize(std::max(steps, 1u) + 1);
  for (uint32_t place = 0; place + 1 < path.places.size(); ++place) {
    path.places[place].next = {place + 1};
    path.places[place + 1].ways.push_back({predicate, {}, false});
  }
  if (steps == 0) path.places[1].next = {1};
  path.places.back().last = true;
  return MakePlan(std::move(path));
}

TEST_CASE("a path is followed from the rows that it is joined with") {
  const Chain chain;
  Context context(chain.source, Limits());
  const auto owned = [&] {
    return Scan(Constant(*chain.source.Find(Name{"Ada"})), Constant(chain.owns), Variable("x"));
  };
  auto rows = Rows(*Join(owned(), Path(Variable("x"), chain.likes, Variable("y"), 3)), context);
  std::sort(rows.begin(), rows.end());
  CHECK(rows == std::vector<std::string>{"item 500 | item 503 | ", "item 7 | item 10 | "});
  CHECK(chain.source.rows_read <= 8);
  rows = Rows(*Join(owned(), Path(Variable("y"), chain.likes, Variable("x"), 2)), context);
  std::sort(rows.begin(), rows.end());
  CHECK(rows == std::vector<std::string>{"item 500 | item 498 | ", "item 7 | item 5 | "});
  CHECK(chain.source.rows_read <= 14);
}

TEST_CASE("a path stops at its limits") {
  const Chain chain;
  const PlanPtr plan = Path(Variable("x"), chain.likes, Variable("y"));
  CHECK(StatusOf(*plan, chain.source, Limits()).ok());
  Limits limits;
  limits.memory_bytes = 20000;
  CHECK(absl::IsResourceExhausted(StatusOf(*plan, chain.source, limits)));
  limits = Limits();
  limits.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
  CHECK(absl::IsDeadlineExceeded(StatusOf(*plan, chain.source, limits)));
  const std::atomic<bool> cancelled = true;
  limits = Limits();
  limits.cancelled = &cancelled;
  CHECK(absl::IsCancelled(StatusOf(*plan, chain.source, limits)));
}

TEST_CASE("two sorted patterns are merged, and skip") {
  Chain chain;
  const TermId blue = chain.source.Intern(Name{"blue"});
  const TermId colour = chain.source.Intern(Name{"colour"});
  for (int i = 0; i < 1000; ++i) {
    chain.source.Add(Name{"item " + std::to_string(i * 3)}, Name{"colour"}, Name{"blue"}, Term());
  }
  for (int i = 0; i < 1000; ++i) {
    chain.source.Add(Name{"item " + std::to_string(i * 2)}, Name{"shape"}, Name{"round"}, Term());
  }
  Context context(chain.source, Limits(), 16);
  const PlanPtr plan = Join(Scan(Variable("x"), Constant(colour), Constant(blue)),
                            Scan(Variable("x"), Constant(chain.source.Intern(Name{"shape"})),
                                 Constant(chain.source.Intern(Name{"round"}))));
  auto root = MakeOperator(*plan, context);
  REQUIRE(root.ok());
  CHECK((*root)->sorted_by() == std::vector<std::string>{"x"});
  root->reset();
  CHECK(Rows(*plan, context).size() == 334);
  CHECK(chain.source.skips > 0);
  CHECK(chain.source.seeks == 0);
}

TEST_CASE("counting the facts of a pattern reads none") {
  const Chain chain;
  Context context(chain.source, Limits());
  algebra::Group group;
  group.child = Scan(Variable("x"), Constant(chain.likes), Variable("y"));
  group.aggregates.push_back(
      {algebra::AggregateFunction::kCountRows, false, nullptr, nullptr, "n"});
  group.aggregates.push_back(
      {algebra::AggregateFunction::kCount, false, MakeVariable("x"), nullptr, "m"});
  const PlanPtr plan = MakePlan(std::move(group));
  CHECK(Rows(*plan, context) == std::vector<std::string>{"1000 | 1000 | "});
  CHECK(chain.source.rows_read == 0);
}

TEST_CASE("the sources of a few facts are looked up") {
  const Chain chain;
  Context context(chain.source, Limits());
  algebra::Scan scan;
  scan.subject = Variable("x");
  scan.predicate = Constant(chain.owns);
  scan.object = Constant(*chain.source.Find(Name{"item 7"}));
  scan.source = Variable("s");
  scan.with_source = true;
  auto rows = Rows(*MakePlan(std::move(scan)), context);
  std::sort(rows.begin(), rows.end());
  CHECK(rows == std::vector<std::string>{"Ada | Paper | ", "Ada | Post | "});
  CHECK(chain.source.rows_read < 10);
}

TEST_CASE("empty values come last, and first when descending; equal rows keep their order") {
  const MemorySource source;
  Context context(source, Limits(), 2);
  const auto values = [] {
    algebra::Values rows;
    rows.variables = {"a", "n"};
    rows.rows = {{Term(int64_t{2}), Term(int64_t{1})}, {Term(), Term(int64_t{2})},
                 {Name{"Bo"}, Term(int64_t{3})},       {Term(int64_t{1}), Term(int64_t{4})},
                 {Term(int64_t{2}), Term(int64_t{5})}, {*ParseNumber("1.5"), Term(int64_t{6})}};
    return MakePlan(std::move(rows));
  };
  CHECK(Rows(*MakePlan(algebra::Sort{values(), {{"a", false}}}), context) ==
        std::vector<std::string>{"1 | 4 | ", "1.5 | 6 | ", "2 | 1 | ", "2 | 5 | ", "Bo | 3 | ",
                                 "- | 2 | "});
  CHECK(Rows(*MakePlan(algebra::Sort{values(), {{"a", true}}}), context) ==
        std::vector<std::string>{"- | 2 | ", "Bo | 3 | ", "2 | 1 | ", "2 | 5 | ", "1.5 | 6 | ",
                                 "1 | 4 | "});
}

TEST_CASE("sums leave 64 bits, and durations have sums") {
  const MemorySource source;
  Context context(source, Limits());
  const auto total = [&](std::vector<std::vector<Term>> rows, algebra::AggregateFunction function) {
    algebra::Values values;
    values.variables = {"a"};
    values.rows = std::move(rows);
    algebra::Group group;
    group.child = MakePlan(std::move(values));
    group.aggregates.push_back({function, false, MakeVariable("a"), nullptr, "n"});
    return Rows(*MakePlan(std::move(group)), context)[0];
  };
  using enum algebra::AggregateFunction;
  CHECK(total({{Term(INT64_MAX)}, {Term(INT64_MAX)}, {Term(int64_t{2})}}, kSum) ==
        "18446744073709551616 | ");
  CHECK(total({{Term(int64_t{1})}, {Term(int64_t{2})}, {Name{"Bo"}}, {Term()}}, kAvg) == "1.5 | ");
  CHECK(total({{*MakeDuration(1, TimeUnit::kDay)}, {*MakeDuration(3, TimeUnit::kDay)}}, kSum) ==
        "4 days | ");
  CHECK(total({{*MakeDuration(1, TimeUnit::kDay)}, {*MakeDuration(3, TimeUnit::kDay)}}, kAvg) ==
        "2 days | ");
  CHECK(total({}, kSum) == "0 | ");
  CHECK(total({}, kAvg) == "- | ");
  CHECK(total({}, kCount) == "0 | ");
  CHECK(total({}, kList) == "- | ");
}

TEST_CASE("a constant that a function can't take is a message") {
  const MemorySource source;
  Context context(source, Limits());
  algebra::CallExpr call;
  call.function = "matches";
  call.arguments.push_back(MakeVariable("a"));
  call.arguments.push_back(algebra::MakeConstant(Text{"(", ""}, TermId()));
  algebra::Filter filter;
  filter.child = Numbers("a", 0, 1);
  filter.conditions.push_back(MakeExpression(std::move(call)));
  const PlanPtr plan = MakePlan(std::move(filter));
  CHECK(Rows(*plan, context) ==
        std::vector<std::string>{"matches: the pattern can't be read: missing ): ("});
}

}  // namespace
}  // namespace annals::exec
