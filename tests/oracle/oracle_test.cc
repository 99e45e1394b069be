// The engine against the naive evaluator: random stores, random questions, all must agree, with the
// delta empty, full and just folded, the optimizer on and off, batches of one and of many.
#include <algorithm>
#include <catch2/catch.hpp>
#include <iostream>

#include "annals/session.h"
#include "annals/value.h"
#include "query/native/parser.h"
#include "storage/graph/store.h"
#include "tests/oracle/answers.h"
#include "tests/oracle/generator.h"
#include "tests/oracle/naive.h"

namespace annals::oracle {
namespace {

constexpr int kWorlds = 600;
constexpr int kQuestionsPerWorld = 50;

std::string FactTextOf(const World& world, uint64_t number) {
  const NaiveFact* fact = world.Find(number);
  if (fact == nullptr) return "no fact";
  const auto* about = fact->subject.As<FactRef>();
  std::string text =
      "(" + (about != nullptr ? FactTextOf(world, about->number) : LanguageText(fact->subject));
  text += ", " + LanguageText(fact->predicate) + ", " + LanguageText(fact->object);
  if (fact->time.has_value()) text += ", " + fact->time->ToString();
  return text + ")";
}

std::vector<std::string> RunNaive(const World& world, const native::Find& find) {
  const Answer answer = Naive(world).Ask(find);
  if (answer.columns.empty()) return {answer.yes ? "yes" : "no"};
  const FactText fact_text = [&](uint64_t number) { return FactTextOf(world, number); };
  std::vector<std::string> rows;
  for (const auto& row : answer.rows) {
    std::string line;
    for (const Term& term : row) line += CellText(ToValue(term, fact_text)) + " | ";
    rows.push_back(line);
  }
  return rows;
}

std::string Joined(const std::vector<std::string>& rows) {
  std::string text;
  for (const std::string& row : rows) text += "  " + row + "\n";
  return text;
}

class WorldTest {
 public:
  explicit WorldTest(uint64_t seed) : generator_(seed) {
    StoreOptions options;
    options.block_rows = 4;
    auto store = Store::Open(":memory:", options);
    REQUIRE(store.ok());
    store_ = std::move(*store);
    session_ = std::make_unique<SessionImpl>(*store_);
    script_ = generator_.TellNames(&world_) + "\n";
    REQUIRE(session_->Run(script_, {}).ok());
  }

  void Tell(int statements) {
    for (int i = 0; i < statements; ++i) {
      const std::string statement = generator_.Tell(&world_);
      script_ += statement + "\n";
      const auto told = session_->Run(statement, {});
      INFO(script_);
      if (!told.ok()) INFO(told.status().message());
      REQUIRE(told.ok());
    }
  }
  void Fold() { REQUIRE(store_->Fold().ok()); }

  // False if the question has no meaning (an error of the engine): it is not counted.
  bool Check() {
    const std::string question = generator_.Question();
    const SourceText text(question);
    size_t offset = 0;
    const auto parsed = native::ParseNext(text, &offset);
    INFO(question);
    REQUIRE(parsed.ok());
    const native::Find& find = std::get<native::Ask>((*parsed)->node).question;
    session_->SetRunOptions({true, 2048});
    const Rendered first = RunEngine(*session_, question);
    if (!first.error.empty()) {
      INFO(first.error);
      // Scoping faults are the generator's; anything else is the engine's.
      REQUIRE(first.error.find("line 1, column") == 0);
      return false;
    }
    std::vector<std::string> expected = RunNaive(world_, find);
    const bool ordered = !find.order.empty();
    if (!ordered) std::sort(expected.begin(), expected.end());
    for (const RunOptions& run :
         {RunOptions{true, 2048}, RunOptions{true, 1}, RunOptions{false, 2048},
          RunOptions{false, 1}, RunOptions{true, 2048, {3, 1, 1}}}) {
      session_->SetRunOptions(run);
      Rendered actual = RunEngine(*session_, question);
      if (!ordered) std::sort(actual.rows.begin(), actual.rows.end());
      INFO("optimizer " << run.optimize << ", batch " << run.batch_rows << ", threads "
                        << run.parallelism.threads);
      INFO(script_);
      INFO("engine:\n" << Joined(actual.rows) << actual.error);
      INFO("naive:\n" << Joined(expected));
      REQUIRE(actual.rows == expected);
      REQUIRE(actual.error.empty());
    }
    return true;
  }

 private:
  Generator generator_;
  World world_;
  std::unique_ptr<Store> store_;
  std::unique_ptr<SessionImpl> session_;
  std::string script_;
};

}  // namespace

TEST_CASE("random questions agree with the naive evaluator") {
  const uint64_t seed = FromEnvironment("ANNALS_TEST_SEED", 20241129);
  const uint64_t worlds = kWorlds * FromEnvironment("ANNALS_TEST_EFFORT", 100) / 100;
  const uint64_t first = FromEnvironment("ANNALS_TEST_FIRST", 0);
  uint64_t agreed = 0, refused = 0;
  for (uint64_t world = first; world < first + worlds; ++world) {
    INFO("world " << world << " of seed " << seed);
    WorldTest test(seed * 1000003 + world);
    // All in the delta; all folded; folded with a delta above.
    test.Tell(8);
    if (world % 3 > 0) test.Fold();
    if (world % 3 != 1) test.Tell(8);
    if (world % 3 == 1) {
      test.Tell(8);
      test.Fold();
    }
    for (int i = 0; i < kQuestionsPerWorld;) {
      if (test.Check()) {
        ++i;
        ++agreed;
      } else {
        ++refused;
      }
    }
  }
  std::cout << agreed << " questions agree; " << refused << " more had a fault of scope\n";
  REQUIRE(agreed == worlds * kQuestionsPerWorld);
  // The generator must not mostly make questions that are refused.
  REQUIRE(refused < agreed);
}

}  // namespace annals::oracle
