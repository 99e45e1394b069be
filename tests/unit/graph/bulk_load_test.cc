// Loads are checked against telling the same facts one by one.
#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "storage/graph/history.h"
#include "storage/graph/merges.h"
#include "storage/graph/statistics.h"
#include "storage/graph/store.h"
#include "tests/unit/graph/told_stores.h"

namespace annals {
namespace {

struct Numbers {
  uint64_t read = 0, new_facts = 0, new_assertions = 0, new_names = 0;
  bool changed = false;
  friend bool operator==(const Numbers&, const Numbers&) = default;
};

std::ostream& operator<<(std::ostream& out, const Numbers& n) {
  return out << n.read << " read, " << n.new_facts << " new, " << n.new_assertions
             << " assertions, " << n.new_names << " names, changed " << n.changed;
}

std::unique_ptr<Store> OpenStore(uint64_t bulk_rows, uint32_t block_rows,
                                 const std::string& path = ":memory:") {
  StoreOptions options;
  options.bulk_rows = bulk_rows;
  options.block_rows = block_rows;
  auto store = Store::Open(path, options);
  REQUIRE(store.ok());
  return *std::move(store);
}

Numbers Load(BulkLoad& load, const std::vector<ToldFact>& tellings) {
  std::vector<BulkLoad::Handle> facts;
  for (const ToldFact& telling : tellings) {
    const auto subject = telling.about < 0 ? load.InternName(telling.subject)
                                           : facts[static_cast<size_t>(telling.about)];
    const auto source = telling.source.empty() ? BulkLoad::kNone : load.InternName(telling.source);
    const auto time = telling.time.is_undefined() ? BulkLoad::kNone : load.Intern(telling.time);
    facts.push_back(load.Add(subject, load.InternName(telling.predicate),
                             load.Intern(telling.object), time, source));
  }
  const auto result = load.Finish();
  INFO(result.status().message());
  REQUIRE(result.ok());
  return {result->read, result->new_facts, result->new_assertions, result->new_names,
          result->changed};
}

Numbers LoadInto(Store& store, const std::vector<ToldFact>& tellings) {
  auto load = store.BeginBulkLoad();
  REQUIRE(load.ok());
  return Load(**load, tellings);
}

TEST_CASE("a load tells what telling one by one tells, through the delta and as a generation") {
  const uint32_t block_rows = GENERATE(3u, 4096u);
  const uint32_t seed = block_rows;
  const std::unique_ptr<Store> loaded = OpenStore(1, block_rows);       // always a generation
  const std::unique_ptr<Store> small = OpenStore(1000000, block_rows);  // always the delta
  const std::unique_ptr<Store> told = OpenStore(1000000, block_rows);
  for (uint32_t round = 0; round < 4; ++round) {
    const std::vector<ToldFact> tellings = SomeTellings(seed * 100 + round, round == 2 ? 10 : 150);
    TellOneByOne(*told, tellings);
    const Numbers through_delta = LoadInto(*small, tellings);
    CHECK(LoadInto(*loaded, tellings) == through_delta);
    CheckSame(*small, *told);
    CheckSame(*loaded, *told);
    if (round == 1) {
      // A delta between the loads, folded in one of the stores.
      const std::vector<ToldFact> more = SomeTellings(seed * 1000, 50);
      for (Store* store : {told.get(), small.get(), loaded.get()}) TellOneByOne(*store, more);
      REQUIRE(small->Fold().ok());
      CheckSame(*loaded, *told);
    }
  }
}

// The first half of what was told before, and other facts.
std::vector<ToldFact> Corrected(const std::vector<ToldFact>& before, uint32_t seed, int count) {
  std::vector<ToldFact> tellings(before.begin(),
                                 before.begin() + static_cast<std::ptrdiff_t>(before.size() / 2));
  for (ToldFact& telling : SomeTellings(seed, count)) {
    telling.about = -1;
    if (telling.subject.empty()) telling.subject = "entity 7";
    const bool alias = telling.object.As<Text>() != nullptr && telling.source != "source 1";
    if (alias) telling.predicate = kAliasPredicate;
    tellings.push_back(telling);
  }
  return tellings;
}

std::string Replace(Store& store, const std::vector<ToldFact>& tellings) {
  LoadOptions options;
  options.replacing = true;
  auto load = store.BeginBulkLoad(0, options);
  REQUIRE(load.ok());
  std::vector<BulkLoad::Handle> facts;
  (*load)->TellsAllOf((*load)->InternName("source 9"));
  for (const ToldFact& telling : tellings) {
    const auto subject = telling.about < 0 ? (*load)->InternName(telling.subject)
                                           : facts[static_cast<size_t>(telling.about)];
    facts.push_back((*load)->Add(
        subject, (*load)->InternName(telling.predicate), (*load)->Intern(telling.object),
        telling.time.is_undefined() ? BulkLoad::kNone : (*load)->Intern(telling.time),
        telling.source.empty() ? BulkLoad::kNone : (*load)->InternName(telling.source)));
  }
  const auto result = (*load)->Finish();
  INFO(result.status().message());
  REQUIRE(result.ok());
  return std::to_string(result->read) + " read, " + std::to_string(result->new_facts) + " new, " +
         std::to_string(result->new_assertions) + " assertions, " +
         std::to_string(result->new_names) + " names, changed " + std::to_string(result->changed) +
         ", " + std::to_string(result->replaced_sources) + " sources, " +
         std::to_string(result->lost_facts) + " lost, " + std::to_string(result->gone_facts) +
         " gone, " + std::to_string(result->lost_qualifiers) + " qualifiers";
}

TEST_CASE("of several sources of a fact only those lose it that don't tell it again") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenStore(bulk_rows, 16);
  const Term bo(Name{"Bo"});
  LoadInto(*store, {{-1, "Ada", "met", bo, {}, "A"},
                    {-1, "Ada", "met", bo, {}, "B"},
                    {-1, "Ada", "met", bo, {}, "C"},
                    {-1, "Ada", "saw", bo, {}, "A"},
                    {-1, "Ada", "saw", bo, {}, "D"},
                    {-1, "Ada", "knew", bo, {}, "B"},
                    {-1, "Eve", "met", bo, {}, "C"}});
  // A still tells the first, B doesn't; that C tells the second is new; D isn't in the load.
  CHECK(Replace(*store, {{-1, "Ada", "met", bo, {}, "A"},
                         {-1, "Ada", "saw", bo, {}, "C"},
                         {-1, "Ada", "left", bo, {}, "B"}}) ==
        "3 read, 1 new, 2 assertions, 1 names, changed 1, 3 sources, 5 lost, 2 gone, "
        "0 qualifiers");
  const std::unique_ptr<Store> expected = OpenStore(bulk_rows, 16);
  LoadInto(*expected, {{-1, "Ada", "met", bo, {}, "A"},
                       {-1, "Ada", "saw", bo, {}, "C"},
                       {-1, "Ada", "saw", bo, {}, "D"},
                       {-1, "Ada", "left", bo, {}, "B"}});
  Texts texts(**store->GetSnapshot()), expected_texts(**expected->GetSnapshot());
  std::vector<std::string> left = Dump(**store->GetSnapshot(), Permutation::kSource, texts);
  std::vector<std::string> right =
      Dump(**expected->GetSnapshot(), Permutation::kSource, expected_texts);
  std::sort(left.begin(), left.end());
  std::sort(right.begin(), right.end());
  CHECK(left == right);
}

TEST_CASE("a replacing load is the same through a transaction and as a generation") {
  const uint32_t block_rows = GENERATE(3u, 4096u);
  const std::unique_ptr<Store> small = OpenWithClock(1000000, block_rows);
  const std::unique_ptr<Store> loaded = OpenWithClock(1, block_rows);
  std::vector<ToldFact> tellings = SomeTellings(block_rows, 200);
  for (uint32_t round = 0; round < 6; ++round) {
    CAPTURE(round);
    const std::string through_delta = Replace(*small, tellings);
    CHECK(Replace(*loaded, tellings) == through_delta);
    // Whatever was lost is told by now.
    const std::string again = Replace(*loaded, tellings);
    CHECK(again.find("changed 0") != std::string::npos);
    CHECK(Replace(*small, tellings) == again);
    for (int64_t past = 1; past <= round; ++past) CheckSamePast(*loaded, *small, past);
    for (int i = 0; i < 20; ++i) {
      const std::string spelling = "text " + std::to_string(i);
      const auto left = (*loaded->GetSnapshot())->ResolveName(spelling, true);
      const auto right = (*small->GetSnapshot())->ResolveName(spelling, true);
      REQUIRE((left.ok() && right.ok()));
      std::set<std::string> of_left, of_right;
      for (const NameMatch& match : *left) {
        of_left.insert(Describe(**loaded->GetSnapshot(), match.entity));
      }
      for (const NameMatch& match : *right) {
        of_right.insert(Describe(**small->GetSnapshot(), match.entity));
      }
      CHECK(of_left == of_right);
    }
    // Removals leave bounds that a fold makes tight.
    REQUIRE(small->Fold().ok());
    CheckSame(*loaded, *small);
    tellings = round == 3 ? std::vector<ToldFact>() : Corrected(tellings, round + 50, 100);
  }
}

// What questions see, with numbers left out.
std::vector<std::string> Seen(Store& store) {
  const auto view = MakeMergedView(*store.GetSnapshot());
  REQUIRE(view.ok());
  Texts texts(**view);
  return Dump(**view, Permutation::kFact, texts);
}

TEST_CASE("where entities are merged a load is the same through the delta and as a generation") {
  const uint32_t seed = GENERATE(1u, 2u, 3u);
  const std::unique_ptr<Store> small = OpenStore(1000000, 3);
  const std::unique_ptr<Store> loaded = OpenStore(1, 3);
  std::vector<ToldFact> tellings = SomeTellings(seed, 200);
  std::vector<ToldFact> merges;
  for (const auto& [from, into] : {std::pair("entity 1", "entity 2"),
                                   {"entity 2", "entity 3"},
                                   {"entity 4", "entity 3"},
                                   {"predicate 1", "predicate 2"},
                                   {"source 1", "source 2"},
                                   {"entity 20", "entity 10"}}) {
    merges.push_back({-1, from, std::string(kMergedInto), Term(Name{into}), {}, ""});
  }
  for (Store* store : {small.get(), loaded.get()}) {
    TellOneByOne(*store, tellings);
    TellOneByOne(*store, merges);
  }
  for (uint32_t round = 0; round < 4; ++round) {
    CAPTURE(round);
    const std::vector<ToldFact> more = SomeTellings(seed * 10 + round, 200);
    CHECK(LoadInto(*loaded, more) == LoadInto(*small, more));
    CHECK(Seen(*loaded) == Seen(*small));
    CHECK(!LoadInto(*loaded, more).changed);
    CHECK(!LoadInto(*small, more).changed);
    // Of other names of the same entities.
    CHECK(!LoadInto(*loaded, merges).changed);
    CHECK(!LoadInto(*small, merges).changed);
    tellings = Corrected(round % 2 == 0 ? tellings : more, seed * 20 + round, 100);
    CHECK(Replace(*loaded, tellings) == Replace(*small, tellings));
    CHECK(Seen(*loaded) == Seen(*small));
    CHECK(Replace(*loaded, tellings).find("changed 0") != std::string::npos);
    CHECK(Replace(*small, tellings).find("changed 0") != std::string::npos);
  }
}

TEST_CASE("a fact that one source of a replacing load loses and another gains stays as it is") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenWithClock(bulk_rows, 16);
  const Term day(*Time::Parse("2024-05-06"));
  Replace(*store, {{-1, "Ada", "met", Term(Name{"Bob"}), day, "Izvestia"},
                   {0, "", "place", Term(Name{"Paris"}), Term(), "Izvestia"},
                   {-1, "Ada", "left", Term(Name{"Paris"}), day, "TASS"}});
  const auto number_of_meeting = [&] {
    const auto now = *store->GetSnapshot();
    const auto id = [&](const char* name) { return *now->Find(Term(Name{name})); };
    return (*now->FindFact(id("Ada"), id("met"), id("Bob"), *now->Find(day)))->number;
  };
  const uint64_t number = number_of_meeting();
  CHECK(Replace(*store, {{-1, "Ada", "met", Term(Name{"Bob"}), day, "TASS"},
                         {0, "", "topic", Term(Name{"Trade"}), Term(), "TASS"},
                         {-1, "Bob", "left", Term(Name{"Paris"}), day, "Izvestia"}}) ==
        "2 read, 1 new, 2 assertions, 2 names, changed 1, 2 sources, 2 lost, 1 gone, 0 qualifiers");
  const auto view = *store->GetSnapshot();
  Texts texts(*view);
  CHECK(Dump(*view, Permutation::kSource, texts) ==
        std::vector<std::string>{
            "Izvestia | left | Bob | Paris | 2024-05-06 | (Bob, left, Paris, 2024-05-06) | ",
            "TASS | met | Ada | Bob | 2024-05-06 | (Ada, met, Bob, 2024-05-06) | ",
            "TASS | topic | (Ada, met, Bob, 2024-05-06) | Trade | - | "
            "((Ada, met, Bob, 2024-05-06), topic, Trade, -) | "});
  CHECK(number_of_meeting() == number);
}

