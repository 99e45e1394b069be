// What ends a fuzzer: a promise that doesn't hold.
#ifndef TESTS_FUZZ_EXPECT_H_
#define TESTS_FUZZ_EXPECT_H_

#include <string_view>

#include "storage/base/status.h"

namespace annals::fuzz {

// Ends the process with a message unless it holds.
void Expect(bool holds, std::string_view what);

// Bytes from outside may be wrong in any way, but none makes a defect of ours.
void ExpectNoDefect(const absl::Status& status);

}  // namespace annals::fuzz

#endif  // TESTS_FUZZ_EXPECT_H_
