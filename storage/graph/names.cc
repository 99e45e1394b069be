#include "storage/graph/names.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <utility>

#include "storage/base/coding.h"
#include "storage/base/parallel.h"
#include "storage/graph/fold_text.h"
#include "storage/graph/key_runs.h"
#include "storage/graph/nearness.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {

constexpr std::string_view kAliasPrefix = "na";
constexpr std::string_view kFoldedPrefix = "nf";
constexpr std::string_view kLatinPrefix = "nl";
constexpr char kNameMark = '1';
constexpr char kAliasMark = '2';
// A hint compares at most this many spellings, those with the same first letter before others.
constexpr size_t kMostCompared = 300000;
// Names of a load whose rows one task makes.
constexpr size_t kNamesOfTask = 5000;

std::string AliasKey(std::string_view spelling) {
  std::string key(kAliasPrefix);
  PutOrderedString(&key, spelling);
  return key;
}

std::string SpellingKey(std::string_view prefix, std::string_view text) {
  std::string key(prefix);
  key += text;
  key.push_back('\0');
  return key;
}

// The rows of one spelling.
std::vector<std::string> KeysOf(std::string_view spelling, TermId entity, bool alias) {
  std::vector<std::string> keys;
  if (alias) {
    keys.push_back(AliasKey(spelling));
    PutFixed64(&keys.back(), entity.bits());
  }
  const auto add = [&](std::string_view prefix, const std::string& text) {
    if (text.empty()) return;
    std::string key = SpellingKey(prefix, text);
    PutFixed64(&key, entity.bits());
    key.push_back(alias ? kAliasMark : kNameMark);
    key += spelling;
    keys.push_back(std::move(key));
  };
  add(kFoldedPrefix, FoldName(spelling));
  if (!IsAsciiText(spelling)) add(kLatinPrefix, LatinKey(spelling));
  return keys;
}

// The rows of the names among terms, of which the first has the number `first_number`.
void AddRows(std::span<const TermKey> terms, uint64_t first_number, KeyTable& table) {
  for (size_t i = 0; i < terms.size(); ++i) {
    if (terms[i].kind != TermKind::kName) continue;
    const TermId id = TermId::Make(terms[i].kind, first_number + i);
    for (const std::string& key : KeysOf(terms[i].key, id, /*alias=*/false)) table.Add(key);
  }
}

// About what these take while they are sorted: two keys with the name and what it becomes.
size_t BytesOfRows(const TermKey& term) {
  constexpr size_t kBesides = 2 * (11 + 2 * sizeof(std::string_view));
  return term.kind == TermKind::kName ? kBesides + 4 * term.key.size() : 0;
}

// A folded or Latin row; views the key.
struct SpellingRow {
  std::string_view text;
  TermId entity;
  bool alias = false;
  std::string_view spelling;
};

absl::Status Damaged() { return DataLoss("a row of the index of names is damaged"); }

absl::StatusOr<SpellingRow> ParseSpellingRow(std::string_view key) {
  key.remove_prefix(kFoldedPrefix.size());
  SpellingRow row;
  const size_t end = key.find('\0');
  if (end == key.npos) return Damaged();
  row.text = key.substr(0, end);
  key.remove_prefix(end + 1);
  uint64_t bits = 0;
  if (!GetFixed64(&key, &bits) || key.empty()) return Damaged();
  if (key[0] != kNameMark && key[0] != kAliasMark) return Damaged();
  row.entity = TermId::FromBits(bits);
  row.alias = key[0] == kAliasMark;
  row.spelling = key.substr(1);
  return row;
}

// Calls visit(key) for the keys from `begin` that are below `end`, until it returns false.
template <typename Visit>
absl::Status ForEachKey(const IteratorPool& pool, std::string_view begin, std::string_view end,
                        Visit visit) {
  const IteratorPool::Loan loan = pool.Take();
  kv::Iterator& at = *loan.get();
  for (at.Seek(begin); at.Valid() && at.key() < end; at.Next()) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, visit(at.key()));
    if (!more) return absl::OkStatus();
  }
  return at.status();
}

