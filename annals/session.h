// Sessions: statements in turn, with their prefixes, limits and transaction.
#ifndef ANNALS_SESSION_H_
#define ANNALS_SESSION_H_

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "annals/annals.h"
#include "annals/load.h"
#include "annals/question.h"
#include "annals/tell.h"
#include "query/native/ast.h"
#include "query/native/terms.h"
#include "storage/graph/store.h"

namespace annals {

class SessionImpl : public Session {
 public:
  explicit SessionImpl(Store& store);

  absl::StatusOr<Rows> Run(std::string_view statement, const Parameters& parameters) override;
  absl::StatusOr<std::unique_ptr<PreparedStatement>> Prepare(std::string_view statement) override;
  absl::Status RunScript(std::string_view text, std::string_view name, const AnswerFunction& answer,
                         const FailedFunction& failed) override;
  void SetLimits(const Limits& limits) override { limits_ = limits; }
  void AllowStandardInput(bool allow) override { standard_input_ = allow; }
  void SetProgress(ProgressFunction progress) override { progress_ = std::move(progress); }
  void Cancel() noexcept override { cancelled_.store(true, std::memory_order_relaxed); }
  bool in_transaction() const override { return transaction_ != nullptr; }
  absl::StatusOr<std::vector<std::string>> Complete(std::string_view prefix, size_t limit) override;

  // Answers must not depend on it.
  void SetRunOptions(const RunOptions& options) { run_options_ = options; }

 private:
  struct Dispatch;
  class Prepared;
  absl::StatusOr<Rows> Execute(const native::Statement& statement, const SourceText& text,
                               const native::ParameterValues& parameters,
                               KeptPlan* kept_plan = nullptr);
  absl::StatusOr<std::shared_ptr<const GraphView>> View() const;
  absl::StatusOr<QuestionContext> MakeContext(const SourceText& text,
                                              const native::ParameterValues& parameters) const;
  exec::Limits ExecLimits() const;
  // Tells one statement, in the session's transaction or in one of its own.
  template <typename T>
  absl::StatusOr<Rows> Tell(const T& statement, const SourceText& text,
                            const native::ParameterValues& parameters, Span span = {});
  absl::StatusOr<Rows> Load(const native::Load& statement, const SourceText& text,
                            const native::ParameterValues& parameters);
  absl::StatusOr<Rows> Check(const native::Check& statement, const SourceText& text);
  absl::StatusOr<Told> CheckOnCopy(const native::Check& statement, const SourceText& text,
                                   const CheckFunction& check);
  absl::StatusOr<Told> CheckInside(const native::Check& statement, const SourceText& text,
                                   const CheckFunction& check);
  absl::StatusOr<Rows> BeginTransaction(Span span, const SourceText& text);
  absl::StatusOr<Rows> EndTransaction(bool commit, Span span, const SourceText& text);

  Store& store_;
  Limits limits_;
  RunOptions run_options_;
  bool standard_input_ = false;
  ProgressFunction progress_;
  native::Prefixes prefixes_;
  std::unique_ptr<WriteTransaction> transaction_;
  std::atomic<bool> cancelled_{false};
  std::string blank_prefix_;
  mutable KeptViews kept_views_;
};

}  // namespace annals

#endif  // ANNALS_SESSION_H_
