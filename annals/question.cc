#include "annals/question.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "annals/kept_plan.h"
#include "annals/rules.h"
#include "query/algebra/build.h"
#include "query/algebra/dump.h"
#include "query/exec/make_room.h"
#include "query/exec/result.h"
#include "query/exec/vocabulary.h"
#include "query/native/predicates.h"
#include "query/optimizer/optimizer.h"
#include "query/results/writer.h"
#include "storage/base/text.h"
#include "storage/graph/merges.h"

namespace annals {
namespace {

// A plan while it runs, with all that it reads from.
class Run {
 public:
  // `is_answer`: the limit of rows holds for it.
  static absl::StatusOr<std::unique_ptr<Run>> Start(const QuestionContext& context,
                                                    std::shared_ptr<const algebra::Plan> plan,
                                                    bool is_answer,
                                                    exec::Profile* profile = nullptr) {
    exec::Limits limits = context.limits;
    if (!is_answer) limits.rows = UINT64_MAX;
    auto run = std::unique_ptr<Run>(new Run(context.view, std::move(plan), limits, context.run));
    if (context.held_bytes != nullptr) {
      ANNALS_RETURN_IF_ERROR(run->context_.Reserve(*context.held_bytes));
    }
    run->context_.MeasureInto(profile);
    ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<exec::Operator> root,
                            exec::MakeOperator(*run->plan_, run->context_));
    run->reader_ = std::make_unique<exec::ResultReader>(std::move(root), run->context_);
    return run;
  }

  exec::ResultReader& reader() { return *reader_; }
  // Which of the reader's columns these are.
  absl::StatusOr<std::vector<size_t>> Places(const std::vector<native::QuestionColumn>& columns) {
    std::vector<size_t> places;
    const std::vector<algebra::Variable>& variables = reader_->variables();
    for (const native::QuestionColumn& column : columns) {
      const auto found = std::find(variables.begin(), variables.end(), column.variable);
      if (found == variables.end()) {
        return Internal("the plan lacks the column " + column.title);
      }
      places.push_back(static_cast<size_t>(found - variables.begin()));
    }
    return places;
  }
  exec::Context& context() { return context_; }
  const algebra::Plan& plan() const { return *plan_; }

 private:
  Run(std::shared_ptr<const GraphView> view, std::shared_ptr<const algebra::Plan> plan,
      const exec::Limits& limits, const RunOptions& options)
      : view_(std::move(view)),
        plan_(std::move(plan)),
        source_(exec::MakeGraphSource(*view_)),
        context_(*source_, limits, options.batch_rows, options.parallelism) {}

  // Destroyed in the opposite order: operators before what they refer to.
  std::shared_ptr<const GraphView> view_;
  std::shared_ptr<const algebra::Plan> plan_;
  std::unique_ptr<exec::QuadSource> source_;
  exec::Context context_;
  std::unique_ptr<exec::ResultReader> reader_;
};

class QuestionRows : public TermRows {
 public:
  QuestionRows(std::unique_ptr<Run> run, std::vector<size_t> places)
      : run_(std::move(run)), places_(std::move(places)), shown_(run_->context()) {}

  absl::StatusOr<bool> Next(std::vector<Term>* row) override {
    if (next_ == run_->reader().rows()) {
      if (ended_) return false;
      next_ = 0;
      ANNALS_ASSIGN_OR_RETURN(const bool more, run_->reader().Next());
      if (!more) {
        ended_ = true;
        return false;
      }
    }
    row->clear();
    ANNALS_RETURN_IF_ERROR(ReserveShown());
    for (size_t place : places_) row->push_back(run_->reader().term(next_, place));
    ++next_;
    return true;
  }

 private:
  // For the copy of a row that is shown, with its text: worth counting where it holds lists.
  absl::Status ReserveShown() {
    uint64_t bytes = 0;
    for (const size_t place : places_) {
      const auto* const list = run_->reader().term(next_, place).As<TermList>();
      if (list == nullptr) continue;
      for (const Term& item : *list) {
        const uint64_t term_bytes = exec::BytesOfTerm(item);
        const uint64_t text_bytes = std::max<uint64_t>(kLeastTextBytes, term_bytes - sizeof(Term));
        bytes += term_bytes + sizeof(results::Cell) + 2 * text_bytes;
      }
    }
    return shown_.Resize(bytes);
  }
  static constexpr uint64_t kLeastTextBytes = 40;

