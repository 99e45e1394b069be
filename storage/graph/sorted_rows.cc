// In memory rows are counted by their first column and put where they belong by it, in buckets that
// fit into a core's cache; each bucket is then sorted there. So all rows are moved through memory
// once, and stand in it once.
#include "storage/graph/sorted_rows.h"

#include <algorithm>
#include <bit>
#include <utility>
#include <vector>

#include "storage/base/parallel.h"
#include "storage/graph/sort_rows.h"

namespace annals {
namespace {

// Values of the first column that are counted together share their upper bits.
constexpr int kMostCellBits = 20;
constexpr uint64_t kBucketRows = 8192;

// How many rows have which first column.
class Cells {
 public:
  Cells(size_t parts, uint32_t largest)
      : shift_(std::max(0, static_cast<int>(std::bit_width(largest)) - kMostCellBits)),
        counts_(parts, std::vector<uint32_t>((largest >> shift_) + size_t{1})) {}

  size_t CellOf(uint32_t value) const { return value >> shift_; }
  std::vector<uint32_t>& counts(size_t part) { return counts_[part]; }
  size_t size() const { return counts_[0].size(); }
  uint64_t rows(size_t cell) const {
    uint64_t sum = 0;
    for (const auto& counts : counts_) sum += counts[cell];
    return sum;
  }
  uint64_t rows() const {
    uint64_t sum = 0;
    for (size_t cell = 0; cell < size(); ++cell) sum += rows(cell);
    return sum;
  }
  uint64_t rows_of_part(size_t part) const {
    uint64_t sum = 0;
    for (const uint32_t count : counts_[part]) sum += count;
    return sum;
  }

 private:
  const int shift_;
  std::vector<std::vector<uint32_t>> counts_;  // by part and cell
};

template <size_t N>
absl::Status Count(const RowParts<N>& rows, const SortSpec& spec, Cells& cells) {
  std::vector<std::function<absl::Status()>> tasks;
  for (size_t part = 0; part < rows.parts; ++part) {
    tasks.push_back([&, part] {
      std::vector<uint32_t>& counts = cells.counts(part);
      return rows.read(part, true, [&](std::span<const CodeRow<N>> some) {
        for (const CodeRow<N>& row : some) ++counts[cells.CellOf(row[0])];
        return absl::OkStatus();
      });
    });
  }
  return RunTasks(tasks, spec.threads);
}

// Consecutive cells with as many rows as fit into a cache; or one cell, however many it has.
struct Buckets {
  std::vector<uint32_t> of_cell;
  std::vector<uint64_t> begins;  // of each the first row, and the end

  explicit Buckets(const Cells& cells) : of_cell(cells.size()), begins{0} {
    uint64_t rows = 0;  // in the last bucket
    for (size_t cell = 0; cell < cells.size(); ++cell) {
      const uint64_t more = cells.rows(cell);
      if (rows > 0 && rows + more > kBucketRows) {
        begins.push_back(begins.back() + rows);
        rows = 0;
      }
      of_cell[cell] = static_cast<uint32_t>(begins.size() - 1);
      rows += more;
    }
    begins.push_back(begins.back() + rows);
  }
  size_t size() const { return begins.size() - 1; }
  uint64_t rows(size_t bucket) const { return begins[bucket + 1] - begins[bucket]; }
  uint64_t most_rows(size_t begin, size_t end) const {
    uint64_t most = 0;
    for (size_t bucket = begin; bucket < end; ++bucket) most = std::max(most, rows(bucket));
    return most;
  }
};

template <size_t N>
class InMemory : public SortedRows<N> {
 public:
  using Row = CodeRow<N>;

  InMemory(const SortSpec& spec, Buckets buckets, const Cells& cells)
      : spec_(spec), buckets_(std::move(buckets)), rows_(cells.rows(), *spec.buffers) {}

  absl::Status Fill(const RowParts<N>& rows, Cells& cells) {
    // Where the next row of a bucket goes, by part.
    std::vector<std::vector<uint64_t>> next(rows.parts, std::vector<uint64_t>(buckets_.size()));
    for (size_t part = 0; part < rows.parts; ++part) {
      for (size_t cell = 0; cell < cells.size(); ++cell) {
        next[part][buckets_.of_cell[cell]] += cells.counts(part)[cell];
      }
    }
    for (size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
      uint64_t begin = buckets_.begins[bucket];
      for (auto& of_part : next) begin += std::exchange(of_part[bucket], begin);
    }
    std::vector<std::function<absl::Status()>> tasks;
    for (size_t part = 0; part < rows.parts; ++part) {
      tasks.push_back([&, part] {
        const std::span<Row> to = rows_.span();
        std::vector<uint64_t>& at = next[part];
        return rows.read(part, false, [&](std::span<const Row> some) {
          for (const Row& row : some) to[at[buckets_.of_cell[cells.CellOf(row[0])]]++] = row;
          return absl::OkStatus();
        });
      });
    }
    ANNALS_RETURN_IF_ERROR(RunTasks(tasks, spec_.threads));
    if (spec_.threads > 1) return SortAll();
    scratch_.emplace(buckets_.most_rows(0, buckets_.size()), *spec_.buffers);
    return absl::OkStatus();
  }

