// A store as readers see it, which knows a few names and nothing else: Bo, two spellings of it and
// one that two entities have.
#ifndef TESTS_FUZZ_KNOWN_NAMES_H_
#define TESTS_FUZZ_KNOWN_NAMES_H_

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "storage/graph/view.h"

namespace annals::fuzz {

class KnownNames : public GraphView {
 public:
  absl::StatusOr<TermId> Find(const Term& term) const override;
  absl::StatusOr<Term> Get(TermId id) const override;
  absl::Status ResolveNames(std::span<const std::string_view> names, bool loose, size_t threads,
                            std::vector<NameMeaning>* meanings) const override;
  absl::StatusOr<GraphStatistics> Statistics() const override;
  const std::string& base_iri() const override { return base_iri_; }

  // No reader asks for these.
  absl::Status GetBatch(std::span<const TermId>, std::vector<Term>*) const override {
    return Unasked();
  }
  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec&) const override {
    return Unasked();
  }
  absl::StatusOr<uint64_t> CountRows(const ScanSpec&) const override { return Unasked(); }
  absl::StatusOr<std::optional<Fact>> FindFact(TermId, TermId, TermId, TermId) const override {
    return Unasked();
  }
  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t) const override { return Unasked(); }
  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t) const override { return Unasked(); }
  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view, bool) const override {
    return Unasked();
  }
  absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view, size_t) const override {
    return Unasked();
  }
  absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view,
                                                           size_t) const override {
    return Unasked();
  }
  absl::StatusOr<std::vector<PredicateStatistics>> Predicates() const override { return Unasked(); }
  absl::StatusOr<PredicateStatistics> StatisticsOf(TermId) const override { return Unasked(); }
  absl::StatusOr<std::shared_ptr<const Declarations>> Declared() const override {
    return Unasked();
  }
  absl::StatusOr<int64_t> TransactionTime(uint64_t) const override { return Unasked(); }

 private:
  static absl::Status Unasked() { return Internal("a reader asks for more than names"); }

  const std::string base_iri_ = "https://annals.example/";
};

}  // namespace annals::fuzz

#endif  // TESTS_FUZZ_KNOWN_NAMES_H_
