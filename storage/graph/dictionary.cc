#include "storage/graph/dictionary.h"

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "storage/base/coding.h"
#include "storage/base/parallel.h"
#include "storage/graph/cursors.h"
#include "storage/graph/generation_writer.h"
#include "storage/graph/string_block.h"
#include "storage/kv/keys.h"

namespace annals {
namespace {

constexpr size_t kHashColumns = 2;
// Fewer terms are looked up by one thread.
constexpr size_t kFewKeys = 2000;

absl::Status Lacks(uint64_t number) {
  return DataLoss("the dictionary lacks term " + std::to_string(number));
}

// Reads terms by ascending numbers, block by block.
class TermReader {
 public:
  TermReader(const IteratorPool& base, const IteratorPool& delta, uint64_t packed_terms)
      : base_(base), rows_(delta.view()), packed_terms_(packed_terms) {}

  // Then kind() and key() are the term's until the next call.
  absl::Status Read(uint64_t number) {
    if (number == 0) return Lacks(number);
    packed_ = number <= packed_terms_;
    if (!packed_) return ReadRow(number);
    if (number < first_ || number > last_) ANNALS_RETURN_IF_ERROR(LoadBlock(number));
    return block_.Read(static_cast<size_t>(number - first_));
  }
  TermKind kind() const { return packed_ ? block_.kind() : static_cast<TermKind>(row_[0]); }
  std::string_view key() const { return packed_ ? block_.key() : std::string_view(row_).substr(1); }

 private:
  absl::Status ReadRow(uint64_t number) {
    ANNALS_ASSIGN_OR_RETURN(const bool found,
                            rows_.Get(kv::NumberKey(kv::kDeltaTermPrefix, number), &row_));
    return found && !row_.empty() ? absl::OkStatus() : Lacks(number);
  }

  absl::Status LoadBlock(uint64_t number) {
    if (iterator_ == nullptr) {
      loan_ = base_.Take();
      iterator_ = loan_.get();
    }
    // A sorted pass often goes on in the very next block.
    const bool near = last_ != 0 && number > last_ && number - last_ <= kStringBlockTerms;
    first_ = 1;
    last_ = 0;
    if (near) {
      iterator_->Next();
    } else {
      iterator_->Seek(kv::NumberKey(kv::kStringBlockPrefix, number));
    }
    ANNALS_RETURN_IF_ERROR(OpenBlock(number));
    if (near && last_ < number) {
      last_ = 0;
      iterator_->Seek(kv::NumberKey(kv::kStringBlockPrefix, number));
      ANNALS_RETURN_IF_ERROR(OpenBlock(number));
    }
    return number < first_ || number > last_ ? Lacks(number) : absl::OkStatus();
  }

  absl::Status OpenBlock(uint64_t number) {
    if (!iterator_->Valid()) {
      ANNALS_RETURN_IF_ERROR(iterator_->status());
      return Lacks(number);
    }
    std::string_view key = iterator_->key();
    if (!key.starts_with(kv::kStringBlockPrefix)) return Lacks(number);
    key.remove_prefix(1);
    uint64_t last = 0;
    if (!GetFixed64(&key, &last) || !key.empty()) {
      return DataLoss("the key of a block of the dictionary is damaged");
    }
    ANNALS_RETURN_IF_ERROR(block_.Open(iterator_->value()));
    if (last < block_.count()) return DataLoss("the key of a block of the dictionary is damaged");
    last_ = last;
    first_ = last - block_.count() + 1;
    return absl::OkStatus();
  }

  const IteratorPool& base_;
  const kv::View& rows_;
  const uint64_t packed_terms_;
  IteratorPool::Loan loan_;
  kv::Iterator* iterator_ = nullptr;
  StringBlockReader block_;
  uint64_t first_ = 1;  // numbers in block_; none if last_ < first_
  uint64_t last_ = 0;
  bool packed_ = false;
  std::string row_;
};

absl::StatusOr<Term> TermAt(TermReader& reader, TermId id) {
  ANNALS_RETURN_IF_ERROR(reader.Read(id.payload()));
  if (reader.kind() != id.kind()) {
    return DataLoss("the dictionary has another kind of term as number " +
                    std::to_string(id.payload()));
  }
  std::optional<Term> term = TermFromDictionaryKey(id.kind(), reader.key());
  if (!term) {
    return DataLoss("term " + std::to_string(id.payload()) + " of the dictionary is damaged");
  }
  return *std::move(term);
}

absl::StatusOr<Term> InlineTerm(TermId id) {
  if (id.kind() == TermKind::kLocal) {
    return InvalidArgument("a computed value was looked up in the store");
  }
  std::optional<Term> term = TermFromInlineId(id);
  if (!term) return DataLoss("an id of no known kind: " + std::to_string(id.bits()));
  return *std::move(term);
}

// Finds the ids below a hash; hashes must ascend from call to call.
class HashIndex {
 public:
  HashIndex(const IteratorPool& base, const IteratorPool& delta, uint64_t generation, bool has_base)
      : has_base_(has_base), base_loan_(base.Take()), rows_loan_(delta.Take()) {
    if (has_base_) base_.emplace(*base_loan_.get(), kv::kHashRelation, generation, kHashColumns);
  }