// The least string above all that begin with `prefix`, which doesn't end in byte 255.
std::string After(std::string_view prefix) {
  std::string end(prefix);
  end.back() = static_cast<char>(static_cast<unsigned char>(end.back()) + 1);
  return end;
}

bool Contains(const std::vector<NameMatch>& matches, TermId entity) {
  return std::any_of(matches.begin(), matches.end(),
                     [&](const NameMatch& match) { return match.entity == entity; });
}

// Keys that begin with `begin` tell what names[index] means.
struct WantedName {
  std::string begin;
  size_t index;
};

// Calls visit(wanted, key) for all keys that begin so, in one pass; where the wanted lie close
// together, steps are cheaper than a search. `wanted` ascend and differ.
template <typename Visit>
absl::Status ForEachKeyOf(const IteratorPool& pool, std::span<const WantedName> wanted,
                          Visit visit) {
  constexpr int kMostSteps = 8;
  const IteratorPool::Loan loan = pool.Take();
  kv::Iterator& at = *loan.get();
  bool begun = false;
  for (const WantedName& one : wanted) {
    for (int steps = 0; !begun || (at.Valid() && at.key() < one.begin); ++steps) {
      if (begun && steps < kMostSteps) {
        at.Next();
      } else {
        at.Seek(one.begin);
      }
      begun = true;
    }
    for (; at.Valid() && at.key().starts_with(one.begin); at.Next()) {
      ANNALS_RETURN_IF_ERROR(visit(one, at.key()));
    }
  }
  return at.status();
}

// Sorts what is wanted and keeps each once: the others stand in `same`, with what is kept.
struct SameName {
  size_t index, as;
};
std::vector<SameName> SortWanted(std::vector<WantedName>* wanted) {
  std::sort(wanted->begin(), wanted->end(), [](const WantedName& a, const WantedName& b) {
    return std::tie(a.begin, a.index) < std::tie(b.begin, b.index);
  });
  std::vector<SameName> same;
  size_t kept = 0;
  for (size_t i = 1; i < wanted->size(); ++i) {
    if ((*wanted)[i].begin == (*wanted)[kept].begin) {
      same.push_back({(*wanted)[i].index, (*wanted)[kept].index});
    } else {
      std::swap((*wanted)[++kept], (*wanted)[i]);
    }
  }
  if (!wanted->empty()) wanted->resize(kept + 1);
  return same;
}

// The nearest spellings among those that are shown to it.
class NearestSearch {
 public:
  NearestSearch(std::string_view latin, uint64_t last_term)
      : nearness_(latin), last_term_(last_term) {}

  // False when it has seen enough.
  absl::StatusOr<bool> Visit(std::string_view key) {
    ANNALS_ASSIGN_OR_RETURN(const SpellingRow row, ParseSpellingRow(key));
    if (row.entity.payload() > last_term_) return true;
    std::string from_ascii;
    std::string_view latin = row.text;
    if (key.starts_with(kFoldedPrefix)) {
      if (!IsAsciiText(row.spelling)) return ++compared_ < kMostCompared;  // has a Latin row
      from_ascii = LatinKey(row.spelling);
      latin = from_ascii;
    }
    if (const std::optional<size_t> weight = nearness_.Of(latin)) {
      const NameRank rank = row.alias ? NameRank::kAlias : NameRank::kExact;
      found_.push_back({*weight, {row.entity, rank, std::string(row.spelling)}});
    }
    return ++compared_ < kMostCompared;
  }
  bool enough() const { return compared_ >= kMostCompared; }

  std::vector<NameMatch> Nearest(size_t limit) {
    std::sort(found_.begin(), found_.end(), [](const Found& a, const Found& b) {
      return std::tuple(a.weight, a.match.rank, a.match.matched.size(),
                        std::string_view(a.match.matched), a.match.entity) <
             std::tuple(b.weight, b.match.rank, b.match.matched.size(),
                        std::string_view(b.match.matched), b.match.entity);
    });
    std::vector<NameMatch> nearest;
    for (Found& found : found_) {
      if (nearest.size() == limit) break;
      if (!Contains(nearest, found.match.entity)) nearest.push_back(std::move(found.match));
    }
    return nearest;
  }

