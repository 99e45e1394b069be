// What questions read: one consistent state of the graph. Terms to ids and back, scans over the
// permutations in batches of ids, facts and their sources, names, statistics.
//
// Threads: a GraphView is immutable and may be shared by threads; a RowScan belongs to one.
#ifndef STORAGE_GRAPH_VIEW_H_
#define STORAGE_GRAPH_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/status.h"
#include "storage/graph/declarations.h"
#include "storage/graph/number_cache.h"
#include "storage/model/fact.h"
#include "storage/model/term.h"
#include "storage/model/term_id.h"

namespace annals {

// Columns of the permutations. All values are TermIds: a fact is TermId::Fact(number), an undated
// fact's time and a source-less assertion's source are undefined (0, so they sort first), a
// transaction is TermId::Integer.
enum class Column : uint8_t { kSubject, kPredicate, kObject, kTime, kFact, kSource, kTransaction };
inline constexpr size_t kColumnCount = 7;

// Persistent numbers. Rows are sorted by the columns in the order given.
enum class Permutation : uint8_t {
  kSpo = 1,     // subject predicate object time fact
  kPos = 2,     // predicate object subject time fact
  kOsp = 3,     // object subject predicate time fact
  kPts = 4,     // predicate time subject object fact
  kFact = 5,    // fact source subject predicate object time transaction: a row per assertion
  kSource = 6,  // source predicate subject object time fact: a row per assertion with a source
};

// The columns of a permutation in sort order.
std::span<const Column> ColumnsOf(Permutation permutation);

// An interval of instants, both inclusive, UTC seconds; INT64_MIN / INT64_MAX where open.
struct TimeWindow {
  int64_t first;
  int64_t last;
};

// A part of a permutation: the rows from `first` to `last`, both inclusive and as long as a row;
// no bound where empty.
struct ScanShare {
  std::vector<TermId> first, last;
};

struct ScanSpec {
  Permutation permutation = Permutation::kSpo;
  // Values of the leading columns; at most all of them.
  std::vector<TermId> prefix;
  // Inclusive bounds on the column after the prefix.
  std::optional<TermId> low;
  std::optional<TermId> high;
  // Only dated facts whose time shares an instant with this. Cheapest on kPts below a predicate
  // (blocks outside are skipped), a filter on rows elsewhere.
  std::optional<TimeWindow> window;
  // Only dated facts (a pattern of four terms matches no fact without a time).
  bool dated_only = false;
  // What to return, in this order; any columns of the permutation.
  std::vector<Column> output;
  // Only these of the rows.
  ScanShare share = {};
};

// Rows of a scan in the permutation's order, base blocks and delta merged.
class RowScan {
 public:
  virtual ~RowScan() = default;
  // Replaces the contents of columns[i] (one vector per output column) with up to max_rows next
  // rows and returns how many; 0 means the end.
  virtual absl::StatusOr<size_t> Next(std::span<std::vector<TermId>> columns, size_t max_rows) = 0;
  // As Next, but rows that follow each other and are equal in all output columns may (not: must) be
  // given as one: (*counts)[i] says how many of the scan's rows row i stands for.
  virtual absl::StatusOr<size_t> NextRuns(std::span<std::vector<TermId>> columns, size_t max_rows,
                                          std::vector<uint64_t>* counts) {
    ANNALS_ASSIGN_OR_RETURN(const size_t rows, Next(columns, max_rows));
    counts->assign(rows, 1);
    return rows;
  }
  // Starts again below another prefix of the same length (an index join: probes in ascending order
  // stay in the block).
  virtual absl::Status Seek(std::span<const TermId> prefix) = 0;
  // Moves forward, never back, to the first row whose column after the prefix is >= value.
  virtual absl::Status SkipTo(TermId value) = 0;
};

// Cuts a scan's rows into shares, in order and without gaps, so that threads can read them at once.
class ScanSplitter {
 public:
  virtual ~ScanSplitter() = default;
  // The next share; false after the last. Any thread, one at a time.
  virtual absl::StatusOr<bool> Next(ScanShare* share) = 0;
};

struct PredicateStatistics {
  TermId predicate;
  uint64_t facts = 0;
  uint64_t dated_facts = 0;
  uint64_t distinct_subjects = 0;  // exact after a fold or a large load, else an estimate
  uint64_t distinct_objects = 0;
  // The squares of the facts that each subject (object) has, summed up: how unevenly the facts are
  // spread. Exact after a fold or a large load, else an estimate.
  uint64_t subject_squares = 0;
  uint64_t object_squares = 0;
  int64_t first_instant = 0;  // over the dated facts; INT64_MIN / INT64_MAX where open
  int64_t last_instant = 0;
  // Seconds from the first to the last instant of the longest time with an inline id; at least.
  static constexpr uint64_t kEndless = std::numeric_limits<uint64_t>::max();
  uint64_t longest = 0;  // kEndless if one has no end
  // Of the facts that the last fold or large load counted: 0 where there was none.
  uint64_t counted_facts = 0;
  uint64_t distinct_times = 0;        // of the dated ones
  uint64_t time_squares = 0;          // as subject_squares, of the dated ones
  uint64_t subject_object_pairs = 0;  // distinct
  uint64_t subject_time_pairs = 0;    // distinct, no time being one of the times
};

struct GraphStatistics {
  uint64_t facts = 0;       // qualifiers included: they are facts about facts
  uint64_t assertions = 0;  // a row per fact and source
  uint64_t terms = 0;       // in the dictionary
  uint64_t predicates = 0;
  uint64_t sources = 0;     // distinct sources of assertions
  uint64_t delta_rows = 0;  // facts waiting to be folded
  uint64_t generation = 0;
  uint64_t disk_bytes = 0;
};

// Rows that stand for all of a range.
struct SampledRows {
  std::vector<std::vector<TermId>> columns;  // of the permutation, in its order
  std::vector<double> weights;               // how many rows of the range each stands for
  bool complete = false;                     // these are all
};

// What to sample. The values in `where`, of columns after the prefix, must be the row's.
struct SampleSpec {
  std::vector<TermId> prefix;
  std::optional<TermId> low, high;  // inclusive, on the column after the prefix
  std::vector<std::pair<Column, TermId>> where;
  size_t rows = 0;  // about so many
  // Take them from all over the range, at a few more seeks; else from where it begins.
  bool spread = false;
};

// Looks at a few rows of a permutation's packed blocks, for estimates: what waits in the delta is
// left out. A sample costs two seeks, one that is spread some thirty; it depends on nothing but the
// rows. One thread at a time.
class RowSampler {
 public:
  virtual ~RowSampler() = default;
  // How many rows there are (with `where` about), and some of them in place of what `sample` held.
  virtual absl::StatusOr<double> Sample(const SampleSpec& spec, SampledRows* sample) = 0;
};

// How a name was found, best first.
enum class NameRank : uint8_t { kExact, kAlias, kFolded };
struct NameMatch {
  TermId entity;
  NameRank rank;
  std::string matched;  // the spelling that matched: the name itself or an alias
};

// What one of many names was found to be.
struct NameMeaning {
  uint32_t entities = 0;  // that have it at the best rank: 0 if it is unknown
  NameRank rank = NameRank::kExact;
  TermId entity;  // the first of them
};

class GraphView {
 public:
  virtual ~GraphView() = default;

