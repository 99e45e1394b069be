// A text is the same in memory and in a file, and so is what is wrong with it.
#include "datasets/io/whole_text.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <string>
#include <vector>

#include "datasets/io/input.h"
#include "tests/unit/folder.h"

namespace annals::datasets {
namespace {

constexpr uint64_t kLimit = uint64_t{64} << 20;

absl::StatusOr<std::unique_ptr<Input>> Open(const std::string& path) {
  return OpenInput(path, nullptr);
}

// The text, or the error.
std::string Read(const std::string& path, uint64_t memory_bytes) {
  const auto whole = WholeText::Read(path, &Open, kLimit, memory_bytes, ":memory:");
  if (!whole.ok()) return std::string(whole.status().message());
  const std::string_view text = whole->text();
  CHECK(std::string_view(text.data() + text.size(), WholeText::kPadding) ==
        std::string(WholeText::kPadding, '\0'));
  // What is forgotten is still there.
  whole->Forget(0, text.size() / 2);
  whole->Forget(10, text.size());
  return std::string(text);
}

TEST_CASE("a text is the same in memory and in a file") {
  const Folder folder;
  const std::string path = folder.Database() + ".txt";
  // Characters of three bytes go across the ends of pieces.
  std::string wide;
  while (wide.size() < 5000000) wide += "김정은";
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(3000000, 'x'), wide, "x" + wide}) {
    for (const std::string& mark : {std::string(), std::string(kByteOrderMark)}) {
      std::ofstream(path, std::ios::binary) << mark << text;
      CHECK((Read(path, kLimit) == text));
      CHECK((Read(path, 1000) == text));
      CHECK((Read(path, 0) == text));
    }
  }
}

TEST_CASE("a text that is none is refused alike, and told where") {
  const Folder folder;
  const std::string path = folder.Database() + ".txt";
  const std::string lines = [] {
    std::string text;
    while (text.size() < 2500000) text += "a line of this text\n";
    return text;
  }();
  for (const std::string& fault : {std::string("\xff"), std::string("\xea\xb9"),
                                   std::string("\x80\x80\x80\x80\x80"), std::string(1, '\0')}) {
    std::ofstream(path, std::ios::binary) << lines << fault << lines;
    const std::string error = Read(path, kLimit);
    CHECK(error.find(path + ":125001: ") == 0);
    CHECK(error.find("at byte 2500000") != error.npos);
    CHECK(Read(path, 1000) == error);
  }
  std::ofstream(path, std::ios::binary) << std::string(kLimit + 1, 'x');
  CHECK(Read(path, 1000).find("longer than 64 MB") != std::string::npos);
  CHECK(Read(path, 2 * kLimit).find("longer than 64 MB") != std::string::npos);
}

TEST_CASE("a word is found wherever it stands") {
  const Folder folder;
  const std::string path = folder.Database() + ".txt";
  for (const size_t at : {size_t{0}, size_t{1000}, (size_t{1} << 20) - 3, (size_t{2} << 20) - 5,
                          size_t{2} << 20, size_t{3} << 20}) {
    const std::string text = std::string(at, 'x') + "alias" + std::string(100, 'y');
    std::ofstream(path, std::ios::binary) << text;
    for (const uint64_t memory_bytes : {uint64_t{1000}, kLimit}) {
      const auto whole = WholeText::Read(path, &Open, kLimit, memory_bytes, ":memory:");
      REQUIRE(whole.ok());
      CHECK(whole->Contains("alias"));
      CHECK_FALSE(whole->Contains("aliases"));
      CHECK_FALSE(whole->Contains(std::string("y\0", 2)));
    }
  }
}

}  // namespace
}  // namespace annals::datasets
