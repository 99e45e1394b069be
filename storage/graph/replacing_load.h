// A load that says all that its sources say: what they told before and do not tell here, they lose.
#ifndef STORAGE_GRAPH_REPLACING_LOAD_H_
#define STORAGE_GRAPH_REPLACING_LOAD_H_

#include <functional>
#include <memory>

#include "storage/base/status.h"
#include "storage/graph/store.h"

namespace annals {

// Finish tells through `transaction`, which must outlive the load, fact by fact, and then takes
// from the sources of the load what it does not say: as Remove does, so a fact without another
// source goes. Sources that are merged are one. `check` (it may be unset) is called now and then.
// After an error part of it may have been told: the caller rolls back.
std::unique_ptr<BulkLoad> MakeReplacingLoad(WriteTransaction& transaction,
                                            std::function<absl::Status()> check);

}  // namespace annals

#endif  // STORAGE_GRAPH_REPLACING_LOAD_H_
