#include "datasets/io/entity_names.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "storage/base/text.h"
#include "storage/model/term.h"

namespace annals::datasets {

class EntityNames::Impl {
 public:
  Impl(const GraphView& view, BulkLoad& load) : view_(view), load_(load) {
    const auto statistics = view.Statistics();
    store_is_empty_ = statistics.ok() && statistics->terms == 0;
  }

  BulkLoad::Handle Of(std::string_view name) {
    const auto known = handles_.find(ToAbsl(name));
    if (known != handles_.end()) return known->second;
    const std::string entity = EntityOf(name);
    const BulkLoad::Handle handle = load_.InternName(entity);
    handles_.emplace(name, handle);
    return handle;
  }

  void Declare(std::string_view alias, std::string_view entity) { aliases_.emplace(alias, entity); }

  bool IsEntity(std::string_view name) const {
    const auto known = entities_.find(ToAbsl(name));
    if (known != entities_.end()) return true;
    if (store_is_empty_) return false;
    const auto id = view_.Find(Term(Name{std::string(name)}));
    return id.ok() && !id->is_undefined();
  }

  absl::Status status_;
  std::vector<std::string> new_names_;

 private:
  std::string EntityOf(std::string_view name) {
    std::string entity(name);
    if (!store_is_empty_) {
      auto matches = view_.ResolveName(name, /*loose=*/false);
      if (!matches.ok()) {
        status_.Update(matches.status());
      } else if (matches->size() == 1) {
        if ((*matches)[0].rank == NameRank::kExact) {
          entities_.emplace(entity, true);
          return entity;
        }
        auto term = view_.Get((*matches)[0].entity);
        if (!term.ok()) status_.Update(term.status());
        const Name* found = term.ok() ? term->As<Name>() : nullptr;
        return found != nullptr ? found->text : entity;
      } else if (matches->size() > 1) {
        status_.Update(InvalidArgument(absl::StrCat("'", EscapeForDisplay(name),
                                                    "' is an alias of ", matches->size(),
                                                    " entities; write the name of one of them")));
      }
    }
    const auto alias = aliases_.find(ToAbsl(name));
    if (alias != aliases_.end()) {
      entity = alias->second;
      if (entity != name) return entity;
    }
    if (entities_.emplace(entity, true).second) new_names_.push_back(entity);
    return entity;
  }

  const GraphView& view_;
  BulkLoad& load_;
  bool store_is_empty_ = false;
  absl::flat_hash_map<std::string, BulkLoad::Handle> handles_;
  absl::flat_hash_map<std::string, std::string> aliases_;
  absl::flat_hash_map<std::string, bool> entities_;
};

EntityNames::EntityNames(const GraphView& view, BulkLoad& load)
    : impl_(std::make_unique<Impl>(view, load)) {}
EntityNames::~EntityNames() = default;
BulkLoad::Handle EntityNames::Of(std::string_view name) { return impl_->Of(name); }
void EntityNames::Declare(std::string_view alias, std::string_view entity) {
  impl_->Declare(alias, entity);
}
bool EntityNames::IsEntity(std::string_view name) const { return impl_->IsEntity(name); }
const absl::Status& EntityNames::status() const { return impl_->status_; }
const std::vector<std::string>& EntityNames::new_names() const { return impl_->new_names_; }

absl::StatusOr<std::vector<std::string>> LookAlikeNotes(const GraphView& view,
                                                        const std::vector<std::string>& new_names,
                                                        size_t limit) {
  std::vector<std::string> notes;
  ANNALS_ASSIGN_OR_RETURN(const GraphStatistics statistics, view.Statistics());
  if (statistics.terms == 0) return notes;
  for (const std::string& name : new_names) {
    if (notes.size() >= limit) break;
    ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> matches,
                            view.ResolveName(name, /*loose=*/true));
    for (const NameMatch& match : matches) {
      if (match.rank != NameRank::kFolded) continue;
      ANNALS_ASSIGN_OR_RETURN(const Term entity, view.Get(match.entity));
      const std::string known = DisplayText(entity);
      if (known == name) continue;
      notes.push_back(absl::StrCat("the new name '", EscapeForDisplay(name), "' looks like '",
                                   EscapeForDisplay(known),
                                   "'; if they are one, tell before it: alias (", NameText(known),
                                   ") ", LanguageText(Term(Text{name, ""})), ";"));
      break;
    }
  }
  return notes;
}

}  // namespace annals::datasets
