// A view with rows hidden and rows added, against a list of all assertions: every scan must give
// what the list gives, wherever it is moved. What the store knew at a time, against what it held
// then. What is declared of predicates.
#include "storage/graph/overlay.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <random>
#include <set>

#include "storage/graph/history.h"
#include "storage/graph/merges.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/store.h"
#include "tests/unit/store_fixture.h"

namespace annals {
namespace {

using Rows = std::vector<std::vector<uint64_t>>;

// By definition: the rows of a permutation, sorted.
Rows RowsOf(const std::vector<Assertion>& assertions, Permutation permutation) {
  std::set<std::vector<uint64_t>> rows;
  for (const Assertion& assertion : assertions) {
    if (permutation == Permutation::kSource && assertion.source.is_undefined()) continue;
    const Row row = RowOf(permutation, assertion);
    rows.emplace(row.values.begin(), row.values.begin() + static_cast<ptrdiff_t>(row.size));
  }
  return {rows.begin(), rows.end()};
}

ScanSpec Whole(Permutation permutation, std::vector<TermId> prefix = {}) {
  ScanSpec spec;
  spec.permutation = permutation;
  spec.prefix = std::move(prefix);
  const auto columns = ColumnsOf(permutation);
  spec.output.assign(columns.begin(), columns.end());
  return spec;
}

void AddBatch(const std::vector<std::vector<TermId>>& columns, size_t rows, Rows* out) {
  for (size_t i = 0; i < rows; ++i) {
    auto& row = out->emplace_back();
    for (const auto& column : columns) row.push_back(column[i].bits());
  }
}

Rows ReadAll(RowScan& scan, size_t width, size_t batch) {
  Rows rows;
  std::vector<std::vector<TermId>> columns(width);
  while (true) {
    const size_t count = Value(scan.Next(columns, batch));
    if (count == 0) return rows;
    AddBatch(columns, count, &rows);
  }
}

std::vector<Assertion> AllOf(const GraphView& view) {
  const auto scan = Value(view.Scan(Whole(Permutation::kFact)));
  std::vector<Assertion> all;
  for (const auto& row : ReadAll(*scan, ColumnsOf(Permutation::kFact).size(), 100)) {
    // fact source subject predicate object time transaction
    all.push_back({TermId::FromBits(row[2]), TermId::FromBits(row[3]), TermId::FromBits(row[4]),
                   TermId::FromBits(row[5]), TermId::FromBits(row[0]), TermId::FromBits(row[1]),
                   TermId::FromBits(row[6])});
  }
  return all;
}

// Hides whole facts; says which beforehand if `known`.
class Hidden : public Overlay {
 public:
  Hidden(std::set<uint64_t> facts, std::vector<Assertion> rows, bool known)
      : facts_(std::move(facts)), rows_(std::move(rows)), known_(known) {}
  absl::StatusOr<bool> HidesFact(uint64_t fact) const override { return facts_.contains(fact); }
  absl::StatusOr<bool> HidesAssertion(uint64_t, TermId, std::optional<uint64_t>) const override {
    return false;
  }
  const std::vector<Assertion>* hidden() const override { return known_ ? &rows_ : nullptr; }

 private:
  const std::set<uint64_t> facts_;
  const std::vector<Assertion> rows_;
  const bool known_;
};

class Random {
 public:
  explicit Random(uint32_t seed) : random_(seed) {}
  size_t Below(size_t end) { return std::uniform_int_distribution<size_t>(0, end - 1)(random_); }

 private:
  std::mt19937 random_;
};

struct World {
  std::unique_ptr<Store> store;
  std::vector<TermId> names, times, sources;

