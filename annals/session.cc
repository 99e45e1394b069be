#include "annals/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "annals/browse.h"
#include "annals/evidence.h"
#include "annals/export.h"
#include "annals/kept_plan.h"
#include "annals/load.h"
#include "annals/rules.h"
#include "annals/why.h"
#include "query/native/parser.h"
#include "query/native/validate.h"
#include "storage/base/text.h"
#include "storage/graph/replacing_load.h"

namespace annals {
namespace {

// How long a statement waits for another session of this process to finish writing.
constexpr int64_t kWaitForWriter = 10000;

absl::StatusOr<native::ParameterValues> ReadParameters(const Parameters& parameters) {
  native::ParameterValues values;
  for (const auto& [name, value] : parameters) {
    auto term = ToTerm(value);
    if (!term.ok()) {
      return InvalidArgument(absl::StrCat("parameter $", name, ": ", term.status().message()));
    }
    values.emplace(name, std::move(*term));
  }
  return values;
}

// Nullopt for white space and comments.
absl::StatusOr<std::optional<native::Statement>> ParseOne(const SourceText& text) {
  size_t offset = 0;
  ANNALS_ASSIGN_OR_RETURN(std::optional<native::Statement> statement,
                          native::ParseNext(text, &offset));
  if (!statement.has_value()) return statement;
  const size_t next = offset;
  ANNALS_ASSIGN_OR_RETURN(const std::optional<native::Statement> more,
                          native::ParseNext(text, &offset));
  if (more.has_value()) {
    return text.Error({next, next + 1}, "expected one statement; several are run as a script");
  }
  return statement;
}

absl::Status CheckUtf8(std::string_view text, std::string_view name) {
  const std::string where = name.empty() ? "" : absl::StrCat(ToAbsl(name), ": ");
  if (const auto bad = FindInvalidUtf8(text)) {
    return InvalidArgument(
        absl::StrCat(where, "the statement is not UTF-8 at byte ", *bad, "; convert it to UTF-8"));
  }
  if (const size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return InvalidArgument(
        absl::StrCat(where, "the statement holds a NUL character at byte ", nul, "; remove it"));
  }
  return absl::OkStatus();
}

}  // namespace

SessionImpl::SessionImpl(Store& store) : store_(store), blank_prefix_(native::FreshBlankPrefix()) {}

bool Session::IsIncomplete(std::string_view text) { return native::IsIncomplete(text); }

absl::StatusOr<std::shared_ptr<const GraphView>> SessionImpl::View() const {
  if (transaction_ != nullptr) return transaction_->view();
  return store_.GetSnapshot();
}

exec::Limits SessionImpl::ExecLimits() const {
  exec::Limits limits;
  if (limits_.time.has_value()) limits.deadline = std::chrono::steady_clock::now() + *limits_.time;
  if (limits_.memory_bytes.has_value()) limits.memory_bytes = *limits_.memory_bytes;
  if (limits_.rows.has_value()) limits.rows = *limits_.rows;
  limits.cancelled = &cancelled_;
  return limits;
}

absl::StatusOr<QuestionContext> SessionImpl::MakeContext(
    const SourceText& text, const native::ParameterValues& parameters) const {
  ANNALS_ASSIGN_OR_RETURN(std::shared_ptr<const GraphView> view, View());
  return QuestionContext{std::move(view),
                         text,
                         prefixes_,
                         parameters,
                         ExecLimits(),
                         run_options_,
                         transaction_ == nullptr ? &kept_views_ : nullptr};
}

template <typename T>
absl::StatusOr<Rows> SessionImpl::Tell(const T& statement, const SourceText& text,
                                       const native::ParameterValues& parameters, Span span) {
  std::unique_ptr<WriteTransaction> own;
  if (transaction_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(own, store_.Begin(kWaitForWriter));
  }
  WriteTransaction& transaction = own != nullptr ? *own : *transaction_;
  if (own == nullptr) transaction.SetSavePoint();
  Teller teller(transaction, own != nullptr, text, prefixes_, parameters, blank_prefix_);
  absl::StatusOr<Told> told = [&]() -> absl::StatusOr<Told> {
    const QuestionContext context{transaction.view(), text,         prefixes_,
                                  parameters,         ExecLimits(), run_options_};
    if constexpr (std::is_same_v<T, native::Remove>) {
      return teller.Tell(statement, context);
    } else if constexpr (std::is_same_v<T, native::Withdraw>) {
      return teller.Tell(statement, context);
    } else if constexpr (std::is_same_v<T, native::Rule>) {
      return teller.Tell(statement, span, context);
    } else {
      return teller.Tell(statement);
    }
  }();
  if (!told.ok()) {
    if (own == nullptr) ANNALS_RETURN_IF_ERROR(transaction.RollbackToSavePoint());
    return told.status();
  }
  if (own != nullptr && !teller.committed()) ANNALS_RETURN_IF_ERROR(own->Commit());
  return MakeMessage(std::move(told->message), std::move(told->notes));
}

absl::StatusOr<Rows> SessionImpl::Load(const native::Load& statement, const SourceText& text,
                                       const native::ParameterValues& parameters) {
  const exec::Limits limits = ExecLimits();
  const CheckFunction check = [&] { return CheckLimits(limits); };
  std::unique_ptr<BulkLoad> load;
  if (transaction_ != nullptr) transaction_->SetSavePoint();
  if (transaction_ == nullptr) {
    LoadOptions options;
    options.replacing = statement.replacing_source;
    options.memory_bytes = limits_.memory_bytes.value_or(0);
    options.progress = [&check, this](LoadPhase phase, uint64_t done, uint64_t of) {
      if (progress_ && of > 0) {
        // Sorting and writing take about as long as each other.
        LoadProgress progress;
        progress.phase = LoadProgress::Phase::kStoring;
        progress.fraction = (static_cast<double>(done) / static_cast<double>(of) +
                             (phase == LoadPhase::kWriting ? 1 : 0)) /
                            2;
        progress_(progress);
      }
      return check();
    };
    ANNALS_ASSIGN_OR_RETURN(load, store_.BeginBulkLoad(kWaitForWriter, options));
  } else if (statement.replacing_source) {
    load = MakeReplacingLoad(*transaction_, check);
  } else {
    ANNALS_ASSIGN_OR_RETURN(load, store_.BulkLoadInto(*transaction_));
  }
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const GraphView> view, View());
  auto told = LoadFile(
      statement, text, prefixes_, parameters, *view, *load,
      {check, progress_, standard_input_, limits_.memory_bytes.value_or(0), store_.path()});
  if (!told.ok()) {
    load.reset();
    if (transaction_ != nullptr) ANNALS_RETURN_IF_ERROR(transaction_->RollbackToSavePoint());
    return told.status();
  }
  return MakeMessage(std::move(told->message), std::move(told->notes));
}

