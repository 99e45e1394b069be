// RDF text to statements, by serd.
#ifndef DATASETS_IO_QUAD_READER_H_
#define DATASETS_IO_QUAD_READER_H_

#include <serd/serd.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/status.h"

namespace annals::datasets {

// One statement, its IRIs resolved.
struct Quad {
  std::string graph, subject, predicate, object;
  SerdType graph_type = SERD_NOTHING, subject_type = SERD_URI, object_type = SERD_URI;
  std::string datatype, language;
};

// A file's text, and what its statements are read with. Threads: any number may read it.
struct RdfText {
  std::string path;
  std::string_view text;  // a NUL stands behind it
  std::string base_iri;
  std::string blank_prefix;  // of the labels of blank nodes
  bool escapes = false;      // the text holds \u or \U, which may be anything
};

// Not for several threads.
class QuadReader {
 public:
  // `text` must outlive it.
  QuadReader(SerdSyntax syntax, const RdfText& text);
  QuadReader(QuadReader&&) noexcept;
  ~QuadReader();

  // Reads a piece of the text, up to a NUL, that begins after so many lines, and calls `use` for
  // its statements. Prefixes stay for the next piece. A fault is told with its place: that of a
  // piece that is one line with its end always, of others where the syntax ends.
  absl::Status Read(const char* piece, uint64_t lines_before,
                    const std::function<absl::Status(const Quad& quad)>& use);

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// Statements in few pieces of memory.
class QuadBatch {
 public:
  void Add(const Quad& quad);
  size_t size() const { return entries_.size(); }

  // Gives them back in turn.
  class Cursor {
   public:
    explicit Cursor(const QuadBatch& batch) : batch_(batch) {}
    // Valid until the next call. Not after the last.
    const Quad& Next();

   private:
    const QuadBatch& batch_;
    size_t entry_ = 0, at_ = 0;
    Quad quad_;
  };

 private:
  static constexpr size_t kTexts = 6;
  struct Entry {
    uint32_t sizes[kTexts];
    SerdType graph_type, subject_type, object_type;
  };
  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_QUAD_READER_H_
