// The parts of the translation share one Translator: patterns (translate_pattern.cc), expressions
// (translate_expression.cc), formulas (translate_formula.cc) and find (translate_find.cc).
#ifndef QUERY_NATIVE_TRANSLATOR_H_
#define QUERY_NATIVE_TRANSLATOR_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "query/algebra/build.h"
#include "query/native/scope.h"
#include "query/native/translate.h"

namespace annals::native {

// What a formula inside `not` or `optional` may take from outside. Conditions at its top are lifted
// into the join; variables needed deeper come in through an OuterRef, as copies: patterns that
// stand beside what reads them don't join with them.
struct Outside {
  using Variables = std::vector<algebra::Variable>;

  // A row of values.
  Outside(Variables row, int outer) : own(row), variables(std::move(row)), number(outer) {}
  // The rows of a plan, which may stand in a formula with an outside of its own.
  Outside(const algebra::Plan& rows, int outer, const Outside* around);

  Variables own;          // columns there
  Variables variables;    // these and what is further outside
  Variables certain;      // columns that are never empty there
  Variables further;      // what is not certain there and may have to come from further outside
  int number;             // of the OuterRef
  bool referred = false;  // an OuterRef was made
  std::vector<algebra::ExpressionPtr>* lifted = nullptr;  // null: nothing may be lifted
  Variables lent;  // what lifted conditions read of further outside and no column is called
  std::vector<algebra::Beside> beside;  // columns that the OuterRef needs there
};

// Whether a chain of no facts fits the path.
bool MayBeEmpty(const Path& path);

class Translator {
 public:
  explicit Translator(const TranslateOptions& options)
      : options_(options),
        reader_{options.text, options.prefixes, options.parameters},
        resolver_(options.view, options.text, true, &notes_),
        facts_(options.facts) {}

  absl::StatusOr<Question> TranslateFind(const Find& find);
  absl::StatusOr<Question> TranslateAll(const Formula& formula);
  absl::StatusOr<algebra::PlanPtr> TranslateMoment(const Expr& expr);

 private:
  using PlanPtr = algebra::PlanPtr;
  using Slot = algebra::Slot;
  using ExpressionPtr = algebra::ExpressionPtr;
  using Variable = algebra::Variable;
  using Variables = std::vector<Variable>;

  absl::Status Error(Span span, std::string_view message, std::string_view hint = "") const {
    return options_.text.Error(span, message, hint);
  }
  Variable Fresh() { return "." + std::to_string(++fresh_); }

  // The column of the fact behind a step, if such are wanted.
  void AddFactUse(algebra::Scan* scan);
  // Those of a group inside are not.
  class WithoutFacts {
   public:
    explicit WithoutFacts(Translator& translator)
        : translator_(translator), before_(std::exchange(translator.facts_, nullptr)) {}
    WithoutFacts(const WithoutFacts&) = delete;
    WithoutFacts& operator=(const WithoutFacts&) = delete;
    ~WithoutFacts() { translator_.facts_ = before_; }

   private:
    Translator& translator_;
    std::vector<FactUse>* const before_;
  };

  // While it lives, expressions see these variables: an `exists` joins with them.
  class Sees {
   public:
    Sees(Translator& translator, Variables variables)
        : translator_(translator),
          variables_(std::move(variables)),
          before_(std::exchange(translator.visible_, &variables_)) {}
    Sees(const Sees&) = delete;
    Sees& operator=(const Sees&) = delete;
    ~Sees() { translator_.visible_ = before_; }

   private:
    Translator& translator_;
    const Variables variables_;
    const Variables* const before_;
  };

  // --- Patterns ---
  struct PatternSlots {
    algebra::Scan scan;    // with all slots but the predicate's
    bool unknown = false;  // a name in it is not in the store
    // Ends that are texts or the like which the store doesn't know; else undefined.
    Term unknown_subject, unknown_object;
  };
  absl::StatusOr<PlanPtr> TranslatePattern(const Pattern& pattern);
  absl::StatusOr<PatternSlots> MakeSlots(const Pattern& pattern);
  absl::StatusOr<Slot> MakeSlot(const TermExpr& expr, Place place, bool* unknown);
  absl::Status SetTime(const TermExpr& expr, algebra::Scan* scan);
  absl::StatusOr<PlanPtr> TranslatePath(const Path& path, PatternSlots slots, bool single);
  absl::StatusOr<PlanPtr> TranslateSequence(const PathSequence& path, const PatternSlots& slots);
  absl::StatusOr<PlanPtr> TranslateStep(const TermExpr& step, PatternSlots slots);
  absl::StatusOr<PlanPtr> WithWays(algebra::Scan scan);
  absl::StatusOr<PlanPtr> TranslateNegated(const PathNegated& path, PatternSlots slots);
  absl::StatusOr<PlanPtr> TranslateRepeat(const Path& path, PatternSlots slots);
  absl::StatusOr<PlanPtr> TranslateShortest(const FormulaShortest& shortest);
  absl::StatusOr<Term> UnknownLiteral(const TermExpr& expr, Place place, const Slot& slot);
  absl::StatusOr<PlanPtr> MakePathPlan(algebra::Path plan, const PatternSlots& slots);
  absl::Status CheckSeveralSteps(const Path& path, const PatternSlots& slots) const;
  class PathBuilder;
  // The predicates that `!` excludes, those of ^ apart; and whether there are such.
  struct Excluded {
    std::vector<TermId> forward, backward;
    bool has_forward = false, has_backward = false;
  };
  absl::Status ReadExcluded(const Path& path, bool backward, Excluded* excluded);
  absl::StatusOr<PlanPtr> TranslateQualifier(const Qualifier& qualifier, const algebra::Scan& of);

