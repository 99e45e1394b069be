// A text cut into blocks of whole lines, which several threads may read. Lines end in LF, or, if it
// is said so, in LF, CR or both.
#ifndef DATASETS_IO_LINE_BLOCKS_H_
#define DATASETS_IO_LINE_BLOCKS_H_

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace annals::datasets {

class LineBlocks {
 public:
  static constexpr size_t kBlock = size_t{256} << 10;

  explicit LineBlocks(std::string_view text, bool cr_ends = false)
      : rest_(text), cr_ends_(cr_ends) {}

  // At least one line, if the text goes on; empty at its end.
  std::string_view Next() {
    size_t size = std::min(kBlock, rest_.size());
    if (size > 0 && cr_ends_) {
      while (size < rest_.size() && rest_[size - 1] != '\n' &&
             (rest_[size - 1] != '\r' || rest_[size] == '\n')) {
        ++size;
      }
    } else if (size > 0) {
      size = std::min(rest_.find('\n', size - 1), rest_.size() - 1) + 1;
    }
    const std::string_view block = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return block;
  }

 private:
  std::string_view rest_;
  const bool cr_ends_;
};

// Calls `use(line, number)` for each line of a block, without its end; `number` counts from 1.
template <typename Use>
void ForEachLine(std::string_view block, const Use& use) {
  size_t number = 0;
  for (size_t begin = 0; begin < block.size();) {
    const size_t end = std::min(block.find('\n', begin), block.size());
    use(block.substr(begin, end - begin), ++number);
    begin = end + 1;
  }
}

}  // namespace annals::datasets

#endif  // DATASETS_IO_LINE_BLOCKS_H_
