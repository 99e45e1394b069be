#include "storage/graph/block.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "storage/model/time.h"

static_assert(std::endian::native == std::endian::little,
              "packed blocks are read in place as little-endian integers");

namespace annals {
namespace {

constexpr size_t kHeaderBytes = 40;
constexpr size_t kColumnBytes = 24;
constexpr size_t kPadding = 16;
constexpr size_t kChecksumOffset = 32;
constexpr char kVersion = 1;
constexpr int kKindShift = TermId::kPayloadBits;
constexpr size_t kKinds = 16;
// Up to this width a code lies within the 8 bytes that begin at its first byte.
constexpr int kOneLoadBits = 57;

template <typename T>
T Load(const char* from) {
  T value;
  std::memcpy(&value, from, sizeof(value));
  return value;
}

template <typename T>
void StoreAt(std::string* out, size_t offset, T value) {
  std::memcpy(out->data() + offset, &value, sizeof(value));
}

int BitWidth(uint64_t value) { return static_cast<int>(std::bit_width(value)); }

uint64_t LowBits(int width) { return width >= 64 ? ~uint64_t{0} : (uint64_t{1} << width) - 1; }

// FNV-1a over 8 bytes at a time, folded to 32 bits; `bytes` has a multiple of 8.
uint32_t HeaderChecksum(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (size_t i = 0; i + 8 <= bytes.size(); i += 8) {
    uint64_t word = Load<uint64_t>(bytes.data() + i);
    if (i == kChecksumOffset) word = 0;
    hash = (hash ^ word) * 0x100000001b3u;
    hash ^= hash >> 29;
  }
  return static_cast<uint32_t>(hash ^ (hash >> 32));
}

// How the values of one column become codes.
struct CodePlan {
  uint64_t base = 0;
  int width = 0;
  int shift = 0;
  int selector_bits = 0;
  std::array<uint64_t, kKinds> kind_base = {};  // by kind
  std::array<uint64_t, kKinds> selector = {};   // by kind
  std::vector<uint64_t> bases;                  // by selector

  uint64_t CodeOf(uint64_t value) const {
    if (selector_bits == 0) return (value - base) >> shift;
    const auto kind = static_cast<size_t>(value >> kKindShift);
    return selector[kind] << (width - selector_bits) | (value - kind_base[kind]) >> shift;
  }
};

// What one pass over a column tells.
struct ColumnShape {
  uint64_t min, max;
  uint64_t varying = 0;  // bits in which values differ from the first
  size_t runs = 1;       // of equal values side by side

