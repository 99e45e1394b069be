#include "datasets/io/entity_names.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "storage/base/big_allocator.h"
#include "storage/base/parallel.h"
#include "storage/base/text.h"
#include "storage/model/term.h"

namespace annals::datasets {
namespace {
// Names that are looked up together: enough that some of them stand in each block of the dictionary
// of a database with millions.
constexpr size_t kTogether = size_t{1} << 16;
// Fewer at first, where a few suffice to end the search.
constexpr size_t kFirstTogether = size_t{1} << 10;

bool EndsAtOnce(const absl::Status& status) {
  return status.code() == absl::StatusCode::kCancelled ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

// That the new name looks like a known one, if it does.
absl::StatusOr<std::optional<std::string>> LookAlikeNote(const GraphView& view,
                                                         std::string_view name) {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> matches,
                          view.ResolveName(name, /*loose=*/true));
  for (const NameMatch& match : matches) {
    if (match.rank != NameRank::kFolded) continue;
    ANNALS_ASSIGN_OR_RETURN(const Term entity, view.Get(match.entity));
    const std::string known = DisplayText(entity);
    if (known == name) continue;
    return absl::StrCat("the new name '", EscapeForDisplay(name), "' looks like '",
                        EscapeForDisplay(known), "'; if they are one, tell before it: alias (",
                        NameText(known), ") ", LanguageText(Term(Text{std::string(name), ""})),
                        ";");
  }
  return std::nullopt;
}
}  // namespace

class EntityNames::Impl {
 public:
  Impl(const GraphView& view, BulkLoad& load) : view_(view), load_(load) {
    const auto statistics = view.Statistics();
    store_is_empty_ = statistics.ok() && statistics->terms == 0;
  }

  BulkLoad::Handle Of(std::string_view name) {
    const BulkLoad::Handle handle = load_.InternName(name);
    if (handle == BulkLoad::kNone) return handle;
    if (At(handle).meaning == 0 || At(handle).waits) LookUpWaiting();
    if (At(handle).meaning == 0) {
      NameMeaning in_store;
      if (!store_is_empty_) in_store = LookUp({&handle, 1})[0];
      const BulkLoad::Handle meaning = MeaningOf(handle, in_store);
      At(handle).meaning = static_cast<uint32_t>(meaning);
    }
    return At(handle).meaning;
  }

  BulkLoad::Handle Later(std::string_view name, std::optional<Span> place) {
    if (store_is_empty_) return Of(name);
    const BulkLoad::Handle handle = load_.InternName(name);
    if (handle == BulkLoad::kNone) return handle;
    if (At(handle).meaning != 0) return At(handle).meaning;
    // What aliases of the load stand for is told of the name as it is, whatever the name means.
    if (declared_.contains(ToAbsl(name))) {
      LookUpWaiting();
      const bool sound = status_.ok();
      const BulkLoad::Handle meaning = Of(name);
      if (sound && !status_.ok()) fault_ = place;
      return meaning;
    }
    At(handle) = {static_cast<uint32_t>(handle), false, true};
    waiting_.push_back({handle, place});
    if (waiting_.size() >= kTogether) LookUpWaiting();
    return At(handle).meaning;
  }

  void LookUpWaiting() {
    if (waiting_.empty()) return;
    const std::vector<Waiting> waiting = std::exchange(waiting_, {});
    std::vector<BulkLoad::Handle> names;
    names.reserve(waiting.size());
    for (const Waiting& one : waiting) names.push_back(one.handle);
    const std::vector<NameMeaning> in_store = LookUp(names);
    for (size_t i = 0; i < names.size(); ++i) {
      const bool sound = status_.ok();
      const BulkLoad::Handle meaning = MeaningOf(names[i], in_store[i]);
      if (sound && !status_.ok()) fault_ = waiting[i].place;
      At(names[i]).waits = false;
      if (meaning == names[i]) continue;
      At(names[i]).meaning = static_cast<uint32_t>(meaning);
      load_.ReplaceBy(names[i], meaning);
    }
  }

  BulkLoad::Handle Settled(BulkLoad::Handle handle) {
    LookUpWaiting();
    return handle < known_.size() && known_[handle].meaning != 0 ? known_[handle].meaning : handle;
  }

  void Declare(std::string_view alias, std::string_view entity) {
    declared_.emplace(alias);
    declared_.emplace(entity);
    aliases_.emplace(alias, entity);
  }

  bool IsEntity(std::string_view name) {
    LookUpWaiting();
    const BulkLoad::Handle handle = load_.InternName(name);
    if (handle != BulkLoad::kNone && At(handle).is_entity) return true;
    if (store_is_empty_) return false;
    const auto id = view_.Find(Term(Name{std::string(name)}));
    return id.ok() && !id->is_undefined();
  }

  std::vector<std::string_view> NewNames() const {
    std::vector<std::string_view> names;
    names.reserve(new_names_.size());
    for (const uint32_t handle : new_names_) names.push_back(load_.NameOf(handle));
    return names;
  }

  absl::Status status_;
  std::optional<Span> fault_;

 private:
  struct Known {
    uint32_t meaning = 0;    // the handle of what it means, once it is asked for
    bool is_entity = false;  // is the name an entity's own?
    bool waits = false;      // has it not been looked up yet? Then it means itself so far
  };
  struct Waiting {
    BulkLoad::Handle handle;
    std::optional<Span> place;
  };

