#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/input.h"
#include "datasets/io/record_blocks.h"
#include "storage/base/parallel.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

enum class Delimiter { kComma, kTab };

// Fields of one record. Unquoted CSV fields and all TSV fields are views into the record; quoted
// ones are unescaped into `storage`.
class FieldSplitter {
 public:
  explicit FieldSplitter(Delimiter delimiter)
      : separator_(delimiter == Delimiter::kComma ? ',' : '\t'),
        quotes_(delimiter == Delimiter::kComma) {}

  struct Fault {
    size_t offset;
    std::string message;
  };

  std::optional<Fault> Split(std::string_view record) {
    fields_.clear();
    offsets_.clear();
    unescaped_.clear();
    unescaped_.reserve(record.size());  // views into it must not move
    size_t at = 0;
    while (true) {
      if (fields_.size() == FactColumns::kMost) {
        return Fault{at, absl::StrCat("this line has more than ", FactColumns::kMost,
                                      " columns; is the file really a table of facts?")};
      }
      offsets_.push_back(at);
      if (quotes_ && at < record.size() && record[at] == '"') {
        if (auto fault = SplitQuoted(record, &at)) return fault;
      } else {
        const size_t end = std::min(record.find(separator_, at), record.size());
        fields_.push_back(record.substr(at, end - at));
        at = end;
      }
      if (at >= record.size()) return std::nullopt;
      ++at;
    }
  }

  std::span<const std::string_view> fields() const { return fields_; }
  size_t offset(size_t field) const { return offsets_[field]; }

 private:
  std::optional<Fault> SplitQuoted(std::string_view record, size_t* at) {
    const size_t begin = unescaped_.size();
    size_t i = *at + 1;
    while (true) {
      const size_t quote = record.find('"', i);
      if (quote == std::string_view::npos) {
        return Fault{*at, "this quoted field is never closed; expected a '\"' after its text"};
      }
      unescaped_ += record.substr(i, quote - i);
      i = quote + 1;
      if (i >= record.size() || record[i] != '"') break;
      unescaped_ += '"';
      ++i;
    }
    fields_.push_back(std::string_view(unescaped_).substr(begin));
    if (i < record.size() && record[i] != separator_) {
      return Fault{i, absl::StrCat("expected '", std::string(1, separator_),
                                   "' after the quoted field; a quote inside one is doubled")};
    }
    *at = i;
    return std::nullopt;
  }

  char separator_;
  bool quotes_;
  std::vector<std::string_view> fields_;
  std::vector<size_t> offsets_;
  std::string unescaped_;
};

// A fault in a record; lines are counted from the block's first, from 0.
struct Fault {
  size_t row;
  uint64_t line;
  std::string_view record;
  size_t offset;
  size_t length;
  std::string message;
};

struct Block : PipelineItem {
  RecordBlock source;
  size_t begin = 0;  // of the records to parse in its text
  size_t worker = 0;
  ParsedRows rows;
  std::vector<Fault> faults;  // in order; only the first if it ends the load
  size_t records = 0;         // without faults
  uint64_t lines = 0;
  std::optional<size_t> bad_text;  // where the text is not UTF-8, or NUL: what follows isn't parsed
  bool open_quote = false;         // a field that begins after `lines` is never closed
};

// Tells every row. Empty lines are passed over; a tab-separated field is taken as it stands, quotes
// too.
class TableReader : public PipelineStages {
 public:
  TableReader(Input& input, const std::string& path, Delimiter delimiter,
              const TableOptions& options, const ProgressFunction& progress,
              const LoadTarget& target)
      : path_(path),
        delimiter_(delimiter),
        options_(options),
        progress_(progress),
        target_(target),
        blocks_(input, path, delimiter == Delimiter::kComma) {}

  absl::Status Run() {
    if (!options_.columns.empty()) {
      ANNALS_ASSIGN_OR_RETURN(columns_,
                              FactColumns::Make(options_.columns, options_.source, target_.names));
    }
    ANNALS_RETURN_IF_ERROR(ReadHeader());
    if (first_ == nullptr) return absl::OkStatus();
    const size_t threads = HardwareThreads();
    for (size_t i = 0; i < threads; ++i) {
      workers_.emplace_back(delimiter_, *columns_, TableBytes(threads));
    }
    teller_.emplace(*columns_, target_.names, target_.load);
    return RunPipeline(*this, threads);
  }

