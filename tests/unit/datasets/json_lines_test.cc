// Lines parsed by several threads are those that one reader gives, in their order.
#include "datasets/io/json_lines.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <string>
#include <vector>

#include "datasets/io/line_blocks.h"

namespace annals::datasets {
namespace {

// Values, faults, empty lines and both line ends, over several blocks.
std::string ManyLines(uint32_t seed) {
  std::mt19937 random(seed);
  std::string text;
  while (text.size() < 4 * LineBlocks::kBlock) {
    const auto kind = random() % 50;
    if (kind == 0) text += random() % 2 == 0 ? "" : " \t";
    if (kind == 1) text += R"({"subject": })";
    if (kind == 2) text += "[1]";
    if (kind == 3) text += "skip " + std::to_string(random());
    if (kind > 3) {
      text += R"({"n": )" + std::to_string(random()) + R"(, "t": ")" +
              std::string(random() % 300, 'x') + "\"}";
    }
    text += random() % 4 == 0 ? "\r\n" : "\n";
  }
  return text + R"({"n": 1})";
}

std::string Describe(std::string_view line, uint64_t number, const JsonValue& value,
                     const std::optional<JsonFault>& fault) {
  std::string text = std::to_string(number) + ": " + std::string(line) + " -> ";
  if (fault.has_value()) {
    return text + fault->message + " at " + std::to_string(fault->span.begin);
  }
  for (const JsonMember& member : value.members) {
    text += member.key + "=" + member.value.text + "@" + std::to_string(member.value.span.begin);
  }
  return text;
}

bool IsWanted(std::string_view line) { return !line.starts_with("skip"); }

std::vector<std::string> ReadOneByOne(std::string_view text) {
  std::vector<std::string> lines;
  JsonReader reader;
  uint64_t number = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    begin = end + 1;
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (!IsWanted(line)) continue;
    JsonValue value;
    const auto fault = reader.Read(line, &value);
    lines.push_back(Describe(line, number, value, fault));
  }
  return lines;
}

TEST_CASE("lines are the same whatever the threads, and in their order") {
  for (const uint32_t seed : {1u, 2u}) {
    std::string text = ManyLines(seed);
    const size_t size = text.size();
    text.append(JsonReader::kPadding, ' ');
    const std::string_view whole = std::string_view(text).substr(0, size);
    const std::vector<std::string> expected = ReadOneByOne(whole);
    for (const size_t threads : {1u, 4u}) {
      std::vector<std::string> lines;
      const absl::Status status =
          ReadJsonLines(whole, threads, IsWanted, [&](const JsonLine& line) {
            lines.push_back(Describe(line.text, line.number, line.value, line.fault));
            return absl::OkStatus();
          });
      CHECK(status.ok());
      CHECK(lines == expected);
    }
  }
}

TEST_CASE("the first error of what uses the lines ends the reading") {
  std::string text = ManyLines(3);
  const size_t size = text.size();
  text.append(JsonReader::kPadding, ' ');
  size_t used = 0;
  const absl::Status status =
      ReadJsonLines(std::string_view(text).substr(0, size), 4, IsWanted, [&](const JsonLine&) {
        return ++used == 3000 ? InvalidArgument("the 3000th") : absl::OkStatus();
      });
  CHECK(status.message() == "the 3000th");
  CHECK(used == 3000);
}

TEST_CASE("blocks are whole lines, also long ones, and lose nothing") {
  const std::string long_line(3 * LineBlocks::kBlock, 'x');
  for (const std::string& text : {std::string(), std::string("a"), std::string("a\nb\n\n"),
                                  long_line + "\nb", "b\n" + long_line, ManyLines(4)}) {
    LineBlocks blocks(text);
    std::string all;
    while (true) {
      const std::string_view block = blocks.Next();
      if (block.empty()) break;
      all += block;
      CHECK((block.ends_with('\n') || all.size() == text.size()));
    }
    CHECK(all == text);
  }
}

}  // namespace
}  // namespace annals::datasets
