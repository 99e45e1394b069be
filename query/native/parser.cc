#include "query/native/parser.h"

#include <string>
#include <tao/pegtl/contrib/limit_depth.hpp>
#include <tao/pegtl/contrib/parse_tree.hpp>
#include <vector>

#include "query/native/build_ast.h"
#include "query/native/grammar.h"
#include "query/native/messages.h"
#include "query/native/syntax_hints.h"
#include "query/native/syntax_node.h"
#include "storage/base/text.h"

namespace annals::native {

#define ANNALS_TAG(rule, tag) \
  template <>                 \
  inline constexpr Tag kTagOf<grammar::rule> = Tag::tag
ANNALS_TAG(variable, kVariable);
ANNALS_TAG(let_variable, kVariable);
ANNALS_TAG(as_variable, kVariable);
ANNALS_TAG(parameter, kParameter);
ANNALS_TAG(quoted_name, kQuotedName);
ANNALS_TAG(iri, kIri);
ANNALS_TAG(prefix_iri, kIri);
ANNALS_TAG(string_literal, kString);
ANNALS_TAG(alias_text, kString);
ANNALS_TAG(alias_text_after, kString);
ANNALS_TAG(file_name, kString);
ANNALS_TAG(blank_node, kBlankNode);
ANNALS_TAG(anything, kAnything);
ANNALS_TAG(bare, kWord);
ANNALS_TAG(path, kPath);
ANNALS_TAG(predicate_term, kPath);
ANNALS_TAG(path_sequence, kPathSequence);
ANNALS_TAG(path_sequence_after, kPathSequence);
ANNALS_TAG(path_repeat, kPathRepeat);
ANNALS_TAG(path_not, kPathNot);
ANNALS_TAG(path_inverse, kPathInverse);
ANNALS_TAG(path_group, kPathGroup);
ANNALS_TAG(path_any, kPathAny);
ANNALS_TAG(path_name, kPathName);
ANNALS_TAG(path_plus, kPathPlus);
ANNALS_TAG(path_star, kPathStar);
ANNALS_TAG(path_maybe, kPathMaybe);
ANNALS_TAG(path_times, kPathTimes);
ANNALS_TAG(path_least, kPathLeast);
ANNALS_TAG(path_comma, kPathComma);
ANNALS_TAG(path_most, kPathMost);
ANNALS_TAG(tuple, kTuple);
ANNALS_TAG(tuple_must, kTuple);
ANNALS_TAG(pattern, kPattern);
ANNALS_TAG(fact, kPattern);
ANNALS_TAG(first_fact, kPattern);
ANNALS_TAG(qualifiers, kQualifiers);
ANNALS_TAG(qualifiers_must, kQualifiers);
ANNALS_TAG(qualifier, kQualifier);
ANNALS_TAG(qualifier_after_comma, kQualifier);
ANNALS_TAG(key_bare, kKey);
ANNALS_TAG(from_clause, kFrom);
ANNALS_TAG(as_fact, kAsFact);
ANNALS_TAG(expression, kExpression);
ANNALS_TAG(expression_in_parentheses, kExpression);
ANNALS_TAG(call_by_value, kExpression);
ANNALS_TAG(find_value, kExpression);
ANNALS_TAG(having_value, kExpression);
ANNALS_TAG(column_reference, kUnitWord);
ANNALS_TAG(conjunction, kConjunction);
ANNALS_TAG(disjunct_after, kConjunction);
ANNALS_TAG(not_expression, kNotExpression);
ANNALS_TAG(possibly, kPossibly);
ANNALS_TAG(plain_comparison, kComparison);
ANNALS_TAG(possible_operand, kComparison);
ANNALS_TAG(sum, kSum);
ANNALS_TAG(sum_after, kSum);
ANNALS_TAG(as_of_value, kSum);
ANNALS_TAG(published_value, kSum);
ANNALS_TAG(every_window, kSum);
ANNALS_TAG(product, kProduct);
ANNALS_TAG(product_after, kProduct);
ANNALS_TAG(negation, kNegation);
ANNALS_TAG(factor_operator, kOperator);
ANNALS_TAG(term_operator, kOperator);
ANNALS_TAG(compare_operator, kOperator);
ANNALS_TAG(time_operator, kOperator);
ANNALS_TAG(in_operator, kOperator);
ANNALS_TAG(in_list, kInList);
ANNALS_TAG(duration, kDuration);
ANNALS_TAG(duration_amount, kDurationAmount);
ANNALS_TAG(duration_unit, kDurationUnit);
ANNALS_TAG(time_literal, kTime);
ANNALS_TAG(number_literal, kNumber);
ANNALS_TAG(boolean_literal, kBoolean);
ANNALS_TAG(unit_word, kUnitWord);
ANNALS_TAG(call, kCall);
ANNALS_TAG(call_name, kCallName);
ANNALS_TAG(call_star, kCallStar);
ANNALS_TAG(call_distinct, kCallDistinct);
ANNALS_TAG(call_by, kCallBy);
ANNALS_TAG(exists_expression, kExists);
ANNALS_TAG(formula, kFormula);
ANNALS_TAG(formula_in_braces, kFormula);
ANNALS_TAG(where_formula, kFormula);
ANNALS_TAG(rule_formula, kFormula);
ANNALS_TAG(and_formula, kAndFormula);
ANNALS_TAG(formula_after_or, kAndFormula);
ANNALS_TAG(not_formula, kNotFormula);
ANNALS_TAG(optional_formula, kOptional);
ANNALS_TAG(braces, kBraces);
ANNALS_TAG(let, kLet);
ANNALS_TAG(shortest, kShortest);
ANNALS_TAG(shortest_order, kInTimeOrder);
ANNALS_TAG(coalesced, kCoalesced);
ANNALS_TAG(every, kEvery);
ANNALS_TAG(every_unit, kEveryUnit);
ANNALS_TAG(condition, kCondition);
ANNALS_TAG(find_question, kFind);
ANNALS_TAG(find_item, kFindItem);
ANNALS_TAG(first_find_item, kFindItem);
ANNALS_TAG(find_item_after, kFindItem);
ANNALS_TAG(column_name, kColumnName);
ANNALS_TAG(where_clause, kWhere);
ANNALS_TAG(having_clause, kHaving);
ANNALS_TAG(order_clause, kOrder);
ANNALS_TAG(order_item, kOrderItem);
ANNALS_TAG(first_order_item, kOrderItem);
ANNALS_TAG(order_item_after, kOrderItem);
ANNALS_TAG(descending, kDescending);
ANNALS_TAG(limit_clause, kLimit);
ANNALS_TAG(with_ties, kTies);
ANNALS_TAG(offset_clause, kOffset);
ANNALS_TAG(limit_count, kRowCount);
ANNALS_TAG(offset_count, kRowCount);
ANNALS_TAG(as_of_clause, kAsOf);
ANNALS_TAG(published_clause, kPublished);
ANNALS_TAG(formula_question, kFormulaQuestion);
ANNALS_TAG(describe, kDescribe);
ANNALS_TAG(timeline, kTimeline);
ANNALS_TAG(why, kWhy);
ANNALS_TAG(explain, kExplain);
ANNALS_TAG(profile, kProfile);
ANNALS_TAG(history, kHistory);
ANNALS_TAG(conflicts, kConflicts);
ANNALS_TAG(show, kShow);
ANNALS_TAG(show_what, kShowWhat);
ANNALS_TAG(add, kAdd);
ANNALS_TAG(remove, kRemove);
ANNALS_TAG(withdraw, kWithdraw);
ANNALS_TAG(begin_statement, kBegin);
ANNALS_TAG(commit_statement, kCommit);
ANNALS_TAG(rollback_statement, kRollback);
ANNALS_TAG(prefix, kPrefix);
ANNALS_TAG(prefix_name, kPrefixName);
ANNALS_TAG(source, kSource);
ANNALS_TAG(alias, kAlias);
ANNALS_TAG(predicate, kPredicate);
ANNALS_TAG(from_block, kFromBlock);
ANNALS_TAG(merge, kMerge);
ANNALS_TAG(unmerge, kUnmerge);
ANNALS_TAG(rule, kRule);
ANNALS_TAG(drop_rule, kDropRule);
ANNALS_TAG(load, kLoad);
ANNALS_TAG(format_name, kFormat);
ANNALS_TAG(columns_clause, kColumns);
ANNALS_TAG(load_source, kLoadSource);
ANNALS_TAG(on_error, kOnError);
ANNALS_TAG(report_clause, kReport);
ANNALS_TAG(replacing, kReplacing);
ANNALS_TAG(check, kCheck);
ANNALS_TAG(export_statement, kExport);
#undef ANNALS_TAG

namespace {

class SpareNodes {
 public:
  ~SpareNodes() {
    for (void* at : spare_) ::operator delete(at);
  }
  void* Take(size_t size) {
    if (spare_.empty()) return ::operator new(size);
    void* const at = spare_.back();
    spare_.pop_back();
    return at;
  }
  void Keep(void* at) {
    if (spare_.size() == kMost) return ::operator delete(at);
    spare_.reserve(kMost);
    spare_.push_back(at);
  }

