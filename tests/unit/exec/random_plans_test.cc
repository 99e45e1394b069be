// Random plans over random small data: the operators give the rows that the definition gives, in
// batches of any size.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <random>
#include <set>

#include "query/algebra/build.h"
#include "query/algebra/dump.h"
#include "query/exec/operator.h"
#include "query/exec/result.h"
#include "tests/unit/exec/reference.h"

namespace annals::exec {
namespace {

using algebra::ExpressionPtr;
using algebra::MakeExpression;
using algebra::MakePlan;
using algebra::PlanPtr;
using algebra::Slot;
using Names = std::vector<std::string>;

Term TimeTerm(std::string_view text) { return *Time::Parse(text); }

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {
    for (const char* name : {"Ada", "Bo", "Cy", "Di"}) entities_.push_back(Name{name});
    for (const char* name : {"met", "knows", "likes"}) predicates_.push_back(Name{name});
    times_ = {TimeTerm("2024"),
              TimeTerm("2024-06"),
              TimeTerm("2024-06-19"),
              TimeTerm("2024-05-14.."),
              TimeTerm("2023..2024-01"),
              TimeTerm("..2024-06-18"),
              TimeTerm("2024-06-19T10:30"),
              TimeTerm("2024-06-19T10:30..2024-06-20T00:00")};
    values_ = {Term(int64_t{1}),    Term(int64_t{2024}), *ParseNumber("1.0"), *ParseNumber("2.5e0"),
               Term(true),          Text{"one", ""},     Text{"one", "en"},   Name{"one"},
               TimeTerm("2024-06"), Iri{"urn:one"}};
    Fill();
    if (seed % 2 == 1) source_.count_factor = 64;
  }

  const MemorySource& source() const { return source_; }

  PlanPtr Plan(int depth) {
    PlanPtr plan = Inner(depth);
    return plan;
  }

 private:
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }
  bool Chance(int percent) { return static_cast<int>(Below(100)) < percent; }
  template <typename T>
  const T& Pick(const std::vector<T>& from) {
    return from[Below(from.size())];
  }
  std::string AnyVariable() { return Pick(Names{"a", "b", "c", "t"}); }
  Term AnyTerm() {
    const size_t kind = Below(3);
    return kind == 0 ? Pick(entities_) : kind == 1 ? Pick(times_) : Pick(values_);
  }

  void Fill() {
    const size_t facts = 5 + Below(40);
    std::vector<Term> known;
    std::set<std::string> seen;
    for (size_t i = 0; i < facts; ++i) {
      Term subject = Chance(15) && !known.empty() ? Pick(known) : Pick(entities_);
      const Term predicate = Pick(predicates_);
      const Term object = Chance(60) ? Pick(entities_) : AnyTerm();
      const Term time = Chance(50) ? Pick(times_) : Term();
      if (!seen.insert(RowText({subject, predicate, object, time})).second) continue;
      std::vector<Term> sources;
      if (Chance(30)) sources.push_back(Term());
      if (Chance(50)) sources.push_back(Name{"Paper"});
      if (Chance(50) || sources.empty()) sources.push_back(Name{"Ada"});
      known.push_back(FactRef{source_.Add(subject, predicate, object, time, sources)});
    }
  }

  Slot VariableSlot(std::string name) {
    Slot slot;
    slot.kind = Slot::Kind::kVariable;
    slot.variable = std::move(name);
    return slot;
  }
  Slot RandomSlot(const std::vector<Term>& constants) {
    if (Chance(20)) return Slot();
    if (Chance(60)) return VariableSlot(AnyVariable());
    Slot slot;
    slot.kind = Slot::Kind::kConstant;
    slot.id = source_.Intern(Pick(constants));
    return slot;
  }

  PlanPtr Scan() {
    algebra::Scan scan;
    scan.subject = RandomSlot(entities_);
    scan.predicate = RandomSlot(predicates_);
    scan.object = RandomSlot(Chance(70) ? entities_ : values_);
    if (Chance(40)) {
      scan.dated = true;
      if (Chance(70)) scan.time = Chance(85) ? VariableSlot("t") : RandomSlot(times_);
      if (Chance(40)) {
        const Term time = Pick(times_);
        scan.window = TimeWindow{time.As<Time>()->first(), time.As<Time>()->last()};
      }
    } else if (Chance(20)) {
      scan.time = VariableSlot("t");
    }
    if (Chance(20)) {
      scan.fact = VariableSlot(Chance(80) ? "f" : "a");
      if (Chance(20)) {
        scan.fact = Slot();
        scan.fact.kind = Slot::Kind::kConstant;
        scan.fact.id = TermId::Fact(1 + Below(source_.facts().size()));
      }
    }
    if (Chance(25)) {
      scan.with_source = true;
      if (Chance(80)) scan.source = RandomSlot({Name{"Paper"}, Name{"Ada"}});
    }
    return MakePlan(std::move(scan));
  }