  std::unique_ptr<Run> run_;
  std::vector<size_t> places_;  // of the columns shown among the plan's
  exec::Reservation shown_;
  size_t next_ = 0;
  bool ended_ = false;
};

// The last instant of the time after `as of` or `published by`.
absl::StatusOr<int64_t> InstantOf(const native::Expr& expr, const QuestionContext& context) {
  ANNALS_ASSIGN_OR_RETURN(algebra::PlanPtr plan,
                          native::TranslateMoment(expr, TranslateOptionsOf(context)));
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Run> run,
                          Run::Start(context, std::move(plan), false));
  ANNALS_ASSIGN_OR_RETURN(const bool has_row, run->reader().Next());
  const Term value = has_row ? run->reader().term(0, 0) : Term();
  const Time* const time = value.As<Time>();
  if (time == nullptr) return context.text.Error(expr.span, "expected a time here, as 2024-06-19");
  return time->last();
}

// With a view that clocks can be set back in.
QuestionContext FromNow(QuestionContext context) {
  context.now = context.view;
  if (context.held_bytes == nullptr) context.held_bytes = std::make_shared<uint64_t>(0);
  return context;
}

// The answer to a question inside one that has clocks of its own; it keeps those of the question
// around it that it doesn't set.
absl::StatusOr<native::PastRows> AskPast(const native::Find& find, const QuestionContext& around) {
  QuestionContext asked = around;
  asked.view = around.now;
  asked.kept = nullptr;
  asked.kept_plan = nullptr;
  asked.derived = nullptr;
  // Without what it derives itself, which goes with it.
  asked.held_bytes = std::make_shared<uint64_t>(*around.held_bytes);
  ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, ForQuestion(find, asked));
  ANNALS_ASSIGN_OR_RETURN(native::Question question, Translate(find, context));
  ANNALS_ASSIGN_OR_RETURN(algebra::PlanPtr plan,
                          OptimizePlan(std::move(question.plan), context, false, nullptr));
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Run> run,
                          Run::Start(context, std::move(plan), false));
  native::PastRows answer;
  answer.notes = std::move(question.notes);
  ANNALS_ASSIGN_OR_RETURN(const std::vector<size_t> places, run->Places(question.columns));
  for (const native::QuestionColumn& column : question.columns) {
    answer.rows.variables.push_back(column.title);
  }
  // A fact that is gone, or that rules derived then, has no number in the view around.
  const auto is_gone = [&](const Term& term) -> absl::StatusOr<bool> {
    const auto* const ref = term.As<FactRef>();
    if (ref == nullptr) return false;
    if (context.derived != nullptr && context.derived->by_fact.contains(ref->number)) return true;
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> fact, around.view->GetFact(ref->number));
    return !fact.has_value();
  };
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, run->reader().Next());
    if (!more) return answer;
    uint64_t bytes = 0;
    for (size_t i = 0; i < run->reader().rows(); ++i) {
      std::vector<Term>& row = answer.rows.rows.emplace_back();
      for (const size_t place : places) {
        const Term& term = row.emplace_back(run->reader().term(i, place));
        ANNALS_ASSIGN_OR_RETURN(const bool gone, is_gone(term));
        if (gone) {
          return context.text.Error(
              find.span,
              "this shows facts that were taken back since, or derived by rules "
              "at that time; expected their subject, predicate, object or time "
              "to be shown instead");
        }
        bytes += exec::BytesOfTerm(term);
      }
    }
    ANNALS_RETURN_IF_ERROR(run->context().Reserve(bytes));
    *around.held_bytes += bytes;
  }
}

std::string Milliseconds(std::chrono::nanoseconds time) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.2f ms",
                std::chrono::duration<double, std::milli>(time).count());
  return text;
}

absl::StatusOr<Rows> PlanRows(const algebra::Plan& plan, const optimizer::Report& report,
                              std::vector<std::string> notes, const GraphView& view,
                              const algebra::NodeText& node_text) {
  auto state = std::make_unique<RowsAccess::State>();
  state->kind = Rows::Kind::kText;
  state->notes = std::move(notes);
  state->columns = {"plan"};
  state->message = algebra::DumpPlan(
      plan,
      [&view](TermId id) {
        const auto term = view.Get(id);
        return term.ok() ? LanguageText(*term) : std::string("?");
      },
      node_text);
  if (!report.fired.empty()) {
    state->message += "passes:";
    for (std::string_view pass : report.fired) state->message += " " + std::string(pass);
  }
  if (state->message.ends_with('\n')) state->message.pop_back();
  return RowsAccess::Make(std::move(state));
}

