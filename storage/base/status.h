// Status macros and constructors that take std::string_view: Debian's absl::string_view is not
// std::string_view, so the absl constructors don't accept one.
#ifndef STORAGE_BASE_STATUS_H_
#define STORAGE_BASE_STATUS_H_

#include <string_view>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace annals {

inline absl::string_view ToAbsl(std::string_view text) { return {text.data(), text.size()}; }
inline std::string_view ToStd(absl::string_view text) { return {text.data(), text.size()}; }

// One meaning each, everywhere in Annals:
absl::Status InvalidArgument(std::string_view message);    // a bad question or bad data
absl::Status NotFound(std::string_view message);           // what was named is not there
absl::Status DataLoss(std::string_view message);           // bytes on disk are wrong, or not ours
absl::Status Unavailable(std::string_view message);        // I/O failed or there is no room
absl::Status Busy(std::string_view message);               // another process or handle writes here
absl::Status Cancelled(std::string_view message);          // the caller interrupted
absl::Status DeadlineExceeded(std::string_view message);   // the time limit was hit
absl::Status ResourceExhausted(std::string_view message);  // the memory, row or depth limit was hit
absl::Status Internal(std::string_view message);           // a defect of ours

}  // namespace annals

#define ANNALS_CONCAT_INNER(a, b) a##b
#define ANNALS_CONCAT(a, b) ANNALS_CONCAT_INNER(a, b)

// Returns the status from the enclosing function unless `expression` is OK.
#define ANNALS_RETURN_IF_ERROR(expression)                                                    \
  do {                                                                                        \
    if (absl::Status annals_status = (expression); !annals_status.ok()) return annals_status; \
  } while (false)

// ANNALS_ASSIGN_OR_RETURN(auto x, Make()): x is the value, or the status is returned.
#define ANNALS_ASSIGN_OR_RETURN(declaration, expression) \
  ANNALS_ASSIGN_OR_RETURN_IMPL(ANNALS_CONCAT(annals_or_, __LINE__), declaration, expression)
#define ANNALS_ASSIGN_OR_RETURN_IMPL(name, declaration, expression) \
  auto name = (expression);                                         \
  if (!name.ok()) return std::move(name).status();                  \
  declaration = std::move(name).value()

#endif  // STORAGE_BASE_STATUS_H_
