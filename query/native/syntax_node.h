// The concrete syntax tree between the grammar and the AST: which rule matched where. It knows
// nothing of PEGTL, so that only the parser's source file includes it.
#ifndef QUERY_NATIVE_SYNTAX_NODE_H_
#define QUERY_NATIVE_SYNTAX_NODE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "absl/container/inlined_vector.h"

namespace annals::native {

enum class Tag : uint8_t {
  kNone,
  // Terms.
  kVariable,
  kParameter,
  kQuotedName,
  kIri,
  kString,
  kBlankNode,
  kAnything,
  kWord,
  // Paths.
  kPath,
  kPathSequence,
  kPathRepeat,
  kPathNot,
  kPathInverse,
  kPathGroup,
  kPathAny,
  kPathName,
  kPathPlus,
  kPathStar,
  kPathMaybe,
  kPathTimes,
  kPathLeast,
  kPathComma,
  kPathMost,
  // Patterns.
  kTuple,
  kPattern,
  kQualifiers,
  kQualifier,
  kKey,
  kFrom,
  kAsFact,
  // Expressions.
  kExpression,
  kConjunction,
  kNotExpression,
  kPossibly,
  kComparison,
  kSum,
  kProduct,
  kNegation,
  kOperator,
  kInList,
  kDuration,
  kDurationAmount,
  kDurationUnit,
  kTime,
  kNumber,
  kBoolean,
  kUnitWord,
  kCall,
  kCallName,
  kCallStar,
  kCallDistinct,
  kCallBy,
  kExists,
  // Formulas.
  kFormula,
  kAndFormula,
  kNotFormula,
  kOptional,
  kBraces,
  kLet,
  kShortest,
  kInTimeOrder,
  kCoalesced,
  kEvery,
  kEveryUnit,
  kCondition,
  // Questions.
  kFind,
  kFindItem,
  kColumnName,
  kWhere,
  kHaving,
  kOrder,
  kOrderItem,
  kDescending,
  kLimit,
  kTies,
  kOffset,
  kRowCount,
  kAsOf,
  kPublished,
  kFormulaQuestion,
  // Statements.
  kDescribe,
  kTimeline,
  kWhy,
  kExplain,
  kProfile,
  kHistory,
  kConflicts,
  kShow,
  kShowWhat,
  kAdd,
  kRemove,
  kWithdraw,
  kBegin,
  kCommit,
  kRollback,
  kPrefix,
  kPrefixName,
  kSource,
  kAlias,
  kPredicate,
  kFromBlock,
  kMerge,
  kUnmerge,
  kRule,
  kDropRule,
  kLoad,
  kFormat,
  kColumns,
  kLoadSource,
  kOnError,
  kReport,
  kReplacing,
  kCheck,
  kExport,
};

// The tag of a grammar rule; rules without one leave no node (specialized in parser.cc).
template <typename Rule>
inline constexpr Tag kTagOf = Tag::kNone;

struct SyntaxNode {
  Tag tag = Tag::kNone;
  const char* begin = nullptr;
  const char* end = nullptr;
  absl::InlinedVector<std::unique_ptr<SyntaxNode>, 2> children;  // most have no more

  // Rules that are tried and fail make nodes and drop them, by the hundred for a short question: a
  // thread keeps the memory of some for the next ones. Defined in parser.cc.
  static void* operator new(size_t size);
  static void operator delete(void* at);

  std::string_view text() const { return {begin, static_cast<size_t>(end - begin)}; }
  const SyntaxNode& child(size_t i) const { return *children[i]; }
  const SyntaxNode* Find(Tag wanted) const {
    for (const auto& node : children) {
      if (node->tag == wanted) return node.get();
    }
    return nullptr;
  }

  // What the tree builder of PEGTL calls.
  template <typename Rule, typename Input, typename... States>
  void start(const Input& input, States&&...) {
    tag = kTagOf<Rule>;
    begin = input.current();
  }
  template <typename Rule, typename Input, typename... States>
  void success(const Input& input, States&&...) noexcept {
    end = input.current();
  }
  template <typename Rule, typename Input, typename... States>
  void failure(const Input&, States&&...) noexcept {}
  template <typename... States>
  void emplace_back(std::unique_ptr<SyntaxNode>&& node, States&&...) {
    children.push_back(std::move(node));
  }
};

}  // namespace annals::native

#endif  // QUERY_NATIVE_SYNTAX_NODE_H_
