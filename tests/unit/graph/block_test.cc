// Packed blocks: what was encoded comes back, searches agree with the plain vectors, and bytes that
// are none of ours are refused or misread but never read outside.
#include "storage/graph/block.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "storage/model/time.h"

namespace annals {
namespace {

using Columns = std::vector<std::vector<uint64_t>>;

size_t RowsOf(const Columns& columns) { return columns[0].size(); }

std::vector<uint64_t> RowAt(const Columns& columns, size_t row) {
  std::vector<uint64_t> values;
  for (const auto& column : columns) values.push_back(column[row]);
  return values;
}

// The same rows in order, without duplicates.
Columns Sorted(const Columns& columns) {
  std::vector<std::vector<uint64_t>> rows;
  for (size_t row = 0; row < RowsOf(columns); ++row) rows.push_back(RowAt(columns, row));
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  Columns sorted(columns.size());
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) sorted[i].push_back(row[i]);
  }
  return sorted;
}

void CheckRoundTrip(const Columns& columns, uint64_t ordinal) {
  const std::string bytes = EncodeBlock(columns, ordinal, -1);
  const auto parsed = BlockView::Parse(bytes, columns.size());
  REQUIRE(parsed.ok());
  const BlockView& block = *parsed;
  REQUIRE(block.rows() == RowsOf(columns));
  CHECK(block.ordinal() == ordinal);
  for (size_t i = 0; i < columns.size(); ++i) {
    std::vector<uint64_t> decoded(block.rows());
    block.Decode(i, 0, block.rows(), decoded.data());
    REQUIRE(decoded == columns[i]);
    for (uint32_t row = 0; row < block.rows(); ++row)
      REQUIRE(block.Value(i, row) == columns[i][row]);
    // Pieces begin and end anywhere.
    for (uint32_t first = 0; first < block.rows(); first += 1 + first / 3) {
      const uint32_t count = std::min<uint32_t>(block.rows() - first, 1 + first % 37);
      std::vector<uint64_t> piece(count);
      block.Decode(i, first, count, piece.data());
      REQUIRE(std::equal(piece.begin(), piece.end(), columns[i].begin() + first));
    }
  }
}

// Runs of any columns, from any row on, put together are the rows.
void CheckRuns(const Columns& columns, std::mt19937_64& random) {
  const std::string bytes = EncodeBlock(columns, 0, -1);
  const auto parsed = BlockView::Parse(bytes, columns.size());
  REQUIRE(parsed.ok());
  BlockView::RunScratch scratch;
  for (int round = 0; round < 20; ++round) {
    std::vector<size_t> chosen;
    for (size_t i = 0; i < columns.size(); ++i) {
      if (random() % 2 == 0) chosen.push_back(i);
    }
    const auto first = static_cast<uint32_t>(random() % parsed->rows());
    const auto count = static_cast<uint32_t>(1 + random() % (parsed->rows() - first));
    std::vector<std::vector<uint64_t>> values(chosen.size(), std::vector<uint64_t>(count));
    std::vector<uint64_t*> out;
    for (auto& column : values) out.push_back(column.data());
    std::vector<uint32_t> begins;
    parsed->ReadRuns(chosen, first, count, &scratch, &begins, out);
    REQUIRE(begins.front() == first);
    begins.push_back(first + count);
    for (size_t run = 0; run + 1 < begins.size(); ++run) {
      REQUIRE(begins[run] < begins[run + 1]);
      for (uint32_t row = begins[run]; row < begins[run + 1]; ++row) {
        for (size_t i = 0; i < chosen.size(); ++i) {
          REQUIRE(columns[chosen[i]][row] == values[i][run]);
        }
      }
    }
  }
}

// What may be read of a block whatever its bytes are.
void ReadAnything(const BlockView& block, std::mt19937_64& random) {
  std::vector<std::vector<uint64_t>> out(block.columns(), std::vector<uint64_t>(block.rows()));
  std::vector<uint64_t*> places;
  std::vector<size_t> columns;
  for (size_t i = 0; i < out.size(); ++i) {
    block.Decode(i, 0, block.rows(), out[i].data());
    places.push_back(out[i].data());
    columns.push_back(i);
    block.AtLeast(i);
  }
  BlockView::RunScratch scratch;
  std::vector<uint32_t> begins;
  const auto first = static_cast<uint32_t>(random() % block.rows());
  // All columns, and from each on one and two of them.
  for (size_t i = 0; i < columns.size(); ++i) {
    for (const size_t some : {size_t{1}, size_t{2}, columns.size()}) {
      if (i + some > columns.size()) continue;
      block.ReadRuns(std::span(columns).subspan(i, some), first, block.rows() - first, &scratch,
                     &begins, std::span(places).subspan(i, some));
      CHECK(std::is_sorted(begins.begin(), begins.end()));
      for (const uint32_t begin : begins) CHECK(begin < block.rows());
    }
  }
}

