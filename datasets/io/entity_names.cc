#include "datasets/io/entity_names.h"

#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "datasets/io/text_table.h"
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
    const uint32_t number = NumberOf(name);
    if (known_[number].handle == BulkLoad::kNone) {
      const std::string entity = EntityOf(name, number);
      known_[number].handle = load_.InternName(entity);
    }
    return known_[number].handle;
  }

  void Declare(std::string_view alias, std::string_view entity) { aliases_.emplace(alias, entity); }

  bool IsEntity(std::string_view name) const {
    const std::optional<uint32_t> number = texts_.Find(kName, name);
    if (number.has_value() && known_[*number].is_entity) return true;
    if (store_is_empty_) return false;
    const auto id = view_.Find(Term(Name{std::string(name)}));
    return id.ok() && !id->is_undefined();
  }

  std::vector<std::string> NewNames() const {
    std::vector<std::string> names;
    names.reserve(new_names_.size());
    for (const uint32_t number : new_names_) names.emplace_back(texts_.text(number));
    return names;
  }

  absl::Status status_;

 private:
  static constexpr uint8_t kName = 0;
  struct Known {
    BulkLoad::Handle handle = BulkLoad::kNone;  // of what the name means, once it is asked for
    bool is_entity = false;                     // is it an entity's own?
  };

  uint32_t NumberOf(std::string_view name) {
    const auto [number, is_new] = texts_.Add(kName, name);
    if (is_new) known_.emplace_back();
    return number;
  }

  std::string EntityOf(std::string_view name, uint32_t number) {
    std::string entity(name);
    if (!store_is_empty_) {
      auto matches = view_.ResolveName(name, /*loose=*/false);
      if (!matches.ok()) {
        status_.Update(matches.status());
      } else if (matches->size() == 1) {
        if ((*matches)[0].rank == NameRank::kExact) {
          known_[number].is_entity = true;
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
    if (!std::exchange(known_[number].is_entity, true)) new_names_.push_back(number);
    return entity;
  }

  const GraphView& view_;
  BulkLoad& load_;
  bool store_is_empty_ = false;
  TextTable texts_;
  std::vector<Known> known_;  // by number of the text
  std::vector<uint32_t> new_names_;
  absl::flat_hash_map<std::string, std::string> aliases_;
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
std::vector<std::string> EntityNames::new_names() const { return impl_->NewNames(); }

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
