// The store against a plain model: random tellings and removals, folds, reopened stores, snapshots
// that are held, over tiny blocks; every scan must give what the model gives.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <tuple>

#include "storage/graph/store.h"
#include "tests/unit/store_fixture.h"

namespace annals {
namespace {

// subject, predicate, object, time -> fact number and its sources with their transactions
using Key = std::tuple<TermId, TermId, TermId, TermId>;
struct Entry {
  uint64_t number = 0;
  std::map<TermId, uint64_t> sources;
};
using Model = std::map<Key, Entry>;
using Rows = std::vector<std::vector<uint64_t>>;

uint64_t ColumnOf(Column column, const Key& key, const Entry& entry, TermId source,
                  uint64_t transaction) {
  switch (column) {
    case Column::kSubject:
      return std::get<0>(key).bits();
    case Column::kPredicate:
      return std::get<1>(key).bits();
    case Column::kObject:
      return std::get<2>(key).bits();
    case Column::kTime:
      return std::get<3>(key).bits();
    case Column::kFact:
      return TermId::Fact(entry.number).bits();
    case Column::kSource:
      return source.bits();
    case Column::kTransaction:
      return TermId::Integer(static_cast<int64_t>(transaction)).bits();
  }
  return 0;
}

// All rows of a permutation, sorted.
Rows ModelRows(const Model& model, Permutation permutation) {
  Rows rows;
  for (const auto& [key, entry] : model) {
    bool once = false;
    for (const auto& [source, transaction] : entry.sources) {
      const bool per_assertion =
          permutation == Permutation::kFact || permutation == Permutation::kSource;
      if (!per_assertion && once) break;
      once = true;
      if (permutation == Permutation::kSource && source.is_undefined()) continue;
      std::vector<uint64_t> row;
      for (const Column column : ColumnsOf(permutation)) {
        row.push_back(ColumnOf(column, key, entry, source, transaction));
      }
      rows.push_back(row);
    }
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

bool Matches(const std::vector<uint64_t>& row, const ScanSpec& spec, const GraphView& view) {
  for (size_t i = 0; i < spec.prefix.size(); ++i) {
    if (row[i] != spec.prefix[i].bits()) return false;
  }
  const size_t next = spec.prefix.size();
  if (spec.low && row[next] < spec.low->bits()) return false;
  if (spec.high && row[next] > spec.high->bits()) return false;
  const std::span<const Column> columns = ColumnsOf(spec.permutation);
  const auto time_at = static_cast<size_t>(
      std::find(columns.begin(), columns.end(), Column::kTime) - columns.begin());
  const TermId time = TermId::FromBits(row[time_at]);
  if (spec.dated_only && time.is_undefined()) return false;
  if (!spec.window) return true;
  if (time.is_undefined()) return false;
  const Term term = Value(view.Get(time));
  return term.As<Time>()->first() <= spec.window->last &&
         term.As<Time>()->last() >= spec.window->first;
}

Rows ReadRows(RowScan& scan, size_t width, size_t batch) {
  std::vector<std::vector<TermId>> columns(width);
  Rows rows;
  while (true) {
    const size_t count = Value(scan.Next(columns, batch));
    if (count == 0) return rows;
    for (size_t i = 0; i < count; ++i) {
      std::vector<uint64_t> row;
      for (const auto& column : columns) row.push_back(column[i].bits());
      rows.push_back(row);
    }
  }
}

struct World {
  std::vector<TermId> entities, predicates, objects, times, sources;
};

const std::vector<std::string> kTimes = {"2024-01-05",
                                         "2024-01-05T10:30Z",
                                         "2024-02",
                                         "2024",
                                         "2023-05-14..",
                                         "..2024-03-01",
                                         "2024-01-01..2024-06-30",
                                         "-0044-03-15",
                                         "2024-01-06",
                                         "2024-03-09",
                                         "2025",
                                         "2024-01-05T10:00:00+09:00..2024-01-07T00:00:00Z",
                                         "120000-01-01"};

World MakeWorld(WriteTransaction& transaction) {
  World world;
  for (int i = 0; i < 12; ++i) {
    world.entities.push_back(Value(transaction.Intern(Term(Name{"entity " + std::to_string(i)}))));
  }
  for (int i = 0; i < 4; ++i) {
    world.predicates.push_back(
        Value(transaction.Intern(Term(Name{"predicate " + std::to_string(i)}))));
  }
  world.objects = world.entities;
  world.objects.push_back(TermId::Integer(-7));
  world.objects.push_back(TermId::Integer(1 << 20));
  world.objects.push_back(TermId::Boolean(true));
  world.objects.push_back(Value(transaction.Intern(Term(Text{"a text", "en"}))));
  world.times = {TermId(), TermId()};
  for (const std::string& text : kTimes) {
    world.times.push_back(Value(transaction.Intern(Term(Value(Time::Parse(text))))));
  }
  world.sources = {TermId()};
  for (int i = 0; i < 3; ++i) {
    world.sources.push_back(Value(transaction.Intern(Term(Name{"source " + std::to_string(i)}))));
  }
  return world;
}

template <typename T>
const T& Pick(const std::vector<T>& from, std::mt19937_64& random) {
  return from[random() % from.size()];
}

class Tester {
 public:
  Tester(uint64_t seed, std::string path, uint64_t fold_rows)
      : random_(seed), path_(std::move(path)) {
    options_.block_rows = 8;
    options_.fold_rows = fold_rows;
    options_.fold_fraction = 0;
    store_ = Value(Store::Open(path_, options_));
    auto transaction = Value(store_->Begin());
    world_ = MakeWorld(*transaction);
    Ok(transaction->Commit());
    ++transactions_;
  }

  void Run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      INFO("round " << round);
      switch (random_() % 8) {
        case 0:
          Ok(store_->Fold());
          CheckFolded(*Value(store_->GetSnapshot()), model_);
          break;
        case 1:
          Reopen();
          break;
        case 2:
          held_.emplace_back(Value(store_->GetSnapshot()), model_);
          if (held_.size() > 3) held_.erase(held_.begin());
          break;
        default:
          Write();
          break;
      }
      Check(*Value(store_->GetSnapshot()), model_);
      if (!held_.empty()) {
        const auto& [view, model] = Pick(held_, random_);
        Check(*view, model);
      }
    }
  }

 private:
  void Reopen() {
    held_.clear();
    if (path_ == ":memory:") return;
    store_.reset();
    store_ = Value(Store::Open(path_, options_));
  }

  void Write() {
    auto transaction = Value(store_->Begin());
    const Model before = model_;
    changed_ = false;
    Change(*transaction, before, 1 + random_() % 30);
    if (random_() % 4 == 0) {
      transaction->SetSavePoint();
      const Model saved = model_;
      const bool saved_changed = changed_;
      Change(*transaction, before, 1 + random_() % 10);
      if (random_() % 2 == 0) {
        Ok(transaction->RollbackToSavePoint());
        model_ = saved;
        changed_ = saved_changed;
      }
      Change(*transaction, before, 1 + random_() % 5);
    }
    Check(*transaction->view(), model_);
    if (random_() % 5 == 0) {
      model_ = before;  // rolled back by the destructor
      return;
    }
    Ok(transaction->Commit());
    if (changed_) ++transactions_;
  }

  // Facts that were there at the beginning keep the transactions that told them.
  void Change(WriteTransaction& transaction, const Model&, uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) {
      if (!model_.empty() && random_() % 3 == 0) {
        Remove(transaction);
      } else {
        Add(transaction);
      }
    }
  }

