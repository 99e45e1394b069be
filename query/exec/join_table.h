// The side of a hash join that is kept: its rows, grouped by key, and the probing of them.
#ifndef QUERY_EXEC_JOIN_TABLE_H_
#define QUERY_EXEC_JOIN_TABLE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "query/exec/batch.h"
#include "query/exec/chunked_rows.h"
#include "query/exec/join_shape.h"
#include "query/exec/key_table.h"
#include "query/exec/near_rows.h"
#include "query/exec/operator.h"
#include "storage/base/status.h"

namespace annals::exec {

// Which columns of the kept rows and of the probing rows meet.
struct JoinColumns {
  std::vector<size_t> keep_keys, probe_keys;
  std::vector<size_t> keep_checks, probe_checks;
  bool keys_may_be_empty = false;
  std::vector<NearRows::Gap> gaps;
};
JoinColumns KeepRight(const JoinShape& shape);
JoinColumns KeepLeft(const JoinShape& shape);

// Keys are found by a hash; many rows are put in parts by it, each of which one of the question's
// threads makes. Once it is finished, any threads may read it.
class JoinTable {
 public:
  // `keys_only`: duplicates of a key are dropped where nothing but keys decides (a semi join).
  JoinTable(JoinColumns columns, bool keys_only, Context& context);

  // All rows first.
  absl::Status Add(const Batch& batch);
  absl::Status Finish();

  // The kept rows, grouped by key, in a group with gaps by time.
  const Batch& rows() const { return rows_; }
  bool empty() const { return rows_.rows == 0; }
  const JoinColumns& columns() const { return columns_; }

 private:
  friend class Prober;
  // Keys of some hashes, and the rows with them.
  struct Part {
    Part(size_t width, Context& context) : keys(width), reservation(context) {}
    absl::Status Account();

    KeyTable keys;
    std::vector<uint32_t> numbers;  // until it is finished: of each row its key, kNone: loose
    std::vector<uint32_t> rows;     // which they are; of a single part all, none listed
    uint32_t first_key = 0, first_row = 0;  // its own come after those of the parts before
    Reservation reservation;
  };

  bool HasEmptyKey(const Batch& batch, std::span<const size_t> columns, size_t row) const;
  absl::Status AddNewKeys(const Batch& batch);
  absl::Status NumberRows();
  absl::Status NumberRowsOf(size_t part);
  absl::Status NumberAllRows(Part* part);
  absl::Status OrderRowsOf(Part* part, std::vector<uint32_t>* order);
  absl::Status SortColumns(const std::vector<uint32_t>& order);
  void FindKeys(const Batch& batch, KeyHashes* hashes, std::vector<uint32_t>* numbers) const;
  // No rows are loose, and nothing but keys decides.
  bool agrees_by_keys_alone() const {
    return !columns_.keys_may_be_empty && columns_.keep_checks.empty() && !near_.active();
  }
  // Each key has one row, so that a row's place is its key's number.
  bool has_single_rows() const { return begins_.size() == rows_.rows + 1; }
  size_t PartOf(uint64_t hash) const { return ((hash >> 32) * parts_.size()) >> 32; }
  absl::Status Account();

  const JoinColumns columns_;
  const bool keys_only_;
  Context& context_;
  Reservation reservation_;
  ChunkedRows added_;  // until it is finished
  Batch rows_;         // then
  std::vector<std::unique_ptr<Part>> parts_;
  // Rows of key n are [begins_[n], begins_[n + 1]); rows with an empty key come after all others.
  std::vector<uint32_t> begins_;
  uint32_t loose_begin_ = 0;
  NearRows near_;  // groups are keys
};

// Walks through the pairs of probing and kept rows that agree.
class Prober {
 public:
  explicit Prober(const JoinTable& table, const Context& context)
      : table_(table),
        context_(context),
        by_keys_alone_(table.agrees_by_keys_alone()),
        has_single_rows_(table.has_single_rows()) {}

  // `batch` is borrowed until the last Next.
  void Start(const Batch& batch);
  // Replaces both with the next pairs, at most `most`; none at the end. Rows that `done` marks (if
  // given) are passed over from now on; it may change between calls.
  absl::Status Next(size_t most, const std::vector<uint8_t>* done,
                    std::vector<uint32_t>* probe_rows, std::vector<uint32_t>* kept_rows);
  // Keeps the probing rows that agree with some kept row.
  absl::Status Select(const Batch& batch, std::vector<uint32_t>* rows);

 private:
  // A run of kept rows to look through, and whether the keys themselves must be compared.
  struct Run : RowRange {
    bool compare_keys = false;
  };
  void StartRow();
  void NextByKeys(size_t most, const std::vector<uint8_t>* done, std::vector<uint32_t>* probe_rows,
                  std::vector<uint32_t>* kept_rows);
  bool Agrees(uint32_t kept, bool compare_keys) const;

  const JoinTable& table_;
  const Context& context_;  // the thread's
  const bool by_keys_alone_, has_single_rows_;
  const Batch* batch_ = nullptr;
  KeyHashes hashes_;
  std::vector<uint32_t> numbers_;
  size_t row_ = 0;
  uint32_t in_row_ = 0;  // by keys alone: which of the row's kept rows is next
  std::array<Run, 3> runs_;
  size_t run_ = 0;
};

}  // namespace annals::exec

#endif  // QUERY_EXEC_JOIN_TABLE_H_
