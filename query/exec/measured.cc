// Measures the operator that it stands for (`profile`).
#include <algorithm>
#include <utility>

#include "query/exec/operators.h"

namespace annals::exec {
namespace {

class Measured : public Operator {
 public:
  Measured(OperatorPtr of, NodeProfile* profile, Context& context)
      : of_(std::move(of)), profile_(profile), context_(context), before_(context.reserved()) {}

  const Variables& variables() const override { return of_->variables(); }
  const Variables& sorted_by() const override { return of_->sorted_by(); }

  absl::StatusOr<bool> Next(Batch* batch) override {
    const auto began = std::chrono::steady_clock::now();
    absl::StatusOr<bool> more = of_->Next(batch);
    Count(began);
    if (more.ok() && *more) {
      profile_->rows += batch->rows;
      ++profile_->batches;
    }
    return more;
  }

  absl::Status SkipTo(TermId value) override {
    const auto began = std::chrono::steady_clock::now();
    absl::Status status = of_->SkipTo(value);
    Count(began);
    return status;
  }

 private:
  void Count(std::chrono::steady_clock::time_point began) {
    profile_->time += std::chrono::steady_clock::now() - began;
    const uint64_t reserved = context_.reserved();
    if (reserved > before_) {
      profile_->memory_bytes = std::max(profile_->memory_bytes, reserved - before_);
    }
  }

  const OperatorPtr of_;
  NodeProfile* const profile_;
  Context& context_;
  const uint64_t before_;  // bytes held when this was made
};

}  // namespace

OperatorPtr MakeMeasured(OperatorPtr of, NodeProfile* profile, Context& context) {
  return std::make_unique<Measured>(std::move(of), profile, context);
}

}  // namespace annals::exec
