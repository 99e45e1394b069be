#include "storage/graph/load_content.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <optional>
#include <utility>

namespace annals {
namespace {
constexpr size_t kChunkBytes = size_t{1} << 20;
constexpr uint64_t kLeastRowBytes = uint64_t{2} << 20;
constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max() - 1;
}  // namespace

LoadContent::LoadContent(std::string database, uint64_t memory_bytes)
    : database_(std::move(database)),
      places_(0, Hash{&terms_}, Equal{&terms_}),
      most_row_bytes_(memory_bytes),
      memory_{memory_bytes, 0},
      plain_(database_, memory_),
      references_(1) {}

std::string_view LoadContent::Keep(std::string_view bytes) {
  if (bytes.size() > room_) {
    room_ = std::max(kChunkBytes, bytes.size());
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(room_));
    at_ = chunks_.back().get();
    key_bytes_ += room_;
    // What terms take beyond the same amount is taken from the rows, which can go to a file.
    const uint64_t terms = std::min(table_bytes(), 2 * most_row_bytes_);
    memory_.limit = std::clamp(2 * most_row_bytes_ - terms,
                               std::min(kLeastRowBytes, most_row_bytes_), most_row_bytes_);
  }
  if (!bytes.empty()) std::memcpy(at_, bytes.data(), bytes.size());
  const std::string_view kept(at_, bytes.size());
  at_ += bytes.size();
  room_ -= bytes.size();
  return kept;
}

uint64_t LoadContent::table_bytes() const {
  return key_bytes_ + terms_.capacity() * (sizeof(TermKey) + sizeof(uint32_t)) +
         places_.capacity() * 5 + symbols_.capacity() * 9 + inline_symbols_.capacity() * 17;
}

void LoadContent::Fail(absl::Status status) {
  if (status_.ok()) status_ = std::move(status);
}

LoadContent::Handle LoadContent::AddSymbol(uint64_t symbol) {
  if (symbols_.size() >= kMost) {
    Fail(ResourceExhausted("a load has more than 4 billion terms; split it"));
    return 0;
  }
  symbols_.push_back(symbol);
  told_.push_back(0);
  return symbols_.size();
}

LoadContent::Handle LoadContent::InternKey(TermKind kind, std::string_view key) {
  TermKey wanted{kind, key, HashTerm(kind, key)};
  const auto known = places_.find(wanted);
  if (known != places_.end()) return Handle{symbol_of_term_[*known]} + 1;
  const Handle handle = AddSymbol(terms_.size());
  if (handle == 0) return 0;
  wanted.key = Keep(key);
  terms_.push_back(wanted);
  symbol_of_term_.push_back(static_cast<uint32_t>(handle - 1));
  places_.insert(static_cast<uint32_t>(terms_.size() - 1));
  return handle;
}

LoadContent::Handle LoadContent::InternInline(uint64_t bits) {
  if (bits == 0) return 0;
  const auto known = inline_symbols_.find(bits);
  if (known != inline_symbols_.end()) return Handle{known->second} + 1;
  const Handle handle = AddSymbol(bits);
  if (handle != 0) inline_symbols_.emplace(bits, static_cast<uint32_t>(handle - 1));
  return handle;
}

LoadContent::Handle LoadContent::Intern(const Term& term) {
  if (const std::optional<TermId> id = InlineId(term)) return InternInline(id->bits());
  const TermKind kind = KindOf(term);
  if (kind == TermKind::kLocal) {
    Fail(InvalidArgument("a duration or a list can't be stored: " + DisplayText(term)));
    return 0;
  }
  return InternKey(kind, DictionaryKey(term));
}

LoadContent::Handle LoadContent::InternName(std::string_view name) {
  return InternKey(TermKind::kName, name);
}

void LoadContent::ReplaceBy(Handle name, Handle other) { replaced_.push_back({name, other}); }

LoadContent::Handle LoadContent::Final(Handle handle) const {
  const auto at =
      std::lower_bound(replaced_.begin(), replaced_.end(), handle,
                       [](const Replaced& one, Handle wanted) { return one.handle < wanted; });
  return at != replaced_.end() && at->handle == handle ? at->by : handle;
}

bool LoadContent::IsQualifier(const Told& told) const {
  if (IsFact(told.subject)) return true;
  return told.subject != 0 &&
         TermId::FromBits(symbols_[told.subject - 1]).kind() == TermKind::kFact;
}

size_t LoadContent::Refer(Handle handle) {
  if (!IsFact(handle)) return 0;
  const size_t level = LevelOf(handle);
  const auto place = static_cast<uint32_t>(PlaceOfFact(handle));
  std::vector<uint32_t>& places = references_[level];
  if (places.empty() || places.back() != place) places.push_back(place);
  return level + 1;
}

LoadContent::Handle LoadContent::AddFactOf(size_t level, uint64_t place) {
  if (place >= kMost) Fail(ResourceExhausted("a load has more than 4 billion facts; split it"));
  return kFactTag | uint64_t{level} << kLevelShift | place;
}

LoadContent::Handle LoadContent::Add(const Told& told) {
  if (told.subject == 0 || told.predicate == 0 || told.object == 0) {
    Fail(InvalidArgument("a fact needs a subject, a predicate and an object"));
    return kFactTag;
  }
  ++facts_;
  for (const Handle handle : {told.subject, told.predicate, told.object, told.time, told.source}) {
    if (handle != 0 && !IsFact(handle)) told_[handle - 1] = 1;
  }
  const auto low = [](Handle handle) { return static_cast<uint32_t>(handle); };
  const size_t level = std::max(Refer(told.subject), Refer(told.object));
  if (level == 0) {
    const absl::Status added = plain_.Add({low(told.subject), low(told.predicate), low(told.object),
                                           low(told.time), low(told.source)});
    if (!added.ok()) Fail(added);
    return AddFactOf(0, plain_.size() - 1);
  }
  if (level > qualifiers_.size()) {
    if (level >= kMostLevels) {
      Fail(ResourceExhausted("a load has qualifiers nested a million deep"));
      return kFactTag;
    }
    qualifiers_.emplace_back(database_, memory_);
    references_.emplace_back();
  }
  RowLog<7>& log = qualifiers_[level - 1];
  const auto high = [](Handle handle) { return static_cast<uint32_t>(handle >> 32); };
  const absl::Status added =
      log.Add({high(told.subject), low(told.subject), low(told.predicate), high(told.object),
               low(told.object), low(told.time), low(told.source)});
  if (!added.ok()) Fail(added);
  return AddFactOf(level, log.size() - 1);
}

void LoadContent::DropLevel(size_t level) {
  if (level == 0) return plain_.Clear();
  qualifiers_[level - 1].Clear();
}

void LoadContent::DropTerms() {
  symbols_ = {};
  told_ = {};
  terms_ = {};
  symbol_of_term_ = {};
  places_ = decltype(places_)(0, Hash{&terms_}, Equal{&terms_});
  inline_symbols_ = {};
  replaced_ = {};
}

void LoadContent::Finish() {
  for (std::vector<uint32_t>& places : references_) {
    if (!std::is_sorted(places.begin(), places.end())) std::sort(places.begin(), places.end());
    places.erase(std::unique(places.begin(), places.end()), places.end());
  }
  std::sort(replaced_.begin(), replaced_.end(),
            [](const Replaced& a, const Replaced& b) { return a.handle < b.handle; });
  for (const Replaced& replaced : replaced_) {
    if (std::exchange(told_[replaced.handle - 1], 0) != 0) told_[replaced.by - 1] = 1;
  }
}

}  // namespace annals
