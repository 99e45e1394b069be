#include "storage/graph/load_content.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>

namespace annals {
namespace {
constexpr size_t kChunkBytes = size_t{1} << 20;
}

LoadContent::LoadContent() : places_(0, Hash{&terms_}, Equal{&terms_}) {}

std::string_view LoadContent::Keep(std::string_view bytes) {
  if (bytes.size() > room_) {
    room_ = std::max(kChunkBytes, bytes.size());
    chunks_.push_back(std::make_unique<char[]>(room_));
    at_ = chunks_.back().get();
  }
  if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
  const std::string_view kept(at_, bytes.size());
  at_ += bytes.size();
  room_ -= bytes.size();
  return kept;
}

LoadContent::Handle LoadContent::InternKey(TermKind kind, std::string_view key) {
  TermKey wanted{kind, key, HashTerm(kind, key)};
  const auto known = places_.find(wanted);
  if (known != places_.end()) return Handle{*known} + 1;
  if (terms_.size() >= std::numeric_limits<uint32_t>::max()) {
    status_ = ResourceExhausted("a load has more than 4 billion terms; split it");
    return 0;
  }
  wanted.key = Keep(key);
  terms_.push_back(wanted);
  places_.insert(static_cast<uint32_t>(terms_.size() - 1));
  return terms_.size();
}

LoadContent::Handle LoadContent::Intern(const Term& term) {
  if (const std::optional<TermId> id = InlineId(term)) return id->bits();
  const TermKind kind = KindOf(term);
  if (kind == TermKind::kLocal) {
    if (status_.ok()) {
      status_ = InvalidArgument("a duration or a list can't be stored: " + DisplayText(term));
    }
    return 0;
  }
  return InternKey(kind, DictionaryKey(term));
}

LoadContent::Handle LoadContent::InternName(std::string_view name) {
  return InternKey(TermKind::kName, name);
}

std::vector<uint32_t> LoadContent::ToldTerms() const {
  std::vector<bool> told(terms_.size(), false);
  for (const Told& fact : facts_) {
    for (const Handle handle :
         {fact.subject, fact.predicate, fact.object, fact.time, fact.source}) {
      if (IsTerm(handle)) told[TermPlace(handle)] = true;
    }
  }
  std::vector<uint32_t> places;
  for (uint32_t place = 0; place < told.size(); ++place) {
    if (told[place]) places.push_back(place);
  }
  return places;
}

LoadContent::Handle LoadContent::Add(const Told& told) {
  facts_.push_back(told);
  return kFactTag | (facts_.size() - 1);
}

}  // namespace annals
