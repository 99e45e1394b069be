// The first and the last facts in time: the same whether the scan is told where they are or not.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include "storage/graph/store.h"
#include "tests/oracle/answers.h"
#include "tests/unit/folder.h"

namespace annals::oracle {
namespace {

// From this many facts of a predicate on the pass fires.
constexpr int kFacts = 20000;

std::string Day(int day) {
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", 1900 + day / 336, day / 28 % 12 + 1,
                day % 28 + 1);
  return text;
}

// Dates of every precision, periods, open ends, and times that have no inline id.
std::string SomeTime(std::mt19937& random) {
  const int day = static_cast<int>(random() % 40000);
  switch (random() % 40) {
    case 0:
      return Day(day).substr(0, 4);
    case 1:
      return Day(day).substr(0, 7);
    case 2:
      return Day(day) + "T10:30";
    case 3:
      return Day(day) + "T10:30:05+09:10";
    case 4:
      return Day(day) + ".." + Day(day + 1 + static_cast<int>(random() % 5000));
    case 5:
      return Day(day) + "..";
    case 6:
      return random() % 20 == 0 ? ".." + Day(day) : Day(day);
    case 7:
      return Day(day) + "T08:00.." + Day(day + 3) + "T09:00";
    case 8:
      return "";
    default:
      return Day(day);
  }
}

}  // namespace

TEST_CASE("first and last facts in time") {
  const Folder folder;
  std::filesystem::create_directory(folder.Database());
  const std::string table = folder.Database() + "/facts.csv";
  {
    std::mt19937 random(static_cast<uint32_t>(FromEnvironment("ANNALS_TEST_SEED", 7)));
    std::ofstream file(table);
    file << "subject,predicate,object,time\n";
    for (int i = 0; i < kFacts; ++i) {
      file << "S" << random() % 500 << ",saw,O" << i << ',' << SomeTime(random) << '\n';
    }
  }
  auto store = Store::Open(folder.Database("store"), {});
  REQUIRE(store.ok());
  SessionImpl session(**store);
  const auto loaded = session.Run("load \"" + table + "\";", {});
  INFO(loaded.status().message());
  REQUIRE(loaded.ok());
  // Some in the delta, too.
  REQUIRE(
      session.Run("add (S1, saw, O1, ..1850) (S2, saw, O2, 2090-01-01T12:00:07+01:10)", {}).ok());

  size_t told = 0;
  for (const std::string order : {"?t", "?t desc", "?t, ?b", "?t desc, ?b desc, ?a"}) {
    for (const std::string limit : {"limit 1", "limit 7", "limit 40 offset 13",
                                    "limit 500 with ties", "limit 2000", "limit 1 with ties"}) {
      for (const std::string find : {"", "find ?t, ?f where ", "find ?t, ?b where "}) {
        const std::string fact = find.find("?f") != std::string::npos ? " as ?f" : "";
        if (!fact.empty() && order.find("?b") != std::string::npos) continue;
        if (!find.empty() && order.find("?a") != std::string::npos) continue;
        const std::string question =
            find + "(?a, saw, ?b, ?t)" + fact + " order by " + order + " " + limit;
        INFO(question);
        session.SetRunOptions({});
        const Rendered plan = [&] {
          auto rows = session.Run("explain " + question, {});
          REQUIRE(rows.ok());
          return Rendered{{rows->message()}, ""};
        }();
        told += plan.rows[0].find("first_times") != std::string::npos;
        Rendered quick = RunEngine(session, question);
        session.SetRunOptions({.optimize = false});
        Rendered slow = RunEngine(session, question);
        CHECK(quick.error.empty());
        REQUIRE(quick.rows.size() == slow.rows.size());
        for (size_t i = 0; i < quick.rows.size() && !find.empty(); ++i) {
          CHECK(quick.rows[i].substr(0, quick.rows[i].find(" | ")) ==
                slow.rows[i].substr(0, slow.rows[i].find(" | ")));
        }
        // Which of equal times come last before the limit is not said.
        const bool whole = order.find(',') != std::string::npos || limit.ends_with("ties");
        if (!whole) continue;
        std::sort(quick.rows.begin(), quick.rows.end());
        std::sort(slow.rows.begin(), slow.rows.end());
        CHECK(quick.rows == slow.rows);
      }
    }
  }
  CHECK(told > 30);
}

}  // namespace annals::oracle