TEST_CASE("a replacing load that changes little of much is told fact by fact") {
  const std::unique_ptr<Store> store = OpenWithClock(20, 64), small = OpenWithClock(1000000, 64);
  std::vector<ToldFact> tellings;
  for (int i = 0; i < 3000; ++i) {
    tellings.push_back({-1, "row " + std::to_string(i), "listed", Term(int64_t{i % 100}), Term(),
                        "source " + std::to_string(i % 2)});
  }
  for (Store* one : {store.get(), small.get()}) Replace(*one, tellings);
  const uint64_t generation = (*store->GetSnapshot())->Statistics()->generation;
  CHECK(generation == 1);
  for (int i = 0; i < 5; ++i) tellings.erase(tellings.begin() + 17 * i);
  tellings[5].object = Term(int64_t{-1});
  CHECK(Replace(*store, tellings) == Replace(*small, tellings));
  CHECK((*store->GetSnapshot())->Statistics()->generation == generation);
  // All goes with a file that says nothing.
  for (ToldFact& telling : tellings) telling.source = "source 9";
  CHECK(Replace(*store, tellings) == Replace(*small, tellings));
  CHECK(Replace(*store, {}) == Replace(*small, {}));
  CHECK((*store->GetSnapshot())->Statistics()->generation > generation);
  for (Store* one : {store.get(), small.get()}) REQUIRE(one->Fold().ok());
  CheckSame(*store, *small);
  CHECK((*store->GetSnapshot())->Statistics()->facts == 2995);
}

