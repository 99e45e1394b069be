// The W3C's suites of RDF: w3c_test FOLDER. What is sound loads, and with as many facts as the
// expected result has; what is not is refused. Exits 77 where the suites are not there.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "annals/annals.h"

namespace annals {
namespace {

constexpr std::string_view kSuites[] = {"rdf-n-triples", "rdf-n-quads", "rdf-turtle", "rdf-trig"};

// Files, by a part of their names, that are sound and refused all the same.
struct Exception {
  std::string_view part, reason;
};
constexpr Exception kExceptions[] = {
    {"_all_controls", "holds U+0000, which no text of a database may hold"},
    {"test-38.", "writes one character as two surrogates, which RDF 1.1 does not allow"},
    {"_ascii_boundaries", "holds U+0000, which no text of a database may hold"},
};

class Suite {
 public:
  Suite() : database_(*Database::Open(":memory:")), session_(database_->NewSession()) {}

  // How many facts the file holds, or an error.
  absl::StatusOr<int64_t> Load(const std::string& path) {
    if (auto begun = session_->Run("begin"); !begun.ok()) return begun.status();
    auto loaded = session_->Run("load \"" + path + "\"");
    absl::StatusOr<int64_t> facts = loaded.ok() ? Count() : loaded.status();
    if (auto undone = session_->Run("rollback"); !undone.ok()) return undone.status();
    return facts;
  }

 private:
  absl::StatusOr<int64_t> Count() {
    auto rows = session_->Run("find count(?f) as n where (?s, ?p, ?o) as ?f");
    if (!rows.ok()) return rows.status();
    if (auto more = rows->Next(); !more.ok()) return more.status();
    return rows->at(0).integer();
  }

  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

std::string_view ExceptionFor(const std::string& file) {
  for (const Exception& exception : kExceptions) {
    if (file.find(exception.part) != std::string::npos) return exception.reason;
  }
  return "";
}

int Run(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  if (!fs::exists(folder / kSuites[0])) {
    std::cout << "SKIPPED: there are no W3C suites in " << folder
              << "; configure with -DANNALS_W3C_SUITES=FOLDER\n";
    return 77;
  }
  Suite suite;
  int tests = 0, failures = 0, exceptions = 0;
  for (std::string_view name : kSuites) {
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(folder / name)) {
      const std::string file = entry.path().filename().string();
      const std::string ending = entry.path().extension().string();
      if (file == "manifest.ttl" ||
          (ending != ".nt" && ending != ".nq" && ending != ".ttl" && ending != ".trig")) {
        continue;
      }
      ++tests;
      const bool bad = file.find("-bad-") != std::string::npos;
      const auto facts = suite.Load(entry.path().string());
      std::string fault;
      if (bad && facts.ok()) fault = "is wrong and was loaded";
      if (!bad && !facts.ok()) fault = "was refused: " + std::string(facts.status().message());
      fs::path result = entry.path();
      result.replace_extension(ending == ".ttl" ? ".nt" : ending == ".trig" ? ".nq" : "");
      if (!bad && facts.ok() && (ending == ".ttl" || ending == ".trig") && fs::exists(result)) {
        const auto expected = suite.Load(result.string());
        if (expected.ok() && *expected != *facts) {
          fault = "gives " + std::to_string(*facts) + " facts, not " + std::to_string(*expected);
        }
      }
      const std::string_view reason = ExceptionFor(file);
      if (fault.empty() && reason.empty()) continue;
      if (!reason.empty() && !fault.empty()) {
        ++exceptions;
        continue;
      }
      if (fault.empty()) continue;
      ++failures;
      std::cout << name << '/' << file << ' ' << fault << '\n';
    }
  }
  std::cout << tests << " files, " << exceptions << " exceptions, " << failures << " failures\n";
  return failures == 0 && tests > 0 ? 0 : 1;
}

}  // namespace
}  // namespace annals

int main(int argc, char** argv) { return annals::Run(argc > 1 ? argv[1] : "."); }