  Assertion Some(Random& random, uint64_t number) const {
    return {names[random.Below(names.size())],
            names[random.Below(3)],
            names[random.Below(names.size())],
            times[random.Below(times.size())],
            TermId::Fact(number),
            sources[random.Below(sources.size())],
            TermId::Integer(1)};
  }
};

World MakeWorld(Random& random) {
  World world;
  StoreOptions options;
  options.block_rows = 8;
  world.store = Value(Store::Open(":memory:", options));
  const auto transaction = Value(world.store->Begin());
  for (int i = 0; i < 8; ++i) {
    world.names.push_back(Value(transaction->Intern(Name{"n" + std::to_string(i)})));
  }
  world.times = {TermId()};
  for (const char* text :
       {"2023", "2024-06", "2024-06-19", "2024-05..", "2024-06-19T10:30..2025"}) {
    world.times.push_back(Value(transaction->Intern(Term(Value(Time::Parse(text))))));
  }
  world.sources = {TermId(), world.names[6], world.names[7]};
  for (int i = 0; i < 60; ++i) {
    const Assertion some = world.Some(random, 0);
    Value(transaction->Add(some.subject, some.predicate, some.object, some.time, some.source));
  }
  Ok(transaction->Commit());
  if (random.Below(2) == 0) Ok(world.store->Fold());
  return world;
}

TEST_CASE("scans of an overlay give the rows of its base, without some and with others") {
  for (uint32_t seed = 0; seed < 40; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    const World world = MakeWorld(random);
    const auto base = Value(world.store->GetSnapshot());
    std::vector<Assertion> expected, hidden, added;
    std::set<uint64_t> hidden_facts;
    for (const Assertion& row : AllOf(*base)) {
      if (row.fact.payload() % 4 == seed % 4) hidden_facts.insert(row.fact.payload());
      (hidden_facts.contains(row.fact.payload()) ? hidden : expected).push_back(row);
    }
    for (uint64_t i = 0; i < seed % 20; ++i) {
      added.push_back(world.Some(random, (uint64_t{1} << 50) + i));
      expected.push_back(added.back());
    }
    const auto view = Value(MakeOverlayView(
        base, std::make_unique<Hidden>(hidden_facts, hidden, seed % 2 == 0), added));

    for (const Permutation permutation : kPermutations) {
      const Rows all = RowsOf(expected, permutation);
      const size_t width = ColumnsOf(permutation).size();
      CHECK(ReadAll(*Value(view->Scan(Whole(permutation))), width, 1 + random.Below(50)) == all);
      CHECK(Value(view->CountRows(Whole(permutation))) == all.size());
      if (all.empty()) continue;

      // Below prefixes, one scan moved from each to the next; then skipped in.
      const size_t length = 1 + random.Below(2);
      const auto scan = Value(view->Scan(Whole(permutation, std::vector<TermId>(length))));
      for (int i = 0; i < 8; ++i) {
        std::vector<TermId> prefix;
        const auto& from = all[random.Below(all.size())];
        for (size_t k = 0; k < length; ++k) prefix.push_back(TermId::FromBits(from[k]));
        Rows below;
        for (const auto& row : all) {
          bool fits = true;
          for (size_t k = 0; k < length; ++k) fits = fits && row[k] == prefix[k].bits();
          if (fits) below.push_back(row);
        }
        Ok(scan->Seek(prefix));
        CHECK(Value(view->CountRows(Whole(permutation, prefix))) == below.size());
        const TermId value = TermId::FromBits(below[random.Below(below.size())][length]);
        if (random.Below(2) == 0) {
          Ok(scan->SkipTo(value));
          std::erase_if(below, [&](const auto& row) { return row[length] < value.bits(); });
        }
        CHECK(ReadAll(*scan, width, 1 + random.Below(5)) == below);
      }
    }

    // Conditions on times.
    const Time window = Value(Time::Parse("2024-06"));
    ScanSpec timed = Whole(Permutation::kSpo);
    timed.window = TimeWindow{window.first(), window.last()};
    Rows sharing;
    for (const auto& row : RowsOf(expected, Permutation::kSpo)) {
      const Term time = Value(base->Get(TermId::FromBits(row[3])));
      if (time.As<Time>() != nullptr && SharesInstant(*time.As<Time>(), window)) {
        sharing.push_back(row);
      }
    }
    CHECK(ReadAll(*Value(view->Scan(timed)), 5, 7) == sharing);

    for (const Assertion& row : expected) {
      const auto fact = Value(view->GetFact(row.fact.payload()));
      REQUIRE(fact.has_value());
      CHECK(fact->subject == row.subject);
      CHECK(Value(view->FindFact(row.subject, row.predicate, row.object, row.time)).has_value());
      const std::vector<TermId> sources = Value(view->SourcesOf(row.fact.payload()));
      CHECK(std::find(sources.begin(), sources.end(), row.source) != sources.end());
    }
    for (const uint64_t fact : hidden_facts) CHECK(!Value(view->GetFact(fact)).has_value());
  }
}

TEST_CASE("many added rows are in order, and making them so can be stopped") {
  Random random(3);
  const World world = MakeWorld(random);
  const auto base = Value(world.store->GetSnapshot());
  std::vector<Assertion> added, expected = AllOf(*base);
  for (uint64_t i = 0; i < 70000; ++i) {
    Assertion row = world.Some(random, (uint64_t{1} << 50) + i);
    row.object = TermId::Integer(static_cast<int64_t>(random.Below(30000)));
    added.push_back(row);
  }
  std::shuffle(added.begin(), added.end(), std::mt19937(7));
  expected.insert(expected.end(), added.begin(), added.end());
  const auto make = [&](const std::function<absl::Status()>& check) {
    return MakeOverlayView(
        base, std::make_unique<Hidden>(std::set<uint64_t>(), std::vector<Assertion>(), true), added,
        AddedTerms(), check);
  };
  uint64_t calls = 0;
  const auto view = Value(make([&calls] {
    ++calls;
    return absl::OkStatus();
  }));
  for (const Permutation permutation : kPermutations) {
    const size_t width = ColumnsOf(permutation).size();
    CHECK(ReadAll(*Value(view->Scan(Whole(permutation))), width, 1000) ==
          RowsOf(expected, permutation));
  }
  CHECK(calls > 40);  // of each permutation several pieces
  CHECK(absl::IsCancelled(
      make([&calls] { return --calls == 20 ? Cancelled("stop") : absl::OkStatus(); }).status()));
  CHECK(calls == 20);
}

TEST_CASE("what was known at a time is what the store held then") {
  for (uint32_t seed = 0; seed < 20; ++seed) {
    INFO("seed " << seed);
    Random random(seed);
    int64_t now = 1000;
    StoreOptions options;
    options.clock = [&] { return now; };
    options.block_rows = 8;
    const auto store = Value(Store::Open(":memory:", options));
    std::vector<TermId> names;
    std::map<int64_t, std::vector<Assertion>> known;  // by the time of a commit
    for (int commit = 0; commit < 12; ++commit, now += 10) {
      const auto transaction = Value(store->Begin());
      for (int i = 0; names.size() < 5; ++i) {
        names.push_back(Value(transaction->Intern(Name{"n" + std::to_string(i)})));
      }
      for (int i = 0; i < 6; ++i) {
        const TermId source = random.Below(3) == 0 ? TermId() : names[random.Below(2)];
        const auto fact = Value(transaction->Add(names[random.Below(5)], names[random.Below(2)],
                                                 names[random.Below(5)], TermId(), source));
        if (random.Below(2) == 0) {
          Value(transaction->Remove(1 + random.Below(fact.fact), std::nullopt));
        } else if (random.Below(2) == 0) {
          Value(transaction->Remove(1 + random.Below(fact.fact), source));
        }
      }
      Ok(transaction->Commit());
      if (random.Below(4) == 0) Ok(store->Fold());
      known[now] = AllOf(*Value(store->GetSnapshot()));
    }
    known[500] = {};
    for (const auto& [time, assertions] : known) {
      PastOptions past;
      past.as_of = time + 9;
      const auto view = Value(MakePastView(Value(store->GetSnapshot()), past));
      for (const Permutation permutation : kPermutations) {
        INFO("as of " << time << ", permutation " << static_cast<int>(permutation));
        const size_t width = ColumnsOf(permutation).size();
        CHECK(ReadAll(*Value(view->Scan(Whole(permutation))), width, 9) ==
              RowsOf(assertions, permutation));
      }
    }
  }
}

TEST_CASE("declarations lead from one predicate to another, and say why") {
  const auto store = Value(Store::Open(":memory:", {}));
  const auto transaction = Value(store->Begin());
  const auto name = [&](const char* text) { return Value(transaction->Intern(Name{text})); };
  const TermId met = name("met"), hugged = name("hugged"), works = name("works for"),
               employs = name("employs"), leads = name("leads");
  const auto declare = [&](TermId p, std::string_view kind, TermId q) {
    Value(transaction->Add(p, name(std::string(kind).c_str()), q, TermId(), TermId()));
  };
  declare(met, kIsPredicate, name("symmetric"));
  declare(hugged, kImplies, met);
  declare(employs, kInverseOf, works);
  declare(leads, kImplies, works);
  declare(works, kIsPredicate, name("single"));
  const auto declared = Value(transaction->view()->Declared());
  using Way = Declarations::Way;
  const auto ways = [&](TermId predicate) {
    const std::vector<Way> found = declared->WaysOf(predicate);
    CHECK(found.front() == Way{predicate, false});
    return std::set<Way>(found.begin(), found.end());
  };
  CHECK(ways(met) == std::set<Way>{{met, false}, {met, true}, {hugged, false}, {hugged, true}});
  CHECK(ways(hugged) == std::set<Way>{{hugged, false}});
  CHECK(ways(works) == std::set<Way>{{works, false}, {employs, true}, {leads, false}});
  CHECK(ways(employs) == std::set<Way>{{employs, false}, {works, true}, {leads, true}});
  CHECK(declared->IsSingle(works));
  CHECK(!declared->IsSingle(met));
  const auto reasons = declared->ReasonsFor(employs, {leads, true});
  REQUIRE(reasons.size() == 2);
  CHECK(reasons[0].predicate == leads);
  CHECK(reasons[0].kind == kImplies);
  CHECK(reasons[1].kind == kInverseOf);
  CHECK(declared->ReasonsFor(hugged, {met, false}).empty());
}

TEST_CASE("merged entities are one, in chains and cycles too") {
  const auto store = Value(Store::Open(":memory:", {}));
  const auto transaction = Value(store->Begin());
  const auto name = [&](const std::string& text) { return Value(transaction->Intern(Name{text})); };
  const TermId merged = name(std::string(kMergedInto)), met = name("met"), z = name("z");
  std::vector<TermId> ids;
  for (const char* text : {"a", "b", "c", "d", "e"}) {
    ids.push_back(name(text));
    Value(transaction->Add(ids.back(), met, z, TermId(), TermId()));
  }
  const auto merge = [&](size_t from, size_t into) {
    Value(transaction->Add(ids[from], merged, ids[into], TermId(), TermId()));
  };
  merge(0, 1);
  merge(1, 2);
  merge(3, 4);
  merge(4, 3);  // told by hand; no statement does that
  const auto declared = Value(transaction->view()->Declared());
  CHECK(declared->Canonical(ids[0]) == ids[2]);
  CHECK(declared->Canonical(ids[1]) == ids[2]);
  CHECK(declared->Canonical(ids[2]) == ids[2]);
  const auto seen = Value(SeenFacts::Read(*transaction->view()));
  for (const TermId id : ids) CHECK(seen.Canonical(id) == declared->Canonical(id));
  CHECK(seen.IdsOf(ids[0]) == std::vector<TermId>{ids[2], ids[0], ids[1]});
  const Fact told{ids[1], met, z, TermId()};
  CHECK(Value(seen.FactsSeenAs(*transaction->view(), told)).size() == 3);
  const Fact mapping{ids[0], merged, ids[1], TermId()};
  CHECK(Value(seen.FactsSeenAs(*transaction->view(), mapping)).size() == 1);
  const auto view = Value(MakeMergedView(transaction->view()));
  const auto scan = Value(view->Scan(Whole(Permutation::kSpo, {ids[2], met})));
  CHECK(ReadAll(*scan, 5, 10).size() == 1);
  CHECK(Value(view->CountRows(Whole(Permutation::kSpo, {ids[0], met}))) == 0);
  CHECK(Value(view->CountRows(Whole(Permutation::kPos, {met, z}))) == 3);
  const auto matches = Value(view->ResolveName("a", false));
  REQUIRE(matches.size() == 1);
  CHECK(matches[0].entity == ids[2]);
  CHECK(matches[0].rank == NameRank::kAlias);
}

}  // namespace
}  // namespace annals
