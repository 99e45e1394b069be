// Asks questions of a database inside one process and prints how long each took, for
// bench/peers.py:
//   annals_ask DATABASE RUNS < questions (one a line)
// prints a line for each: the first row as text, a tab, the seconds of every run joined by commas.
#include <chrono>
#include <iostream>
#include <string>

#include "annals/annals.h"

namespace {

absl::StatusOr<std::string> Ask(annals::Session& session, const std::string& question) {
  auto rows = session.Run(question);
  if (!rows.ok()) return rows.status();
  std::string first;
  bool begun = false;
  while (true) {
    const auto more = rows->Next();
    if (!more.ok()) return more.status();
    if (!*more) return first;
    if (begun) continue;
    begun = true;
    for (size_t i = 0; i < rows->columns().size(); ++i) {
      first += (i > 0 ? "|" : "") + rows->at(i).text();
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: annals_ask DATABASE RUNS < questions\n";
    return 2;
  }
  annals::DatabaseOptions options;
  options.read_only = true;
  const auto database = annals::Database::Open(argv[1], options);
  if (!database.ok()) {
    std::cerr << database.status().message() << '\n';
    return 4;
  }
  const auto session = (*database)->NewSession();
  const int runs = std::stoi(argv[2]);
  std::string question;
  while (std::getline(std::cin, question)) {
    std::string times;
    absl::StatusOr<std::string> answer = std::string();
    for (int run = 0; run < runs; ++run) {
      const auto begin = std::chrono::steady_clock::now();
      answer = Ask(*session, question);
      const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
      if (!answer.ok()) {
        std::cerr << question << '\n' << answer.status().message() << '\n';
        return 1;
      }
      times += (run > 0 ? "," : "") + std::to_string(took.count());
    }
    std::cout << *answer << '\t' << times << '\n';
  }
  return 0;
}
