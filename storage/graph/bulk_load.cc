#include "storage/graph/bulk_load.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/buffer_pool.h"
#include "storage/base/parallel.h"
#include "storage/graph/declarations.h"
#include "storage/graph/fold.h"
#include "storage/graph/load_content.h"
#include "storage/graph/load_losses.h"
#include "storage/graph/load_match.h"
#include "storage/graph/load_rows.h"
#include "storage/graph/load_telling.h"
#include "storage/graph/names.h"
#include "storage/graph/replacing_load.h"

namespace annals {
namespace {

// What a process has besides: code, RocksDB's buffers, blocks of the file that is read.
constexpr uint64_t kBesides = uint64_t{64} << 20;
constexpr uint64_t kLeastMemory = uint64_t{64} << 20;
constexpr uint64_t kLeastSorted = uint64_t{8} << 20;

class Collected : public BulkLoad {
 public:
  Collected(std::string database, const LoadOptions& options)
      : options_(WithDefaults(options)),
        limited_(options.memory_bytes != 0),
        database_(std::move(database)),
        content_(std::make_unique<LoadContent>(database_, options_.memory_bytes / 4)) {}

  Handle Intern(const Term& term) override { return content_->Intern(term); }
  Handle InternName(std::string_view name) override { return content_->InternName(name); }
  std::string_view NameOf(Handle name) const override { return content_->NameOf(name); }
  void ReplaceBy(Handle name, Handle other) override { content_->ReplaceBy(name, other); }
  Handle Add(Handle subject, Handle predicate, Handle object, Handle time, Handle source) override {
    if (options_.replacing) TellsAllOf(source);
    return content_->Add({subject, predicate, object, time, source});
  }
  void TellsAllOf(Handle source) override {
    if (source == kNone || source == last_source_) return;
    last_source_ = source;
    sources_.insert(source);
  }

 protected:
  static LoadOptions WithDefaults(LoadOptions options) {
    options.memory_bytes = LoadMemory(options.memory_bytes);
    if (options.threads == 0) options.threads = HardwareThreads();
    return options;
  }

  const LoadOptions options_;
  const bool limited_;  // to less than what it would take by itself
  const std::string database_;
  std::unique_ptr<LoadContent> content_;
  SourceHandles sources_;  // of a replacing load

 private:
  Handle last_source_ = kNone;
};

// The spellings that new facts give as aliases.
absl::Status WriteAliases(const LoadMatch& match, const StoredView& view, kv::Batch& batch) {
  const uint64_t first = view.meta().last_term + 1;
  const auto term_of = [&](TermId id) -> absl::StatusOr<Term> {
    if (!id.in_dictionary() || id.payload() < first) return view.Get(id);
    return TermOfKey(match.new_terms.at(id.payload() - first));
  };
  // Is the predicate among those of the load?
  uint32_t alias = 0;
  for (uint32_t code = 1; code < match.ids.size() && alias == 0; ++code) {
    const TermId id = TermId::FromBits(match.ids[code]);
    if (id.kind() != TermKind::kName) continue;
    if (id.payload() >= first) {
      if (match.new_terms[id.payload() - first].key == kAliasPredicate) alias = code;
    }
  }
  if (alias == 0) {
    ANNALS_ASSIGN_OR_RETURN(const TermId known,
                            view.Find(Term(Name{std::string(kAliasPredicate)})));
    const auto at = std::lower_bound(match.ids.begin(), match.ids.end(), known.bits());
    if (known.is_undefined() || at == match.ids.end() || *at != known.bits()) {
      return absl::OkStatus();
    }
    alias = static_cast<uint32_t>(at - match.ids.begin());
  }
  RowLog<6>::Reader reader(match.rows);
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const auto rows, reader.Next());
    if (rows.empty()) return absl::OkStatus();
    for (const CodeRow<6>& row : rows) {
      if (row[3] != alias) continue;
      const TermId object = TermId::FromBits(match.IdOf(row[4]));
      if (object.kind() != TermKind::kText && object.kind() != TermKind::kLanguageText) continue;
      ANNALS_ASSIGN_OR_RETURN(const Term term, term_of(object));
      const Text* const text = term.As<Text>();
      if (text == nullptr) return DataLoss("a text in the dictionary is damaged");
      ANNALS_RETURN_IF_ERROR(
          AddName(batch, text->value, TermId::FromBits(match.IdOf(row[2])), /*alias=*/true));
    }
  }
}