  // One or more of some steps, perhaps with others before, between or instead.
  PlanPtr Path() {
    algebra::Path path;
    path.places.resize(2 + Below(3));
    const auto count = static_cast<uint32_t>(path.places.size());
    for (uint32_t place = 0; place < count; ++place) {
      for (size_t ways = place == 0 ? 0 : 1 + Below(2); ways > 0; --ways) {
        algebra::PathWay way;
        if (Chance(80)) way.predicate = source_.Intern(Pick(predicates_));
        if (!way.predicate.has_value() && Chance(60)) {
          way.except.push_back(source_.Intern(Pick(predicates_)));
        }
        way.backward = Chance(30);
        path.places[place].ways.push_back(std::move(way));
      }
      for (uint32_t next = 1; next < count; ++next) {
        if (Chance(next == place + 1 ? 80 : 40)) path.places[place].next.push_back(next);
      }
      path.places[place].last = Chance(place + 1 == count ? 100 : 20);
    }
    path.from = RandomSlot(entities_);
    path.to = RandomSlot(entities_);
    path.dated = Chance(20);
    if (path.dated && Chance(60)) {
      const Term time = Pick(times_);
      path.window = TimeWindow{time.As<Time>()->first(), time.As<Time>()->last()};
    }
    return MakePlan(std::move(path));
  }

  PlanPtr Values() {
    algebra::Values values;
    values.variables = Chance(50) ? Names{"a"} : Names{"b", "c"};
    const size_t rows = Below(4);
    for (size_t i = 0; i < rows; ++i) {
      auto& row = values.rows.emplace_back();
      for (size_t j = 0; j < values.variables.size(); ++j) {
        row.push_back(Chance(20) ? Term() : Chance(70) ? Pick(entities_) : AnyTerm());
      }
    }
    return MakePlan(std::move(values));
  }

  ExpressionPtr Constant() {
    const Term term = Chance(10) ? Term(Text{"unknown", ""}) : AnyTerm();
    return MakeExpression(algebra::ConstantExpr{term, *source_.Find(term)});
  }
  ExpressionPtr Value(int depth) {
    if (depth <= 0 || Chance(40)) {
      return Chance(70) ? algebra::MakeVariable(AnyVariable()) : Constant();
    }
    const size_t kind = Below(5);
    if (kind == 0) {
      return MakeExpression(algebra::ArithmeticExpr{static_cast<algebra::ArithmeticOp>(Below(5)),
                                                    Value(depth - 1), Value(depth - 1)});
    }
    if (kind == 1) return MakeExpression(algebra::NegateExpr{Value(depth - 1)});
    if (kind == 2) return Condition(depth - 1);
    algebra::CallExpr call;
    call.function = Pick(Names{"name", "text", "length", "year", "start", "coalesce", "is_time",
                               "if", "object", "concat"});
    call.arguments.push_back(Value(depth - 1));
    if (call.function == "coalesce" || call.function == "if" || call.function == "concat") {
      call.arguments.push_back(Value(depth - 1));
    }
    if (call.function == "if") call.arguments.push_back(Value(depth - 1));
    return MakeExpression(std::move(call));
  }
  ExpressionPtr Condition(int depth) {
    const size_t kind = Below(depth <= 0 ? 3 : 8);
    if (kind == 1) {
      return MakeExpression(algebra::TimeExpr{static_cast<algebra::TimeOperator>(Below(5)),
                                              Chance(50), Value(0), Value(0)});
    }
    if (kind == 2) {
      algebra::InExpr in;
      in.value = Value(depth - 1);
      for (size_t i = 0; i < 1 + Below(3); ++i) in.list.push_back(Constant());
      return MakeExpression(std::move(in));
    }
    if (kind == 3) return MakeExpression(algebra::NotExpr{Condition(depth - 1)});
    if (kind == 4 || kind == 5) {
      std::vector<ExpressionPtr> operands;
      for (size_t i = 0; i < 2 + Below(2); ++i) operands.push_back(Condition(depth - 1));
      if (kind == 4) return MakeExpression(algebra::AndExpr{std::move(operands)});
      return MakeExpression(algebra::OrExpr{std::move(operands)});
    }
    if (kind == 6) return Exists();
    return MakeExpression(algebra::CompareExpr{static_cast<algebra::CompareOp>(Below(6)),
                                               Value(depth - 1), Value(depth - 1)});
  }
  ExpressionPtr Exists() {
    algebra::ExistsExpr exists;
    exists.plan = Scan();
    exists.shared = {"a", "b"};
    if (Chance(50)) {
      exists.outer = ++outers_;
      std::vector<PlanPtr> children;
      children.push_back(MakePlan(algebra::OuterRef{exists.outer, {"a", "c"}}));
      children.push_back(std::move(exists.plan));
      exists.plan = MakePlan(algebra::Join{std::move(children)});
      exists.shared = {"a", "b", "c"};
    }
    return MakeExpression(std::move(exists));
  }
  std::vector<ExpressionPtr> Conditions(size_t most) {
    std::vector<ExpressionPtr> conditions;
    for (size_t i = Below(most + 1); i > 0; --i) conditions.push_back(Condition(2));
    return conditions;
  }

