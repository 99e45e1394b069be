#include "tests/fuzz/expect.h"

#include <cstdio>
#include <cstdlib>

#include "storage/base/text.h"

namespace annals::fuzz {

void Expect(bool holds, std::string_view what) {
  if (holds) return;
  std::fprintf(stderr, "broken: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

void ExpectNoDefect(const absl::Status& status) {
  const bool defect = status.code() == absl::StatusCode::kInternal ||
                      status.code() == absl::StatusCode::kDataLoss ||
                      status.code() == absl::StatusCode::kUnavailable;
  Expect(!defect, ToStd(status.message()));
}

}  // namespace annals::fuzz