  // --- Expressions ---
  absl::StatusOr<ExpressionPtr> TranslateExpression(const Expr& expr);
  absl::StatusOr<ExpressionPtr> TranslateTerm(const TermExpr& term, Place place);
  absl::StatusOr<ExpressionPtr> TranslateBinary(const ExprBinary& binary, bool possibly);
  absl::StatusOr<ExpressionPtr> TranslateIn(ExpressionPtr value, const std::vector<TermExpr>& list);
  absl::StatusOr<ExpressionPtr> TranslateCall(const ExprCall& call, Span span);
  absl::StatusOr<ExpressionPtr> TranslateExists(const ExprExists& exists, Span span);
  absl::StatusOr<ExpressionPtr> TranslateAggregate(const ExprCall& call, Span span);
  absl::StatusOr<ExpressionPtr> TimeOperand(const Expr& expr);
  void NoteNeverEqual(const algebra::Expression& left, const algebra::Expression& right);

  // --- Formulas ---
  // All of it; `outside` may be null.
  absl::StatusOr<PlanPtr> TranslateScope(const Formula& formula, Outside* outside);
  // `bound_above`: what the group that this one was distributed from binds.
  absl::StatusOr<PlanPtr> TranslateGroup(std::vector<const Formula*> parts, Outside* outside,
                                         const Variables& bound_above = {});
  struct Group;
  std::optional<std::vector<std::vector<const Formula*>>> Distribute(
      const std::vector<const Formula*>& parts) const;
  absl::Status CountBranches(size_t branches, const Formula& first);
  absl::Status SortParts(const std::vector<const Formula*>& parts, const Variables& bound_above,
                         Group* group);
  absl::Status CheckNeeds(const std::vector<const Formula*>& parts, const Variables& bound,
                          const Outside* outside) const;
  Variable ColumnBeside(const Variable& variable, bool is_copy, Outside* outside);
  PlanPtr WithCopies(PlanPtr plan, const Variables& variables, Outside* outside, Variables* copies);
  PlanPtr Fill(PlanPtr plan, const Variables& filled, Outside* outside, Variables* own);
  absl::StatusOr<PlanPtr> WithFilled(PlanPtr plan, const Variables& filled, Outside* outside,
                                     const std::function<absl::StatusOr<PlanPtr>(PlanPtr)>& add);
  template <typename Node>
  absl::StatusOr<PlanPtr> AddScope(PlanPtr left, const Formula& inner, Outside* further);
  absl::StatusOr<PlanPtr> TranslateJoined(const Formula& part, Outside* outside);
  absl::StatusOr<PlanPtr> TranslateListed(const FormulaCondition& condition,
                                          const TermExpr& variable);
  absl::StatusOr<PlanPtr> TranslateCoalesced(const FormulaCoalesced& coalesced);
  absl::StatusOr<PlanPtr> TranslateEvery(const FormulaEvery& every);
  absl::StatusOr<PlanPtr> AddOptional(PlanPtr left, const Formula& inner, Outside* outside);
  absl::StatusOr<PlanPtr> AddNot(PlanPtr left, const Formula& inner, Outside* outside);
  absl::StatusOr<PlanPtr> AddLets(PlanPtr plan, std::vector<const FormulaLet*> lets);
  absl::Status Unbindable(const VariableUse& use, const Variables& known) const;
  absl::StatusOr<PlanPtr> TranslateSubquestion(const Find& find);
  absl::StatusOr<PlanPtr> SubquestionOfPast(const Find& find);
  absl::StatusOr<PlanPtr> SubquestionRows(const Find& find);
  absl::StatusOr<PlanPtr> SubquestionFacts(const Find& find);

  // --- Find ---
  struct FindParts;
  Variables FactVariables() const;
  absl::StatusOr<Question> WithFacts(FindParts parts);
  absl::Status ReadItems(const Find& find, FindParts* parts);
  absl::Status GroupItems(FindParts* parts);
  absl::Status CheckHaving(const Find& find, const algebra::Expression& having,
                           const FindParts& parts) const;
  absl::Status ApplyOrder(const Find& find, FindParts* parts);
  absl::Status ApplyLimit(const Find& find, FindParts* parts);
  absl::StatusOr<Variable> OrderVariable(const Expr& expr, const Find& find, FindParts* parts);
  absl::StatusOr<std::optional<uint64_t>> ReadCount(const std::optional<RowCount>& count);
  absl::Status CheckSize(const Formula& formula) const;
  absl::Status CheckReadable(const Expr& expr, const Variables& known,
                             std::string_view where) const;

  TranslateOptions options_;
  TermReader reader_;
  std::vector<std::string> notes_;
  NameResolver resolver_;
  int fresh_ = 0;
  int outer_numbers_ = 0;
  size_t branches_ = 0;                 // that `or` was distributed to
  size_t names_given_ = 0;              // parameters that became slots
  bool has_past_rows_ = false;          // a question inside was answered by past_rows
  const Variables* visible_ = nullptr;  // see Sees
  std::vector<FactUse>* facts_;         // see TranslateOptions; null: not wanted here
  // While the items of a find are translated: where their aggregates go. Else aggregates are
  // errors.
  std::vector<algebra::Aggregate>* aggregates_ = nullptr;
};

}  // namespace annals::native

#endif  // QUERY_NATIVE_TRANSLATOR_H_
