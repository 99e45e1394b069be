// What the columns of a table of facts mean. Rows are parsed by several workers, each with a table
// of the texts that it has met, and told by one thread.
#ifndef DATASETS_IO_COLUMNS_H_
#define DATASETS_IO_COLUMNS_H_

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "datasets/io/entity_names.h"
#include "datasets/io/text_table.h"
#include "storage/base/big_allocator.h"
#include "storage/base/status.h"
#include "storage/graph/store.h"
#include "storage/model/term.h"

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

enum class ColumnRole : uint8_t {
  kSubject,
  kPredicate,
  kObject,
  kTime,
  kStart,
  kEnd,
  kSource,
  kIgnored,
  kQualifier
};

// What a column is, by its name in whatever case.
ColumnRole RoleOfColumn(std::string_view name);

// What is read from a field where an object or a qualifier's value stands: a number, boolean or
// time if all of it is one, else a name. An error if it looks like a time and is none.
absl::StatusOr<Term> FieldTerm(std::string_view text);

// Threads: any number may read it.
class FactColumns {
 public:
  static constexpr size_t kAbsent = SIZE_MAX;
  // Columns of a table; each takes memory in every worker.
  static constexpr size_t kMost = 10000;

  // Columns by name: subject, predicate (or relation), object; time (or date), or start and end;
  // source; `_` is ignored; any other name is a qualifier. The error says what is missing.
  static absl::StatusOr<FactColumns> Make(std::span<const std::string> names,
                                          const std::optional<std::string>& source,
                                          EntityNames& names_of_entities);

  size_t size() const { return roles_.size(); }
  // Is this row a header that only repeats what the columns mean: "subject ... object", or "date",
  // "start" or "end" in the place of such a time?
  bool IsHeader(std::span<const std::string_view> fields) const;

  // Of the roles that one column at most has.
  size_t place(ColumnRole role) const { return places_[static_cast<size_t>(role)]; }
  // Places and predicates of the columns that are qualifiers.
  struct Qualifier {
    size_t place;
    BulkLoad::Handle predicate;
  };
  const std::vector<Qualifier>& qualifiers() const { return qualifiers_; }
  // Of facts whose row gives none.
  BulkLoad::Handle source() const { return source_; }

 private:
  absl::Status Init(std::span<const std::string> names, const std::optional<std::string>& source,
                    EntityNames& names_of_entities);
  absl::Status CheckPlaces(std::span<const std::string> names) const;

  std::vector<ColumnRole> roles_;
  std::vector<Qualifier> qualifiers_;
  std::array<size_t, 8> places_ = {kAbsent, kAbsent, kAbsent, kAbsent,
                                   kAbsent, kAbsent, kAbsent, kAbsent};
  BulkLoad::Handle source_ = BulkLoad::kNone;
};

// What a worker made of some rows.
struct ParsedRows {
  // A text that the worker had not met before: the next number of its table.
  struct NewText {
    uint32_t row;           // where it was met
    uint32_t term;          // its place in `terms`; kName: it is a name
    std::string_view text;  // of a name
  };
  static constexpr uint32_t kName = UINT32_MAX;
  std::vector<NewText> new_texts;
  std::vector<Term> terms;  // undefined where there is none
  // Owns the texts. A worker whose table has grown too large begins another.
  std::shared_ptr<const TextTable> table;
  // For each fact subject, predicate, object, time, source, how many qualifiers, and for each of
  // these its place in FactColumns::qualifiers() and its value; numbers of texts plus one, 0 for
  // none.
  std::vector<uint32_t> facts;

  // Without any rows, but with the memory for some.
  void Clear() {
    new_texts.clear();
    terms.clear();
    facts.clear();
    table.reset();
  }
};

// One worker's.
class RowParser {
 public:
  // Rows are looked at some at a time: Expect is called for each of them, then ExpectSoon, then
  // Parse, so that memory is asked for what the next ones need while others are worked on.
  static constexpr size_t kTogether = 16;

  // A table of texts that takes more than `table_bytes` is begun anew.
  RowParser(const FactColumns& columns, uint64_t table_bytes);

  // What is parsed from now on goes to `out`.
  void Begin(ParsedRows* out);
  // `index` is the row's among those that are looked at together.
  void Expect(size_t index, std::span<const std::string_view> fields);
  void ExpectSoon(size_t index, std::span<const std::string_view> fields);
  // Row number `row`, of columns.size() fields; text is taken as it stands. A row with a fault adds
  // no fact.
  std::optional<FieldError> Parse(size_t index, size_t row,
                                  std::span<const std::string_view> fields);

 private:
  enum TextKind : uint8_t { kName, kLiteral, kTime };
  // A column whose fields are looked up as they stand.
  struct TextColumn {
    size_t place;
    bool bare;      // a literal or a name
    TextKind kind;  // if it isn't bare
  };

  TextTable::Probe& ProbeAt(size_t index, size_t place) {
    return probes_[index * columns_.size() + place];
  }
  uint32_t Named(std::span<const std::string_view> fields, size_t at);
  // A field typed as a bare term is: a number, boolean or time if all of it is one, else a name.
  std::optional<FieldError> Bare(std::span<const std::string_view> fields, size_t at,
                                 uint32_t* number);
  std::optional<FieldError> TimeOf(std::span<const std::string_view> fields, uint32_t* number);
  std::optional<FieldError> TimeAt(const TextTable::Probe& probe, std::string_view written,
                                   size_t at, uint32_t* number);
  // Adds a text as what `read` makes of it: no term if it is a name after all.
  template <typename Read>
  std::optional<FieldError> Typed(const TextTable::Probe& probe, std::string_view text, size_t at,
                                  uint32_t* number, Read read);

  // Tables that nothing holds any more, for their memory.
  struct Spare;
  std::shared_ptr<TextTable> NewTable() const;

  const FactColumns& columns_;
  const uint64_t table_bytes_;
  std::shared_ptr<Spare> spare_;
  std::vector<TextColumn> text_columns_;
  std::vector<TextTable::Probe> probes_;  // by index and column
  ParsedRows* out_ = nullptr;
  std::shared_ptr<TextTable> table_;
  std::vector<std::pair<uint32_t, std::string>> wrong_;  // texts with a fault, and what it is
  size_t index_ = 0;                                     // of the row at hand
  uint32_t row_ = 0;
  std::vector<uint32_t> values_;  // of the qualifiers of a row
  std::string times_;
};

// Tells what workers have parsed, in the order of the calls.
class RowTeller {
 public:
  RowTeller(const FactColumns& columns, EntityNames& names, BulkLoad& load)
      : columns_(columns), names_(names), load_(load) {}

  // Rows of a worker come in the order in which it parsed them. `before(row)` is called before a
  // text of that row is told; an error ends it. The names must be settled afterwards.
  absl::Status Tell(size_t worker, const ParsedRows& rows,
                    const std::function<absl::Status(size_t row)>& before);

 private:
  struct Known {
    std::shared_ptr<const TextTable> table;
    BigVector<BulkLoad::Handle> handles;  // by number plus one
  };

  const FactColumns& columns_;
  EntityNames& names_;
  BulkLoad& load_;
  std::vector<Known> known_;  // by worker
};

}  // namespace annals::datasets

#endif  // DATASETS_IO_COLUMNS_H_
