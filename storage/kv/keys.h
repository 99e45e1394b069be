// Every key and value of an Annals database, drawn. Prefix bytes and the numbers of relations are
// persistent: they are never used for anything else.
//
//   u64 = 8 bytes, big-endian, so that bytewise order is numeric order; varint as in base/coding.h
//
//   key                                       value
//   'm' "/commit"                             uuid:16 commit:u64, in every batch (storage/kv)
//   'm' "/meta"                               counters (storage/graph/meta.h)
//   'm' "/base"                               the IRI below which names stand
//   'b' generation:u64 relation:1 row         packed block whose last row is `row`
//                                             (storage/graph/block.h)
//   'd' relation:1 row                        '+' a row beside the base, '-' a row of the base
//                                             that is gone
//   's' number:u64                            front-coded block of the dictionary whose last term
//                                             has this number
//   't' number:u64                            kind:1 key: a term that is in no 's' block yet
//   'h' hash:u64 id:u64                       empty: the hash of a term in 't'
//   'n' ...                                   names and aliases (storage/graph/names.h)
//   'x' transaction:u64                       seconds:u64 last_fact:u64: the wall clock at its
//                                             commit and the last fact number then
//   'y' subject predicate object time fact source removed (7 x u64)
//                                             added:u64: an assertion that transaction `added`
//                                             told and `removed` took back
//   'c' predicate:u64                         statistics (storage/graph/statistics.h)
//
//   row = one u64 a column of the relation, in its order
//   relation = 1..6 the permutations (storage/graph/view.h), 7 the hash index (hash, id)
#ifndef STORAGE_KV_KEYS_H_
#define STORAGE_KV_KEYS_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "storage/base/coding.h"

namespace annals::kv {

inline constexpr char kMetaPrefix = 'm';
inline constexpr char kBlockPrefix = 'b';
inline constexpr char kDeltaPrefix = 'd';
inline constexpr char kStringBlockPrefix = 's';
inline constexpr char kDeltaTermPrefix = 't';
inline constexpr char kDeltaHashPrefix = 'h';
inline constexpr char kNamePrefix = 'n';
inline constexpr char kTransactionPrefix = 'x';
inline constexpr char kHistoryPrefix = 'y';
inline constexpr char kStatisticsPrefix = 'c';

inline constexpr std::string_view kCommitKey = "m/commit";
inline constexpr std::string_view kMetaKey = "m/meta";
inline constexpr std::string_view kBaseKey = "m/base";

inline constexpr uint8_t kHashRelation = 7;
inline constexpr uint8_t kRelationCount = 7;
inline constexpr size_t kMaxColumns = 7;

inline constexpr char kAdded = '+';
inline constexpr char kRemoved = '-';

// The key space of one prefix byte is [PrefixBegin, PrefixEnd).
inline std::string PrefixBegin(char prefix) { return std::string(1, prefix); }
inline std::string PrefixEnd(char prefix) { return std::string(1, static_cast<char>(prefix + 1)); }

inline void PutRow(std::string* key, std::span<const uint64_t> row) {
  for (const uint64_t value : row) PutFixed64(key, value);
}

inline uint64_t LoadFixed64(const char* bytes) {
  uint64_t value;
  __builtin_memcpy(&value, bytes, sizeof(value));
  return coding_internal::SwapToBigEndian(value);
}

// 'b' generation relation row; `row` may be shorter than the relation, or empty: then it is the
// beginning of all keys of that relation below it.
inline std::string BlockKey(uint8_t relation, uint64_t generation,
                            std::span<const uint64_t> row = {}) {
  std::string key;
  key.reserve(10 + 8 * row.size());
  key.push_back(kBlockPrefix);
  PutFixed64(&key, generation);
  key.push_back(static_cast<char>(relation));
  PutRow(&key, row);
  return key;
}
inline constexpr size_t kBlockKeyHeader = 10;

// All blocks of a generation are in [GenerationKey(generation), GenerationKey(generation + 1)).
inline std::string GenerationKey(uint64_t generation) {
  std::string key(1, kBlockPrefix);
  PutFixed64(&key, generation);
  return key;
}

inline std::string DeltaKey(uint8_t relation, std::span<const uint64_t> row = {}) {
  std::string key;
  key.reserve(2 + 8 * row.size());
  key.push_back(kDeltaPrefix);
  key.push_back(static_cast<char>(relation));
  PutRow(&key, row);
  return key;
}
inline constexpr size_t kDeltaKeyHeader = 2;

// prefix u64: string blocks, delta terms, transactions, statistics.
inline std::string NumberKey(char prefix, uint64_t number) {
  std::string key(1, prefix);
  PutFixed64(&key, number);
  return key;
}

inline std::string HashKey(uint64_t hash, uint64_t id) {
  std::string key(1, kDeltaHashPrefix);
  PutFixed64(&key, hash);
  PutFixed64(&key, id);
  return key;
}

}  // namespace annals::kv

#endif  // STORAGE_KV_KEYS_H_
