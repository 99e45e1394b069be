// What a store promises beside scans: qualifiers, history, names, one writer, generations that stay
// while they are read, crashes in folds, damage, threads.
#include "storage/graph/store.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <thread>

#include "storage/graph/generation_writer.h"
#include "storage/graph/history.h"
#include "storage/graph/history_rows.h"
#include "storage/graph/names.h"
#include "storage/kv/keys.h"
#include "tests/unit/store_fixture.h"

namespace annals {
namespace {

TermId NameId(WriteTransaction& transaction, const std::string& name) {
  return Value(transaction.Intern(Term(Name{name})));
}

AddResult Tell(WriteTransaction& transaction, TermId subject, const std::string& predicate,
               const std::string& object, const std::string& source = "") {
  return Value(transaction.Add(subject, NameId(transaction, predicate), NameId(transaction, object),
                               TermId(), source.empty() ? TermId() : NameId(transaction, source)));
}

AddResult Tell(WriteTransaction& transaction, const std::string& subject,
               const std::string& predicate, const std::string& object,
               const std::string& source = "") {
  return Tell(transaction, NameId(transaction, subject), predicate, object, source);
}

uint64_t FactCount(const GraphView& view) { return Value(view.Statistics()).facts; }
uint64_t FactCount(const Store& store) { return FactCount(*Value(store.GetSnapshot())); }

// Keys of the closed database below a prefix.
std::vector<std::string> Keys(const std::string& path, char prefix) {
  kv::Options options;
  options.read_only = true;
  const auto kv = Value(kv::Store::Open(path, options));
  const auto at = kv->GetSnapshot()->NewIterator();
  std::vector<std::string> keys;
  for (at->Seek(kv::PrefixBegin(prefix)); at->Valid() && at->key().starts_with(prefix);
       at->Next()) {
    keys.emplace_back(at->key());
  }
  return keys;
}

TEST_CASE("a copy is a store of its own, and gone with its owner") {
  const Folder folder;
  const auto folders_inside = [&] {
    const auto entries = std::filesystem::directory_iterator(folder.Database());
    return std::count_if(begin(entries), end(entries),
                         [](const auto& entry) { return entry.is_directory(); });
  };
  {
    auto store = Value(Store::Open(folder.Database(), {}));
    const auto tell = [](Store& to, const std::string& subject) {
      const auto transaction = Value(to.Begin());
      Tell(*transaction, subject, "met", "b", "Log");
      Ok(transaction->Commit());
    };
    tell(*store, "a");
    Ok(store->Fold());
    tell(*store, "c");
    auto copy = Value(store->NewCopy());
    const auto other = Value(store->NewCopy());
    tell(*copy, "d");
    tell(*copy, "e");
    tell(*store, "f");
    CHECK(FactCount(*copy) == 4);
    CHECK(FactCount(*other) == 2);
    CHECK(FactCount(*store) == 3);
    CHECK(folders_inside() == 2);
    copy.reset();
    CHECK(folders_inside() == 1);
  }
  // What a crash left.
  std::filesystem::create_directories(folder.Database() + "/annals-load-copy-7/inside");
  auto store = Value(Store::Open(folder.Database(), {}));
  CHECK(folders_inside() == 0);
  CHECK(FactCount(*store) == 3);
  CHECK_FALSE(Value(Store::Open(":memory:", {}))->NewCopy().ok());
}

TEST_CASE("how unevenly facts are spread is known exactly after a fold") {
  const Folder folder;
  for (const bool reopen : {false, true}) {
    auto store = Value(Store::Open(folder.Database(), {}));
    if (!reopen) {
      const auto transaction = Value(store->Begin());
      for (const char* object : {"b", "c", "d"}) Tell(*transaction, "a", "met", object);
      for (const char* subject : {"e", "f"}) Tell(*transaction, subject, "met", "b");
      Tell(*transaction, "a", "saw", "b");
      Ok(transaction->Commit());
      Ok(store->Fold());
    }
    const auto view = Value(store->GetSnapshot());
    const auto met = Value(view->StatisticsOf(Value(view->Find(Term(Name{"met"})))));
    CHECK(met.facts == 5);
    CHECK(met.subject_squares == 9 + 1 + 1);
    CHECK(met.object_squares == 9 + 1 + 1);
    CHECK(met.counted_facts == 5);
    CHECK(met.subject_object_pairs == 5);
    CHECK(met.subject_time_pairs == 3);
    CHECK(met.distinct_times == 0);
  }
  // Told and taken back one by one, it is estimated, between all alike and all different.
  auto store = Value(Store::Open(folder.Database(), {}));
  auto transaction = Value(store->Begin());
  std::vector<uint64_t> facts;
  for (const char* object : {"g", "h", "i"}) {
    facts.push_back(Tell(*transaction, "e", "met", object).fact);
  }
  const auto met_in = [](const GraphView& view) {
    return Value(view.StatisticsOf(Value(view.Find(Term(Name{"met"})))));
  };
  CHECK(met_in(*transaction->view()).subject_squares > 11);
  CHECK(met_in(*transaction->view()).subject_squares <= 8 * 8);
  CHECK(met_in(*transaction->view()).object_squares == 11 + 3);
  CHECK(met_in(*transaction->view()).facts == 8);
  CHECK(met_in(*transaction->view()).counted_facts == 5);
  Ok(transaction->Commit());
}

TEST_CASE("what loses its last source goes, with all that was said about it") {
  for (const bool fold : {false, true}) {
    const auto store = Value(Store::Open(":memory:", {}));
    auto transaction = Value(store->Begin());
    const uint64_t fact = Tell(*transaction, "a", "met", "b", "x").fact;
    CHECK_FALSE(Tell(*transaction, "a", "met", "b", "y").new_fact);
    CHECK_FALSE(Tell(*transaction, "a", "met", "b", "y").new_assertion);
    const uint64_t place = Tell(*transaction, TermId::Fact(fact), "place", "c", "x").fact;
    Tell(*transaction, TermId::Fact(place), "certain", "no");
    const uint64_t other = Tell(*transaction, "a", "met", "c").fact;
    Ok(transaction->Commit());
    if (fold) Ok(store->Fold());
    CHECK(FactCount(*store) == 4);

    transaction = Value(store->Begin());
    const TermId x = NameId(*transaction, "x");
    CHECK(Value(transaction->Remove(fact, x)) == 0);
    CHECK(Value(transaction->Remove(fact, x)) == 0);
    CHECK(FactCount(*transaction->view()) == 4);
    CHECK(Value(transaction->Remove(fact, NameId(*transaction, "y"))) == 1);
    CHECK(FactCount(*transaction->view()) == 1);
    CHECK(Value(transaction->Remove(fact, std::nullopt)) == 0);
    CHECK(FactCount(*store) == 4);
    Ok(transaction->Commit());
    CHECK(FactCount(*store) == 1);
    const auto view = Value(store->GetSnapshot());
    CHECK(Value(view->Statistics()).sources == 0);
    CHECK(Value(view->Statistics()).predicates == 1);
    CHECK(Value(view->GetFact(other)).has_value());
    CHECK_FALSE(Value(view->GetFact(place)).has_value());
    // A number is never given twice.
    transaction = Value(store->Begin());
    CHECK(Tell(*transaction, "a", "met", "b").fact > other);
  }
}

TEST_CASE("a transaction may tell again what it has taken back") {
  constexpr int kFacts = 120;
  for (const bool fold : {false, true}) {
    const auto store = Value(Store::Open(":memory:", {}));
    auto transaction = Value(store->Begin());
    const auto tell = [&](int i, const std::string& source) {
      return Tell(*transaction, "row " + std::to_string(i), "listed",
                  "value " + std::to_string(i % 7), source);
    };
    for (int i = 0; i < kFacts; ++i) {
      tell(i, "x");
      if (i % 4 == 0) tell(i, "y");
    }
    Ok(transaction->Commit());
    if (fold) Ok(store->Fold());

    transaction = Value(store->Begin());
    const TermId x = NameId(*transaction, "x"), listed = NameId(*transaction, "listed");
    tell(kFacts, "x");
    transaction->SetSavePoint();
    const auto count = [&] {
      const GraphStatistics all = Value(transaction->view()->Statistics());
      const PredicateStatistics of = Value(transaction->view()->StatisticsOf(listed));
      CHECK(FactCount(*transaction->view()) == of.facts);
      return std::array<uint64_t, 4>{of.facts, of.distinct_subjects, of.distinct_objects,
                                     all.sources};
    };
    for (const bool again : {false, true}) {
      Removals removals;
      for (uint64_t fact = 1; fact <= kFacts + 1; ++fact) removals.tellings.push_back({fact, x});
      CHECK(Value(transaction->RemoveAll(removals, nullptr)) == kFacts * 3 / 4 + 1);
      CHECK(count() == std::array<uint64_t, 4>{kFacts / 4, kFacts / 4, 7, 1});
      // From the last to the first, and each fifth of them.
      for (int i = kFacts - 5; i >= 0; i -= 5) {
        const AddResult added = tell(i, "x");
        CHECK(added.new_assertion);
        CHECK(added.new_fact == (i % 4 != 0));
        CHECK(added.new_fact == (added.fact > kFacts + 1));
        CHECK_FALSE(tell(i, "x").new_assertion);
      }
      CHECK(count() == std::array<uint64_t, 4>{kFacts * 2 / 5, kFacts * 2 / 5, 7, 2});
      if (!again) Ok(transaction->RollbackToSavePoint());
      if (!again) CHECK(count() == std::array<uint64_t, 4>{kFacts + 1, kFacts + 1, 7, 2});
    }
    Ok(transaction->Commit());
    CHECK(FactCount(*store) == kFacts * 2 / 5);
  }
}

TEST_CASE("the history keeps what was removed, and not what never was there") {
  const Folder folder;
  uint64_t fact = 0;
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    auto transaction = Value(store->Begin());
    fact = Tell(*transaction, "a", "met", "b", "x").fact;
    Ok(transaction->Commit());
    transaction = Value(store->Begin());
    CHECK(Value(transaction->Remove(fact, std::nullopt)) == 1);
    const uint64_t passing = Tell(*transaction, "a", "met", "c").fact;
    CHECK(Value(transaction->Remove(passing, std::nullopt)) == 1);
    Ok(transaction->Commit());
    CHECK(Value(Value(store->GetSnapshot())->TransactionTime(2)) >=
          Value(Value(store->GetSnapshot())->TransactionTime(1)));
    CHECK_FALSE(Value(store->GetSnapshot())->TransactionTime(3).ok());
  }
  const std::vector<std::string> keys = Keys(folder.Database(), kv::kHistoryPrefix);
  REQUIRE(keys.size() == 1);
  REQUIRE(keys[0].size() == 1 + 7 * 8);
  CHECK(kv::LoadFixed64(keys[0].data() + 1 + 4 * 8) == TermId::Fact(fact).bits());
  CHECK(kv::LoadFixed64(keys[0].data() + 1 + 6 * 8) == 2);
}

TEST_CASE("aliases come and go with their facts") {
  const auto store = Value(Store::Open(":memory:", {}));
  auto transaction = Value(store->Begin());
  const TermId kim = NameId(*transaction, "Kim Jong-un");
  const TermId alias = NameId(*transaction, "alias");
  const auto add = [&](const std::string& text, const std::string& language) {
    const TermId object = Value(transaction->Intern(Term(Text{text, language})));
    return Value(transaction->Add(kim, alias, object, TermId(), TermId())).fact;
  };
  const auto found = [&](const GraphView& view, const std::string& name, bool loose) {
    const std::vector<NameMatch> matches = Value(view.ResolveName(name, loose));
    return matches.size() == 1 && matches[0].entity == kim;
  };
  const uint64_t plain = add("Kim Jong Yin", "");
  const uint64_t tagged = add("Kim Jong Yin", "en");
  CHECK(found(*transaction->view(), "Kim Jong Yin", false));
  Ok(transaction->Commit());
  CHECK(found(*Value(store->GetSnapshot()), "kim-jong yin", true));
  CHECK_FALSE(found(*Value(store->GetSnapshot()), "kim-jong yin", false));
  transaction = Value(store->Begin());
  CHECK(Value(transaction->Remove(plain, std::nullopt)) == 1);
  CHECK(found(*transaction->view(), "Kim Jong Yin", false));
  CHECK(Value(transaction->Remove(tagged, std::nullopt)) == 1);
  CHECK_FALSE(found(*transaction->view(), "Kim Jong Yin", true));
  CHECK(found(*transaction->view(), "Kim Jong-un", false));
}

TEST_CASE("there is one writer at a time, and rolling back frees it") {
  const auto store = Value(Store::Open(":memory:", {}));
  auto first = Value(store->Begin());
  Tell(*first, "a", "b", "c");
  CHECK(store->Begin().status().code() == absl::StatusCode::kAborted);
  CHECK(store->Begin(20).status().code() == absl::StatusCode::kAborted);
  std::thread other([&] {
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    first.reset();
  });
  const auto second = Value(store->Begin(10000));
  other.join();
  CHECK(FactCount(*store) == 0);
  Ok(second->Commit());
  CHECK_FALSE(second->Commit().ok());
}

TEST_CASE("terms that no one may store are refused") {
  const auto store = Value(Store::Open(":memory:", {}));
  const auto transaction = Value(store->Begin());
  const TermId a = NameId(*transaction, "a");
  CHECK_FALSE(transaction->Intern(Term(Duration{1, 0})).ok());
  CHECK_FALSE(transaction->Add(a, a, TermId(), TermId(), TermId()).ok());
  CHECK_FALSE(transaction->Add(a, a, TermId::Local(3), TermId(), TermId()).ok());
  CHECK_FALSE(transaction->Add(a, a, a, a, TermId()).ok());
  CHECK(transaction->view()->Get(TermId::Local(1)).status().code() ==
        absl::StatusCode::kInvalidArgument);
  CHECK(transaction->view()->Get(TermId::Make(TermKind::kName, 77)).status().code() ==
        absl::StatusCode::kDataLoss);
}

TEST_CASE("a read-only store reads, and says why it doesn't write") {
  const Folder folder;
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    const auto transaction = Value(store->Begin());
    Tell(*transaction, "a", "b", "c");
    Ok(transaction->Commit());
  }
  StoreOptions options;
  options.kv.read_only = true;
  const auto store = Value(Store::Open(folder.Database(), options));
  CHECK(store->read_only());
  CHECK(FactCount(*store) == 1);
  const absl::Status status = store->Begin().status();
  CHECK(status.code() == absl::StatusCode::kUnavailable);
  CHECK(std::string(status.message()).find("reading only") != std::string::npos);
  CHECK_FALSE(store->Fold().ok());
}

