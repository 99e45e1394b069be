// How far a load is, on a terminal: a line that is written over as the load goes on, and one that
// stays when it is done.
#ifndef SHELL_PROGRESS_H_
#define SHELL_PROGRESS_H_

#include <chrono>
#include <string>
#include <string_view>

#include "annals/annals.h"

namespace annals::shell {

// "storing: 1,200,000 facts, 40%, 3 s left, 9 s" after so many seconds of the phase and in all.
std::string ProgressText(const LoadProgress& progress, double seconds_of_phase, double seconds);
// "8,000 facts read, 7,990 new, 10 known; 12 new names; 0.5 s, 16,000 facts a second; 402 KB"
std::string SummaryText(const LoadProgress& done, double seconds);

class ProgressLine {
 public:
  // Nothing is written unless standard error is a terminal.
  ProgressLine();
  // Of a Session's progress.
  void Show(const LoadProgress& progress);
  // Takes the line away, before anything else is written, and forgets the load.
  void Clear();
  // Of the load that is done, empty if none is; given once.
  std::string TakeSummary();
  bool at_terminal() const { return at_terminal_; }

 private:
  using Clock = std::chrono::steady_clock;
  const bool at_terminal_;
  bool running_ = false;
  bool shown_ = false;
  LoadProgress::Phase phase_ = LoadProgress::Phase::kReading;
  Clock::time_point began_, phase_began_, last_;
  std::string summary_;
};

}  // namespace annals::shell

#endif  // SHELL_PROGRESS_H_
