// What one small question costs inside the process: as text, prepared, and prepared with another
// parameter each time.
//
//     annals_point DATABASE QUESTION [NAME...]
//
// The names are the values of $name, taken in turn. Prints the median of several rounds.
#include <algorithm>
#include <chrono>
#include <functional>
#include <iostream>
#include <string>
#include <vector>

#include "annals/annals.h"

namespace {

constexpr int kRounds = 9;
constexpr int kRuns = 2000;

bool Drain(absl::StatusOr<annals::Rows> rows) {
  while (rows.ok()) {
    const auto more = rows->Next();
    if (!more.ok()) return false;
    if (!*more) return true;
  }
  std::cerr << "error: " << rows.status().message() << '\n';
  return false;
}

// Microseconds a run; 0 after an error.
double Median(const std::function<bool(int)>& run) {
  std::vector<double> rounds;
  for (int round = 0; round < kRounds; ++round) {
    const auto began = std::chrono::steady_clock::now();
    for (int i = 0; i < kRuns; ++i) {
      if (!run(i)) return 0;
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
    rounds.push_back(took.count() / kRuns);
  }
  std::sort(rounds.begin(), rounds.end());
  return rounds[kRounds / 2];
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 3) {
    std::cerr << "expected a database, a question, and names for $name\n";
    return 2;
  }
  annals::DatabaseOptions options;
  options.read_only = true;
  const auto database = annals::Database::Open(arguments[1], options);
  if (!database.ok()) {
    std::cerr << "error: " << database.status().message() << '\n';
    return 1;
  }
  const auto session = (*database)->NewSession();
  const std::string question = arguments[2];
  std::vector<annals::Parameters> parameters;
  for (int i = 3; i < count; ++i) {
    parameters.push_back({{"name", annals::Value::Name(arguments[i])}});
  }
  if (parameters.empty()) parameters.emplace_back();
  const auto prepared = session->Prepare(question);
  if (!prepared.ok()) {
    std::cerr << "error: " << prepared.status().message() << '\n';
    return 1;
  }
  const double text = Median([&](int) { return Drain(session->Run(question, parameters[0])); });
  const double same = Median([&](int) { return Drain((*prepared)->Run(parameters[0])); });
  const double turns = Median([&](int i) {
    return Drain((*prepared)->Run(parameters[static_cast<size_t>(i) % parameters.size()]));
  });
  std::cout << "as text " << text << " us, prepared " << same << " us, with parameters in turn "
            << turns << " us\n";
  return text > 0 && same > 0 && turns > 0 ? 0 : 1;
}
