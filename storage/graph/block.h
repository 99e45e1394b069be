// Packed blocks: some thousand sorted rows of a relation, column by column, readable at any row
// without decoding the rest.
//
//   block  = header column{columns} data padding:16        all integers little-endian
//   header = "Ab" version:u8 columns:u8 rows:u32 ordinal:u64 min_first:i64 max_last:i64
//            checksum:u32 zero:u32
//   column = base:u64 offset:u32 runs:u32 width:u8 shift:u8 kind:u8 selector_bits:u8 zero:u32
//
// `ordinal` is the number of rows of the relation in the blocks before, `checksum` covers header
// and columns (the data below is covered by RocksDB's checksums). min_first and max_last are the
// first and the last instant over the dated rows of a relation with times: min_first > max_last if
// none is dated, all that an int64 holds if one of the times isn't inline.
//
// A code is `width` bits (0 to 64); the codes of a column stand at `offset`, lowest bit first.
//   value of a code = base + (code << shift)
//   with selector_bits > 0: 2^selector_bits bases (u64) stand before the codes; the top
//   selector_bits of the code choose one and `base` is 0. Used where kinds of terms mix.
// kind 0: a code a row.  kind 1: runs; the first rows of `runs` runs (u16 each) stand at `offset`,
// then what a column of one code a run has.
//
// The padding lets 8-byte loads begin at any byte of the data.
#ifndef STORAGE_GRAPH_BLOCK_H_
#define STORAGE_GRAPH_BLOCK_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"
#include "storage/kv/keys.h"

namespace annals {

inline constexpr size_t kMaxBlockRows = 65535;

// Columns of equal length, rows sorted; `time_column` is the one that holds times, or -1. At least
// one row, at most kMaxBlockRows. 1 to kv::kMaxColumns columns.
std::string EncodeBlock(std::span<const std::span<const uint64_t>> columns, uint64_t ordinal,
                        int time_column);
std::string EncodeBlock(std::span<const std::vector<uint64_t>> columns, uint64_t ordinal,
                        int time_column);

// Reads a block in place; the bytes must outlive it. Any bytes are safe to parse and read: wrong
// ones are DataLoss or give wrong values, never a read outside them.
class BlockView {
 public:
  BlockView() = default;  // no rows
  static absl::StatusOr<BlockView> Parse(std::string_view bytes, size_t columns);

  uint32_t rows() const { return rows_; }
  size_t columns() const { return columns_; }
  uint64_t ordinal() const { return ordinal_; }
  // Could a dated row share an instant with [first, last]?
  bool MayOverlap(int64_t first, int64_t last) const {
    return min_first_ <= max_last_ && min_first_ <= last && max_last_ >= first;
  }
  // Do all dated rows lie inside [first, last]?
  bool LiesWithin(int64_t first, int64_t last) const {
    return min_first_ >= first && max_last_ <= last;
  }
  // No value of the column is less than this.
  uint64_t AtLeast(size_t column) const { return AtLeast(column_[column]); }

  // row < rows()
  uint64_t Value(size_t column, uint32_t row) const;
  // out[i] = the value at row first + i; first + count <= rows().
  void Decode(size_t column, uint32_t first, uint32_t count, uint64_t* out) const;
  // Takes [first, first + count) apart into runs, rows of which are equal in all of `columns`:
  // (*begins) = their first rows, out[i] = the values of columns[i], which has room for `count`.
  // What could be one run may be several. count > 0.
  struct RunScratch {
    std::vector<uint8_t> begins_here;
    std::vector<std::vector<uint64_t>> values;  // by column
  };
  void ReadRuns(std::span<const size_t> columns, uint32_t first, uint32_t count,
                RunScratch* scratch, std::vector<uint32_t>* begins,
                std::span<uint64_t* const> out) const;

  // The first row in [from, rows()) whose leading key.size() columns are >= key, or > key; rows()
  // if there is none. Fast when it is near `from`.
  uint32_t LowerBound(std::span<const uint64_t> key, uint32_t from = 0) const;
  uint32_t UpperBound(std::span<const uint64_t> key, uint32_t from = 0) const;
  // Compares the leading columns of a row with key: <0, 0, >0.
  int Compare(uint32_t row, std::span<const uint64_t> key) const;

 private:
  struct Column {
    uint64_t base = 0;
    uint64_t mask = 0;             // of the delta's bits of a code
    const char* bases = nullptr;   // with a selector
    const char* starts = nullptr;  // of runs; null: a code a row
    const char* codes = nullptr;
    uint32_t runs = 0;
    uint8_t width = 0;        // of a whole code
    uint8_t delta_width = 0;  // without the selector
    uint8_t shift = 0;
    uint8_t selector_bits = 0;
  };
  static absl::Status ParseColumn(std::string_view bytes, size_t index, uint32_t rows, Column* out);
  static uint64_t AtLeast(const Column& column);
  static uint64_t Code(const Column& column, uint64_t index);
  static uint64_t ValueOfCode(const Column& column, uint64_t code);
  static uint64_t ValueAt(const Column& column, uint64_t index);
  static void DecodeCodes(const Column& column, uint32_t first, uint32_t count, uint64_t* out);
  static uint32_t RunStart(const Column& column, uint32_t run);
  static void GatherRuns(const Column& column, std::span<const uint32_t> rows,
                         std::vector<uint64_t>* scratch, uint64_t* out);
  static bool ReadOwnRuns(const Column& column, uint32_t first, uint32_t count,
                          std::vector<uint32_t>* begins, uint64_t* out);
  class RunCursor;
  static void ReadTwoRuns(const Column& a, const Column& b, uint32_t first, uint32_t count,
                          RunScratch* scratch, std::vector<uint32_t>* begins,
                          std::span<uint64_t* const> out);
  static void MergeRuns(const Column& column, uint32_t first, uint32_t end,
                        std::vector<uint32_t>* begins);
  static uint32_t RunOf(const Column& column, uint32_t row);
  // The first row in [low, high) with a value >= `value` (a column ascending there), else high.
  static uint32_t ColumnLowerBound(const Column& column, uint64_t value, uint32_t low,
                                   uint32_t high);

  std::array<Column, kv::kMaxColumns> column_;
  size_t columns_ = 0;
  uint32_t rows_ = 0;
  uint64_t ordinal_ = 0;
  int64_t min_first_ = std::numeric_limits<int64_t>::max();
  int64_t max_last_ = std::numeric_limits<int64_t>::min();
};

}  // namespace annals

#endif  // STORAGE_GRAPH_BLOCK_H_
