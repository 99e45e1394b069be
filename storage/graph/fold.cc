#include "storage/graph/fold.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/generation_writer.h"
#include "storage/graph/relation.h"
#include "storage/graph/statistics.h"
#include "storage/kv/keys.h"
#include "storage/model/time.h"

namespace annals {
namespace {

constexpr size_t kBatchRows = 4096;

using ColumnSpans = std::span<const std::span<const uint64_t>>;

// Counts what the statistics say while the rows of the permutations go by.
class Counter {
 public:
  Counter(const StoredView& view, const GenerationInput& input) : view_(view), input_(input) {}

  void Begin(Permutation permutation) {
    permutation_ = permutation;
    first_ = true;
  }

  absl::Status Take(ColumnSpans columns) {
    const size_t rows = columns[0].size();
    switch (permutation_) {
      case Permutation::kSpo:
        facts_ += rows;
        for (size_t i = 0; i < rows; ++i) {
          if (IsNew(columns[0][i], columns[1][i])) {
            Of(columns[1][i]).numbers.distinct_subjects++;
          }
        }
        break;
      case Permutation::kPos:
        for (size_t i = 0; i < rows; ++i) {
          PredicateRow& row = Of(columns[0][i]);
          row.numbers.facts++;
          if (IsNew(columns[0][i], columns[1][i])) row.numbers.distinct_objects++;
        }
        break;
      case Permutation::kPts:
        for (size_t i = 0; i < rows; ++i) {
          ANNALS_RETURN_IF_ERROR(TakeTime(columns[0][i], TermId::FromBits(columns[1][i])));
        }
        break;
      case Permutation::kSource:
        for (size_t i = 0; i < rows; ++i) sources_ += IsNew(columns[0][i], 0);
        break;
      case Permutation::kFact:
        assertions_ += rows;
        break;
      case Permutation::kOsp:
        break;
    }
    return absl::OkStatus();
  }

  void Finish(Meta* meta) const {
    meta->facts = facts_;
    meta->assertions = assertions_;
    meta->sources = sources_;
    meta->predicates = rows_.size();
  }
  const absl::flat_hash_map<uint64_t, PredicateRow>& rows() const { return rows_; }

 private:
  bool IsNew(uint64_t a, uint64_t b) {
    const bool is_new = first_ || a != last_a_ || b != last_b_;
    first_ = false;
    last_a_ = a;
    last_b_ = b;
    return is_new;
  }

  PredicateRow& Of(uint64_t predicate) {
    if (last_row_ == nullptr || last_predicate_ != predicate) {
      last_predicate_ = predicate;
      last_row_ = &rows_[predicate];
      last_row_->numbers.predicate = TermId::FromBits(predicate);
    }
    return *last_row_;
  }

  absl::Status TakeTime(uint64_t predicate, TermId id) {
    if (id.is_undefined()) return absl::OkStatus();
    if (id.kind() == TermKind::kTime) {
      Of(predicate).AddInlineTime(id);
      return absl::OkStatus();
    }
    const bool of_load = id.payload() > view_.meta().last_term && input_.term;
    ANNALS_ASSIGN_OR_RETURN(const Term term, of_load ? input_.term(id) : view_.Get(id));
    const Time* const time = term.As<Time>();
    if (time == nullptr) return DataLoss("a time in the dictionary is damaged");
    Of(predicate).AddInstants(time->first(), time->last());
    return absl::OkStatus();
  }

  const StoredView& view_;
  const GenerationInput& input_;
  Permutation permutation_ = Permutation::kSpo;
  bool first_ = true;
  uint64_t last_a_ = 0;
  uint64_t last_b_ = 0;
  uint64_t last_predicate_ = 0;
  PredicateRow* last_row_ = nullptr;
  uint64_t facts_ = 0;
  uint64_t assertions_ = 0;
  uint64_t sources_ = 0;
  absl::flat_hash_map<uint64_t, PredicateRow> rows_;
};

// Merges what the view has of a permutation with the new rows, into the writer and the counter.
class Merger {
 public:
  Merger(Permutation permutation, GenerationWriter& writer, Counter& counter)
      : width_(ColumnsOf(permutation).size()), writer_(writer), counter_(counter), out_(width_) {}