  absl::StatusOr<std::unique_ptr<PipelineItem>> Make() override {
    if (first_ != nullptr) return std::move(first_);
    auto block = std::make_unique<Block>();
    UseSpare(*block);
    ANNALS_ASSIGN_OR_RETURN(const bool more, blocks_.Next(&block->source));
    if (!more) return nullptr;
    return block;
  }

  absl::Status Work(PipelineItem& item, size_t worker) override {
    auto& block = static_cast<Block&>(item);
    block.worker = worker;
    RowParser& parser = workers_[worker].parser;
    parser.Begin(&block.rows);
    const std::string_view text = std::string_view(block.source.text).substr(block.begin);
    block.bad_text = FindBadText(text);
    if (block.source.too_long) return absl::OkStatus();
    const char* const end = text.data() + block.bad_text.value_or(text.size());
    RecordCutter cutter(text, delimiter_ == Delimiter::kComma);
    size_t row = 0;
    for (bool more = true; more;) {
      more = CutRecords(cutter, end, workers_[worker]);
      if (!ParseRecords(workers_[worker], &row, block)) return absl::OkStatus();
    }
    block.lines = cutter.lines();
    block.open_quote = cutter.open_quote();
    return absl::OkStatus();
  }

  absl::Status Use(PipelineItem& item) override {
    auto& block = static_cast<Block&>(item);
    auto fault = block.faults.begin();
    const auto tell_faults = [&](size_t row) -> absl::Status {
      for (; fault != block.faults.end() && fault->row <= row; ++fault) {
        ANNALS_RETURN_IF_ERROR(TellFault(*fault));
      }
      return absl::OkStatus();
    };
    ANNALS_RETURN_IF_ERROR(teller_->Tell(block.worker, block.rows, tell_faults));
    ANNALS_RETURN_IF_ERROR(tell_faults(SIZE_MAX));
    ANNALS_RETURN_IF_ERROR(CheckBlock(block));
    lines_ += block.lines;
    records_ += block.records;
    KeepSpare(block);
    return progress_ ? progress_(records_) : absl::OkStatus();
  }

 private:
  static constexpr size_t kTogether = RowParser::kTogether;
  struct Record {
    explicit Record(Delimiter delimiter) : splitter(delimiter) {}
    std::string_view text;
    uint64_t line = 0;
    FieldSplitter splitter;
    std::optional<Fault> fault;  // of it as a whole
  };
  struct Worker {
    Worker(Delimiter delimiter, const FactColumns& columns, uint64_t table_bytes)
        : records(kTogether, Record(delimiter)), parser(columns, table_bytes) {}
    std::vector<Record> records;
    size_t count = 0;  // of them
    RowParser parser;
  };

  // The memory of blocks is used again: freed by one thread and taken by another it would leave
  // gaps.
  struct Spare {
    std::string text;
    ParsedRows rows;
  };
  void UseSpare(Block& block) {
    const std::lock_guard<std::mutex> lock(spare_mutex_);
    if (spare_.empty()) return;
    block.source.text = std::move(spare_.back().text);
    block.rows = std::move(spare_.back().rows);
    spare_.pop_back();
  }
  void KeepSpare(Block& block) {
    constexpr size_t kMostText = size_t{4} << 20;
    if (block.source.text.capacity() > kMostText) return;
    block.rows.Clear();
    const std::lock_guard<std::mutex> lock(spare_mutex_);
    spare_.push_back({std::move(block.source.text), std::move(block.rows)});
  }

  // For the texts that a worker knows: of a limit a twelfth for all of them.
  uint64_t TableBytes(size_t threads) const {
    constexpr uint64_t kLeast = uint64_t{4} << 20, kMost = uint64_t{64} << 20;
    if (target_.memory_bytes == 0) return kMost;
    return std::clamp(target_.memory_bytes / 12 / threads, kLeast, kMost);
  }

  // The next records; false if there are no more before `end`.
  bool CutRecords(RecordCutter& cutter, const char* end, Worker& worker) const {
    worker.count = 0;
    while (worker.count < kTogether) {
      Record& record = worker.records[worker.count];
      if (!cutter.Next(&record.text) || record.text.data() + record.text.size() > end) {
        return false;
      }
      if (record.text.empty()) continue;
      record.line = cutter.line();
      record.fault = FindFault(record.text, record.splitter);
      if (!record.fault) worker.parser.Expect(worker.count, record.splitter.fields());
      ++worker.count;
    }
    return true;
  }

