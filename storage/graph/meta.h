// The counters of a store, one value at kv::kMetaKey, rewritten by every commit.
//
//   meta = version:1 then varint64 for each field below, in order; base_rows has kRelationCount
#ifndef STORAGE_GRAPH_META_H_
#define STORAGE_GRAPH_META_H_

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "storage/base/status.h"
#include "storage/kv/keys.h"

namespace annals {

struct Meta {
  uint64_t generation = 0;    // of the packed base; 0: there is none yet
  uint64_t transaction = 0;   // the last that committed
  uint64_t last_fact = 0;     // fact numbers are 1..last_fact, with gaps where facts were removed
  uint64_t last_term = 0;     // dictionary numbers are 1..last_term, dense
  uint64_t packed_terms = 0;  // 1..packed_terms stand in string blocks, the others in 't' rows
  uint64_t facts = 0;
  uint64_t assertions = 0;
  uint64_t predicates = 0;
  uint64_t sources = 0;
  uint64_t delta_rows = 0;   // 'd' rows of all relations
  uint64_t delta_facts = 0;  // 'd' rows of kSpo
  // Rows in the base, by relation number - 1.
  std::array<uint64_t, kv::kRelationCount> base_rows = {};

  std::string Encode() const;
  static absl::StatusOr<Meta> Decode(std::string_view bytes);
  friend bool operator==(const Meta&, const Meta&) = default;
};

}  // namespace annals

#endif  // STORAGE_GRAPH_META_H_