// Facts as a table has them, and some about them; more than a block of anything holds.
std::vector<ToldFact> ManyTellings(uint32_t seed, int count) {
  std::mt19937 random(seed);
  const auto name = [&](const char* stem, uint32_t n) {
    return stem + std::to_string(random() % n);
  };
  std::vector<ToldFact> tellings;
  for (int i = 0; i < count; ++i) {
    ToldFact telling;
    if (i > 0 && random() % 10 == 0) {
      telling.about = static_cast<int>(random() % static_cast<uint32_t>(i));
    } else {
      telling.subject = name("entity ", 500);
    }
    telling.predicate = name("predicate ", 9);
    telling.object = Term(Name{name("entity ", 500)});
    telling.time = Term(*Time::Parse("20" + std::to_string(10 + random() % 15)));
    if (random() % 3 == 0) telling.source = name("source ", 20);
    tellings.push_back(telling);
  }
  return tellings;
}

TEST_CASE("a load is the same in little memory and in much, by one thread and by several") {
  const std::vector<ToldFact> first = ManyTellings(8, 60000), second = ManyTellings(9, 50000);
  std::unique_ptr<Store> expected;
  Numbers numbers;
  for (const uint64_t memory : {uint64_t{1} << 34, uint64_t{1}}) {
    for (const size_t threads : {1u, 3u}) {
      std::unique_ptr<Store> store = OpenStore(1, 4096);
      for (const std::vector<ToldFact>* tellings : {&first, &second}) {
        LoadOptions options;
        options.memory_bytes = memory;
        options.threads = threads;
        auto load = store->BeginBulkLoad(0, options);
        REQUIRE(load.ok());
        const Numbers loaded = Load(**load, *tellings);
        if (tellings == &second) {
          if (expected == nullptr) numbers = loaded;
          CHECK(loaded == numbers);
        }
      }
      if (expected == nullptr) {
        expected = std::move(store);
      } else {
        CheckSame(*store, *expected);
      }
    }
  }
}