  void Add(WriteTransaction& transaction) {
    const Key key(Pick(world_.entities, random_), Pick(world_.predicates, random_),
                  Pick(world_.objects, random_), Pick(world_.times, random_));
    const TermId source = Pick(world_.sources, random_);
    const auto& [s, p, o, t] = key;
    const AddResult result = Value(transaction.Add(s, p, o, t, source));
    const bool is_new = !model_.contains(key);
    CHECK(result.new_fact == is_new);
    Entry& entry = model_[key];
    if (is_new) entry.number = result.fact;
    CHECK(result.fact == entry.number);
    CHECK(result.new_assertion == !entry.sources.contains(source));
    changed_ |= result.new_assertion;
    entry.sources.try_emplace(source, transactions_ + 1);
  }

  void Remove(WriteTransaction& transaction) {
    auto at = model_.begin();
    std::advance(at, random_() % model_.size());
    if (random_() % 2 == 0) {
      CHECK(Value(transaction.Remove(at->second.number, std::nullopt)) == 1);
      changed_ = true;
      model_.erase(at);
      return;
    }
    const TermId source = Pick(world_.sources, random_);
    changed_ |= at->second.sources.erase(source) > 0;
    const uint64_t gone = Value(transaction.Remove(at->second.number, source));
    CHECK(gone == (at->second.sources.empty() ? 1 : 0));
    if (at->second.sources.empty()) model_.erase(at);
  }

