#include <cstdint>
#include <vector>

#include "storage/graph/block.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {

void DecodeBlock(std::string_view bytes) {
  if (bytes.empty()) return;
  const size_t columns = static_cast<unsigned char>(bytes[0]) % 7 + 1;
  // A copy of its own, so that a read past its end is seen.
  const std::vector<char> copy(bytes.begin() + 1, bytes.end());
  const auto block = BlockView::Parse({copy.data(), copy.size()}, columns);
  if (!block.ok()) return;
  std::vector<uint64_t> values(block->rows());
  for (size_t column = 0; column < columns; ++column) {
    block->Decode(column, 0, block->rows(), values.data());
    // Wrong bytes may give wrong values, but none from outside.
    for (const uint32_t row : {uint32_t{0}, block->rows() / 2, block->rows() - 1}) {
      (void)block->Value(column, row);
    }
    const uint64_t key[] = {values[values.size() / 2]};
    const uint32_t low = block->LowerBound(key), high = block->UpperBound(key);
    Expect(low <= block->rows() && high <= block->rows(), "a bound is outside of the block");
    Expect(block->LowerBound(key, block->rows() / 2) <= block->rows(), "a bound is outside");
  }
}

}  // namespace annals::fuzz
