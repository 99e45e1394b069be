// Paths that repeat, `!` and `shortest`: the steps of a path as the automaton of an algebra::Path.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "query/native/translator.h"

namespace annals::native {

using algebra::MakePlan;
using algebra::PathPlace;
using algebra::PathWay;

namespace {

// Steps of one path, repetitions written out; more would make automata that take long to run.
constexpr size_t kMostPlaces = 1000;

void AddPlaces(const std::vector<uint32_t>& more, std::vector<uint32_t>* places) {
  for (const uint32_t place : more) {
    if (std::find(places->begin(), places->end(), place) == places->end()) places->push_back(place);
  }
}

}  // namespace

bool MayBeEmpty(const Path& path) {
  struct Visitor {
    bool operator()(const PathStep&) const { return false; }
    bool operator()(const PathNegated& node) const {
      return std::holds_alternative<PathRepeat>(node.path->node) && MayBeEmpty(*node.path);
    }
    bool operator()(const PathInverse& node) const { return MayBeEmpty(*node.path); }
    bool operator()(const PathSequence& node) const {
      return std::all_of(node.parts.begin(), node.parts.end(), MayBeEmpty);
    }
    bool operator()(const PathAlternative& node) const {
      return std::any_of(node.parts.begin(), node.parts.end(), MayBeEmpty);
    }
    bool operator()(const PathRepeat& node) const {
      return node.least == 0 || MayBeEmpty(*node.path);
    }
  };
  return std::visit(Visitor{}, path.node);
}

// Glushkov's construction: a place for each step as written, repetitions written out, so that the
// automaton has no empty moves.
class Translator::PathBuilder {
 public:
  PathBuilder(Translator& translator, const Path& whole)
      : translator_(translator), whole_(whole), places_(1) {}

  absl::StatusOr<std::vector<PathPlace>> Build() {
    ANNALS_ASSIGN_OR_RETURN(const Part part, Of(whole_, false));
    places_[0].next = part.first;
    places_[0].last = part.nullable;
    for (const uint32_t place : part.last) places_[place].last = true;
    return std::move(places_);
  }

 private:
  // Where the chains of a part of the path may begin and end.
  struct Part {
    bool nullable = false;
    std::vector<uint32_t> first, last;
  };
  using Result = absl::StatusOr<Part>;

  Result Of(const Path& path, bool backward) {
    return std::visit([&](const auto& node) { return One(node, backward); }, path.node);
  }

  Result One(const PathStep& node, bool backward) {
    if (node.term.kind == TermExpr::Kind::kVariable) {
      return translator_.Error(
          node.term.span, absl::StrCat("expected a predicate or _ instead of ?", node.term.text,
                                       ": each fact of a chain has its own predicate"));
    }
    bool unknown = false;
    ANNALS_ASSIGN_OR_RETURN(const Slot slot,
                            translator_.MakeSlot(node.term, Place::kName, &unknown));
    std::vector<PathWay> ways;
    if (slot.kind == Slot::Kind::kAny) {
      ANNALS_RETURN_IF_ERROR(AddAnyBut({}, backward, &ways));
    } else if (!unknown) {
      ANNALS_ASSIGN_OR_RETURN(const auto declared, translator_.options_.view.Declared());
      for (const Declarations::Way& way : declared->WaysOf(slot.id)) {
        ways.push_back({way.predicate, {}, way.reversed != backward});
      }
    }
    return AddPlace(std::move(ways));
  }

  Result One(const PathNegated& node, bool backward) {
    if (const auto* repeat = std::get_if<PathRepeat>(&node.path->node)) {
      return Repeated(*repeat, backward, true);
    }
    return Negated(*node.path, backward);
  }
  Result Negated(const Path& path, bool backward) {
    Excluded excluded;
    ANNALS_RETURN_IF_ERROR(translator_.ReadExcluded(path, backward, &excluded));
    std::vector<PathWay> ways;
    if (excluded.has_forward) ANNALS_RETURN_IF_ERROR(AddAnyBut(excluded.forward, false, &ways));
    if (excluded.has_backward) ANNALS_RETURN_IF_ERROR(AddAnyBut(excluded.backward, true, &ways));
    return AddPlace(std::move(ways));
  }

  Result One(const PathInverse& node, bool backward) { return Of(*node.path, !backward); }
  Result One(const PathAlternative& node, bool backward) {
    Part all;
    for (const Path& way : node.parts) {
      ANNALS_ASSIGN_OR_RETURN(const Part part, Of(way, backward));
      all.nullable |= part.nullable;
      AddPlaces(part.first, &all.first);
      AddPlaces(part.last, &all.last);
    }
    return all;
  }
  Result One(const PathSequence& node, bool backward) {
    Part all{true, {}, {}};
    for (size_t i = 0; i < node.parts.size(); ++i) {
      const Path& step = node.parts[backward ? node.parts.size() - 1 - i : i];
      ANNALS_ASSIGN_OR_RETURN(const Part part, Of(step, backward));
      all = Then(all, part);
    }
    return all;
  }
  Result One(const PathRepeat& node, bool backward) { return Repeated(node, backward, false); }