  void Check(const GraphView& view, const Model& model) {
    CheckStatistics(view, model);
    for (int i = 0; i < 12; ++i) CheckScan(view, model);
    for (int i = 0; i < 3; ++i) CheckSeeks(view, model);
    if (model.empty()) return;
    auto at = model.begin();
    std::advance(at, random_() % model.size());
    const auto& [s, p, o, t] = at->first;
    const auto fact = Value(view.FindFact(s, p, o, t));
    REQUIRE(fact.has_value());
    CHECK(fact->number == at->second.number);
    CHECK(Value(view.GetFact(fact->number)) == fact);
    std::vector<TermId> sources;
    for (const auto& [source, transaction] : at->second.sources) sources.push_back(source);
    CHECK(Value(view.SourcesOf(fact->number)) == sources);
    CHECK_FALSE(Value(view.FindFact(s, p, TermId::Integer(99), t)).has_value());
    CHECK_FALSE(Value(view.GetFact(1000000)).has_value());
  }

  void CheckStatistics(const GraphView& view, const Model& model) {
    std::map<TermId, PredicateStatistics> expected;
    std::set<std::pair<TermId, TermId>> subjects, objects;
    std::set<TermId> sources;
    uint64_t assertions = 0;
    for (const auto& [key, entry] : model) {
      const auto& [s, p, o, t] = key;
      PredicateStatistics& row = expected[p];
      ++row.facts;
      row.dated_facts += !t.is_undefined();
      row.distinct_subjects += subjects.insert({p, s}).second;
      row.distinct_objects += objects.insert({p, o}).second;
      assertions += entry.sources.size();
      for (const auto& [source, transaction] : entry.sources) sources.insert(source);
    }
    sources.erase(TermId());
    const GraphStatistics all = Value(view.Statistics());
    CHECK(all.facts == model.size());
    CHECK(all.assertions == assertions);
    CHECK(all.predicates == expected.size());
    CHECK(all.sources == sources.size());
    const std::vector<PredicateStatistics> rows = Value(view.Predicates());
    REQUIRE(rows.size() == expected.size());
    for (const PredicateStatistics& row : rows) {
      const PredicateStatistics& wanted = expected[row.predicate];
      CHECK(row.facts == wanted.facts);
      CHECK(row.dated_facts == wanted.dated_facts);
      CHECK(row.distinct_subjects == wanted.distinct_subjects);
      CHECK(row.distinct_objects == wanted.distinct_objects);
      // Between folds an estimate; never less than where each has one fact.
      CHECK(row.subject_squares >= row.facts);
      CHECK(row.object_squares >= row.facts);
    }
  }

  // What folds alone count.
  void CheckFolded(const GraphView& view, const Model& model) {
    std::map<TermId, PredicateStatistics> expected;
    std::map<std::pair<TermId, TermId>, uint64_t> times;
    std::set<std::tuple<TermId, TermId, TermId>> objects, subjects;
    for (const auto& [key, entry] : model) {
      const auto& [s, p, o, t] = key;
      PredicateStatistics& row = expected[p];
      ++row.counted_facts;
      row.subject_object_pairs += objects.insert({p, s, o}).second;
      row.subject_time_pairs += subjects.insert({p, s, t}).second;
      if (t.is_undefined()) continue;
      const uint64_t before = times[{p, t}]++;
      row.distinct_times += before == 0;
      row.time_squares += 2 * before + 1;
    }
    for (const PredicateStatistics& row : Value(view.Predicates())) {
      const PredicateStatistics& wanted = expected[row.predicate];
      CHECK(row.counted_facts == wanted.counted_facts);
      CHECK(row.subject_object_pairs == wanted.subject_object_pairs);
      CHECK(row.subject_time_pairs == wanted.subject_time_pairs);
      CHECK(row.distinct_times == wanted.distinct_times);
      CHECK(row.time_squares == wanted.time_squares);
    }
  }

