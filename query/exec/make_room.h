// Growing a vector that an operator keeps without going beyond the question's memory.
#ifndef QUERY_EXEC_MAKE_ROOM_H_
#define QUERY_EXEC_MAKE_ROOM_H_

#include <algorithm>
#include <cstddef>
#include <vector>

#include "query/exec/operator.h"
#include "storage/base/status.h"

namespace annals::exec {

// Makes room for so many items in all. Its owner has reserved what it takes already, and will
// reserve what it takes then; here the new copy is, while the old one is still there.
template <typename T>
absl::Status MakeRoom(size_t size, std::vector<T>* items, Context& context) {
  if (size <= items->capacity()) return absl::OkStatus();
  const size_t capacity = std::max(size, items->capacity() + items->capacity() / 2);
  Reservation copy(context);
  ANNALS_RETURN_IF_ERROR(copy.Resize(capacity * sizeof(T)));
  items->reserve(capacity);
  return absl::OkStatus();
}

}  // namespace annals::exec

#endif  // QUERY_EXEC_MAKE_ROOM_H_
