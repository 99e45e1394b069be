// One question on several threads: each runs its own copy of some operators over shares of a scan,
// and what comes out is taken in the order of the shares, as if one thread had read them all.
#ifndef QUERY_EXEC_PARALLEL_H_
#define QUERY_EXEC_PARALLEL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "query/exec/operators.h"

namespace annals::exec {

// What the operators of one thread have to read now.
class ShareOfScan {
 public:
  // The next share. Operators made before don't see it, those of MakeForEachShare are made again.
  void Start(ScanShare share) {
    share_ = std::move(share);
    ++number_;
  }
  uint64_t number() const { return number_; }

  // Between these the first pattern that is made is the one whose rows are shared out.
  void BeginMaking() { taken_ = false; }
  void Take(ScanSpec* spec) {
    if (taken_) return;
    taken_ = true;
    spec_ = *spec;
    spec->share = share_;
  }
  // The scan that took it last, whole.
  const ScanSpec& spec() const { return spec_; }

  // Of all that is shared out, about.
  double part() const { return part_; }
  void set_part(double part) { part_ = part; }

 private:
  ScanShare share_;
  uint64_t number_ = 0;
  bool taken_ = true;
  ScanSpec spec_;
  double part_ = 1;
};

// Operators made by `make`, again for each share. They end with the share: Next gives rows again
// once another has been started. `context` is a thread's.
using MakeOperators = std::function<absl::StatusOr<OperatorPtr>()>;
absl::StatusOr<OperatorPtr> MakeForEachShare(MakeOperators make, Context& context);

// One thread's operators. Those above MakeForEachShare must work row by row, and go on after Next
// has said that there are no more rows: filters, extensions, projections, distinct.
struct ThreadPipeline {
  std::unique_ptr<Context> context;
  std::unique_ptr<ShareOfScan> share;  // the context's
  std::unique_ptr<Profile> profile;    // the context's; null: not measured
  OperatorPtr root;
};

// Shares and those who work on them, one a thread.
struct SharedWork {
  std::shared_ptr<std::atomic<bool>> stopped;  // of the contexts
  std::unique_ptr<ScanSplitter> splitter;
  std::vector<ThreadPipeline> pipelines;
};

// Runs the threads. Belongs to the thread that made it; its destructor ends the others.
class ShareRunner {
 public:
  // What a thread does with the rows of one share; it gives batches on, or keeps what it needs.
  using Work = std::function<absl::Status(size_t thread, std::vector<Batch>* batches)>;

  ShareRunner(SharedWork shared, Work work, Context& context);
  ShareRunner(const ShareRunner&) = delete;
  ShareRunner& operator=(const ShareRunner&) = delete;
  ~ShareRunner();

  // The outcome of the next share in their order, and which thread worked on it; false after the
  // last, when the threads have ended.
  absl::StatusOr<bool> Next(std::vector<Batch>* batches, size_t* thread);
  std::vector<ThreadPipeline>& pipelines() { return shared_.pipelines; }
  // Ends the threads, whatever is left to read. What refers to their contexts can go after this.
  void End();

 private:
  struct Outcome {
    absl::Status status;
    std::vector<Batch> batches;
    uint64_t bytes = 0;  // reserved
    size_t thread = 0;
  };
  absl::Status Begin();
  void Run(size_t thread);
  void WorkOnShare(ScanShare share, Outcome* outcome);
  void AddProfiles();

  SharedWork shared_;
  const Work work_;
  Context& context_;
  std::vector<std::thread> threads_;
  bool begun_ = false;

  std::mutex mutex_;  // over all below, and the splitter
  std::condition_variable may_take_, has_outcome_;
  bool ending_ = false;     // no more shares are to be taken
  uint64_t next_take_ = 0;  // shares that were taken
  uint64_t next_give_ = 0;  // shares whose outcome was given
  std::map<uint64_t, Outcome> outcomes_;
};

// The rows of the pipelines in the order of the shares.
OperatorPtr MakeGather(SharedWork shared, Context& context);

// As MakeGroup, with a table for each thread. aggregates[i] are those of pipeline i, compiled for
// its context, and `merged` the same once more for `context`. Only such as MergesAcrossThreads.
OperatorPtr MakeSharedGroup(SharedWork shared, Variables keys,
                            std::vector<std::vector<AggregateColumn>> aggregates,
                            std::vector<AggregateColumn> merged, Context& context);
bool MergesAcrossThreads(const algebra::Aggregate& aggregate);

}  // namespace annals::exec

#endif  // QUERY_EXEC_PARALLEL_H_
