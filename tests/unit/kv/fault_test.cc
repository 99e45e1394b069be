// A disk that fails at any step: what was acknowledged is there afterwards, the handle turns
// read-only at the first error, and the database opens again.
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "storage/kv/kv.h"

namespace annals::kv {
namespace {

// Appends and syncs fail once `left` of them have gone through.
struct Faults {
  std::atomic<int64_t> left = 1000000;
  rocksdb::IOStatus Check() {
    return left.fetch_sub(1) > 0 ? rocksdb::IOStatus::OK() : rocksdb::IOStatus::NoSpace("full");
  }
};

class FailingFile : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  FailingFile(std::unique_ptr<rocksdb::FSWritableFile> file, Faults& faults)
      : FSWritableFileOwnerWrapper(std::move(file)), faults_(faults) {}
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus fault = faults_.Check();
    return fault.ok() ? target()->Append(data, options, context) : fault;
  }
  rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                           const rocksdb::DataVerificationInfo& info,
                           rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus fault = faults_.Check();
    return fault.ok() ? target()->Append(data, options, info, context) : fault;
  }
  rocksdb::IOStatus Sync(const rocksdb::IOOptions& options,
                         rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus fault = faults_.Check();
    return fault.ok() ? target()->Sync(options, context) : fault;
  }

 private:
  Faults& faults_;
};

class FailingFileSystem : public rocksdb::FileSystemWrapper {
 public:
  FailingFileSystem(const std::shared_ptr<rocksdb::FileSystem>& base, Faults& faults)
      : FileSystemWrapper(base), faults_(faults) {}
  const char* Name() const override { return "FailingFileSystem"; }
  rocksdb::IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    const rocksdb::IOStatus fault = faults_.Check();
    if (!fault.ok()) return fault;
    const rocksdb::IOStatus status = target()->NewWritableFile(name, options, result, context);
    if (status.ok()) *result = std::make_unique<FailingFile>(std::move(*result), faults_);
    return status;
  }

 private:
  Faults& faults_;
};

constexpr int kWrites = 30;
constexpr int kNotOpened = 100;
constexpr int kWrong = 101;

// Writes until the disk fails after `steps`: how many writes were acknowledged, or what went wrong.
// In a process of its own, since a store that has failed keeps its lock until the process ends.
int WriteUntilFailure(const std::string& path, int64_t steps) {
  Faults faults;
  faults.left = steps;
  const auto env = rocksdb::NewCompositeEnv(
      std::make_shared<FailingFileSystem>(rocksdb::FileSystem::Default(), faults));
  Options options;
  options.wrap_env_for_test = [&](void*) { return env.get(); };
  const auto opened = Store::Open(path, options);
  if (!opened.ok()) {
    return opened.status().code() == absl::StatusCode::kUnavailable ? kNotOpened : kWrong;
  }
  Store& store = **opened;
  const auto put = [&](const std::string& key) {
    const auto batch = store.NewBatch();
    batch->Put(key, std::string(1000, 'x'));
    return store.Write(*batch);
  };
  for (int i = 0; i < kWrites; ++i) {
    const absl::Status status = put("key" + std::to_string(i));
    if (status.ok()) continue;
    faults.left = 1000000;  // there is room again, but not for this handle
    const bool refused = status.code() == absl::StatusCode::kUnavailable && store.read_only() &&
                         put("late").code() == absl::StatusCode::kUnavailable;
    std::_Exit(refused ? i : kWrong);
  }
  std::_Exit(kWrites);
}

TEST_CASE("a disk that fails at any step loses nothing acknowledged") {
  std::string folder = (std::filesystem::temp_directory_path() / "annals-test-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  int failed_opens = 0;
  int failed_writes = 0;
  for (int64_t steps = 0; steps < 60; steps += 3) {
    const std::string path = folder + "/db" + std::to_string(steps);
    const pid_t child = ::fork();
    if (child == 0) std::_Exit(WriteUntilFailure(path, steps));
    int result = 0;
    REQUIRE(::waitpid(child, &result, 0) == child);
    INFO(steps << " steps");
    REQUIRE(WIFEXITED(result));
    REQUIRE(WEXITSTATUS(result) != kWrong);
    const bool opened = WEXITSTATUS(result) != kNotOpened;
    const int acknowledged = opened ? WEXITSTATUS(result) : 0;
    failed_opens += !opened;
    failed_writes += opened && acknowledged < kWrites;
    const auto store = Store::Open(path, {});
    INFO(store.status().ToString());
    REQUIRE(store.ok());
    std::string value;
    for (int i = 0; i < acknowledged; ++i) {
      const auto found = (*store)->GetSnapshot()->Get("key" + std::to_string(i), &value);
      REQUIRE(found.ok());
      CHECK(*found);
    }
    CHECK_FALSE((*store)->GetSnapshot()->Get("late", &value).value());
  }
  CHECK(failed_opens > 0);
  CHECK(failed_writes > 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace annals::kv
