// Statements that take back much, outside of a transaction and inside one: answers, names, the past
// and what is said about it must be the same.
#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "annals/session.h"
#include "tests/unit/folder.h"

namespace annals {
namespace {

std::string Entity(int i) { return "Entity " + std::to_string(i % 997); }

std::string FactText(int i) {
  const std::string time = i % 11 == 0 ? "" : ", " + std::to_string(1900 + i % 120);
  return "(" + Entity(i) + ", predicate " + std::to_string(i % 7) + ", " + Entity(i / 3 + 500) +
         time + ")";
}

constexpr int kFacts = 6000;
constexpr int kMany = 5000;  // from which on they are taken back by a new generation

// Facts of (Bulletin), and of (Old bulletin), which is merged into it. (Courier) has every
// fourth of them too and says something about every ninth, and so do the bulletins about others.
// They know the same spellings, and some of their own.
std::string DataText() {
  std::string bulletin = "from (Bulletin) {\n", old = "from (Old bulletin) {\n",
              courier = "from (Courier) {\n";
  for (int i = 0; i < kFacts; ++i) {
    std::string& main = i % 10 == 0 ? old : bulletin;
    main += FactText(i) + (i % 5 == 0 ? " {page: " + std::to_string(i % 40) + "}\n" : "\n");
    if (i % 4 == 0) courier += FactText(i) + "\n";
    if (i % 36 == 0) courier += FactText(i) + " {tone: calm}\n";
    if (i % 97 == 0) courier += FactText(i + 100000) + " {page: 1}\n";
  }
  for (int i = 0; i < 300; ++i) {
    const std::string alias =
        "(" + Entity(i) + ", alias, \"Spelling " + std::to_string(i) + "\")\n";
    if (i % 3 != 0) bulletin += alias;
    if (i % 3 != 1) courier += alias;
  }
  return bulletin + "};\n" + old + "};\n" + courier + "};\n";
}

class World {
 public:
  explicit World(const std::string& file) {
    StoreOptions options;
    options.bulk_rows = kMany;
    // Each commit is on a day of its own: 2025-01-01, then 2025-01-02, ...
    options.clock = [this] { return 1735689600 + 86400 * commits_++; };
    auto store = Store::Open(":memory:", options);
    REQUIRE(store.ok());
    store_ = *std::move(store);
    session_ = std::make_unique<SessionImpl>(*store_);
    Say("load \"" + file + "\"; merge (Old bulletin) into (Bulletin)");
  }

  // Answers, whose rows are sorted, and errors, as text.
  std::string Say(const std::string& script) {
    std::ostringstream out;
    const auto answer = [&](Rows& rows) -> absl::Status {
      if (rows.kind() == Rows::Kind::kMessage) out << rows.message() << "\n";
      for (const std::string& note : rows.notes()) out << note << "\n";
      if (rows.kind() != Rows::Kind::kRows) return absl::OkStatus();
      std::stringstream table;
      ANNALS_RETURN_IF_ERROR(WriteRows(rows, {Format::kCsv}, table));
      std::multiset<std::string> lines;
      for (std::string line; std::getline(table, line);) lines.insert(line);
      for (const std::string& line : lines) out << line << "\n";
      return absl::OkStatus();
    };
    const absl::Status status = session_->RunScript(script, "", answer);
    if (!status.ok()) out << status.message() << "\n";
    return out.str();
  }

  // All that is told now. (What predicates are said to range over may be wider after some
  // removals.)
  std::string Everything() {
    return Say(
        "find ?a, ?p, ?b, ?t, ?s where (?a, ?p, ?b, ?t) from ?s;"
        "find ?a, ?p, ?b, ?t, ?k, ?v where (?a, ?p, ?b, ?t) as ?f and (?f, ?k, ?v);"
        "show sources;");
  }

  // And of what was told on a day, in figures, of some facts in full, and what spellings mean.
  std::string Past() {
    std::string script;
    for (int day = 2; day <= 5; ++day) {
      const std::string date = "2025-01-0" + std::to_string(day) + "T12:00Z";
      script +=
          "find count(?f) as facts, count(distinct ?s) as sources where (_, _, _, _) as ?f"
          "  from ?s as of " +
          date + ";" +
          "find ?p, ?b, ?t, ?k, ?v where (Entity 5, ?p, ?b, ?t) as ?f and (?f, ?k, ?v)"
          " as of " +
          date + ";";
    }
    for (int i = 0; i < kFacts; i += 211) {
      script += "history (" + Entity(i) + ", predicate " + std::to_string(i % 7) + ", " +
                Entity(i / 3 + 500) + ");";
    }
    for (int i = 0; i < 30; ++i) {
      script += "find count(?b) as n where (`Spelling " + std::to_string(i) + "`, ?p, ?b, _);";
    }
    return Say(script);
  }

  uint64_t Generation() { return (*store_->GetSnapshot())->Statistics()->generation; }
  Session& session() { return *session_; }

 private:
  int64_t commits_ = 0;
  std::unique_ptr<Store> store_;
  std::unique_ptr<Session> session_;
};

TEST_CASE("what is taken back is the same outside of a transaction and inside") {
  const Folder folder;
  const std::string file = folder.Database("told.annals");
  std::ofstream(file) << DataText();
  World alone(file), inside(file);
  const std::string before = alone.Everything();
  REQUIRE(inside.Everything() == before);
  REQUIRE(alone.Generation() == 1);
  const auto same = [&](const std::string& statement) {
    CAPTURE(statement);
    const std::string said = alone.Say(statement + ";");
    CHECK("transaction begun\n" + said + "committed\n" ==
          inside.Say("begin;" + statement + ";commit;"));
    const bool same_now = alone.Everything() == inside.Everything();
    const bool same_past = alone.Past() == inside.Past();
    CHECK(same_now);
    CHECK(same_past);
    return said;
  };
  CHECK(same("withdraw (Bulletin)") ==
        "6,200 facts lose this source; 4600 of them had no other and are gone\n");
  CHECK(alone.Generation() == 2);
  CHECK(alone.Everything() != before);
  CHECK(same("load \"" + file + "\"").starts_with("loaded"));
  CHECK(same("remove (?a, ?p, ?b, ?t) where (?a, ?p, ?b, ?t) and not (?a, ?p, ?b, ?t) from "
             "(Courier)") == "4,091 facts removed\n");
  CHECK(same("withdraw (Courier)") ==
        "1,762 facts lose this source; 162 of them had no other and are gone\n");
}

TEST_CASE("what takes back much looks at its limits") {
  const Folder folder;
  const std::string file = folder.Database("told.annals");
  std::ofstream(file) << DataText();
  World world(file);
  const std::string before = world.Everything(), past = world.Past();
  Limits limits;
  limits.time = std::chrono::milliseconds(0);
  for (const std::string statement :
       {"withdraw (Bulletin);", "remove (?a, ?p, ?b, ?t) where (?a, ?p, ?b, ?t);"}) {
    CAPTURE(statement);
    world.session().SetLimits(limits);
    CHECK(world.Say(statement).find("time limit") != std::string::npos);
    world.session().SetLimits({});
    CHECK(world.Say("begin;") == "transaction begun\n");
    world.session().SetLimits(limits);
    CHECK(world.Say(statement).find("time limit") != std::string::npos);
    world.session().SetLimits({});
    CHECK(world.Say("commit;") == "committed\n");
    const bool same = world.Everything() == before && world.Past() == past;
    CHECK(same);
  }
}

}  // namespace
}  // namespace annals
