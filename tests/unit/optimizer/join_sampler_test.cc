// What samples say of joins against the joins themselves, over data whose columns depend on each
// other and whose values are spread unevenly.
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "query/algebra/build.h"
#include "query/optimizer/cardinality.h"
#include "storage/graph/for_each_row.h"
#include "storage/graph/store.h"
#include "tests/unit/store_fixture.h"

namespace annals::optimizer {
namespace {

using algebra::MakePlan;
using algebra::PlanPtr;
using algebra::Slot;

using Binding = std::map<std::string, TermId>;

// 8,000 events over 300 days: actors of one of 40 groups, the first groups more often, meet and ask
// each other on their group's days.
class Events {
 public:
  Events() {
    StoreOptions options;
    options.block_rows = 128;
    store_ = Value(Store::Open(":memory:", options));
    std::mt19937 random(5);
    const auto transaction = Value(store_->Begin());
    const auto term = [&](Term value) { return Value(transaction->Intern(value)); };
    for (int i = 0; i < 8000; ++i) {
      const uint64_t one = random() % 40, other = random() % 40;
      const uint64_t group = std::min(one, other);
      const uint64_t subject = group * 10 + random() % 10, object = group * 10 + random() % 10;
      const auto time =
          Time::FromDay(19000 + static_cast<int64_t>((group * 7 + random() % 30) % 300));
      const bool asks = random() % 3 == 0;
      Value(transaction->Add(term(Name{"actor " + std::to_string(subject)}),
                             term(Name{asks ? "asked" : "met"}),
                             term(Name{"actor " + std::to_string(object)}), term(time), TermId()));
    }
    Ok(transaction->Commit());
    Ok(store_->Fold());
    view_ = Value(store_->GetSnapshot());
  }

  const GraphView& view() const { return *view_; }
  Store& store() { return *store_; }

  PlanPtr Pattern(const std::string& subject, const std::string& predicate,
                  const std::string& object, const std::string& time = "") const {
    const auto slot = [&](const std::string& text) {
      if (text.empty()) return Slot();
      if (text[0] == '?') return Slot{Slot::Kind::kVariable, text.substr(1), TermId()};
      return Slot{Slot::Kind::kConstant, "", Value(view_->Find(Term(Name{text})))};
    };
    algebra::Scan scan;
    scan.subject = slot(subject);
    scan.predicate = slot(predicate);
    scan.object = slot(object);
    scan.time = slot(time);
    return MakePlan(std::move(scan));
  }

  // All bindings of a pattern, one a fact.
  std::vector<Binding> RowsOf(const algebra::Plan& plan) const {
    const auto& scan = std::get<algebra::Scan>(plan.node);
    ScanSpec spec;
    spec.output = {Column::kSubject, Column::kPredicate, Column::kObject, Column::kTime};
    std::vector<Binding> rows;
    Ok(ForEachRow(*view_, spec, [&](const auto& columns, size_t i) {
      Binding row;
      bool fits = true;
      size_t column = 0;
      for (const Slot* slot : {&scan.subject, &scan.predicate, &scan.object, &scan.time}) {
        const TermId id = columns[column++][i];
        if (slot->kind == Slot::Kind::kConstant) fits &= id == slot->id;
        if (slot->kind == Slot::Kind::kVariable) row[slot->variable] = id;
      }
      if (fits) rows.push_back(std::move(row));
      return absl::OkStatus();
    }));
    return rows;
  }

