#include "query/exec/evaluator.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "query/algebra/build.h"
#include "query/algebra/scalar_operators.h"
#include "query/exec/evaluator_nodes.h"
#include "query/functions/arithmetic.h"
#include "query/functions/function.h"

namespace annals::exec {
namespace {

using algebra::Expression;
using algebra::Variable;

const Term& UndefinedTerm() {
  static const Term term;
  return term;
}
const Term& BooleanTerm(bool value) {
  static const Term terms[] = {Term(false), Term(true)};
  return terms[value ? 1 : 0];
}

bool IsTrue(const Term& term) {
  const auto* value = term.As<bool>();
  return value != nullptr && *value;
}

class ConstantEvaluator : public Evaluator {
 public:
  ConstantEvaluator(Term term, TermId id) : term_(std::move(term)), id_(id) {}
  absl::Status Terms(const Batch&, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    out->assign(rows.size(), &term_);
    return absl::OkStatus();
  }
  absl::Status Ids(const Batch&, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override {
    out->assign(rows.size(), id_);
    return absl::OkStatus();
  }
  absl::Status Select(const Batch&, Selection* rows) override {
    if (!IsTrue(term_)) rows->clear();
    return absl::OkStatus();
  }
  bool has_ids() const override { return true; }

 private:
  const Term term_;
  const TermId id_;
};

class ColumnEvaluator : public Evaluator {
 public:
  ColumnEvaluator(size_t column, Context& context)
      : column_(column), fetcher_(context.vocabulary()) {}
  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    ANNALS_RETURN_IF_ERROR(Ids(batch, rows, &ids_));
    return fetcher_.Fetch(ids_, out);
  }
  absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override {
    const auto& column = batch.columns[column_];
    if (rows.size() == batch.rows) {
      *out = column;
      return absl::OkStatus();
    }
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) (*out)[i] = column[rows[i]];
    return absl::OkStatus();
  }
  absl::Status Select(const Batch& batch, Selection* rows) override {
    const auto& column = batch.columns[column_];
    std::erase_if(*rows, [&](uint32_t row) { return column[row] != TermId::Boolean(true); });
    return absl::OkStatus();
  }
  bool has_ids() const override { return true; }

 private:
  const size_t column_;
  TermFetcher fetcher_;
  std::vector<TermId> ids_;
};

class And : public ConditionEvaluator {
 public:
  explicit And(std::vector<EvaluatorPtr> operands) : operands_(std::move(operands)) {}
  absl::Status Select(const Batch& batch, Selection* rows) override {
    return SelectAll(operands_, batch, rows);
  }

 private:
  const std::vector<EvaluatorPtr> operands_;
};

class Or : public ConditionEvaluator {
 public:
  explicit Or(std::vector<EvaluatorPtr> operands) : operands_(std::move(operands)) {}
  absl::Status Select(const Batch& batch, Selection* rows) override {
    Selection left = *rows;
    for (const EvaluatorPtr& operand : operands_) {
      if (left.empty()) break;
      Selection taken = left;
      ANNALS_RETURN_IF_ERROR(operand->Select(batch, &taken));
      Subtract(taken, &left);
    }
    Subtract(left, rows);
    return absl::OkStatus();
  }

 private:
  const std::vector<EvaluatorPtr> operands_;
};

class Not : public ConditionEvaluator {
 public:
  explicit Not(EvaluatorPtr operand) : operand_(std::move(operand)) {}
  absl::Status Select(const Batch& batch, Selection* rows) override {
    Selection taken = *rows;
    ANNALS_RETURN_IF_ERROR(operand_->Select(batch, &taken));
    Subtract(taken, rows);
    return absl::OkStatus();
  }

 private:
  const EvaluatorPtr operand_;
};

class Exists : public ConditionEvaluator {
 public:
  explicit Exists(std::unique_ptr<RowTest> test) : test_(std::move(test)) {}
  absl::Status Select(const Batch& batch, Selection* rows) override {
    return test_->Select(batch, rows);
  }

