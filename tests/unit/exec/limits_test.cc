// What operators are made of keeps to a question's limits by itself.
#include <atomic>
#include <catch2/catch.hpp>
#include <numeric>

#include "query/exec/chunked_rows.h"
#include "query/exec/key_table.h"
#include "query/exec/make_room.h"
#include "query/exec/near_rows.h"
#include "query/exec/operator.h"
#include "query/exec/rank.h"
#include "query/exec/trie.h"
#include "query/exec/value_numbers.h"
#include "tests/unit/exec/memory_source.h"

namespace annals::exec {
namespace {

std::vector<TermId> Integers(int64_t begin, int64_t end) {
  std::vector<TermId> ids;
  for (int64_t i = begin; i < end; ++i) ids.push_back(TermId::Integer(i * 7919 % 1000003));
  return ids;
}

absl::Status Insert(const std::vector<TermId>& ids, Context& context, KeyTable* table) {
  std::vector<uint32_t> numbers;
  const ColumnView columns[] = {ids};
  return table->Insert(columns, ids.size(), context, &numbers);
}

// Contexts of one that goes on and of one that was interrupted.
class Interrupted {
 public:
  Context& context() { return context_; }
  Context& interrupted() { return interrupted_; }

 private:
  MemorySource source_;
  std::atomic<bool> cancelled_{true};
  Context context_{source_, Limits()};
  Context interrupted_{source_, Limits{std::nullopt, UINT64_MAX, UINT64_MAX, &cancelled_}};
};

TEST_CASE("a table that may not double keeps what it has") {
  MemorySource source;
  Limits limits;
  limits.memory_bytes = 100000;
  Context context(source, limits);
  Reservation reservation(context);
  KeyTable table(1);
  int64_t next = 0;
  absl::Status status;
  while (status.ok()) {
    REQUIRE(reservation.Resize(table.bytes()).ok());
    status = Insert(Integers(next, next + 100), context, &table);
    if (status.ok()) next += 100;
  }
  CHECK(absl::IsResourceExhausted(status));
  // Not before it had to: with the slots of the next size beside its own it is beyond the limit.
  CHECK(table.bytes() * 3 > limits.memory_bytes);
  CHECK(table.bytes() <= limits.memory_bytes);
  CHECK(context.reserved() <= limits.memory_bytes);
  CHECK(table.size() == static_cast<size_t>(next));
  const std::vector<TermId> ids = Integers(0, next);
  const ColumnView columns[] = {ids};
  std::vector<uint32_t> numbers;
  table.Find(columns, ids.size(), &numbers);
  for (uint32_t i = 0; i < numbers.size(); ++i) REQUIRE(numbers[i] == i);
}

TEST_CASE("a vector that may not grow stays as it is") {
  MemorySource source;
  Limits limits;
  limits.memory_bytes = 1000;
  Context context(source, limits);
  Reservation reservation(context);
  std::vector<uint64_t> items;
  REQUIRE(MakeRoom(60, &items, context).ok());
  CHECK(items.capacity() >= 60);
  REQUIRE(reservation.Resize(items.capacity() * sizeof(uint64_t)).ok());
  const size_t capacity = items.capacity();
  CHECK(MakeRoom(capacity, &items, context).ok());
  CHECK(absl::IsResourceExhausted(MakeRoom(capacity + 1, &items, context)));
  CHECK(items.capacity() == capacity);
  CHECK(context.reserved() == capacity * sizeof(uint64_t));
}

TEST_CASE("chunks hold what was appended, and count it") {
  ChunkedArray<uint32_t> array;
  std::vector<uint32_t> expected;
  for (uint32_t length = 1; expected.size() < 40000; length = length * 3 % 7001 + 1) {
    std::vector<uint32_t> more(length);
    std::iota(more.begin(), more.end(), static_cast<uint32_t>(expected.size()));
    array.Append(more);
    expected.insert(expected.end(), more.begin(), more.end());
    REQUIRE(array.size() == expected.size());
    const uint64_t bytes = expected.size() * sizeof(uint32_t);
    CHECK(array.bytes() >= bytes);
    CHECK(array.bytes() <= 2 * bytes + array.kChunk * sizeof(uint32_t));
  }
  for (size_t i = 0; i < expected.size(); ++i) REQUIRE(array[i] == expected[i]);
  std::vector<uint32_t> chunks;
  for (size_t i = 0; i < array.chunk_count(); ++i) {
    chunks.insert(chunks.end(), array.chunk(i).begin(), array.chunk(i).end());
  }
  CHECK(chunks == expected);
}

TEST_CASE("kept rows near in time are sorted, until the question is interrupted") {
  Interrupted run;
  const auto day = [](int n) { return *InlineId(Term(*Time::Parse(std::to_string(1000 + n)))); };
  Batch batch;
  batch.Reset(1);
  for (int i = 0; i < 50000; ++i) batch.columns[0].push_back(day(i * 7 % 5000));
  batch.rows = batch.columns[0].size();
  ChunkedRows rows;
  rows.Append(batch);
  const std::vector<uint32_t> begins = {0, 100, 45000, 50000};
  std::vector<uint32_t> order(batch.rows);
  std::iota(order.begin(), order.end(), 0u);
  NearRows near({{0, 0, true, false, false, 0}});
  CHECK(absl::IsCancelled(near.Sort(rows, begins, run.interrupted(), &order)));
  std::iota(order.begin(), order.end(), 0u);
  REQUIRE(near.Sort(rows, begins, run.context(), &order).ok());
  CHECK(run.context().reserved() == 0);
  for (size_t group = 0; group + 1 < begins.size(); ++group) {
    for (uint32_t i = begins[group]; i < begins[group + 1]; ++i) {
      REQUIRE((order[i] >= begins[group] && order[i] < begins[group + 1]));
      if (i > begins[group]) REQUIRE(rows.column(0)[order[i - 1]] <= rows.column(0)[order[i]]);
    }
  }
}

TEST_CASE("long steps end when the question is interrupted") {
  Interrupted run;
  ChunkedArray<TermId> column;
  column.Append(Integers(0, 100000));

  KeyTable table(1);
  REQUIRE(Insert(Integers(0, 40000), run.context(), &table).ok());
  CHECK(absl::IsCancelled(table.MakeRoom(100000, run.interrupted())));
  CHECK(table.MakeRoom(100000, run.context()).ok());

  std::vector<uint32_t> ranks;
  CHECK(absl::IsCancelled(RankColumn(run.interrupted(), column, &ranks)));
  CHECK(RankColumn(run.context(), column, &ranks).ok());

  const ChunkedArray<TermId>* const columns[] = {&column, &column};
  CHECK(absl::IsCancelled(ValueNumbers::Make(columns, run.interrupted()).status()));
  const auto numbers = ValueNumbers::Make(columns, run.context());
  REQUIRE(numbers.ok());
  CHECK(numbers->size() == 100000);

  const std::vector<uint32_t> limits = {100000, 2};
  std::vector<std::vector<uint32_t>> pairs(2);
  for (uint32_t i = 0; i < 100000; ++i) {
    pairs[0].push_back(99999 - i);
    pairs[1].push_back(i % 2);
  }
  CHECK(absl::IsCancelled(Trie::Make(pairs, limits, run.interrupted()).status()));
  const auto trie = Trie::Make(pairs, limits, run.context());
  REQUIRE(trie.ok());
  CHECK(trie->values(0).size() == 100000);
  CHECK(run.context().reserved() == 0);
}

}  // namespace
}  // namespace annals::exec