  explicit ColumnShape(std::span<const uint64_t> values) : min(values[0]), max(values[0]) {
    uint64_t last = values[0];
    for (const uint64_t value : values.subspan(1)) {
      min = std::min(min, value);
      max = std::max(max, value);
      varying |= value ^ values[0];
      runs += value != last;
      last = value;
    }
  }
  bool mixes_kinds() const { return varying >> kKindShift != 0; }
};

CodePlan PlanOneBase(const ColumnShape& shape) {
  CodePlan plan;
  plan.base = shape.min;
  // Differences share the low zeros of what varies, and the largest has all of their width.
  plan.shift = shape.varying == 0 ? 0 : std::countr_zero(shape.varying);
  plan.width = BitWidth((shape.max - shape.min) >> plan.shift);
  return plan;
}

// A base for each kind of term that occurs; two kinds or more.
CodePlan PlanByKind(std::span<const uint64_t> values) {
  CodePlan plan;
  std::array<bool, kKinds> seen = {};
  for (const uint64_t value : values) {
    const auto kind = static_cast<size_t>(value >> kKindShift);
    if (!seen[kind] || value < plan.kind_base[kind]) plan.kind_base[kind] = value;
    seen[kind] = true;
  }
  for (size_t kind = 0; kind < kKinds; ++kind) {
    if (!seen[kind]) continue;
    plan.selector[kind] = plan.bases.size();
    plan.bases.push_back(plan.kind_base[kind]);
  }
  uint64_t bits = 0;
  for (const uint64_t value : values) bits |= value - plan.kind_base[value >> kKindShift];
  plan.shift = bits == 0 ? 0 : std::countr_zero(bits);
  plan.selector_bits = BitWidth(plan.bases.size() - 1);
  plan.width = plan.selector_bits + BitWidth(bits >> plan.shift);
  plan.bases.resize(size_t{1} << plan.selector_bits, 0);
  return plan;
}

CodePlan Plan(const ColumnShape& shape, std::span<const uint64_t> values) {
  CodePlan plan = PlanOneBase(shape);
  if (!shape.mixes_kinds()) return plan;
  CodePlan by_kind = PlanByKind(values);
  const size_t plain = static_cast<size_t>(plan.width) * values.size();
  const size_t split =
      static_cast<size_t>(by_kind.width) * values.size() + 64 * by_kind.bases.size();
  return split < plain ? by_kind : plan;
}

// Packs the codes of values, each below 2^width, into words.
template <typename CodeOf>
void PackCodes(std::span<const uint64_t> values, int width, CodeOf code_of, char* to) {
  uint64_t word = 0;
  int filled = 0;
  for (const uint64_t value : values) {
    const uint64_t code = code_of(value);
    word |= code << filled;
    filled += width;
    if (filled < 64) continue;
    std::memcpy(to, &word, sizeof(word));
    to += sizeof(word);
    filled -= 64;
    word = filled == 0 ? 0 : code >> (width - filled);
  }
  std::memcpy(to, &word, sizeof(word));
}

void AppendCodes(const CodePlan& plan, std::span<const uint64_t> values, std::string* out) {
  if (plan.width == 0) return;
  const size_t begin = out->size();
  const size_t bytes = (values.size() * static_cast<size_t>(plan.width) + 7) / 8;
  out->resize(begin + bytes + sizeof(uint64_t));  // the last word is written whole
  char* const to = out->data() + begin;
  if (plan.selector_bits == 0) {
    PackCodes(
        values, plan.width,
        [base = plan.base, shift = plan.shift](uint64_t value) { return (value - base) >> shift; },
        to);
  } else {
    PackCodes(
        values, plan.width, [&plan](uint64_t value) { return plan.CodeOf(value); }, to);
  }
  out->resize(begin + bytes);
}

void AppendBases(const CodePlan& plan, std::string* out) {
  if (plan.selector_bits == 0) return;
  out->append(reinterpret_cast<const char*>(plan.bases.data()), plan.bases.size() * 8);
}

void AppendRuns(const CodePlan& plan, std::span<const uint64_t> values, std::string* out) {
  std::vector<uint64_t> run_values;
  std::vector<uint16_t> run_starts;
  for (size_t row = 0; row < values.size(); ++row) {
    if (row > 0 && values[row] == values[row - 1]) continue;
    run_values.push_back(values[row]);
    run_starts.push_back(static_cast<uint16_t>(row));
  }
  out->append(reinterpret_cast<const char*>(run_starts.data()), run_starts.size() * 2);
  AppendBases(plan, out);
  AppendCodes(plan, run_values, out);
}

void AppendColumn(std::span<const uint64_t> values, size_t column, std::string* out) {
  const ColumnShape shape(values);
  const CodePlan plan = Plan(shape, values);
  const auto width = static_cast<size_t>(plan.width);
  const bool runs = shape.runs * (16 + width) < values.size() * width;
  const size_t header = kHeaderBytes + column * kColumnBytes;
  StoreAt<uint64_t>(out, header, plan.base * (plan.selector_bits == 0));
  StoreAt<uint32_t>(out, header + 8, static_cast<uint32_t>(out->size()));
  StoreAt<uint32_t>(out, header + 12, runs ? static_cast<uint32_t>(shape.runs) : 0);
  (*out)[header + 16] = static_cast<char>(plan.width);
  (*out)[header + 17] = static_cast<char>(plan.shift);
  (*out)[header + 18] = runs ? 1 : 0;
  (*out)[header + 19] = static_cast<char>(plan.selector_bits);
  if (runs) return AppendRuns(plan, values, out);
  AppendBases(plan, out);
  AppendCodes(plan, values, out);
}

// First and last instant over the dated rows, as the header has them.
std::pair<int64_t, int64_t> MeasureTimes(std::span<const uint64_t> times) {
  int64_t first = std::numeric_limits<int64_t>::max();
  int64_t last = std::numeric_limits<int64_t>::min();
  for (const uint64_t bits : times) {
    const TermId id = TermId::FromBits(bits);
    if (id.is_undefined()) continue;
    if (id.kind() != TermKind::kTime) {
      return {std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
    }
    first = std::min(first, inline_time::FirstInstant(id));
    last = std::max(last, inline_time::LastInstant(id));
  }
  return {first, last};
}

absl::Status Damaged(std::string_view what) {
  return DataLoss(std::string("a packed block is damaged: ").append(what));
}

}  // namespace

std::string EncodeBlock(std::span<const std::span<const uint64_t>> columns, uint64_t ordinal,
                        int time_column) {
  const size_t rows = columns[0].size();
  std::string out(kHeaderBytes + columns.size() * kColumnBytes, '\0');
  out[0] = 'A';
  out[1] = 'b';
  out[2] = kVersion;
  out[3] = static_cast<char>(columns.size());
  StoreAt<uint32_t>(&out, 4, static_cast<uint32_t>(rows));
  StoreAt<uint64_t>(&out, 8, ordinal);
  std::pair<int64_t, int64_t> instants = {std::numeric_limits<int64_t>::max(),
                                          std::numeric_limits<int64_t>::min()};
  if (time_column >= 0) instants = MeasureTimes(columns[static_cast<size_t>(time_column)]);
  StoreAt<int64_t>(&out, 16, instants.first);
  StoreAt<int64_t>(&out, 24, instants.second);
  for (size_t column = 0; column < columns.size(); ++column) {
    AppendColumn(columns[column], column, &out);
  }
  const size_t header = kHeaderBytes + columns.size() * kColumnBytes;
  StoreAt<uint32_t>(&out, kChecksumOffset, HeaderChecksum(std::string_view(out).substr(0, header)));
  out.append(kPadding, '\0');
  return out;
}

std::string EncodeBlock(std::span<const std::vector<uint64_t>> columns, uint64_t ordinal,
                        int time_column) {
  std::array<std::span<const uint64_t>, kv::kMaxColumns> spans;
  for (size_t column = 0; column < columns.size(); ++column) spans[column] = columns[column];
  return EncodeBlock(std::span<const std::span<const uint64_t>>(spans.data(), columns.size()),
                     ordinal, time_column);
}

absl::StatusOr<BlockView> BlockView::Parse(std::string_view bytes, size_t columns) {
  const size_t header = kHeaderBytes + columns * kColumnBytes;
  if (columns == 0 || columns > kv::kMaxColumns || bytes.size() < header + kPadding) {
    return Damaged("it is cut short");
  }
  if (bytes[0] != 'A' || bytes[1] != 'b' || bytes[2] != kVersion ||
      static_cast<unsigned char>(bytes[3]) != columns) {
    return Damaged("its header is not one of ours");
  }
#ifndef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  if (Load<uint32_t>(bytes.data() + kChecksumOffset) != HeaderChecksum(bytes.substr(0, header))) {
    return Damaged("its header's checksum is wrong");
  }
#endif
  BlockView view;
  view.columns_ = columns;
  view.rows_ = Load<uint32_t>(bytes.data() + 4);
  view.ordinal_ = Load<uint64_t>(bytes.data() + 8);
  view.min_first_ = Load<int64_t>(bytes.data() + 16);
  view.max_last_ = Load<int64_t>(bytes.data() + 24);
  if (view.rows_ == 0 || view.rows_ > kMaxBlockRows) return Damaged("its row count is impossible");
  for (size_t i = 0; i < columns; ++i) {
    ANNALS_RETURN_IF_ERROR(ParseColumn(bytes, i, view.rows_, &view.column_[i]));
  }
  return view;
}

absl::Status BlockView::ParseColumn(std::string_view bytes, size_t index, uint32_t rows,
                                    Column* out) {
  const char* const header = bytes.data() + kHeaderBytes + index * kColumnBytes;
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(header[i]); };
  out->base = Load<uint64_t>(header);
  uint64_t offset = Load<uint32_t>(header + 8);
  out->runs = Load<uint32_t>(header + 12);
  out->width = byte(16);
  out->shift = byte(17);
  out->selector_bits = byte(19);
  const bool has_runs = byte(18) == 1;
  if (byte(18) > 1 || out->width > 64 || out->shift > 63 || out->selector_bits > 4 ||
      out->selector_bits > out->width || has_runs != (out->runs > 0) || out->runs > rows) {
    return Damaged("a column's header is impossible");
  }
  out->delta_width = static_cast<uint8_t>(out->width - out->selector_bits);
  out->mask = LowBits(out->delta_width);
  const uint64_t codes = has_runs ? out->runs : rows;
  const uint64_t starts = uint64_t{2} * out->runs;
  const uint64_t bases = out->selector_bits > 0 ? uint64_t{8} << out->selector_bits : 0;
  const uint64_t end = offset + starts + bases + (codes * out->width + 7) / 8;
  if (end + kPadding > bytes.size()) return Damaged("a column ends outside it");
  const char* at = bytes.data() + offset;
  if (has_runs) out->starts = at;
  at += starts;
  if (bases > 0) out->bases = at;
  out->codes = at + bases;
  return absl::OkStatus();
}