 private:
  const std::unique_ptr<RowTest> test_;
};

// What Calculate gives for two integers whose result is one, as ids; nothing for all else.
std::optional<TermId> CalculateIds(NumberOp op, TermId left, TermId right) {
  if (left.kind() != TermKind::kInteger || right.kind() != TermKind::kInteger) return std::nullopt;
  const int64_t a = left.integer(), b = right.integer();
  int64_t result = 0;
  bool fits = false;
  switch (op) {
    case NumberOp::kAdd:
      fits = !__builtin_add_overflow(a, b, &result);
      break;
    case NumberOp::kSubtract:
      fits = !__builtin_sub_overflow(a, b, &result);
      break;
    case NumberOp::kMultiply:
      fits = !__builtin_mul_overflow(a, b, &result);
      break;
    case NumberOp::kDivide:
    case NumberOp::kModulo:
      break;
  }
  if (!fits || !TermId::IntegerFits(result)) return std::nullopt;
  return TermId::Integer(result);
}

class Arithmetic : public ValueEvaluator {
 public:
  Arithmetic(NumberOp op, EvaluatorPtr left, EvaluatorPtr right, Context& context)
      : ValueEvaluator(context), op_(op), left_(std::move(left)), right_(std::move(right)) {}
  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    ANNALS_RETURN_IF_ERROR(left_->Terms(batch, rows, &left_terms_));
    ANNALS_RETURN_IF_ERROR(right_->Terms(batch, rows, &right_terms_));
    results_.resize(rows.size());
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      results_[i] = functions::Calculate(op_, *left_terms_[i], *right_terms_[i]);
      (*out)[i] = &results_[i];
    }
    return absl::OkStatus();
  }
  absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override {
    if (!left_->has_ids() || !right_->has_ids()) return ValueEvaluator::Ids(batch, rows, out);
    ANNALS_RETURN_IF_ERROR(left_->Ids(batch, rows, &left_ids_));
    ANNALS_RETURN_IF_ERROR(right_->Ids(batch, rows, &right_ids_));
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const std::optional<TermId> result = CalculateIds(op_, left_ids_[i], right_ids_[i]);
      if (!result.has_value()) return ValueEvaluator::Ids(batch, rows, out);
      (*out)[i] = *result;
    }
    return absl::OkStatus();
  }

 private:
  const NumberOp op_;
  const EvaluatorPtr left_, right_;
  std::vector<const Term*> left_terms_, right_terms_;
  std::vector<TermId> left_ids_, right_ids_;
  std::vector<Term> results_;
};

class Negation : public ValueEvaluator {
 public:
  Negation(EvaluatorPtr operand, Context& context)
      : ValueEvaluator(context), operand_(std::move(operand)) {}
  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    ANNALS_RETURN_IF_ERROR(operand_->Terms(batch, rows, out));
    results_.resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      results_[i] = functions::Negate(*(*out)[i]);
      (*out)[i] = &results_[i];
    }
    return absl::OkStatus();
  }

 private:
  const EvaluatorPtr operand_;
  std::vector<Term> results_;
};

class CallEvaluator : public ValueEvaluator {
 public:
  CallEvaluator(const functions::Function& function, std::vector<EvaluatorPtr> arguments,
                Context& context)
      : ValueEvaluator(context),
        function_(function),
        arguments_(std::move(arguments)),
        argument_terms_(arguments_.size()),
        row_(arguments_.size()) {}
  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    constexpr size_t kCallsBetweenChecks = 256;  // each may look into the store
    for (size_t i = 0; i < arguments_.size(); ++i) {
      ANNALS_RETURN_IF_ERROR(arguments_[i]->Terms(batch, rows, &argument_terms_[i]));
    }
    results_.resize(rows.size());
    out->resize(rows.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      if (i % kCallsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
      for (size_t j = 0; j < row_.size(); ++j) row_[j] = argument_terms_[j][i];
      ANNALS_ASSIGN_OR_RETURN(results_[i], functions::Call(function_, row_, context_.evaluation()));
      (*out)[i] = &results_[i];
    }
    return absl::OkStatus();
  }

 private:
  const functions::Function& function_;
  const std::vector<EvaluatorPtr> arguments_;
  std::vector<std::vector<const Term*>> argument_terms_;
  std::vector<const Term*> row_;
  std::vector<Term> results_;
};