TEST_CASE("a generation stays while it is read, and goes after") {
  const Folder folder;
  StoreOptions options;
  options.block_rows = 8;
  {
    const auto store = Value(Store::Open(folder.Database(), options));
    const auto commit = [&](int from, int to) {
      const auto transaction = Value(store->Begin());
      for (int i = from; i < to; ++i) Tell(*transaction, "s" + std::to_string(i), "p", "o");
      Ok(transaction->Commit());
    };
    commit(0, 100);
    Ok(store->Fold());
    auto held = Value(store->GetSnapshot());
    ScanSpec spec;
    spec.output = {Column::kSubject};
    const auto scan = Value(held->Scan(spec));
    std::vector<std::vector<TermId>> column(1);
    CHECK(Value(scan->Next(column, 10)) == 10);
    commit(100, 150);
    Ok(store->Fold());
    commit(150, 160);
    Ok(store->Fold());
    size_t rest = 0;
    while (const size_t count = Value(scan->Next(column, 7))) rest += count;
    CHECK(rest == 90);
    CHECK(FactCount(*held) == 100);
    CHECK(Value(held->CountRows(spec)) == 100);
    CHECK(FactCount(*store) == 160);
  }
  {  // now nobody reads the older ones
    const auto store = Value(Store::Open(folder.Database(), options));
    CHECK(FactCount(*store) == 160);
  }
  std::vector<uint64_t> generations;
  for (const std::string& key : Keys(folder.Database(), kv::kBlockPrefix)) {
    generations.push_back(kv::LoadFixed64(key.data() + 1));
  }
  REQUIRE_FALSE(generations.empty());
  CHECK(std::count(generations.begin(), generations.end(), generations[0]) ==
        static_cast<ptrdiff_t>(generations.size()));
}