  template <typename Node>
  PlanPtr TwoSided(int depth) {
    Node node;
    node.left = Inner(depth - 1);
    node.right = Inner(depth - 1);
    node.conditions = Conditions(1);
    if (Chance(30)) {
      node.outer = ++outers_;
      std::vector<PlanPtr> children;
      children.push_back(MakePlan(algebra::OuterRef{node.outer, {"a", "b"}}));
      children.push_back(std::move(node.right));
      node.right = MakePlan(algebra::Join{std::move(children)});
    }
    return MakePlan(std::move(node));
  }

  PlanPtr Grouped(int depth) {
    algebra::Group group;
    group.child = MakePlan(algebra::Distinct{Inner(depth - 1)});
    if (Chance(70)) group.keys.push_back(AnyVariable());
    const size_t count = 1 + Below(3);
    for (size_t i = 0; i < count; ++i) {
      algebra::Aggregate aggregate;
      aggregate.function = static_cast<algebra::AggregateFunction>(Below(9));
      aggregate.distinct = Chance(30);
      if (aggregate.function != algebra::AggregateFunction::kCountRows) {
        aggregate.argument = Value(1);
      }
      if (aggregate.function == algebra::AggregateFunction::kFirst ||
          aggregate.function == algebra::AggregateFunction::kLast) {
        aggregate.by = Value(1);
        aggregate.distinct = false;
      }
      aggregate.result = "g" + std::to_string(i);
      group.aggregates.push_back(std::move(aggregate));
    }
    return MakePlan(std::move(group));
  }

  // Sorted by all columns, or with ties, so that it is certain which rows remain.
  PlanPtr Limited(int depth) {
    algebra::Sort sort;
    sort.child = Inner(depth - 1);
    algebra::Limit limit;
    limit.with_ties = Chance(50);
    for (const auto& variable : algebra::VariablesOf(*sort.child)) {
      if (!limit.with_ties || Chance(50)) sort.keys.push_back({variable, Chance(40)});
    }
    if (sort.keys.empty()) {
      limit.with_ties = false;
      for (const auto& variable : algebra::VariablesOf(*sort.child))
        sort.keys.push_back({variable});
    }
    const bool all = sort.keys.size() == algebra::VariablesOf(*sort.child).size();
    limit.keys = sort.keys;
    if (Chance(80)) limit.limit = Below(6);
    if (all && Chance(40)) limit.offset = Below(4);
    limit.child = MakePlan(std::move(sort));
    return MakePlan(std::move(limit));
  }

  // Of patterns in a circle or not, some columns shown and others sought.
  PlanPtr Multiway(int depth) {
    algebra::MultiwayJoin join;
    Names circle = {"a", "b", "c", "a"};
    const size_t patterns = 2 + Below(3);
    for (size_t i = 0; i < patterns; ++i) {
      algebra::Scan scan;
      const size_t at = Below(3);
      scan.subject = Chance(80) ? VariableSlot(circle[at]) : RandomSlot(entities_);
      scan.object = VariableSlot(circle[at + 1]);
      if (Chance(60)) scan.predicate = RandomSlot(predicates_);
      if (Chance(30)) {
        scan.dated = true;
        scan.time = VariableSlot(Chance(50) ? "t" : "u");
      }
      join.children.push_back(MakePlan(std::move(scan)));
    }
    if (depth > 0 && Chance(30)) {
      PlanPtr other = Inner(depth - 1);
      const Names certain = algebra::CertainVariablesOf(*other);
      if (!certain.empty()) {
        join.children.push_back(MakePlan(algebra::Project{std::move(other), certain}));
      }
    }
    for (const auto& child : join.children) {
      algebra::AddVariables(algebra::VariablesOf(*child), &join.variables);
    }
    std::shuffle(join.variables.begin(), join.variables.end(), random_);
    join.shown = Chance(50) ? join.variables.size() : Below(join.variables.size() + 1);
    return MakePlan(std::move(join));
  }