// coalesce(...), without a look at what the ids stand for.
class Coalesce : public ValueEvaluator {
 public:
  Coalesce(std::vector<EvaluatorPtr> arguments, Context& context)
      : ValueEvaluator(context), arguments_(std::move(arguments)) {}
  absl::Status Terms(const Batch& batch, std::span<const uint32_t> rows,
                     std::vector<const Term*>* out) override {
    return FirstOf(
        out, [](const Term* term) { return term->is_undefined(); },
        [&](Evaluator& argument, std::vector<const Term*>* terms) {
          return argument.Terms(batch, rows, terms);
        });
  }
  absl::Status Ids(const Batch& batch, std::span<const uint32_t> rows,
                   std::vector<TermId>* out) override {
    return FirstOf(
        out, [](TermId id) { return id.is_undefined(); },
        [&](Evaluator& argument, std::vector<TermId>* ids) {
          return argument.Ids(batch, rows, ids);
        });
  }
  bool has_ids() const override {
    return std::all_of(arguments_.begin(), arguments_.end(),
                       [](const EvaluatorPtr& argument) { return argument->has_ids(); });
  }

 private:
  template <typename T, typename IsEmpty, typename Read>
  absl::Status FirstOf(std::vector<T>* out, const IsEmpty& is_empty, const Read& read) {
    ANNALS_RETURN_IF_ERROR(read(*arguments_[0], out));
    std::vector<T> next;
    for (size_t i = 1; i < arguments_.size(); ++i) {
      if (std::none_of(out->begin(), out->end(), is_empty)) break;
      ANNALS_RETURN_IF_ERROR(read(*arguments_[i], &next));
      for (size_t row = 0; row < out->size(); ++row) {
        if (is_empty((*out)[row])) (*out)[row] = next[row];
      }
    }
    return absl::OkStatus();
  }

  const std::vector<EvaluatorPtr> arguments_;
};

// What is worth doing once a distinct value: `*calls` if it calls a function or looks through a
// list, `*exists` if it runs a plan.
void FindCostly(const Expression& expression, bool* calls, bool* exists) {
  struct Visitor {
    bool* calls;
    bool* exists;
    void One(const algebra::ExpressionPtr& operand) const { FindCostly(*operand, calls, exists); }
    void All(const std::vector<algebra::ExpressionPtr>& operands) const {
      for (const auto& operand : operands) One(operand);
    }
    void operator()(const algebra::ConstantExpr&) const {}
    void operator()(const algebra::VariableExpr&) const {}
    void operator()(const algebra::AndExpr& node) const { All(node.operands); }
    void operator()(const algebra::OrExpr& node) const { All(node.operands); }
    void operator()(const algebra::NotExpr& node) const { One(node.operand); }
    void operator()(const algebra::CompareExpr& node) const { One(node.left), One(node.right); }
    void operator()(const algebra::ArithmeticExpr& node) const {
      *calls = true;
      One(node.left), One(node.right);
    }
    void operator()(const algebra::NegateExpr& node) const { One(node.operand); }
    void operator()(const algebra::TimeExpr& node) const { One(node.left), One(node.right); }
    void operator()(const algebra::InExpr& node) const {
      *calls = true;
      One(node.value), All(node.list);
    }
    void operator()(const algebra::CallExpr& node) const {
      *calls = true;
      All(node.arguments);
    }
    void operator()(const algebra::ExistsExpr&) const { *exists = true; }
  };
  std::visit(Visitor{calls, exists}, expression.node);
}

class Compiler {
 public:
  Compiler(const std::vector<Variable>& columns, Context& context, const MakeRowTest& make_test)
      : columns_(columns), context_(context), make_test_(make_test) {}

  absl::StatusOr<EvaluatorPtr> Compile(const Expression& expression) {
    bool calls = false, exists = false;
    FindCostly(expression, &calls, &exists);
    if (!calls || exists || inside_memo_) return CompileNode(expression);
    const std::vector<Variable> variables = algebra::VariablesOf(expression);
    if (variables.empty()) return Fold(expression);
    const auto column = variables.size() == 1 ? ColumnOf(variables[0]) : std::nullopt;
    if (!column.has_value()) return CompileNode(expression);
    Compiler inner(variables, context_, make_test_);
    inner.inside_memo_ = true;
    ANNALS_ASSIGN_OR_RETURN(EvaluatorPtr evaluator, inner.CompileNode(expression));
    return MakeMemo(std::move(evaluator), *column, context_);
  }

