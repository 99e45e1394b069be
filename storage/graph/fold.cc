#include "storage/graph/fold.h"

#include <algorithm>
#include <array>
#include <functional>
#include <iterator>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/parallel.h"
#include "storage/graph/dictionary.h"
#include "storage/graph/generation_writer.h"
#include "storage/graph/names.h"
#include "storage/graph/relation.h"
#include "storage/graph/statistics.h"
#include "storage/kv/keys.h"
#include "storage/model/time.h"

namespace annals {
namespace {

constexpr size_t kBatchRows = 4096;

using ColumnSpans = std::span<const std::span<const uint64_t>>;

// Counts what the statistics say while the rows of a permutation go by.
class Counter {
 public:
  Counter(Permutation permutation, const StoredView& view, const GenerationInput& input)
      : permutation_(permutation), view_(view), input_(input) {}

  absl::Status Take(ColumnSpans columns) {
    const size_t rows = columns[0].size();
    switch (permutation_) {
      case Permutation::kSpo:
        facts_ += rows;
        for (size_t i = 0; i < rows; ++i) {
          PredicateStatistics& numbers = Of(columns[1][i]).numbers;
          CountRun(columns[0][i], columns[1][i], &numbers.distinct_subjects,
                   &numbers.subject_squares);
          numbers.subject_object_pairs += IsNewPair(columns[2][i]);
        }
        break;
      case Permutation::kPos:
        for (size_t i = 0; i < rows; ++i) {
          PredicateStatistics& numbers = Of(columns[0][i]).numbers;
          numbers.facts++;
          numbers.counted_facts++;
          CountRun(columns[0][i], columns[1][i], &numbers.distinct_objects,
                   &numbers.object_squares);
        }
        break;
      case Permutation::kPts:
        for (size_t i = 0; i < rows; ++i) {
          ANNALS_RETURN_IF_ERROR(TakeTime(columns[0][i], TermId::FromBits(columns[1][i])));
          Of(columns[0][i]).numbers.subject_time_pairs += IsNewPair(columns[2][i]);
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

  // What another permutation tells: no number comes from two of them.
  void Add(const Counter& other) {
    facts_ += other.facts_;
    assertions_ += other.assertions_;
    sources_ += other.sources_;
    for (const auto& [predicate, row] : other.rows_) {
      PredicateRow& sum = rows_[predicate];
      sum.numbers.predicate = row.numbers.predicate;
      sum.numbers.facts += row.numbers.facts;
      sum.numbers.distinct_subjects += row.numbers.distinct_subjects;
      sum.numbers.distinct_objects += row.numbers.distinct_objects;
      sum.numbers.subject_squares += row.numbers.subject_squares;
      sum.numbers.object_squares += row.numbers.object_squares;
      sum.numbers.counted_facts += row.numbers.counted_facts;
      sum.numbers.distinct_times += row.numbers.distinct_times;
      sum.numbers.time_squares += row.numbers.time_squares;
      sum.numbers.subject_object_pairs += row.numbers.subject_object_pairs;
      sum.numbers.subject_time_pairs += row.numbers.subject_time_pairs;
      if (row.numbers.dated_facts == 0) continue;
      sum.numbers.dated_facts = row.numbers.dated_facts;
      sum.numbers.first_instant = row.numbers.first_instant;
      sum.numbers.last_instant = row.numbers.last_instant;
      sum.numbers.longest = row.numbers.longest;
    }
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

  // Rows of one subject or object stand side by side: of n of them the squares grow by n * n.
  void CountRun(uint64_t a, uint64_t b, uint64_t* distinct, uint64_t* squares) {
    run_ = IsNew(a, b) ? 1 : run_ + 1;
    *distinct += run_ == 1;
    *squares += 2 * run_ - 1;
  }

  // After CountRun of the columns before: does this one begin a pair with them?
  bool IsNewPair(uint64_t c) {
    const bool is_new = run_ == 1 || c != last_c_;
    last_c_ = c;
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
    if (id.is_undefined()) {
      uint64_t undated = 0;
      CountRun(predicate, id.bits(), &undated, &undated);
      return absl::OkStatus();
    }
    PredicateStatistics& numbers = Of(predicate).numbers;
    CountRun(predicate, id.bits(), &numbers.distinct_times, &numbers.time_squares);
    if (id.kind() == TermKind::kTime) {
      Of(predicate).AddInlineTime(id);
      return absl::OkStatus();
    }
    const uint64_t last = view_.meta().last_term;
    const bool of_load = id.payload() > last && id.payload() - last <= input_.terms.size();
    ANNALS_ASSIGN_OR_RETURN(const Term term, of_load
                                                 ? TermOfKey(input_.terms[id.payload() - last - 1])
                                                 : view_.Get(id));
    const Time* const time = term.As<Time>();
    if (time == nullptr) return DataLoss("a time in the dictionary is damaged");
    Of(predicate).AddInstants(time->first(), time->last());
    return absl::OkStatus();
  }

  Permutation permutation_;
  const StoredView& view_;
  const GenerationInput& input_;
  bool first_ = true;
  uint64_t last_a_ = 0;
  uint64_t last_b_ = 0;
  uint64_t last_c_ = 0;
  uint64_t run_ = 0;  // rows so far with the first two
  uint64_t last_predicate_ = 0;
  PredicateRow* last_row_ = nullptr;
  uint64_t facts_ = 0;
  uint64_t assertions_ = 0;
  uint64_t sources_ = 0;
  absl::flat_hash_map<uint64_t, PredicateRow> rows_;
};

// Counts rows of all relations for whoever wants to know.
class Progress {
 public:
  explicit Progress(const std::function<absl::Status(uint64_t)>& told) : told_(told) {}

  absl::Status Add(uint64_t rows) {
    if (!told_) return absl::OkStatus();
    const std::lock_guard<std::mutex> lock(mutex_);
    rows_ += rows;
    if (rows_ < last_told_ + kRowsBetweenProgress) return absl::OkStatus();
    last_told_ = rows_;
    return told_(rows_);
  }

 private:
  static constexpr uint64_t kRowsBetweenProgress = 1 << 16;
  const std::function<absl::Status(uint64_t)>& told_;
  std::mutex mutex_;
  uint64_t rows_ = 0;
  uint64_t last_told_ = 0;
};

// Merges what the view has of a permutation with the new rows, into the writer and the counter.
class Merger {
 public:
  // `removed`, which may be null, is left out of what is stored.
  Merger(Permutation permutation, const RemovedRows* removed, GenerationWriter& writer,
         Counter& counter, Progress& progress)
      : permutation_(permutation),
        width_(ColumnsOf(permutation).size()),
        removed_(removed),
        writer_(writer),
        counter_(counter),
        progress_(progress),
        out_(width_) {}

  // Either may be null.
  absl::Status Run(RowScan* stored, RowStream* added) {
    std::vector<std::vector<TermId>> ids(width_);
    Input old{Rows(width_), 0, 0}, fresh{Rows(width_), 0, 0};
    while (true) {
      if (stored != nullptr && old.at == old.size) {
        ANNALS_ASSIGN_OR_RETURN(old.size, ReadStored(*stored, &ids));
        old.at = 0;
        for (size_t c = 0; c < width_; ++c) {
          const auto* const bits = reinterpret_cast<const uint64_t*>(ids[c].data());
          old.rows[c].assign(bits, bits + old.size);
        }
        if (old.size == 0) stored = nullptr;
      }
      if (added != nullptr && fresh.at == fresh.size) {
        ANNALS_ASSIGN_OR_RETURN(fresh.size, added->Next(fresh.rows));
        fresh.at = 0;
        if (fresh.size == 0) added = nullptr;
      }
      if (old.at == old.size && fresh.at == fresh.size) return Flush();
      ANNALS_RETURN_IF_ERROR(Step(old, fresh));
    }
  }

 private:
  using Rows = std::vector<std::vector<uint64_t>>;

  absl::StatusOr<size_t> ReadStored(RowScan& stored, std::vector<std::vector<TermId>>* ids) const {
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t rows, stored.Next(*ids, kBatchRows));
      if (rows == 0 || removed_ == nullptr) return rows;
      const size_t left = removed_->TakeOut(permutation_, rows, ids);
      ANNALS_RETURN_IF_ERROR(progress_.Add(rows - left));
      if (left > 0) return left;
    }
  }

  struct Input {
    Rows rows;
    size_t at, size;  // not yet taken: [at, size)
  };

  // Takes rows until one of the two has none.
  absl::Status Step(Input& old, Input& fresh) {
    if (old.at == old.size) return TakeAll(fresh);
    if (fresh.at == fresh.size) return TakeAll(old);
    while (old.at < old.size && fresh.at < fresh.size) {
      TakeBefore(old, fresh);
      if (old.at < old.size) TakeBefore(fresh, old);
      if (out_[0].size() >= kBatchRows) ANNALS_RETURN_IF_ERROR(Flush());
    }
    return absl::OkStatus();
  }

  // Moves the rows of `from` that stand before the next of `other`.
  void TakeBefore(Input& from, const Input& other) {
    size_t end = from.at;
    while (end < from.size && IsBefore(from.rows, end, other.rows, other.at)) ++end;
    if (end == from.at) return;
    for (size_t c = 0; c < width_; ++c) {
      const auto begin = from.rows[c].begin();
      out_[c].insert(out_[c].end(), begin + static_cast<std::ptrdiff_t>(from.at),
                     begin + static_cast<std::ptrdiff_t>(end));
    }
    from.at = end;
  }

  bool IsBefore(const Rows& a, size_t i, const Rows& b, size_t j) const {
    for (size_t c = 0; c < width_; ++c) {
      if (a[c][i] != b[c][j]) return a[c][i] < b[c][j];
    }
    return false;
  }

  absl::Status TakeAll(Input& from) {
    ANNALS_RETURN_IF_ERROR(Flush());
    ANNALS_RETURN_IF_ERROR(Emit(from.rows, from.at, from.size));
    from.at = from.size;
    return absl::OkStatus();
  }

  absl::Status Flush() {
    if (out_[0].empty()) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(Emit(out_, 0, out_[0].size()));
    for (std::vector<uint64_t>& column : out_) column.clear();
    return absl::OkStatus();
  }

  absl::Status Emit(const Rows& rows, size_t begin, size_t end) {
    std::array<std::span<const uint64_t>, kv::kMaxColumns> spans;
    for (size_t i = 0; i < width_; ++i) spans[i] = {rows[i].data() + begin, end - begin};
    const ColumnSpans columns(spans.data(), width_);
    ANNALS_RETURN_IF_ERROR(counter_.Take(columns));
    ANNALS_RETURN_IF_ERROR(progress_.Add(end - begin));
    return writer_.AppendColumns(columns);
  }

  const Permutation permutation_;
  const size_t width_;
  const RemovedRows* const removed_;
  GenerationWriter& writer_;
  Counter& counter_;
  Progress& progress_;
  Rows out_;
};

// What the tasks that write a generation share.
struct Generation {
  const std::shared_ptr<const StoredView> before;
  const GenerationInput& input;
  const uint64_t number;
  const uint32_t block_rows;
  Progress progress;
  std::array<uint64_t, kv::kRelationCount> rows = {};
};

absl::Status WritePermutation(Generation& generation, Permutation permutation,
                              kv::IngestionFile& file, Counter& counter) {
  const uint8_t relation = RelationOf(permutation);
  const Meta& old = generation.before->meta();
  std::unique_ptr<RowStream> added;
  if (generation.input.rows) {
    ANNALS_ASSIGN_OR_RETURN(added, generation.input.rows(permutation));
  }
  const std::span<const Column> columns = ColumnsOf(permutation);
  std::unique_ptr<RowScan> stored;
  if (old.base_rows[relation - 1u] > 0 || old.delta_rows > 0) {
    ScanSpec spec;
    spec.permutation = permutation;
    spec.output.assign(columns.begin(), columns.end());
    ANNALS_ASSIGN_OR_RETURN(stored, MakeRowScan(generation.before, spec));
  }
  GenerationWriter writer(file, relation, columns.size(), generation.number, generation.block_rows,
                          PlaceOf(permutation, Column::kTime));
  const TakenBack* const lost = generation.input.lost;
  ANNALS_RETURN_IF_ERROR(Merger(permutation, lost != nullptr ? &lost->rows() : nullptr, writer,
                                counter, generation.progress)
                             .Run(stored.get(), added.get()));
  ANNALS_RETURN_IF_ERROR(writer.Finish());
  generation.rows[relation - 1u] = writer.rows();
  return absl::OkStatus();
}

absl::Status WriteDictionary(Generation& generation, kv::IngestionFile& strings,
                             kv::IngestionFile& index) {
  ANNALS_ASSIGN_OR_RETURN(
      generation.rows[kv::kHashRelation - 1],
      FoldDictionary(generation.before->kv(), generation.before->meta(), generation.number,
                     generation.block_rows, strings, index, generation.input.terms));
  return strings.Finish();
}

size_t ThreadsFor(const Generation& generation) {
  constexpr uint64_t kFewFacts = 100000;
  const Meta& old = generation.before->meta();
  const uint64_t facts = old.facts + generation.input.meta.last_fact - old.last_fact;
  if (facts < kFewFacts) return 1;
  return generation.input.threads == 0 ? HardwareThreads() : generation.input.threads;
}

// The order in which several threads take up relations: what takes longest first.
constexpr Permutation kLongestFirst[] = {Permutation::kFact, Permutation::kPts,
                                         Permutation::kPos,  Permutation::kOsp,
                                         Permutation::kSpo,  Permutation::kSource};
static_assert(std::size(kLongestFirst) == std::size(kPermutations));

// Writes all files. One thread writes all relations, by number, to one file, so that small folds
// make few.
absl::Status WriteFiles(Generation& generation, const std::string& database,
                        kv::Ingestion& ingestion, std::vector<Counter>& counters) {
  const GenerationInput& input = generation.input;
  const size_t threads = ThreadsFor(generation);
  const bool together = threads == 1;
  kv::IngestionFile* file = nullptr;
  const auto next_file = [&]() -> kv::IngestionFile& {
    if (file == nullptr || !together) file = &ingestion.AddFile();
    return *file;
  };
  std::vector<std::function<absl::Status()>> tasks;
  if (!input.terms.empty()) {
    const uint64_t first = generation.before->meta().last_term + 1;
    // Its threads come on top of the others, so that none waits for it at the end.
    const WriteNamesOptions options{threads, input.name_bytes, database};
    tasks.push_back([&, first, options, &names = ingestion.AddFile()] {
      return WriteNames(input.terms, first, options, names);
    });
  }
  if (input.lost != nullptr) {
    tasks.push_back([&, &history = ingestion.AddFile()] {
      return input.lost->history().WriteTo(
          history, [&](uint64_t rows) { return generation.progress.Add(rows); });
    });
  }
  for (const Permutation permutation :
       together ? std::span(kPermutations) : std::span(kLongestFirst)) {
    tasks.push_back([&, permutation, &relation_file = next_file(),
                     &counter = counters.at(RelationOf(permutation) - 1u)]() -> absl::Status {
      ANNALS_RETURN_IF_ERROR(WritePermutation(generation, permutation, relation_file, counter));
      return together ? absl::OkStatus() : relation_file.Finish();
    });
  }
  tasks.push_back([&, &strings = ingestion.AddFile(), &index = next_file()] {
    return WriteDictionary(generation, strings, index);
  });
  return RunTasks(tasks, threads);
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
  if (input.lost != nullptr) ANNALS_RETURN_IF_ERROR(input.lost->RemoveAliases(batch));
  return input.also ? input.also(batch) : absl::OkStatus();
}

}  // namespace

uint64_t RowsForGeneration(const StoreCore& core) {
  // Rewriting the base costs as much as telling about a hundredth of it fact by fact.
  return std::max(core.options().bulk_rows, core.view()->meta().assertions / 100);
}

absl::Status WriteGeneration(StoreCore& core, const GenerationInput& input) {
  const std::shared_ptr<const StoredView> before = core.view();
  Generation generation{before, input, before->meta().generation + 1, core.options().block_rows,
                        Progress(input.progress)};
  std::unique_ptr<kv::Ingestion> ingestion = core.kv().NewIngestion();
  std::vector<Counter> counters;
  for (const Permutation permutation : kPermutations) {
    counters.emplace_back(permutation, *before, input);
  }
  ANNALS_RETURN_IF_ERROR(WriteFiles(generation, core.kv().path(), *ingestion, counters));
  Counter& counter = counters[0];
  for (size_t i = 1; i < counters.size(); ++i) counter.Add(counters[i]);
  Meta meta = input.meta;
  meta.generation = generation.number;
  meta.base_rows = generation.rows;
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

namespace {

// Also what DropRange leaves because RocksDB is compacting it or it shares a file: the next
// generation has the same number.
absl::Status DropOrphans(kv::Store& kv, std::string_view begin, std::string_view end) {
  ANNALS_RETURN_IF_ERROR(kv.DropRange(begin, end));
  const std::unique_ptr<kv::Iterator> left = kv.GetSnapshot()->NewIterator();
  left->Seek(begin);
  if (!left->Valid() || left->key() >= end) return left->status();
  const std::unique_ptr<kv::Batch> batch = kv.NewBatch();
  batch->DeleteRange(begin, end);
  return kv.Write(*batch);
}

}  // namespace

absl::Status RemoveOrphans(kv::Store& kv, const Meta& meta) {
  const std::unique_ptr<kv::Iterator> at = kv.GetSnapshot()->NewIterator();
  for (at->Seek(kv::PrefixBegin(kv::kBlockPrefix));
       at->Valid() && at->key().starts_with(kv::kBlockPrefix);) {
    if (at->key().size() < kv::kBlockKeyHeader) return DataLoss("the key of a block is damaged");
    const uint64_t generation = kv::LoadFixed64(at->key().data() + 1);
    const std::string end = kv::GenerationKey(generation + 1);
    if (generation > meta.generation) {
      // Before its blocks, so that a crash in between does this again.
      ANNALS_RETURN_IF_ERROR(RemoveNamesAfter(kv, meta.last_term));
      ANNALS_RETURN_IF_ERROR(RemoveHistoryAfter(kv, meta.transaction));
    }
    if (generation != meta.generation) {
      ANNALS_RETURN_IF_ERROR(DropOrphans(kv, kv::GenerationKey(generation), end));
    }
    at->Seek(end);
  }
  ANNALS_RETURN_IF_ERROR(at->status());
  const std::string strings = kv::NumberKey(kv::kStringBlockPrefix, meta.packed_terms + 1);
  at->Seek(strings);
  if (at->Valid() && at->key().starts_with(kv::kStringBlockPrefix)) {
    const std::string end = kv::PrefixEnd(kv::kStringBlockPrefix);
    ANNALS_RETURN_IF_ERROR(DropOrphans(kv, strings, end));
  }
  return at->status();
}

}  // namespace annals
