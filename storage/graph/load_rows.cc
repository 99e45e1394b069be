#include "storage/graph/load_rows.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "storage/graph/sorted_rows.h"

namespace annals {
namespace {

// Columns of a row of LoadMatch::rows.
constexpr size_t kOffset = 0, kSource = 1, kSubject = 2, kPredicate = 3, kObject = 4, kTime = 5;
constexpr size_t kMostRows = 4096;

using Columns = std::vector<std::vector<uint64_t>>;

void Resize(Columns& columns, size_t rows) {
  for (std::vector<uint64_t>& column : columns) column.resize(rows);
}

// Cuts what a reader gives into pieces of at most kMostRows.
template <typename Reader, typename Row>
class Pieces {
 public:
  template <typename... Args>
  explicit Pieces(Args&&... args) : reader_(std::forward<Args>(args)...) {}

  absl::StatusOr<std::span<const Row>> Next() {
    if (rows_.empty()) {
      ANNALS_ASSIGN_OR_RETURN(rows_, reader_.Next());
    }
    const std::span<const Row> piece = rows_.first(std::min(rows_.size(), kMostRows));
    rows_ = rows_.subspan(piece.size());
    return piece;
  }

 private:
  Reader reader_;
  std::span<const Row> rows_;
};

// What was sorted, read as a log is.
template <size_t N>
class Sorted {
 public:
  explicit Sorted(std::unique_ptr<SortedRows<N>> rows) : rows_(std::move(rows)) {}
  absl::StatusOr<std::span<const CodeRow<N>>> Next() { return rows_->Next(); }

 private:
  const std::unique_ptr<SortedRows<N>> rows_;
};

// The relations are written by several threads, each of which sorts one.
SortSpec SpecOf(const LoadMatch& match, size_t columns, uint64_t memory_bytes,
                const std::string& database) {
  SortSpec spec;
  spec.columns = columns;
  spec.largest = match.largest_code;
  spec.memory_bytes = memory_bytes;
  spec.buffers = &match.buffers;
  spec.database = database;
  return spec;
}

// Each fact once, in the order of the match.
class FactsInOrder : public RowStream {
 public:
  explicit FactsInOrder(const LoadMatch& match) : match_(match), rows_(match.rows) {}

  absl::StatusOr<size_t> Next(Columns& columns) override {
    size_t count = 0;
    while (count == 0) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, rows_.Next());
      if (rows.empty()) return 0;
      Resize(columns, rows.size());
      for (const CodeRow<6>& row : rows) {
        if (row[kOffset] < next_) continue;
        next_ = uint64_t{row[kOffset]} + 1;
        for (size_t c = 0; c < 4; ++c) columns[c][count] = match_.IdOf(row[kSubject + c]);
        columns[4][count++] = match_.FactAt(row[kOffset]).bits();
      }
    }
    Resize(columns, count);
    return count;
  }

 private:
  const LoadMatch& match_;
  Pieces<RowLog<6>::Reader, CodeRow<6>> rows_;
  uint64_t next_ = 0;
};

// Each fact once, sorted by four columns.
class SortedFacts : public RowStream {
 public:
  // The order is given as columns of LoadMatch::rows. By the first `leading` of it is enough.
  static absl::StatusOr<std::unique_ptr<RowStream>> Make(const LoadMatch& match,
                                                         std::array<size_t, 4> order,
                                                         size_t leading, uint64_t memory_bytes,
                                                         const std::string& database) {
    RowParts<5> source;
    source.read = [&](size_t, bool first_column, const RowParts<5>::Take& take) -> absl::Status {
      Pieces<RowLog<6>::Reader, CodeRow<6>> reader(match.rows);
      std::vector<CodeRow<5>> facts;
      for (uint64_t next = 0;;) {
        ANNALS_ASSIGN_OR_RETURN(const auto rows, reader.Next());
        if (rows.empty()) return absl::OkStatus();
        facts.resize(rows.size());
        size_t count = 0;
        for (const CodeRow<6>& row : rows) {
          if (row[kOffset] < next) continue;
          next = uint64_t{row[kOffset]} + 1;
          CodeRow<5>& fact = facts[count++];
          fact[0] = row[order[0]];
          if (first_column) continue;
          for (size_t c = 1; c < 4; ++c) fact[c] = row[order[c]];
          fact[4] = row[kOffset];
        }
        ANNALS_RETURN_IF_ERROR(take(std::span(facts).first(count)));
      }
    };
    ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<SortedRows<5>> sorted,
                            SortParts<5>(source, SpecOf(match, leading, memory_bytes, database)));
    return std::make_unique<SortedFacts>(match, std::move(sorted));
  }

  SortedFacts(const LoadMatch& match, std::unique_ptr<SortedRows<5>> sorted)
      : match_(match), rows_(std::move(sorted)) {}

  absl::StatusOr<size_t> Next(Columns& columns) override {
    ANNALS_ASSIGN_OR_RETURN(const auto rows, rows_.Next());
    Resize(columns, rows.size());
    for (size_t c = 0; c < 4; ++c) {
      uint64_t* to = columns[c].data();
      for (const CodeRow<5>& row : rows) *to++ = match_.IdOf(row[c]);
    }
    uint64_t* to = columns[4].data();
    for (const CodeRow<5>& row : rows) *to++ = match_.FactAt(row[4]).bits();
    return rows.size();
  }

 private:
  const LoadMatch& match_;
  Pieces<Sorted<5>, CodeRow<5>> rows_;
};