// Called row by row: `inline`, since code for shared libraries calls all other functions for real.
inline uint64_t BlockView::Code(const Column& column, uint64_t index) {
  const uint64_t bit = index * column.width;
  const char* const at = column.codes + bit / 8;
  const int offset = static_cast<int>(bit % 8);
  uint64_t code = Load<uint64_t>(at) >> offset;
  if (column.width > kOneLoadBits && offset > 0) {
    code |= Load<uint64_t>(at + 8) << (64 - offset);
  }
  return code & LowBits(column.width);
}

inline uint64_t BlockView::ValueOfCode(const Column& column, uint64_t code) {
  const uint64_t base = column.bases == nullptr
                            ? column.base
                            : Load<uint64_t>(column.bases + 8 * (code >> column.delta_width));
  return base + ((code & column.mask) << column.shift);
}

inline uint64_t BlockView::ValueAt(const Column& column, uint64_t index) {
  if (column.width == 0) return column.base;
  return ValueOfCode(column, Code(column, index));
}

inline uint32_t BlockView::RunStart(const Column& column, uint32_t run) {
  return Load<uint16_t>(column.starts + 2 * run);
}

inline uint32_t BlockView::RunOf(const Column& column, uint32_t row) {
  uint32_t low = 0;  // the last run that begins at or before `row` is in [low, high)
  uint32_t high = column.runs;
  while (high - low > 1) {
    const uint32_t middle = low + (high - low) / 2;
    (RunStart(column, middle) <= row ? low : high) = middle;
  }
  return low;
}

