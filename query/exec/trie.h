// A relation of numbers as a trie: below each value of the first column the values of the second,
// and so on, all sorted and side by side.
#ifndef QUERY_EXEC_TRIE_H_
#define QUERY_EXEC_TRIE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "storage/base/status.h"

namespace annals::exec {

class Context;

// Positions of a level, [begin, end).
struct TrieRange {
  uint32_t begin = 0, end = 0;
};

class Trie {
 public:
  // The distinct rows of the columns, at least one; they are of equal length, below 2^32, and
  // their values below `limits`. Takes the columns' memory, which the caller has reserved. Reserves
  // what else it needs meanwhile; bytes() are for the caller to reserve.
  static absl::StatusOr<Trie> Make(std::vector<std::vector<uint32_t>> columns,
                                   std::span<const uint32_t> limits, Context& context);

  size_t depth() const { return levels_.size(); }
  // Ascending within one range.
  std::span<const uint32_t> values(size_t level) const { return levels_[level].values; }
  TrieRange root() const { return {0, static_cast<uint32_t>(levels_[0].values.size())}; }
  // On the next level, of the value at a position.
  TrieRange Below(size_t level, uint32_t position) const {
    const auto& begins = levels_[level].begins;
    return {begins[position], begins[position + 1]};
  }
  // The first position of the first level with at least this value.
  uint32_t FirstAtLeast(uint32_t value) const { return root_positions_[value]; }

  uint64_t bytes() const;

 private:
  struct Level {
    std::vector<uint32_t> values;
    std::vector<uint32_t> begins;  // on the next level; one more than values, none on the last
  };
  Trie() = default;
  // `different(row)`: the first column in which a row differs from the one before, or the depth.
  template <typename Value, typename Different>
  absl::Status Build(size_t rows, const Value& value, const Different& different, Context& context);
  void IndexRoot(uint32_t limit);

  std::vector<Level> levels_;
  std::vector<uint32_t> root_positions_;  // by value
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_TRIE_H_
