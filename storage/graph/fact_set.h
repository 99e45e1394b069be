// A set of facts of the store, a bit for each number.
#ifndef STORAGE_GRAPH_FACT_SET_H_
#define STORAGE_GRAPH_FACT_SET_H_

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace annals {

class FactSet {
 public:
  // Of facts up to `last`.
  explicit FactSet(uint64_t last) : words_(static_cast<size_t>(last / 64) + 1) {}

  void Add(uint64_t fact) { words_.at(fact / 64) |= uint64_t{1} << fact % 64; }
  bool Has(uint64_t fact) const {
    return fact / 64 < words_.size() && (words_[fact / 64] >> fact % 64 & 1) != 0;
  }
  // The first fact that is not before `from`, 0 if there is none: facts are numbered from 1.
  uint64_t Next(uint64_t from) const {
    size_t at = static_cast<size_t>(from / 64);
    if (at >= words_.size()) return 0;
    uint64_t word = words_[at] & ~uint64_t{0} << from % 64;
    while (word == 0) {
      if (++at == words_.size()) return 0;
      word = words_[at];
    }
    return uint64_t{at} * 64 + static_cast<uint64_t>(std::countr_zero(word));
  }

 private:
  std::vector<uint64_t> words_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_FACT_SET_H_
