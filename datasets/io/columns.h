// What the columns of a table of facts mean, and the telling of its rows to a bulk load.
#ifndef DATASETS_IO_COLUMNS_H_
#define DATASETS_IO_COLUMNS_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/io/entity_names.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals::datasets {

struct TableOptions {
  // Names of the columns; empty: the first line is a header.
  std::vector<std::string> columns;
  // The source of every fact, if `from (X)` was given.
  std::optional<std::string> source;
};

// A fault in one field of a row.
struct FieldError {
  size_t field;
  std::string message;
};

class FactColumns {
 public:
  // Columns by name: subject, predicate (or relation), object; time (or date), or start and end;
  // source; `_` is ignored; any other name is a qualifier. The error says what is missing.
  static absl::StatusOr<FactColumns> Make(std::span<const std::string> names,
                                          const std::optional<std::string>& source,
                                          EntityNames& names_of_entities, BulkLoad& load);

  FactColumns(FactColumns&&) noexcept;
  FactColumns& operator=(FactColumns&&) noexcept;
  ~FactColumns();

  size_t size() const;
  // Is this row a header that only repeats what the columns mean ("subject ... object")?
  bool IsHeader(std::span<const std::string_view> fields) const;
  // Tells the fact of a row of size() fields. Text is taken as it stands.
  std::optional<FieldError> Tell(std::span<const std::string_view> fields);

 private:
  class Impl;
  explicit FactColumns(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_COLUMNS_H_
