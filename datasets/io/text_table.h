// Texts to dense numbers, for the many repeated words of a file. Texts of different kinds (small
// numbers) are different.
#ifndef DATASETS_IO_TEXT_TABLE_H_
#define DATASETS_IO_TEXT_TABLE_H_

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::datasets {

class TextTable {
 public:
  TextTable() : slots_(kFirstSlots) {}

  // The number of a text; a new one, which is size() before, if it isn't there.
  std::pair<uint32_t, bool> Add(uint8_t kind, std::string_view text) {
    const uint64_t hash = Hash(kind, text);
    const auto tag = static_cast<uint32_t>(hash >> 32);
    for (size_t at = hash & (slots_.size() - 1);; at = (at + 1) & (slots_.size() - 1)) {
      const Slot slot = slots_[at];
      if (slot.entry == kFree) break;
      if (slot.tag != tag) continue;
      const Entry& entry = entries_[slot.entry];
      if (entry.kind == kind && entry.size == text.size() &&
          std::memcmp(entry.text, text.data(), text.size()) == 0) {
        return {slot.entry, false};
      }
    }
    const auto number = static_cast<uint32_t>(entries_.size());
    entries_.push_back({Keep(text), static_cast<uint32_t>(text.size()), kind, hash});
    if (entries_.size() * 3 / 2 > slots_.size())
      Grow();
    else
      Place(hash, number);
    return {number, true};
  }

  // As long as the table has it.
  std::string_view text(uint32_t number) const {
    return {entries_[number].text, entries_[number].size};
  }
  size_t size() const { return entries_.size(); }
  uint64_t bytes() const { return kept_bytes_ + entries_.size() * (sizeof(Entry) + 16); }
  void Clear() { *this = TextTable(); }

 private:
  static constexpr size_t kFirstSlots = 1 << 10;
  static constexpr uint32_t kFree = ~uint32_t{0};
  static constexpr size_t kChunk = size_t{1} << 18;
  struct Slot {
    uint32_t tag = 0;
    uint32_t entry = kFree;
  };
  struct Entry {
    const char* text;
    uint32_t size;
    uint8_t kind;
    uint64_t hash;
  };

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

  void Place(uint64_t hash, uint32_t number) {
    size_t at = hash & (slots_.size() - 1);
    while (slots_[at].entry != kFree) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<uint32_t>(hash >> 32), number};
  }
  void Grow() {
    slots_.assign(slots_.size() * 2, Slot());
    for (uint32_t i = 0; i < entries_.size(); ++i) Place(entries_[i].hash, i);
  }
  const char* Keep(std::string_view text) {
    if (text.size() > room_) {
      room_ = text.size() > kChunk ? text.size() : kChunk;
      chunks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
      at_ = chunks_.back().get();
      kept_bytes_ += room_;
    }
    char* const kept = at_;
    if (!text.empty()) std::memcpy(kept, text.data(), text.size());
    at_ += text.size();
    room_ -= text.size();
    return kept;
  }

  std::vector<Slot> slots_;  // a power of two
  std::vector<Entry> entries_;
  std::vector<std::unique_ptr<char[]>> chunks_;
  char* at_ = nullptr;
  size_t room_ = 0;
  uint64_t kept_bytes_ = 0;
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_TEXT_TABLE_H_