// How far the estimate was from what came, as a factor; nothing where it was right.
std::string ErrorText(const algebra::Plan& node, uint64_t rows) {
  if (!node.estimated_rows.has_value()) return "";
  const double expected = std::max(std::round(*node.estimated_rows), 1.0);
  const double actual = std::max(static_cast<double>(rows), 1.0);
  const double factor = std::max(expected / actual, actual / expected);
  if (factor < 1.05) return "";
  char text[32];
  std::snprintf(text, sizeof text, factor < 10 ? "%.1f" : "%.0f", factor);
  return " (" + std::string(text) + (actual > expected ? " times more)" : " times fewer)");
}

}  // namespace

absl::Status CheckLimits(const exec::Limits& limits) {
  if (limits.cancelled != nullptr && limits.cancelled->load(std::memory_order_relaxed)) {
    return Cancelled("interrupted");
  }
  if (limits.deadline.has_value() && std::chrono::steady_clock::now() > *limits.deadline) {
    return DeadlineExceeded("the time limit was reached; nothing was stored");
  }
  return absl::OkStatus();
}

absl::StatusOr<QuestionContext> WithMerged(QuestionContext context) {
  KeptViews* const kept = context.kept;
  if (kept != nullptr && kept->merged != nullptr && kept->merged_of == context.view) {
    context.view = kept->merged;
    return context;
  }
  ANNALS_ASSIGN_OR_RETURN(std::shared_ptr<const GraphView> merged, MakeMergedView(context.view));
  // A view that is itself changes (a transaction's) or costs nothing to make.
  if (kept != nullptr && merged != context.view) *kept = {context.view, merged, nullptr};
  context.view = std::move(merged);
  return context;
}

absl::StatusOr<QuestionContext> ForQuestion(const native::Find& find,
                                            const QuestionContext& context) {
  QuestionContext past = FromNow(context);
  if (find.as_of.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(past.clocks.as_of, InstantOf(*find.as_of, context));
  }
  if (find.published_by.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(past.clocks.published_by, InstantOf(*find.published_by, context));
  }
  ANNALS_ASSIGN_OR_RETURN(past.view, MakePastView(context.view, past.clocks));
  ANNALS_ASSIGN_OR_RETURN(QuestionContext merged, WithMerged(std::move(past)));
  return WithDerived(native::PredicatesOf(find), std::move(merged));
}

native::TranslateOptions TranslateOptionsOf(const QuestionContext& context) {
  native::TranslateOptions options{*context.view, context.text, context.prefixes,
                                   context.parameters};
  options.past_rows = [&context](const native::Find& find) { return AskPast(find, context); };
  return options;
}

absl::StatusOr<Rows> AskQuestion(const native::Find& find, const QuestionContext& asked) {
  ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, ForQuestion(find, asked));
  KeptPlan own;
  KeptPlan& kept = asked.kept_plan == nullptr ? own : *asked.kept_plan;
  ANNALS_RETURN_IF_ERROR(kept.Fit(find, asked, context));
  const native::Question& question = kept.question();
  ANNALS_ASSIGN_OR_RETURN(std::unique_ptr<Run> run, Run::Start(context, kept.plan(), true));
  auto state = std::make_unique<RowsAccess::State>();
  state->notes = question.notes;
  state->fact_text = MakeFactText(context.view);
  if (question.yes_no) {
    ANNALS_ASSIGN_OR_RETURN(state->yes, run->reader().Next());
    state->kind = Rows::Kind::kYesNo;
    state->columns = {"answer"};
    return RowsAccess::Make(std::move(state));
  }
  ANNALS_ASSIGN_OR_RETURN(std::vector<size_t> places, run->Places(question.columns));
  for (const native::QuestionColumn& column : question.columns) {
    state->columns.push_back(column.title);
  }
  state->kind = Rows::Kind::kRows;
  state->rows = std::make_unique<QuestionRows>(std::move(run), std::move(places));
  return RowsAccess::Make(std::move(state));
}

