// In-process figures that need no data set: telling, a point question, a scan, a join, over a
// generated store in memory.
#include <benchmark/benchmark.h>

#include <string>

#include "annals/annals.h"

namespace {

constexpr int kPeople = 2000;
constexpr int kFacts = 20000;

std::unique_ptr<annals::Database> MakeDatabase() {
  auto database = annals::Database::Open(":memory:");
  if (!database.ok()) std::abort();
  const auto session = (*database)->NewSession();
  uint64_t random = 1;
  const auto below = [&random](uint64_t n) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    return (random >> 33) % n;
  };
  std::string script = "add";
  for (int i = 0; i < kFacts; ++i) {
    script += " (P" + std::to_string(below(kPeople)) + ", met, P" + std::to_string(below(kPeople)) +
              ", 20" + std::to_string(10 + below(15)) + ")";
  }
  if (!session->Run(script).ok()) std::abort();
  return std::move(*database);
}

void Count(benchmark::State& state, const std::string& question) {
  static const std::unique_ptr<annals::Database> database = MakeDatabase();
  const auto session = database->NewSession();
  uint64_t rows = 0;
  for (auto _ : state) {
    auto answer = session->Run(question);
    if (!answer.ok()) {
      state.SkipWithError(std::string(answer.status().message()).c_str());
      return;
    }
    while (*answer->Next()) ++rows;
  }
  state.counters["rows/s"] =
      benchmark::Counter(static_cast<double>(rows), benchmark::Counter::kIsRate);
}

void PointQuestion(benchmark::State& state) { Count(state, "(P7, met, ?who, ?when);"); }
void Scan(benchmark::State& state) { Count(state, "(?a, met, ?b, ?t);"); }
void TwoPatternJoin(benchmark::State& state) {
  Count(state, "find count(*) where (?a, met, ?b, 2015) and (?b, met, ?c, 2016);");
}
void GroupByYear(benchmark::State& state) {
  Count(state, "find ?t, count(*) as n where (?a, met, ?b, ?t) order by ?t;");
}

BENCHMARK(PointQuestion)->Unit(benchmark::kMicrosecond);
BENCHMARK(Scan)->Unit(benchmark::kMillisecond);
BENCHMARK(TwoPatternJoin)->Unit(benchmark::kMillisecond);
BENCHMARK(GroupByYear)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
