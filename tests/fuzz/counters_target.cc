#include "storage/graph/meta.h"
#include "storage/graph/statistics.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {

void DecodeCounters(std::string_view bytes) {
  if (const auto meta = Meta::Decode(bytes); meta.ok()) {
    const auto again = Meta::Decode(meta->Encode());
    Expect(again.ok() && *again == *meta, "counters are not read as they are written");
  }
  if (const auto row = PredicateRow::Decode(TermId(), bytes); row.ok()) {
    // Rows of older versions are written as rows of this one.
    const std::string written = row->Encode();
    const auto again = PredicateRow::Decode(TermId(), written);
    Expect(again.ok() && again->Encode() == written, "statistics are not read as they are written");
  }
}

}  // namespace annals::fuzz