  absl::Status Run(RowScan& stored, const RowColumns& added) {
    added_rows_ = added.empty() ? 0 : added[0].size();
    std::vector<std::vector<TermId>> batch(width_);
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t count, stored.Next(batch, kBatchRows));
      if (count == 0) break;
      std::array<std::span<const uint64_t>, kv::kMaxColumns> spans;
      for (size_t i = 0; i < width_; ++i) {
        spans[i] = {reinterpret_cast<const uint64_t*>(batch[i].data()), count};
      }
      ANNALS_RETURN_IF_ERROR(MergeBatch(ColumnSpans(spans.data(), width_), added));
    }
    ANNALS_RETURN_IF_ERROR(Flush());
    return Give(added, added_, added_rows_);
  }

 private:
  absl::Status MergeBatch(ColumnSpans batch, const RowColumns& added) {
    if (added_ == added_rows_) {
      ANNALS_RETURN_IF_ERROR(Flush());
      return Emit(batch);
    }
    for (size_t row = 0; row < batch[0].size(); ++row) {
      while (added_ < added_rows_ && IsBefore(added, added_, batch, row)) {
        for (size_t i = 0; i < width_; ++i) out_[i].push_back(added[i][added_]);
        ++added_;
        if (out_[0].size() == kBatchRows) ANNALS_RETURN_IF_ERROR(Flush());
      }
      for (size_t i = 0; i < width_; ++i) out_[i].push_back(batch[i][row]);
      if (out_[0].size() == kBatchRows) ANNALS_RETURN_IF_ERROR(Flush());
    }
    return absl::OkStatus();
  }

  bool IsBefore(const RowColumns& added, size_t a, ColumnSpans batch, size_t b) const {
    for (size_t i = 0; i < width_; ++i) {
      if (added[i][a] != batch[i][b]) return added[i][a] < batch[i][b];
    }
    return false;
  }

  absl::Status Flush() {
    ANNALS_RETURN_IF_ERROR(Give(out_, 0, out_[0].size()));
    for (std::vector<uint64_t>& column : out_) column.clear();
    return absl::OkStatus();
  }

  absl::Status Give(const RowColumns& rows, size_t begin, size_t end) {
    if (begin == end) return absl::OkStatus();
    std::array<std::span<const uint64_t>, kv::kMaxColumns> spans;
    for (size_t i = 0; i < width_; ++i) spans[i] = {rows[i].data() + begin, end - begin};
    return Emit(ColumnSpans(spans.data(), width_));
  }

  absl::Status Emit(ColumnSpans columns) {
    ANNALS_RETURN_IF_ERROR(counter_.Take(columns));
    return writer_.AppendColumns(columns);
  }

  const size_t width_;
  GenerationWriter& writer_;
  Counter& counter_;
  RowColumns out_;
  size_t added_ = 0;  // the next of the new rows
  size_t added_rows_ = 0;
};

absl::StatusOr<uint64_t> WritePermutation(const std::shared_ptr<const StoredView>& view,
                                          const GenerationInput& input, Permutation permutation,
                                          uint64_t generation, uint32_t block_rows,
                                          kv::Ingestion& ingestion, Counter& counter) {
  RowColumns added;
  if (input.rows) {
    ANNALS_ASSIGN_OR_RETURN(added, input.rows(permutation));
  }
  ScanSpec spec;
  spec.permutation = permutation;
  const std::span<const Column> columns = ColumnsOf(permutation);
  spec.output.assign(columns.begin(), columns.end());
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, MakeRowScan(view, spec));
  GenerationWriter writer(ingestion, RelationOf(permutation), columns.size(), generation,
                          block_rows, PlaceOf(permutation, Column::kTime));
  counter.Begin(permutation);
  ANNALS_RETURN_IF_ERROR(Merger(permutation, writer, counter).Run(*scan, added));
  ANNALS_RETURN_IF_ERROR(writer.Finish());
  return writer.rows();
}

