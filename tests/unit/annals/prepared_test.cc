// Prepared statements: the plan of the first run must not outlive what it was made for.
#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "annals/annals.h"

namespace annals {
namespace {

class Fixture {
 public:
  Fixture() {
    auto database = Database::Open(":memory:");
    REQUIRE(database.ok());
    database_ = std::move(*database);
    session_ = database_->NewSession();
    Tell(
        "add (Ada, met, Charles, 1833-06-05) (Ada, met, Mary, 1834) (Mary, met, Ada, 1835)"
        "    (Charles, met, `1984`)");
    Tell("alias (Charles) \"Babbage\"");
  }

  void Tell(const std::string& statement) {
    const auto rows = session_->Run(statement);
    INFO(rows.status().message());
    REQUIRE(rows.ok());
  }
  std::unique_ptr<PreparedStatement> Prepare(const std::string& statement) {
    auto prepared = session_->Prepare(statement);
    INFO(prepared.status().message());
    REQUIRE(prepared.ok());
    return std::move(*prepared);
  }
  Session& session() { return *session_; }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

// Rows as "a b; c d", notes in brackets, an error as its first line.
std::string Answer(absl::StatusOr<Rows> rows) {
  if (!rows.ok()) {
    const std::string message(rows.status().message());
    return message.substr(0, message.find('\n'));
  }
  if (rows->kind() == Rows::Kind::kYesNo) return rows->yes() ? "yes" : "no";
  if (rows->kind() == Rows::Kind::kMessage) return rows->message();
  std::string text;
  while (true) {
    const auto more = rows->Next();
    REQUIRE(more.ok());
    if (!*more) break;
    if (!text.empty()) text += "; ";
    for (size_t i = 0; i < rows->columns().size(); ++i) {
      text += (i == 0 ? "" : " ") + rows->at(i).text();
    }
  }
  for (const std::string& note : rows->notes()) text += " [" + note + "]";
  return text;
}

Parameters Whom(const std::string& name) { return {{"whom", Value::Name(name)}}; }

}  // namespace

TEST_CASE_METHOD(Fixture, "a prepared question is asked with one name after another") {
  const auto prepared = Prepare("(?who, met, $whom) order by ?who;");
  CHECK(Answer(prepared->Run(Whom("Mary"))) == "Ada");
  CHECK(Answer(prepared->Run(Whom("Ada"))) == "Mary");
  CHECK(Answer(prepared->Run(Whom("Babbage"))) == Answer(session().Run("(?who, met, Babbage)")));
  CHECK(Answer(prepared->Run(Whom("mary"))) == Answer(session().Run("(?who, met, mary)")));
  CHECK(Answer(prepared->Run(Whom("Marie"))) == Answer(session().Run("(?who, met, Marie)")));
  CHECK(Answer(prepared->Run(Whom("Mary"))) == "Ada");
  // Data of any kind, not only names.
  CHECK(Answer(prepared->Run({{"whom", Value::Integer(1984)}})).empty());
  CHECK(Answer(prepared->Run(Whom("1984"))) == "Charles");
}

TEST_CASE_METHOD(Fixture, "a prepared question sees what was told since") {
  const auto prepared = Prepare("(?who, met, $whom) order by ?who");
  const auto counted = Prepare("find count(*) where (?who, met, _)");
  CHECK(Answer(prepared->Run(Whom("Zoe"))) == Answer(session().Run("(?who, met, Zoe)")));
  CHECK(Answer(counted->Run()) == "3");
  Tell("add (Mary, met, Zoe)");
  CHECK(Answer(prepared->Run(Whom("Zoe"))) == "Mary");
  Tell("begin");
  Tell("add (Ada, met, Zoe) (Zoe, met, Ada)");
  CHECK(Answer(prepared->Run(Whom("Zoe"))) == "Ada; Mary");
  CHECK(Answer(counted->Run()) == "4");
  Tell("rollback");
  CHECK(Answer(prepared->Run(Whom("Zoe"))) == "Mary");
  CHECK(Answer(counted->Run()) == "3");
}

TEST_CASE_METHOD(Fixture, "parameters stand in conditions, limits and times too") {
  const auto after = Prepare("find ?b where (?a, met, ?b, ?t) and ?t after $when order by ?b");
  CHECK(Answer(after->Run({{"when", *Value::Time("1833")}})) == "Ada; Mary");
  CHECK(Answer(after->Run({{"when", *Value::Time("1834")}})) == "Ada");
  const auto at = Prepare("find ?b where (Ada, met, ?b, $when)");
  CHECK(Answer(at->Run({{"when", *Value::Time("1834")}})) == "Mary");
  CHECK(Answer(at->Run({{"when", *Value::Time("1833")}})) == "Charles");
  const auto some = Prepare("find ?a, ?b where (?a, met, ?b) order by ?a, ?b limit $n");
  CHECK(Answer(some->Run({{"n", Value::Integer(1)}})) == "Ada Charles");
  CHECK(Answer(some->Run({{"n", Value::Integer(2)}})) == "Ada Charles; Ada Mary");
  const auto equal = Prepare("find ?b where (Ada, met, ?b) and ?b = $whom");
  CHECK(Answer(equal->Run(Whom("Mary"))) == "Mary");
  CHECK(Answer(equal->Run(Whom("Charles"))) == "Charles");
}

TEST_CASE_METHOD(Fixture, "a name that is given twice is put in both places") {
  const auto both = Prepare("find ?x where (?x, met, $whom) and ($whom, met, ?x)");
  CHECK(Answer(both->Run(Whom("Ada"))) == "Mary");
  CHECK(Answer(both->Run(Whom("Mary"))) == "Ada");
  CHECK(Answer(both->Run(Whom("Charles"))).empty());
}

TEST_CASE_METHOD(Fixture, "rows go on with the plan that they began with") {
  const auto prepared = Prepare("(?who, met, $whom)");
  auto first = prepared->Run(Whom("Mary"));
  CHECK(Answer(prepared->Run(Whom("Ada"))) == "Mary");
  CHECK(Answer(std::move(first)) == "Ada");
}

TEST_CASE_METHOD(Fixture, "statements that tell are prepared as well") {
  const auto prepared = Prepare("add (Ada, met, $whom)");
  CHECK(Answer(prepared->Run(Whom("Zoe"))) == "1 fact added");
  CHECK(Answer(prepared->Run(Whom("Zoe"))) == "0 facts added; 1 was known");
  CHECK(Answer(prepared->Run(Whom("Yuri"))) == "1 fact added");
}

TEST_CASE_METHOD(Fixture, "faults are told when they are found") {
  CHECK_FALSE(session().Prepare("(?who, met").ok());
  CHECK_FALSE(session().Prepare("(a, b, c); (a, b, c)").ok());
  const auto prepared = Prepare("(?who, met, $whom)");
  CHECK_FALSE(prepared->Run().ok());
  CHECK(Answer(prepared->Run(Whom("Mary"))) == "Ada");
  CHECK(Prepare("-- nothing")->Run().ok());
}

}  // namespace annals