 private:
  std::optional<size_t> ColumnOf(const Variable& variable) const {
    const auto found = std::find(columns_.begin(), columns_.end(), variable);
    if (found == columns_.end()) return std::nullopt;
    return static_cast<size_t>(found - columns_.begin());
  }

  // A value that no row changes.
  absl::StatusOr<EvaluatorPtr> Fold(const Expression& expression) {
    Compiler inner({}, context_, make_test_);
    inner.inside_memo_ = true;
    ANNALS_ASSIGN_OR_RETURN(const EvaluatorPtr evaluator, inner.CompileNode(expression));
    Batch unit;
    unit.rows = 1;
    const uint32_t row = 0;
    std::vector<const Term*> terms;
    ANNALS_RETURN_IF_ERROR(evaluator->Terms(unit, std::span(&row, 1), &terms));
    return Constant(*terms[0], TermId());
  }

  absl::StatusOr<EvaluatorPtr> Constant(const Term& term, TermId id) {
    if (id.is_undefined()) {
      ANNALS_ASSIGN_OR_RETURN(id, context_.vocabulary().IdOf(term));
    }
    return EvaluatorPtr(std::make_unique<ConstantEvaluator>(term, id));
  }

  absl::StatusOr<std::vector<EvaluatorPtr>> CompileAll(
      const std::vector<algebra::ExpressionPtr>& operands) {
    std::vector<EvaluatorPtr> evaluators;
    for (const auto& operand : operands) {
      ANNALS_ASSIGN_OR_RETURN(evaluators.emplace_back(), Compile(*operand));
    }
    return evaluators;
  }

  absl::StatusOr<EvaluatorPtr> CompileNode(const Expression& expression) {
    return std::visit([this](const auto& node) { return CompileOne(node); }, expression.node);
  }

  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::ConstantExpr& node) {
    return Constant(node.term, node.id);
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::VariableExpr& node) {
    const auto column = ColumnOf(node.name);
    if (!column.has_value()) return Constant(UndefinedTerm(), TermId());
    return EvaluatorPtr(std::make_unique<ColumnEvaluator>(*column, context_));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::AndExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto operands, CompileAll(node.operands));
    return EvaluatorPtr(std::make_unique<And>(std::move(operands)));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::OrExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto operands, CompileAll(node.operands));
    return EvaluatorPtr(std::make_unique<Or>(std::move(operands)));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::NotExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto operand, Compile(*node.operand));
    return EvaluatorPtr(std::make_unique<Not>(std::move(operand)));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::CompareExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto left, Compile(*node.left));
    ANNALS_ASSIGN_OR_RETURN(auto right, Compile(*node.right));
    return MakeComparison(node.op, std::move(left), std::move(right), context_);
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::ArithmeticExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto left, Compile(*node.left));
    ANNALS_ASSIGN_OR_RETURN(auto right, Compile(*node.right));
    return EvaluatorPtr(std::make_unique<Arithmetic>(algebra::ToNumberOp(node.op), std::move(left),
                                                     std::move(right), context_));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::NegateExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto operand, Compile(*node.operand));
    return EvaluatorPtr(std::make_unique<Negation>(std::move(operand), context_));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::TimeExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto left, Compile(*node.left));
    ANNALS_ASSIGN_OR_RETURN(auto right, Compile(*node.right));
    return MakeTimeTest(node.op, node.possibly, std::move(left), std::move(right), context_);
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::InExpr& node) {
    ANNALS_ASSIGN_OR_RETURN(auto value, Compile(*node.value));
    ANNALS_ASSIGN_OR_RETURN(auto list, CompileAll(node.list));
    return MakeInList(std::move(value), std::move(list));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::CallExpr& node) {
    const functions::Function* function = functions::FindFunction(node.function);
    if (function == nullptr) return Internal("a plan calls '" + node.function + "'");
    if (auto wrong = functions::WrongArgumentCount(*function, node.arguments.size())) {
      return InvalidArgument(*wrong);
    }
    if (function->check != nullptr) {
      std::vector<const Term*> constants;
      for (const auto& argument : node.arguments) {
        const auto* constant = std::get_if<algebra::ConstantExpr>(&argument->node);
        constants.push_back(constant == nullptr ? nullptr : &constant->term);
      }
      ANNALS_RETURN_IF_ERROR(function->check(constants));
    }
    ANNALS_ASSIGN_OR_RETURN(auto arguments, CompileAll(node.arguments));
    if (node.function == "coalesce") {
      return EvaluatorPtr(std::make_unique<Coalesce>(std::move(arguments), context_));
    }
    return EvaluatorPtr(std::make_unique<CallEvaluator>(*function, std::move(arguments), context_));
  }
  absl::StatusOr<EvaluatorPtr> CompileOne(const algebra::ExistsExpr& node) {
    if (make_test_ == nullptr) return Internal("an expression here can't run a plan");
    ANNALS_ASSIGN_OR_RETURN(auto test, make_test_(node, columns_));
    return EvaluatorPtr(std::make_unique<Exists>(std::move(test)));
  }

  const std::vector<Variable> columns_;
  Context& context_;
  const MakeRowTest& make_test_;
  bool inside_memo_ = false;
};

}  // namespace

