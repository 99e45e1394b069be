// load: dataset files into the store, all or nothing.
#ifndef ANNALS_LOAD_H_
#define ANNALS_LOAD_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "annals/annals.h"
#include "annals/tell.h"
#include "query/native/ast.h"
#include "storage/graph/store.h"

namespace annals {

// Called now and then; an error ends the load.
using CheckFunction = std::function<absl::Status()>;

struct LoadSettings {
  CheckFunction check;
  Session::ProgressFunction progress;  // may be unset
  bool standard_input = false;         // may `-` be read?
  uint64_t memory_bytes = 0;           // of the load's limit; 0: there is none
  std::string database = ":memory:";   // says where temporary files may be
};

// `view` is what the store holds before, `load` takes the facts. Errors are about the statement
// (with a caret) or the file (with its line).
absl::StatusOr<Told> LoadFile(const native::Load& statement, const SourceText& text,
                              const native::Prefixes& prefixes,
                              const native::ParameterValues& parameters, const GraphView& view,
                              BulkLoad& load, const LoadSettings& settings);

// What loading the file would do. The caller takes back what `load` tells; `view` is of before,
// `after` gives one with it.
absl::StatusOr<Told> CheckFile(
    const native::Check& statement, const SourceText& text, const GraphView& view, BulkLoad& load,
    const std::function<absl::StatusOr<std::shared_ptr<const GraphView>>()>& after,
    const LoadSettings& settings);

}  // namespace annals

#endif  // ANNALS_LOAD_H_
