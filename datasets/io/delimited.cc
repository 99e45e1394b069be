#include <algorithm>
#include <cstring>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/input.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

enum class Delimiter { kComma, kTab };

constexpr size_t kChunk = size_t{1} << 20;
constexpr size_t kLongestRecord = size_t{64} << 20;
constexpr uint64_t kRecordsBetweenProgress = 4096;

// Cuts the input into records: a record is a line, or more where a quoted field holds line ends.
// Memory is bounded by the longest record allowed.
class RecordReader {
 public:
  RecordReader(Input& input, const std::string& path, bool quotes)
      : input_(input), path_(path), quotes_(quotes) {}

  // The next record without its line end, valid until the next call; false at the end.
  absl::StatusOr<bool> Next(std::string_view* record) {
    begin_ += consumed_;
    line_ += lines_consumed_;
    while (true) {
      size_t length = 0;
      if (FindEnd(&length)) {
        *record = std::string_view(buffer_).substr(begin_, length);
        return true;
      }
      if (at_end_) {
        if (begin_ == buffer_.size()) return false;
        if (open_quote_line_ != 0) {
          return InvalidArgument(absl::StrCat(path_, ":", open_quote_line_,
                                              ": the quoted field that begins here is never "
                                              "closed; expected a '\"' after its text"));
        }
        *record = std::string_view(buffer_).substr(begin_);
        consumed_ = record->size();
        return true;
      }
      ANNALS_RETURN_IF_ERROR(Fill());
    }
  }

  uint64_t line() const { return line_; }

 private:
  // Looks for the end of the record at begin_ in what is buffered.
  bool FindEnd(size_t* length) {
    const char* data = buffer_.data();
    bool in_quotes = false;
    size_t newlines = 0;
    open_quote_line_ = 0;
    for (size_t i = begin_; i < buffer_.size(); ++i) {
      if (!in_quotes) {
        const char* end = FindSpecial(data + i, data + buffer_.size());
        i = static_cast<size_t>(end - data);
        if (i == buffer_.size()) return false;
      }
      const char c = data[i];
      if (c == '"' && quotes_) {
        in_quotes = !in_quotes;
        open_quote_line_ = in_quotes ? line_ + newlines : 0;
      } else if (c == '\n' || c == '\r') {
        // CR at the very end of the buffer may be the first half of CRLF.
        if (c == '\r' && i + 1 == buffer_.size() && !at_end_) return false;
        const bool crlf = c == '\r' && i + 1 < buffer_.size() && data[i + 1] == '\n';
        ++newlines;
        if (!in_quotes) {
          *length = i - begin_;
          consumed_ = *length + (crlf ? 2 : 1);
          lines_consumed_ = newlines;
          return true;
        }
        if (crlf) ++i;
      }
    }
    return false;
  }

  const char* FindSpecial(const char* begin, const char* end) const {
    if (quotes_) {
      return std::find_if(begin, end, [](char c) { return c == '\n' || c == '\r' || c == '"'; });
    }
    const auto* newline =
        static_cast<const char*>(std::memchr(begin, '\n', static_cast<size_t>(end - begin)));
    if (newline == nullptr) newline = end;
    const auto* cr =
        static_cast<const char*>(std::memchr(begin, '\r', static_cast<size_t>(newline - begin)));
    return cr != nullptr ? cr : newline;
  }

  absl::Status Fill() {
    consumed_ = lines_consumed_ = 0;
    buffer_.erase(0, begin_);
    begin_ = 0;
    if (buffer_.size() > kLongestRecord) {
      return InvalidArgument(absl::StrCat(path_, ":", line_, ": this line is longer than ",
                                          kLongestRecord >> 20,
                                          " MB; is the file really a table of facts?"));
    }
    const size_t kept = buffer_.size();
    // Growing with what is kept makes long records linear in their length.
    buffer_.resize(kept + std::max(kChunk, kept));
    ANNALS_ASSIGN_OR_RETURN(const size_t n,
                            input_.Read(buffer_.data() + kept, buffer_.size() - kept));
    buffer_.resize(kept + n);
    at_end_ = n == 0;
    if (total_ == 0) {
      ANNALS_RETURN_IF_ERROR(CheckEncoding(buffer_, path_));
      if (buffer_.starts_with(kByteOrderMark)) begin_ = kByteOrderMark.size();
    }
    total_ += n;
    return CheckNew(kept);
  }

