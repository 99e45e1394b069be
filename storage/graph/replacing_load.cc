#include "storage/graph/replacing_load.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "storage/base/text.h"
#include "storage/graph/declarations.h"
#include "storage/graph/for_each_row.h"

namespace annals {
namespace {

constexpr uint64_t kFactsBetweenChecks = 1024;

class ReplacingLoad : public BulkLoad {
 public:
  ReplacingLoad(WriteTransaction& transaction, std::function<absl::Status()> check)
      : transaction_(transaction), check_(std::move(check)) {}

  Handle Intern(const Term& term) override {
    if (KindOf(term) == TermKind::kLocal) {
      status_.Update(InvalidArgument("a duration or a list can't be stored: " + DisplayText(term)));
      return kNone;
    }
    if (term.is_undefined()) return kNone;
    if (const Name* name = term.As<Name>()) return InternName(name->text);
    return Keep(UniqueKey(term) + static_cast<char>(KindOf(term)), term, &others_);
  }

  Handle InternName(std::string_view name) override {
    const auto known = names_.find(ToAbsl(name));
    if (known != names_.end()) return known->second;
    return Keep(std::string(name), Term(Name{std::string(name)}), &names_);
  }

  Handle Add(Handle subject, Handle predicate, Handle object, Handle time, Handle source) override {
    facts_.push_back({subject, predicate, object, time, source});
    return kFactTag | (facts_.size() - 1);
  }

  void TellsAllOf(Handle source) override {
    if (source != kNone) complete_.insert(source);
  }

  absl::StatusOr<Result> Finish() override {
    ANNALS_RETURN_IF_ERROR(status_);
    ids_.resize(terms_.size());
    for (const Told& told : facts_) ANNALS_RETURN_IF_ERROR(Tell(told));
    result_.new_assertions = gained_.size();
    ANNALS_RETURN_IF_ERROR(AddSourcesWithoutFacts());
    ANNALS_RETURN_IF_ERROR(TakeBack());
    return result_;
  }

 private:
  // A term's handle is its place and one more, a fact's its place below this.
  static constexpr Handle kFactTag = Handle{1} << 63;
  using Places = absl::flat_hash_map<std::string, Handle>;
  struct Told {
    Handle subject, predicate, object, time, source;
  };

  Handle Keep(std::string key, const Term& term, Places* places) {
    const auto [place, is_new] = places->try_emplace(std::move(key), terms_.size() + 1);
    if (is_new) terms_.push_back(term);
    return place->second;
  }

  // Only what a fact has enters the store.
  absl::StatusOr<TermId> IdOf(Handle handle) {
    if (handle == kNone) return TermId();
    if ((handle & kFactTag) != 0) return TermId::Fact(numbers_[handle & ~kFactTag]);
    TermId& id = ids_[handle - 1];
    if (!id.is_undefined()) return id;
    const Term& term = terms_[handle - 1];
    if (term.As<Name>() != nullptr) {
      ANNALS_ASSIGN_OR_RETURN(const TermId known, transaction_.view()->Find(term));
      result_.new_names += known.is_undefined();
    }
    ANNALS_ASSIGN_OR_RETURN(id, transaction_.Intern(term));
    return id;
  }

  absl::Status Tell(const Told& told) {
    if (numbers_.size() % kFactsBetweenChecks == 0 && check_) ANNALS_RETURN_IF_ERROR(check_());
    ANNALS_ASSIGN_OR_RETURN(const TermId subject, IdOf(told.subject));
    ANNALS_ASSIGN_OR_RETURN(const TermId predicate, IdOf(told.predicate));
    ANNALS_ASSIGN_OR_RETURN(const TermId object, IdOf(told.object));
    ANNALS_ASSIGN_OR_RETURN(const TermId time, IdOf(told.time));
    ANNALS_ASSIGN_OR_RETURN(const TermId source, IdOf(told.source));
    ANNALS_ASSIGN_OR_RETURN(const AddResult added,
                            transaction_.Add(subject, predicate, object, time, source));
    numbers_.push_back(added.fact);
    result_.changed = result_.changed || added.new_assertion;
    if (!source.is_undefined()) {
      sources_.insert(source);
      told_.emplace(added.fact, source.bits());
    }
    if (subject.kind() == TermKind::kFact) return absl::OkStatus();
    ++result_.read;
    result_.new_facts += added.new_fact;
    if (added.new_assertion) gained_.insert(added.fact);
    return absl::OkStatus();
  }

  absl::Status AddSourcesWithoutFacts() {
    for (const Handle source : complete_) {
      ANNALS_ASSIGN_OR_RETURN(const TermId id, transaction_.view()->Find(terms_[source - 1]));
      if (!id.is_undefined()) sources_.insert(id);
    }
    result_.replaced_sources = sources_.size();
    ANNALS_ASSIGN_OR_RETURN(const auto declared, transaction_.view()->Declared());
    for (const auto& [from, into] : declared->merged) {
      if (sources_.contains(declared->Canonical(from))) sources_.insert(from);
    }
    return absl::OkStatus();
  }

  absl::Status TakeBack() {
    std::vector<Removal> removals;
    for (const TermId source : sources_) {
      if (check_) ANNALS_RETURN_IF_ERROR(check_());
      ScanSpec spec;
      spec.permutation = Permutation::kSource;
      spec.prefix = {source};
      spec.output = {Column::kFact, Column::kSubject};
      ANNALS_RETURN_IF_ERROR(ForEachRow(
          *transaction_.view(), spec, [&](const auto& columns, size_t i) -> absl::Status {
            const uint64_t fact = columns[0][i].payload();
            if (told_.contains({fact, source.bits()})) return absl::OkStatus();
            removals.push_back({fact, source});
            const TermId subject = columns[1][i];
            if (subject.kind() != TermKind::kFact) {
              ++result_.lost_facts;
            } else if (told_.contains({subject.payload(), source.bits()})) {
              ++result_.lost_qualifiers;
            }
            return absl::OkStatus();
          }));
    }
    result_.changed = result_.changed || !removals.empty();
    ANNALS_ASSIGN_OR_RETURN(result_.gone_facts, transaction_.RemoveAll(removals, check_));
    return absl::OkStatus();
  }

  WriteTransaction& transaction_;
  const std::function<absl::Status()> check_;
  absl::Status status_;
  std::vector<Term> terms_;
  Places names_, others_;
  std::vector<Told> facts_;
  std::set<Handle> complete_;

  // While it is told:
  Result result_;
  std::vector<TermId> ids_;        // of the terms, undefined until a fact has one
  std::vector<uint64_t> numbers_;  // of the facts
  std::set<TermId> sources_;
  absl::flat_hash_set<std::pair<uint64_t, uint64_t>> told_;  // fact and source
  absl::flat_hash_set<uint64_t> gained_;
};

}  // namespace

std::unique_ptr<BulkLoad> MakeReplacingLoad(WriteTransaction& transaction,
                                            std::function<absl::Status()> check) {
  return std::make_unique<ReplacingLoad>(transaction, std::move(check));
}

}  // namespace annals