  Known& At(BulkLoad::Handle handle) {
    if (handle >= known_.size()) known_.resize(handle + 1);
    return known_[handle];
  }

  std::vector<NameMeaning> LookUp(std::span<const BulkLoad::Handle> handles) {
    std::vector<std::string_view> names;
    names.reserve(handles.size());
    for (const BulkLoad::Handle handle : handles) names.push_back(load_.NameOf(handle));
    std::vector<NameMeaning> meanings;
    status_.Update(view_.ResolveNames(names, /*loose=*/false, HardwareThreads(), &meanings));
    meanings.resize(names.size());  // after an error nothing of the load is kept
    return meanings;
  }

  // To be called for each name once, in the order in which they were asked for.
  BulkLoad::Handle MeaningOf(BulkLoad::Handle handle, const NameMeaning& in_store) {
    const std::string_view name = load_.NameOf(handle);
    if (in_store.entities == 1) {
      if (in_store.rank != NameRank::kExact) return KnownEntity(handle, in_store.entity);
      At(handle).is_entity = true;
      return handle;
    }
    if (in_store.entities > 1) {
      status_.Update(InvalidArgument(absl::StrCat("'", EscapeForDisplay(name), "' is an alias of ",
                                                  in_store.entities,
                                                  " entities; write the name of one of them")));
    }
    const auto alias = aliases_.find(ToAbsl(name));
    if (alias != aliases_.end() && alias->second != name) {
      // What it stands for may be a spelling itself; where they go round, this one ends it.
      At(handle).meaning = static_cast<uint32_t>(handle);
      return Of(alias->second);
    }
    if (!std::exchange(At(handle).is_entity, true)) {
      new_names_.push_back(static_cast<uint32_t>(handle));
    }
    return handle;
  }

  // By its own name, if it has one.
  BulkLoad::Handle KnownEntity(BulkLoad::Handle alias, TermId entity) {
    const auto term = view_.Get(entity);
    if (!term.ok()) status_.Update(term.status());
    const Name* const found = term.ok() ? term->As<Name>() : nullptr;
    return found != nullptr ? load_.InternName(found->text) : alias;
  }

  const GraphView& view_;
  BulkLoad& load_;
  bool store_is_empty_ = false;
  BigVector<Known> known_;  // by handle
  std::vector<Waiting> waiting_;
  std::vector<uint32_t> new_names_;  // handles
  absl::flat_hash_map<std::string, std::string> aliases_;
  absl::flat_hash_set<std::string> declared_;  // in aliases_, on either side
};

EntityNames::EntityNames(const GraphView& view, BulkLoad& load)
    : impl_(std::make_unique<Impl>(view, load)) {}
EntityNames::~EntityNames() = default;
BulkLoad::Handle EntityNames::Of(std::string_view name) { return impl_->Of(name); }
BulkLoad::Handle EntityNames::Later(std::string_view name, std::optional<Span> place) {
  return impl_->Later(name, place);
}
const std::optional<Span>& EntityNames::fault() const { return impl_->fault_; }
absl::Status EntityNames::Settle(absl::Status reached) {
  if (EndsAtOnce(reached) || (!reached.ok() && !impl_->status_.ok())) return reached;
  impl_->LookUpWaiting();
  return impl_->status_.ok() ? reached : impl_->status_;
}
BulkLoad::Handle EntityNames::Settled(BulkLoad::Handle name) { return impl_->Settled(name); }
void EntityNames::Declare(std::string_view alias, std::string_view entity) {
  impl_->Declare(alias, entity);
}
bool EntityNames::IsEntity(std::string_view name) { return impl_->IsEntity(name); }
const absl::Status& EntityNames::status() const { return impl_->status_; }
std::vector<std::string_view> EntityNames::new_names() const { return impl_->NewNames(); }

absl::Status InFile(absl::Status ended, const EntityNames& names, const std::string& path) {
  if (!absl::IsInvalidArgument(ended) || ended != names.status()) return ended;
  return InvalidArgument(absl::StrCat(path, ": ", ended.message()));
}

absl::StatusOr<std::vector<std::string>> LookAlikeNotes(const GraphView& view,
                                                        std::span<const std::string_view> new_names,
                                                        size_t limit) {
  std::vector<std::string> notes;
  ANNALS_ASSIGN_OR_RETURN(const GraphStatistics statistics, view.Statistics());
  if (statistics.terms == 0) return notes;
  std::vector<NameMeaning> meanings;
  size_t together = kFirstTogether;
  for (size_t begin = 0; begin < new_names.size() && notes.size() < limit;) {
    const auto names = new_names.subspan(begin, std::min(together, new_names.size() - begin));
    ANNALS_RETURN_IF_ERROR(view.ResolveNames(names, /*loose=*/true, HardwareThreads(), &meanings));
    for (size_t i = 0; i < names.size() && notes.size() < limit; ++i) {
      if (meanings[i].entities == 0) continue;
      ANNALS_ASSIGN_OR_RETURN(std::optional<std::string> note, LookAlikeNote(view, names[i]));
      if (note.has_value()) notes.push_back(*std::move(note));
    }
    begin += names.size();
    together = std::min(2 * together, kTogether);
  }
  return notes;
}

}  // namespace annals::datasets
