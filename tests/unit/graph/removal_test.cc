// Removals as a new generation are checked against the same removals told one by one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/graph/store.h"
#include "tests/unit/graph/told_stores.h"
#include "tests/unit/store_fixture.h"

namespace annals {
namespace {

constexpr uint64_t kNever = 1000000;

// Of `told`, some of which are spellings of names.
std::vector<ToldFact> WithAliases(std::vector<ToldFact> told) {
  for (size_t i = 0; i < told.size(); i += 3) {
    if (told[i].about < 0 && told[i].object.As<Text>()) told[i].predicate = kAliasPredicate;
  }
  return told;
}

// What is removed of a store that was told SomeTellings: sources whole, and of each fact that is
// left a source, the telling without one, all or nothing.
Removals SomeRemovals(const GraphView& view, uint32_t seed) {
  std::mt19937 random(seed);
  const auto source = [&](uint64_t n) {
    return Value(view.Find(Term(Name{"source " + std::to_string(n)})));
  };
  Removals removals;
  if (seed % 2 == 0) removals.sources.push_back(source(random() % 3));
  if (seed % 4 == 0) removals.sources.insert(removals.sources.begin(), source(random() % 3));
  if (seed % 3 != 2) return removals;
  for (uint64_t fact = 1; fact <= 200; ++fact) {
    switch (random() % 12) {
      case 0:
        removals.tellings.push_back({fact, std::nullopt});
        break;
      case 1:
        removals.tellings.push_back({fact, TermId()});
        break;
      case 2:
        removals.tellings.push_back({fact, source(0)});
        break;
      case 3:
        removals.tellings.push_back({fact, source(1)});
        removals.tellings.push_back({fact, source(2)});
        removals.tellings.push_back({fact, source(1)});
        break;
      default:
        break;
    }
  }
  std::shuffle(removals.tellings.begin(), removals.tellings.end(), random);
  return removals;
}

uint64_t Remove(Store& store, const Removals& removals) {
  return Value(Value(store.Begin())->RemoveAllAndCommit(removals, {}));
}

uint64_t Generation(Store& store) {
  return Value(Value(store.GetSnapshot())->Statistics()).generation;
}

std::set<std::string> NamedBy(Store& store, const std::string& spelling) {
  const auto view = Value(store.GetSnapshot());
  std::set<std::string> names;
  for (const NameMatch& match : Value(view->ResolveName(spelling, true))) {
    names.insert(Describe(*view, match.entity));
  }
  return names;
}

TEST_CASE("a removal is the same through a transaction and as a generation") {
  const uint32_t block_rows = GENERATE(3u, 4096u);
  const uint32_t seed = GENERATE(range(0u, 12u));
  CAPTURE(block_rows, seed);
  const std::unique_ptr<Store> small = OpenWithClock(kNever, block_rows);
  const std::unique_ptr<Store> large = OpenWithClock(1, block_rows);
  for (Store* const store : {small.get(), large.get()}) {
    TellOneByOne(*store, WithAliases(SomeTellings(seed, 150)));
    if (seed % 5 == 0) Ok(store->Fold());
    TellOneByOne(*store, WithAliases(SomeTellings(seed + 100, 60)));
  }
  for (uint32_t round = 0; round < 3; ++round) {
    const Removals removals = SomeRemovals(*Value(small->GetSnapshot()), 2 * seed + round);
    const uint64_t before = Generation(*large);
    CHECK(Remove(*large, removals) == Remove(*small, removals));
    if (round == 0 && seed % 2 == 0) CHECK(Generation(*large) == before + 1);
    for (int64_t past = 1; past <= round + 3; ++past) CheckSamePast(*large, *small, past);
    for (int i = 0; i < 20; ++i) {
      const std::string spelling = "text " + std::to_string(i);
      CHECK(NamedBy(*large, spelling) == NamedBy(*small, spelling));
    }
    Ok(small->Fold());
    CheckSame(*large, *small);
    for (Store* const store : {small.get(), large.get()}) {
      TellOneByOne(*store, SomeTellings(seed + 200 + round, 20));
    }
  }
}

TEST_CASE("what a transaction has told stays beside a removal that commits it") {
  const std::unique_ptr<Store> store = OpenWithClock(1, 16);
  TellOneByOne(*store, {{-1, "Ada", "met", Term(Name{"Bo"}), {}, "A"}});
  const auto transaction = Value(store->Begin());
  const TermId ada = Value(transaction->Intern(Term(Name{"Ada"})));
  const TermId left = Value(transaction->Intern(Term(Name{"left"})));
  Ok(transaction->Add(ada, left, ada, TermId(), TermId()).status());
  const TermId source = Value(transaction->Intern(Term(Name{"A"})));
  CHECK(Value(transaction->RemoveAllAndCommit({{}, {source}}, {})) == 1);
  Texts texts(*Value(store->GetSnapshot()));
  CHECK(Dump(*Value(store->GetSnapshot()), Permutation::kSpo, texts) ==
        std::vector<std::string>{"Ada | left | Ada | - | (Ada, left, Ada, -) | "});
}

TEST_CASE("what is not there, and few facts of many, write no generation") {
  const std::unique_ptr<Store> store = OpenWithClock(20, 16);
  TellOneByOne(*store, SomeTellings(1, 300));
  Ok(store->Fold());
  const uint64_t generation = Generation(*store);
  const GraphStatistics before = Value(Value(store->GetSnapshot())->Statistics());
  const TermId name = Value(Value(store->GetSnapshot())->Find(Term(Name{"entity 1"})));
  CHECK(Remove(*store, {{{1000, std::nullopt}}, {name}}) == 0);
  CHECK(Remove(*store, {}) == 0);
  Removals many;
  for (uint64_t fact = 1000; fact < 1100; ++fact) many.tellings.push_back({fact, std::nullopt});
  CHECK(Remove(*store, many) == 0);
  CHECK(Generation(*store) == generation);
  CHECK(Value(Value(store->GetSnapshot())->Statistics()).assertions == before.assertions);
  CHECK(Value(Value(store->GetSnapshot())->GetFact(1)).has_value());
  Ok(Value(store->Begin())->RemoveAllAndCommit({{{1, std::nullopt}}, {}}, {}).status());
  CHECK(Generation(*store) == generation);
  CHECK_FALSE(Value(Value(store->GetSnapshot())->GetFact(1)).has_value());
}

// Of two sources in turns, each fact with something said about it by the other.
std::vector<ToldFact> TwoSources(int count) {
  std::vector<ToldFact> tellings;
  for (int i = 0; i < count; ++i) {
    tellings.push_back({-1, "entity " + std::to_string(i % 700), "listed", Term(int64_t{i}), Term(),
                        "source " + std::to_string(i % 2)});
    tellings.push_back(
        {2 * i, "", "page", Term(int64_t{i % 90}), Term(), "source " + std::to_string(1 - i % 2)});
  }
  return tellings;
}

TEST_CASE("a removal that is called off leaves the store as it was, at any step") {
  const bool alone = GENERATE(true, false);
  const std::unique_ptr<Store> store = OpenWithClock(alone ? 1 : kNever, 4096);
  TellOneByOne(*store, TwoSources(alone ? 20000 : 3000));
  Ok(store->Fold());
  const auto view = Value(store->GetSnapshot());
  const Removals removals{{}, {Value(view->Find(Term(Name{"source 0"})))}};
  const GraphStatistics before = Value(view->Statistics());
  bool half_way = false;  // was it called off when part was removed?
  for (int allowed = 0;; allowed += alone ? 7 : 3) {
    CAPTURE(alone, allowed);
    int calls = allowed;
    const auto check = [&] { return --calls < 0 ? Cancelled("called off") : absl::OkStatus(); };
    const auto transaction = Value(store->Begin());
    transaction->SetSavePoint();
    const auto gone = alone ? transaction->RemoveAllAndCommit(removals, {check})
                            : transaction->RemoveAll(removals, check);
    if (gone.ok()) {
      CHECK(*gone == before.facts / 4);
      CHECK(allowed > 30);
      if (!alone) Ok(transaction->Commit());
      break;
    }
    CHECK(gone.status().code() == absl::StatusCode::kCancelled);
    if (!alone) {
      const GraphStatistics now = Value(transaction->view()->Statistics());
      half_way = half_way || (now.facts < before.facts && now.facts > before.facts / 2);
      Ok(transaction->RollbackToSavePoint());
      CHECK(Value(transaction->view()->Statistics()).assertions == before.assertions);
    }
    const GraphStatistics after = Value(Value(store->GetSnapshot())->Statistics());
    REQUIRE(after.assertions == before.assertions);
    REQUIRE(after.generation == before.generation);
  }
  CHECK(half_way != alone);
  // What source 1 said of the facts of source 0 went with these.
  CHECK(Value(Value(store->GetSnapshot())->Statistics()).facts == before.facts / 4);
}

}  // namespace
}  // namespace annals
