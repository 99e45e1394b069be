// Compressed files, decompressed.
#include <algorithm>
#include <memory>
#include <string>

#include "datasets/io/input.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/file_in_memory.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {
namespace {

// A few bytes may stand for any number of them.
constexpr size_t kMost = size_t{1} << 18;

// What can be read of it in pieces of this size; whether it ends in an error in `failed`.
std::string ReadInPieces(const std::string& path, size_t piece, bool* failed) {
  std::string text;
  absl::StatusOr<std::unique_ptr<datasets::Input>> input = datasets::OpenInput(path, nullptr);
  ExpectNoDefect(input.status());
  *failed = !input.ok();
  std::string buffer(piece, '\0');
  while (!*failed && text.size() < kMost) {
    const absl::StatusOr<size_t> n = (*input)->Read(buffer.data(), buffer.size());
    ExpectNoDefect(n.status());
    *failed = !n.ok();
    if (*failed || *n == 0) break;
    Expect(*n <= piece, "more is read than there is room for");
    text.append(buffer, 0, *n);
  }
  return text;
}

void Decompress(std::string_view magic, std::string_view bytes) {
  std::string file(magic);
  file += bytes;
  const std::string path = FileOf(file);
  bool failed = false, failed_in_pieces = false;
  const std::string text = ReadInPieces(path, size_t{1} << 12, &failed);
  if (bytes.size() % 8 != 0) return;
  const std::string in_pieces = ReadInPieces(path, 7, &failed_in_pieces);
  const size_t both = std::min(text.size(), in_pieces.size());
  Expect(text.substr(0, both) == in_pieces.substr(0, both), "pieces give another text");
  if (text.size() < kMost && in_pieces.size() < kMost) {
    Expect(failed == failed_in_pieces, "pieces end otherwise");
    Expect(failed || text == in_pieces, "pieces give another text");
  }
}

}  // namespace

void DecompressGzip(std::string_view bytes) { Decompress("\x1f\x8b\x08", bytes); }
void DecompressZstd(std::string_view bytes) { Decompress("\x28\xb5\x2f\xfd", bytes); }

}  // namespace annals::fuzz