  // Calls use(id) for each.
  template <typename Use>
  absl::Status Find(uint64_t hash, Use use) {
    if (has_base_) ANNALS_RETURN_IF_ERROR(FindInBase(hash, use));
    return FindInRows(hash, use);
  }

 private:
  template <typename Use>
  absl::Status FindInBase(uint64_t hash, Use& use) {
    ANNALS_RETURN_IF_ERROR(base_->Seek(std::array<uint64_t, kHashColumns>{hash, 0}));
    while (base_->valid()) {
      const BlockView& block = base_->block();
      for (; base_->row() < block.rows(); base_->set_row(base_->row() + 1)) {
        if (block.Value(0, base_->row()) != hash) return absl::OkStatus();
        use(TermId::FromBits(block.Value(1, base_->row())));
      }
      ANNALS_RETURN_IF_ERROR(base_->NextBlock());
    }
    return absl::OkStatus();
  }

  template <typename Use>
  absl::Status FindInRows(uint64_t hash, Use& use) {
    // Where hashes lie close together, as in a large load, a step is cheaper than a search.
    constexpr int kMaxSteps = 4;
    for (int steps = 0; row_hash_ < hash || !started_; ++steps) {
      if (ended_) return absl::OkStatus();
      if (started_ && steps < kMaxSteps) {
        rows_->Next();
      } else {
        rows_->Seek(kv::HashKey(hash, 0));
      }
      started_ = true;
      ANNALS_RETURN_IF_ERROR(LoadRow());
    }
    while (!ended_ && row_hash_ == hash) {
      use(row_id_);
      rows_->Next();
      ANNALS_RETURN_IF_ERROR(LoadRow());
    }
    return absl::OkStatus();
  }

  absl::Status LoadRow() {
    ended_ = !rows_->Valid() || !rows_->key().starts_with(kv::kDeltaHashPrefix);
    if (ended_) return rows_->status();
    std::string_view key = rows_->key().substr(1);
    uint64_t bits = 0;
    if (!GetFixed64(&key, &row_hash_) || !GetFixed64(&key, &bits) || !key.empty()) {
      return DataLoss("a row of the dictionary's hash index is damaged");
    }
    row_id_ = TermId::FromBits(bits);
    return absl::OkStatus();
  }