TEST_CASE("what a crash in a fold or a load left is cleaned up") {
  const Folder folder;
  std::vector<Assertion> tellings;
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    const auto transaction = Value(store->Begin());
    const TermId a = NameId(*transaction, "a"), b = NameId(*transaction, "b");
    const TermId passing = NameId(*transaction, "d"), c = NameId(*transaction, "c");
    for (const TermId object : {c, passing}) {
      const AddResult added = Value(transaction->Add(a, b, object, TermId(), TermId()));
      tellings.push_back(
          {a, b, object, TermId(), TermId::Fact(added.fact), TermId(), TermId::Integer(1)});
    }
    Ok(transaction->Commit());
    Ok(store->Fold());
    const auto removal = Value(store->Begin());
    CHECK(Value(removal->Remove(tellings[1].fact.payload(), std::nullopt)) == 1);
    Ok(removal->Commit());
    Ok(store->Fold());
  }
  {  // taken in, but never made current
    const auto kv = Value(kv::Store::Open(folder.Database(), {}));
    auto ingestion = kv->NewIngestion();
    GenerationWriter writer(ingestion->AddFile(), 1, 5, 9, 8, 3);
    for (uint64_t i = 1; i < 50; ++i) Ok(writer.Append(std::vector<uint64_t>{i, i, i, 0, i}));
    Ok(writer.Finish());
    Ok(ingestion->AddFile().Put(kv::NumberKey(kv::kStringBlockPrefix, 1000), "anything"));
    const TermKey names[] = {{TermKind::kName, "Orphan", 0}, {TermKind::kName, "Ёж", 0}};
    Ok(WriteNames(names, 1001, {}, ingestion->AddFile()));
    HistoryRows history(folder.Database(), /*transaction=*/3, 1 << 20);
    Ok(history.Add(tellings[0]));
    Ok(history.WriteTo(ingestion->AddFile()));
    Ok(kv->Ingest(std::move(ingestion)));
  }
  const size_t orphans = Keys(folder.Database(), kv::kBlockPrefix).size();
  const size_t strings = Keys(folder.Database(), kv::kStringBlockPrefix).size();
  const size_t names = Keys(folder.Database(), kv::kNamePrefix).size();
  CHECK(Keys(folder.Database(), kv::kHistoryPrefix).size() == 2);
  {  // readers pass over what they can't clear away
    StoreOptions reading;
    reading.kv.read_only = true;
    const auto store = Value(Store::Open(folder.Database(), reading));
    const auto view = Value(store->GetSnapshot());
    CHECK(Value(view->ResolveName("orphan", true)).empty());
    CHECK(Value(view->NearestNames("Orphans", 5)).empty());
    CHECK(Value(view->NamesWithPrefix("o", 5)).empty());
    for (const Assertion& telling : tellings) {
      const auto told = Value(HistoryOf(*view, telling.subject, telling.predicate, telling.object));
      REQUIRE(told.size() == 1);
      CHECK(told[0].removed.has_value() == (telling.object == tellings[1].object));
    }
  }
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    CHECK(FactCount(*store) == 1);
    Ok(store->Fold());
    CHECK(FactCount(*store) == 1);
  }
  CHECK(Keys(folder.Database(), kv::kBlockPrefix).size() < orphans);
  CHECK(Keys(folder.Database(), kv::kStringBlockPrefix).size() == strings - 1);
  CHECK(Keys(folder.Database(), kv::kNamePrefix).size() == names - 3);
  CHECK(Keys(folder.Database(), kv::kHistoryPrefix).size() == 1);
}