uint64_t BlockView::Value(size_t column, uint32_t row) const {
  const Column& c = column_[column];
  return ValueAt(c, c.starts == nullptr ? row : RunOf(c, row));
}

namespace {

// Eight codes of W bits are W bytes: their places in them are constants.
template <int W>
void DecodeEights(const char* at, size_t eights, uint64_t base, int shift, uint64_t* out) {
  constexpr uint64_t kMask = (uint64_t{1} << W) - 1;
  for (size_t i = 0; i < eights; ++i, at += W, out += 8) {
    for (int j = 0; j < 8; ++j) {
      out[j] = base + ((Load<uint64_t>(at + j * W / 8) >> (j * W % 8) & kMask) << shift);
    }
  }
}

using DecodeFunction = void (*)(const char*, size_t, uint64_t, int, uint64_t*);

template <size_t... W>
constexpr std::array<DecodeFunction, sizeof...(W)> DecodeTable(std::index_sequence<W...>) {
  return {DecodeEights<static_cast<int>(W)>...};
}

constexpr auto kDecode = DecodeTable(std::make_index_sequence<kOneLoadBits + 1>());

}  // namespace

void BlockView::DecodeCodes(const Column& column, uint32_t first, uint32_t count, uint64_t* out) {
  if (column.width == 0) {
    std::fill_n(out, count, column.base);
    return;
  }
  uint32_t i = 0;
  if (column.bases == nullptr && column.width <= kOneLoadBits) {
    for (; i < count && (first + i) % 8 != 0; ++i) out[i] = ValueAt(column, first + i);
    const uint32_t eights = (count - i) / 8;
    const char* const at = column.codes + size_t{(first + i) / 8} * column.width;
    kDecode[column.width](at, eights, column.base, column.shift, out + i);
    i += eights * 8;
  }
  for (; i < count; ++i) out[i] = ValueAt(column, first + i);
}

void BlockView::Decode(size_t column, uint32_t first, uint32_t count, uint64_t* out) const {
  const Column& c = column_[column];
  if (c.starts == nullptr) return DecodeCodes(c, first, count, out);
  const uint32_t end = first + count;
  uint32_t row = first;
  for (uint32_t run = RunOf(c, first); row < end; ++run) {
    uint32_t stop = run + 1 < c.runs ? std::min(RunStart(c, run + 1), end) : end;
    stop = std::max(stop, row);
    const uint64_t value = ValueAt(c, std::min(run, c.runs - 1));
    std::fill(out + (row - first), out + (stop - first), value);
    row = stop;
  }
}

uint64_t BlockView::AtLeast(const Column& column) {
  if (column.bases == nullptr) return column.base;
  uint64_t least = ~uint64_t{0};
  for (size_t i = 0; i < size_t{1} << column.selector_bits; ++i) {
    least = std::min(least, Load<uint64_t>(column.bases + 8 * i));
  }
  return least;
}

