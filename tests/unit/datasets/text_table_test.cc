// Texts get their numbers, and keep them, also in a table that was cleared.
#include "datasets/io/text_table.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <string>
#include <utility>

namespace annals::datasets {
namespace {

TEST_CASE("a cleared table is as good as a new one") {
  std::mt19937 random(11);
  TextTable table;
  uint64_t most_bytes = 0;
  // Texts grow from round to round, so that chunks of the round before may be too small.
  for (const size_t longest : {size_t{10}, size_t{300}, size_t{10}, size_t{100000}, size_t{40}}) {
    table.Clear();
    CHECK(table.size() == 0);
    CHECK(table.bytes() == 0);
    std::map<std::pair<int, std::string>, uint32_t> numbers;
    for (int i = 0; i < 5000; ++i) {
      const auto kind = static_cast<uint8_t>(random() % 3);
      std::string text = std::to_string(random() % 2000);
      if (i % 50 == 0) text.append(random() % longest, 'x');
      const auto [known, is_new] =
          numbers.try_emplace({kind, text}, static_cast<uint32_t>(numbers.size()));
      CHECK(table.Find(kind, text).has_value() == !is_new);
      CHECK(table.Add(kind, text) == std::pair(known->second, is_new));
    }
    for (const auto& [key, number] : numbers) {
      const bool same = table.text(number) == key.second &&
                        table.Find(static_cast<uint8_t>(key.first), key.second) == number;
      CHECK(same);
    }
    CHECK(table.size() == numbers.size());
    most_bytes = std::max(most_bytes, table.bytes());
  }
  CHECK(table.bytes() < most_bytes);
}

}  // namespace
}  // namespace annals::datasets