 private:
  static constexpr size_t kMost = 256;
  std::vector<void*> spare_;
};
thread_local SpareNodes spare_nodes;

}  // namespace

void* SyntaxNode::operator new(size_t size) { return spare_nodes.Take(size); }
void SyntaxNode::operator delete(void* at) { spare_nodes.Keep(at); }

namespace {

namespace pegtl = tao::pegtl;

// A chain of one link is that link.
constexpr bool FoldsSingle(Tag tag) {
  return tag == Tag::kExpression || tag == Tag::kConjunction || tag == Tag::kComparison ||
         tag == Tag::kSum || tag == Tag::kProduct || tag == Tag::kFormula ||
         tag == Tag::kAndFormula || tag == Tag::kPath || tag == Tag::kPathSequence ||
         tag == Tag::kPathRepeat;
}

template <typename Rule>
struct Selector {
  static constexpr bool value = kTagOf<Rule> != Tag::kNone;
  template <typename... States>
  static void transform(std::unique_ptr<SyntaxNode>& node, States&&...) {
    if (FoldsSingle(kTagOf<Rule>) && node->children.size() == 1) {
      auto child = std::move(node->children[0]);
      node = std::move(child);
    }
  }
};

template <typename Rule>
struct Action : pegtl::nothing<Rule> {};
// Every cycle of the grammar goes through one of these.
template <>
struct Action<grammar::formula_unary> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::logical_unary> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::not_operand> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::conjunct_after> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::unary> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::unary_operand> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::factor_after> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::path_unary> : pegtl::limit_depth<kDeepest> {};
template <>
struct Action<grammar::name_group> : pegtl::limit_depth<kDeepest> {};

struct Messages {
  template <typename Rule>
  static constexpr const char* message = kMessage<Rule>;
  template <typename Rule>
  static constexpr bool raise_on_failure = false;
};
template <typename Rule>
using Control = pegtl::must_if<Messages>::control<Rule>;

struct ParseFault {
  size_t offset = 0;
  std::string message;
};

using Input = pegtl::memory_input<pegtl::tracking_mode::lazy, pegtl::eol::lf_crlf, const char*>;

// Exceptions of PEGTL end here. Null if the rule doesn't match, or after a fault.
template <typename Rule>
std::unique_ptr<SyntaxNode> ParseTree(std::string_view text, size_t* offset, ParseFault* fault) {
  const std::string_view rest = text.substr(*offset);
  Input input(rest.data(), rest.data() + rest.size(), "");
  try {
    auto root = pegtl::parse_tree::parse<Rule, SyntaxNode, Selector, Action, Control>(input);
    if (root != nullptr) *offset += static_cast<size_t>(input.current() - rest.data());
    return root;
  } catch (const pegtl::parse_error& error) {
    fault->offset = *offset + error.positions().front().byte;
    fault->message = std::string(error.message());
    if (fault->message == "maximum parser rule nesting depth exceeded") {
      fault->message = "this is nested too deeply; write it flatter, or in several statements";
    }
    return nullptr;
  }
}

// Null at the end of the text.
std::unique_ptr<SyntaxNode> ParseStatement(std::string_view text, size_t* offset,
                                           ParseFault* fault) {
  const auto root = ParseTree<grammar::next_statement>(text, offset, fault);
  if (root == nullptr || root->children.empty()) return nullptr;
  return std::move(root->children[0]);
}

// The word that the statement begins with, if it can be known to be meant as something else.
absl::Status CheckFirstWord(const SourceText& text, size_t begin) {
  const std::string_view word = WordAt(text.text(), begin);
  const std::string message = "no statement begins with '" + std::string(word) + "'";
  const Span span{begin, begin + word.size()};
  if (const auto hint = ForeignStatementHint(word); !hint.empty()) {
    return text.Error(span, message, hint);
  }
  const std::string_view nearest = NearestStatementWord(word);
  if (nearest.empty()) return absl::OkStatus();
  return text.Error(span, message + "; did you mean '" + std::string(nearest) + "'?");
}

// A condition alone that calls what is no function with a name: `descibe (Kim)`, `delete (a, b,
// c)`.
bool LooksLikeStatement(const SyntaxNode& node, std::string_view word) {
  if (node.tag != Tag::kFormulaQuestion || node.child(0).tag != Tag::kCondition) return false;
  const SyntaxNode& call = node.child(0).child(0);
  if (call.tag != Tag::kCall) return false;
  return (call.children.size() > 1 && call.child(1).tag == Tag::kUnitWord) ||
         !ForeignStatementHint(word).empty();
}

constexpr std::string_view kSpace = " \t\n\r\v\f";  // as in the grammar

// Where a quotation that opens at `i` closes, or `i`: texts and names in backticks end on their
// line, and a backtick inside a word is a letter of it.
size_t QuotationEnd(std::string_view text, size_t i) {
  const char quote = text[i];
  const bool inside_word = i > 0 && kSpace.find(text[i - 1]) == std::string_view::npos &&
                           std::string_view("(,:/|^!{").find(text[i - 1]) == std::string_view::npos;
  if (quote != '"' && (quote != '`' || inside_word)) return i;
  for (size_t end = i + 1; end < text.size() && text[end] != '\n'; ++end) {
    if (text[end] == quote) return end;
    if (text[end] == '\\' && quote == '"') ++end;
  }
  return i;
}

// Where an IRI in <> that opens at `i` closes, or `i`.
size_t IriEnd(std::string_view text, size_t i) {
  if (text[i] != '<') return i;
  const size_t end = text.find_first_of("> \t\r\n\"", i);
  return end != text.npos && text[end] == '>' ? end : i;
}

absl::Status FaultIn(const SourceText& text, size_t begin, const ParseFault& fault) {
  const Span span{fault.offset, std::min(fault.offset + 1, text.text().size())};
  return text.Error(span, fault.message, HintAt(text.text(), begin, fault.offset, fault.message));
}

// The same; the offset becomes that of the fault.
absl::Status FaultAt(const SourceText& text, size_t begin, const ParseFault& fault,
                     size_t* offset) {
  *offset = fault.offset;
  return FaultIn(text, begin, fault);
}

}  // namespace

size_t StatementBegin(std::string_view text, size_t offset) {
  while (offset < text.size()) {
    const char c = text[offset];
    if (c == ';' || std::string_view(" \t\n\r\v\f").find(c) != std::string_view::npos) {
      ++offset;
    } else if (text.substr(offset).starts_with("--")) {
      offset = std::min(text.find('\n', offset), text.size());
    } else {
      break;
    }
  }
  return offset;
}

size_t SkipStatements(std::string_view text, size_t begin, size_t at) {
  for (size_t i = begin; i < text.size(); ++i) {
    i = IriEnd(text, QuotationEnd(text, i));
    if (text.substr(i).starts_with("--") && i > 0 &&
        kSpace.find(text[i - 1]) != std::string_view::npos) {
      i = std::min(text.find('\n', i), text.size());
    } else if (text[i] == ';' && i >= at) {
      return i + 1;
    }
  }
  return text.size();
}

absl::StatusOr<std::optional<Statement>> ParseNext(const SourceText& text, size_t* offset) {
  const size_t begin = StatementBegin(text.text(), *offset);
  ParseFault fault;
  const std::unique_ptr<SyntaxNode> node = ParseStatement(text.text(), offset, &fault);
  const bool has_fault = !fault.message.empty();
  if (has_fault) *offset = SkipStatements(text.text(), begin, fault.offset);
  const std::string_view word = WordAt(text.text(), begin);
  if (has_fault || (node != nullptr && LooksLikeStatement(*node, word))) {
    ANNALS_RETURN_IF_ERROR(CheckFirstWord(text, begin));
  }
  if (has_fault) {
    return FaultIn(text, begin, fault);
  }
  if (node == nullptr) return std::nullopt;
  AstBuilder builder(text);
  ANNALS_ASSIGN_OR_RETURN(Statement statement, builder.BuildStatement(*node));
  return statement;
}

bool StatementParts::BeginsAt(std::string_view text, size_t begin) {
  const std::string_view word = WordAt(text, begin);
  // A letter of another script goes on with the word.
  const size_t end = begin + word.size();
  const bool goes_on = end < text.size() && (text[end] & 0x80) != 0;
  return !goes_on && (word == "add" || word == "from");
}

absl::StatusOr<std::optional<Statement>> StatementParts::Next() {
  if (ended_) return std::nullopt;
  const size_t part_begin = offset_;
  std::vector<Pattern> facts;
  absl::Status read = begun_ ? absl::OkStatus() : Begin(&facts);
  begun_ = true;
  if (read.ok()) read = ReadFacts(&facts);
  if (!read.ok()) {
    ended_ = true;
    offset_ = SkipStatements(text_.text(), part_begin, offset_);
    return read;
  }
  const Span span{part_begin, offset_};
  if (source_.has_value()) return Statement{FromBlock{*source_, std::move(facts)}, span};
  return Statement{Add{std::move(facts)}, span};
}

absl::Status StatementParts::Begin(std::vector<Pattern>* facts) {
  const bool block = WordAt(text_.text(), begin_) == "from";
  ParseFault fault;
  const std::unique_ptr<SyntaxNode> node =
      block ? ParseTree<grammar::begin_of_block>(text_.text(), &offset_, &fault)
            : ParseTree<grammar::begin_of_add>(text_.text(), &offset_, &fault);
  if (node == nullptr) return FaultAt(text_, begin_, fault, &offset_);
  AstBuilder builder(text_);
  if (block) {
    ANNALS_ASSIGN_OR_RETURN(source_, builder.BuildTerm(node->child(0)));
  } else {
    ANNALS_ASSIGN_OR_RETURN(facts->emplace_back(), builder.BuildPattern(node->child(0)));
  }
  return absl::OkStatus();
}

absl::Status StatementParts::ReadFacts(std::vector<Pattern>* facts) {
  const std::string_view text = text_.text();
  AstBuilder builder(text_);
  ParseFault fault;
  for (const size_t end = offset_ + part_bytes_; offset_ < end;) {
    const auto node = ParseTree<grammar::next_fact>(text, &offset_, &fault);
    if (!fault.message.empty()) return FaultAt(text_, begin_, fault, &offset_);
    if (node == nullptr) {
      ended_ = true;
      if (source_.has_value()) {
        ParseTree<grammar::end_of_block>(text, &offset_, &fault);
      } else {
        ParseTree<grammar::end_of_add>(text, &offset_, &fault);
      }
      return fault.message.empty() ? absl::OkStatus() : FaultAt(text_, begin_, fault, &offset_);
    }
    ANNALS_ASSIGN_OR_RETURN(facts->emplace_back(), builder.BuildPattern(node->child(0)));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Statement>> ParseScript(const SourceText& text) {
  std::vector<Statement> statements;
  size_t offset = 0;
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(std::optional<Statement> statement, ParseNext(text, &offset));
    if (!statement.has_value()) return statements;
    statements.push_back(std::move(*statement));
  }
}

bool IsIncomplete(std::string_view text) {
  size_t offset = 0;
  while (true) {
    ParseFault fault;
    const size_t begin = StatementBegin(text, offset);
    const std::unique_ptr<SyntaxNode> node = ParseStatement(text, &offset, &fault);
    if (!fault.message.empty()) {
      return StatementBegin(text, fault.offset) >= text.size() && begin < text.size();
    }
    if (node == nullptr) return false;
    if (offset == 0 || text[offset - 1] != ';') return true;
  }
}

}  // namespace annals::native
