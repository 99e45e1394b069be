// The syntax tree of the Annals language: what was written, with spans, before any name is looked
// up. Plain values; DumpAst (dump.h) writes them as canonical text.
#ifndef QUERY_NATIVE_AST_H_
#define QUERY_NATIVE_AST_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "storage/base/source_text.h"

namespace annals::native {

// An owned node that may be absent only in moved-from values.
template <typename T>
using Box = std::unique_ptr<T>;

// --- Terms ------------------------------------------------------------------------------------

// What stands in one place of a pattern, or as a value in an expression.
struct TermExpr {
  enum class Kind : uint8_t {
    kWord,        // bare text, white space folded: a name, number, boolean or time by its place
    kQuotedName,  // `...`: always a name; `text` without the backticks
    kIri,         // <...>
    kBlankNode,   // _:label; `text` is the label
    kString,      // "..."; `text` unescaped, with language or datatype
    kVariable,    // ?name; `text` without the `?`
    kAnything,    // _
    kParameter,   // $name; `text` without the `$`
  };
  Kind kind = Kind::kWord;
  std::string text;
  std::string language;  // of a string, as written
  std::string datatype;  // of a string: an IRI, or prefix:name if datatype_prefixed
  bool datatype_prefixed = false;
  Span span;
};

// --- Patterns ---------------------------------------------------------------------------------

struct Path;
using PathPtr = Box<Path>;
// A predicate path; a plain predicate is one step.
struct PathStep {
  TermExpr term;  // also a variable or `_`
};
struct PathInverse {
  PathPtr path;
};
struct PathSequence {
  std::vector<Path> parts;  // at least 2
};
struct PathAlternative {
  std::vector<Path> parts;  // at least 2
};
struct PathRepeat {
  PathPtr path;
  uint64_t least = 0;
  std::optional<uint64_t> most;  // none: without end
};
struct PathNegated {
  PathPtr path;
};
struct Path {
  std::variant<PathStep, PathInverse, PathSequence, PathAlternative, PathRepeat, PathNegated> node;
  Span span;
};

struct Qualifier {
  TermExpr key;
  TermExpr value;
};

// (s, p, o, t) {key: value} from source as ?f
struct Pattern {
  TermExpr subject;
  Path predicate;
  TermExpr object;
  std::optional<TermExpr> time;
  std::vector<Qualifier> qualifiers;
  std::optional<TermExpr> source;
  std::optional<TermExpr> fact;  // a variable
  Span span;                     // all of it
  Span tuple;                    // the parentheses
};

// --- Expressions ------------------------------------------------------------------------------

struct Expr;
using ExprPtr = Box<Expr>;
struct Formula;
using FormulaPtr = Box<Formula>;

enum class BinaryOp : uint8_t {
  kOr,
  kAnd,
  kEqual,
  kNotEqual,
  kLess,
  kLessOrEqual,
  kGreater,
  kGreaterOrEqual,
  kBefore,
  kAfter,
  kIn,
  kOverlaps,
  kEquals,
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kModulo,
};

struct ExprTerm {
  TermExpr term;  // a constant, variable or parameter
};
struct ExprDuration {
  std::string amount;  // a whole number as written
  std::string unit;    // "day" or "days"
};
struct ExprNot {
  ExprPtr operand;
};
struct ExprNegate {
  ExprPtr operand;
};
struct ExprBinary {
  BinaryOp op;
  ExprPtr left, right;
  Span op_span;
};
// `possibly ?t before ...`: the operand is one of the worded operators.
struct ExprPossibly {
  ExprPtr operand;
};
// ?x in (a, b): equal to one of a list, or a time inside it.
struct ExprInList {
  ExprPtr value;
  std::vector<TermExpr> list;
};
// A function or an aggregate: count(*), count(distinct ?x), first(?who by ?when).
struct ExprCall {
  std::string name;
  Span name_span;
  bool star = false;
  bool distinct = false;
  std::vector<Expr> arguments;
  ExprPtr by;  // may be null
};
struct ExprExists {
  FormulaPtr formula;
};
struct Expr {
  std::variant<ExprTerm, ExprDuration, ExprNot, ExprNegate, ExprBinary, ExprPossibly, ExprInList,
               ExprCall, ExprExists>
      node;
  Span span;
};

// --- Formulas ---------------------------------------------------------------------------------

struct Find;
struct FormulaAnd {
  std::vector<Formula> parts;  // at least 2
};
struct FormulaOr {
  std::vector<Formula> parts;  // at least 2
};
struct FormulaNot {
  FormulaPtr formula;
};
struct FormulaOptional {
  FormulaPtr formula;
};
// { A }
struct FormulaGroup {
  FormulaPtr formula;
};
// Any expression as a condition, also `?x in (...)` that may bind.
struct FormulaCondition {
  Expr condition;
};
struct FormulaLet {
  TermExpr variable;
  Expr value;
};
// { find ... }
struct FormulaFind {
  Box<Find> find;
};
// shortest (a, path, b) [in time order] as ?path
struct FormulaShortest {
  Box<Pattern> pattern;
  bool in_time_order = false;
  TermExpr variable;
};
// coalesced (s, p, o, t)
struct FormulaCoalesced {
  Box<Pattern> pattern;
};
// every month in 2024 as ?m
struct FormulaEvery {
  std::string unit;
  Span unit_span;
  Expr window;
  TermExpr variable;
};
struct Formula {
  std::variant<Pattern, FormulaAnd, FormulaOr, FormulaNot, FormulaOptional, FormulaGroup,
               FormulaCondition, FormulaLet, FormulaFind, FormulaShortest, FormulaCoalesced,
               FormulaEvery>
      node;
  Span span;
};

// --- Questions --------------------------------------------------------------------------------

struct FindItem {
  Expr value;
  std::string
      name;  // of the column: after `as` without `?`, of a variable its name, else as written
  bool named = false;  // had `as`
  Span span;
};
struct OrderKey {
  Expr value;
  bool descending = false;
};
// A whole number or a parameter.
struct RowCount {
  TermExpr value;
};

// `find items where formula ...`, or a formula alone (`items` empty and `is_find` false).
struct Find {
  bool is_find = false;
  std::vector<FindItem> items;
  std::optional<Formula> where;
  std::optional<Expr> having;
  std::vector<OrderKey> order;
  std::optional<RowCount> limit;
  bool with_ties = false;
  std::optional<RowCount> offset;
  std::optional<Expr> as_of;
  std::optional<Expr> published_by;
  Span span;
};

// --- Statements -------------------------------------------------------------------------------

struct Ask {
  Find question;
};
struct Describe {
  TermExpr entity;
};
struct Timeline {
  TermExpr entity;
  std::optional<TermExpr> time;
};
struct Why {
  Find question;
};
struct Explain {
  Find question;
};
struct Profile {
  Find question;
};
struct History {
  Pattern pattern;
};
struct Conflicts {
  TermExpr predicate;
};
struct Show {
  std::string what;
  Span what_span;
};
struct Add {
  std::vector<Pattern> facts;
};
struct Remove {
  std::vector<Pattern> facts;
  std::optional<Formula> where;
};
struct Withdraw {
  TermExpr source;
};
struct Begin {};
struct Commit {};
struct Rollback {};
struct PrefixDecl {
  std::string prefix;
  std::string iri;
};
struct SourceDecl {
  TermExpr source;
  std::vector<Qualifier> qualifiers;
};
struct AliasDecl {
  TermExpr entity;
  std::vector<TermExpr> texts;  // strings
};
struct PredicateDecl {
  TermExpr predicate;
  std::vector<Qualifier> qualifiers;
};
struct FromBlock {
  TermExpr source;
  std::vector<Pattern> facts;
};
struct Merge {
  TermExpr from, into;
};
struct Unmerge {
  TermExpr entity;
};
struct Rule {
  Pattern head;
  Formula body;
};
struct DropRule {
  TermExpr predicate;
};
struct Load {
  std::vector<TermExpr> files;  // strings, one at least
  std::optional<std::string> format;
  std::vector<TermExpr> columns;  // bare words; empty: none given
  std::optional<TermExpr> source;
  bool skip_errors = false;
  std::optional<std::string> report;
  bool replacing_source = false;
};
struct Check {
  TermExpr file;
};
struct Export {
  TermExpr file;
  std::optional<Formula> where;
  std::optional<Find> find;
};

struct Statement {
  std::variant<Ask, Describe, Timeline, Why, Explain, Profile, History, Conflicts, Show, Add,
               Remove, Withdraw, Begin, Commit, Rollback, PrefixDecl, SourceDecl, AliasDecl,
               PredicateDecl, FromBlock, Merge, Unmerge, Rule, DropRule, Load, Check, Export>
      node;
  Span span;
};

}  // namespace annals::native

#endif  // QUERY_NATIVE_AST_H_