// Tells what is new fact by fact. Terms and facts get the numbers that the match gave them, since
// it counts on from the same last ones, in this order.
absl::Status TellMatch(const LoadMatch& match, WriteTransaction& transaction) {
  for (const TermKey& key : match.new_terms) {
    ANNALS_ASSIGN_OR_RETURN(const Term term, TermOfKey(key));
    ANNALS_RETURN_IF_ERROR(transaction.Intern(term).status());
  }
  const auto tell = [&](TermId fact, std::span<const uint32_t> row) -> absl::Status {
    const auto id = [&](size_t c) { return TermId::FromBits(match.IdOf(row[c])); };
    ANNALS_ASSIGN_OR_RETURN(const AddResult added,
                            transaction.Add(id(1), id(2), id(3), id(4), id(0)));
    return added.fact == fact.payload() ? absl::OkStatus()
                                        : Internal("a load and its match differ");
  };
  RowLog<7>::Reader known(match.known);
  for (uint64_t left = match.known.size(); left > 0;) {
    ANNALS_ASSIGN_OR_RETURN(const auto rows, known.Next());
    for (const CodeRow<7>& row : rows) {
      const TermId fact = TermId::Fact(uint64_t{row[0]} << 32 | row[1]);
      ANNALS_RETURN_IF_ERROR(tell(fact, std::span(row).subspan(2)));
    }
    left -= rows.size();
  }
  RowLog<6>::Reader fresh(match.rows);
  for (uint64_t left = match.rows.size(); left > 0;) {
    ANNALS_ASSIGN_OR_RETURN(const auto rows, fresh.Next());
    for (const CodeRow<6>& row : rows) {
      ANNALS_RETURN_IF_ERROR(tell(match.FactAt(row[0]), std::span(row).subspan(1)));
    }
    left -= rows.size();
  }
  return absl::OkStatus();
}

class LoadIntoTransaction : public Collected {
 public:
  explicit LoadIntoTransaction(WriteTransaction& transaction)
      : Collected(":memory:", LoadOptions()), transaction_(transaction) {}
  absl::StatusOr<Result> Finish() override {
    content_->Finish();
    return TellContent(*content_, transaction_, {});
  }

 private:
  WriteTransaction& transaction_;
};

class LoadIntoStore : public Collected {
 public:
  LoadIntoStore(std::shared_ptr<StoreCore> core, StoreCore::WriterGuard guard,
                const LoadOptions& options)
      : Collected(core->kv().path(), options), core_(std::move(core)), guard_(std::move(guard)) {}

