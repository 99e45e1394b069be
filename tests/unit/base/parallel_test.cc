#include "storage/base/parallel.h"

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <thread>

namespace annals {
namespace {

TEST_CASE("all tasks run, and the error of the first that failed is returned") {
  for (const size_t threads : {1u, 2u, 5u}) {
    std::atomic<int> ran = 0;
    std::vector<std::function<absl::Status()>> tasks;
    for (int i = 0; i < 20; ++i) {
      tasks.push_back([&ran] {
        ++ran;
        return absl::OkStatus();
      });
    }
    CHECK(RunTasks(tasks, threads).ok());
    CHECK(ran == 20);
    for (int i = 0; i < 50; ++i) {
      tasks.push_back([i]() -> absl::Status {
        // The earlier it is, the later it fails.
        std::this_thread::sleep_for(std::chrono::milliseconds(i < 2 ? 5 - i : 0));
        return InvalidArgument("task " + std::to_string(i));
      });
    }
    CHECK(RunTasks(tasks, threads).message() == "task 0");
    CHECK(RunTasks({}, threads).ok());
  }
}

struct Number : PipelineItem {
  explicit Number(int n) : value(n) {}
  int value;
};

// Makes the numbers below `count`, doubles them and keeps them.
class Doubling : public PipelineStages {
 public:
  explicit Doubling(int count) : count_(count) {}

  absl::StatusOr<std::unique_ptr<PipelineItem>> Make() override {
    if (making_.exchange(true)) alone = false;
    making_ = false;
    if (made_ == fails_to_make) return Unavailable("made");
    if (made_ == count_) return nullptr;
    return std::make_unique<Number>(made_++);
  }
  absl::Status Work(PipelineItem& item, size_t) override {
    auto& number = static_cast<Number&>(item);
    std::this_thread::sleep_for(std::chrono::microseconds(number.value % 7 * 50));
    if (number.value >= fails_to_work) return InvalidArgument(std::to_string(number.value));
    number.value *= 2;
    return absl::OkStatus();
  }
  absl::Status Use(PipelineItem& item) override {
    if (static_cast<Number&>(item).value != 2 * used) in_order = false;
    ++used;
    return used == fails_to_use ? Cancelled("used") : absl::OkStatus();
  }

  int fails_to_make = -1;
  int fails_to_work = 1 << 30;
  int fails_to_use = -1;
  int used = 0;
  // Threads may not check by themselves.
  std::atomic<bool> alone = true;
  bool in_order = true;

 private:
  const int count_;
  int made_ = 0;
  std::atomic<bool> making_ = false;
};

TEST_CASE("a pipeline uses its items in order, up to the first error in that order") {
  for (const size_t threads : {1u, 2u, 4u}) {
    for (const int count : {0, 1, 2, 200}) {
      Doubling all(count);
      CHECK(RunPipeline(all, threads).ok());
      CHECK(all.used == count);
      CHECK(all.alone);
      CHECK(all.in_order);
    }
    Doubling make(200);
    make.fails_to_make = 50;
    CHECK(RunPipeline(make, threads).message() == "made");
    CHECK(make.used == 50);
    Doubling work(200);
    work.fails_to_work = 70;
    CHECK(RunPipeline(work, threads).message() == "70");
    CHECK(work.used == 70);
    Doubling use(200);
    use.fails_to_use = 90;
    CHECK(RunPipeline(use, threads).message() == "used");
    CHECK(use.used == 90);
  }
}

}  // namespace
}  // namespace annals
