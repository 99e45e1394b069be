#include <algorithm>
#include <thread>
#include <utility>

#include "annals/annals.h"
#include "annals/session.h"
#include "storage/graph/store.h"

namespace annals {
namespace {

class DatabaseImpl : public Database {
 public:
  DatabaseImpl(std::unique_ptr<Store> store, size_t threads)
      : store_(std::move(store)), threads_(threads) {}

  std::unique_ptr<Session> NewSession() override {
    auto session = std::make_unique<SessionImpl>(*store_);
    RunOptions options;
    options.parallelism.threads = threads_;
    session->SetRunOptions(options);
    return session;
  }

  absl::StatusOr<DatabaseStatistics> Statistics() const override {
    ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const GraphView> view, store_->GetSnapshot());
    ANNALS_ASSIGN_OR_RETURN(const GraphStatistics statistics, view->Statistics());
    return DatabaseStatistics{statistics.facts,      statistics.assertions, statistics.terms,
                              statistics.predicates, statistics.sources,    statistics.delta_rows,
                              statistics.generation, statistics.disk_bytes};
  }
  bool read_only() const override { return store_->read_only(); }
  const std::string& path() const override { return store_->path(); }

 private:
  std::unique_ptr<Store> store_;
  const size_t threads_;
};

size_t ThreadsOf(const DatabaseOptions& options) {
  constexpr size_t kMostByDefault = 8;
  if (options.threads > 0) return options.threads;
  return std::clamp<size_t>(std::thread::hardware_concurrency(), 1, kMostByDefault);
}

}  // namespace

absl::StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path,
                                                         const DatabaseOptions& options) {
  StoreOptions store_options;
  store_options.kv.read_only = options.read_only;
  store_options.kv.create_if_missing = options.create_if_missing && !options.read_only;
  store_options.kv.block_cache_bytes = options.cache_bytes;
  ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<Store> store, Store::Open(path, store_options));
  return std::make_unique<DatabaseImpl>(std::move(store), ThreadsOf(options));
}

std::string_view Version() { return "0.1.0"; }

}  // namespace annals