absl::StatusOr<Rows> ExplainQuestion(const native::Find& find, const QuestionContext& asked) {
  ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, ForQuestion(find, asked));
  ANNALS_ASSIGN_OR_RETURN(native::Question question, Translate(find, context));
  optimizer::Report report;
  ANNALS_ASSIGN_OR_RETURN(const algebra::PlanPtr plan,
                          OptimizePlan(std::move(question.plan), context, true, &report));
  return PlanRows(*plan, report, std::move(question.notes), *context.view, nullptr);
}

absl::StatusOr<Rows> ProfileQuestion(const native::Find& find, const QuestionContext& asked) {
  ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, ForQuestion(find, asked));
  const auto began = std::chrono::steady_clock::now();
  ANNALS_ASSIGN_OR_RETURN(native::Question question, Translate(find, context));
  optimizer::Report report;
  ANNALS_ASSIGN_OR_RETURN(algebra::PlanPtr plan,
                          OptimizePlan(std::move(question.plan), context, true, &report));
  const auto planned = std::chrono::steady_clock::now();
  exec::Profile profile;
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Run> run,
                          Run::Start(context, std::move(plan), true, &profile));
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, run->reader().Next());
    if (!more) break;
  }
  const auto ended = std::chrono::steady_clock::now();
  const auto measured = [&profile](const algebra::Plan& node) -> std::string {
    const auto found = profile.find(&node);
    if (found == profile.end()) return "  (part of the operator above)";
    const exec::NodeProfile& one = found->second;
    std::string text = "  | " + Count(one.rows, "row") + ErrorText(node, one.rows) + " in " +
                       Count(one.batches, "batch", "batches") + ", " + Milliseconds(one.time);
    if (one.memory_bytes > 0)
      text += ", " + std::to_string((one.memory_bytes + 1023) / 1024) + " KB";
    return text;
  };
  ANNALS_ASSIGN_OR_RETURN(
      Rows rows, PlanRows(run->plan(), report, std::move(question.notes), *context.view, measured));
  RowsAccess::StateOf(rows).message +=
      "\nplanned in " + Milliseconds(planned - began) + ", run in " + Milliseconds(ended - planned);
  return rows;
}

absl::StatusOr<FormulaRows> RunFormula(const native::Formula& formula,
                                       const QuestionContext& asked) {
  ANNALS_ASSIGN_OR_RETURN(QuestionContext merged, WithMerged(FromNow(asked)));
  ANNALS_ASSIGN_OR_RETURN(const QuestionContext context,
                          WithDerived(native::PredicatesOf(formula), std::move(merged)));
  ANNALS_ASSIGN_OR_RETURN(native::Question question,
                          native::TranslateFormula(formula, TranslateOptionsOf(context)));
  ANNALS_ASSIGN_OR_RETURN(FormulaRows rows, RunPlan(std::move(question.plan), context));
  rows.notes = std::move(question.notes);
  return rows;
}

absl::StatusOr<FormulaRows> RunPlan(algebra::PlanPtr plan, const QuestionContext& context) {
  ANNALS_ASSIGN_OR_RETURN(plan, OptimizePlan(std::move(plan), context, false, nullptr));
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<Run> run,
                          Run::Start(context, std::move(plan), false));
  FormulaRows result;
  exec::ResultReader& reader = run->reader();
  result.variables = reader.variables();
  exec::Reservation reservation(run->context());
  // With what the allocator adds to a row.
  const uint64_t row_bytes = result.variables.size() * sizeof(TermId) + 16;
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, reader.Next());
    if (!more) return result;
    ANNALS_RETURN_IF_ERROR(exec::MakeRoom(reader.total_rows(), &result.rows, run->context()));
    result.bytes =
        result.rows.capacity() * sizeof(std::vector<TermId>) + reader.total_rows() * row_bytes;
    ANNALS_RETURN_IF_ERROR(reservation.Resize(result.bytes));
    for (size_t i = 0; i < reader.rows(); ++i) {
      std::vector<TermId>& row = result.rows.emplace_back();
      row.reserve(result.variables.size());
      for (size_t column = 0; column < result.variables.size(); ++column) {
        TermId id = reader.id(i, column);
        if (id.kind() == TermKind::kLocal) {
          // A computed value may be a term of the store after all.
          ANNALS_ASSIGN_OR_RETURN(id, result.added.Intern(reader.term(i, column), *context.view));
        }
        row.push_back(id);
      }
    }
  }
}

}  // namespace annals
