// Texts to dense numbers, for the many repeated words of a file. Texts of different kinds (small
// numbers) are different.
#ifndef DATASETS_IO_TEXT_TABLE_H_
#define DATASETS_IO_TEXT_TABLE_H_

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/big_allocator.h"

namespace annals::datasets {

class TextTable {
 public:
  TextTable() : slots_(kFirstSlots) {}

  // What is known of a text before it is added. Many texts are added fastest in three rounds over
  // some of them at a time: Expect and ExpectSoon ask memory for what the next round looks at.
  struct Probe {
    uint64_t hash = 0;
    uint8_t kind = 0;
    const void* entry = nullptr;  // that may have the text
  };
  Probe Expect(uint8_t kind, std::string_view text) const {
    const uint64_t hash = Hash(kind, text);
    __builtin_prefetch(&slots_[hash & mask()]);
    return {hash, kind, nullptr};
  }
  void ExpectSoon(std::string_view text, Probe* probe) const {
    for (size_t at = probe->hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.entry == nullptr) return;
      if (slot.tag != TagOf(probe->hash) || slot.size != text.size()) continue;
      __builtin_prefetch(slot.entry);
      // The text may end in the next line of the cache.
      __builtin_prefetch(TextOf(*slot.entry) + text.size());
      probe->entry = slot.entry;
      return;
    }
  }
  // The number of a text; a new one, which is size() before, if it isn't there.
  std::pair<uint32_t, bool> Add(const Probe& probe, std::string_view text) {
    const auto* const expected = static_cast<const Entry*>(probe.entry);
    if (expected != nullptr && expected->kind == probe.kind && IsText(*expected, text)) {
      return {expected->number, false};
    }
    return Add(probe.hash, probe.kind, text);
  }
  std::pair<uint32_t, bool> Add(uint8_t kind, std::string_view text) {
    return Add(Hash(kind, text), kind, text);
  }

  std::optional<uint32_t> Find(uint8_t kind, std::string_view text) const {
    const Entry* const known = FindEntry(Hash(kind, text), kind, text);
    return known == nullptr ? std::nullopt : std::optional(known->number);
  }

  // Takes all texts out. The table keeps its memory, for others.
  void Clear() {
    std::fill(slots_.begin(), slots_.end(), Slot());
    entries_.clear();
    used_chunks_ = 0;
    room_ = 0;
    used_bytes_ = 0;
  }

  // As long as the table isn't cleared.
  std::string_view text(uint32_t number) const {
    return {TextOf(*entries_[number].entry), entries_[number].size};
  }
  size_t size() const { return entries_.size(); }
  uint64_t bytes() const {
    return used_bytes_ + entries_.size() * (sizeof(Kept) + 2 * sizeof(Slot));
  }

 private:
  static constexpr size_t kFirstSlots = 1 << 10;
  static constexpr size_t kLeastChunk = size_t{1} << 16;
  static constexpr size_t kMostChunk = size_t{4} << 20;
  struct Free {
    void operator()(char* chunk) const { BigAllocator<char>().deallocate(chunk, 0); }
  };
  struct Chunk {
    std::unique_ptr<char, Free> data;
    size_t bytes;
  };
  // The text follows it.
  struct Entry {
    uint64_t hash;
    uint32_t number;
    uint32_t kind;
  };
  struct Slot {
    uint32_t tag = 0;
    uint32_t size = 0;
    const Entry* entry = nullptr;
  };
  struct Kept {
    const Entry* entry;
    uint32_t size;
  };

  size_t mask() const { return slots_.size() - 1; }
  static uint32_t TagOf(uint64_t hash) { return static_cast<uint32_t>(hash >> 32); }
  static const char* TextOf(const Entry& entry) {
    return reinterpret_cast<const char*>(&entry + 1);
  }