// The values at rows that ascend, of a column of runs.
void BlockView::GatherRuns(const Column& column, std::span<const uint32_t> rows,
                           std::vector<uint64_t>* scratch, uint64_t* out) {
  const uint32_t first = RunOf(column, rows.front());
  const uint32_t count = std::max(RunOf(column, rows.back()), first) - first + 1;  // if damaged
  scratch->resize(count);
  DecodeCodes(column, first, count, scratch->data());
  uint32_t run = 0;
  for (size_t i = 0; i < rows.size(); ++i) {
    while (run + 1 < count && RunStart(column, first + run + 1) <= rows[i]) ++run;
    out[i] = (*scratch)[run];
  }
}

// Adds the first rows of the column's runs to those that there are, in order.
void BlockView::MergeRuns(const Column& column, uint32_t first, uint32_t end,
                          std::vector<uint32_t>* begins) {
  const size_t known = begins->size();
  uint32_t last = first;
  for (uint32_t run = RunOf(column, first) + 1; run < column.runs; ++run) {
    const uint32_t start = RunStart(column, run);
    if (start >= end) break;
    if (start <= last) continue;
    begins->push_back(start);
    last = start;
  }
  if (known == 1 || begins->size() == known) return;
  std::inplace_merge(begins->begin(), begins->begin() + static_cast<ptrdiff_t>(known),
                     begins->end());
  begins->erase(std::unique(begins->begin(), begins->end()), begins->end());
}

// ReadRuns of one column of runs, as they stand there; false if they are damaged.
bool BlockView::ReadOwnRuns(const Column& column, uint32_t first, uint32_t count,
                            std::vector<uint32_t>* begins, uint64_t* out) {
  const uint32_t end = first + count;
  const uint32_t run = RunOf(column, first), last = RunOf(column, end - 1);
  if (last < run || last - run >= count) return false;
  const uint32_t runs = last - run + 1;
  begins->resize(runs);
  uint32_t row = (*begins)[0] = first;
  bool ascends = true;
  for (uint32_t i = 1; i < runs; ++i) {
    const uint32_t start = RunStart(column, run + i);
    ascends &= start > row;
    row = (*begins)[i] = start;
  }
  if (!ascends || row >= end) return false;
  DecodeCodes(column, run, runs, out);
  return true;
}

// The column's runs that touch [first, end), as a cursor over them; `values` are theirs.
class BlockView::RunCursor {
 public:
  RunCursor(const Column& column, uint32_t first, uint32_t end, std::vector<uint64_t>* values)
      : column_(column), run_(RunOf(column, first)), end_(end) {
    last_ = std::max(RunOf(column, end - 1), run_);  // if damaged
    values->resize(last_ - run_ + 1);
    DecodeCodes(column, run_, last_ - run_ + 1, values->data());
    value_ = values->data();
  }
  uint64_t value() const { return *value_; }
  // Where the next run begins; `end` if there is none.
  uint32_t next() const { return run_ < last_ ? RunStart(column_, run_ + 1) : end_; }
  void Advance(bool on) {
    run_ += on;
    value_ += on;
  }

 private:
  const Column& column_;
  uint32_t run_, last_;
  const uint32_t end_;
  const uint64_t* value_;
};

// ReadRuns of two columns of runs, in one pass over both.
void BlockView::ReadTwoRuns(const Column& a, const Column& b, uint32_t first, uint32_t count,
                            RunScratch* scratch, std::vector<uint32_t>* begins,
                            std::span<uint64_t* const> out) {
  const uint32_t end = first + count;
  RunCursor left(a, first, end, &scratch->values[0]);
  RunCursor right(b, first, end, &scratch->values[1]);
  begins->resize(count);
  size_t runs = 0;
  uint32_t row = first, last = 0;
  do {
    // Rows that don't ascend are damage.
    if (runs == 0 || row > last) {
      (*begins)[runs] = last = row;
      out[0][runs] = left.value();
      out[1][runs] = right.value();
      ++runs;
    }
    const uint32_t left_next = left.next(), right_next = right.next();
    row = std::min(left_next, right_next);
    left.Advance(left_next == row);
    right.Advance(right_next == row);
  } while (row < end);
  begins->resize(runs);
}