// As many rows as take several runs of the temporary file.
TEST_CASE("rows of the history come sorted, however little memory they have") {
  const Folder folder;
  const auto kv = Value(kv::Store::Open(folder.Database(), {}));
  auto ingestion = kv->NewIngestion();
  HistoryRows history(folder.Database(), 7, GENERATE(uint64_t{1}, 1000, 1 << 20));
  constexpr uint64_t kRows = 300;
  for (uint64_t i = 0; i < kRows; ++i) {
    const TermId number = TermId::Integer(static_cast<int64_t>(i * 77 % kRows));
    Ok(history.Add({number, number, number, number, TermId::Fact(i + 1), number,
                    TermId::Integer(static_cast<int64_t>(i))}));
  }
  CHECK(history.size() == kRows);
  Ok(history.WriteTo(ingestion->AddFile()));
  Ok(kv->Ingest(std::move(ingestion)));
  size_t rows = 0;
  const auto view = kv->GetSnapshot();
  const auto at = view->NewIterator();
  for (at->Seek(kv::PrefixBegin(kv::kHistoryPrefix));
       at->Valid() && at->key().starts_with(kv::kHistoryPrefix); at->Next(), ++rows) {
    const TermId subject = TermId::FromBits(kv::LoadFixed64(at->key().data() + 1));
    CHECK(subject.integer() == static_cast<int64_t>(rows));
    CHECK(kv::LoadFixed64(at->key().data() + 1 + 6 * 8) == 7);
    const uint64_t added = kv::LoadFixed64(at->value().data());
    CHECK(added * 77 % kRows == rows);
  }
  CHECK(rows == kRows);
  const auto left = [&] {
    const auto row = kv->GetSnapshot()->NewIterator();
    row->Seek(kv::PrefixBegin(kv::kHistoryPrefix));
    return row->Valid() && row->key().starts_with(kv::kHistoryPrefix);
  };
  Ok(RemoveHistoryAfter(*kv, 7));
  CHECK(left());
  Ok(RemoveHistoryAfter(*kv, 6));
  CHECK_FALSE(left());
}

