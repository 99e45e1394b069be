// Measures the operator that it stands for (`profile`).
#include <algorithm>
#include <utility>

#include "query/exec/batchwise.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Meter {
 public:
  Meter(const algebra::Plan& plan, Context& context)
      : profile_((*context.profile())[&plan]), context_(context), before_(context.reserved()) {}

  // Calls it, and counts the time.
  template <typename Function>
  auto Run(const Function& function) {
    const auto began = std::chrono::steady_clock::now();
    auto result = function();
    profile_.time += std::chrono::steady_clock::now() - began;
    const uint64_t reserved = context_.reserved();
    if (reserved > before_) {
      profile_.memory_bytes = std::max(profile_.memory_bytes, reserved - before_);
    }
    return result;
  }
  void CountRows(const absl::StatusOr<bool>& more, const Batch& batch) {
    if (!more.ok() || !*more) return;
    profile_.rows += batch.rows;
    ++profile_.batches;
  }

 private:
  NodeProfile& profile_;
  Context& context_;
  const uint64_t before_;  // bytes held when this was made
};

class MeasuredWork : public BatchWork {
 public:
  MeasuredWork(std::unique_ptr<BatchWork> of, const algebra::Plan& plan, Context& context)
      : of_(std::move(of)), meter_(plan, context) {}

  absl::Status Start(Batch* batch, size_t depth) override {
    return meter_.Run([&] { return of_->Start(batch, depth); });
  }
  absl::StatusOr<bool> Next(Batch* batch) override {
    absl::StatusOr<bool> more = meter_.Run([&] { return of_->Next(batch); });
    meter_.CountRows(more, *batch);
    return more;
  }

 private:
  const std::unique_ptr<BatchWork> of_;
  Meter meter_;
};

class Measured : public Operator, public Batchwise {
 public:
  Measured(OperatorPtr of, const algebra::Plan& plan, Context& context)
      : of_(std::move(of)), plan_(plan), meter_(plan, context) {}

  const Variables& variables() const override { return of_->variables(); }
  const Variables& sorted_by() const override { return of_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    absl::StatusOr<bool> more = meter_.Run([&] { return of_->Next(batch); });
    meter_.CountRows(more, *batch);
    return more;
  }
  absl::Status SkipTo(TermId value) override {
    return meter_.Run([&] { return of_->SkipTo(value); });
  }

  Batchwise* batchwise() override { return of_->batchwise() == nullptr ? nullptr : this; }
  absl::StatusOr<bool> NextInput(Batch* batch, size_t* depth) override {
    return meter_.Run([&] { return of_->batchwise()->NextInput(batch, depth); });
  }
  absl::StatusOr<std::unique_ptr<BatchWork>> MakeWork(Context& thread) override {
    ANNALS_ASSIGN_OR_RETURN(auto work, of_->batchwise()->MakeWork(thread));
    return std::unique_ptr<BatchWork>(
        std::make_unique<MeasuredWork>(std::move(work), plan_, thread));
  }

 private:
  const OperatorPtr of_;
  const algebra::Plan& plan_;
  Meter meter_;
};

}  // namespace

OperatorPtr MakeMeasured(OperatorPtr of, const algebra::Plan& plan, Context& context) {
  return std::make_unique<Measured>(std::move(of), plan, context);
}

}  // namespace annals::exec
