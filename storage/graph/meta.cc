#include "storage/graph/meta.h"

#include "storage/base/coding.h"

namespace annals {
namespace {

constexpr char kVersion = 1;

// Every field, in the order of the value.
template <typename M, typename F>
bool ForEachField(M& meta, F visit) {
  bool ok = visit(meta.generation) && visit(meta.transaction) && visit(meta.last_fact) &&
            visit(meta.last_term) && visit(meta.packed_terms) && visit(meta.facts) &&
            visit(meta.assertions) && visit(meta.predicates) && visit(meta.sources) &&
            visit(meta.delta_rows) && visit(meta.delta_facts);
  for (auto& rows : meta.base_rows) ok = ok && visit(rows);
  return ok;
}

}  // namespace

std::string Meta::Encode() const {
  std::string out(1, kVersion);
  ForEachField(*this, [&](const uint64_t& field) {
    PutVarint64(&out, field);
    return true;
  });
  return out;
}

absl::StatusOr<Meta> Meta::Decode(std::string_view bytes) {
  Meta meta;
  const bool known = !bytes.empty() && bytes[0] == kVersion;
  if (known) bytes.remove_prefix(1);
  if (!known || !ForEachField(meta, [&](uint64_t& field) { return GetVarint64(&bytes, &field); }) ||
      !bytes.empty()) {
    return DataLoss("the counters of the database (key m/meta) are damaged");
  }
  return meta;
}

}  // namespace annals
