// Numbers by keys of whoever keeps them; all are forgotten when there are too many.
#ifndef STORAGE_GRAPH_NUMBER_CACHE_H_
#define STORAGE_GRAPH_NUMBER_CACHE_H_

#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <string>

namespace annals {

// Threads: any.
class NumberCache {
 public:
  std::optional<double> Find(const std::string& key) const {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = numbers_.find(key);
    if (found == numbers_.end()) return std::nullopt;
    return found->second;
  }
  void Keep(const std::string& key, double number) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (numbers_.size() >= kMost) numbers_.clear();
    numbers_[key] = number;
  }

 private:
  static constexpr size_t kMost = 1024;

  mutable std::mutex mutex_;
  std::map<std::string, double> numbers_;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_NUMBER_CACHE_H_