 private:
  std::unique_ptr<Store> store_;
  std::shared_ptr<const GraphView> view_;
};

std::vector<TermId> ValuesOf(const Binding& row, const std::vector<std::string>& variables) {
  std::vector<TermId> values;
  for (const std::string& variable : variables) values.push_back(row.at(variable));
  return values;
}

std::vector<Binding> Joined(const std::vector<Binding>& left, const std::vector<Binding>& right) {
  if (left.empty() || right.empty()) return {};
  std::vector<std::string> shared;
  for (const auto& [variable, value] : right[0]) {
    if (left[0].contains(variable)) shared.push_back(variable);
  }
  std::multimap<std::vector<TermId>, const Binding*> index;
  for (const Binding& row : right) index.emplace(ValuesOf(row, shared), &row);
  std::vector<Binding> joined;
  for (const Binding& row : left) {
    const auto [begin, end] = index.equal_range(ValuesOf(row, shared));
    for (auto at = begin; at != end; ++at) {
      joined.push_back(row);
      joined.back().insert(at->second->begin(), at->second->end());
    }
  }
  return joined;
}

double Expected(const Events& events, const algebra::Plan& plan) {
  Estimator estimator(events.view());
  return Value(estimator.Of(plan)).rows;
}

// The estimate over the truth, of these patterns joined.
double Ratio(const Events& events, std::vector<PlanPtr> patterns) {
  std::vector<Binding> rows = events.RowsOf(*patterns[0]);
  for (size_t i = 1; i < patterns.size(); ++i) rows = Joined(rows, events.RowsOf(*patterns[i]));
  const PlanPtr join = MakePlan(algebra::Join{std::move(patterns)});
  return Expected(events, *join) / static_cast<double>(rows.size());
}

void CheckNear(double ratio) {
  CHECK(ratio > 0.5);
  CHECK(ratio < 2);
}

template <typename... Plans>
std::vector<PlanPtr> List(Plans... plans) {
  std::vector<PlanPtr> list;
  (list.push_back(std::move(plans)), ...);
  return list;
}

TEST_CASE("samples see how columns depend on each other") {
  const Events events;
  const auto met = [&](const char* a, const char* b, const char* t = "") {
    return events.Pattern(a, "met", b, t);
  };
  const auto asked = [&](const char* a, const char* b, const char* t = "") {
    return events.Pattern(a, "asked", b, t);
  };
  CheckNear(Ratio(events, List(met("?a", "?b"), asked("?a", "?c"))));
  CheckNear(Ratio(events, List(met("?a", "?b"), asked("?b", "?c"))));
  CheckNear(Ratio(events, List(met("?a", "?b"), asked("?c", "?b"))));
  CheckNear(Ratio(events, List(met("?a", "?b", "?t"), asked("?a", "?c", "?t"))));
  CheckNear(Ratio(events, List(met("?a", "?b", "?t"), asked("?c", "?b", "?t"))));
  CheckNear(Ratio(events, List(met("?a", "?b"), asked("?b", "?a"))));
  CheckNear(Ratio(events, List(met("?a", "?b"), met("?b", "?c"), asked("?c", "?a"))));
  CheckNear(
      Ratio(events, List(met("?a", "?b", "?t"), met("?b", "?c", "?t"), asked("?c", "?d", "?t"))));
  CheckNear(Ratio(events, List(met("?a", "actor 1"), met("?a", "?b"), asked("?b", "?c"))));
  CheckNear(Ratio(events, List(events.Pattern("?a", "?p", "?b", "?t"), asked("?b", "?a", "?t"))));
}

TEST_CASE("all rows of a small pattern are looked up, which is exact") {
  const Events events;
  CHECK(Ratio(events, List(events.Pattern("actor 300", "met", "?b"),
                           events.Pattern("?b", "met", "?c"))) == Approx(1));
}

TEST_CASE("samples say how many rows have a match, and how many groups there are") {
  const Events events;
  const std::vector<Binding> met = events.RowsOf(*events.Pattern("?a", "met", "?b", "?t"));
  std::set<std::vector<TermId>> asked, pairs;
  for (const Binding& row : events.RowsOf(*events.Pattern("?b", "asked", "?a", "?t"))) {
    asked.insert(ValuesOf(row, {"a", "b", "t"}));
  }
  double matched = 0;
  for (const Binding& row : met) {
    matched += asked.contains(ValuesOf(row, {"a", "b", "t"}));
    pairs.insert(ValuesOf(row, {"a", "b"}));
  }
  const auto sides = [&](auto node) {
    node.left = events.Pattern("?a", "met", "?b", "?t");
    node.right = events.Pattern("?b", "asked", "?a", "?t");
    return Expected(events, *MakePlan(std::move(node)));
  };
  const auto all = static_cast<double>(met.size());
  REQUIRE(matched > 0);
  CHECK(sides(algebra::SemiJoin()) == Approx(matched).epsilon(1));
  CHECK(sides(algebra::AntiJoin()) == Approx(all - matched).epsilon(0.2));

  algebra::Group group;
  group.child = events.Pattern("?b", "met", "?a", "?t");
  group.keys = {"a", "b"};
  const PlanPtr join =
      MakePlan(algebra::Join{List(events.Pattern("?a", "met", "?b"), MakePlan(std::move(group)))});
  double answered = 0;
  for (const Binding& row : met) answered += pairs.contains(ValuesOf(row, {"b", "a"}));
  CHECK(Expected(events, *join) / answered == Approx(1).margin(0.3));
}

TEST_CASE("of a sample, rows too far apart in time are left out") {
  const Events events;
  algebra::Join join{
      List(events.Pattern("?a", "met", "?b", "?t"), events.Pattern("?b", "asked", "?a", "?u"))};
  join.gaps = {{"t", true, "u", false, 1}, {"u", false, "t", false, -7 * 86400}};
  double within = 0;
  for (const Binding& row :
       Joined(events.RowsOf(*join.children[0]), events.RowsOf(*join.children[1]))) {
    const int64_t apart =
        inline_time::FirstInstant(row.at("u")) - inline_time::FirstInstant(row.at("t"));
    within += apart > 0 && apart <= 7 * 86400;
  }
  CHECK(Expected(events, *MakePlan(std::move(join))) / within == Approx(1).margin(0.6));
}

TEST_CASE("what was told since the last fold is not taken for nothing") {
  Events events;
  const auto transaction = Value(events.store().Begin());
  const TermId praised = Value(transaction->Intern(Term(Name{"praised"})));
  for (int i = 0; i < 100; ++i) {
    const TermId actor = Value(transaction->Intern(Term(Name{"actor " + std::to_string(i)})));
    Value(transaction->Add(actor, praised, actor, TermId(), TermId()));
  }
  Ok(transaction->Commit());
  const auto view = Value(events.store().GetSnapshot());
  Estimator estimator(*view);
  algebra::Scan scan;
  scan.subject = {Slot::Kind::kVariable, "b", TermId()};
  scan.predicate = {Slot::Kind::kConstant, "", praised};
  const PlanPtr join =
      MakePlan(algebra::Join{List(events.Pattern("?a", "met", "?b"), MakePlan(std::move(scan)))});
  CHECK(Value(estimator.Of(*join)).rows > 500);
}

}  // namespace
}  // namespace annals::optimizer