  absl::StatusOr<Result> Finish() override {
    content_->Finish();
    const std::shared_ptr<const StoredView> view = core_->view();
    ANNALS_ASSIGN_OR_RETURN(const bool large, IsLarge(*view));
    if (!large || !CanMatch(*content_, *view) || !CanReplace()) return FinishFactByFact();
    // What the readers of files have freed.
    if (limited_) ReturnFreeMemory();
    const uint64_t many = RowsForGeneration(*core_);
    Result replaced;
    LossOptions losing;
    if (options_.replacing) {
      ANNALS_ASSIGN_OR_RETURN(losing, LosingOf(*view, many, &replaced));
    }
    ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<LoadMatch> match, Match(losing));
    content_->DropTerms();
    if (limited_) {
      buffers_.Clear();
      ReturnFreeMemory();
    }
    std::unique_ptr<LoadLosses> losses;
    if (options_.replacing) {
      match->result.replaced_sources = replaced.replaced_sources;
      ANNALS_ASSIGN_OR_RETURN(losses, LoadLosses::Find(*match, *view, losing));
    }
    if (!match->result.changed) return match->result;
    const uint64_t lost = losses != nullptr ? losses->taken_back().tellings() : 0;
    if (match->rows.size() + match->known.size() + lost >= many) {
      const StoreCore::WriterGuard guard = std::move(guard_);
      ANNALS_RETURN_IF_ERROR(WriteMatch(*match, lost > 0 ? &losses->taken_back() : nullptr));
      return match->result;
    }
    const std::unique_ptr<WriteTransaction> transaction =
        MakeWriteTransaction(core_, std::move(guard_));
    ANNALS_RETURN_IF_ERROR(TellMatch(*match, *transaction));
    if (losses != nullptr) {
      ANNALS_RETURN_IF_ERROR(
          transaction->RemoveAll({*losses->removals(), {}}, SortingCheck()).status());
    }
    ANNALS_RETURN_IF_ERROR(transaction->Commit());
    return match->result;
  }

 private:
  // Is it large enough for a generation, with what its sources may lose?
  absl::StatusOr<bool> IsLarge(const StoredView& view) const {
    uint64_t rows = content_->facts();
    if (!options_.replacing || rows >= core_->options().bulk_rows) {
      return rows >= core_->options().bulk_rows;
    }
    Result ignored;
    ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> sources,
                            FindReplaced(*content_, sources_, view, &ignored));
    for (const TermId source : sources) {
      ScanSpec spec;
      spec.permutation = Permutation::kSource;
      spec.prefix = {source};
      ANNALS_ASSIGN_OR_RETURN(const uint64_t told, view.CountRows(spec));
      rows += told;
    }
    return rows >= core_->options().bulk_rows;
  }

  // What is lost is found in the store as it is before the load: so a load that merges entities, or
  // says something about facts that it doesn't tell, is told before.
  bool CanReplace() const {
    if (!options_.replacing) return true;
    for (size_t symbol = 0; symbol < content_->symbols().size(); ++symbol) {
      const uint64_t value = content_->symbols()[symbol];
      if (!content_->IsTold(symbol)) continue;
      if (value >= content_->terms().size()) {
        if (TermId::FromBits(value).kind() == TermKind::kFact) return false;
      } else if (content_->terms()[value].key == kMergedInto) {
        return false;
      }
    }
    return true;
  }

  std::function<absl::Status()> SortingCheck() const {
    if (!options_.progress) return nullptr;
    return [this] {
      return options_.progress(LoadPhase::kSorting, content_->facts(), content_->facts());
    };
  }

  // Counts in `result` the sources that are replaced.
  absl::StatusOr<LossOptions> LosingOf(const StoredView& view, uint64_t many,
                                       Result* result) const {
    LossOptions losing;
    ANNALS_ASSIGN_OR_RETURN(losing.sources, FindReplaced(*content_, sources_, view, result));
    losing.few = many;
    losing.taking_back = {database_, options_.memory_bytes, SortingCheck()};
    ANNALS_RETURN_IF_ERROR(FindExact(view, &losing));
    return losing;
  }

  absl::StatusOr<Result> FinishFactByFact() {
    const std::unique_ptr<WriteTransaction> transaction =
        MakeWriteTransaction(core_, std::move(guard_));
    ANNALS_ASSIGN_OR_RETURN(const Result result,
                            options_.replacing
                                ? TellReplacing(*content_, sources_, *transaction, SortingCheck())
                                : TellContent(*content_, *transaction, {}));
    if (result.changed) ANNALS_RETURN_IF_ERROR(transaction->Commit());
    return result;
  }

  absl::StatusOr<std::unique_ptr<LoadMatch>> Match(const LossOptions& losing) {
    MatchOptions options;
    options.database = database_;
    options.buffers = &buffers_;
    options.memory_bytes = options_.memory_bytes;
    options.threads = options_.threads;
    if (options_.replacing) options.exact = &losing.exact;
    if (options_.progress) {
      options.progress = [this](uint64_t facts) {
        return options_.progress(LoadPhase::kSorting, facts, content_->facts());
      };
    }
    return MatchLoad(*content_, *core_->view(), options);
  }

  // As a new generation, without what is lost, if there is anything.
  absl::Status WriteMatch(const LoadMatch& match, TakenBack* lost) {
    const std::shared_ptr<const StoredView> view = core_->view();
    GenerationInput input;
    input.meta = view->meta();
    ++input.meta.transaction;
    input.meta.last_fact += match.new_facts;
    input.meta.last_term += match.new_terms.size();
    input.threads = options_.threads;
    input.name_bytes = options_.memory_bytes / 8;
    const uint64_t terms = content_->key_bytes() + match.new_terms.size() * sizeof(TermKey) +
                           match.ids.size() * sizeof(uint64_t);
    const uint64_t kept = content_->row_memory().limit + terms + input.name_bytes;
    const uint64_t left = options_.memory_bytes - std::min(options_.memory_bytes, kept);
    // What is sorted is read back beside memory that is kept for the next to be sorted: half as
    // much.
    const uint64_t sort_bytes = std::max(kLeastSorted, left * 2 / 3 / options_.threads);
    input.rows = [this, &match, sort_bytes](Permutation permutation) {
      return MakeRowsOfLoad(match, permutation, sort_bytes, database_);
    };
    input.terms = match.new_terms;
    input.lost = lost;
    input.also = [&](kv::Batch& batch) { return WriteAliases(match, *view, batch); };
    const uint64_t all = 5 * (view->meta().facts + match.new_facts);
    if (options_.progress) {
      input.progress = [this, all](uint64_t rows) {
        return options_.progress(LoadPhase::kWriting, std::min(rows, all), all);
      };
    }
    return WriteGeneration(*core_, input);
  }

  const std::shared_ptr<StoreCore> core_;
  StoreCore::WriterGuard guard_;
  BufferPool buffers_;
};

}  // namespace

uint64_t LoadMemory(uint64_t limit) {
  return std::max(limit == 0 ? DefaultLoadMemory() : limit, kBesides + kLeastMemory) - kBesides;
}

uint64_t DefaultLoadMemory() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page_bytes = ::sysconf(_SC_PAGE_SIZE);
  if (pages <= 0 || page_bytes <= 0) return uint64_t{1} << 30;
  return static_cast<uint64_t>(pages) * static_cast<uint64_t>(page_bytes) / 4;
}

std::unique_ptr<BulkLoad> MakeBulkLoad(std::shared_ptr<StoreCore> core,
                                       StoreCore::WriterGuard guard, const LoadOptions& options) {
  return std::make_unique<LoadIntoStore>(std::move(core), std::move(guard), options);
}

std::unique_ptr<BulkLoad> MakeBulkLoadInto(WriteTransaction& transaction) {
  return std::make_unique<LoadIntoTransaction>(transaction);
}

}  // namespace annals
