// Terms of an answer are those of their ids, and the store is asked again only for what is not
// kept.
#include "query/exec/term_cache.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "tests/unit/store_fixture.h"

namespace annals::exec {
namespace {

Term TermOfNumber(uint64_t number) {
  return Term(Name{std::string(1000, 'x') + std::to_string(number)});
}

// Knows every name, and notes what it was asked for.
class EveryName : public QuadSource {
 public:
  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec&) const override {
    return Internal("not scanned");
  }
  absl::StatusOr<uint64_t> CountRows(const ScanSpec&) const override { return 0; }
  absl::StatusOr<TermId> Find(const Term&) const override { return TermId(); }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    CHECK(std::is_sorted(ids.begin(), ids.end()));
    CHECK(std::adjacent_find(ids.begin(), ids.end()) == ids.end());
    asked_ += ids.size();
    out->clear();
    for (const TermId id : ids) out->push_back(TermOfNumber(id.payload()));
    return absl::OkStatus();
  }
  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t) const override {
    return std::optional<Fact>();
  }
  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t) const override {
    return std::vector<TermId>();
  }
  const std::string& base_iri() const override { return base_; }

  uint64_t asked() const { return asked_; }

 private:
  const std::string base_ = "http://example.org/";
  mutable uint64_t asked_ = 0;
};

TermId NameId(uint64_t number) { return TermId::Make(TermKind::kName, number); }

void CheckBatch(TermCache& cache, const std::vector<uint64_t>& numbers) {
  std::vector<TermId> ids;
  for (const uint64_t number : numbers) ids.push_back(NameId(number));
  ids.push_back(TermId());
  ids.push_back(TermId::Integer(7));
  std::vector<const Term*> terms;
  cache.BeginBatch();
  Ok(cache.Fetch(ids, &terms));
  REQUIRE(terms.size() == ids.size());
  for (size_t i = 0; i < numbers.size(); ++i) CHECK(*terms[i] == TermOfNumber(numbers[i]));
  CHECK(terms[numbers.size()]->is_undefined());
  CHECK(*terms[numbers.size() + 1] == Term(int64_t{7}));
}

TEST_CASE("terms met lately are not asked for again") {
  const EveryName source;
  Context context(source, Limits());
  {
    TermCache cache(context);
    CheckBatch(cache, {5, 3, 5, 5, 9, 3});
    CHECK(source.asked() == 3);
    CheckBatch(cache, {9, 4, 3});
    CHECK(source.asked() == 4);
    CHECK(context.reserved() > 4000);
  }
  CHECK(context.reserved() == 0);
}

TEST_CASE("terms that are kept stay within bounds, the lately met among them") {
  const EveryName source;
  Context context(source, Limits());
  TermCache cache(context);
  for (uint64_t batch = 0; batch < 40; ++batch) {
    std::vector<uint64_t> numbers = {1};
    for (uint64_t i = 0; i < 1000; ++i) numbers.push_back(1000 + batch * 1000 + i);
    CheckBatch(cache, numbers);
    CHECK(context.reserved() < (12 << 20));
  }
  CHECK(source.asked() == 40001);
}

TEST_CASE("terms of an answer count against the limit of memory") {
  const EveryName source;
  Limits limits;
  limits.memory_bytes = 100000;
  Context context(source, limits);
  TermCache cache(context);
  std::vector<TermId> ids;
  for (uint64_t i = 0; i < 1000; ++i) ids.push_back(NameId(i));
  std::vector<const Term*> terms;
  CHECK(cache.Fetch(ids, &terms).code() == absl::StatusCode::kResourceExhausted);
}

}  // namespace
}  // namespace annals::exec
