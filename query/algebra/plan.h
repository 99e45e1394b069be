// Plans of the algebra: what a question means, as relations over variables. A plan gives bags of
// rows; Distinct makes them sets. An undefined value in a column means "empty". Plans are built by
// the smart constructors of query/algebra/build.h, rewritten by query/optimizer, turned into
// operators by query/exec, and dumped as canonical text by query/algebra/dump.h.
#ifndef QUERY_ALGEBRA_PLAN_H_
#define QUERY_ALGEBRA_PLAN_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "query/algebra/expression.h"
#include "storage/graph/view.h"

namespace annals::algebra {

// One place of a pattern: anything, a variable, or a term of the store. Of a constant that a
// parameter gave, `variable` is "$" and the parameter's name; else it is empty.
struct Slot {
  enum class Kind : uint8_t { kAny, kVariable, kConstant };
  Kind kind = Kind::kAny;
  Variable variable;
  TermId id;
};

// One row, no columns.
struct Unit {};
// No rows.
struct Empty {
  std::vector<Variable> variables;
};
// Rows given in the question.
struct Values {
  std::vector<Variable> variables;
  std::vector<std::vector<Term>> rows;  // undefined where empty
};
// The facts that fit a pattern. A variable in two slots means equal values. Columns that no slot
// names are not read; a row for each fact that fits (or, with a source slot, each assertion).
struct Scan {
  Slot subject, predicate, object;
  Slot time;                         // a constant is an exact written time (rare; see window)
  bool dated = false;                // the pattern had a fourth term: undated facts don't fit
  std::optional<TimeWindow> window;  // the fact's time shares an instant with this
  Slot fact;                         // `as ?f`
  Slot source;                       // `from`; matches only real sources
  bool with_source = false;          // the pattern had a `from`
  // Rows that are equal in all variables may be given as one, and if there is a `count`, it is a
  // column with the number of facts that a row stands for. Not of facts or with sources.
  bool merges_repeats = false;
  Variable count = {};
};
// A step of a path: which facts it follows, and whether from their object to their subject.
struct PathWay {
  std::optional<TermId> predicate;  // none: any
  std::vector<TermId> except;       // predicates that don't fit; only where any other does
  bool backward = false;
};
// The chains of facts that spell a path, as an automaton without empty moves: a place for each step
// of the path and one, the first, for its beginning. A chain goes from place to place, by one fact
// into each.
struct PathPlace {
  std::vector<PathWay> ways;  // into this place: any of them; of the beginning none
  std::vector<uint32_t> next;
  bool last = false;  // a chain may end here
};
// The pairs of ends that a chain of facts links, a row for each pair. A chain of no facts links
// each term that is in a fact with itself, and a constant end with itself.
struct Path {
  Slot from, to;
  std::vector<PathPlace> places;
  // Of each fact of the chain, as in Scan.
  bool dated = false;
  std::optional<TimeWindow> window;
  // `shortest`: the facts of one chain of the fewest, as a list; of several such the one with the
  // smallest fact numbers, compared from the first on.
  std::optional<Variable> chain;
  // The number of facts of that chain, where it alone is asked.
  std::optional<Variable> length;
  // In each fact's time a moment can be chosen so that none is before that of the fact before:
  // no fact is certainly before one that comes earlier in the chain. Undated facts don't fit.
  bool in_time_order = false;
  std::string text;  // as it was written, for people

