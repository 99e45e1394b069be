// Annals: an embedded store for dated facts with sources. This is the whole public interface.
//
//   #include <annals/annals.h>
//
//   auto database = annals::Database::Open("news.db");           // or ":memory:"
//   auto session = (*database)->NewSession();
//   auto rows = session->Run("(?who, met, $whom)", {{"whom", annals::Value::Name("Ada")}});
//   while (rows.ok() && *rows->Next()) std::cout << rows->at(0).text() << '\n';
//
// Errors are absl::Status, with a message written for the user (for a statement: line, column and
// a caret under the fault):
//   InvalidArgument    the statement or the data is wrong
//   NotFound           a file or database is not there
//   Aborted            another process or handle has the database open, or writes
//   DataLoss           the directory is damaged, not a database, or of a newer format
//   Unavailable        I/O failed or there is no room; after a failed write the handle only reads
//   DeadlineExceeded, ResourceExhausted, Cancelled      a limit was hit; the question was stopped
//   Internal           a defect of Annals
//
// Threads: a Database may be used from many threads, a Session and its Rows from one at a time
// (but Session::Cancel from any). Readers go on while another session writes. A question over many
// facts uses threads of its own while its rows are pulled (DatabaseOptions::threads).
#ifndef ANNALS_ANNALS_H_
#define ANNALS_ANNALS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace annals {

// One value of a row, or of a parameter. A small copied value.
class Value {
 public:
  enum class Kind {
    kEmpty,    // nothing is known here (an optional part that did not match)
    kInteger,  // 64 bit
    kDecimal,  // exact, text() as written
    kDouble,
    kBoolean,
    kTime,      // a date or period, text() as written
    kDuration,  // text() such as "30 days"
    kText,      // text() with an optional language()
    kLiteral,   // text() with a datatype()
    kName,      // an entity
    kIri,
    kBlankNode,
    kFact,  // text() such as "(Ada, born, London, 1815-12-10)"
    kList,  // items()
  };

  Value() = default;
  static Value Integer(int64_t value);
  static Value Double(double value);
  static Value Boolean(bool value);
  static Value Text(std::string text, std::string language = "");
  static Value Name(std::string name);
  static Value Iri(std::string iri);
  // A date or period as in the language: "2024-11-29", "2024-06", "2024-05-14..".
  static absl::StatusOr<Value> Time(std::string_view text);

  Kind kind() const { return kind_; }
  bool empty() const { return kind_ == Kind::kEmpty; }
  // The value as text, whatever its kind; empty for kEmpty.
  const std::string& text() const { return text_; }
  // Of numbers, rounded towards zero; 0 of anything else.
  int64_t integer() const { return integer_; }
  double number() const { return number_; }
  bool boolean() const { return integer_ != 0; }
  const std::string& language() const { return language_; }
  const std::string& datatype() const { return datatype_; }
  const std::vector<Value>& items() const { return items_; }
  // Of a time: its first and last second, UTC since 1970; INT64_MIN / INT64_MAX where open.
  std::pair<int64_t, int64_t> interval() const { return interval_; }

 private:
  friend struct ValueAccess;
  Kind kind_ = Kind::kEmpty;
  int64_t integer_ = 0;
  double number_ = 0;
  std::pair<int64_t, int64_t> interval_{0, 0};
  std::string text_, language_, datatype_;
  std::vector<Value> items_;
};

// Values for $name in a statement, by name without `$`: always data, never syntax.
using Parameters = std::map<std::string, Value, std::less<>>;

enum class Format { kTable, kCsv, kTsv, kJson, kJsonLines, kMarkdown };
// "table", "csv", "tsv", "json", "jsonl", "markdown".
absl::StatusOr<Format> ParseFormat(std::string_view name);

// What a statement answers: rows, yes or no, or a message ("1 fact added"). Rows are computed as
// they are pulled; destroy Rows before its Session.
class Rows {
 public:
  enum class Kind { kRows, kYesNo, kText, kMessage };

  Rows(Rows&&) noexcept;
  Rows& operator=(Rows&&) noexcept;
  ~Rows();

  Kind kind() const;
  // Column names without `?`; one column "answer" for yes or no.
  const std::vector<std::string>& columns() const;
  // To the next row; false at the end. An error ends the rows.
  absl::StatusOr<bool> Next();
  // How many rows were given by now.
  uint64_t count() const;
  // A value of the present row.
  const Value& at(size_t column) const;
  // kYesNo only.
  bool yes() const;
  // kMessage and kText (plans and the like): what was done, or what was asked for.
  const std::string& message() const;
  // Said beside the answer: unknown names with the nearest ones, look-alikes, and so on.
  const std::vector<std::string>& notes() const;