TEST_CASE("a load that is called off leaves the store as it was, at any step") {
  const std::vector<ToldFact> tellings = ManyTellings(10, 150000);
  const std::unique_ptr<Store> store = OpenStore(1, 4096);
  int calls = 1 << 30;
  const auto load = [&] {
    LoadOptions options;
    options.threads = 2;
    options.progress = [&](LoadPhase, uint64_t done, uint64_t of) {
      CHECK(done <= of);
      return --calls < 0 ? Cancelled("called off") : absl::OkStatus();
    };
    auto begun = store->BeginBulkLoad(0, options);
    REQUIRE(begun.ok());
    std::vector<BulkLoad::Handle> facts;
    for (const ToldFact& telling : tellings) {
      const auto subject = telling.about < 0 ? (*begun)->InternName(telling.subject)
                                             : facts[static_cast<size_t>(telling.about)];
      facts.push_back((*begun)->Add(subject, (*begun)->InternName(telling.predicate),
                                    (*begun)->Intern(telling.object),
                                    (*begun)->Intern(telling.time), BulkLoad::kNone));
    }
    return (*begun)->Finish();
  };
  for (int allowed = 0;; ++allowed) {
    calls = allowed;
    const auto result = load();
    if (result.ok()) {
      CHECK(allowed > 4);
      CHECK(result->new_facts > 0);
      break;
    }
    CHECK(result.status().code() == absl::StatusCode::kCancelled);
    CHECK((*store->GetSnapshot())->Statistics()->terms == 0);
    CHECK((*store->GetSnapshot())->Statistics()->generation == 0);
  }
}