  ScanSpec RandomSpec(const Rows& rows) {
    ScanSpec spec;
    const auto columns = ColumnsOf(permutation_);
    spec.permutation = permutation_;
    std::vector<uint64_t> row(columns.size());
    if (!rows.empty()) row = Pick(rows, random_);
    const size_t depth = random_() % (columns.size() + 1);
    for (size_t i = 0; i < depth; ++i) spec.prefix.push_back(TermId::FromBits(row[i]));
    if (depth > 0 && random_() % 10 == 0) {
      spec.prefix.back() = TermId::FromBits(spec.prefix.back().bits() + 1);
    }
    if (depth < columns.size() && random_() % 3 == 0) {
      std::vector<uint64_t> other = rows.empty() ? row : Pick(rows, random_);
      if (random_() % 4 != 0) spec.low = TermId::FromBits(std::min(row[depth], other[depth]));
      if (random_() % 4 != 0) spec.high = TermId::FromBits(std::max(row[depth], other[depth]));
    }
    if (random_() % 3 == 0) {
      static const std::vector<TimeWindow> kWindows = {
          {1704412800, 1704499199},  // 2024-01-05
          {Time::kOpenStart, 1704412800},
          {1719792000, Time::kOpenEnd},  // from July 2024
          {-63000000000, -62000000000},  // around 44 BCE
          {Time::kOpenStart, Time::kOpenEnd}};
      spec.window = Pick(kWindows, random_);
    }
    spec.dated_only = random_() % 4 == 0;
    spec.output.assign(columns.begin(), columns.end());
    return spec;
  }

  void CheckScan(const GraphView& view, const Model& model) {
    permutation_ = static_cast<Permutation>(1 + random_() % 6);
    const Rows all = ModelRows(model, permutation_);
    ScanSpec spec = RandomSpec(all);
    Rows expected;
    for (const auto& row : all) {
      if (Matches(row, spec, view)) expected.push_back(row);
    }
    const size_t batch = random_() % 2 == 0 ? 1 + random_() % 5 : 1000;
    const auto scan = Value(view.Scan(spec));
    INFO("permutation " << static_cast<int>(permutation_) << " prefix " << spec.prefix.size());
    REQUIRE(ReadRows(*scan, spec.output.size(), batch) == expected);
    ScanSpec unfiltered = spec;
    unfiltered.window.reset();
    unfiltered.dated_only = false;
    const auto count = std::count_if(
        all.begin(), all.end(), [&](const auto& row) { return Matches(row, unfiltered, view); });
    REQUIRE(Value(view.CountRows(spec)) == static_cast<uint64_t>(count));
    CheckRuns(view, spec, expected);
    CheckShares(view, spec, expected);
  }

  // Runs of some columns, taken apart, are the rows of a scan.
  void CheckRuns(const GraphView& view, ScanSpec spec, const Rows& expected) {
    const auto columns = ColumnsOf(permutation_);
    spec.output.clear();
    std::vector<size_t> places;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (of_runs_() % 2 == 0) continue;
      spec.output.push_back(columns[i]);
      places.push_back(i);
    }
    Rows wanted;
    for (const auto& row : expected) {
      auto& part = wanted.emplace_back();
      for (const size_t place : places) part.push_back(row[place]);
    }
    const auto scan = Value(view.Scan(spec));
    const size_t batch = of_runs_() % 2 == 0 ? 1 + of_runs_() % 5 : 1000;
    std::vector<std::vector<TermId>> read(spec.output.size());
    std::vector<uint64_t> counts;
    Rows rows;
    while (const size_t count = Value(scan->NextRuns(read, batch, &counts))) {
      REQUIRE(count <= batch);
      REQUIRE(counts.size() == count);
      for (size_t i = 0; i < count; ++i) {
        std::vector<uint64_t> row;
        for (const auto& column : read) row.push_back(column[i].bits());
        rows.insert(rows.end(), counts[i], row);
      }
    }
    REQUIRE(rows == wanted);
  }