// The batch that makes the generation current.
absl::Status FillBatch(const StoreCore& core, const StoredView& before,
                       const GenerationInput& input, const Meta& meta, const Counter& counter,
                       kv::Batch& batch) {
  const Meta& old = before.meta();
  batch.Put(kv::kMetaKey, meta.Encode());
  if (meta.transaction != old.transaction) {
    if (old.transaction == 0) batch.Put(kv::kBaseKey, before.base_iri());
    ANNALS_ASSIGN_OR_RETURN(const std::string row,
                            TransactionValue(before, core.options(), meta.last_fact));
    batch.Put(kv::NumberKey(kv::kTransactionPrefix, meta.transaction), row);
  }
  if (old.delta_rows > 0) {
    batch.DeleteRange(kv::PrefixBegin(kv::kDeltaPrefix), kv::PrefixEnd(kv::kDeltaPrefix));
  }
  if (old.last_term > old.packed_terms) {
    for (const char prefix : {kv::kDeltaTermPrefix, kv::kDeltaHashPrefix}) {
      batch.DeleteRange(kv::PrefixBegin(prefix), kv::PrefixEnd(prefix));
    }
  }
  ANNALS_ASSIGN_OR_RETURN(const std::vector<PredicateStatistics> known, before.Predicates());
  for (const PredicateStatistics& row : known) {
    if (counter.rows().contains(row.predicate.bits())) continue;
    batch.Delete(kv::NumberKey(kv::kStatisticsPrefix, row.predicate.bits()));
  }
  for (const auto& [predicate, row] : counter.rows()) {
    batch.Put(kv::NumberKey(kv::kStatisticsPrefix, predicate), row.Encode());
  }
  return input.also ? input.also(batch) : absl::OkStatus();
}

}  // namespace

absl::Status WriteGeneration(StoreCore& core, const GenerationInput& input) {
  const std::shared_ptr<const StoredView> before = core.view();
  const Meta& old = before->meta();
  const uint32_t block_rows = core.options().block_rows;
  Meta meta = input.meta;
  meta.generation = old.generation + 1;
  std::unique_ptr<kv::Ingestion> ingestion = core.kv().NewIngestion();
  Counter counter(*before, input);
  for (const Permutation permutation : kPermutations) {
    ANNALS_ASSIGN_OR_RETURN(meta.base_rows[RelationOf(permutation) - 1u],
                            WritePermutation(before, input, permutation, meta.generation,
                                             block_rows, *ingestion, counter));
  }
  if (input.dictionary) {
    ANNALS_ASSIGN_OR_RETURN(meta.base_rows[kv::kHashRelation - 1],
                            input.dictionary(meta.generation, *ingestion));
  } else {
    ANNALS_ASSIGN_OR_RETURN(
        meta.base_rows[kv::kHashRelation - 1],
        FoldDictionary(before->kv(), old, meta.generation, block_rows, *ingestion));
  }
  counter.Finish(&meta);
  meta.delta_rows = 0;
  meta.delta_facts = 0;
  meta.packed_terms = meta.last_term;
  const std::unique_ptr<kv::Batch> batch = core.kv().NewBatch();
  ANNALS_RETURN_IF_ERROR(FillBatch(core, *before, input, meta, counter, *batch));
  ANNALS_RETURN_IF_ERROR(core.kv().Ingest(std::move(ingestion)));
  ANNALS_RETURN_IF_ERROR(core.kv().Write(*batch));
  core.Publish(meta, before->base_iri());
  return absl::OkStatus();
}

absl::Status RemoveOrphans(kv::Store& kv, const Meta& meta) {
  const std::unique_ptr<kv::Iterator> at = kv.GetSnapshot()->NewIterator();
  for (at->Seek(kv::PrefixBegin(kv::kBlockPrefix));
       at->Valid() && at->key().starts_with(kv::kBlockPrefix);) {
    if (at->key().size() < kv::kBlockKeyHeader) return DataLoss("the key of a block is damaged");
    const uint64_t generation = kv::LoadFixed64(at->key().data() + 1);
    const std::string end = kv::GenerationKey(generation + 1);
    if (generation != meta.generation) {
      ANNALS_RETURN_IF_ERROR(kv.DropRange(kv::GenerationKey(generation), end));
    }
    at->Seek(end);
  }
  ANNALS_RETURN_IF_ERROR(at->status());
  const std::string strings = kv::NumberKey(kv::kStringBlockPrefix, meta.packed_terms + 1);
  at->Seek(strings);
  if (at->Valid() && at->key().starts_with(kv::kStringBlockPrefix)) {
    const std::string end = kv::PrefixEnd(kv::kStringBlockPrefix);
    ANNALS_RETURN_IF_ERROR(kv.DropRange(strings, end));
    const std::unique_ptr<kv::Batch> batch = kv.NewBatch();
    batch->DeleteRange(strings, end);
    ANNALS_RETURN_IF_ERROR(kv.Write(*batch));
  }
  return at->status();
}

}  // namespace annals
