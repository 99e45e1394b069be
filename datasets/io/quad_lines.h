// The statements of N-Triples and N-Quads, parsed by several threads and given in order. A line is
// a statement, a comment or empty.
#ifndef DATASETS_IO_QUAD_LINES_H_
#define DATASETS_IO_QUAD_LINES_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string_view>

#include "datasets/io/quad_reader.h"
#include "storage/base/status.h"

namespace annals::datasets {

struct QuadLinesUse {
  // Called for the statements in turn, never twice at once.
  std::function<absl::Status(const Quad& quad)> use;
  // Which of them are given to `use`; unset: all. Called from several threads at once. One
  // `begins` if it may be about another subject or in another graph than the one before it.
  std::function<bool(const Quad& quad, bool begins)> wanted;
  // Called before each line that holds something; may be unset.
  std::function<void(uint64_t line)> begin_line;
  // Gets what is wrong with a line, of which nothing was used, be it an error of `use`; what it
  // returns goes on or ends the reading. Unset: the first fault ends it.
  std::function<absl::Status(const absl::Status& fault, uint64_t line, std::string_view text)>
      fault;
  // May be unset: told in turn which lines won't be looked at again.
  std::function<void(std::string_view lines)> passed;
};

// The first error ends the reading.
absl::Status ReadQuadLines(SerdSyntax syntax, const RdfText& text, size_t threads,
                           const QuadLinesUse& use);

}  // namespace annals::datasets

#endif  // DATASETS_IO_QUAD_LINES_H_
