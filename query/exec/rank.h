// Term order (CompareForOrder) of many ids at once.
#ifndef QUERY_EXEC_RANK_H_
#define QUERY_EXEC_RANK_H_

#include <vector>

#include "query/exec/chunked_array.h"
#include "query/exec/operator.h"

namespace annals::exec {

// Sorts distinct ids into term order, and drops the undefined one.
absl::Status SortInTermOrder(Context& context, std::vector<TermId>* ids);
// (*ranks)[i] is the place of column[i] among the column's distinct values in term order. What it
// needs meanwhile is reserved, but the ranks, which the caller has reserved.
absl::Status RankColumn(Context& context, const ChunkedArray<TermId>& column,
                        std::vector<uint32_t>* ranks);

}  // namespace annals::exec

#endif  // QUERY_EXEC_RANK_H_
