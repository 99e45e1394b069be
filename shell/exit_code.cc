#include "shell/exit_code.h"

#include "absl/strings/cord.h"
#include "storage/base/status.h"

namespace annals::shell {
namespace {

// Statuses have no code for usage; a payload under this key marks them.
constexpr char kUsageMark[] = "annals/usage";

}  // namespace

int ExitCodeOf(const absl::Status& status) {
  if (status.GetPayload(kUsageMark).has_value()) return kUsage;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kOk;
    case absl::StatusCode::kAborted:
      return kBusy;
    case absl::StatusCode::kDataLoss:
      return kCorrupt;
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kNotFound:
      return kInputOutput;
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
      return kLimit;
    case absl::StatusCode::kCancelled:
      return kInterrupted;
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return kDefect;
    default:
      return kWrong;
  }
}

absl::Status UsageError(std::string_view message) {
  absl::Status status = InvalidArgument(message);
  status.SetPayload(kUsageMark, absl::Cord());
  return status;
}

}  // namespace annals::shell