TEST_CASE("damaged values are refused, never a crash") {
  const Folder folder;
  StoreOptions options;
  options.block_rows = 16;
  {
    const auto store = Value(Store::Open(folder.Database(), options));
    const auto transaction = Value(store->Begin());
    for (int i = 0; i < 40; ++i) Tell(*transaction, "s" + std::to_string(i), "p", "o", "x");
    Ok(transaction->Commit());
    Ok(store->Fold());
    const auto more = Value(store->Begin());
    for (int i = 0; i < 5; ++i) Tell(*more, "t" + std::to_string(i), "p", "o", "x");
    Ok(more->Commit());
  }
  std::vector<std::string> keys;
  for (const char prefix : {'b', 'c', 'd', 'h', 's', 't', 'x'}) {
    for (std::string& key : Keys(folder.Database(), prefix)) keys.push_back(std::move(key));
  }
  const std::string copy = folder.Database() + "-copy";
  size_t errors = 0;
  for (size_t i = 0; i < keys.size(); i += 3) {
    std::filesystem::remove_all(copy);
    std::filesystem::copy(folder.Database(), copy);
    {
      const auto kv = Value(kv::Store::Open(copy, {}));
      std::string value;
      REQUIRE(Value(kv->GetSnapshot()->Get(keys[i], &value)));
      const auto batch = kv->NewBatch();
      batch->Put(keys[i], i % 2 == 0 ? "" : value.substr(0, value.size() / 2) + "\x7f");
      Ok(kv->Write(*batch));
    }
    const auto store = Store::Open(copy, options);
    if (!store.ok()) {
      CHECK(store.status().code() == absl::StatusCode::kDataLoss);
      ++errors;
      continue;
    }
    const auto view = Value((*store)->GetSnapshot());
    const auto read_all = [&]() -> absl::Status {
      for (int permutation = 1; permutation <= 6; ++permutation) {
        ScanSpec spec;
        spec.permutation = static_cast<Permutation>(permutation);
        spec.output = {Column::kSubject, Column::kObject};
        ANNALS_ASSIGN_OR_RETURN(const auto scan, view->Scan(spec));
        std::vector<std::vector<TermId>> columns(2);
        while (true) {
          ANNALS_ASSIGN_OR_RETURN(const size_t count, scan->Next(columns, 16));
          if (count == 0) break;
          std::vector<Term> terms;
          ANNALS_RETURN_IF_ERROR(view->GetBatch(columns[0], &terms));
        }
      }
      ANNALS_RETURN_IF_ERROR(view->Predicates().status());
      ANNALS_RETURN_IF_ERROR(view->Find(Term(Name{"s7"})).status());
      return view->TransactionTime(1).status();
    };
    const absl::Status status = read_all();
    CHECK((status.ok() || status.code() == absl::StatusCode::kDataLoss));
    errors += !status.ok();
  }
  CHECK(errors > keys.size() / 9);
}

