#include "datasets/io/record_blocks.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace annals::datasets {
namespace {

// Gives a text in pieces, and then an error if there is one.
class TextInput : public Input {
 public:
  TextInput(std::string text, absl::Status end) : text_(std::move(text)), end_(std::move(end)) {}

  absl::StatusOr<size_t> Read(char* buffer, size_t size) override {
    const size_t count = std::min({size, size_t{70001}, text_.size() - at_});
    if (count == 0 && !end_.ok()) return end_;
    std::memcpy(buffer, text_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  const std::string text_;
  const absl::Status end_;
  size_t at_ = 0;
};

struct Found {
  std::string record;
  uint64_t line;
  friend bool operator==(const Found&, const Found&) = default;
};

// Line ends of all kinds, alone and in quoted fields, some of which are long; quotes that open no
// field, and some that do by chance.
std::string SomeText(uint32_t seed, size_t size) {
  std::mt19937 random(seed);
  static constexpr const char* kParts[] = {
      "ab",   ",",    "\n",   "\r\n",    "\r",     "\"x\ny\"",    "\"\r\"", "é", "\"a \"\" b\r\n\"",
      "word", "\n\n", "\"\"", "6\" gun", ",8\"\"", ",\"a\"b\"\nc"};
  std::string text;
  while (text.size() < size) {
    text += kParts[random() % std::size(kParts)];
    if (random() % 50000 == 0) text += "\"" + std::string(300000, 'q') + "\n\"";
  }
  return text;
}

// What RecordCutter should give, by a machine of few states.
std::vector<Found> CutSlowly(std::string_view text, bool quotes) {
  enum { kBegin, kBare, kQuoted, kQuoteInQuoted } state = kBegin;
  std::vector<Found> found;
  std::string record;
  uint64_t line = 0, lines = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool line_end = c == '\n' || c == '\r';
    const bool crlf = c == '\r' && text.substr(i, 2) == "\r\n";
    if (line_end) ++lines;
    if (line_end && state != kQuoted) {
      found.push_back({record, line});
      record.clear();
      line = lines;
      state = kBegin;
    } else {
      record += c;
      if (crlf) record += '\n';
      if (state == kQuoted) {
        if (c == '"') state = kQuoteInQuoted;
      } else if (c == '"' && quotes && (state == kBegin || state == kQuoteInQuoted)) {
        state = kQuoted;
      } else {
        state = c == ',' ? kBegin : kBare;
      }
    }
    if (crlf) ++i;
  }
  if (!record.empty() && state != kQuoted) found.push_back({record, line});
  return found;
}

std::vector<Found> Cut(std::string_view text, bool quotes, uint64_t* lines) {
  RecordCutter cutter(text, quotes);
  std::vector<Found> found;
  std::string_view record;
  while (cutter.Next(&record)) found.push_back({std::string(record), *lines + cutter.line()});
  *lines += cutter.lines();
  return found;
}

// Checks that blocks hold the records of the whole text; how many there are.
int CheckBlocks(const std::string& text, bool quotes, size_t block_bytes) {
  uint64_t lines = 0;
  const std::vector<Found> expected = Cut(text, quotes, &lines);
  CHECK((expected == CutSlowly(text, quotes)));
  const std::string path = "file.csv";
  TextInput input("\xef\xbb\xbf" + text, absl::OkStatus());
  RecordBlocks blocks(input, path, quotes, block_bytes);
  std::vector<Found> found;
  uint64_t block_lines = 0, offset = 3;
  int count = 0;
  RecordBlock block;
  while (true) {
    const auto more = blocks.Next(&block);
    REQUIRE(more.ok());
    if (!*more) break;
    CHECK(block.offset == offset);
    offset += block.text.size();
    ++count;
    for (Found& one : Cut(block.text, quotes, &block_lines)) found.push_back(std::move(one));
  }
  CHECK(offset == text.size() + 3);
  CHECK(block_lines == lines);
  CHECK((found == expected));
  return count;
}

TEST_CASE("blocks hold the records of the whole text, with their lines") {
  for (const uint32_t seed : {1u, 2u, 3u}) {
    for (const bool quotes : {true, false}) {
      CHECK(CheckBlocks(SomeText(seed, 3 << 20), quotes, kBlockBytes) >= 3);
    }
  }
}

TEST_CASE("blocks end between records wherever reading pauses") {
  for (uint32_t seed = 0; seed < 4000; ++seed) {
    CAPTURE(seed);
    CheckBlocks(SomeText(seed, 30 + seed % 100), seed % 10 != 0, 4 + seed % 30);
  }
}

TEST_CASE("what was read before an error comes before it, as far as records are whole") {
  const std::string path = "file.csv";
  TextInput input("a,b\nc,d\ne", Unavailable("broken"));
  RecordBlocks blocks(input, path, true);
  RecordBlock block;
  const auto more = blocks.Next(&block);
  REQUIRE(more.ok());
  CHECK(*more);
  CHECK(block.text == "a,b\nc,d\n");
  CHECK(blocks.Next(&block).status().message() == "broken");
}

TEST_CASE("a quote opens a field only at the field's beginning") {
  RecordCutter cutter("a,6\" gun\nb,\"x\ny\"\"\n\",7\"\nc \"d\n\"e\"\n\"f\"g\"\nh", true);
  std::vector<std::string> records;
  std::string_view record;
  while (cutter.Next(&record)) records.emplace_back(record);
  CHECK(records == std::vector<std::string>{"a,6\" gun", "b,\"x\ny\"\"\n\",7\"", "c \"d", "\"e\"",
                                            "\"f\"g\"", "h"});
}

TEST_CASE("a quoted field that is never closed ends the records") {
  RecordCutter cutter("a\n\"b\nc\r\n\"d\n\ne", true);
  std::string_view record;
  REQUIRE(cutter.Next(&record));
  REQUIRE(cutter.Next(&record));
  CHECK(record == "\"b\nc\r\n\"d");
  CHECK(cutter.line() == 1);
  REQUIRE(cutter.Next(&record));
  REQUIRE(cutter.Next(&record));
  CHECK(record == "e");
  CHECK_FALSE(cutter.Next(&record));
  RecordCutter open("a\nb,\n\"c\nd", true);
  REQUIRE(open.Next(&record));
  REQUIRE(open.Next(&record));
  CHECK_FALSE(open.Next(&record));
  CHECK(open.open_quote());
  CHECK(open.lines() == 2);
}

TEST_CASE("a record longer than allowed is told of") {
  const std::string path = "file.csv";
  TextInput input("a\n" + std::string(kLongestRecord + (2 << 20), 'x'), absl::OkStatus());
  RecordBlocks blocks(input, path, true);
  RecordBlock block;
  CHECK(*blocks.Next(&block));
  CHECK(block.text == "a\n");
  CHECK_FALSE(block.too_long);
  CHECK(*blocks.Next(&block));
  CHECK(block.too_long);
}

}  // namespace
}  // namespace annals::datasets