// The first row from `from` whose leading columns are not before the key (or are after it).
uint32_t PlainBound(const Columns& columns, const std::vector<uint64_t>& key, uint32_t from,
                    bool upper) {
  for (uint32_t row = from; row < RowsOf(columns); ++row) {
    std::vector<uint64_t> lead = RowAt(columns, row);
    lead.resize(key.size());
    if (upper ? lead > key : lead >= key) return row;
  }
  return static_cast<uint32_t>(RowsOf(columns));
}

void CheckSearches(const Columns& columns, std::mt19937_64& random) {
  const std::string bytes = EncodeBlock(columns, 0, -1);
  const auto parsed = BlockView::Parse(bytes, columns.size());
  REQUIRE(parsed.ok());
  for (int round = 0; round < 200; ++round) {
    std::vector<uint64_t> key = RowAt(columns, random() % RowsOf(columns));
    key.resize(1 + random() % columns.size());
    if (random() % 2 == 0) key.back() += random() % 5 - 2;
    if (random() % 20 == 0) key.back() = random() % 2 == 0 ? 0 : ~uint64_t{0};
    const auto from = static_cast<uint32_t>(random() % (RowsOf(columns) + 1));
    REQUIRE(parsed->LowerBound(key, from) == PlainBound(columns, key, from, false));
    REQUIRE(parsed->UpperBound(key, from) == PlainBound(columns, key, from, true));
    const auto row = static_cast<uint32_t>(random() % RowsOf(columns));
    std::vector<uint64_t> lead = RowAt(columns, row);
    lead.resize(key.size());
    const int compared = parsed->Compare(row, key);
    REQUIRE((compared < 0) == (lead < key));
    REQUIRE((compared == 0) == (lead == key));
  }
}

// A column of one of the shapes that occur.
std::vector<uint64_t> MakeColumn(size_t rows, int shape, std::mt19937_64& random) {
  std::vector<uint64_t> column(rows);
  uint64_t run = 0;
  for (size_t row = 0; row < rows; ++row) {
    if (row == 0 || random() % 9 == 0) run = random() % 50;
    switch (shape) {
      case 0:
        column[row] = 42;
        break;
      case 1:
        column[row] = run << 60 >> 2;
        break;  // runs
      case 2:
        column[row] = random();
        break;  // all 64 bits
      case 3:
        column[row] = 1000 + random() % 300;
        break;
      case 4:
        column[row] = (uint64_t{3} << 60) + ((random() % 400) << 35);
        break;  // shift
      case 5:
        column[row] = (random() % 3 * 4 << 60) + random() % 1000;
        break;  // kinds mix
      case 6:
        column[row] = random() % 2 == 0 ? 0 : ~uint64_t{0};
        break;
      case 7:
        column[row] = random() % 3 == 0 ? 0 : (uint64_t{3} << 60) + (random() % 99 << 9);
        break;
      default:
        column[row] = random() % (uint64_t{1} << (shape * 7 % 64));
        break;
    }
  }
  return column;
}

TEST_CASE("blocks of every width come back") {
  for (int width = 0; width <= 64; ++width) {
    std::mt19937_64 random(static_cast<uint64_t>(width));
    Columns columns(1);
    for (int row = 0; row < 83; ++row) {
      const uint64_t bits = width == 0 ? 0 : random() >> (64 - width);
      columns[0].push_back(width == 64 ? bits : (uint64_t{1} << 63 >> (width % 3)) / 2 + bits);
    }
    CheckRoundTrip(columns, 7);
  }
}

TEST_CASE("blocks of generated columns come back and are searched right") {
  std::mt19937_64 random(1);
  for (int round = 0; round < 150; ++round) {
    const size_t rows = 1 + random() % (round % 10 == 0 ? 4096 : 200);
    Columns columns;
    const size_t width = 1 + random() % kv::kMaxColumns;
    for (size_t i = 0; i < width; ++i) {
      columns.push_back(MakeColumn(rows, static_cast<int>(random() % 12), random));
    }
    CheckRoundTrip(columns, random());
    CheckSearches(Sorted(columns), random);
    CheckRuns(Sorted(columns), random);
    CheckRuns(columns, random);
  }
}

TEST_CASE("blocks are as small as their columns allow") {
  std::mt19937_64 random(2);
  Columns columns;
  const auto size = [&] { return EncodeBlock(columns, 0, -1).size(); };
  columns = {std::vector<uint64_t>(4096, 17)};
  CHECK(size() < 120);
  columns = {MakeColumn(4096, 4, random)};  // 400 days: 9 bits once the zeros below are shifted out
  CHECK(size() < 4096 * 9 / 8 + 120);
  columns = {MakeColumn(4096, 5, random)};  // three kinds: 2 bits and 10
  CHECK(size() < 4096 * 12 / 8 + 200);
  std::vector<uint64_t> runs;
  for (uint64_t row = 0; row < 4096; ++row) runs.push_back(row / 64 * 1000003);
  columns = {runs};
  CHECK(size() < 64 * (2 + 4) + 120);
}