 private:
  friend class SessionImpl;
  friend struct RowsAccess;
  struct State;
  explicit Rows(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct WriteOptions {
  Format format = Format::kTable;
  size_t width = 0;       // of a table in terminal cells; 0: as wide as it gets
  bool terminal = false;  // escape what a terminal would obey
};
// Writes all rows that are left.
absl::Status WriteRows(Rows& rows, const WriteOptions& options, std::ostream& out);

struct Limits {
  std::optional<std::chrono::milliseconds> time;  // a statement
  // A question, for what it keeps; a load, which sorts in files beyond it, or, unset, beyond a
  // quarter of the machine's memory.
  std::optional<uint64_t> memory_bytes;
  std::optional<uint64_t> rows;  // of an answer
};

// How far a load is.
struct LoadProgress {
  enum class Phase { kReading, kStoring, kDone };
  Phase phase = Phase::kReading;
  uint64_t facts = 0;    // read so far, qualifiers not counted; when done, exactly
  double fraction = -1;  // of the phase, from 0 to 1; negative: not known
  uint64_t bytes = 0;    // of the files, as they lie on disk; 0: not known
  // When done:
  uint64_t new_facts = 0, new_names = 0;
};

class Database;

// A statement that was parsed once and is run many times. Names are looked up, and the plan of a
// question is made, at the first run and again when the database or a parameter has changed since.
// Used as its session is: by one thread at a time. Destroy it, and the Rows it gave, before the
// session.
class PreparedStatement {
 public:
  virtual ~PreparedStatement() = default;
  // As Session::Run. A parameter that the statement names and `parameters` lacks is an error.
  virtual absl::StatusOr<Rows> Run(const Parameters& parameters = {}) = 0;
};

class Session {
 public:
  virtual ~Session() = default;

  // Runs one statement (a `;` at its end is allowed).
  virtual absl::StatusOr<Rows> Run(std::string_view statement,
                                   const Parameters& parameters = {}) = 0;

  // For a statement that is run many times. An error of its syntax is found here, one of its names
  // and types when it runs.
  virtual absl::StatusOr<std::unique_ptr<PreparedStatement>> Prepare(
      std::string_view statement) = 0;

  // Runs the statements of a script in turn. `name` is shown in errors (a file's name, or empty).
  // `answer` is called with each statement's Rows, and its error ends the script. The first error
  // of a statement ends the script as well, unless `failed` is given: it gets the error and says
  // whether to go on.
  using AnswerFunction = std::function<absl::Status(Rows& rows)>;
  using FailedFunction = std::function<bool(const absl::Status& error)>;
  virtual absl::Status RunScript(std::string_view text, std::string_view name,
                                 const AnswerFunction& answer,
                                 const FailedFunction& failed = nullptr) = 0;

  virtual void SetLimits(const Limits& limits) = 0;
  // May `load "-"` read the program's standard input? Not until this says so.
  virtual void AllowStandardInput(bool allow) = 0;
  // Called now and then while `load` runs, and when it is done. From any thread, but never twice at
  // once.
  using ProgressFunction = std::function<void(const LoadProgress& progress)>;
  virtual void SetProgress(ProgressFunction progress) = 0;
  // Stops the statement that runs now, if one does: it ends with Cancelled. From any thread or a
  // signal handler.
  virtual void Cancel() noexcept = 0;
  // Between `begin` and `commit` or `rollback`. Ending the session rolls back.
  virtual bool in_transaction() const = 0;

  // For editors: names, aliases and predicates that begin with `prefix`, at most `limit`.
  virtual absl::StatusOr<std::vector<std::string>> Complete(std::string_view prefix,
                                                            size_t limit) = 0;
  // Does `text` end inside a statement, so that an editor should ask for another line?
  static bool IsIncomplete(std::string_view text);
};

struct DatabaseOptions {
  bool read_only = false;
  bool create_if_missing = true;
  uint64_t cache_bytes = uint64_t{256} << 20;
  // That one question may use; 0: as many as the machine has, but not more than 8. Answers are the
  // same with any number.
  size_t threads = 0;
};

struct DatabaseStatistics {
  uint64_t facts = 0;       // qualifiers included
  uint64_t assertions = 0;  // one for each fact and source
  uint64_t terms = 0;
  uint64_t predicates = 0;
  uint64_t sources = 0;
  uint64_t delta_facts = 0;  // not yet folded into packed blocks
  uint64_t generation = 0;   // how often blocks were rewritten
  uint64_t disk_bytes = 0;
};

class Database {
 public:
  // `path` is a directory, made if need be, or ":memory:". One process and handle may write it,
  // or many read it (read_only).
  static absl::StatusOr<std::unique_ptr<Database>> Open(const std::string& path,
                                                        const DatabaseOptions& options = {});
  virtual ~Database() = default;

  // The database must outlive its sessions.
  virtual std::unique_ptr<Session> NewSession() = 0;
  virtual absl::StatusOr<DatabaseStatistics> Statistics() const = 0;
  virtual bool read_only() const = 0;
  virtual const std::string& path() const = 0;
};

// "0.1.0"
std::string_view Version();

}  // namespace annals

#endif  // ANNALS_ANNALS_H_
