#include "storage/graph/string_block.h"

#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

namespace annals {
namespace {

struct Entry {
  TermKind kind;
  std::string key;
};

std::vector<Entry> SomeEntries(size_t count) {
  std::vector<Entry> entries;
  for (size_t i = 0; i < count; ++i) {
    const TermKind kind = i % 3 == 0 ? TermKind::kName : TermKind::kText;
    entries.push_back({kind, "Minister " + std::to_string(i / 7) + std::string(i % 5, 'x')});
  }
  entries[0].key.clear();
  if (count > 1) entries[1].key = std::string("a\0b", 3);
  return entries;
}

std::string BlockOf(const std::vector<Entry>& entries) {
  StringBlockBuilder builder;
  for (const Entry& entry : entries) builder.Add(entry.kind, entry.key);
  return builder.Finish();
}

TEST_CASE("a block gives back its terms, in any order") {
  for (const size_t count : {1u, 15u, 16u, 17u, 100u, 128u}) {
    const std::vector<Entry> entries = SomeEntries(count);
    const std::string block = BlockOf(entries);
    StringBlockReader reader;
    REQUIRE(reader.Open(block).ok());
    REQUIRE(reader.count() == count);
    std::mt19937 random(7);
    for (size_t step = 0; step < 3 * count; ++step) {
      const size_t index = step < count ? step : random() % count;
      REQUIRE(reader.Read(index).ok());
      CHECK(reader.kind() == entries[index].kind);
      CHECK(reader.key() == entries[index].key);
    }
  }
}

TEST_CASE("neighbours share what they begin with") {
  std::vector<Entry> entries;
  size_t plain = 0;
  for (int i = 0; i < 128; ++i) {
    entries.push_back(
        {TermKind::kName, "Ministry of Foreign Affairs of Ruritania " + std::to_string(1000 + i)});
    plain += entries.back().key.size();
  }
  CHECK(BlockOf(entries).size() < plain / 3);
}

TEST_CASE("a builder starts anew, and long terms end a block early") {
  StringBlockBuilder builder;
  builder.Add(TermKind::kName, "first");
  builder.Finish();
  builder.Add(TermKind::kName, "fish");
  const std::string block = builder.Finish();
  StringBlockReader reader;
  REQUIRE(reader.Open(block).ok());
  REQUIRE(reader.Read(0).ok());
  CHECK(reader.key() == "fish");
  builder.Add(TermKind::kText, std::string(kStringBlockBytes, 't'));
  CHECK(builder.full());
}

TEST_CASE("any damaged byte is noticed") {
  const std::string block = BlockOf(SomeEntries(40));
  for (size_t i = 0; i < block.size(); ++i) {
    std::string damaged = block;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x20);
    CHECK(StringBlockReader().Open(damaged).code() == absl::StatusCode::kDataLoss);
  }
  for (size_t size = 0; size < block.size(); ++size) {
    CHECK_FALSE(StringBlockReader().Open(std::string_view(block).substr(0, size)).ok());
  }
}

}  // namespace
}  // namespace annals
