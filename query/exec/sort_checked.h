// Sorting of any length that minds the question's limits.
#ifndef QUERY_EXEC_SORT_CHECKED_H_
#define QUERY_EXEC_SORT_CHECKED_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "query/exec/operator.h"
#include "storage/base/status.h"

namespace annals::exec {

// Sorts by `less`, a total order, with a check every few milliseconds. Reserves a second copy of
// the items meanwhile.
template <typename T, typename Less>
absl::Status SortChecked(Context& context, std::vector<T>* items, const Less& less) {
  constexpr size_t kPiece = 8192;  // sorted, or merged, between checks
  const size_t size = items->size();
  for (size_t begin = 0; begin < size; begin += kPiece) {
    if (begin > 0) ANNALS_RETURN_IF_ERROR(context.Check());
    std::sort(items->begin() + static_cast<ptrdiff_t>(begin),
              items->begin() + static_cast<ptrdiff_t>(std::min(size, begin + kPiece)), less);
  }
  if (size <= kPiece) return absl::OkStatus();
  Reservation reservation(context);
  ANNALS_RETURN_IF_ERROR(reservation.Resize(size * sizeof(T)));
  std::vector<T> merged(size);
  for (size_t width = kPiece; width < size; width *= 2) {
    size_t out = 0;
    for (size_t begin = 0; begin < size; begin += 2 * width) {
      size_t left = begin, right = std::min(size, begin + width);
      const size_t left_end = right, right_end = std::min(size, right + width);
      while (left < left_end || right < right_end) {
        const bool take_right =
            left == left_end || (right < right_end && less((*items)[right], (*items)[left]));
        merged[out++] = (*items)[take_right ? right++ : left++];
        if (out % kPiece == 0) ANNALS_RETURN_IF_ERROR(context.Check());
      }
    }
    items->swap(merged);
  }
  return absl::OkStatus();
}

}  // namespace annals::exec

#endif  // QUERY_EXEC_SORT_CHECKED_H_
