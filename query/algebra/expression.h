// Expressions of the algebra: values computed from a row of bindings. Names are resolved and
// constants are terms; operators and functions that need no special evaluation order are rows of
// the function table (query/functions), referred to by name until they are bound.
#ifndef QUERY_ALGEBRA_EXPRESSION_H_
#define QUERY_ALGEBRA_EXPRESSION_H_

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "storage/model/term.h"
#include "storage/model/term_id.h"

namespace annals::algebra {

// A variable by its name, without `?`. Names that begin with '.' are ours: never shown.
using Variable = std::string;

struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
struct Plan;
using PlanPtr = std::unique_ptr<Plan>;

enum class CompareOp { kEqual, kNotEqual, kLess, kLessOrEqual, kGreater, kGreaterOrEqual };
enum class ArithmeticOp { kAdd, kSubtract, kMultiply, kDivide, kModulo };
// The worded operators on times; `possibly` asks whether it can be so.
enum class TimeOperator { kBefore, kAfter, kIn, kOverlaps, kEquals };

// `id` is the term's id in the store, undefined if the store doesn't know the term.
struct ConstantExpr {
  Term term;
  TermId id;
};
struct VariableExpr {
  Variable name;
};
struct AndExpr {
  std::vector<ExpressionPtr> operands;
};
struct OrExpr {
  std::vector<ExpressionPtr> operands;
};
// True when the operand is not true: a condition on an empty value or a wrong type is false.
struct NotExpr {
  ExpressionPtr operand;
};
struct CompareExpr {
  CompareOp op;
  ExpressionPtr left, right;
};
struct ArithmeticExpr {
  ArithmeticOp op;
  ExpressionPtr left, right;
};
struct NegateExpr {
  ExpressionPtr operand;
};
struct TimeExpr {
  TimeOperator op;
  bool possibly;
  ExpressionPtr left, right;
};
// Equal to one of the list, or, where that is a time, inside it.
struct InExpr {
  ExpressionPtr value;
  std::vector<ExpressionPtr> list;
};
// A function of the table by its name (checked when the expression was made).
struct CallExpr {
  std::string function;
  std::vector<ExpressionPtr> arguments;
};
// A column beside a variable that may be empty: whether it has a value, or a copy of it.
struct Beside {
  Variable name;
  Variable of;
  bool is_copy = false;
};
// True when the plan, joined with this row on `shared`, has a row. See SemiJoin in plan.h for
// `outer` (an OuterRef of the plan that the row's values feed). `beside` are columns of the row
// too.
struct ExistsExpr {
  PlanPtr plan;
  std::vector<Variable> shared;
  int outer = 0;
  std::vector<Beside> beside = {};
};

struct Expression {
  std::variant<ConstantExpr, VariableExpr, AndExpr, OrExpr, NotExpr, CompareExpr, ArithmeticExpr,
               NegateExpr, TimeExpr, InExpr, CallExpr, ExistsExpr>
      node;
};

}  // namespace annals::algebra

#endif  // QUERY_ALGEBRA_EXPRESSION_H_
