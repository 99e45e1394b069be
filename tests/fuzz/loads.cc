#include "tests/fuzz/targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "annals/annals.h"
#include "query/native/dump.h"
#include "query/native/parser.h"
#include "storage/base/status.h"
#include "storage/graph/block.h"
#include "storage/graph/meta.h"
#include "storage/graph/statistics.h"
#include "storage/graph/string_block.h"
#include "storage/model/term.h"

namespace annals::fuzz {
namespace {

void Expect(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

// Bytes from outside may be wrong in any way, but none makes a defect of ours.
void ExpectNoDefect(const absl::Status& status) {
  const bool defect = status.code() == absl::StatusCode::kInternal ||
                      status.code() == absl::StatusCode::kDataLoss ||
                      status.code() == absl::StatusCode::kUnavailable;
  Expect(!defect, ToStd(status.message()));
}

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

// A file in memory that holds these bytes, by its path.
std::string FileOf(std::string_view bytes) {
  static const int fd = memfd_create("fuzz", MFD_CLOEXEC);
  Expect(fd >= 0 && ftruncate(fd, 0) == 0, "no file in memory");
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = pwrite(fd, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    Expect(n > 0, "the file in memory can't be written");
    at += static_cast<size_t>(n);
  }
  return "/proc/self/fd/" + std::to_string(fd);
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

// Parses all statements, and translates and plans those that ask.
void ParseQuery(std::string_view bytes) {
  (void)Session::IsIncomplete(bytes);
  const SourceText text(bytes);
  for (size_t offset = 0, before = 0;; before = offset) {
    const auto statement = native::ParseNext(text, &offset);
    ExpectNoDefect(statement.status());
    if (statement.ok() && !statement->has_value()) break;
    if (statement.ok()) (void)native::DumpAst(**statement);
    Expect(offset > before, "parsing does not go on");
  }
  Run("explain " + std::string(bytes)).status().IgnoreError();
}

// The first byte gives the columns.
void DecodeBlock(std::string_view bytes) {
  if (bytes.empty()) return;
  const size_t columns = static_cast<unsigned char>(bytes[0]) % 7 + 1;
  // A copy of its own, so that a read past its end is seen.
  const std::vector<char> copy(bytes.begin() + 1, bytes.end());
  const auto block = BlockView::Parse({copy.data(), copy.size()}, columns);
  if (!block.ok()) return;
  std::vector<uint64_t> values(block->rows());
  for (size_t column = 0; column < columns; ++column) {
    block->Decode(column, 0, block->rows(), values.data());
    // Wrong bytes may give wrong values, but none from outside.
    for (const uint32_t row : {uint32_t{0}, block->rows() / 2, block->rows() - 1}) {
      (void)block->Value(column, row);
    }
    const uint64_t key[] = {values[values.size() / 2]};
    const uint32_t low = block->LowerBound(key), high = block->UpperBound(key);
    Expect(low <= block->rows() && high <= block->rows(), "a bound is outside of the block");
    Expect(block->LowerBound(key, block->rows() / 2) <= block->rows(), "a bound is outside");
  }
}

void DecodeStrings(std::string_view bytes) {
  const std::vector<char> copy(bytes.begin(), bytes.end());
  StringBlockReader reader;
  if (!reader.Open({copy.data(), copy.size()}).ok()) return;
  for (size_t i = 0; i < reader.count(); ++i) reader.Read(i).IgnoreError();
  for (size_t i = reader.count(); i-- > 0;) reader.Read(i).IgnoreError();
}

// The first byte gives the kind.
void DecodeTerms(std::string_view bytes) {
  if (bytes.empty()) return;
  const auto kind = static_cast<TermKind>(static_cast<unsigned char>(bytes[0]) % 16);
  const std::string_view rest = bytes.substr(1);
  if (const std::optional<Term> term = TermFromDictionaryKey(kind, rest)) {
    Expect(KindOf(*term) == kind && DictionaryKey(*term) == rest, "a key is not its term's");
    (void)DisplayText(*term);
    (void)LanguageText(*term);
  }
  if (rest.size() >= 8) {
    uint64_t bits = 0;
    __builtin_memcpy(&bits, rest.data(), sizeof(bits));
    const TermId id = TermId::FromBits(bits);
    if (const std::optional<Term> term = TermFromInlineId(id)) {
      Expect(InlineId(*term) == id, "an id is not its term's");
      (void)DisplayText(*term);
    }
  }
  const absl::StatusOr<Term> bare = ParseBareTerm(rest);
  if (bare.ok() && bare->As<Name>() == nullptr) {
    const absl::StatusOr<Term> again = ParseBareTerm(DisplayText(*bare));
    Expect(again.ok() && *again == *bare, "a term is not read as it is written");
  }
  Meta::Decode(rest).status().IgnoreError();
  PredicateRow::Decode(TermId(), rest).status().IgnoreError();
}

constexpr Target kTargets[] = {
    {"csv", &LoadCsv},       {"tsv", &LoadTsv},           {"jsonl", &LoadJsonLines},
    {"annals", &LoadAnnals}, {"nt", &LoadNTriples},       {"nq", &LoadNQuads},
    {"ttl", &LoadTurtle},    {"trig", &LoadTrig},         {"query", &ParseQuery},
    {"block", &DecodeBlock}, {"strings", &DecodeStrings}, {"terms", &DecodeTerms},
};

}  // namespace

std::span<const Target> Targets() { return kTargets; }

const Target* FindTarget(std::string_view name) {
  const auto* found = std::find_if(std::begin(kTargets), std::end(kTargets),
                                   [&](const Target& target) { return target.name == name; });
  return found == std::end(kTargets) ? nullptr : found;
}

}  // namespace annals::fuzz
