// The stable 64-bit hash of terms: part of the storage format, never changed.
//
//   hash(kind, key) over little-endian 8-byte words of the key, the last one padded with zeros:
//     h = kSeed ^ kind;  for each word: h = mix(h ^ word, kPrime1)
//     result = mix(h ^ length of the key in bytes, kPrime2)
//     mix(a, b) = low 64 bits of a * b  xor  high 64 bits of a * b
#ifndef STORAGE_GRAPH_TERM_HASH_H_
#define STORAGE_GRAPH_TERM_HASH_H_

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "storage/model/term_id.h"

namespace annals {
namespace term_hash_internal {

inline constexpr uint64_t kSeed = 0x8f3a1c6e5d2b4790u;
inline constexpr uint64_t kPrime1 = 0xd6e8feb86659fd93u;
inline constexpr uint64_t kPrime2 = 0xa0761d6478bd642fu;

inline uint64_t Mix(uint64_t a, uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

inline uint64_t Word(const char* bytes, size_t count) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

}  // namespace term_hash_internal

inline uint64_t HashTerm(TermKind kind, std::string_view key) {
  using namespace term_hash_internal;  // NOLINT: the three constants and two functions above
  uint64_t h = kSeed ^ static_cast<uint64_t>(kind);
  const char* at = key.data();
  size_t left = key.size();
  for (; left >= 8; left -= 8, at += 8) h = Mix(h ^ Word(at, 8), kPrime1);
  if (left > 0) h = Mix(h ^ Word(at, left), kPrime1);
  return Mix(h ^ key.size(), kPrime2);
}

}  // namespace annals

#endif  // STORAGE_GRAPH_TERM_HASH_H_