  PlanPtr Inner(int depth) {
    if (depth <= 0) return Chance(10) ? Path() : Chance(85) ? Scan() : Values();
    switch (Below(14)) {
      case 0:
        return TwoSided<algebra::LeftJoin>(depth);
      case 1:
        return TwoSided<algebra::SemiJoin>(depth);
      case 2:
        return TwoSided<algebra::AntiJoin>(depth);
      case 3: {
        std::vector<PlanPtr> children;
        for (size_t i = 0; i < 2 + Below(2); ++i) children.push_back(Inner(depth - 1));
        return MakePlan(algebra::Union{std::move(children)});
      }
      case 4:
        return MakePlan(algebra::Filter{Inner(depth - 1), Conditions(2)});
      case 5: {
        PlanPtr child = Inner(depth - 1);
        const std::string name = "x" + std::to_string(++extends_);
        return MakePlan(algebra::Extend{std::move(child), name, Value(2)});
      }
      case 6:
        return Grouped(depth);
      case 7:
        return MakePlan(algebra::Project{Inner(depth - 1), Names{"b", "a", "zz"}});
      case 8:
        return MakePlan(algebra::Distinct{Inner(depth - 1)});
      case 9:
        return Limited(depth);
      case 10:
        return Multiway(depth);
      default: {
        std::vector<PlanPtr> children;
        for (size_t i = 0; i < 2 + Below(2); ++i) {
          children.push_back(Chance(60) ? Scan() : Chance(15) ? Path() : Inner(depth - 1));
          if (Chance(20)) {
            children.back() = MakePlan(algebra::Filter{std::move(children.back()), Conditions(1)});
          }
        }
        return MakePlan(algebra::Join{std::move(children)});
      }
    }
  }

  std::mt19937 random_;
  MemorySource source_;
  std::vector<Term> entities_, predicates_, times_, values_;
  int outers_ = 0, extends_ = 0;
};

std::vector<std::string> Run(const algebra::Plan& plan, const MemorySource& source,
                             const Names& columns, size_t batch_rows) {
  Context context(source, Limits(), batch_rows);
  auto root = MakeOperator(plan, context);
  INFO(root.status());
  REQUIRE(root.ok());
  // Rows must be sorted as promised.
  const auto sorted_by = (*root)->sorted_by();
  ResultReader reader(std::move(*root), context);
  std::vector<std::string> rows;
  std::vector<TermId> last;
  while (true) {
    const auto more = reader.Next();
    INFO(more.status());
    REQUIRE(more.ok());
    if (!*more) break;
    REQUIRE(reader.rows() > 0);
    for (size_t row = 0; row < reader.rows(); ++row) {
      const auto place = [&](const std::string& name) {
        const auto& variables = reader.variables();
        return static_cast<size_t>(std::find(variables.begin(), variables.end(), name) -
                                   variables.begin());
      };
      std::vector<Term> terms;
      for (const auto& column : columns) terms.push_back(reader.term(row, place(column)));
      rows.push_back(RowText(terms));
      std::vector<TermId> order;
      for (const auto& variable : sorted_by) order.push_back(reader.id(row, place(variable)));
      CHECK(last <= order);
      last = order;
    }
  }
  const auto again = reader.Next();
  REQUIRE((again.ok() && !*again));
  return rows;
}

std::string Dumped(const algebra::Plan& plan, const MemorySource& source) {
  return algebra::DumpPlan(plan, [&](TermId id) { return RowText({source.TermOf(id)}); });
}

bool IsOrdered(const algebra::Plan& plan) {
  return std::holds_alternative<algebra::Sort>(plan.node);
}

TEST_CASE("random plans give what their definition gives") {
  const char* effort = std::getenv("ANNALS_TEST_EFFORT");
  const int rounds = 1500 * (effort == nullptr ? 100 : std::max(1, std::atoi(effort))) / 100;
  size_t rows_seen = 0;
  for (int round = 0; round < rounds; ++round) {
    Generator generator(static_cast<uint32_t>(round));
    const PlanPtr plan = generator.Plan(1 + round / 2 % 4);
    const Names columns = algebra::VariablesOf(*plan);
    std::vector<std::string> expected;
    const ReferenceRows reference = EvaluateByDefinition(*plan, generator.source());
    if (reference.size() > 3000) continue;
    for (const auto& row : reference) expected.push_back(RowText(row, columns));
    if (!IsOrdered(*plan)) std::sort(expected.begin(), expected.end());
    rows_seen += expected.size();
    for (const size_t batch_rows : {1u, 3u, 2048u}) {
      INFO("seed " << round << ", batches of " << batch_rows << "\n"
                   << Dumped(*plan, generator.source()));
      auto rows = Run(*plan, generator.source(), columns, batch_rows);
      if (!IsOrdered(*plan)) std::sort(rows.begin(), rows.end());
      REQUIRE(rows == expected);
    }
  }
  CHECK(rows_seen > static_cast<size_t>(rounds));
}

}  // namespace
}  // namespace annals::exec
