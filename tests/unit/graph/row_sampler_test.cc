// Samples of packed blocks against all rows: how many there are, what stands for how many, and
// that a sample comes from all over its range.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <set>

#include "storage/graph/statistics.h"
#include "storage/graph/store.h"
#include "tests/unit/store_fixture.h"

namespace annals {
namespace {

using Row = std::vector<TermId>;

std::vector<Row> AllRows(const GraphView& view, Permutation permutation) {
  ScanSpec spec;
  spec.permutation = permutation;
  const auto columns = ColumnsOf(permutation);
  spec.output.assign(columns.begin(), columns.end());
  const auto scan = Value(view.Scan(spec));
  std::vector<std::vector<TermId>> batch(columns.size());
  std::vector<Row> rows;
  while (const size_t count = Value(scan->Next(batch, 1000))) {
    for (size_t i = 0; i < count; ++i) {
      Row& row = rows.emplace_back();
      for (const auto& column : batch) row.push_back(column[i]);
    }
  }
  return rows;
}

// 3,000 facts of three predicates over few subjects, most facts of the first; a third is undated.
std::shared_ptr<const GraphView> SomeFacts(Store& store) {
  std::mt19937 random(7);
  const auto transaction = Value(store.Begin());
  const auto name = [&](const std::string& text) {
    return Value(transaction->Intern(Term(Name{text})));
  };
  for (int i = 0; i < 3000; ++i) {
    const uint64_t subject = random() % 4 == 0 ? random() % 300 : 0;
    const TermId day = random() % 3 == 0
                           ? TermId()
                           : Value(transaction->Intern(
                                 Term(*Time::Parse("2024-0" + std::to_string(1 + random() % 9)))));
    Value(transaction->Add(name("s" + std::to_string(subject)),
                           name("p" + std::to_string(random() % 3)),
                           name("o" + std::to_string(random() % 500)), day, TermId()));
  }
  Ok(transaction->Commit());
  Ok(store.Fold());
  return Value(store.GetSnapshot());
}

std::unique_ptr<Store> SmallBlocks() {
  StoreOptions options;
  options.block_rows = 16;
  return Value(Store::Open(":memory:", options));
}

TEST_CASE("a sample counts its range exactly, and its weights add up to that") {
  const auto store = SmallBlocks();
  const auto view = SomeFacts(*store);
  std::mt19937 random(11);
  for (const Permutation permutation :
       {Permutation::kSpo, Permutation::kPos, Permutation::kOsp, Permutation::kPts}) {
    const std::vector<Row> all = AllRows(*view, permutation);
    const std::set<Row> known(all.begin(), all.end());
    const auto sampler = view->Sampler(permutation);
    REQUIRE(sampler != nullptr);
    for (int i = 0; i < 400; ++i) {
      SampleSpec spec;
      const Row& row = all[random() % all.size()];
      spec.prefix.assign(row.begin(), row.begin() + static_cast<ptrdiff_t>(random() % 5));
      spec.rows = 1 + random() % 40;
      spec.spread = random() % 2 == 0;
      if (spec.prefix.size() < 4 && random() % 3 == 0) {
        const Row& other = all[random() % all.size()];
        spec.low = row[spec.prefix.size()];
        spec.high = other[spec.prefix.size()];
      }
      const auto fits = [&](const Row& one) {
        const size_t size = spec.prefix.size();
        return std::equal(spec.prefix.begin(), spec.prefix.end(), one.begin()) &&
               (!spec.low || *spec.low <= one[size]) && (!spec.high || one[size] <= *spec.high);
      };
      const auto count = std::count_if(all.begin(), all.end(), fits);
      SampledRows sample;
      CHECK(Value(sampler->Sample(spec, &sample)) == Approx(count));
      double weight = 0;
      for (size_t r = 0; r < sample.weights.size(); ++r) {
        weight += sample.weights[r];
        Row found;
        for (const auto& column : sample.columns) found.push_back(column[r]);
        CHECK(known.contains(found));
        CHECK(fits(found));
      }
      CHECK(weight == Approx(count));
      if (sample.complete) CHECK(sample.weights.size() == static_cast<size_t>(count));
    }
  }
}

TEST_CASE("rows are compared with what else they must have") {
  const auto store = SmallBlocks();
  const auto view = SomeFacts(*store);
  const std::vector<Row> all = AllRows(*view, Permutation::kPts);
  const auto sampler = view->Sampler(Permutation::kPts);
  double estimated = 0, counted = 0;
  for (size_t i = 0; i < all.size(); i += 10) {
    SampleSpec spec;
    spec.prefix = {all[i][0], all[i][1]};
    spec.where = {{Column::kSubject, all[i][2]}};
    spec.rows = 5;
    SampledRows sample;
    estimated += Value(sampler->Sample(spec, &sample));
    counted += static_cast<double>(std::count_if(all.begin(), all.end(), [&](const Row& row) {
      return row[0] == all[i][0] && row[1] == all[i][1] && row[2] == all[i][2];
    }));
    for (const TermId subject : sample.columns[2]) CHECK(subject == all[i][2]);
  }
  CHECK(estimated / counted > 0.5);
  CHECK(estimated / counted < 2);
}

TEST_CASE("a sample that is spread comes from all over, the same at each time") {
  const auto store = SmallBlocks();
  const auto view = SomeFacts(*store);
  const std::vector<Row> all = AllRows(*view, Permutation::kSpo);
  const auto sampler = view->Sampler(Permutation::kSpo);
  SampleSpec spec;
  spec.rows = 64;
  spec.spread = true;
  SampledRows sample, again;
  Value(sampler->Sample(spec, &sample));
  Value(view->Sampler(Permutation::kSpo)->Sample(spec, &again));
  CHECK(sample.columns == again.columns);
  CHECK(sample.weights == again.weights);
  // The share of the commonest subject, which has most of the rows.
  const TermId common = all[all.size() / 2][0];
  double in_sample = 0;
  for (size_t i = 0; i < sample.weights.size(); ++i) {
    if (sample.columns[0][i] == common) in_sample += sample.weights[i];
  }
  const auto in_all = static_cast<double>(
      std::count_if(all.begin(), all.end(), [&](const Row& row) { return row[0] == common; }));
  CHECK(in_sample / in_all > 0.8);
  CHECK(in_sample / in_all < 1.2);
  // Hardly a tenth of the rows is left out.
  std::set<size_t> tenths;
  for (size_t i = 0; i < sample.weights.size(); ++i) {
    Row row;
    for (const auto& column : sample.columns) row.push_back(column[i]);
    const auto place = std::lower_bound(all.begin(), all.end(), row) - all.begin();
    tenths.insert(static_cast<size_t>(place) * 10 / all.size());
  }
  CHECK(tenths.size() >= 8);
}

TEST_CASE("what is not folded yet can't be sampled") {
  const auto store = SmallBlocks();
  CHECK(Value(store->GetSnapshot())->Sampler(Permutation::kSpo) == nullptr);
  CHECK(Value(store->GetSnapshot())->kept_numbers() != nullptr);
  CHECK(Value(store->Begin())->view()->kept_numbers() == nullptr);
}

TEST_CASE("statistics of all versions are read") {
  PredicateRow row;
  row.numbers.facts = 10;
  row.numbers.distinct_subjects = 5;
  row.numbers.distinct_objects = 2;
  row.numbers.subject_squares = 30;
  row.numbers.object_squares = 60;
  row.numbers.counted_facts = 9;
  row.numbers.distinct_times = 4;
  row.numbers.time_squares = 33;
  row.numbers.subject_object_pairs = 7;
  row.numbers.subject_time_pairs = 8;
  const std::string bytes = row.Encode();
  const auto read = Value(PredicateRow::Decode(TermId(), bytes)).numbers;
  CHECK(read.counted_facts == 9);
  CHECK(read.distinct_times == 4);
  CHECK(read.time_squares == 33);
  CHECK(read.subject_object_pairs == 7);
  CHECK(read.subject_time_pairs == 8);

  // Here every count takes a byte.
  std::string second = "\2" + bytes.substr(1, bytes.size() - 6);
  const auto older = Value(PredicateRow::Decode(TermId(), second)).numbers;
  CHECK(older.subject_squares == 30);
  CHECK(older.object_squares == 60);
  CHECK(older.counted_facts == 0);
  CHECK(older.subject_time_pairs == 0);
  std::string first = "\1" + second.substr(1, second.size() - 3);
  const auto oldest = Value(PredicateRow::Decode(TermId(), first)).numbers;
  CHECK(oldest.facts == 10);
  CHECK(oldest.subject_squares == 20);
  CHECK(oldest.object_squares == 50);

  CHECK_FALSE(PredicateRow::Decode(TermId(), "\4" + bytes.substr(1)).ok());
  CHECK_FALSE(PredicateRow::Decode(TermId(), bytes.substr(0, bytes.size() - 1)).ok());
  CHECK_FALSE(PredicateRow::Decode(TermId(), second + '\1').ok());
}

}  // namespace
}  // namespace annals