  static uint64_t Mix(uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  }
  static uint64_t Load64(const char* at) {
    uint64_t word;
    std::memcpy(&word, at, sizeof(word));
    return word;
  }
  static uint64_t Load32(const char* at) {
    uint32_t word;
    std::memcpy(&word, at, sizeof(word));
    return word;
  }
  // By words; the last ones overlap where the size is no multiple.
  static uint64_t Hash(uint8_t kind, std::string_view text) {
    constexpr uint64_t kA = 0xa0761d6478bd642fu, kB = 0xe7037ed1a0b428dbu;
    const char* at = text.data();
    const size_t size = text.size();
    uint64_t hash = kA ^ (size << 8 | kind);
    if (size >= 8) {
      for (size_t i = 0; i + 8 < size; i += 8) hash = Mix(hash ^ Load64(at + i), kB);
      return Mix(hash ^ Load64(at + size - 8), kA);
    }
    if (size >= 4) return Mix(hash ^ (Load32(at) << 32 | Load32(at + size - 4)), kB);
    uint64_t word = 0;
    for (size_t i = 0; i < size; ++i) word = word << 8 | static_cast<unsigned char>(at[i]);
    return Mix(hash ^ word, kB);
  }

  // Has the entry, which is of its size, this text? By words, as Hash.
  static bool IsText(const Entry& entry, std::string_view text) {
    const char* const at = TextOf(entry);
    const char* const wanted = text.data();
    const size_t size = text.size();
    if (size < 8) return std::memcmp(at, wanted, size) == 0;
    for (size_t i = 0; i + 8 < size; i += 8) {
      if (Load64(at + i) != Load64(wanted + i)) return false;
    }
    return Load64(at + size - 8) == Load64(wanted + size - 8);
  }

  std::pair<uint32_t, bool> Add(uint64_t hash, uint8_t kind, std::string_view text) {
    if (const Entry* const known = FindEntry(hash, kind, text)) return {known->number, false};
    Entry* const entry = Keep(text);
    *entry = {hash, static_cast<uint32_t>(entries_.size()), kind};
    entries_.push_back({entry, static_cast<uint32_t>(text.size())});
    if (entries_.size() * 3 / 2 > slots_.size()) {
      slots_.assign(slots_.size() * 2, Slot());
      for (const Kept& kept : entries_) Place(kept);
    } else {
      Place(entries_.back());
    }
    return {entry->number, true};
  }

  const Entry* FindEntry(uint64_t hash, uint8_t kind, std::string_view text) const {
    for (size_t at = hash & mask();; at = (at + 1) & mask()) {
      const Slot& slot = slots_[at];
      if (slot.entry == nullptr) return nullptr;
      if (slot.tag == TagOf(hash) && slot.size == text.size() && slot.entry->kind == kind &&
          IsText(*slot.entry, text)) {
        return slot.entry;
      }
    }
  }
  void Place(const Kept& kept) {
    size_t at = kept.entry->hash & mask();
    while (slots_[at].entry != nullptr) at = (at + 1) & mask();
    slots_[at] = {TagOf(kept.entry->hash), kept.size, kept.entry};
  }
  // Copies the text behind an entry.
  Entry* Keep(std::string_view text) {
    const size_t bytes = (sizeof(Entry) + text.size() + alignof(Entry) - 1) & ~(alignof(Entry) - 1);
    while (bytes > room_) UseChunk(bytes);
    auto* const entry = reinterpret_cast<Entry*>(at_);
    if (!text.empty()) std::memcpy(entry + 1, text.data(), text.size());
    at_ += bytes;
    room_ -= bytes;
    return entry;
  }

  // The next chunk, or, after the last, a new one that has so many bytes.
  void UseChunk(size_t bytes) {
    if (used_chunks_ == chunks_.size()) {
      // Each as large as all before, from small ones up to those that fill huge pages.
      const size_t size = std::max(bytes, std::clamp<size_t>(used_bytes_, kLeastChunk, kMostChunk));
      chunks_.push_back({std::unique_ptr<char, Free>(BigAllocator<char>().allocate(size)), size});
    }
    const Chunk& chunk = chunks_[used_chunks_++];
    at_ = chunk.data.get();
    room_ = chunk.bytes;
    used_bytes_ += chunk.bytes;
  }

  BigVector<Slot> slots_;      // a power of two
  std::vector<Kept> entries_;  // by number
  std::vector<Chunk> chunks_;
  size_t used_chunks_ = 0;
  char* at_ = nullptr;  // in the last that is used
  size_t room_ = 0;     // from there
  uint64_t used_bytes_ = 0;
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_TEXT_TABLE_H_