  bool may_be_empty() const { return places[0].last; }
};
// From the start (or the end) of `earlier` to the start (or the end) of `later` are at least so
// many seconds, which may be negative. Joins that are told so may leave out pairs of rows in which
// both are times and it is not so: conditions reject these anyway.
struct TimeGap {
  Variable earlier;
  bool from_end = false;
  Variable later;
  bool to_end = false;
  int64_t seconds = 0;
};
// Rows that agree on the variables they share; an empty value agrees with all, and the result
// takes the value of the other side. `children` at least 2.
struct Join {
  std::vector<PlanPtr> children;
  std::vector<TimeGap> gaps = {};  // between variables that one child each has
};
// The distinct values of the first `shown` variables in rows that agree on all they share. The
// variables are all columns of the children, which are never empty; they are found one after the
// other, in this order, in all children at once.
struct MultiwayJoin {
  std::vector<PlanPtr> children;
  std::vector<Variable> variables;
  size_t shown = 0;
};
// `conditions` see both sides. `outer`: if not 0, the right side holds an OuterRef with this
// number: the distinct values of its variables in the left side's rows.
struct LeftJoin {
  PlanPtr left, right;
  std::vector<ExpressionPtr> conditions;
  int outer = 0;
  std::vector<TimeGap> gaps = {};  // between the sides
};
// Left rows for which the right has (SemiJoin) or lacks (AntiJoin) a row that agrees and fulfils
// the conditions.
struct SemiJoin {
  PlanPtr left, right;
  std::vector<ExpressionPtr> conditions;
  int outer = 0;
  std::vector<TimeGap> gaps = {};  // between the sides
};
struct AntiJoin {
  PlanPtr left, right;
  std::vector<ExpressionPtr> conditions;
  int outer = 0;
  std::vector<TimeGap> gaps = {};  // between the sides
};
// `certain`: those never empty there.
struct OuterRef {
  int number = 0;
  std::vector<Variable> variables;
  std::vector<Variable> certain = {};
};
// Columns are those of all children; what a branch lacks is empty there.
struct Union {
  std::vector<PlanPtr> children;
};
struct Filter {
  PlanPtr child;
  std::vector<ExpressionPtr> conditions;  // all must be true
};
// A new column; empty where the expression fails.
struct Extend {
  PlanPtr child;
  Variable variable;
  ExpressionPtr expression;
};
enum class AggregateFunction { kCountRows, kCount, kSum, kAvg, kMin, kMax, kList, kFirst, kLast };
struct Aggregate {
  AggregateFunction function;
  bool distinct = false;
  ExpressionPtr argument;  // of kCountRows how often a row counts, an integer; null: once
  ExpressionPtr by;        // kFirst and kLast only
  Variable result;
};
// The child's rows must be distinct already. Without keys there is always one row.
struct Group {
  PlanPtr child;
  std::vector<Variable> keys;
  std::vector<Aggregate> aggregates;
};
// Keeps these columns in this order; a name the child lacks gives an empty column.
struct Project {
  PlanPtr child;
  std::vector<Variable> variables;
};
struct Distinct {
  PlanPtr child;
  // Only the set of rows matters to what reads them: no more repeats need be dropped where too few
  // are met for that to pay.
  bool may_stop = false;
};
// Rows that differ in `time` only, and whose times are periods that share an instant or follow one
// another at once, become one row with the whole period. The child's rows must be distinct.
struct Coalesce {
  PlanPtr child;
  Variable time;
};
struct SortKey {
  Variable variable;
  bool descending = false;
};
// By Term order (CompareForOrder), empty last when ascending and first when descending; stable.
struct Sort {
  PlanPtr child;
  std::vector<SortKey> keys;
};
// With ties (child sorted by `keys`): also the rows equal to the last one on them. A Sort below a
// Limit runs as top-k.
struct Limit {
  PlanPtr child;
  std::optional<uint64_t> limit;
  uint64_t offset = 0;
  bool with_ties = false;
  std::vector<SortKey> keys;
};

struct Plan {
  std::variant<Unit, Empty, Values, Scan, Path, Join, MultiwayJoin, LeftJoin, SemiJoin, AntiJoin,
               OuterRef, Union, Filter, Extend, Group, Project, Distinct, Coalesce, Sort, Limit>
      node;
  // Set by the optimizer: rows expected, and for a Join the children in the order to run.
  std::optional<double> estimated_rows;
};

// The columns a plan gives, in order; and those among them that are never empty.
std::vector<Variable> VariablesOf(const Plan& plan);
std::vector<Variable> CertainVariablesOf(const Plan& plan);

}  // namespace annals::algebra

#endif  // QUERY_ALGEBRA_PLAN_H_