// Loads the file into a copy of the database, or, where that can't be, tells all of it in a
// transaction and takes it back.
absl::StatusOr<Rows> SessionImpl::Check(const native::Check& statement, const SourceText& text) {
  const exec::Limits limits = ExecLimits();
  const CheckFunction check = [&] { return CheckLimits(limits); };
  const bool on_copy = transaction_ == nullptr && !store_.in_memory() && !store_.read_only();
  auto told = on_copy ? CheckOnCopy(statement, text, check) : CheckInside(statement, text, check);
  if (!told.ok()) return told.status();
  return MakeMessage(std::move(told->message), std::move(told->notes));
}

absl::StatusOr<Told> SessionImpl::CheckOnCopy(const native::Check& statement,
                                              const SourceText& text, const CheckFunction& check) {
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Store> copy, store_.NewCopy());
  LoadOptions options;
  options.memory_bytes = limits_.memory_bytes.value_or(0);
  options.progress = [&](LoadPhase, uint64_t, uint64_t) { return check(); };
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const GraphView> view, copy->GetSnapshot());
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<BulkLoad> load,
                          copy->BeginBulkLoad(kWaitForWriter, options));
  return CheckFile(statement, text, *view, *load, [&] { return copy->GetSnapshot(); },
                   {check, nullptr, false, limits_.memory_bytes.value_or(0), store_.path()});
}

absl::StatusOr<Told> SessionImpl::CheckInside(const native::Check& statement,
                                              const SourceText& text, const CheckFunction& check) {
  std::unique_ptr<WriteTransaction> own;
  if (transaction_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(own, store_.Begin(kWaitForWriter));
  }
  WriteTransaction& transaction = own != nullptr ? *own : *transaction_;
  if (own == nullptr) transaction.SetSavePoint();
  ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<BulkLoad> load, store_.BulkLoadInto(transaction));
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const GraphView> view, View());
  auto told = CheckFile(statement, text, *view, *load, [&] { return transaction.view(); },
                        {check, nullptr, false, limits_.memory_bytes.value_or(0), store_.path()});
  load.reset();
  if (own == nullptr) ANNALS_RETURN_IF_ERROR(transaction.RollbackToSavePoint());
  return told;
}

