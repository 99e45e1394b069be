// Statements that tell: add, remove, withdraw, from, source, alias, predicate.
#ifndef ANNALS_TELL_H_
#define ANNALS_TELL_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "annals/question.h"
#include "query/native/ast.h"
#include "query/native/terms.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/store.h"

namespace annals {

struct Told {
  std::string message;             // "1 fact added"
  std::vector<std::string> notes;  // look-alikes and the like
};

// Tells one statement through a transaction. Names mean what they mean when telling: exactly the
// entity, else exactly an alias, else a new entity. After an error the caller rolls back.
class Teller {
 public:
  // `alone`: nothing else is told through the transaction, and the caller commits it next, unless
  // the statement has (committed).
  Teller(WriteTransaction& transaction, bool alone, const SourceText& text,
         const native::Prefixes& prefixes, const native::ParameterValues& parameters,
         std::string blank_prefix);

  absl::StatusOr<Told> Tell(const native::Add& statement);
  absl::StatusOr<Told> Tell(const native::FromBlock& statement);
  absl::StatusOr<Told> Tell(const native::SourceDecl& statement);
  absl::StatusOr<Told> Tell(const native::AliasDecl& statement);
  absl::StatusOr<Told> Tell(const native::PredicateDecl& statement);
  absl::StatusOr<Told> Tell(const native::Withdraw& statement, const QuestionContext& context);
  // `span` is the whole statement: a rule is kept as it was written.
  absl::StatusOr<Told> Tell(const native::Rule& statement, Span span,
                            const QuestionContext& context);
  absl::StatusOr<Told> Tell(const native::DropRule& statement);
  absl::StatusOr<Told> Tell(const native::Merge& statement);
  absl::StatusOr<Told> Tell(const native::Unmerge& statement);
  absl::StatusOr<Told> Tell(const native::Remove& statement, const QuestionContext& context);

  bool committed() const { return committed_; }

 private:
  struct Counts {
    uint64_t added = 0, known = 0, gained_source = 0;
  };
  // What a statement takes back, found before any of it goes; counted by the facts that are seen.
  struct ToRemove {
    Removals removals;
    std::set<std::pair<uint64_t, uint64_t>> sources;  // by fact: that loses it
    std::set<uint64_t> qualifiers;
    // Of several facts that are seen as one, by the number of the first: what they lose of sources.
    struct Losing {
      std::vector<Fact> facts;
      std::set<std::pair<uint64_t, uint64_t>> tellings;  // fact, source
    };
    std::map<uint64_t, Losing> losing;
  };
  // Variables of `where` with the ids of one of its rows.
  using Bindings = std::map<std::string, TermId, std::less<>>;

  absl::StatusOr<Term> ReadTerm(const native::TermExpr& expr, native::Place place) const;
  absl::StatusOr<TermId> Intern(const native::TermExpr& expr, native::Place place);
  absl::StatusOr<TermId> InternName(const std::string& name, Span span);
  // Undefined if the store has no such term; nothing is made.
  absl::StatusOr<TermId> Known(const native::TermExpr& expr, native::Place place,
                               const Bindings& bindings) const;
  // The entity whose own name this is, also where it is merged into another; an error if there is
  // none.
  absl::StatusOr<TermId> Named(const native::TermExpr& expr) const;
  absl::StatusOr<std::optional<TermId>> Entity(const std::string& name, Span span) const;
  absl::Status TellFacts(const std::vector<native::Pattern>& facts, TermId source, Counts* counts);
  absl::Status TellQualifiers(const std::vector<native::Qualifier>& qualifiers, TermId of,
                              TermId source);
  // The transaction's merges, as they were when the statement began; told facts may change them.
  absl::StatusOr<const SeenFacts*> Seen();
  absl::StatusOr<AddResult> Add(const Fact& fact, TermId source);
  absl::Status FindToRemove(const native::Pattern& fact, const Bindings& bindings, ToRemove* found);
  // The facts that are seen as this one, as they were told: of any name of entities that are
  // merged, one way round, the written one if there are any.
  absl::StatusOr<std::vector<Fact>> FindTold(const native::Pattern& fact, const Bindings& bindings);
  // What is said about those that go is said about one that stays, if there is any.
  absl::Status KeepQualifiers(const ToRemove::Losing& losing);
  absl::Status FindQualifiers(const native::Pattern& fact, const Bindings& bindings,
                              uint64_t number, ToRemove* found_all);
  // Of these facts, which are seen as one, the tellings by the source that is written; all, if none
  // is. Appends them and says whether there are any.
  absl::StatusOr<bool> TakeBack(const std::vector<Fact>& facts,
                                const std::optional<native::TermExpr>& source,
                                const Bindings& bindings, std::vector<Removal>* removals);
  // How many facts are gone, qualifiers not counted.
  absl::StatusOr<uint64_t> TakeBack(const Removals& removals, const QuestionContext& context);
  Told Finish(const Counts& counts);

  WriteTransaction& transaction_;
  const bool alone_;
  const SourceText& text_;
  const native::TermReader reader_;
  const std::string blank_prefix_;
  std::vector<std::string> notes_;
  std::optional<SeenFacts> seen_;
  bool committed_ = false;
};

}  // namespace annals

#endif  // ANNALS_TELL_H_
