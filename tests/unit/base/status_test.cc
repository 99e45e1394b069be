// The macros return early, once, and move what they unwrap.
#include "storage/base/status.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>

namespace annals {
namespace {

absl::StatusOr<std::unique_ptr<int>> Make(int value) {
  if (value < 0) return InvalidArgument("negative");
  return std::make_unique<int>(value);
}

absl::StatusOr<int> Sum(int a, int b, int* made) {
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<int> first, Make(a));
  ++*made;
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<int> second, Make(b));
  ++*made;
  return *first + *second;
}

absl::Status Check(const absl::Status& status, bool* reached) {
  ANNALS_RETURN_IF_ERROR(status);
  *reached = true;
  return absl::OkStatus();
}

TEST_CASE("ANNALS_ASSIGN_OR_RETURN unwraps or returns the error") {
  int made = 0;
  const absl::StatusOr<int> sum = Sum(2, 3, &made);
  REQUIRE(sum.ok());
  CHECK(*sum == 5);
  CHECK(made == 2);

  made = 0;
  CHECK(Sum(2, -3, &made).status() == InvalidArgument("negative"));
  CHECK(made == 1);
}

TEST_CASE("ANNALS_RETURN_IF_ERROR passes OK on and returns the rest") {
  bool reached = false;
  CHECK(Check(DataLoss("cut short"), &reached) == DataLoss("cut short"));
  CHECK_FALSE(reached);
  CHECK(Check(absl::OkStatus(), &reached).ok());
  CHECK(reached);
}

TEST_CASE("each constructor has its own code") {
  CHECK(InvalidArgument("m").code() == absl::StatusCode::kInvalidArgument);
  CHECK(NotFound("m").code() == absl::StatusCode::kNotFound);
  CHECK(DataLoss("m").code() == absl::StatusCode::kDataLoss);
  CHECK(Unavailable("m").code() == absl::StatusCode::kUnavailable);
  CHECK(Busy("m").code() == absl::StatusCode::kAborted);
  CHECK(Cancelled("m").code() == absl::StatusCode::kCancelled);
  CHECK(DeadlineExceeded("m").code() == absl::StatusCode::kDeadlineExceeded);
  CHECK(ResourceExhausted("m").code() == absl::StatusCode::kResourceExhausted);
  CHECK(Internal("m").code() == absl::StatusCode::kInternal);
  const std::string text = "views need no terminator";
  CHECK(ToStd(NotFound(std::string_view(text).substr(0, 5)).message()) == "views");
}

}  // namespace
}  // namespace annals
