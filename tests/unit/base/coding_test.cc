// Encodings: the bytes themselves, the order of encodings, and bytes that are no encoding.
#include "storage/base/coding.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace annals {
namespace {

using namespace std::string_literals;

template <typename Value, typename Put>
std::string Encoded(Value value, Put put) {
  std::string bytes;
  put(&bytes, value);
  return bytes;
}

// Encodings of ascending values must ascend bytewise, alone and with anything after them.
void CheckAscending(const std::vector<std::string>& encodings) {
  for (size_t i = 1; i < encodings.size(); ++i) {
    INFO(i);
    CHECK(encodings[i - 1] < encodings[i]);
    CHECK(encodings[i - 1] + "\xff\xff" < encodings[i]);
  }
}

TEST_CASE("fixed width is big-endian") {
  CHECK(Encoded(0x01020304u, PutFixed32) == "\x01\x02\x03\x04");
  CHECK(Encoded(uint64_t{0xfffefdfc00000001}, PutFixed64) == "\xff\xfe\xfd\xfc\x00\x00\x00\x01"s);

  std::string_view input = "\x01\x02\x03\x04rest";
  uint32_t value = 0;
  REQUIRE(GetFixed32(&input, &value));
  CHECK(value == 0x01020304u);
  CHECK(input == "rest");
  uint64_t wide = 7;
  CHECK_FALSE(GetFixed64(&input, &wide));
  CHECK(wide == 7);
  CHECK(input == "rest");
}

TEST_CASE("ordered int64 keeps the order of signed numbers") {
  const std::vector<int64_t> values = {
      std::numeric_limits<int64_t>::min(), -256, -255, -1, 0, 1, 255, 256,
      std::numeric_limits<int64_t>::max()};
  std::vector<std::string> encodings;
  for (const int64_t value : values) {
    encodings.push_back(Encoded(value, PutOrderedInt64));
    std::string_view input = encodings.back();
    int64_t decoded = 42;
    REQUIRE(GetOrderedInt64(&input, &decoded));
    CHECK(decoded == value);
    CHECK(input.empty());
  }
  CheckAscending(encodings);
}

TEST_CASE("varints come back and are as short as can be") {
  for (int bit = 0; bit < 64; ++bit) {
    for (const uint64_t value :
         {(uint64_t{1} << bit) - 1, uint64_t{1} << bit, ~uint64_t{0} >> bit}) {
      const std::string bytes = Encoded(value, PutVarint64);
      std::string_view input = bytes;
      uint64_t decoded = 1234567;
      REQUIRE(GetVarint64(&input, &decoded));
      CHECK(decoded == value);
      CHECK(input.empty());
      for (size_t cut = 0; cut < bytes.size(); ++cut) {
        std::string_view part = std::string_view(bytes).substr(0, cut);
        CHECK_FALSE(GetVarint64(&part, &decoded));
        CHECK(part.size() == cut);
      }
    }
  }
  CHECK(Encoded(uint64_t{127}, PutVarint64) == "\x7f");
  CHECK(Encoded(uint64_t{128}, PutVarint64) == "\x80\x01");
  CHECK(Encoded(~uint64_t{0}, PutVarint64) == "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
}

TEST_CASE("varints that are too long or not the shortest are refused") {
  for (const std::string& bytes :
       {"\x80\x00"s, "\xff\x80\x00"s, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"s,
        "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"s}) {
    std::string_view input = bytes;
    uint64_t value = 5;
    CHECK_FALSE(GetVarint64(&input, &value));
    CHECK(value == 5);
    CHECK(input == bytes);
  }
}

TEST_CASE("length-prefixed strings") {
  std::string bytes;
  PutLengthPrefixed(&bytes, "");
  PutLengthPrefixed(&bytes, std::string(300, 'x'));
  PutLengthPrefixed(&bytes, "a\0b"s);
  std::string_view input = bytes, value;
  REQUIRE(GetLengthPrefixed(&input, &value));
  CHECK(value.empty());
  REQUIRE(GetLengthPrefixed(&input, &value));
  CHECK(value == std::string(300, 'x'));
  REQUIRE(GetLengthPrefixed(&input, &value));
  CHECK(value == "a\0b"s);
  CHECK(input.empty());
  CHECK_FALSE(GetLengthPrefixed(&input, &value));
}

TEST_CASE("a length beyond the input is refused") {
  // The second length would overflow an addition to a pointer or a position.
  for (const std::string& bytes : {"\x04"
                                   "abc"s,
                                   "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
                                   "abc"s}) {
    std::string_view input = bytes, value = "untouched";
    CHECK_FALSE(GetLengthPrefixed(&input, &value));
    CHECK(input == bytes);
    CHECK(value == "untouched");
  }
}

TEST_CASE("ordered strings keep the order of strings, whatever follows") {
  std::vector<std::string> values = {"",      "\0"s, "\0\0"s, "\0\x01"s, "\0\xff"s,  "\x01"s,
                                     "\x01z", "a",   "a\0"s,  "a\0b"s,   "a\x01",    "ab",
                                     "b",     "Kim", "Ким",   "\xff",    "\xff\xff", "\xff\0"s};
  std::sort(values.begin(), values.end());
  std::vector<std::string> encodings;
  for (const std::string& value : values) {
    encodings.push_back(Encoded(value, PutOrderedString));
    const std::string followed = encodings.back() + "\xffnext";
    std::string_view input = followed;
    std::string decoded;
    REQUIRE(GetOrderedString(&input, &decoded));
    CHECK(decoded == value);
    CHECK(input == "\xffnext");
  }
  CheckAscending(encodings);
  CHECK(Encoded("a\0b"s, PutOrderedString) ==
        "a\0\xff"
        "b\0\x01"s);
}

TEST_CASE("ordered strings without an end, or with an unknown escape, are refused") {
  for (const std::string& bytes :
       {""s, "abc"s, "abc\0"s, "abc\0\xff"s, "abc\0\0"s, "abc\0\x02\0\x01"s}) {
    std::string_view input = bytes;
    std::string value = "untouched";
    CHECK_FALSE(GetOrderedString(&input, &value));
    CHECK(input == bytes);
    CHECK(value == "untouched");
  }
}

}  // namespace
}  // namespace annals
