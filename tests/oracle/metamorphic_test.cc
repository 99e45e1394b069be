// Questions that must have the same answers: written in another way, or asked of a store that came
// to the same facts in another way.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>
#include <memory>
#include <vector>

#include "storage/graph/store.h"
#include "tests/oracle/answers.h"
#include "tests/oracle/generator.h"
#include "tests/unit/folder.h"

namespace annals::oracle {
namespace {

constexpr int kWorlds = 40;
constexpr int kFormulasPerWorld = 25;

class Asked {
 public:
  explicit Asked(const std::string& path) : path_(path) { Open(); }

  void Open() {
    session_.reset();
    store_.reset();
    StoreOptions options;
    options.block_rows = 4;
    auto store = Store::Open(path_, options);
    REQUIRE(store.ok());
    store_ = std::move(*store);
    session_ = std::make_unique<SessionImpl>(*store_);
  }
  void Fold() { REQUIRE(store_->Fold().ok()); }
  void Tell(const std::string& statement) {
    INFO(statement);
    REQUIRE(session_->Run(statement, {}).ok());
  }
  Rendered Ask(const std::string& question) {
    Rendered result = RunEngine(*session_, question);
    std::sort(result.rows.begin(), result.rows.end());
    return result;
  }

 private:
  const std::string path_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SessionImpl> session_;
};

std::string Find(const Generator::Names& columns, const std::string& formula) {
  std::string items;
  for (const std::string& column : columns) items += (items.empty() ? "?" : ", ?") + column;
  return "find " + items + " where " + formula + ";";
}

// Two stores of one world: one told bit by bit in memory; one in a folder, told in two lots, folded
// between them and opened again.
class MetamorphicWorld {
 public:
  MetamorphicWorld(uint64_t seed, int way)
      : generator_(seed), one_(":memory:"), other_(folder_.Database()) {
    World world;
    std::vector<std::string> lots[2];
    Tell(generator_.TellNames(&world), &lots[0]);
    for (int i = 0; i < 16; ++i) Tell(generator_.Tell(&world), &lots[i / 8]);
    for (const std::vector<std::string>& lot : lots) {
      for (const std::string& statement : lot) other_.Tell(statement);
      if (way % 2 == 0) other_.Fold();
      other_.Open();
    }
    if (way % 3 == 0) one_.Fold();
  }

  // False if the formula has a fault of scope.
  bool Check() {
    Generator::Part left, right;
    while (left.bound.empty()) left = generator_.Formula();
    while (right.bound.empty()) right = generator_.Formula();
    const std::string condition = generator_.Condition(left.bound);
    const std::string& a = left.text;
    const std::string& b = right.text;
    const std::string parts =
        "{ " + a + " } and " + condition + " or { " + a + " } and not " + condition;
    if (!Same(left.bound, "{ " + a + " }", {a, "{ " + a + " or " + a + " }", parts})) return false;
    Generator::Names both = left.bound;
    for (const std::string& name : right.bound) {
      if (std::find(both.begin(), both.end(), name) == both.end()) both.push_back(name);
    }
    return Same(both, "{ " + a + " } and { " + b + " }", {"{ " + b + " } and { " + a + " }"}) &&
           Same(both, "{ " + a + " or " + b + " }", {"{ " + b + " or " + a + " }"});
  }

  // Questions that had an answer.
  uint64_t found() const { return found_; }

 private:
  void Tell(const std::string& statement, std::vector<std::string>* lot) {
    lot->push_back(statement);
    one_.Tell(statement);
  }

  bool Same(const Generator::Names& columns, const std::string& formula,
            const std::vector<std::string>& forms) {
    const std::string question = Find(columns, formula);
    const Rendered expected = one_.Ask(question);
    INFO(question);
    INFO(expected.error);
    if (!expected.error.empty()) {
      REQUIRE(expected.error.find("line 1, column") == 0);
      return false;
    }
    found_ += expected.rows.empty() ? 0 : 1;
    CompareWith(expected, other_.Ask(question));
    for (const std::string& form : forms) {
      INFO("as: " << form);
      CompareWith(expected, one_.Ask(Find(columns, form)));
    }
    return true;
  }
  static void CompareWith(const Rendered& expected, const Rendered& actual) {
    INFO(actual.error);
    REQUIRE(actual.error.empty());
    REQUIRE(actual.rows == expected.rows);
  }

  Generator generator_;
  uint64_t found_ = 0;
  const Folder folder_;
  Asked one_, other_;
};

}  // namespace

TEST_CASE("questions in other words and stores with other pasts have the same answers") {
  const uint64_t seed = FromEnvironment("ANNALS_TEST_SEED", 20241129);
  const uint64_t worlds = kWorlds * FromEnvironment("ANNALS_TEST_EFFORT", 100) / 100;
  uint64_t agreed = 0, refused = 0, found = 0;
  for (uint64_t i = 0; i < worlds; ++i) {
    INFO("world " << i << " of seed " << seed);
    MetamorphicWorld world(seed * 1000003 + i, static_cast<int>(i));
    for (int formulas = 0; formulas < kFormulasPerWorld; ++formulas) {
      ++(world.Check() ? agreed : refused);
    }
    found += world.found();
  }
  std::cout << agreed << " formulas keep their answers; " << refused << " had a fault of scope\n";
  REQUIRE(refused <= agreed);
  REQUIRE(found > agreed / 4);
}

}  // namespace annals::oracle
