// Tables of statements about what is known: what they show does not depend on how many facts they
// read at once, and the limits of questions hold for them.
#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "annals/annals.h"

namespace annals {
namespace {

using Row = std::vector<std::string>;

class Fixture {
 public:
  Fixture() : database_(*Database::Open(":memory:")), session_(database_->NewSession()) {}

  void Tell(const std::string& statement) {
    const auto rows = session_->Run(statement);
    INFO(rows.status().message());
    REQUIRE(rows.ok());
  }
  std::vector<Row> Ask(const std::string& statement) {
    auto rows = session_->Run(statement);
    INFO(rows.status().message());
    REQUIRE(rows.ok());
    std::vector<Row> all;
    while (true) {
      const auto more = rows->Next();
      REQUIRE(more.ok());
      if (!*more) return all;
      Row& row = all.emplace_back();
      for (size_t i = 0; i < rows->columns().size(); ++i) row.push_back(rows->at(i).text());
    }
  }
  // Of running it to its end.
  absl::StatusCode StatusOf(const std::string& statement) {
    auto rows = session_->Run(statement);
    while (rows.ok()) {
      const auto more = rows->Next();
      if (!more.ok()) return more.status().code();
      if (!*more) return absl::StatusCode::kOk;
    }
    return rows.status().code();
  }
  Session& session() { return *session_; }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

// P0, P1... whom Hub met, most of them with sources and qualifiers.
void TellOfMany(Fixture& fixture, int people) {
  std::string script;
  for (int i = 0; i < people; ++i) {
    const std::string n = std::to_string(i);
    std::string time =
        i % 7 == 0 ? "" : ", 20" + std::to_string(10 + i % 13) + "-0" + std::to_string(1 + i % 9);
    const std::string fact = "(Hub, met, P" + n + time + ")";
    script += fact;
    if (i % 5 == 0) script += " {place: Town " + std::to_string(i % 4) + ", topic: peace}";
    if (i % 3 != 0) script += " from (S" + std::to_string(i % 3) + ")";
    if (i % 6 == 2) script += " " + fact + " from (T)";
    script += "\n";
  }
  fixture.Tell("add " + script);
  fixture.Tell("rule (?a, knows, ?b) if (?b, met, ?a)");
}

TEST_CASE("a fact is described the same alone and among many") {
  Fixture fixture;
  constexpr int kPeople = 300;
  TellOfMany(fixture, kPeople);
  const std::vector<Row> all = fixture.Ask("describe (Hub)");
  std::set<Row> told;
  for (int i = 0; i < kPeople; ++i) {
    for (Row& row : fixture.Ask("describe (P" + std::to_string(i) + ")")) {
      told.insert(std::move(row));
    }
  }
  // Each has met it, and is known by it.
  CHECK(told.size() == 2 * kPeople);
  CHECK(std::set<Row>(all.begin(), all.end()) == told);
  CHECK(all.size() == told.size());
  std::vector<Row> dated;
  for (const Row& row : all) {
    if (!row[0].empty()) dated.push_back(row);
  }
  CHECK(fixture.Ask("timeline (Hub)") == dated);
  size_t with_sources = 0, with_qualifiers = 0;
  for (const Row& row : all) {
    with_qualifiers += row[4].empty() ? 0 : 1;
    with_sources += row[5].empty() ? 0 : 1;
  }
  CHECK(with_sources == 200);
  CHECK(with_qualifiers == 60);
}

TEST_CASE("limits hold for tables") {
  Fixture fixture;
  TellOfMany(fixture, 300);
  fixture.Tell("predicate (met) {is: single}");
  for (const std::string statement : {"describe (Hub)", "timeline (Hub)", "conflicts (met)"}) {
    INFO(statement);
    fixture.session().SetLimits({});
    CHECK(fixture.StatusOf(statement) == absl::StatusCode::kOk);
    Limits rows;
    rows.rows = 10;
    fixture.session().SetLimits(rows);
    CHECK(fixture.StatusOf(statement) == absl::StatusCode::kResourceExhausted);
    Limits memory;
    memory.memory_bytes = 20000;
    fixture.session().SetLimits(memory);
    CHECK(fixture.StatusOf(statement) == absl::StatusCode::kResourceExhausted);
    Limits time;
    time.time = std::chrono::milliseconds(0);
    fixture.session().SetLimits(time);
    CHECK(fixture.StatusOf(statement) == absl::StatusCode::kDeadlineExceeded);
  }
}

}  // namespace
}  // namespace annals
