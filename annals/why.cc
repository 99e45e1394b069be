#include "annals/why.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "annals/rules.h"
#include "annals/tables.h"
#include "query/native/translate.h"
#include "storage/base/text.h"

namespace annals {
namespace {

using native::FactUse;

// A fact behind a row, and the step of the question that it made true.
struct Behind {
  uint64_t fact = 0;
  const FactUse* use = nullptr;
  TermId subject;  // as the step has it in this row
};

size_t PlaceOf(const std::vector<std::string>& variables, const std::string& variable) {
  return static_cast<size_t>(std::find(variables.begin(), variables.end(), variable) -
                             variables.begin());
}

// Alike for rows that are equal in these columns; of two runs, whose computed terms have ids of
// their own.
std::string KeyOf(const FormulaRows& rows, const std::vector<TermId>& row,
                  const std::vector<size_t>& places) {
  std::string key;
  for (const size_t place : places) {
    const Term* const computed = rows.added.Get(row[place]);
    absl::StrAppend(
        &key, computed != nullptr ? UniqueKey(*computed) : absl::StrCat("#", row[place].bits()),
        "\n");
  }
  return key;
}

class Evidence {
 public:
  Evidence(const QuestionContext& context, std::shared_ptr<const Declarations> declared,
           std::vector<native::NameUse> names)
      : context_(context),
        view_(*context.view),
        declared_(std::move(declared)),
        names_(std::move(names)) {}

  // Appends (fact, sources, because) for the facts, and for those behind them.
  absl::Status Explain(const std::vector<Behind>& facts, std::vector<std::vector<Term>>* out) {
    std::set<uint64_t> shown;
    for (const Behind& behind : facts) {
      ANNALS_RETURN_IF_ERROR(ExplainOne(behind, "", &shown, out));
    }
    return absl::OkStatus();
  }

 private:
  absl::Status ExplainOne(const Behind& behind, const std::string& part_of,
                          std::set<uint64_t>* shown, std::vector<std::vector<Term>>* out) {
    if (!shown->insert(behind.fact).second) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> fact, view_.GetFact(behind.fact));
    if (!fact.has_value()) return DataLoss("a fact behind a row is not there");
    std::vector<std::string> because;
    if (!part_of.empty()) because.push_back(absl::StrCat("behind ", part_of));
    if (behind.use != nullptr) {
      ANNALS_RETURN_IF_ERROR(AddDeclarations(*behind.use, behind.subject, *fact, &because));
    }
    for (const native::NameUse& name : names_) {
      const bool in_fact = fact->subject == name.entity || fact->predicate == name.entity ||
                           fact->object == name.entity;
      if (in_fact) because.push_back(name.text);
    }
    const Derivation* derivation = nullptr;
    if (context_.derived != nullptr) {
      const auto found = context_.derived->by_fact.find(behind.fact);
      if (found != context_.derived->by_fact.end()) derivation = &found->second;
    }
    if (derivation != nullptr) because.push_back(*derivation->rule);
    ANNALS_ASSIGN_OR_RETURN(Term sources, SourcesText(behind.fact));
    out->push_back({Term(FactRef{behind.fact}), std::move(sources),
                    because.empty() ? Term() : Term(Text{absl::StrJoin(because, "; "), ""})});
    if (derivation == nullptr) return absl::OkStatus();
    const std::string text = MakeFactText(context_.view)(behind.fact);
    for (const uint64_t part : derivation->parts) {
      ANNALS_RETURN_IF_ERROR(ExplainOne({part, nullptr, TermId()}, text, shown, out));
    }
    return absl::OkStatus();
  }

  // What let a fact of another predicate, or the other way round, count as what was asked for.
  absl::Status AddDeclarations(const FactUse& use, TermId subject, const Fact& fact,
                               std::vector<std::string>* because) const {
    if (use.predicate.is_undefined()) return absl::OkStatus();
    const bool reversed = !subject.is_undefined() && subject != fact.subject;
    if (fact.predicate == use.predicate && !reversed) return absl::OkStatus();
    for (const Declarations::Reason& reason :
         declared_->ReasonsFor(use.predicate, {fact.predicate, reversed})) {
      ANNALS_ASSIGN_OR_RETURN(const Term p, view_.Get(reason.predicate));
      std::string text = absl::StrCat(DisplayText(p), " ");
      if (reason.other.is_undefined()) {
        absl::StrAppend(&text, "is ", ToAbsl(reason.kind));
      } else {
        ANNALS_ASSIGN_OR_RETURN(const Term q, view_.Get(reason.other));
        absl::StrAppend(&text, ToAbsl(reason.kind), " ", DisplayText(q));
      }
      because->push_back(std::move(text));
    }
    return absl::OkStatus();
  }

  // "ArmyInform 2024-11-29 (ArmyInform, 2024-11-29)": each source with publisher and date.
  absl::StatusOr<Term> SourcesText(uint64_t fact) const {
    ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> ids, view_.SourcesOf(fact));
    std::vector<std::string> sources;
    for (const TermId id : ids) {
      if (id.is_undefined()) continue;
      ANNALS_ASSIGN_OR_RETURN(const Term name, view_.Get(id));
      std::vector<std::string> card;
      for (const std::string_view property : {"publisher", "published"}) {
        ANNALS_ASSIGN_OR_RETURN(const Term value, PropertyOf(id, property, view_));
        if (!value.is_undefined()) card.push_back(DisplayText(value));
      }
      sources.push_back(
          card.empty() ? DisplayText(name)
                       : absl::StrCat(DisplayText(name), " (", absl::StrJoin(card, ", "), ")"));
    }
    if (sources.empty()) return Term();
    return Term(Text{absl::StrJoin(sources, "; "), ""});
  }