TEST_CASE("readers see whole commits while another thread writes and folds") {
  StoreOptions options;
  options.block_rows = 16;
  options.fold_rows = 100;
  options.fold_fraction = 0;
  const auto store = Value(Store::Open(":memory:", options));
  std::atomic<bool> done = false;
  std::atomic<int> wrong = 0;
  std::atomic<int> looks = 0;
  // Every commit adds a fact to each of two predicates, so that both always have as many.
  const auto read = [&] {
    uint64_t last = 0;
    while (!done) {
      const auto view = store->GetSnapshot();
      if (!view.ok()) {
        ++wrong;
        continue;
      }
      const auto count = [&](const char* predicate) -> uint64_t {
        const auto id = (*view)->Find(Term(Name{predicate}));
        if (!id.ok() || id->is_undefined()) return 0;
        ScanSpec spec;
        spec.permutation = Permutation::kPos;
        spec.prefix = {*id};
        spec.output = {Column::kSubject};
        auto scan = (*view)->Scan(spec);
        std::vector<std::vector<TermId>> column(1);
        uint64_t rows = 0;
        while (scan.ok()) {
          const auto next = (*scan)->Next(column, 50);
          if (!next.ok()) ++wrong;
          if (!next.ok() || *next == 0) break;
          rows += *next;
        }
        return rows;
      };
      const uint64_t left = count("left");
      if (left != count("right") || left < last) ++wrong;
      last = left;
      ++looks;
    }
  };
  std::thread first(read);
  std::thread second(read);
  for (int i = 0; i < 200; ++i) {
    const auto transaction = Value(store->Begin());
    Tell(*transaction, "s" + std::to_string(i), "left", "o");
    Tell(*transaction, "s" + std::to_string(i), "right", "o");
    Ok(transaction->Commit());
  }
  done = true;
  first.join();
  second.join();
  CHECK(wrong == 0);
  CHECK(looks > 0);
  CHECK(Value(Value(store->GetSnapshot())->Statistics()).generation > 1);
  CHECK(FactCount(*store) == 400);
}

TEST_CASE("what the last readers of a generation kept is gone when the store is closed") {
  const Folder folder;
  const auto fold_one = [](Store& store, const std::string& subject) {
    const auto transaction = Value(store.Begin());
    Tell(*transaction, subject, "b", "c");
    Ok(transaction->Commit());
    Ok(store.Fold());
  };
  size_t once = 0;
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    fold_one(*store, "a");
  }
  once = Keys(folder.Database(), kv::kBlockPrefix).size();
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    const auto reader = Value(store->GetSnapshot());
    fold_one(*store, "d");
  }
  CHECK(Keys(folder.Database(), kv::kBlockPrefix).size() == once);
}

}  // namespace
}  // namespace annals