  const bool has_base_;
  IteratorPool::Loan base_loan_;
  IteratorPool::Loan rows_loan_;
  std::optional<BaseCursor> base_;
  kv::Iterator* const rows_ = rows_loan_.get();
  bool started_ = false;
  bool ended_ = false;
  uint64_t row_hash_ = 0;
  TermId row_id_;
};

struct HashRow {
  uint64_t hash;
  uint64_t id;
  friend auto operator<=>(const HashRow&, const HashRow&) = default;
};

// The terms in rows of their own, in order: use(kind, key, number).
template <typename Use>
absl::Status ForEachRow(const kv::View& view, const Meta& meta, Use use) {
  if (meta.last_term == meta.packed_terms) return absl::OkStatus();
  const std::unique_ptr<kv::Iterator> at = view.NewIterator();
  at->Seek(kv::NumberKey(kv::kDeltaTermPrefix, meta.packed_terms + 1));
  for (uint64_t number = meta.packed_terms + 1; number <= meta.last_term; ++number, at->Next()) {
    if (!at->Valid()) ANNALS_RETURN_IF_ERROR(at->status());
    if (!at->Valid() || at->key() != kv::NumberKey(kv::kDeltaTermPrefix, number) ||
        at->value().empty()) {
      return Lacks(number);
    }
    ANNALS_RETURN_IF_ERROR(
        use(static_cast<TermKind>(at->value()[0]), at->value().substr(1), number));
  }
  return absl::OkStatus();
}

// Merges the hash index of the generation before with sorted new rows.
absl::Status MergeHashIndex(const kv::View& view, const Meta& meta,
                            const std::vector<HashRow>& added, GenerationWriter& writer) {
  size_t next = 0;
  const auto append = [&writer](const HashRow& row) {
    return writer.Append(std::array<uint64_t, kHashColumns>{row.hash, row.id});
  };
  if (meta.base_rows[kv::kHashRelation - 1] > 0) {
    const std::unique_ptr<kv::Iterator> iterator = view.NewIterator();
    BaseCursor base(*iterator, kv::kHashRelation, meta.generation, kHashColumns);
    ANNALS_RETURN_IF_ERROR(base.Seek(std::array<uint64_t, kHashColumns>{0, 0}));
    for (; base.valid();) {
      const BlockView& block = base.block();
      for (uint32_t row = 0; row < block.rows(); ++row) {
        const HashRow old{block.Value(0, row), block.Value(1, row)};
        for (; next < added.size() && added[next] < old; ++next) {
          ANNALS_RETURN_IF_ERROR(append(added[next]));
        }
        ANNALS_RETURN_IF_ERROR(append(old));
      }
      ANNALS_RETURN_IF_ERROR(base.NextBlock());
    }
  }
  for (; next < added.size(); ++next) ANNALS_RETURN_IF_ERROR(append(added[next]));
  return writer.Finish();
}

}  // namespace

Dictionary::Dictionary(const IteratorPool& base, const IteratorPool& delta, const Meta& meta)
    : base_(base),
      delta_(delta),
      generation_(meta.generation),
      packed_terms_(meta.packed_terms),
      hash_rows_(meta.base_rows[kv::kHashRelation - 1]) {}

absl::StatusOr<TermId> Dictionary::Find(const Term& term) const {
  if (const std::optional<TermId> id = InlineId(term)) return *id;
  const TermKind kind = KindOf(term);
  if (kind == TermKind::kLocal) return TermId();
  const std::string key = DictionaryKey(term);
  return FindKey({kind, key, HashTerm(kind, key)});
}

absl::StatusOr<Term> Dictionary::Get(TermId id) const {
  if (!id.in_dictionary()) return InlineTerm(id);
  TermReader reader(base_, delta_, packed_terms_);
  return TermAt(reader, id);
}

absl::Status Dictionary::GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const {
  struct Wanted {
    uint64_t number;
    size_t index;
  };
  std::vector<Wanted> wanted;
  out->assign(ids.size(), Term());
  for (size_t i = 0; i < ids.size(); ++i) {
    if (ids[i].in_dictionary()) {
      wanted.push_back({ids[i].payload(), i});
    } else {
      ANNALS_ASSIGN_OR_RETURN((*out)[i], InlineTerm(ids[i]));
    }
  }
  std::sort(wanted.begin(), wanted.end(),
            [](const Wanted& a, const Wanted& b) { return a.number < b.number; });
  TermReader reader(base_, delta_, packed_terms_);
  for (size_t i = 0; i < wanted.size(); ++i) {
    const size_t index = wanted[i].index;
    if (i > 0 && ids[index] == ids[wanted[i - 1].index]) {
      (*out)[index] = (*out)[wanted[i - 1].index];
    } else {
      ANNALS_ASSIGN_OR_RETURN((*out)[index], TermAt(reader, ids[index]));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<TermId> Dictionary::FindKey(const TermKey& key) const {
  std::vector<Candidate> candidates;
  ANNALS_RETURN_IF_ERROR(FindCandidates({&key, 1}, 0, 1, &candidates));
  std::sort(candidates.begin(), candidates.end(), NumberLess());
  std::vector<TermId> ids(1);
  ANNALS_RETURN_IF_ERROR(Compare(candidates, {&key, 1}, &ids));
  return ids[0];
}

absl::Status Dictionary::FindCandidates(std::span<const TermKey> keys, size_t begin, size_t end,
                                        std::vector<Candidate>* candidates) const {
  HashIndex index(base_, delta_, generation_, hash_rows_ > 0);
  std::vector<TermId> found;  // of the hash at hand
  for (size_t i = begin; i < end; ++i) {
    if (i == begin || keys[i].hash != keys[i - 1].hash) {
      found.clear();
      ANNALS_RETURN_IF_ERROR(index.Find(keys[i].hash, [&](TermId id) { found.push_back(id); }));
    }
    for (const TermId id : found) {
      if (id.kind() == keys[i].kind) candidates->push_back({id, i});
    }
  }
  return absl::OkStatus();
}

absl::Status Dictionary::Compare(std::span<const Candidate> candidates,
                                 std::span<const TermKey> keys, std::vector<TermId>* ids) const {
  TermReader reader(base_, delta_, packed_terms_);
  for (const Candidate& candidate : candidates) {
    ANNALS_RETURN_IF_ERROR(reader.Read(candidate.id.payload()));
    if (reader.kind() == candidate.id.kind() && reader.key() == keys[candidate.index].key) {
      (*ids)[candidate.index] = candidate.id;
    }
  }
  return absl::OkStatus();
}

absl::Status Dictionary::FindKeys(std::span<const TermKey> keys, size_t threads,
                                  std::vector<TermId>* ids) const {
  ids->assign(keys.size(), TermId());
  const size_t parts = keys.size() < kFewKeys ? 1 : std::max<size_t>(1, threads);
  std::vector<std::vector<Candidate>> found(parts);
  std::vector<std::function<absl::Status()>> tasks;
  for (size_t part = 0; part < parts; ++part) {
    tasks.push_back([&, part] {
      return FindCandidates(keys, keys.size() * part / parts, keys.size() * (part + 1) / parts,
                            &found[part]);
    });
  }
  ANNALS_RETURN_IF_ERROR(RunTasks(tasks, parts));
  std::vector<Candidate> candidates = std::move(found[0]);
  for (size_t part = 1; part < parts; ++part) {
    candidates.insert(candidates.end(), found[part].begin(), found[part].end());
  }
  std::sort(candidates.begin(), candidates.end(), NumberLess());
  tasks.clear();
  for (size_t part = 0; part < parts; ++part) {
    const size_t begin = candidates.size() * part / parts;
    const size_t count = candidates.size() * (part + 1) / parts - begin;
    tasks.push_back([&, begin, count] {
      return Compare(std::span(candidates).subspan(begin, count), keys, ids);
    });
  }
  return RunTasks(tasks, parts);
}

absl::StatusOr<Term> TermOfKey(const TermKey& key) {
  std::optional<Term> term = TermFromDictionaryKey(key.kind, key.key);
  if (!term) return Internal("a load holds a term that can't be read back");
  return *std::move(term);
}

std::string DictionaryEntry(const Term& term) {
  std::string entry(1, static_cast<char>(KindOf(term)));
  entry += DictionaryKey(term);
  return entry;
}

absl::StatusOr<TermId> AddTerm(kv::Transaction& transaction, const Term& term, Meta* meta) {
  const TermKind kind = KindOf(term);
  if (kind == TermKind::kLocal) {
    return InvalidArgument("durations and lists can't be stored; tell a number, text or time");
  }
  const std::string entry = DictionaryEntry(term);
  const TermId id = TermId::Make(kind, ++meta->last_term);
  transaction.Put(kv::NumberKey(kv::kDeltaTermPrefix, id.payload()), entry);
  transaction.Put(kv::HashKey(HashOfEntry(entry), id.bits()), {});
  return id;
}

absl::StatusOr<uint64_t> FoldDictionary(const kv::View& view, const Meta& meta, uint64_t generation,
                                        uint32_t block_rows, kv::IngestionFile& string_file,
                                        kv::IngestionFile& index_file,
                                        std::span<const TermKey> added) {
  std::vector<HashRow> rows;
  rows.reserve(static_cast<size_t>(meta.last_term - meta.packed_terms) + added.size());
  StringBlockWriter strings(string_file, meta.packed_terms + 1);
  ANNALS_RETURN_IF_ERROR(
      ForEachRow(view, meta, [&](TermKind kind, std::string_view key, uint64_t number) {
        rows.push_back({HashTerm(kind, key), TermId::Make(kind, number).bits()});
        return strings.Append(kind, key);
      }));
  uint64_t number = meta.last_term;
  for (const TermKey& term : added) {
    rows.push_back({term.hash, TermId::Make(term.kind, ++number).bits()});
    ANNALS_RETURN_IF_ERROR(strings.Append(term.kind, term.key));
  }
  ANNALS_RETURN_IF_ERROR(strings.Finish());
  std::sort(rows.begin(), rows.end());
  GenerationWriter writer(index_file, kv::kHashRelation, kHashColumns, generation, block_rows, -1);
  ANNALS_RETURN_IF_ERROR(MergeHashIndex(view, meta, rows, writer));
  return writer.rows();
}

}  // namespace annals