 private:
  struct Found {
    size_t weight;
    NameMatch match;
  };
  const Nearness nearness_;
  const uint64_t last_term_;
  size_t compared_ = 0;
  std::vector<Found> found_;
};

}  // namespace

absl::Status NamesIndex::FindAlias(std::string_view spelling,
                                   std::vector<NameMatch>* matches) const {
  const std::string begin = AliasKey(spelling);
  return ForEachKey(pool_, begin, After(begin), [&](std::string_view key) -> absl::StatusOr<bool> {
    key.remove_prefix(begin.size());
    uint64_t bits = 0;
    if (!GetFixed64(&key, &bits) || !key.empty()) return Damaged();
    matches->push_back({TermId::FromBits(bits), NameRank::kAlias, std::string(spelling)});
    return true;
  });
}

absl::Status NamesIndex::FindFolded(std::string_view folded,
                                    std::vector<NameMatch>* matches) const {
  const std::string begin = SpellingKey(kFoldedPrefix, folded);
  return ForEachKey(pool_, begin, After(begin), [&](std::string_view key) -> absl::StatusOr<bool> {
    ANNALS_ASSIGN_OR_RETURN(const SpellingRow row, ParseSpellingRow(key));
    if (row.entity.payload() <= meta_.last_term && !Contains(*matches, row.entity)) {
      matches->push_back({row.entity, NameRank::kFolded, std::string(row.spelling)});
    }
    return true;
  });
}

absl::StatusOr<std::vector<NameMatch>> NamesIndex::ResolveName(std::string_view name,
                                                               bool loose) const {
  std::vector<NameMatch> matches;
  ANNALS_ASSIGN_OR_RETURN(const TermId named, dictionary_.Find(Term(Name{std::string(name)})));
  if (!named.is_undefined()) {
    matches.push_back({named, NameRank::kExact, std::string(name)});
    return matches;
  }
  ANNALS_RETURN_IF_ERROR(FindAlias(name, &matches));
  if (!loose || !matches.empty()) return matches;
  const std::string folded = FoldName(name);
  if (!folded.empty()) ANNALS_RETURN_IF_ERROR(FindFolded(folded, &matches));
  return matches;
}

absl::Status NamesIndex::FindEntities(std::span<const std::string_view> names, size_t threads,
                                      std::vector<NameMeaning>* meanings) const {
  struct Hashed {
    uint64_t hash;
    size_t index;
  };
  std::vector<Hashed> order(names.size());
  for (size_t i = 0; i < names.size(); ++i) order[i] = {HashTerm(TermKind::kName, names[i]), i};
  std::sort(order.begin(), order.end(),
            [](const Hashed& a, const Hashed& b) { return a.hash < b.hash; });
  std::vector<TermKey> keys(names.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    keys[i] = {TermKind::kName, names[order[i].index], order[i].hash};
  }
  std::vector<TermId> ids;
  ANNALS_RETURN_IF_ERROR(dictionary_.FindKeys(keys, threads, &ids));
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!ids[i].is_undefined()) (*meanings)[order[i].index] = {1, NameRank::kExact, ids[i]};
  }
  return absl::OkStatus();
}

absl::Status NamesIndex::FindAliases(std::span<const std::string_view> names,
                                     std::vector<NameMeaning>* meanings) const {
  std::vector<WantedName> wanted;
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*meanings)[i].entities == 0) wanted.push_back({AliasKey(names[i]), i});
  }
  const std::vector<SameName> same = SortWanted(&wanted);
  const auto visit = [&](const WantedName& one, std::string_view key) -> absl::Status {
    key.remove_prefix(one.begin.size());
    uint64_t bits = 0;
    if (!GetFixed64(&key, &bits) || !key.empty()) return Damaged();
    NameMeaning& meaning = (*meanings)[one.index];
    if (meaning.entities++ == 0) {
      meaning.rank = NameRank::kAlias;
      meaning.entity = TermId::FromBits(bits);
    }
    return absl::OkStatus();
  };
  ANNALS_RETURN_IF_ERROR(ForEachKeyOf(pool_, wanted, visit));
  for (const SameName& one : same) (*meanings)[one.index] = (*meanings)[one.as];
  return absl::OkStatus();
}