  const QuestionContext& context_;
  const GraphView& view_;
  const std::shared_ptr<const Declarations> declared_;
  const std::vector<native::NameUse> names_;
};

// The facts behind the rows, by the row's key.
absl::StatusOr<std::map<std::string, std::vector<Behind>>> FactsBehind(
    const FormulaRows& rows, const std::vector<size_t>& key, const std::vector<FactUse>& uses) {
  std::map<std::string, std::vector<Behind>> behind;
  std::set<std::pair<std::string, uint64_t>> seen;
  for (const std::vector<TermId>& row : rows.rows) {
    const std::string text = KeyOf(rows, row, key);
    std::vector<Behind>& facts = behind[text];
    for (const FactUse& use : uses) {
      const size_t place = PlaceOf(rows.variables, use.variable);
      if (place == rows.variables.size() || row[place].is_undefined()) continue;
      TermId subject = use.subject.id;
      if (use.subject.kind == algebra::Slot::Kind::kVariable) {
        const size_t of = PlaceOf(rows.variables, use.subject.variable);
        if (of < rows.variables.size()) subject = row[of];
      }
      if (!use.chain) {
        const uint64_t fact = row[place].payload();
        if (seen.emplace(text, fact).second) facts.push_back({fact, &use, subject});
        continue;
      }
      const Term* const term = rows.added.Get(row[place]);
      const TermList* const chain = term == nullptr ? nullptr : term->As<TermList>();
      if (chain == nullptr) continue;
      for (const Term& link : *chain) {
        const FactRef* const fact = link.As<FactRef>();
        if (fact != nullptr && seen.emplace(text, fact->number).second) {
          facts.push_back({fact->number, nullptr, TermId()});
        }
      }
    }
  }
  return behind;
}

}  // namespace

absl::StatusOr<Rows> WhyQuestion(const native::Find& find, const QuestionContext& asked) {
  ANNALS_ASSIGN_OR_RETURN(const QuestionContext context, ForQuestion(find, asked));
  native::TranslateOptions options = TranslateOptionsOf(context);
  ANNALS_ASSIGN_OR_RETURN(native::Question question, native::TranslateQuestion(find, options));
  ANNALS_ASSIGN_OR_RETURN(const FormulaRows answer, RunPlan(std::move(question.plan), context));
  std::vector<FactUse> uses;
  options.facts = &uses;
  options.facts_inside = true;
  ANNALS_ASSIGN_OR_RETURN(native::Question evidence, native::TranslateQuestion(find, options));
  ANNALS_ASSIGN_OR_RETURN(const FormulaRows found, RunPlan(std::move(evidence.plan), context));

  std::vector<size_t> answer_key, found_key;
  for (const native::QuestionColumn& column : evidence.columns) {
    for (const native::QuestionColumn& shown : question.columns) {
      if (shown.title != column.title) continue;
      answer_key.push_back(PlaceOf(answer.variables, shown.variable));
      found_key.push_back(PlaceOf(found.variables, column.variable));
    }
  }
  ANNALS_ASSIGN_OR_RETURN(const auto behind, FactsBehind(found, found_key, uses));

  std::vector<std::string> titles;
  std::vector<size_t> places;
  for (const native::QuestionColumn& column : question.columns) {
    titles.push_back(column.title);
    places.push_back(PlaceOf(answer.variables, column.variable));
  }
  for (const char* title : {"fact", "sources", "because"}) titles.emplace_back(title);
  ANNALS_ASSIGN_OR_RETURN(std::shared_ptr<const Declarations> declared, context.view->Declared());
  Evidence explain(context, std::move(declared), std::move(question.names));
  std::vector<std::vector<Term>> rows;
  for (const std::vector<TermId>& row : answer.rows) {
    std::vector<Term> shown;
    for (const size_t place : places) {
      const Term* const computed = answer.added.Get(row[place]);
      if (computed != nullptr) {
        shown.push_back(*computed);
        continue;
      }
      ANNALS_ASSIGN_OR_RETURN(Term term, context.view->Get(row[place]));
      shown.push_back(std::move(term));
    }
    std::vector<std::vector<Term>> reasons;
    if (const auto facts = behind.find(KeyOf(answer, row, answer_key)); facts != behind.end()) {
      ANNALS_RETURN_IF_ERROR(explain.Explain(facts->second, &reasons));
    }
    // A row that rests on no fact, as one that says that something is absent.
    if (reasons.empty()) reasons.push_back({Term(), Term(), Term()});
    for (std::vector<Term>& reason : reasons) {
      std::vector<Term> whole = shown;
      for (Term& term : reason) whole.push_back(std::move(term));
      rows.push_back(std::move(whole));
    }
  }
  return MakeTableRows(std::move(titles), std::move(rows), std::move(question.notes), context);
}

}  // namespace annals
