#include <vector>

#include "storage/graph/string_block.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {

void DecodeStrings(std::string_view bytes) {
  const std::vector<char> copy(bytes.begin(), bytes.end());
  StringBlockReader reader;
  if (!reader.Open({copy.data(), copy.size()}).ok()) return;
  for (size_t i = 0; i < reader.count(); ++i) reader.Read(i).IgnoreError();
  for (size_t i = reader.count(); i-- > 0;) reader.Read(i).IgnoreError();
}

}  // namespace annals::fuzz