absl::Status NamesIndex::FindAllFolded(std::span<const std::string_view> names, size_t threads,
                                       std::vector<NameMeaning>* meanings) const {
  std::vector<WantedName> wanted;
  for (size_t i = 0; i < names.size(); ++i) {
    if ((*meanings)[i].entities == 0) wanted.push_back({"", i});
  }
  std::vector<std::function<absl::Status()>> tasks;
  for (size_t begin = 0; begin < wanted.size(); begin += kNamesOfTask) {
    const auto some =
        std::span(wanted).subspan(begin).first(std::min(kNamesOfTask, wanted.size() - begin));
    tasks.push_back([&names, some] {
      for (WantedName& one : some) {
        const std::string folded = FoldName(names[one.index]);
        if (!folded.empty()) one.begin = SpellingKey(kFoldedPrefix, folded);
      }
      return absl::OkStatus();
    });
  }
  ANNALS_RETURN_IF_ERROR(RunTasks(tasks, threads));
  std::erase_if(wanted, [](const WantedName& one) { return one.begin.empty(); });
  const std::vector<SameName> same = SortWanted(&wanted);
  std::vector<TermId> found;  // of the name at hand
  const WantedName* last = nullptr;
  const auto visit = [&](const WantedName& one, std::string_view key) -> absl::Status {
    if (std::exchange(last, &one) != &one) found.clear();
    ANNALS_ASSIGN_OR_RETURN(const SpellingRow row, ParseSpellingRow(key));
    if (row.entity.payload() > meta_.last_term) return absl::OkStatus();
    if (std::find(found.begin(), found.end(), row.entity) != found.end()) return absl::OkStatus();
    found.push_back(row.entity);
    NameMeaning& meaning = (*meanings)[one.index];
    if (meaning.entities++ == 0) {
      meaning.rank = NameRank::kFolded;
      meaning.entity = row.entity;
    }
    return absl::OkStatus();
  };
  ANNALS_RETURN_IF_ERROR(ForEachKeyOf(pool_, wanted, visit));
  for (const SameName& one : same) (*meanings)[one.index] = (*meanings)[one.as];
  return absl::OkStatus();
}

absl::Status NamesIndex::ResolveNames(std::span<const std::string_view> names, bool loose,
                                      size_t threads, std::vector<NameMeaning>* meanings) const {
  meanings->assign(names.size(), NameMeaning());
  ANNALS_RETURN_IF_ERROR(FindEntities(names, threads, meanings));
  ANNALS_RETURN_IF_ERROR(FindAliases(names, meanings));
  return loose ? FindAllFolded(names, threads, meanings) : absl::OkStatus();
}

absl::StatusOr<std::vector<NameMatch>> NamesIndex::NearestNames(std::string_view name,
                                                                size_t limit) const {
  const std::string latin = LatinKey(name);
  if (latin.empty() || limit == 0) return std::vector<NameMatch>();
  NearestSearch search(latin, meta_.last_term);
  const auto visit = [&search](std::string_view key) { return search.Visit(key); };
  for (const std::string_view prefix : {kFoldedPrefix, kLatinPrefix}) {
    const std::string same = std::string(prefix) + latin[0];
    ANNALS_RETURN_IF_ERROR(ForEachKey(pool_, same, After(same), visit));
  }
  for (const std::string_view prefix : {kFoldedPrefix, kLatinPrefix}) {
    const std::string same = std::string(prefix) + latin[0];
    if (!search.enough()) ANNALS_RETURN_IF_ERROR(ForEachKey(pool_, prefix, same, visit));
    if (search.enough()) break;
    ANNALS_RETURN_IF_ERROR(ForEachKey(pool_, After(same), After(prefix), visit));
  }
  return search.Nearest(limit);
}

