// Answers questions of a database for bench/peers.py, one process for all of them:
//   annals_ask DATABASE [THREADS] < questions (one a line)
// prints the seconds that opening took, then a line for each question as it comes: the seconds from
// its text to its last row, a tab, the first row's values joined by '|'.
#include <chrono>
#include <iostream>
#include <string>

#include "annals/annals.h"

namespace {

class Stopwatch {
 public:
  double Seconds() const {
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
    return passed.count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

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
  if (argc != 2 && argc != 3) {
    std::cerr << "usage: annals_ask DATABASE [THREADS] < questions\n";
    return 2;
  }
  const Stopwatch opening;
  annals::DatabaseOptions options;
  options.read_only = true;
  if (argc == 3) options.threads = std::stoul(argv[2]);
  const auto database = annals::Database::Open(argv[1], options);
  if (!database.ok()) {
    std::cerr << database.status().message() << '\n';
    return 4;
  }
  const auto session = (*database)->NewSession();
  std::cout << opening.Seconds() << std::endl;
  std::string question;
  while (std::getline(std::cin, question)) {
    const Stopwatch asking;
    const auto answer = Ask(*session, question);
    const double seconds = asking.Seconds();
    if (!answer.ok()) {
      std::cerr << question << '\n' << answer.status().message() << '\n';
      return 1;
    }
    std::cout << seconds << '\t' << *answer << std::endl;
  }
  return 0;
}