  // Checks the text up to the last whole character, so that one cut by the buffer's end is looked
  // at with the next chunk.
  absl::Status CheckNew(size_t kept) {
    const size_t begin = kept - unchecked_;
    size_t end = buffer_.size();
    if (!at_end_) {
      size_t back = 0;
      while (back < 3 && back < end - begin &&
             (static_cast<unsigned char>(buffer_[end - 1 - back]) & 0xc0) == 0x80) {
        ++back;
      }
      if (back < end - begin && static_cast<unsigned char>(buffer_[end - 1 - back]) >= 0xc0) {
        end -= back + 1;
      }
    }
    const std::string_view text = std::string_view(buffer_).substr(begin, end - begin);
    unchecked_ = buffer_.size() - end;
    const auto lines = static_cast<uint64_t>(
        std::count(buffer_.begin(), buffer_.begin() + static_cast<ptrdiff_t>(begin), '\n'));
    return CheckText(text, path_, total_ - buffer_.size() + begin, line_ + lines);
  }

  Input& input_;
  const std::string& path_;
  const bool quotes_;
  std::string buffer_;
  size_t begin_ = 0;     // of the present record in the buffer
  size_t consumed_ = 0;  // its bytes, line end included
  size_t lines_consumed_ = 0;
  uint64_t line_ = 1;  // on which it begins
  uint64_t open_quote_line_ = 0;
  uint64_t total_ = 0;    // bytes read from the input
  size_t unchecked_ = 0;  // bytes at the buffer's end not yet known to be UTF-8
  bool at_end_ = false;
};

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

// A fault in a record: what is passed over, or an error that ends the reading.
absl::Status ErrorInRecord(const LoadTarget& target, std::string_view record,
                           const std::string& path, uint64_t line, size_t offset, size_t length,
                           std::string_view message) {
  const SourceText text(record, path, line);
  if (target.reject) {
    const SourceText::Position at = text.Locate(offset);
    return target.reject({path, at.line, at.column, std::string(message), std::string(record)});
  }
  return text.Error({offset, std::min(offset + std::max<size_t>(length, 1), record.size())},
                    message);
}

// Tells every row. Lines may end in LF, CRLF or CR; empty lines are passed over; a quoted CSV field
// may hold line ends; a tab-separated one is taken as it stands, quotes too.
absl::Status ReadDelimited(Input& input, const std::string& path, Delimiter delimiter,
                           const TableOptions& options, const ProgressFunction& progress,
                           const LoadTarget& target) {
  EntityNames& names = target.names;
  BulkLoad& load = target.load;
  RecordReader reader(input, path, delimiter == Delimiter::kComma);
  FieldSplitter splitter(delimiter);
  std::optional<FactColumns> columns;
  if (!options.columns.empty()) {
    ANNALS_ASSIGN_OR_RETURN(columns,
                            FactColumns::Make(options.columns, options.source, names, load));
  }
  uint64_t records = 0;
  std::string_view record;
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, reader.Next(&record));
    if (!more) return absl::OkStatus();
    if (record.empty()) continue;
    if (auto fault = splitter.Split(record)) {
      ANNALS_RETURN_IF_ERROR(
          ErrorInRecord(target, record, path, reader.line(), fault->offset, 1, fault->message));
      continue;
    }
    const auto fields = splitter.fields();
    if (!columns.has_value()) {
      const std::vector<std::string> header(fields.begin(), fields.end());
      auto made = FactColumns::Make(header, options.source, names, load);
      if (!made.ok()) {
        return SourceText(record, path, reader.line())
            .Error({0, record.size()}, ToStd(made.status().message()));
      }
      columns = std::move(made).value();
      continue;
    }
    if (fields.size() != columns->size()) {
      const size_t at =
          fields.size() > columns->size() ? splitter.offset(columns->size()) : record.size();
      ANNALS_RETURN_IF_ERROR(ErrorInRecord(
          target, record, path, reader.line(), at, 1,
          absl::StrCat("expected ", Count(columns->size(), "column"), ", found ", fields.size())));
      continue;
    }
    if (records++ == 0 && !options.columns.empty() && columns->IsHeader(fields)) continue;
    if (auto fault = columns->Tell(fields)) {
      const size_t at = splitter.offset(fault->field);
      const size_t end =
          fault->field + 1 < fields.size() ? splitter.offset(fault->field + 1) - 1 : record.size();
      ANNALS_RETURN_IF_ERROR(
          ErrorInRecord(target, record, path, reader.line(), at, end - at, fault->message));
    }
    ANNALS_RETURN_IF_ERROR(names.status());
    if (records % kRecordsBetweenProgress == 0 && progress) {
      ANNALS_RETURN_IF_ERROR(progress(records));
    }
  }
}

template <Delimiter delimiter>
class DelimitedFile : public DatasetFile {
 public:
  DelimitedFile(const std::string& path, const TableOptions& options, const LoadTarget& target)
      : path_(path), options_(options), target_(target) {}

  absl::Status Tell(const ProgressFunction& progress) override {
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Input> input, OpenInput(path_));
    return ReadDelimited(*input, path_, delimiter, options_, progress, target_);
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
