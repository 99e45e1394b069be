// How long a reader waits for its answers while the same process loads a table.
//
//     annals_read_while_loading DATABASE TABLE [EVERY_MILLISECONDS [SECONDS]]
//
// One thread asks a prepared question about one entity after the other, every 2 milliseconds: for
// 5 seconds before the load, all through it, and for 5 seconds after it. Another thread loads.
// Prints how many questions were asked and microseconds from asking to the last row. What the
// scheduler takes to wake the reader is not counted, but what it takes from it while it runs is.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <string>
#include <thread>
#include <vector>

#include "annals/annals.h"

namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kNames = "find ?s where (?s, ?p, ?o) limit 2000;";
constexpr const char* kQuestion = "find ?p, ?o, ?t where ($name, ?p, ?o, ?t) limit 20;";

enum Phase { kBefore, kDuring, kAfter, kOver };

[[noreturn]] void Fail(const absl::Status& status) {
  std::cerr << "error: " << status.message() << '\n';
  std::exit(1);
}

// Calls `use` for each row; returns when all were read.
template <typename Use>
void Read(absl::StatusOr<annals::Rows> rows, const Use& use) {
  if (!rows.ok()) Fail(rows.status());
  while (true) {
    const auto more = rows->Next();
    if (!more.ok()) Fail(more.status());
    if (!*more) return;
    use(*rows);
  }
}

std::vector<annals::Parameters> Entities(annals::Session& session) {
  std::vector<annals::Parameters> entities;
  Read(session.Run(kNames), [&](const annals::Rows& rows) {
    entities.push_back({{"name", annals::Value::Name(rows.at(0).text())}});
  });
  return entities;
}

// Asks until the phase is over; microseconds of each answer, by phase.
void Ask(annals::Database& database, std::chrono::milliseconds every,
         const std::atomic<Phase>& phase, std::vector<double> (&taken)[kOver]) {
  const auto session = database.NewSession();
  const std::vector<annals::Parameters> entities = Entities(*session);
  if (entities.empty()) Fail(absl::NotFoundError("the database holds no facts"));
  const auto question = session->Prepare(kQuestion);
  if (!question.ok()) Fail(question.status());
  auto due = Clock::now();
  for (size_t i = 0; phase != kOver; ++i) {
    std::this_thread::sleep_until(due);
    const auto began = Clock::now();
    Read((*question)->Run(entities[i % entities.size()]), [](const annals::Rows&) {});
    const auto ended = Clock::now();
    const Phase now = phase;
    if (now != kOver) {
      taken[now].push_back(std::chrono::duration<double, std::micro>(ended - began).count());
    }
    due = std::max(due + every, ended);
  }
}

void Print(const char* phase, std::vector<double>& taken) {
  std::sort(taken.begin(), taken.end());
  const auto at = [&](double share) {
    return taken.empty()
               ? 0.0
               : taken[static_cast<size_t>(share * static_cast<double>(taken.size() - 1))];
  };
  std::printf("%-8s %8zu %8.0f %8.0f %8.0f %8.0f\n", phase, taken.size(), at(0.5), at(0.99),
              at(0.999), at(1));
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "expected a database that holds facts, and a table to load\n";
    return 2;
  }
  const std::chrono::milliseconds every(count > 3 ? std::atoi(arguments[3]) : 2);
  const std::chrono::seconds around(count > 4 ? std::atoi(arguments[4]) : 5);
  const auto database = annals::Database::Open(arguments[1]);
  if (!database.ok()) Fail(database.status());
  std::atomic<Phase> phase = kBefore;
  std::vector<double> taken[kOver];
  std::thread reader([&] { Ask(**database, every, phase, taken); });
  std::this_thread::sleep_for(around);
  phase = kDuring;
  const auto began = Clock::now();
  const auto loaded = (*database)->NewSession()->Run("load \"" + std::string(arguments[2]) + "\";");
  const std::chrono::duration<double> took = Clock::now() - began;
  if (!loaded.ok()) Fail(loaded.status());
  phase = kAfter;
  std::this_thread::sleep_for(around);
  phase = kOver;
  reader.join();
  std::printf("%s in %.1f s\n", loaded->message().c_str(), took.count());
  std::printf("%-8s %8s %8s %8s %8s %8s\n", "us", "asked", "p50", "p99", "p99.9", "most");
  Print("before", taken[kBefore]);
  Print("during", taken[kDuring]);
  Print("after", taken[kAfter]);
  return 0;
}
