// What is fuzzed: everything that reads bytes from outside. The fuzzers run these functions on what
// libFuzzer makes up, run_seeds on the files in seeds/.
#ifndef TESTS_FUZZ_TARGETS_H_
#define TESTS_FUZZ_TARGETS_H_

#include <span>
#include <string_view>

namespace annals::fuzz {

struct Target {
  std::string_view name;
  // Any bytes will do. A broken promise ends the process with a message.
  void (*run)(std::string_view bytes);
};

std::span<const Target> Targets();
const Target* FindTarget(std::string_view name);

}  // namespace annals::fuzz

#endif  // TESTS_FUZZ_TARGETS_H_
