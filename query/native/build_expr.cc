// Expressions of the AST.
#include <utility>

#include "absl/strings/str_cat.h"
#include "query/native/build_ast.h"
#include "storage/base/text.h"

namespace annals::native {
namespace {

// What walks over a chain of operators recurses once for each.
constexpr size_t kMostOperands = 1000;

std::optional<BinaryOp> OperatorOf(std::string_view text) {
  static constexpr std::pair<std::string_view, BinaryOp> kOperators[] = {
      {"=", BinaryOp::kEqual},       {"!=", BinaryOp::kNotEqual},
      {"<", BinaryOp::kLess},        {"<=", BinaryOp::kLessOrEqual},
      {">", BinaryOp::kGreater},     {">=", BinaryOp::kGreaterOrEqual},
      {"before", BinaryOp::kBefore}, {"after", BinaryOp::kAfter},
      {"in", BinaryOp::kIn},         {"overlaps", BinaryOp::kOverlaps},
      {"equals", BinaryOp::kEquals}, {"+", BinaryOp::kAdd},
      {"-", BinaryOp::kSubtract},    {"*", BinaryOp::kMultiply},
      {"/", BinaryOp::kDivide},      {"%", BinaryOp::kModulo},
  };
  for (const auto& [written, op] : kOperators) {
    if (text == written) return op;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<ExprPtr> AstBuilder::BuildExprPtr(const Node& node) {
  ANNALS_ASSIGN_OR_RETURN(Expr expr, BuildExpr(node));
  return std::make_unique<Expr>(std::move(expr));
}

// Operands with operator nodes between them, or all joined by one given operator; left to right.
absl::StatusOr<Expr> AstBuilder::BuildBinaryChain(const Node& node, std::optional<BinaryOp> op) {
  const size_t operands = op.has_value() ? node.children.size() : (node.children.size() + 1) / 2;
  if (operands > kMostOperands) {
    return text_.Error(SpanOf(node.child(0)),
                       absl::StrCat("this expression has ", operands,
                                    " operands; expected at most ", kMostOperands, " in a row"),
                       "a list is written ?x in (...), and `let` names a part");
  }
  ANNALS_ASSIGN_OR_RETURN(Expr result, BuildExpr(node.child(0)));
  for (size_t i = 1; i < node.children.size(); ++i) {
    ExprBinary binary;
    binary.op_span = result.span;
    if (op.has_value()) {
      binary.op = *op;
    } else {
      binary.op = *OperatorOf(node.child(i).text());
      binary.op_span = SpanOf(node.child(i));
      ++i;
    }
    const Node& right = node.child(i);
    const Span span{result.span.begin, SpanOf(right).end};
    binary.left = std::make_unique<Expr>(std::move(result));
    if (right.tag == Tag::kInList) {
      ANNALS_ASSIGN_OR_RETURN(std::vector<TermExpr> list, BuildTerms(right));
      result = Expr{ExprInList{std::move(binary.left), std::move(list)}, span};
      continue;
    }
    ANNALS_ASSIGN_OR_RETURN(binary.right, BuildExprPtr(right));
    result = Expr{std::move(binary), span};
  }
  return result;
}

absl::StatusOr<Expr> AstBuilder::BuildNegation(const Node& node) {
  const Node& operand = node.child(0);
  if (operand.tag == Tag::kNumber) {
    // A negative constant, so that it is written back as such.
    TermExpr term;
    term.text = "-" + std::string(operand.text());
    term.span = SpanOf(node);
    return Expr{ExprTerm{std::move(term)}, SpanOf(node)};
  }
  ANNALS_ASSIGN_OR_RETURN(ExprPtr inner, BuildExprPtr(operand));
  return Expr{ExprNegate{std::move(inner)}, SpanOf(node)};
}

absl::StatusOr<Expr> AstBuilder::BuildCall(const Node& node) {
  ExprCall call;
  for (const auto& child : node.children) {
    if (child->tag == Tag::kCallName) {
      call.name = child->text();
      call.name_span = SpanOf(*child);
    } else if (child->tag == Tag::kCallStar) {
      call.star = true;
    } else if (child->tag == Tag::kCallDistinct) {
      call.distinct = true;
    } else if (child->tag == Tag::kCallBy) {
      ANNALS_ASSIGN_OR_RETURN(call.by, BuildExprPtr(child->child(0)));
    } else {
      ANNALS_ASSIGN_OR_RETURN(Expr argument, BuildExpr(*child));
      call.arguments.push_back(std::move(argument));
    }
  }
  return Expr{std::move(call), SpanOf(node)};
}

absl::StatusOr<Expr> AstBuilder::BuildExpr(const Node& node) {
  switch (node.tag) {
    case Tag::kExpression:
      return BuildBinaryChain(node, BinaryOp::kOr);
    case Tag::kConjunction:
      return BuildBinaryChain(node, BinaryOp::kAnd);
    case Tag::kComparison:
    case Tag::kSum:
    case Tag::kProduct:
      return BuildBinaryChain(node, std::nullopt);
    case Tag::kNotExpression: {
      ANNALS_ASSIGN_OR_RETURN(ExprPtr inner, BuildExprPtr(node.child(0)));
      return Expr{ExprNot{std::move(inner)}, SpanOf(node)};
    }
    case Tag::kPossibly: {
      ANNALS_ASSIGN_OR_RETURN(ExprPtr inner, BuildExprPtr(node.child(0)));
      const auto* binary = std::get_if<ExprBinary>(&inner->node);
      if (binary == nullptr || binary->op < BinaryOp::kBefore || binary->op > BinaryOp::kEquals) {
        return Fault(node.child(0),
                     "expected before, after, in, overlaps or equals behind 'possibly'");
      }
      return Expr{ExprPossibly{std::move(inner)}, SpanOf(node)};
    }
    case Tag::kNegation:
      return BuildNegation(node);
    case Tag::kDuration:
      return Expr{
          ExprDuration{std::string(node.child(0).text()), std::string(node.child(1).text())},
          SpanOf(node)};
    case Tag::kCall:
      return BuildCall(node);
    case Tag::kExists: {
      ANNALS_ASSIGN_OR_RETURN(FormulaPtr formula, BuildFormulaPtr(node.child(0)));
      return Expr{ExprExists{std::move(formula)}, SpanOf(node)};
    }
    default: {
      ANNALS_ASSIGN_OR_RETURN(TermExpr term, BuildTerm(node));
      if (node.tag == Tag::kTime) {
        if (auto time = Time::Parse(term.text); !time.ok()) {
          return Fault(node, ToStd(time.status().message()));
        }
      }
      return Expr{ExprTerm{std::move(term)}, SpanOf(node)};
    }
  }
}

}  // namespace annals::native