  // False at a fault that ends the load.
  bool ParseRecords(Worker& worker, size_t* row, Block& block) const {
    for (size_t i = 0; i < worker.count; ++i) {
      const Record& record = worker.records[i];
      if (!record.fault) worker.parser.ExpectSoon(i, record.splitter.fields());
    }
    for (size_t i = 0; i < worker.count; ++i, ++*row) {
      Record& record = worker.records[i];
      if (!record.fault) record.fault = ParseRecord(i, *row, record, worker.parser);
      if (!record.fault) {
        ++block.records;
        continue;
      }
      record.fault->row = *row;
      record.fault->line = record.line;
      block.faults.push_back(*std::move(record.fault));
      if (!target_.reject) return false;
    }
    return true;
  }

  static std::optional<size_t> FindBadText(std::string_view text) {
    std::optional<size_t> bad;
    if (!simdjson::validate_utf8(text.data(), text.size())) bad = FindInvalidUtf8(text);
    const void* const nul = std::memchr(text.data(), 0, bad.value_or(text.size()));
    if (nul != nullptr) bad = static_cast<size_t>(static_cast<const char*>(nul) - text.data());
    return bad;
  }

  // Reads up to the first record that is no header.
  absl::Status ReadHeader() {
    while (true) {
      auto block = std::make_unique<Block>();
      ANNALS_ASSIGN_OR_RETURN(const bool more, blocks_.Next(&block->source));
      if (!more) return absl::OkStatus();
      ANNALS_ASSIGN_OR_RETURN(const bool read, ReadHeaderIn(*block));
      if (!read) continue;
      first_ = std::move(block);
      return absl::OkStatus();
    }
  }

  // True if the block is to be parsed from its `begin` on, which may be its end.
  absl::StatusOr<bool> ReadHeaderIn(Block& block) {
    FieldSplitter splitter(delimiter_);
    const std::string_view text = block.source.text;
    RecordCutter cutter(text, delimiter_ == Delimiter::kComma);
    std::string_view record;
    const uint64_t before = lines_;
    while (!block.source.too_long) {
      const std::string_view rest = cutter.rest();
      if (!cutter.Next(&record)) break;
      const auto at = static_cast<size_t>(rest.data() - text.data());
      ANNALS_RETURN_IF_ERROR(
          CheckText(record, path_, block.source.offset + at, before + cutter.line() + 1));
      ANNALS_ASSIGN_OR_RETURN(const Header header,
                              ReadHeaderRecord(record, before + cutter.line(), splitter));
      if (header == Header::kNotYet) continue;
      const bool is_fact = header == Header::kNone;
      block.begin = is_fact ? at : static_cast<size_t>(cutter.rest().data() - text.data());
      lines_ = before + (is_fact ? cutter.line() : cutter.lines());
      return true;
    }
    if (block.source.too_long || cutter.open_quote()) {
      block.bad_text = FindBadText(text);
      block.lines = cutter.lines();
      block.open_quote = cutter.open_quote();
      return CheckBlock(block);
    }
    lines_ = before + cutter.lines();
    return false;
  }

  enum class Header { kNotYet, kRead, kNone };

  absl::StatusOr<Header> ReadHeaderRecord(std::string_view record, uint64_t line,
                                          FieldSplitter& splitter) {
    if (record.empty()) return Header::kNotYet;
    if (auto fault = FindFault(record, splitter)) {
      fault->line = line - lines_;
      // Without a header nothing that follows has a meaning.
      if (!columns_.has_value()) return ErrorOf(*fault);
      ANNALS_RETURN_IF_ERROR(TellFault(*fault));
      return Header::kNotYet;
    }
    const auto fields = splitter.fields();
    if (columns_.has_value()) {
      return columns_->IsHeader(fields) ? Header::kRead : Header::kNone;
    }
    const std::vector<std::string> names(fields.begin(), fields.end());
    auto made = FactColumns::Make(names, options_.source, target_.names);
    if (!made.ok()) {
      return SourceText(record, path_, line + 1)
          .Error({0, record.size()}, ToStd(made.status().message()));
    }
    columns_ = std::move(made).value();
    return Header::kRead;
  }

