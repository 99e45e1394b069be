// A quad source over sorted vectors, as simple as can be.
#ifndef TESTS_UNIT_EXEC_MEMORY_SOURCE_H_
#define TESTS_UNIT_EXEC_MEMORY_SOURCE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "query/exec/quad_source.h"

namespace annals::exec {

class MemorySource : public QuadSource {
 public:
  // The id of a term, which is now known.
  TermId Intern(const Term& term);
  // The fact's number; a source may be undefined.
  uint64_t Add(const Term& subject, const Term& predicate, const Term& object, const Term& time,
               const std::vector<Term>& sources = {Term()});

  struct Assertion {
    Fact fact;
    TermId source;
  };
  const std::vector<Assertion>& assertions() const { return assertions_; }
  const std::vector<Fact>& facts() const { return facts_; }
  Term TermOf(TermId id) const;

  // CountRows says this many times the truth: joins then look rows up rather than read them all.
  uint64_t count_factor = 1;
  // How often storage was asked, to see which way a plan takes.
  mutable int scans = 0, counts = 0, seeks = 0, skips = 0;
  mutable uint64_t rows_read = 0;

  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override;
  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override;
  absl::StatusOr<TermId> Find(const Term& term) const override;
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override;
  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const override;
  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override;
  const std::string& base_iri() const override { return base_iri_; }

  using Row = std::vector<TermId>;
  // All rows of a permutation, sorted.
  const std::vector<Row>& RowsOf(Permutation permutation) const;

 private:
  std::map<std::string, TermId> ids_;  // by UniqueKey
  std::map<TermId, Term> terms_;
  std::vector<Fact> facts_;
  std::vector<Assertion> assertions_;
  mutable std::map<Permutation, std::vector<Row>> rows_;
  std::string base_iri_ = "http://example.org/";
};

}  // namespace annals::exec

#endif  // TESTS_UNIT_EXEC_MEMORY_SOURCE_H_
