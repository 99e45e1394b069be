// A graph view over sorted vectors, with statistics that a test may make up.
#ifndef TESTS_UNIT_OPTIMIZER_MEMORY_VIEW_H_
#define TESTS_UNIT_OPTIMIZER_MEMORY_VIEW_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "storage/graph/view.h"
#include "tests/unit/exec/memory_source.h"

namespace annals::optimizer {

class MemoryView : public GraphView {
 public:
  exec::MemorySource& source() { return source_; }
  const exec::MemorySource& source() const { return source_; }
  TermId NameId(std::string_view name) { return source_.Intern(Name{std::string(name)}); }
  // Names separated by commas, the last a time if there are four; an integer object is one.
  uint64_t Add(std::string_view fact);
  // Makes the predicate look as if it had so many facts, with every count below it in proportion.
  void Pretend(std::string_view predicate, uint64_t facts, uint64_t subjects, uint64_t objects,
               uint64_t pairs = 0);

  absl::StatusOr<TermId> Find(const Term& term) const override { return source_.Find(term); }
  absl::StatusOr<Term> Get(TermId id) const override { return source_.TermOf(id); }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    return source_.GetBatch(ids, out);
  }
  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override {
    return source_.Scan(spec);
  }
  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override;
  absl::StatusOr<std::optional<Fact>> FindFact(TermId, TermId, TermId, TermId) const override;
  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const override {
    return source_.GetFact(number);
  }
  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override {
    return source_.SourcesOf(fact);
  }
  absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name,
                                                     bool loose) const override;
  absl::Status ResolveNames(std::span<const std::string_view> names, bool loose, size_t threads,
                            std::vector<NameMeaning>* meanings) const override;
  absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view, size_t) const override {
    return std::vector<NameMatch>();
  }
  absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view,
                                                           size_t) const override {
    return std::vector<std::string>();
  }
  absl::StatusOr<std::vector<PredicateStatistics>> Predicates() const override;
  absl::StatusOr<PredicateStatistics> StatisticsOf(TermId predicate) const override;
  absl::StatusOr<GraphStatistics> Statistics() const override;
  absl::StatusOr<std::shared_ptr<const Declarations>> Declared() const override {
    ANNALS_ASSIGN_OR_RETURN(Declarations declared, ReadDeclarations(*this));
    return std::make_shared<const Declarations>(std::move(declared));
  }
  absl::StatusOr<int64_t> TransactionTime(uint64_t) const override { return 0; }
  const std::string& base_iri() const override { return source_.base_iri(); }

 private:
  PredicateStatistics Counted(TermId predicate) const;

  exec::MemorySource source_;
  std::map<TermId, PredicateStatistics> pretended_;
};

}  // namespace annals::optimizer

#endif  // TESTS_UNIT_OPTIMIZER_MEMORY_VIEW_H_