  // a{2,4} is a/a/(a/(a)?)?, a{2,} is a/a+. Made from its end, of which the beginning is part.
  Result Repeated(const PathRepeat& node, bool backward, bool negated) {
    const auto copy = [&] {
      return negated ? Negated(*node.path, backward) : Of(*node.path, backward);
    };
    Part rest{true, {}, {}};
    uint64_t copies = node.most.value_or(node.least);
    if (!node.most.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(rest, copy());
      for (const uint32_t place : rest.last) AddPlaces(rest.first, &places_[place].next);
      rest.nullable |= node.least == 0;
      copies = node.least == 0 ? 0 : node.least - 1;
    }
    for (uint64_t i = copies; i > 0; --i) {
      const size_t before = places_.size();
      ANNALS_ASSIGN_OR_RETURN(const Part part, copy());
      rest = Then(part, rest);
      if (node.most.has_value() && i > node.least) rest.nullable = true;
      if (places_.size() == before) break;  // nothing, however often
    }
    return rest;
  }

  Part Then(const Part& first, const Part& second) {
    for (const uint32_t place : first.last) AddPlaces(second.first, &places_[place].next);
    Part both{first.nullable && second.nullable, first.first, second.last};
    if (first.nullable) AddPlaces(second.first, &both.first);
    if (second.nullable) AddPlaces(first.last, &both.last);
    return both;
  }

  Result AddPlace(std::vector<PathWay> ways) {
    if (places_.size() > kMostPlaces) {
      return translator_.Error(
          whole_.span, absl::StrCat("a path has at most ", kMostPlaces,
                                    " steps, each counted as often as it has to be repeated"));
    }
    const auto place = static_cast<uint32_t>(places_.size());
    places_.push_back({std::move(ways), {}, false});
    return Part{false, {place}, {place}};
  }

  // And all facts that count as ones of them.
  absl::Status AddAnyBut(const std::vector<TermId>& except, bool backward,
                         std::vector<PathWay>* ways) {
    ways->push_back({std::nullopt, except, backward});
    ANNALS_ASSIGN_OR_RETURN(const auto declared, translator_.options_.view.Declared());
    for (const TermId predicate : declared->WithWays()) {
      if (std::find(except.begin(), except.end(), predicate) != except.end()) continue;
      for (const Declarations::Way& way : declared->WaysOf(predicate)) {
        if (way.predicate == predicate && !way.reversed) continue;
        ways->push_back({way.predicate, {}, way.reversed != backward});
      }
    }
    return absl::OkStatus();
  }

  Translator& translator_;
  const Path& whole_;
  std::vector<PathPlace> places_;
};

absl::Status Translator::ReadExcluded(const Path& path, bool backward, Excluded* excluded) {
  if (const auto* inverse = std::get_if<PathInverse>(&path.node)) {
    return ReadExcluded(*inverse->path, !backward, excluded);
  }
  if (const auto* alternative = std::get_if<PathAlternative>(&path.node)) {
    for (const Path& part : alternative->parts) {
      ANNALS_RETURN_IF_ERROR(ReadExcluded(part, backward, excluded));
    }
    return absl::OkStatus();
  }
  const auto* step = std::get_if<PathStep>(&path.node);
  if (step == nullptr || step->term.kind == TermExpr::Kind::kVariable ||
      step->term.kind == TermExpr::Kind::kAnything) {
    return Error(path.span, "expected a predicate after !, or several as in !(a|b)");
  }
  bool unknown = false;
  ANNALS_ASSIGN_OR_RETURN(const Slot slot, MakeSlot(step->term, Place::kName, &unknown));
  (backward ? excluded->has_backward : excluded->has_forward) = true;
  if (!unknown) (backward ? excluded->backward : excluded->forward).push_back(slot.id);
  return absl::OkStatus();
}

// Exactly one step: a scan whose predicate is none of these, so that the pattern may bind its time.
absl::StatusOr<algebra::PlanPtr> Translator::TranslateNegated(const PathNegated& path,
                                                              PatternSlots slots) {
  Excluded excluded;
  ANNALS_RETURN_IF_ERROR(ReadExcluded(*path.path, false, &excluded));
  const auto one_way = [&](const PatternSlots& ends,
                           const std::vector<TermId>& except) -> absl::StatusOr<PlanPtr> {
    algebra::Scan scan = ends.scan;
    scan.predicate = Slot{Slot::Kind::kVariable, Fresh(), TermId()};
    if (ends.unknown) {
      PlanPtr plan = MakePlan(std::move(scan));
      return MakePlan(algebra::Empty{algebra::VariablesOf(*plan)});
    }
    const Variable predicate = scan.predicate.variable;
    AddFactUse(&scan);
    ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, WithWays(std::move(scan)));
    std::vector<ExpressionPtr> conditions;
    for (const TermId id : except) {
      ANNALS_ASSIGN_OR_RETURN(Term term, options_.view.Get(id));
      conditions.push_back(algebra::MakeExpression(algebra::NotExpr{algebra::MakeExpression(
          algebra::CompareExpr{algebra::CompareOp::kEqual, algebra::MakeVariable(predicate),
                               algebra::MakeConstant(std::move(term), id)})}));
    }
    return algebra::MakeFilter(std::move(plan), std::move(conditions));
  };
  std::vector<PlanPtr> ways;
  if (excluded.has_forward) {
    ANNALS_ASSIGN_OR_RETURN(ways.emplace_back(), one_way(slots, excluded.forward));
  }
  if (excluded.has_backward) {
    std::swap(slots.scan.subject, slots.scan.object);
    ANNALS_ASSIGN_OR_RETURN(ways.emplace_back(), one_way(slots, excluded.backward));
  }
  return ways.size() == 1 ? std::move(ways[0]) : algebra::MakeUnion(std::move(ways));
}

