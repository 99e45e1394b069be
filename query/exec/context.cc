// Limits of a question, and what its functions see of it.
#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "query/exec/operator.h"
#include "query/exec/result.h"

namespace annals::exec {
namespace {

class QuestionEvaluation : public functions::EvaluationContext {
 public:
  explicit QuestionEvaluation(Context& context) : context_(context) {}

  absl::StatusOr<std::optional<functions::FactTerms>> GetFact(uint64_t number) override {
    ANNALS_ASSIGN_OR_RETURN(const auto fact, context_.source().GetFact(number));
    if (!fact.has_value()) return std::optional<functions::FactTerms>();
    const TermId ids[] = {fact->subject, fact->predicate, fact->object, fact->time};
    ANNALS_ASSIGN_OR_RETURN(std::vector<Term> terms, TermsOf(ids));
    return functions::FactTerms{std::move(terms[0]), std::move(terms[1]), std::move(terms[2]),
                                std::move(terms[3])};
  }

  absl::StatusOr<std::vector<Term>> SourcesOf(uint64_t fact) override {
    ANNALS_ASSIGN_OR_RETURN(std::vector<TermId> ids, context_.source().SourcesOf(fact));
    std::erase(ids, TermId());
    return TermsOf(ids);
  }

  absl::StatusOr<std::vector<Term>> QualifiersOf(uint64_t fact, std::string_view name) override {
    ANNALS_ASSIGN_OR_RETURN(const TermId predicate,
                            context_.source().Find(Name{std::string(name)}));
    if (predicate.is_undefined()) return std::vector<Term>();
    ScanSpec spec;
    spec.permutation = Permutation::kSpo;
    spec.prefix = {TermId::Fact(fact), predicate};
    spec.output = {Column::kObject};
    ANNALS_ASSIGN_OR_RETURN(const auto scan, context_.source().Scan(spec));
    std::vector<TermId> ids, next;
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const size_t rows,
                              scan->Next(std::span(&next, 1), context_.batch_rows()));
      if (rows == 0) return TermsOf(ids);
      ids.insert(ids.end(), next.begin(), next.end());
    }
  }

  int64_t now() const override { return context_.now(); }
  const std::string& base_iri() const override { return context_.source().base_iri(); }

 private:
  absl::StatusOr<std::vector<Term>> TermsOf(std::span<const TermId> ids) {
    TermFetcher fetcher(context_.vocabulary());
    std::vector<const Term*> pointers;
    ANNALS_RETURN_IF_ERROR(fetcher.Fetch(ids, &pointers));
    std::vector<Term> terms;
    for (const Term* term : pointers) terms.push_back(*term);
    return terms;
  }

  Context& context_;
};

int64_t SecondsNow() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

}  // namespace

Context::Context(const QuadSource& source, const Limits& limits, size_t batch_rows,
                 Parallelism parallelism)
    : source_(source),
      limits_(limits),
      batch_rows_(batch_rows == 0 ? 1 : batch_rows),
      parallelism_(parallelism),
      now_(SecondsNow()),
      shared_(std::make_shared<Shared>(source)),
      evaluation_(std::make_unique<QuestionEvaluation>(*this)) {}

Context::Context(const Context& question, std::shared_ptr<const std::atomic<bool>> stopped,
                 Parallelism parallelism)
    : source_(question.source_),
      limits_(question.limits_),
      batch_rows_(question.batch_rows_),
      parallelism_(parallelism),
      now_(question.now_),
      shared_(question.shared_),
      stopped_(question.stopped_),
      evaluation_(std::make_unique<QuestionEvaluation>(*this)) {
  if (stopped != nullptr) stopped_.push_back(std::move(stopped));
}

absl::Status Context::Check() const {
  const bool stopped = std::any_of(stopped_.begin(), stopped_.end(), [](const auto& thread) {
    return thread->load(std::memory_order_relaxed);
  });
  if (stopped) return Cancelled("the question was interrupted");
  ANNALS_RETURN_IF_ERROR(CheckTime(limits_));
  if (reserved() + shared_->vocabulary.memory() > limits_.memory_bytes) {
    constexpr uint64_t kMebibyte = 1 << 20;
    return ResourceExhausted(absl::StrCat("the question needs more memory than its limit of ",
                                          limits_.memory_bytes / kMebibyte,
                                          " MB: ask for less or raise the limit"));
  }
  return absl::OkStatus();
}

absl::Status Context::Reserve(uint64_t bytes) {
  shared_->reserved.fetch_add(bytes, std::memory_order_relaxed);
  const absl::Status status = Check();
  if (!status.ok()) Release(bytes);
  return status;
}

void Context::Release(uint64_t bytes) {
  shared_->reserved.fetch_sub(bytes, std::memory_order_relaxed);
}

absl::Status Reservation::Resize(uint64_t bytes) {
  if (bytes > bytes_) {
    ANNALS_RETURN_IF_ERROR(context_.Reserve(bytes - bytes_));
  } else {
    context_.Release(bytes_ - bytes);
  }
  bytes_ = bytes;
  return absl::OkStatus();
}

}  // namespace annals::exec