TEST_CASE("blocks know the instants of their dated rows") {
  const auto day = [](int64_t n) { return Time::FromDay(n).ToInlineId()->bits(); };
  const auto overlaps = [](std::vector<uint64_t> times, int64_t first, int64_t last) {
    const Columns columns = {std::vector<uint64_t>(times.size(), 1), times};
    const std::string bytes = EncodeBlock(columns, 0, 1);
    return BlockView::Parse(bytes, 2)->MayOverlap(first, last);
  };
  CHECK(overlaps({0, day(10), day(20)}, 15 * 86400, 15 * 86400));
  CHECK(overlaps({0, day(10), day(20)}, 20 * 86400 + 86399, 30 * 86400));
  CHECK_FALSE(overlaps({0, day(10), day(20)}, 21 * 86400, 30 * 86400));
  CHECK_FALSE(overlaps({0, day(10), day(20)}, 0, 10 * 86400 - 1));
  CHECK_FALSE(overlaps({0, 0}, Time::kOpenStart, Time::kOpenEnd));
  // A time of the dictionary may be anything.
  CHECK(overlaps({day(10), TermId::Make(TermKind::kDictionaryTime, 5).bits()}, 0, 0));
}

TEST_CASE("hostile bytes are refused or misread, never read outside") {
  std::mt19937_64 random(3);
  size_t refused = 0;
  for (int round = 0; round < 4000; ++round) {
    const size_t width = 1 + random() % 5;
    const size_t rows = 1 + random() % 60;
    Columns columns;
    for (size_t i = 0; i < width; ++i) {
      columns.push_back(MakeColumn(rows, static_cast<int>(random() % 12), random));
    }
    std::string bytes = EncodeBlock(columns, 0, -1);
    if (random() % 4 == 0) {
      bytes.resize(random() % bytes.size());
    } else {
      for (uint64_t flips = 1 + random() % 4; flips > 0; --flips) {
        bytes[random() % bytes.size()] = static_cast<char>(random());
      }
    }
    // A buffer of its exact size on the heap, so that sanitizers see every byte beyond it.
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);
    std::memcpy(exact.get(), bytes.data(), bytes.size());
    const auto parsed = BlockView::Parse(std::string_view(exact.get(), bytes.size()), width);
    if (!parsed.ok()) {
      CHECK(parsed.status().code() == absl::StatusCode::kDataLoss);
      ++refused;
      continue;
    }
    ReadAnything(*parsed, random);
    const std::vector<uint64_t> key = {random() % 1000};
    CHECK(parsed->LowerBound(key) <= parsed->rows());
    CHECK(parsed->UpperBound(key) <= parsed->rows());
  }
  CHECK(refused > 1000);
}

// The header's checksum hides what lies behind it from random flips: here it is made right again.
uint32_t Checksum(std::string bytes, size_t header) {
  std::memset(bytes.data() + 32, 0, 8);
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i < header; i += 8) {
    uint64_t word;
    std::memcpy(&word, bytes.data() + i, 8);
    hash = (hash ^ word) * 0x100000001b3u;
    hash ^= hash >> 29;
  }
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

TEST_CASE("hostile headers with a right checksum are read within the block") {
  std::mt19937_64 random(4);
  size_t read = 0;
  for (int round = 0; round < 20000; ++round) {
    const Columns columns = {MakeColumn(40, 1, random), MakeColumn(40, 5, random)};
    std::string bytes = EncodeBlock(columns, 0, -1);
    const size_t header = 40 + 24 * columns.size();
    const size_t at = 4 + random() % (header - 4);
    bytes[at] = static_cast<char>(random() % 2 == 0 ? random() : bytes[at] ^ (1 << random() % 8));
    const uint32_t checksum = Checksum(bytes, header);
    std::memset(bytes.data() + 36, 0, 4);
    std::memcpy(bytes.data() + 32, &checksum, 4);
    const std::unique_ptr<char[]> exact(new char[bytes.size()]);
    std::memcpy(exact.get(), bytes.data(), bytes.size());
    const auto parsed = BlockView::Parse(std::string_view(exact.get(), bytes.size()), 2);
    if (!parsed.ok()) continue;
    ++read;
    ReadAnything(*parsed, random);
    const std::vector<uint64_t> key = {random() % 1000, random()};
    CHECK(parsed->LowerBound(key) <= parsed->rows());
    CHECK(parsed->UpperBound(key) <= parsed->rows());
  }
  CHECK(read > 1000);
}

}  // namespace
}  // namespace annals