absl::StatusOr<Term> Translator::UnknownLiteral(const TermExpr& expr, Place place,
                                                const Slot& slot) {
  if (slot.kind != Slot::Kind::kConstant || !slot.id.is_undefined()) return Term();
  ANNALS_ASSIGN_OR_RETURN(Term term, reader_.Read(expr, place));
  const bool entity = term.As<Name>() != nullptr || term.As<Iri>() != nullptr;
  return entity ? Term() : term;
}

// Where an end is nothing that the store knows, at most the chain of no facts is left.
absl::StatusOr<algebra::PlanPtr> Translator::MakePathPlan(algebra::Path plan,
                                                          const PatternSlots& slots) {
  const auto is_unknown = [](const Slot& slot) {
    return slot.kind == Slot::Kind::kConstant && slot.id.is_undefined();
  };
  if (!is_unknown(plan.from) && !is_unknown(plan.to)) return MakePlan(std::move(plan));
  const Term& from = slots.unknown_subject;
  const Term& to = slots.unknown_object;
  const Term& itself = from.is_undefined() ? to : from;
  const Slot& other = from.is_undefined() ? plan.from : plan.to;
  const bool same = other.kind != Slot::Kind::kConstant || (is_unknown(other) && from == to);
  const bool linked = plan.may_be_empty() && !itself.is_undefined() && same;
  std::vector<Term> row;
  if (other.kind == Slot::Kind::kVariable) row.push_back(itself);
  if (plan.chain.has_value()) row.emplace_back(Term::Value(TermList()));
  Variables columns = algebra::VariablesOf(*MakePlan(std::move(plan)));
  if (!linked) return MakePlan(algebra::Empty{std::move(columns)});
  if (columns.empty()) return MakePlan(algebra::Unit{});
  return MakePlan(algebra::Values{std::move(columns), {std::move(row)}});
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateRepeat(const Path& path, PatternSlots slots) {
  algebra::Path plan;
  ANNALS_ASSIGN_OR_RETURN(plan.places, PathBuilder(*this, path).Build());
  plan.from = slots.scan.subject;
  plan.to = slots.scan.object;
  plan.dated = slots.scan.dated;
  plan.window = slots.scan.window;
  plan.text = options_.text.Slice(path.span);
  if (facts_ != nullptr) {
    plan.chain = Fresh();
    facts_->push_back({*plan.chain, true, TermId(), plan.from});
  }
  return MakePathPlan(std::move(plan), slots);
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateShortest(const FormulaShortest& shortest) {
  const Pattern& pattern = *shortest.pattern;
  const TermExpr& variable = shortest.variable;
  if (pattern.time.has_value() && pattern.time->kind == TermExpr::Kind::kVariable) {
    return Error(pattern.time->span,
                 "expected a constant time: a chain has the times of all of its facts");
  }
  for (const TermExpr* end : {&pattern.subject, &pattern.object}) {
    if (end->kind == TermExpr::Kind::kVariable && end->text == variable.text) {
      return Error(
          variable.span,
          absl::StrCat("?", variable.text, " is an end of the chain; 'as' makes a new variable"));
    }
  }
  ANNALS_ASSIGN_OR_RETURN(const PatternSlots slots, MakeSlots(pattern));
  algebra::Path plan;
  ANNALS_ASSIGN_OR_RETURN(plan.places, PathBuilder(*this, pattern.predicate).Build());
  plan.from = slots.scan.subject;
  plan.to = slots.scan.object;
  plan.dated = slots.scan.dated;
  plan.window = slots.scan.window;
  plan.text = options_.text.Slice(pattern.predicate.span);
  plan.chain = variable.text;
  if (facts_ != nullptr) facts_->push_back({variable.text, true, TermId(), plan.from});
  plan.in_time_order = shortest.in_time_order;
  return MakePathPlan(std::move(plan), slots);
}

}  // namespace annals::native
