#include "storage/graph/sort_rows.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "storage/graph/sorted_rows.h"

namespace annals {
namespace {

using Row = CodeRow<5>;

// Rows that differ in few and in many bits; the last column tells them apart.
std::vector<Row> SomeRows(size_t count) {
  std::mt19937 random(static_cast<uint32_t>(count) + 3);
  std::vector<Row> rows;
  for (uint32_t i = 0; i < count; ++i) {
    rows.push_back({static_cast<uint32_t>(random() % 5) << 29 | static_cast<uint32_t>(random() % 3),
                    7u << 20, static_cast<uint32_t>(random()),
                    static_cast<uint32_t>(random() % 3000), i});
  }
  return rows;
}

bool Less(const Row& a, const Row& b, size_t columns) {
  return std::lexicographical_compare(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(columns),
                                      b.begin(), b.begin() + static_cast<std::ptrdiff_t>(columns));
}

std::vector<Row> Expected(std::vector<Row> rows, size_t columns) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](const Row& a, const Row& b) { return Less(a, b, columns); });
  return rows;
}

TEST_CASE("rows are sorted as a stable comparison sort does it") {
  for (const size_t count : {0u, 1u, 2u, 100u, 3000u, 50000u}) {
    for (const size_t columns : {1u, 2u, 3u, 4u, 5u}) {
      const std::vector<Row> rows = SomeRows(count);
      std::vector<Row> sorted = rows, scratch(count);
      const std::span<Row> result = SortRows<5>(sorted, scratch, columns);
      CHECK(std::vector<Row>(result.begin(), result.end()) == Expected(rows, columns));
    }
  }
}

TEST_CASE("sorters give the same whatever fits in memory, alone or several together") {
  const std::vector<Row> rows = SomeRows(60000);
  for (const uint64_t memory : {uint64_t{1}, uint64_t{1} << 20, uint64_t{1} << 30}) {
    for (const size_t parts : {1u, 3u}) {
      BufferPool buffers;
      std::vector<std::unique_ptr<RowSorter<5>>> sorters;
      for (size_t part = 0; part < parts; ++part) {
        const size_t begin = rows.size() * part / parts, end = rows.size() * (part + 1) / parts;
        sorters.push_back(
            std::make_unique<RowSorter<5>>(2, end - begin, memory, ":memory:", buffers));
        for (size_t i = begin; i < end; ++i) REQUIRE(sorters.back()->Add(rows[i]).ok());
        REQUIRE(sorters.back()->Finish().ok());
      }
      MergedRows<5> merged(sorters, memory);
      std::vector<Row> result;
      while (true) {
        const auto next = merged.Next();
        REQUIRE(next.ok());
        if (next->empty()) break;
        result.insert(result.end(), next->begin(), next->end());
      }
      CHECK((result == Expected(rows, 2)));
    }
  }
}

TEST_CASE("rows that come in parts are sorted the same in memory and through files") {
  const size_t count = GENERATE(0u, 5u, 100000u);
  // Few and many values of the first column, and one of most rows.
  const uint32_t values = GENERATE(1u, 40u, 1u << 31);
  std::vector<Row> rows = SomeRows(count);
  for (size_t i = 0; i < count; ++i) rows[i][0] = i % 3 == 0 ? values / 2 : rows[i][2] % values;
  for (const uint64_t memory : {uint64_t{1}, uint64_t{1} << 30}) {
    for (const size_t parts : {1u, 3u}) {
      RowParts<5> source;
      source.parts = parts;
      source.read = [&](size_t part, bool first, const RowParts<5>::Take& take) -> absl::Status {
        const size_t end = rows.size() * (part + 1) / parts;
        for (size_t i = rows.size() * part / parts; i < end; ++i) {
          const Row row = first ? Row{rows[i][0]} : rows[i];
          ANNALS_RETURN_IF_ERROR(take({&row, 1}));
        }
        return absl::OkStatus();
      };
      BufferPool buffers;
      const auto sorted = SortParts<5>(source, {3, values, memory, parts, &buffers, ":memory:"});
      REQUIRE(sorted.ok());
      std::vector<Row> result;
      while (true) {
        const auto next = (*sorted)->Next();
        REQUIRE(next.ok());
        if (next->empty()) break;
        result.insert(result.end(), next->begin(), next->end());
      }
      CHECK((result == Expected(rows, 3)));
    }
  }
}

TEST_CASE("a log keeps to a limit that becomes lower") {
  const std::vector<Row> rows = SomeRows(400000);
  RowMemory memory{uint64_t{6} << 20, 0};
  RowLog<5> log(":memory:", memory);
  for (size_t i = 0; i < rows.size(); ++i) {
    REQUIRE(log.Add(rows[i]).ok());
    if (i != rows.size() / 2) continue;
    CHECK(memory.used + memory.free.size() * RowMemory::kChunkBytes >= uint64_t{4} << 20);
    memory.limit = uint64_t{2} << 20;
  }
  CHECK(memory.used + memory.free.size() * RowMemory::kChunkBytes <= memory.limit);
  RowLog<5>::Reader reader(log);
  for (size_t at = 0; at < rows.size();) {
    const auto next = reader.Next();
    REQUIRE(next.ok());
    REQUIRE_FALSE(next->empty());
    CHECK(std::equal(next->begin(), next->end(), rows.begin() + static_cast<std::ptrdiff_t>(at)));
    at += next->size();
  }
}

TEST_CASE("a log gives back its rows from memory and from its file") {
  const std::vector<Row> rows = SomeRows(200000);
  for (const uint64_t limit : {uint64_t{0}, uint64_t{3} << 20, uint64_t{1} << 30}) {
    RowMemory memory{limit, 0};
    {
      RowLog<5> log(":memory:", memory), other(":memory:", memory);
      for (const Row& row : rows) {
        REQUIRE(log.Add(row).ok());
        REQUIRE(other.Add(row).ok());
      }
      CHECK(log.size() == rows.size());
      CHECK(memory.used <= std::max<uint64_t>(limit, 2 * RowMemory::kChunkBytes));
      for (const auto& [begin, end] : std::vector<std::pair<size_t, size_t>>{
               {0, rows.size()}, {5, 5}, {40000, 160001}, {199999, 200000}}) {
        std::vector<Row> read;
        RowLog<5>::Reader reader(log, begin, end);
        while (true) {
          const auto next = reader.Next();
          REQUIRE(next.ok());
          if (next->empty()) break;
          read.insert(read.end(), next->begin(), next->end());
        }
        CHECK((read == std::vector<Row>(rows.begin() + static_cast<std::ptrdiff_t>(begin),
                                        rows.begin() + static_cast<std::ptrdiff_t>(end))));
      }
    }
    CHECK(memory.used == 0);
  }
}

}  // namespace
}  // namespace annals
