// A table's text cut into blocks of whole records, and these into records: a record is a line, or
// more where a quoted field holds line ends. Lines end in LF, CRLF or CR.
#ifndef DATASETS_IO_RECORD_BLOCKS_H_
#define DATASETS_IO_RECORD_BLOCKS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "datasets/io/input.h"
#include "storage/base/status.h"

namespace annals::datasets {

// The records of a text, one after the other. With `quotes` fields are separated by commas, and one
// that begins with a quote ends with one.
class RecordCutter {
 public:
  RecordCutter(std::string_view text, bool quotes) : text_(text), quotes_(quotes) {}

  // The next one without its line end; false at the end, or where a quoted field is never closed.
  bool Next(std::string_view* record);

  // Lines before the record that was given last.
  uint64_t line() const { return line_; }
  // When Next has returned false: all lines, and if there is an open field those before its quote.
  uint64_t lines() const { return next_line_; }
  bool open_quote() const { return open_quote_; }
  // The text from where the next record begins.
  std::string_view rest() const { return text_.substr(at_); }

 private:
  const char* FindSpecial(const char* begin, const char* end) const;

  const std::string_view text_;
  const bool quotes_;
  size_t at_ = 0;
  uint64_t line_ = 0;
  uint64_t next_line_ = 0;
  bool open_quote_ = false;
};

struct RecordBlock {
  std::string text;
  uint64_t offset = 0;    // of its first byte in the file
  bool too_long = false;  // the text is the beginning of a record that is longer than allowed
};

inline constexpr size_t kLongestRecord = size_t{64} << 20;
inline constexpr size_t kBlockBytes = size_t{1} << 20;

// Memory is bounded by the longest record allowed.
class RecordBlocks {
 public:
  // A block has about so many bytes, if its records are shorter.
  RecordBlocks(Input& input, const std::string& path, bool quotes, size_t block_bytes = kBlockBytes)
      : input_(input), path_(path), quotes_(quotes), block_bytes_(block_bytes) {}

  // Whole records, at least one, if the file goes on: false at its end. The last text may end in a
  // field that is never closed. What was read before an error comes before it. The memory of the
  // text that the block had before is used again.
  absl::StatusOr<bool> Next(RecordBlock* block);

 private:
  void Fill();
  // Looks for the last end of a record in what was not yet looked at.
  void FindEnd();

  Input& input_;
  const std::string& path_;
  const bool quotes_;
  const size_t block_bytes_;
  std::string buffer_;
  size_t scanned_ = 0;  // of the buffer
  size_t end_ = 0;      // of the last whole record in it
  bool in_quotes_ = false;
  uint64_t offset_ = 0;  // of the buffer in the file
  bool begun_ = false;
  bool at_end_ = false;
  absl::Status failed_;
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_RECORD_BLOCKS_H_
