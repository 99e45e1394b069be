// Targets on a whole database in memory.
#include <chrono>
#include <memory>
#include <string>

#include "annals/annals.h"
#include "storage/base/status.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/file_in_memory.h"
#include "tests/fuzz/targets.h"

namespace annals::fuzz {
namespace {

// A store with facts, an alias, a rule and a merged entity, and a session on it.
Session& TheSession() {
  static const std::unique_ptr<Database> database = *Database::Open(":memory:");
  static const std::unique_ptr<Session> session = [] {
    std::unique_ptr<Session> made = database->NewSession();
    Limits limits;
    limits.time = std::chrono::seconds(5);
    limits.memory_bytes = uint64_t{64} << 20;
    limits.rows = 1000;
    made->SetLimits(limits);
    const absl::Status told = made->RunScript(
        "add (Ada, met, Bo, 2024-06-19) {place: Oslo} (Bo, met, Cy) (Cy, born, 1980) from (Log);"
        "alias (Ada) \"A. L.\"; predicate (met) {is: symmetric}; add (Ado, met, Bo);"
        "merge (Ado) into (Ada); rule (?a, knows, ?b) if (?a, met, ?b);",
        "", [](Rows&) { return absl::OkStatus(); });
    Expect(told.ok(), ToStd(told.message()));
    return made;
  }();
  return *session;
}

absl::StatusOr<std::string> Run(std::string_view statement) {
  absl::StatusOr<Rows> rows = TheSession().Run(statement);
  ExpectNoDefect(rows.status());
  if (!rows.ok()) return rows.status();
  return rows->message();
}

// Loads them in a transaction, a second time over, and takes all back.
void LoadBytes(std::string_view bytes, const std::string& format, bool same_again) {
  const std::string load = "load \"" + FileOf(bytes) + "\" format " + format;
  Expect(Run("begin").ok(), "begin");
  // Half of the inputs go on after faults.
  const bool skip = bytes.size() % 2 == 0 && format != "ttl" && format != "trig";
  const std::string statement = load + (skip ? " on error skip" : "");
  const absl::StatusOr<std::string> first = Run(statement);
  if (first.ok()) {
    const absl::StatusOr<std::string> again = Run(statement);
    Expect(again.ok(), "a file that was loaded can't be loaded again");
    Expect(!same_again || again->starts_with("nothing new in"), *again);
    Expect(Run(load + (skip ? " on error skip" : "") + " replacing source").ok(), "replacing");
  }
  Expect(Run("rollback").ok(), "rollback");
}

}  // namespace

void LoadCsv(std::string_view bytes) { LoadBytes(bytes, "csv", true); }
void LoadTsv(std::string_view bytes) { LoadBytes(bytes, "tsv", true); }
// Blank nodes are new ones in each load.
void LoadJsonLines(std::string_view bytes) {
  LoadBytes(bytes, "jsonl", bytes.find("blank") == bytes.npos && bytes.find('\\') == bytes.npos);
}
void LoadAnnals(std::string_view bytes) {
  LoadBytes(bytes, "annals", bytes.find("_:") == bytes.npos && bytes.find('$') == bytes.npos);
}
void LoadNTriples(std::string_view bytes) { LoadBytes(bytes, "nt", false); }
void LoadNQuads(std::string_view bytes) { LoadBytes(bytes, "nq", false); }
void LoadTurtle(std::string_view bytes) { LoadBytes(bytes, "ttl", false); }
void LoadTrig(std::string_view bytes) { LoadBytes(bytes, "trig", false); }

void ExplainQuery(std::string_view bytes) {
  (void)Session::IsIncomplete(bytes);
  Run("explain " + std::string(bytes)).status().IgnoreError();
}

}  // namespace annals::fuzz