  // The id of a term, undefined if the store doesn't know it (inline kinds are always known).
  virtual absl::StatusOr<TermId> Find(const Term& term) const = 0;
  // DataLoss for an id that the dictionary lacks; InvalidArgument for a local id.
  virtual absl::StatusOr<Term> Get(TermId id) const = 0;
  // In one sorted pass; out->at(i) belongs to ids[i]. Undefined ids give the undefined term.
  virtual absl::Status GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const = 0;

  virtual absl::StatusOr<std::unique_ptr<RowScan>> Scan(const ScanSpec& spec) const = 0;
  // Rows of the permutation below a prefix (and between low and high), exact, from block
  // boundaries: two seeks. `window` and `dated_only` are not taken into account.
  virtual absl::StatusOr<uint64_t> CountRows(const ScanSpec& spec) const = 0;
  // Shares of about `rows` rows each; null where the view can't be read by several threads, or not
  // in parts. Must not outlive the view.
  virtual absl::StatusOr<std::unique_ptr<ScanSplitter>> Split(const ScanSpec& /*spec*/,
                                                              uint64_t /*rows*/) const {
    return std::unique_ptr<ScanSplitter>();
  }

  // Null where nothing stands in packed blocks. Must not outlive the view.
  virtual std::unique_ptr<RowSampler> Sampler(Permutation /*permutation*/) const { return nullptr; }
  // For what planners reckon of this state again and again; null where the state may still change.
  virtual NumberCache* kept_numbers() const { return nullptr; }

  virtual absl::StatusOr<std::optional<Fact>> FindFact(TermId subject, TermId predicate,
                                                       TermId object, TermId time) const = 0;
  virtual absl::StatusOr<std::optional<Fact>> GetFact(uint64_t number) const = 0;
  // Sources of a fact in id order; undefined among them if it was also told without a source.
  virtual absl::StatusOr<std::vector<TermId>> SourcesOf(uint64_t fact) const = 0;

  // Every entity that has `name` at the best rank that anything has it at: an entity of that name
  // (of one that is merged into another, that other, by alias),
  // else exactly that alias, else (loose only) folded; several at one rank are all returned.
  virtual absl::StatusOr<std::vector<NameMatch>> ResolveName(std::string_view name,
                                                             bool loose) const = 0;
  // The same for many names in a few sorted passes, by up to `threads` threads;
  // meanings->at(i) belongs to names[i].
  virtual absl::Status ResolveNames(std::span<const std::string_view> names, bool loose,
                                    size_t threads, std::vector<NameMeaning>* meanings) const = 0;
  // Up to `limit` known spellings (names and aliases, with their entities) nearest to an unknown
  // one, nearest first, across scripts; none if nothing is near.
  virtual absl::StatusOr<std::vector<NameMatch>> NearestNames(std::string_view name,
                                                              size_t limit) const = 0;
  // Names and aliases that begin with `prefix` when folded, at most `limit` (for completion).
  virtual absl::StatusOr<std::vector<std::string>> NamesWithPrefix(std::string_view prefix,
                                                                   size_t limit) const = 0;

  virtual absl::StatusOr<std::vector<PredicateStatistics>> Predicates() const = 0;
  virtual absl::StatusOr<PredicateStatistics> StatisticsOf(TermId predicate) const = 0;
  virtual absl::StatusOr<GraphStatistics> Statistics() const = 0;
  // What is declared of predicates.
  virtual absl::StatusOr<std::shared_ptr<const Declarations>> Declared() const = 0;
  // Wall-clock time of a transaction's commit, UTC seconds.
  virtual absl::StatusOr<int64_t> TransactionTime(uint64_t transaction) const = 0;
  // The IRI below which names stand when they leave as RDF.
  virtual const std::string& base_iri() const = 0;
};

// Predicates and objects with a meaning to the store and the language.
inline constexpr std::string_view kAliasPredicate = "alias";  // (entity, alias, "text"@lang)
inline constexpr std::string_view kSourceClass = "source";    // (Izvestia 2025-11-08, is, source)

}  // namespace annals

#endif  // STORAGE_GRAPH_VIEW_H_
