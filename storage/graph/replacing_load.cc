#include "storage/graph/replacing_load.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/graph/bulk_load.h"
#include "storage/graph/declarations.h"
#include "storage/graph/for_each_row.h"
#include "storage/graph/load_telling.h"

namespace annals {
namespace {

constexpr uint64_t kRowsBetweenChecks = 1024;

class ReplacingLoad : public BulkLoad {
 public:
  ReplacingLoad(WriteTransaction& transaction, std::function<absl::Status()> check)
      : transaction_(transaction),
        check_(std::move(check)),
        content_(":memory:", DefaultLoadMemory() / 4) {}

  Handle Intern(const Term& term) override { return content_.Intern(term); }
  Handle InternName(std::string_view name) override { return content_.InternName(name); }
  std::string_view NameOf(Handle name) const override { return content_.NameOf(name); }
  void ReplaceBy(Handle name, Handle other) override { content_.ReplaceBy(name, other); }
  Handle Add(Handle subject, Handle predicate, Handle object, Handle time, Handle source) override {
    if (source != kNone) sources_.insert(source);
    return content_.Add({subject, predicate, object, time, source});
  }
  void TellsAllOf(Handle source) override {
    if (source != kNone) sources_.insert(source);
  }
  absl::StatusOr<Result> Finish() override {
    content_.Finish();
    return TellReplacing(content_, sources_, transaction_, check_);
  }

 private:
  WriteTransaction& transaction_;
  const std::function<absl::Status()> check_;
  LoadContent content_;
  SourceHandles sources_;
};

absl::StatusOr<Term> TermOf(const LoadContent& content, LoadContent::Handle handle) {
  const uint64_t symbol = content.symbols()[handle - 1];
  if (symbol < content.terms().size()) return TermOfKey(content.terms()[symbol]);
  std::optional<Term> term = TermFromInlineId(TermId::FromBits(symbol));
  if (!term) return Internal("a load holds a term that can't be read back");
  return *std::move(term);
}

}  // namespace

absl::StatusOr<std::vector<TermId>> FindReplaced(const LoadContent& content,
                                                 const SourceHandles& sources,
                                                 const GraphView& view, BulkLoad::Result* result) {
  SourceHandles final_sources;
  for (const LoadContent::Handle source : sources) final_sources.insert(content.Final(source));
  std::set<TermId> found;
  result->replaced_sources = 0;
  for (const LoadContent::Handle source : final_sources) {
    ANNALS_ASSIGN_OR_RETURN(const Term term, TermOf(content, source));
    ANNALS_ASSIGN_OR_RETURN(const TermId id, view.Find(term));
    result->replaced_sources += !id.is_undefined() || content.IsTold(source - 1);
    if (!id.is_undefined()) found.insert(id);
  }
  ANNALS_ASSIGN_OR_RETURN(const auto declared, view.Declared());
  for (const auto& [from, into] : declared->merged) {
    if (found.contains(declared->Canonical(from))) found.insert(from);
  }
  return std::vector<TermId>(found.begin(), found.end());
}

absl::Status FindLost(const LostSearch& search, BulkLoad::Result* result) {
  uint64_t rows = 0;
  for (const TermId source : search.sources) {
    ScanSpec spec;
    spec.permutation = Permutation::kSource;
    spec.prefix = {source};
    spec.output = {Column::kFact, Column::kSubject};
    const auto visit = [&](const auto& columns, size_t i) -> absl::Status {
      if (rows++ % kRowsBetweenChecks == 0 && search.check) {
        ANNALS_RETURN_IF_ERROR(search.check());
      }
      const uint64_t fact = columns[0][i].payload();
      if (search.is_told(fact, source)) return absl::OkStatus();
      search.lost(fact, source);
      result->changed = true;
      const TermId subject = columns[1][i];
      if (subject.kind() != TermKind::kFact) {
        ++result->lost_facts;
      } else if (search.is_told(subject.payload(), source)) {
        ++result->lost_qualifiers;
      }
      return absl::OkStatus();
    };
    ANNALS_RETURN_IF_ERROR(ForEachRow(search.view, spec, visit));
  }
  return absl::OkStatus();
}

absl::StatusOr<BulkLoad::Result> TellReplacing(const LoadContent& content,
                                               const SourceHandles& sources,
                                               WriteTransaction& transaction,
                                               const std::function<absl::Status()>& check) {
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> told;  // fact and source
  TellingHooks hooks;
  hooks.check = check;
  hooks.told = [&](uint64_t fact, TermId source) { told.emplace(fact, source.bits()); };
  ANNALS_ASSIGN_OR_RETURN(BulkLoad::Result result, TellContent(content, transaction, hooks));
  const std::shared_ptr<const GraphView> view = transaction.view();
  ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> replaced,
                          FindReplaced(content, sources, *view, &result));
  const auto is_told = [&](uint64_t fact, TermId source) {
    return told.contains({fact, source.bits()});
  };
  std::vector<Removal> removals;
  const auto lost = [&](uint64_t fact, TermId source) { removals.push_back({fact, source}); };
  ANNALS_RETURN_IF_ERROR(FindLost({*view, replaced, is_told, check, lost}, &result));
  ANNALS_ASSIGN_OR_RETURN(result.gone_facts, transaction.RemoveAll(removals, check));
  return result;
}

std::unique_ptr<BulkLoad> MakeReplacingLoad(WriteTransaction& transaction,
                                            std::function<absl::Status()> check) {
  return std::make_unique<ReplacingLoad>(transaction, std::move(check));
}

}  // namespace annals