// The assertions by fact and source: those of known facts have the lower numbers.
class Assertions : public RowStream {
 public:
  Assertions(const LoadMatch& match, TermId transaction)
      : match_(match), transaction_(transaction), known_(match.known), rows_(match.rows) {}

  absl::StatusOr<size_t> Next(Columns& columns) override {
    ANNALS_ASSIGN_OR_RETURN(const auto known, known_.Next());
    if (!known.empty()) {
      Resize(columns, known.size());
      for (size_t i = 0; i < known.size(); ++i) {
        columns[0][i] = TermId::Fact(uint64_t{known[i][0]} << 32 | known[i][1]).bits();
      }
      PutCodes<2>(known, columns);
      return known.size();
    }
    ANNALS_ASSIGN_OR_RETURN(const auto rows, rows_.Next());
    Resize(columns, rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      columns[0][i] = match_.FactAt(rows[i][kOffset]).bits();
    }
    PutCodes<1>(rows, columns);
    return rows.size();
  }

 private:
  // The codes of rows, from the source on, stand in their columns from `begin` on.
  template <size_t begin, size_t N>
  void PutCodes(std::span<const CodeRow<N>> rows, Columns& columns) const {
    for (size_t c = 0; c < 5; ++c) {
      uint64_t* to = columns[1 + c].data();
      for (const CodeRow<N>& row : rows) *to++ = match_.IdOf(row[begin + c]);
    }
    std::fill(columns[6].begin(), columns[6].end(), transaction_.bits());
  }

  const LoadMatch& match_;
  const TermId transaction_;
  Pieces<RowLog<7>::Reader, CodeRow<7>> known_;
  Pieces<RowLog<6>::Reader, CodeRow<6>> rows_;
};

// The assertions that have a source, by source, predicate, subject, object and time.
class BySource : public RowStream {
 public:
  static absl::StatusOr<std::unique_ptr<RowStream>> Make(const LoadMatch& match,
                                                         uint64_t memory_bytes,
                                                         const std::string& database) {
    const bool in_order = match.in_order && match.known.size() == 0;
    RowParts<7> source;
    source.read = [&match](size_t, bool, const RowParts<7>::Take& take) {
      return ReadRows(match, take);
    };
    ANNALS_ASSIGN_OR_RETURN(
        std::unique_ptr<SortedRows<7>> sorted,
        SortParts<7>(source, SpecOf(match, in_order ? 2 : 5, memory_bytes, database)));
    return std::make_unique<BySource>(match, std::move(sorted));
  }

  BySource(const LoadMatch& match, std::unique_ptr<SortedRows<7>> sorted)
      : match_(match), rows_(std::move(sorted)) {}

  absl::StatusOr<size_t> Next(Columns& columns) override {
    ANNALS_ASSIGN_OR_RETURN(const auto rows, rows_.Next());
    Resize(columns, rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const CodeRow<7>& row = rows[i];
      for (size_t c = 0; c < 5; ++c) columns[c][i] = match_.IdOf(row[c]);
      columns[5][i] = TermId::Fact(uint64_t{row[5]} << 32 | row[6]).bits();
    }
    return rows.size();
  }

 private:
  static absl::Status ReadRows(const LoadMatch& match, const RowParts<7>::Take& take) {
    std::vector<CodeRow<7>> out;
    const auto add = [&](TermId fact, uint32_t source, std::span<const uint32_t> spot) {
      if (source == 0) return;
      out.push_back({source, spot[1], spot[0], spot[2], spot[3],
                     static_cast<uint32_t>(fact.payload() >> 32),
                     static_cast<uint32_t>(fact.payload())});
    };
    Pieces<RowLog<7>::Reader, CodeRow<7>> known(match.known);
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, known.Next());
      if (rows.empty()) break;
      out.clear();
      for (const CodeRow<7>& row : rows) {
        add(TermId::Fact(uint64_t{row[0]} << 32 | row[1]), row[2], std::span(row).subspan(3));
      }
      ANNALS_RETURN_IF_ERROR(take(out));
    }
    Pieces<RowLog<6>::Reader, CodeRow<6>> fresh(match.rows);
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, fresh.Next());
      if (rows.empty()) return absl::OkStatus();
      out.clear();
      for (const CodeRow<6>& row : rows) {
        add(match.FactAt(row[kOffset]), row[kSource], std::span(row).subspan(kSubject));
      }
      ANNALS_RETURN_IF_ERROR(take(out));
    }
  }

  const LoadMatch& match_;
  Pieces<Sorted<7>, CodeRow<7>> rows_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<RowStream>> MakeRowsOfLoad(const LoadMatch& match,
                                                          Permutation permutation,
                                                          uint64_t memory_bytes,
                                                          const std::string& database) {
  const auto sorted = [&](std::array<size_t, 4> order, size_t leading) {
    return SortedFacts::Make(match, order, match.in_order ? leading : 4, memory_bytes, database);
  };
  switch (permutation) {
    case Permutation::kSpo:
      if (match.in_order) return std::make_unique<FactsInOrder>(match);
      return sorted({kSubject, kPredicate, kObject, kTime}, 4);
    case Permutation::kPos:
      return sorted({kPredicate, kObject, kSubject, kTime}, 2);
    case Permutation::kOsp:
      return sorted({kObject, kSubject, kPredicate, kTime}, 1);
    case Permutation::kPts:
      return sorted({kPredicate, kTime, kSubject, kObject}, 2);
    case Permutation::kFact:
      return std::make_unique<Assertions>(match, match.transaction);
    case Permutation::kSource:
      return BySource::Make(match, memory_bytes, database);
  }
  return Internal("a permutation that isn't one");
}

}  // namespace annals
