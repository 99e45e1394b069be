// Sets and numberings of terms, as arrays by dictionary number. These numbers are dense, so that a
// page of an array is found without hashing; other terms are kept by hash.
#ifndef QUERY_EXEC_TERM_PAGES_H_
#define QUERY_EXEC_TERM_PAGES_H_

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "storage/model/term_id.h"

namespace annals::exec {

// Numbers beyond are no array's: a damaged one must not make a large array.
inline constexpr uint64_t kMostPagedTerms = uint64_t{1} << 28;
inline bool IsPaged(TermId id) { return id.in_dictionary() && id.payload() < kMostPagedTerms; }

class TermSet {
 public:
  // Was it not there yet?
  bool Insert(TermId id) {
    if (!IsPaged(id)) return others_.insert(id).second;
    const size_t page = id.payload() / kTermsOfPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) {
      pages_[page] = std::make_unique<Page>();
      ++page_count_;
    }
    if (!pages_[page]->used) {
      pages_[page]->used = true;
      used_.push_back(page);
    }
    uint64_t& word = pages_[page]->words[id.payload() % kTermsOfPage / 64];
    const uint64_t bit = uint64_t{1} << (id.payload() % 64);
    const bool is_new = (word & bit) == 0;
    word |= bit;
    return is_new;
  }

  // Keeps the pages, which are likely to be needed again.
  void Clear() {
    for (const size_t page : used_) *pages_[page] = Page();
    used_.clear();
    others_.clear();
  }

  uint64_t bytes() const {
    return pages_.capacity() * sizeof(void*) + page_count_ * sizeof(Page) +
           used_.capacity() * sizeof(size_t) + others_.capacity() * (sizeof(TermId) + 1);
  }

 private:
  static constexpr uint64_t kTermsOfPage = 4096;
  struct Page {
    bool used = false;  // since the last Clear
    std::array<uint64_t, kTermsOfPage / 64> words = {};
  };

  std::vector<std::unique_ptr<Page>> pages_;
  size_t page_count_ = 0;
  std::vector<size_t> used_;
  absl::flat_hash_set<TermId> others_;
};

// Numbers terms from 0 on, in the order in which they come.
class TermNumbers {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  uint32_t Insert(TermId id) {
    uint32_t& number =
        IsPaged(id) ? Place(id.payload()) : others_.try_emplace(id, kNone).first->second;
    if (number == kNone) {
      number = static_cast<uint32_t>(terms_.size());
      terms_.push_back(id);
    }
    return number;
  }

  uint32_t Find(TermId id) const {
    if (!IsPaged(id)) {
      const auto found = others_.find(id);
      return found == others_.end() ? kNone : found->second;
    }
    const size_t page = id.payload() / kTermsOfPage;
    if (page >= pages_.size() || pages_[page] == nullptr) return kNone;
    return (*pages_[page])[id.payload() % kTermsOfPage];
  }

  // In the order of their numbers.
  const std::vector<TermId>& terms() const { return terms_; }

  void Clear() {
    pages_.clear();
    page_count_ = 0;
    others_.clear();
    terms_.clear();
  }

  uint64_t bytes() const {
    return pages_.capacity() * sizeof(void*) + page_count_ * sizeof(Page) +
           others_.capacity() * (sizeof(TermId) + sizeof(uint32_t) + 1) +
           terms_.capacity() * sizeof(TermId);
  }

 private:
  static constexpr uint64_t kTermsOfPage = 256;
  using Page = std::array<uint32_t, kTermsOfPage>;

  uint32_t& Place(uint64_t term) {
    const size_t page = term / kTermsOfPage;
    if (page >= pages_.size()) pages_.resize(page + 1);
    if (pages_[page] == nullptr) {
      pages_[page] = std::make_unique<Page>();
      pages_[page]->fill(kNone);
      ++page_count_;
    }
    return (*pages_[page])[term % kTermsOfPage];
  }

  std::vector<std::unique_ptr<Page>> pages_;
  size_t page_count_ = 0;
  absl::flat_hash_map<TermId, uint32_t> others_;
  std::vector<TermId> terms_;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_TERM_PAGES_H_