TEST_CASE("the same load twice changes nothing") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenStore(bulk_rows, 16);
  const std::vector<ToldFact> tellings = SomeTellings(5, 200);
  const Numbers first = LoadInto(*store, tellings);
  CHECK(first.changed);
  const GraphStatistics before = *(*store->GetSnapshot())->Statistics();
  const Numbers second = LoadInto(*store, tellings);
  CHECK(second == Numbers{first.read, 0, 0, 0, false});
  const GraphStatistics after = *(*store->GetSnapshot())->Statistics();
  CHECK(after.generation == before.generation);
  CHECK(after.terms == before.terms);
  CHECK_FALSE((*store->GetSnapshot())->TransactionTime(2).ok());
}

TEST_CASE("what a load counts") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenStore(bulk_rows, 16);
  const Term day(*Time::Parse("2024-05-06"));
  const std::vector<ToldFact> tellings = {
      {-1, "Ada", "met", Term(Name{"Bob"}), day, "Izvestia"},
      {-1, "Ada", "met", Term(Name{"Bob"}), day, "TASS"},      // another source of the same fact
      {-1, "Ada", "met", Term(Name{"Bob"}), day, "Izvestia"},  // twice
      {-1, "Ada", "met", Term(Name{"Bob"}), Term(), ""},       // another fact
      {0, "", "place", Term(Name{"Paris"}), Term(), "Izvestia"},
  };
  // Names: Ada, Bob, met, place, Paris, Izvestia, TASS. Two facts gained a source, or none.
  CHECK(LoadInto(*store, tellings) == Numbers{4, 2, 2, 7, true});
  CHECK(LoadInto(*store, {{-1, "Ada", "met", Term(Name{"Bob"}), day, ""}}) ==
        Numbers{1, 0, 1, 0, true});
}

