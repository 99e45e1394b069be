// The quad source over a GraphView.
#include "query/exec/quad_source.h"

namespace annals::exec {
namespace {

class GraphSource : public QuadSource {
 public:
  explicit GraphSource(const GraphView& view) : view_(view) {}

  absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const override {
    return view_.Scan(spec);
  }
  absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const override {
    return view_.CountRows(spec);
  }
  absl::StatusOr<std::unique_ptr<ScanSplitter>> Split(const ScanSpec& spec,
                                                      uint64_t rows) const override {
    return view_.Split(spec, rows);
  }
  absl::StatusOr<TermId> Find(const Term& term) const override { return view_.Find(term); }
  absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const override {
    return view_.GetBatch(ids, out);
  }
  absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const override {
    return view_.GetFact(number);
  }
  absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const override {
    return view_.SourcesOf(fact);
  }
  const std::string& base_iri() const override { return view_.base_iri(); }

 private:
  const GraphView& view_;
};

}  // namespace

std::unique_ptr<QuadSource> MakeGraphSource(const GraphView& view) {
  return std::make_unique<GraphSource>(view);
}

}  // namespace annals::exec