  // The shares of a scan hold its rows, each once and in order.
  void CheckShares(const GraphView& view, ScanSpec spec, const Rows& expected) {
    const auto splitter = Value(view.Split(spec, 1 + random_() % 20));
    if (splitter == nullptr) return;  // a transaction's view
    Rows all;
    while (Value(splitter->Next(&spec.share))) {
      const auto scan = Value(view.Scan(spec));
      const Rows rows = ReadRows(*scan, spec.output.size(), 1 + random_() % 9);
      all.insert(all.end(), rows.begin(), rows.end());
    }
    REQUIRE_FALSE(Value(splitter->Next(&spec.share)));
    REQUIRE(all == expected);
  }

  // Seeks below other prefixes, and skips, while rows are read.
  void CheckSeeks(const GraphView& view, const Model& model) {
    permutation_ = static_cast<Permutation>(1 + random_() % 6);
    const Rows all = ModelRows(model, permutation_);
    ScanSpec spec = RandomSpec(all);
    if (spec.prefix.empty()) return;
    const auto scan = Value(view.Scan(spec));
    for (int i = 0; i < 6; ++i) {
      std::vector<uint64_t> row(ColumnsOf(permutation_).size());
      if (!all.empty()) row = Pick(all, random_);
      for (size_t j = 0; j < spec.prefix.size(); ++j) spec.prefix[j] = TermId::FromBits(row[j]);
      Ok(scan->Seek(spec.prefix));
      Rows expected;
      for (const auto& each : all) {
        if (Matches(each, spec, view)) expected.push_back(each);
      }
      std::vector<std::vector<TermId>> columns(spec.output.size());
      const size_t wanted = random_() % 3;
      if (wanted > 0) {
        const size_t count = Value(scan->Next(columns, wanted));
        REQUIRE(count == std::min(wanted, expected.size()));
        expected.erase(expected.begin(), expected.begin() + static_cast<ptrdiff_t>(count));
      }
      if (!all.empty() && spec.prefix.size() < row.size() && random_() % 2 == 0) {
        const TermId value = TermId::FromBits(Pick(all, random_)[spec.prefix.size()]);
        Ok(scan->SkipTo(value));
        std::erase_if(expected,
                      [&](const auto& each) { return each[spec.prefix.size()] < value.bits(); });
      }
      if (random_() % 3 == 0) continue;
      REQUIRE(ReadRows(*scan, spec.output.size(), 1 + random_() % 4) == expected);
    }
  }

  std::mt19937_64 random_;
  std::mt19937_64 of_runs_{7};
  const std::string path_;
  StoreOptions options_;
  std::unique_ptr<Store> store_;
  World world_;
  Model model_;
  uint64_t transactions_ = 0;
  bool changed_ = false;  // by the transaction: one that changes nothing is none
  Permutation permutation_ = Permutation::kSpo;
  std::vector<std::pair<std::shared_ptr<const GraphView>, Model>> held_;
};

int Effort(int rounds) {
  const char* const percent = std::getenv("ANNALS_TEST_EFFORT");
  return percent == nullptr ? rounds : std::max(1, rounds * std::atoi(percent) / 100);
}

TEST_CASE("a store in memory agrees with the model") {
  for (uint64_t seed = 1; seed <= 4; ++seed) Tester(seed, ":memory:", 40).Run(Effort(60));
}

TEST_CASE("a store on disk agrees with the model, through folds and reopening") {
  for (uint64_t seed = 11; seed <= 13; ++seed) {
    const Folder folder;
    Tester(seed, folder.Database(), seed == 11 ? 1000000 : 60).Run(Effort(60));
  }
}

}  // namespace
}  // namespace annals
