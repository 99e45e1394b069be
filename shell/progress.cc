#include "shell/progress.h"

#include <unistd.h>

#include <cstdio>
#include <utility>

#include "storage/base/text.h"

namespace annals::shell {
namespace {

// What is over sooner needs no line.
constexpr double kFirstShown = 0.5;
constexpr double kBetween = 0.2;

std::string Decimal(double value, int digits) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.*f", digits, value);
  return text;
}

std::string Rate(uint64_t facts, double seconds) {
  if (facts == 0 || seconds <= 0) return "";
  return Count(static_cast<uint64_t>(static_cast<double>(facts) / seconds), "fact") + " a second";
}

std::string Bytes(uint64_t bytes) {
  if (bytes < 1000) return Count(bytes, "byte");
  constexpr const char* kUnits[] = {"KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 1000 && unit + 1 < std::size(kUnits); ++unit) value /= 1000;
  return Decimal(value, value < 10 ? 1 : 0) + " " + kUnits[unit];
}

double Seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void Write(const std::string& text) {
  std::fputs(text.c_str(), stderr);
  std::fflush(stderr);
}

}  // namespace

std::string ProgressText(const LoadProgress& progress, double seconds_of_phase, double seconds) {
  const bool reading = progress.phase == LoadProgress::Phase::kReading;
  std::string text = reading ? "reading" : "storing";
  if (progress.facts > 0) text += ": " + Count(progress.facts, "fact");
  if (reading) {
    const std::string rate = Rate(progress.facts, seconds_of_phase);
    if (!rate.empty()) text += ", " + rate;
  }
  if (progress.fraction > 0) {
    text += ", " + Decimal(100 * progress.fraction, 0) + "%";
    const double left = seconds_of_phase * (1 - progress.fraction) / progress.fraction;
    if (seconds_of_phase > 1) text += ", " + Decimal(left, 0) + " s left";
  }
  return text + ", " + Decimal(seconds, 0) + " s";
}

std::string SummaryText(const LoadProgress& done, double seconds) {
  std::string text = Count(done.facts, "fact") + " read, " + Count(done.new_facts, "new", "new") +
                     ", " + Count(done.facts - done.new_facts, "known", "known") + "; " +
                     Count(done.new_names, "new name") + "; " + Decimal(seconds, 2) + " s";
  const std::string rate = Rate(done.facts, seconds);
  if (!rate.empty()) text += ", " + rate;
  if (done.bytes > 0) text += "; " + Bytes(done.bytes);
  return text;
}

ProgressLine::ProgressLine() : at_terminal_(isatty(STDERR_FILENO) == 1) {}

void ProgressLine::Show(const LoadProgress& progress) {
  if (!at_terminal_) return;
  const Clock::time_point now = Clock::now();
  if (!running_) began_ = phase_began_ = last_ = now;
  running_ = true;
  if (progress.phase == LoadProgress::Phase::kDone) {
    summary_ = SummaryText(progress, Seconds(now - began_));
    return;
  }
  const bool new_phase = std::exchange(phase_, progress.phase) != progress.phase;
  if (new_phase) phase_began_ = now;
  const bool storing = progress.phase == LoadProgress::Phase::kStoring;
  if (!storing && Seconds(now - began_) < kFirstShown) return;
  if (shown_ && !new_phase && Seconds(now - last_) < kBetween) return;
  last_ = now;
  shown_ = true;
  Write("\r" + ProgressText(progress, Seconds(now - phase_began_), Seconds(now - began_)) +
        "\x1b[K");
}

void ProgressLine::Clear() {
  if (shown_) Write("\r\x1b[K");
  shown_ = running_ = false;
  phase_ = LoadProgress::Phase::kReading;
}

std::string ProgressLine::TakeSummary() { return std::exchange(summary_, ""); }

}  // namespace annals::shell