void BlockView::ReadRuns(std::span<const size_t> columns, uint32_t first, uint32_t count,
                         RunScratch* scratch, std::vector<uint32_t>* begins,
                         std::span<uint64_t* const> out) const {
  scratch->values.resize(std::max(scratch->values.size(), columns.size()));
  if (columns.size() == 1 && column_[columns[0]].starts != nullptr &&
      ReadOwnRuns(column_[columns[0]], first, count, begins, out[0])) {
    return;
  }
  if (columns.size() == 2 && column_[columns[0]].starts != nullptr &&
      column_[columns[1]].starts != nullptr) {
    return ReadTwoRuns(column_[columns[0]], column_[columns[1]], first, count, scratch, begins,
                       out);
  }
  begins->assign(1, first);
  bool all_in_runs = true;
  for (const size_t column : columns) {
    const Column& c = column_[column];
    if (c.starts != nullptr) MergeRuns(c, first, first + count, begins);
    all_in_runs = all_in_runs && (c.starts != nullptr || c.width == 0);
  }
  if (!all_in_runs) {
    std::vector<uint8_t>& here = scratch->begins_here;
    here.assign(count, 0);
    for (const uint32_t row : *begins) here[row - first] = 1;
    for (size_t i = 0; i < columns.size(); ++i) {
      const Column& c = column_[columns[i]];
      if (c.starts != nullptr || c.width == 0) continue;
      std::vector<uint64_t>& values = scratch->values[i];
      values.resize(count);
      DecodeCodes(c, first, count, values.data());
      for (uint32_t row = 1; row < count; ++row) here[row] |= values[row] != values[row - 1];
    }
    begins->resize(count);
    size_t runs = 0;
    for (uint32_t row = 0; row < count; ++row) {
      (*begins)[runs] = first + row;
      runs += here[row];
    }
    begins->resize(runs);
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const Column& c = column_[columns[i]];
    if (c.starts != nullptr) {
      GatherRuns(c, *begins, &scratch->values[i], out[i]);
      continue;
    }
    if (c.width == 0) {
      std::fill_n(out[i], begins->size(), c.base);
      continue;
    }
    const uint64_t* const values = scratch->values[i].data();
    for (size_t run = 0; run < begins->size(); ++run) out[i][run] = values[(*begins)[run] - first];
  }
}

uint32_t BlockView::ColumnLowerBound(const Column& column, uint64_t value, uint32_t low,
                                     uint32_t high) {
  if (low >= high) return high;
  if (column.width == 0) return column.base >= value ? low : high;
  const bool runs = column.starts != nullptr;
  // Indexes of codes: all before `begin` are less, all from `end` are not.
  uint32_t begin = runs ? RunOf(column, low) : low;
  uint32_t end = runs ? RunOf(column, high - 1) + 1 : high;
  for (uint32_t step = 1; begin < end; step *= 2) {
    const uint32_t probe = std::min(begin + step - 1, end - 1);
    if (ValueAt(column, probe) >= value) {
      end = probe;
      break;
    }
    begin = probe + 1;
  }
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    if (ValueAt(column, middle) >= value) {
      end = middle;
    } else {
      begin = middle + 1;
    }
  }
  if (!runs) return begin;
  if (begin >= column.runs) return high;
  return std::clamp(RunStart(column, begin), low, high);
}

uint32_t BlockView::LowerBound(std::span<const uint64_t> key, uint32_t from) const {
  uint32_t low = from;
  uint32_t high = rows_;
  for (size_t i = 0; i < key.size(); ++i) {
    low = ColumnLowerBound(column_[i], key[i], low, high);
    if (low >= high || i + 1 == key.size() || Value(i, low) != key[i]) return low;
    if (key[i] != ~uint64_t{0}) high = ColumnLowerBound(column_[i], key[i] + 1, low, high);
  }
  return low;
}

uint32_t BlockView::UpperBound(std::span<const uint64_t> key, uint32_t from) const {
  uint32_t low = from;
  uint32_t high = rows_;
  for (size_t i = 0; i < key.size(); ++i) {
    low = ColumnLowerBound(column_[i], key[i], low, high);
    if (low >= high || Value(i, low) != key[i]) return low;
    if (key[i] != ~uint64_t{0}) high = ColumnLowerBound(column_[i], key[i] + 1, low, high);
  }
  return high;
}

int BlockView::Compare(uint32_t row, std::span<const uint64_t> key) const {
  for (size_t i = 0; i < key.size(); ++i) {
    const uint64_t value = Value(i, row);
    if (value != key[i]) return value < key[i] ? -1 : 1;
  }
  return 0;
}

}  // namespace annals