absl::StatusOr<std::vector<std::string>> NamesIndex::NamesWithPrefix(std::string_view prefix,
                                                                     size_t limit) const {
  std::vector<std::string> names;
  if (limit == 0) return names;
  const std::string begin = std::string(kFoldedPrefix) + FoldName(prefix);
  ANNALS_RETURN_IF_ERROR(
      ForEachKey(pool_, begin, After(begin), [&](std::string_view key) -> absl::StatusOr<bool> {
        ANNALS_ASSIGN_OR_RETURN(const SpellingRow row, ParseSpellingRow(key));
        const bool known = row.entity.payload() <= meta_.last_term;
        if (known && std::find(names.begin(), names.end(), row.spelling) == names.end()) {
          names.emplace_back(row.spelling);
        }
        return names.size() < limit;
      }));
  return names;
}

absl::Status AddName(kv::Transaction& transaction, std::string_view spelling, TermId entity,
                     bool alias) {
  for (const std::string& key : KeysOf(spelling, entity, alias)) transaction.Put(key, {});
  return absl::OkStatus();
}

absl::Status AddName(kv::Batch& batch, std::string_view spelling, TermId entity, bool alias) {
  for (const std::string& key : KeysOf(spelling, entity, alias)) batch.Put(key, {});
  return absl::OkStatus();
}

absl::Status WriteNames(std::span<const TermKey> terms, uint64_t first_number,
                        const WriteNamesOptions& options, kv::IngestionFile& file) {
  KeyRuns runs(options.database);
  std::vector<KeyTable> tables;
  const size_t memory =
      options.memory_bytes == 0 ? SIZE_MAX : static_cast<size_t>(options.memory_bytes);
  for (size_t begin = 0, end = 0; begin < terms.size(); begin = end) {
    // Names whose rows the memory holds at once, in pieces that each make one table.
    std::vector<std::span<const TermKey>> pieces;
    for (size_t bytes = 0; end < terms.size() && (pieces.empty() || bytes < memory);) {
      const auto piece = terms.subspan(end, std::min(kNamesOfTask, terms.size() - end));
      for (const TermKey& term : piece) bytes += BytesOfRows(term);
      pieces.push_back(piece);
      end += piece.size();
    }
    tables = std::vector<KeyTable>(pieces.size());
    std::vector<std::function<absl::Status()>> tasks;
    for (size_t i = 0; i < pieces.size(); ++i) {
      const auto from = first_number + static_cast<uint64_t>(pieces[i].data() - terms.data());
      tasks.push_back([piece = pieces[i], from, &table = tables[i]] {
        AddRows(piece, from, table);
        return absl::OkStatus();
      });
    }
    ANNALS_RETURN_IF_ERROR(RunTasks(tasks, options.threads));
    if (end < terms.size()) ANNALS_RETURN_IF_ERROR(runs.Add(tables));
  }
  ANNALS_RETURN_IF_ERROR(
      runs.Finish(tables, [&file](std::string_view key) { return file.Put(key, {}); }));
  return file.Finish();
}

absl::Status RemoveNamesAfter(kv::Store& kv, uint64_t last_term) {
  const std::unique_ptr<kv::Batch> batch = kv.NewBatch();
  const std::unique_ptr<kv::Iterator> at = kv.GetSnapshot()->NewIterator();
  for (const std::string_view prefix : {kFoldedPrefix, kLatinPrefix}) {
    const std::string end = After(prefix);
    for (at->Seek(prefix); at->Valid() && at->key() < end; at->Next()) {
      ANNALS_ASSIGN_OR_RETURN(const SpellingRow row, ParseSpellingRow(at->key()));
      if (row.entity.payload() > last_term) batch->Delete(at->key());
    }
    ANNALS_RETURN_IF_ERROR(at->status());
  }
  return kv.Write(*batch);
}

void RemoveAlias(kv::Transaction& transaction, std::string_view spelling, TermId entity) {
  for (const std::string& key : KeysOf(spelling, entity, /*alias=*/true)) transaction.Delete(key);
}

void RemoveAlias(kv::Batch& batch, std::string_view spelling, TermId entity) {
  for (const std::string& key : KeysOf(spelling, entity, /*alias=*/true)) batch.Delete(key);
}

}  // namespace annals