absl::Status ValueEvaluator::Ids(const Batch& batch, std::span<const uint32_t> rows,
                                 std::vector<TermId>* out) {
  ANNALS_RETURN_IF_ERROR(Terms(batch, rows, &terms_));
  out->resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    ANNALS_ASSIGN_OR_RETURN((*out)[i], context_.vocabulary().IdOf(*terms_[i]));
  }
  return absl::OkStatus();
}

absl::Status ValueEvaluator::Select(const Batch& batch, Selection* rows) {
  ANNALS_RETURN_IF_ERROR(Terms(batch, *rows, &terms_));
  size_t kept = 0;
  for (size_t i = 0; i < rows->size(); ++i) {
    if (IsTrue(*terms_[i])) (*rows)[kept++] = (*rows)[i];
  }
  rows->resize(kept);
  return absl::OkStatus();
}

absl::Status ConditionEvaluator::Terms(const Batch& batch, std::span<const uint32_t> rows,
                                       std::vector<const Term*>* out) {
  selected_.assign(rows.begin(), rows.end());
  ANNALS_RETURN_IF_ERROR(Select(batch, &selected_));
  out->assign(rows.size(), &BooleanTerm(false));
  size_t next = 0;
  for (size_t i = 0; i < rows.size() && next < selected_.size(); ++i) {
    if (rows[i] != selected_[next]) continue;
    (*out)[i] = &BooleanTerm(true);
    ++next;
  }
  return absl::OkStatus();
}

absl::Status ConditionEvaluator::Ids(const Batch& batch, std::span<const uint32_t> rows,
                                     std::vector<TermId>* out) {
  std::vector<const Term*> terms;
  ANNALS_RETURN_IF_ERROR(Terms(batch, rows, &terms));
  out->resize(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) (*out)[i] = TermId::Boolean(IsTrue(*terms[i]));
  return absl::OkStatus();
}

bool HoldsExists(const Expression& expression) {
  bool calls = false, exists = false;
  FindCostly(expression, &calls, &exists);
  return exists;
}

void Subtract(const Selection& taken, Selection* rows) {
  size_t kept = 0, next = 0;
  for (const uint32_t row : *rows) {
    if (next < taken.size() && taken[next] == row) {
      ++next;
    } else {
      (*rows)[kept++] = row;
    }
  }
  rows->resize(kept);
}

absl::StatusOr<EvaluatorPtr> MakeEvaluator(const Expression& expression,
                                           const std::vector<Variable>& columns, Context& context,
                                           const MakeRowTest& make_row_test) {
  return Compiler(columns, context, make_row_test).Compile(expression);
}

absl::Status SelectAll(std::span<const EvaluatorPtr> conditions, const Batch& batch,
                       Selection* rows) {
  for (const EvaluatorPtr& condition : conditions) {
    if (rows->empty()) break;
    ANNALS_RETURN_IF_ERROR(condition->Select(batch, rows));
  }
  return absl::OkStatus();
}

void SelectEveryRow(const Batch& batch, Selection* rows) {
  rows->resize(batch.rows);
  std::iota(rows->begin(), rows->end(), 0u);
}

}  // namespace annals::exec