absl::StatusOr<Rows> SessionImpl::BeginTransaction(Span span, const SourceText& text) {
  if (transaction_ != nullptr) {
    return text.Error(span, "a transaction is open already; expected commit or rollback first");
  }
  ANNALS_ASSIGN_OR_RETURN(transaction_, store_.Begin(kWaitForWriter));
  return MakeMessage("transaction begun");
}

absl::StatusOr<Rows> SessionImpl::EndTransaction(bool commit, Span span, const SourceText& text) {
  if (transaction_ == nullptr) {
    return text.Error(span,
                      absl::StrCat("there is no transaction to ", commit ? "commit" : "roll back",
                                   "; one starts with begin"));
  }
  const std::unique_ptr<WriteTransaction> transaction = std::move(transaction_);
  if (!commit) return MakeMessage("rolled back");
  ANNALS_RETURN_IF_ERROR(transaction->Commit());
  return MakeMessage("committed");
}

// Statements to what runs them.
struct SessionImpl::Dispatch {
  SessionImpl& session;
  const SourceText& text;
  const native::ParameterValues& parameters;
  Span span;
  KeptPlan* kept_plan;  // may be null

  template <typename F>
  absl::StatusOr<Rows> With(const F& run) const {
    ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, session.MakeContext(text, parameters));
    return run(context);
  }
  // Merged ones are one.
  template <typename F>
  absl::StatusOr<Rows> WithEntities(const F& run) const {
    ANNALS_ASSIGN_OR_RETURN(QuestionContext context, session.MakeContext(text, parameters));
    ANNALS_ASSIGN_OR_RETURN(const QuestionContext merged, WithMerged(std::move(context)));
    return run(merged);
  }
  // So are they here, and what rules derive is there.
  template <typename F>
  absl::StatusOr<Rows> WithAllFacts(const F& run) const {
    native::TermExpr any;
    any.kind = native::TermExpr::Kind::kAnything;
    return WithEntities([&](const QuestionContext& merged) -> absl::StatusOr<Rows> {
      ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, WithDerived({{&any}}, merged));
      return run(context);
    });
  }

  absl::StatusOr<Rows> operator()(const native::Ask& node) const {
    ANNALS_ASSIGN_OR_RETURN(QuestionContext context, session.MakeContext(text, parameters));
    // What a transaction sees changes without a commit.
    if (!session.in_transaction()) context.kept_plan = kept_plan;
    return AskQuestion(node.question, context);
  }
  absl::StatusOr<Rows> operator()(const native::Explain& node) const {
    return With([&](const auto& context) { return ExplainQuestion(node.question, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Why& node) const {
    return With([&](const auto& context) { return WhyQuestion(node.question, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Profile& node) const {
    return With([&](const auto& context) { return ProfileQuestion(node.question, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Describe& node) const {
    return WithAllFacts([&](const auto& context) { return DescribeEntity(node, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Timeline& node) const {
    return WithAllFacts([&](const auto& context) { return ShowTimeline(node, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Show& node) const {
    return WithEntities([&](const auto& context) { return ShowList(node, context); });
  }
  absl::StatusOr<Rows> operator()(const native::History& node) const {
    return With([&](const auto& context) { return ShowHistory(node, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Conflicts& node) const {
    return WithEntities([&](const auto& context) { return ShowConflicts(node, context); });
  }
  absl::StatusOr<Rows> operator()(const native::Withdraw& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::Add& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::FromBlock& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::SourceDecl& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::AliasDecl& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::PredicateDecl& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::Remove& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::Rule& node) const {
    return session.Tell(node, text, parameters, span);
  }
  absl::StatusOr<Rows> operator()(const native::Merge& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::Unmerge& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::DropRule& node) const {
    return session.Tell(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::PrefixDecl& node) const {
    session.prefixes_[node.prefix] = node.iri;
    return MakeMessage("");
  }
  absl::StatusOr<Rows> operator()(const native::Load& node) const {
    return session.Load(node, text, parameters);
  }
  absl::StatusOr<Rows> operator()(const native::Begin&) const {
    return session.BeginTransaction(span, text);
  }
  absl::StatusOr<Rows> operator()(const native::Commit&) const {
    return session.EndTransaction(true, span, text);
  }
  absl::StatusOr<Rows> operator()(const native::Rollback&) const {
    return session.EndTransaction(false, span, text);
  }
  absl::StatusOr<Rows> operator()(const native::Check& node) const {
    return session.Check(node, text);
  }
  absl::StatusOr<Rows> operator()(const native::Export& node) const {
    return With([&](const auto& context) -> absl::StatusOr<Rows> {
      const CheckFunction check = [&] { return CheckLimits(context.limits); };
      ANNALS_ASSIGN_OR_RETURN(Told told, ExportFile(node, span, context, check));
      return MakeMessage(std::move(told.message), std::move(told.notes));
    });
  }
};

absl::StatusOr<Rows> SessionImpl::Execute(const native::Statement& statement,
                                          const SourceText& text,
                                          const native::ParameterValues& parameters,
                                          KeptPlan* kept_plan) {
  return std::visit(Dispatch{*this, text, parameters, statement.span, kept_plan}, statement.node);
}

class SessionImpl::Prepared : public PreparedStatement {
 public:
  Prepared(SessionImpl& session, std::string_view text)
      : session_(session), written_(text), text_(written_) {}

  absl::Status Parse() {
    ANNALS_ASSIGN_OR_RETURN(statement_, ParseOne(text_));
    return absl::OkStatus();
  }

  absl::StatusOr<Rows> Run(const Parameters& parameters) override {
    session_.cancelled_ = false;
    ANNALS_ASSIGN_OR_RETURN(const native::ParameterValues values, ReadParameters(parameters));
    if (!statement_.has_value()) return MakeMessage("");
    return session_.Execute(*statement_, text_, values, &kept_plan_);
  }

 private:
  SessionImpl& session_;
  const std::string written_;
  const SourceText text_;
  std::optional<native::Statement> statement_;  // none in a text of white space
  KeptPlan kept_plan_;
};

absl::StatusOr<std::unique_ptr<PreparedStatement>> SessionImpl::Prepare(
    std::string_view statement) {
  ANNALS_RETURN_IF_ERROR(CheckUtf8(statement, ""));
  auto prepared = std::make_unique<Prepared>(*this, statement);
  ANNALS_RETURN_IF_ERROR(prepared->Parse());
  return prepared;
}

absl::StatusOr<Rows> SessionImpl::Run(std::string_view statement, const Parameters& parameters) {
  cancelled_ = false;
  ANNALS_RETURN_IF_ERROR(CheckUtf8(statement, ""));
  ANNALS_ASSIGN_OR_RETURN(const native::ParameterValues values, ReadParameters(parameters));
  const SourceText text(statement);
  ANNALS_ASSIGN_OR_RETURN(const std::optional<native::Statement> parsed, ParseOne(text));
  if (!parsed.has_value()) return MakeMessage("");
  return Execute(*parsed, text, values);
}

absl::Status SessionImpl::RunScript(std::string_view script, std::string_view name,
                                    const AnswerFunction& answer, const FailedFunction& failed) {
  cancelled_ = false;
  ANNALS_RETURN_IF_ERROR(CheckUtf8(script, name));
  const SourceText text(script, std::string(name));
  const native::ParameterValues parameters;
  size_t offset = 0;
  while (true) {
    bool at_end = false;
    const absl::Status status = [&]() -> absl::Status {
      ANNALS_ASSIGN_OR_RETURN(const std::optional<native::Statement> statement,
                              native::ParseNext(text, &offset));
      if (!statement.has_value()) {
        at_end = true;
        return absl::OkStatus();
      }
      ANNALS_ASSIGN_OR_RETURN(Rows rows, Execute(*statement, text, parameters));
      return answer(rows);
    }();
    if (at_end) return absl::OkStatus();
    if (!status.ok() && (!failed || !failed(status))) return status;
  }
}

absl::StatusOr<std::vector<std::string>> SessionImpl::Complete(std::string_view prefix,
                                                               size_t limit) {
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const GraphView> view, View());
  return view->NamesWithPrefix(prefix, limit);
}

}  // namespace annals