  absl::StatusOr<std::span<const Row>> Next() override {
    while (at_ < buckets_.size()) {
      const std::span<Row> bucket = RowsOf(at_++);
      if (bucket.empty()) continue;
      if (!scratch_.has_value()) return std::span<const Row>(bucket);
      return std::span<const Row>(
          SortRows<N>(bucket, scratch_->span().first(bucket.size()), spec_.columns));
    }
    return std::span<const Row>();
  }

 private:
  std::span<Row> RowsOf(size_t bucket) {
    return rows_.span().subspan(buckets_.begins[bucket], buckets_.rows(bucket));
  }

  // Several buckets a task, of about as many rows.
  absl::Status SortAll() {
    constexpr size_t kTasksOfThread = 4;
    const uint64_t rows = buckets_.begins.back() / (kTasksOfThread * spec_.threads) + 1;
    std::vector<std::function<absl::Status()>> tasks;
    for (size_t begin = 0, end = 0; begin < buckets_.size(); begin = end) {
      while (end < buckets_.size() &&
             (end == begin || buckets_.begins[end + 1] - buckets_.begins[begin] <= rows)) {
        ++end;
      }
      tasks.push_back([this, begin, end] {
        RowBuffer<N> scratch(buckets_.most_rows(begin, end), *spec_.buffers);
        for (size_t bucket = begin; bucket < end; ++bucket) {
          const std::span<Row> of_bucket = RowsOf(bucket);
          const std::span<Row> sorted =
              SortRows<N>(of_bucket, scratch.span().first(of_bucket.size()), spec_.columns);
          if (sorted.data() != of_bucket.data()) std::ranges::copy(sorted, of_bucket.begin());
        }
        return absl::OkStatus();
      });
    }
    return RunTasks(tasks, spec_.threads);
  }

  const SortSpec spec_;
  const Buckets buckets_;
  RowBuffer<N> rows_;
  std::optional<RowBuffer<N>> scratch_;  // unless all is sorted
  size_t at_ = 0;
};

template <size_t N>
class ThroughFiles : public SortedRows<N> {
 public:
  static absl::StatusOr<std::unique_ptr<SortedRows<N>>> Make(const RowParts<N>& rows,
                                                             const Cells& cells,
                                                             const SortSpec& spec) {
    std::vector<std::unique_ptr<RowSorter<N>>> sorters;
    std::vector<std::function<absl::Status()>> tasks;
    for (size_t part = 0; part < rows.parts; ++part) {
      sorters.push_back(std::make_unique<RowSorter<N>>(spec.columns, cells.rows_of_part(part),
                                                       spec.memory_bytes / rows.parts,
                                                       spec.database, *spec.buffers));
      tasks.push_back([&, part, &sorter = *sorters.back()]() -> absl::Status {
        const typename RowParts<N>::Take add = [&](std::span<const CodeRow<N>> some) {
          return AddAll(some, sorter);
        };
        ANNALS_RETURN_IF_ERROR(rows.read(part, false, add));
        return sorter.Finish();
      });
    }
    ANNALS_RETURN_IF_ERROR(RunTasks(tasks, spec.threads));
    return std::unique_ptr<SortedRows<N>>(new ThroughFiles(std::move(sorters), spec));
  }

  absl::StatusOr<std::span<const CodeRow<N>>> Next() override { return rows_.Next(); }

 private:
  static absl::Status AddAll(std::span<const CodeRow<N>> rows, RowSorter<N>& sorter) {
    for (const CodeRow<N>& row : rows) ANNALS_RETURN_IF_ERROR(sorter.Add(row));
    return absl::OkStatus();
  }

  ThroughFiles(std::vector<std::unique_ptr<RowSorter<N>>> sorters, const SortSpec& spec)
      : sorters_(std::move(sorters)), rows_(sorters_, spec.memory_bytes / 2) {}

  const std::vector<std::unique_ptr<RowSorter<N>>> sorters_;
  MergedRows<N> rows_;
};

}  // namespace

template <size_t N>
absl::StatusOr<std::unique_ptr<SortedRows<N>>> SortParts(const RowParts<N>& rows,
                                                         const SortSpec& spec) {
  Cells cells(rows.parts, spec.largest);
  ANNALS_RETURN_IF_ERROR(Count(rows, spec, cells));
  Buckets buckets(cells);
  // A bucket is sorted by means of as much again: where most rows have one value, about as much as
  // all.
  const uint64_t at_once = cells.rows() + buckets.most_rows(0, buckets.size());
  if (at_once * sizeof(CodeRow<N>) > spec.memory_bytes) {
    return ThroughFiles<N>::Make(rows, cells, spec);
  }
  auto sorted = std::make_unique<InMemory<N>>(spec, std::move(buckets), cells);
  ANNALS_RETURN_IF_ERROR(sorted->Fill(rows, cells));
  return sorted;
}

template absl::StatusOr<std::unique_ptr<SortedRows<5>>> SortParts<5>(const RowParts<5>&,
                                                                     const SortSpec&);
template absl::StatusOr<std::unique_ptr<SortedRows<6>>> SortParts<6>(const RowParts<6>&,
                                                                     const SortSpec&);
template absl::StatusOr<std::unique_ptr<SortedRows<7>>> SortParts<7>(const RowParts<7>&,
                                                                     const SortSpec&);

}  // namespace annals
