// The statements of N-Triples and N-Quads, parsed by several threads and given in order.
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
  // If it is set, each line is read for itself, and this gets what is wrong with one, be it an
  // error of `use`; what it returns goes on or ends the reading. `begin_line` is called before.
  std::function<absl::Status(const absl::Status& fault, uint64_t line, std::string_view text)>
      fault;
  std::function<void(uint64_t line)> begin_line;
  // May be unset: told in turn which lines won't be looked at again.
  std::function<void(std::string_view lines)> passed;
};

// The first error ends the reading.
absl::Status ReadQuadLines(SerdSyntax syntax, const RdfText& text, size_t threads,
                           const QuadLinesUse& use);

}  // namespace annals::datasets

#endif  // DATASETS_IO_QUAD_LINES_H_