TEST_CASE("aliases of a load are spellings, as are its names") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenStore(bulk_rows, 16);
  LoadInto(
      *store,
      {{-1, "Kim Jong-un", std::string(kAliasPredicate), Term(Text{"Кім Чен Ин", "uk"}), {}, ""},
       {-1, "Kim Jong-un", "met", Term(Name{"Vladimir Putin"}), {}, ""}});
  const auto resolve = [&](std::string_view name) {
    const auto matches = (*store->GetSnapshot())->ResolveName(name, true);
    REQUIRE(matches.ok());
    return matches->size() == 1 ? Describe(**store->GetSnapshot(), (*matches)[0].entity) : "?";
  };
  CHECK(resolve("Кім Чен Ин") == "Kim Jong-un");
  CHECK(resolve("vladimir-putin") == "Vladimir Putin");
  // A text that was there before as something else becomes an alias.
  LoadInto(*store, {{-1, "Putin", "said", Term(Text{"VVP", ""}), {}, ""}});
  CHECK(resolve("VVP") == "?");
  LoadInto(*store,
           {{-1, "Vladimir Putin", std::string(kAliasPredicate), Term(Text{"VVP", ""}), {}, ""}});
  CHECK(resolve("VVP") == "Vladimir Putin");
}

TEST_CASE("a load inside a transaction is rolled back with it") {
  const std::unique_ptr<Store> store = OpenStore(1, 16);
  const std::vector<ToldFact> tellings = SomeTellings(6, 100);
  {
    auto transaction = store->Begin();
    REQUIRE(transaction.ok());
    auto load = store->BulkLoadInto(**transaction);
    REQUIRE(load.ok());
    CHECK(Load(**load, tellings).changed);
    CHECK((*transaction)->view()->Statistics()->facts > 0);
    CHECK((*store->GetSnapshot())->Statistics()->facts == 0);
  }
  CHECK((*store->GetSnapshot())->Statistics()->facts == 0);
  auto transaction = store->Begin();
  REQUIRE(transaction.ok());
  auto load = store->BulkLoadInto(**transaction);
  REQUIRE(load.ok());
  Load(**load, tellings);
  REQUIRE((*transaction)->Commit().ok());
  const std::unique_ptr<Store> told = OpenStore(1000000, 16);
  TellOneByOne(*told, tellings);
  CheckSame(*store, *told);
}

TEST_CASE("a load that isn't finished, or holds nothing, leaves nothing and lets others write") {
  const std::unique_ptr<Store> store = OpenStore(1, 16);
  {
    auto load = store->BeginBulkLoad();
    REQUIRE(load.ok());
    CHECK_FALSE(store->Begin().ok());
    (*load)->Add((*load)->InternName("Ada"), (*load)->InternName("met"), (*load)->InternName("Bob"),
                 BulkLoad::kNone, BulkLoad::kNone);
  }
  CHECK((*store->GetSnapshot())->Statistics()->terms == 0);
  CHECK(LoadInto(*store, {}) == Numbers{0, 0, 0, 0, false});
  CHECK(store->Begin().ok());
}

TEST_CASE("terms of a load that no fact has are not stored") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenStore(bulk_rows, 16);
  auto load = store->BeginBulkLoad();
  REQUIRE(load.ok());
  (*load)->InternName("Nobody");
  (*load)->Add((*load)->InternName("Ada"), (*load)->InternName("met"), (*load)->InternName("Bob"),
               BulkLoad::kNone, BulkLoad::kNone);
  const auto result = (*load)->Finish();
  REQUIRE(result.ok());
  CHECK(result->new_names == 3);
  CHECK((*store->GetSnapshot())->Statistics()->terms == 3);
}

TEST_CASE("what can't be stored is an error, and nothing is") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  const std::unique_ptr<Store> store = OpenStore(bulk_rows, 16);
  auto load = store->BeginBulkLoad();
  REQUIRE(load.ok());
  const auto ada = (*load)->InternName("Ada");
  (*load)->Add(ada, (*load)->InternName("age"), (*load)->Intern(Term(Duration{1, 0})),
               BulkLoad::kNone, BulkLoad::kNone);
  CHECK((*load)->Finish().status().code() == absl::StatusCode::kInvalidArgument);
  load->reset();
  CHECK((*store->GetSnapshot())->Statistics()->terms == 0);
  CHECK(LoadInto(*store, SomeTellings(7, 20)).changed);
}

}  // namespace
}  // namespace annals
