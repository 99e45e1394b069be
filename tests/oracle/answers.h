// What the engine answers, as text that can be compared; and how much the random tests try.
#ifndef TESTS_ORACLE_ANSWERS_H_
#define TESTS_ORACLE_ANSWERS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "annals/session.h"
#include "annals/value.h"

namespace annals::oracle {

// Rounds scale by ANNALS_TEST_EFFORT (per cent), the seed is ANNALS_TEST_SEED, the number of the
// first random store ANNALS_TEST_FIRST: what failed in one can be repeated there, and long runs be
// parted.
uint64_t FromEnvironment(const char* name, uint64_t otherwise);

std::string CellText(const Value& value);

struct Rendered {
  std::vector<std::string> rows;
  std::string error;
};
Rendered RunEngine(SessionImpl& session, const std::string& question);

}  // namespace annals::oracle

#endif  // TESTS_ORACLE_ANSWERS_H_
