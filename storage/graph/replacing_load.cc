#include "storage/graph/replacing_load.h"

#include <algorithm>
#include <optional>
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

// Does the load tell the fact with this number, or one that is seen as it, of the source by any of
// its names?
absl::StatusOr<bool> IsSeenTold(const LostSearch& search, uint64_t number, TermId source) {
  if (!search.seen.merges()) return search.is_told(number, source);
  ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> fact, search.view.GetFact(number));
  if (!fact.has_value()) return false;
  ANNALS_ASSIGN_OR_RETURN(const std::vector<Fact> facts,
                          search.seen.FactsSeenAs(search.view, *fact));
  const std::vector<TermId> names = search.seen.IdsOf(source);
  return std::any_of(facts.begin(), facts.end(), [&](const Fact& one) {
    return std::any_of(names.begin(), names.end(),
                       [&](TermId name) { return search.is_told(one.number, name); });
  });
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
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts seen, SeenFacts::Read(view));
  std::set<TermId> all;
  for (const TermId source : found) {
    const std::vector<TermId> ids = seen.IdsOf(source);
    all.insert(ids.begin(), ids.end());
  }
  return std::vector<TermId>(all.begin(), all.end());
}

absl::Status FindLost(const LostSearch& search, BulkLoad::Result* result) {
  uint64_t rows = 0;
  absl::flat_hash_set<std::pair<uint64_t, TermId>> counted;  // where some may be seen as one
  for (const TermId source : search.sources) {
    ScanSpec spec;
    spec.permutation = Permutation::kSource;
    spec.prefix = {source};
    spec.output = {Column::kFact, Column::kSubject};
    if (search.seen.merges()) {
      spec.output.insert(spec.output.end(), {Column::kPredicate, Column::kObject, Column::kTime});
    }
    const auto visit = [&](const auto& columns, size_t i) -> absl::Status {
      if (rows++ % kRowsBetweenChecks == 0 && search.check) {
        ANNALS_RETURN_IF_ERROR(search.check());
      }
      const uint64_t fact = columns[0][i].payload();
      if (search.is_told(fact, source)) return absl::OkStatus();
      search.lost(fact, source);
      result->changed = true;
      const TermId subject = columns[1][i];
      if (search.seen.merges()) {
        const Fact lost{subject, columns[2][i], columns[3][i], columns[4][i], fact};
        ANNALS_ASSIGN_OR_RETURN(const uint64_t number, search.seen.NumberOf(search.view, lost));
        if (!counted.emplace(number, search.seen.Canonical(source)).second) return absl::OkStatus();
      }
      if (subject.kind() != TermKind::kFact) {
        ++result->lost_facts;
      } else {
        ANNALS_ASSIGN_OR_RETURN(const bool says, IsSeenTold(search, subject.payload(), source));
        result->lost_qualifiers += says;
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
  Removals removals;
  const auto lost = [&](uint64_t fact, TermId source) {
    removals.tellings.push_back({fact, source});
  };
  ANNALS_ASSIGN_OR_RETURN(const SeenFacts seen, SeenFacts::Read(*view));
  ANNALS_RETURN_IF_ERROR(FindLost({*view, replaced, seen, is_told, check, lost}, &result));
  ANNALS_ASSIGN_OR_RETURN(result.gone_facts, transaction.RemoveAll(removals, check));
  return result;
}

std::unique_ptr<BulkLoad> MakeReplacingLoad(WriteTransaction& transaction,
                                            std::function<absl::Status()> check) {
  return std::make_unique<ReplacingLoad>(transaction, std::move(check));
}

}  // namespace annals
