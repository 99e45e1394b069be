#include "storage/graph/sort_rows.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <numeric>
#include <random>
#include <vector>

namespace annals {
namespace {

TEST_CASE("rows are sorted as a stable comparison sort does it") {
  std::mt19937_64 random(3);
  for (const size_t rows : {0u, 1u, 2u, 100u, 3000u}) {
    // A few values in far apart bytes, all bits, one value, and descending.
    std::vector<std::vector<uint64_t>> columns(4, std::vector<uint64_t>(rows));
    for (size_t i = 0; i < rows; ++i) {
      columns[0][i] = (random() % 5) << 60 | random() % 3;
      columns[1][i] = uint64_t{7} << 40;
      columns[2][i] = rows - i / 2;
      columns[3][i] = random();
    }
    for (const std::vector<size_t>& chosen :
         std::vector<std::vector<size_t>>{{0}, {1}, {2}, {3}, {0, 2}, {1, 0}, {0, 1, 3}, {2, 0}}) {
      std::vector<SortColumn> keys;
      for (const size_t c : chosen) keys.push_back(columns[c]);
      std::vector<uint32_t> expected(rows);
      std::iota(expected.begin(), expected.end(), 0u);
      std::stable_sort(expected.begin(), expected.end(), [&](uint32_t a, uint32_t b) {
        for (const SortColumn& key : keys) {
          if (key[a] != key[b]) return key[a] < key[b];
        }
        return false;
      });
      CHECK(SortedOrder(keys) == expected);
    }
  }
}

}  // namespace
}  // namespace annals