  // Splits the record; what is wrong with it as a whole.
  std::optional<Fault> FindFault(std::string_view record, FieldSplitter& splitter) const {
    if (auto fault = splitter.Split(record)) {
      return Fault{0, 0, record, fault->offset, 1, std::move(fault->message)};
    }
    const auto fields = splitter.fields();
    if (!columns_.has_value() || fields.size() == columns_->size()) return std::nullopt;
    const size_t at =
        fields.size() > columns_->size() ? splitter.offset(columns_->size()) : record.size();
    return Fault{
        0,
        0,
        record,
        at,
        1,
        absl::StrCat("expected ", Count(columns_->size(), "column"), ", found ", fields.size())};
  }

  static std::optional<Fault> ParseRecord(size_t index, size_t row, const Record& record,
                                          RowParser& parser) {
    const FieldSplitter& splitter = record.splitter;
    auto error = parser.Parse(index, row, splitter.fields());
    if (!error) return std::nullopt;
    const size_t at = splitter.offset(error->field);
    const bool last = error->field + 1 == splitter.fields().size();
    const size_t end = last ? record.text.size() : splitter.offset(error->field + 1) - 1;
    return Fault{0, 0, record.text, at, end - at, std::move(error->message)};
  }

  // What is passed over, or an error that ends the reading.
  absl::Status TellFault(const Fault& fault) const {
    if (!target_.reject) return ErrorOf(fault);
    const SourceText::Position at = TextOf(fault).Locate(fault.offset);
    return target_.reject({path_, at.line, at.column, fault.message, fault.record});
  }
  absl::Status ErrorOf(const Fault& fault) const {
    const size_t end =
        std::min(fault.offset + std::max<size_t>(fault.length, 1), fault.record.size());
    return TextOf(fault).Error({fault.offset, end}, fault.message);
  }
  SourceText TextOf(const Fault& fault) const {
    return SourceText(fault.record, path_, lines_ + fault.line + 1);
  }

  // Faults that no record has.
  absl::Status CheckBlock(const Block& block) const {
    if (block.bad_text.has_value()) {
      const std::string_view text = std::string_view(block.source.text).substr(block.begin);
      const bool nul = text[*block.bad_text] == '\0';
      return CheckText(text.substr(0, nul ? *block.bad_text + 1 : text.size()), path_,
                       block.source.offset + block.begin, lines_ + 1);
    }
    if (block.source.too_long) {
      return InvalidArgument(absl::StrCat(path_, ":", lines_ + 1, ": this line is longer than ",
                                          kLongestRecord >> 20,
                                          " MB; is the file really a table of facts?"));
    }
    if (block.open_quote) {
      return InvalidArgument(absl::StrCat(path_, ":", lines_ + block.lines + 1,
                                          ": the quoted field that begins here is never "
                                          "closed; expected a '\"' after its text"));
    }
    return absl::OkStatus();
  }

  const std::string& path_;
  const Delimiter delimiter_;
  const TableOptions& options_;
  const ProgressFunction& progress_;
  const LoadTarget& target_;
  RecordBlocks blocks_;
  std::optional<FactColumns> columns_;
  std::unique_ptr<Block> first_;
  std::vector<Worker> workers_;
  std::optional<RowTeller> teller_;
  std::mutex spare_mutex_;
  std::vector<Spare> spare_;
  uint64_t lines_ = 0;    // before the block that is used
  uint64_t records_ = 0;  // told
};

template <Delimiter delimiter>
class DelimitedFile : public DatasetFile {
 public:
  DelimitedFile(const std::string& path, const TableOptions& options, const LoadTarget& target)
      : path_(path), options_(options), target_(target) {}

  absl::Status Tell(const ProgressFunction& progress) override {
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Input> input, target_.open(path_));
    absl::Status told = target_.names.Settle(
        TableReader(*input, path_, delimiter, options_, progress, target_).Run());
    return InFile(std::move(told), target_.names, path_);
  }

 private:
  const std::string path_;
  const TableOptions options_;
  const LoadTarget target_;
};

}  // namespace

std::unique_ptr<DatasetFile> MakeCsvFile(const std::string& path, const TableOptions& options,
                                         const LoadTarget& target) {
  return std::make_unique<DelimitedFile<Delimiter::kComma>>(path, options, target);
}

std::unique_ptr<DatasetFile> MakeTsvFile(const std::string& path, const TableOptions& options,
                                         const LoadTarget& target) {
  return std::make_unique<DelimitedFile<Delimiter::kTab>>(path, options, target);
}

}  // namespace annals::datasets
