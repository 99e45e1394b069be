#include "storage/base/status.h"

namespace annals {

absl::Status InvalidArgument(std::string_view message) {
  return absl::InvalidArgumentError(ToAbsl(message));
}
absl::Status NotFound(std::string_view message) { return absl::NotFoundError(ToAbsl(message)); }
absl::Status DataLoss(std::string_view message) { return absl::DataLossError(ToAbsl(message)); }
absl::Status Unavailable(std::string_view message) {
  return absl::UnavailableError(ToAbsl(message));
}
absl::Status Busy(std::string_view message) { return absl::AbortedError(ToAbsl(message)); }
absl::Status Cancelled(std::string_view message) { return absl::CancelledError(ToAbsl(message)); }
absl::Status DeadlineExceeded(std::string_view message) {
  return absl::DeadlineExceededError(ToAbsl(message));
}
absl::Status ResourceExhausted(std::string_view message) {
  return absl::ResourceExhaustedError(ToAbsl(message));
}
absl::Status Internal(std::string_view message) { return absl::InternalError(ToAbsl(message)); }

}  // namespace annals
