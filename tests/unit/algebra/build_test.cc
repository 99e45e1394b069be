// Smart constructors, clones, and the canonical text of plans and expressions.
#include "query/algebra/build.h"

#include <catch2/catch.hpp>

#include "query/algebra/dump.h"

namespace annals::algebra {
namespace {

std::string Dump(const PlanPtr& plan) {
  return DumpPlan(*plan, [](TermId id) { return "#" + std::to_string(id.payload()); });
}
std::string Dump(const ExpressionPtr& expression) {
  return DumpExpression(*expression, [](TermId) { return std::string("id"); });
}

Slot Var(const std::string& name) { return {Slot::Kind::kVariable, name, TermId()}; }
Slot Constant(uint64_t number) {
  return {Slot::Kind::kConstant, "", TermId::Make(TermKind::kName, number)};
}
PlanPtr ScanOf(const std::string& a, const std::string& b) {
  Scan scan;
  scan.subject = Var(a);
  scan.predicate = Constant(7);
  scan.object = Var(b);
  return MakePlan(std::move(scan));
}
template <typename... T>
std::vector<PlanPtr> Plans(T... plans) {
  std::vector<PlanPtr> list;
  (list.push_back(std::move(plans)), ...);
  return list;
}
template <typename... T>
std::vector<ExpressionPtr> Expressions(T... expressions) {
  std::vector<ExpressionPtr> list;
  (list.push_back(std::move(expressions)), ...);
  return list;
}
ExpressionPtr Equal(const char* variable, int64_t number) {
  return MakeExpression(CompareExpr{CompareOp::kEqual, MakeVariable(variable),
                                    MakeConstant(Term(number), TermId::Integer(number))});
}

TEST_CASE("joins flatten, and drop what is one row") {
  const PlanPtr join = MakeJoin(Plans(MakeJoin(Plans(ScanOf("a", "b"), ScanOf("b", "c"))),
                                      MakePlan(Unit{}), ScanOf("c", "d")));
  CHECK(Dump(join) ==
        "join\n"
        "  scan (?a, #7, ?b)\n"
        "  scan (?b, #7, ?c)\n"
        "  scan (?c, #7, ?d)\n");
  CHECK(Dump(MakeJoin(Plans(ScanOf("a", "b")))) == "scan (?a, #7, ?b)\n");
  CHECK(Dump(MakeJoin({})) == "one row\n");
}

TEST_CASE("a join with nothing is nothing, with all columns") {
  CHECK(Dump(MakeJoin(Plans(ScanOf("a", "b"), MakePlan(Empty{{"c"}}), ScanOf("b", "d")))) ==
        "nothing ?a ?b ?c ?d\n");
}

TEST_CASE("unions drop nothing but keep its columns") {
  CHECK(Dump(MakeUnion(Plans(ScanOf("a", "b"), MakePlan(Empty{{"c"}})))) ==
        "project ?a ?b ?c\n"
        "  scan (?a, #7, ?b)\n");
  CHECK(Dump(MakeUnion(Plans(MakePlan(Empty{{"a"}}), MakePlan(Empty{{"b"}})))) ==
        "nothing ?a ?b\n");
  CHECK(Dump(MakeUnion(
            Plans(MakeUnion(Plans(ScanOf("a", "b"), ScanOf("a", "c"))), ScanOf("d", "e")))) ==
        "union\n"
        "  scan (?a, #7, ?b)\n"
        "  scan (?a, #7, ?c)\n"
        "  scan (?d, #7, ?e)\n");
}

TEST_CASE("filters merge") {
  PlanPtr plan = MakeFilter(ScanOf("a", "b"), {});
  CHECK(Dump(plan) == "scan (?a, #7, ?b)\n");
  plan = MakeFilter(std::move(plan), Expressions(Equal("a", 1)));
  plan = MakeFilter(std::move(plan), Expressions(Equal("b", 2)));
  CHECK(Dump(plan) ==
        "filter ?a = 1 and ?b = 2\n"
        "  scan (?a, #7, ?b)\n");
  CHECK(Dump(MakeFilter(MakePlan(Empty{{"a"}}), Expressions(Equal("a", 1)))) == "nothing ?a\n");
}

TEST_CASE("distinct of what is distinct is that") {
  const PlanPtr twice = MakeDistinct(MakeDistinct(ScanOf("a", "b")));
  CHECK(Dump(twice) ==
        "distinct\n"
        "  scan (?a, #7, ?b)\n");
  CHECK(Dump(MakeDistinct(MakePlan(Unit{}))) == "one row\n");
}

TEST_CASE("a projection to all columns in their order is none") {
  CHECK(Dump(MakeProject(ScanOf("a", "b"), {"a", "b"})) == "scan (?a, #7, ?b)\n");
  CHECK(Dump(MakeProject(ScanOf("a", "b"), {"b", "a"})) ==
        "project ?b ?a\n"
        "  scan (?a, #7, ?b)\n");
  CHECK(Dump(MakeProject(MakePlan(Empty{{"a", "b"}}), {"b"})) == "nothing ?b\n");
}

// One of every node.
PlanPtr Everything() {
  Scan scan;
  scan.subject = Var("s");
  scan.object = Var("o");
  scan.time = Var("t");
  scan.dated = true;
  const Time june = *Time::Parse("2024-06");
  scan.window = TimeWindow{june.first(), june.last()};
  scan.fact = Var("f");
  scan.with_source = true;
  scan.source = Var("w");
  PlanPtr plan = MakePlan(std::move(scan));
  plan = MakePlan(LeftJoin{std::move(plan),
                           MakeJoin(Plans(MakePlan(OuterRef{4, {"s"}}), ScanOf("s", "x"))),
                           Expressions(Equal("x", 1)), 4});
  plan = MakePlan(SemiJoin{std::move(plan), ScanOf("o", "y"), {}, 0});
  plan = MakePlan(AntiJoin{std::move(plan), ScanOf("o", "z"), Expressions(Equal("z", 2)), 0});
  Values values{{"s", "v"}, {{Term(Name{"Ada"}), Term()}, {Term(Name{"a, b"}), Term(int64_t{5})}}};
  plan = MakeJoin(Plans(std::move(plan), MakePlan(std::move(values))));
  ExistsExpr exists{ScanOf("v", "q"), {"v"}, 0};
  plan = MakeFilter(std::move(plan), Expressions(MakeExpression(std::move(exists))));
  plan = MakePlan(Extend{std::move(plan), "e", Equal("v", 5)});
  plan = MakeDistinct(MakeProject(std::move(plan), {"s", "e", "t"}));
  std::vector<Aggregate> aggregates;
  aggregates.push_back({AggregateFunction::kCountRows, false, nullptr, nullptr, "n"});
  aggregates.push_back({AggregateFunction::kList, true, MakeVariable("e"), nullptr, "l"});
  aggregates.push_back(
      {AggregateFunction::kFirst, false, MakeVariable("e"), MakeVariable("t"), "i"});
  plan = MakePlan(Group{std::move(plan), {"s"}, std::move(aggregates)});
  plan = MakePlan(Sort{std::move(plan), {{"n", true}, {"s", false}}});
  return MakePlan(Limit{std::move(plan), 3, 2, true, {{"n", true}, {"s", false}}});
}

TEST_CASE("every node has its line") {
  CHECK(Dump(Everything()) ==
        "limit 3 with ties on ?n desc ?s offset 2\n"
        "  sort ?n desc ?s\n"
        "    group by ?s: ?n = count(*) ?l = list(distinct ?e) ?i = first(?e by ?t)\n"
        "      distinct\n"
        "        project ?s ?e ?t\n"
        "          let ?e = ?v = 5\n"
        "            filter exists {scan (?v, #7, ?q)}\n"
        "              join\n"
        "                anti join where ?z = 2\n"
        "                  semi join\n"
        "                    left join where ?x = 1 feeding outer #4\n"
        "                      scan (?s, _, ?o, ?t sharing 2024-06-01..2024-06-30) from ?w as ?f\n"
        "                      join\n"
        "                        outer #4 ?s\n"
        "                        scan (?s, #7, ?x)\n"
        "                    scan (?o, #7, ?y)\n"
        "                  scan (?o, #7, ?z)\n"
        "                values ?s ?v: (Ada, ) (`a, b`, 5)\n");
}

TEST_CASE("a clone is the same and shares nothing") {
  PlanPtr plan = Everything();
  plan->estimated_rows = 12.4;
  PlanPtr copy = ClonePlan(*plan);
  const std::string text = Dump(plan);
  CHECK(text.starts_with("limit 3 with ties on ?n desc ?s offset 2  ~12 rows\n"));
  plan.reset();
  CHECK(Dump(copy) == text);
}

TEST_CASE("expressions as text") {
  CHECK(Dump(MakeExpression(OrExpr{Expressions(
            MakeExpression(NotExpr{Equal("a", 1)}),
            MakeExpression(TimeExpr{TimeOperator::kOverlaps, true, MakeVariable("t"),
                                    MakeConstant(Term(*Time::Parse("2024..")), TermId())}))})) ==
        "(not ?a = 1 or possibly ?t overlaps 2024..)");
  InExpr in{MakeVariable("a"), Expressions(MakeConstant(Term(Name{"Ada"}), TermId()),
                                           MakeConstant(Term(Text{"x", "en"}), TermId()))};
  CHECK(Dump(MakeExpression(std::move(in))) == "?a in (Ada, \"x\"@en)");
  CallExpr call{"concat",
                Expressions(MakeVariable("a"), MakeExpression(NegateExpr{MakeVariable("b")}),
                            MakeExpression(ArithmeticExpr{ArithmeticOp::kModulo, MakeVariable("c"),
                                                          MakeVariable("d")}))};
  CHECK(Dump(MakeExpression(std::move(call))) == "concat(?a, -?b, (?c % ?d))");
}

TEST_CASE("variables of an expression, each once, in order") {
  const ExpressionPtr both = MakeExpression(
      AndExpr{Expressions(Equal("b", 1), Equal("a", 2), Equal("b", 3),
                          MakeExpression(ExistsExpr{ScanOf("c", "d"), {"c", "a"}, 0}))});
  CHECK(VariablesOf(*both) == std::vector<Variable>{"b", "a", "c"});
}

}  // namespace
}  // namespace annals::algebra
