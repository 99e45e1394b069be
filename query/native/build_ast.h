// The concrete syntax tree to the AST. Faults that the grammar lets pass (a clause twice, a bad
// escape) are errors here.
#ifndef QUERY_NATIVE_BUILD_AST_H_
#define QUERY_NATIVE_BUILD_AST_H_

#include "query/native/ast.h"
#include "query/native/syntax_node.h"
#include "storage/base/source_text.h"
#include "storage/base/status.h"
#include "storage/model/time.h"

namespace annals::native {

class AstBuilder {
 public:
  explicit AstBuilder(const SourceText& text) : text_(text) {}

  absl::StatusOr<Statement> BuildStatement(const SyntaxNode& node);
  // Parts of one.
  absl::StatusOr<TermExpr> BuildTerm(const SyntaxNode& node);
  absl::StatusOr<Pattern> BuildPattern(const SyntaxNode& node);

 private:
  using Node = SyntaxNode;
  Span SpanOf(const Node& node) const;
  absl::Status Fault(const Node& node, std::string_view message, std::string_view hint = "") const;

  absl::Status BuildString(const Node& node, TermExpr* term);
  absl::StatusOr<Path> BuildPath(const Node& node);
  absl::StatusOr<Path> BuildPathRepeat(const Node& node);
  absl::Status BuildTuple(const Node& node, Pattern* pattern);
  absl::StatusOr<std::vector<Pattern>> BuildPatterns(const Node& node, size_t from);
  absl::StatusOr<std::vector<Qualifier>> BuildQualifiers(const Node& node);

  absl::StatusOr<Expr> BuildExpr(const Node& node);
  absl::StatusOr<ExprPtr> BuildExprPtr(const Node& node);
  absl::StatusOr<Expr> BuildBinaryChain(const Node& node, std::optional<BinaryOp> op);
  absl::StatusOr<Expr> BuildNegation(const Node& node);
  absl::StatusOr<Expr> BuildCall(const Node& node);
  absl::StatusOr<std::vector<TermExpr>> BuildTerms(const Node& node);

  absl::StatusOr<Formula> BuildFormula(const Node& node);
  absl::StatusOr<FormulaPtr> BuildFormulaPtr(const Node& node);
  absl::StatusOr<std::vector<Formula>> BuildFormulas(const Node& node);
  absl::StatusOr<Formula> BuildShortest(const Node& node);
  absl::StatusOr<Formula> BuildEvery(const Node& node);
  absl::StatusOr<Find> BuildQuestion(const Node& node);
  absl::StatusOr<FindItem> BuildFindItem(const Node& node);
  absl::Status BuildClause(const Node& node, Find* find);
  absl::StatusOr<RowCount> BuildRowCount(const Node& node);

  template <typename T>
  absl::StatusOr<Statement> QuestionStatement(const Node& node, Span span);
  absl::StatusOr<Statement> BuildLoad(const Node& node);
  absl::StatusOr<Statement> BuildExport(const Node& node);
  absl::StatusOr<Statement> BuildTelling(const Node& node);
  absl::StatusOr<Statement> BuildNamed(const Node& node);

  const SourceText& text_;
};

}  // namespace annals::native

#endif  // QUERY_NATIVE_BUILD_AST_H_
