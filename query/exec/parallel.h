// One question on several threads: each runs its own copy of some operators over shares of a scan,
// and what comes out is taken in the order of the shares, as if one thread had read them all.
#ifndef QUERY_EXEC_PARALLEL_H_
#define QUERY_EXEC_PARALLEL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "query/exec/batchwise.h"
#include "query/exec/operators.h"

namespace annals::exec {

// Work for one thread: rows of a scan, or batches that have been read (batchwise.h).
struct Share {
  struct Piece {
    Batch batch;
    size_t depth = 0;
  };
  ScanShare scan;
  std::vector<Piece> pieces;
};

// Gives shares one after the other. One call at a time, from any thread.
class ShareSource {
 public:
  virtual ~ShareSource() = default;
  // The next share; false after the last.
  virtual absl::StatusOr<bool> Next(Share* share) = 0;
};
// The shares of a scan.
std::unique_ptr<ShareSource> MakeScanShares(std::unique_ptr<ScanSplitter> splitter);
// The batches of an operator that can be worked on by several threads, about so many rows a share.
// `of` must outlive the result.
std::unique_ptr<ShareSource> MakeBatchShares(Batchwise& of, uint64_t rows);

// The share that one thread works on.
class ThreadShare {
 public:
  // The next share. Operators made before don't see it, those of MakeForEachShare are made again.
  void Start(Share share) {
    share_ = std::move(share);
    ++number_;
  }
  uint64_t number() const { return number_; }
  std::vector<Share::Piece>& pieces() { return share_.pieces; }

  // Between these the first pattern that is made is the one whose rows are shared out.
  void BeginMaking() { taken_ = false; }
  void Take(ScanSpec* spec) {
    if (taken_) return;
    taken_ = true;
    spec_ = *spec;
    spec->share = share_.scan;
  }
  // The scan that took it last, whole.
  const ScanSpec& spec() const { return spec_; }

  // Of all that is shared out, about.
  double part() const { return part_; }
  void set_part(double part) { part_ = part; }

 private:
  Share share_;
  uint64_t number_ = 0;
  bool taken_ = true;
  ScanSpec spec_;
  double part_ = 1;
};

// Operators made by `make`, again for each share. They end with the share: Next gives rows again
// once another has been started. `context` is a thread's.
using MakeOperators = std::function<absl::StatusOr<OperatorPtr>()>;
absl::StatusOr<OperatorPtr> MakeForEachShare(MakeOperators make, Context& context);

// A thread's work on the pieces of each share: the rows of `of`, which must outlive the result.
OperatorPtr MakePiecework(Operator& of, Context& context);

// One thread's operators. Those above MakeForEachShare or MakePiecework must work row by row, and
// go on after Next has said that there are no more rows: filters, extensions, projections,
// distinct.
struct ThreadPipeline {
  std::unique_ptr<Context> context;
  std::unique_ptr<ThreadShare> share;  // the context's
  std::unique_ptr<Profile> profile;    // the context's; null: not measured
  OperatorPtr root;
};

// Shares and those who work on them, one a thread.
struct SharedWork {
  std::shared_ptr<std::atomic<bool>> stopped;  // of the contexts
  ThreadPipeline reader;                       // of batches that are shares; may have no root
  std::unique_ptr<ShareSource> source;
  std::vector<ThreadPipeline> pipelines;
};

// Runs the threads. Belongs to the thread that made it; its destructor ends the others. A single
// share is the caller's own work, and no thread is begun.
class ShareRunner {
 public:
  // A step of a thread's work on its share: the next batch to give on; false when the share is
  // done.
  using Step = std::function<absl::StatusOr<bool>(size_t thread, Batch* batch)>;

  // `works`: the steps give nothing on, and who calls Next works on shares as well, in place of one
  // of the threads.
  ShareRunner(SharedWork shared, Step step, bool works, Context& context);
  ShareRunner(const ShareRunner&) = delete;
  ShareRunner& operator=(const ShareRunner&) = delete;
  ~ShareRunner();

  // The next batch, in the order of the shares; false after the last, when the threads have ended.
  absl::StatusOr<bool> Next(Batch* batch);
  // Which thread worked on each of the shares that have been given whole.
  const std::vector<size_t>& workers() const { return workers_; }
  std::vector<ThreadPipeline>& pipelines() { return shared_.pipelines; }
  // Ends the threads, whatever is left to read. What refers to their contexts can go after this.
  void End();

 private:
  struct Outcome {
    uint64_t number = 0;  // of the share
    size_t thread = 0;
    bool done = false;
    absl::Status status;
    std::deque<Batch> batches;  // reserved until they are given, as those below
  };
  absl::Status Begin();
  absl::StatusOr<bool> NextAlone(Batch* batch);
  // Works on a share; false if there is none left.
  bool RunOne(size_t thread);
  bool may_take() const;
  bool TakeShare(size_t thread, Share* share, Outcome** outcome);
  absl::Status WorkOn(Share share, Outcome* outcome);
  absl::Status Give(Batch batch, Outcome* outcome);
  absl::StatusOr<bool> AwaitBatches();
  void AddProfiles();

  SharedWork shared_;
  const Step step_;
  const bool works_;
  Context& context_;
  std::vector<std::thread> threads_;
  bool begun_ = false;
  bool alone_ = false;
  std::deque<Batch> given_;  // of the present share, not yet asked for
  std::vector<size_t> workers_;

  std::mutex source_mutex_;  // over the source and those that were taken first; before mutex_
  std::deque<Share> first_;

  std::mutex mutex_;  // over all below
  std::condition_variable may_take_, may_give_, has_outcome_;
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
