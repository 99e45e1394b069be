// Patterns to scans: slots, times, declared predicates, paths of one pass, qualifiers, sources.
#include "absl/strings/str_cat.h"
#include "query/native/translator.h"

namespace annals::native {

using algebra::MakeJoin;
using algebra::MakePlan;
using algebra::MakeUnion;
using algebra::Scan;

absl::StatusOr<algebra::Slot> Translator::MakeSlot(const TermExpr& expr, Place place,
                                                   bool* unknown) {
  Slot slot;
  if (expr.kind == TermExpr::Kind::kAnything) return slot;
  if (expr.kind == TermExpr::Kind::kVariable) {
    slot.kind = Slot::Kind::kVariable;
    slot.variable = expr.text;
    return slot;
  }
  if (expr.kind == TermExpr::Kind::kBlankNode) {
    return Error(expr.span,
                 "a blank node belongs to one script and can't be asked for; use a "
                 "?variable");
  }
  ANNALS_ASSIGN_OR_RETURN(const Term term, reader_.Read(expr, place));
  ANNALS_ASSIGN_OR_RETURN(const Resolved resolved, resolver_.Resolve(term, expr.span));
  slot.kind = Slot::Kind::kConstant;
  slot.id = resolved.id;
  if (expr.kind == TermExpr::Kind::kParameter && term.As<Name>() != nullptr) {
    slot.variable = "$" + expr.text;
    ++names_given_;
  }
  if (resolved.id.is_undefined()) *unknown = true;
  return slot;
}

absl::Status Translator::SetTime(const TermExpr& expr, Scan* scan) {
  scan->dated = true;
  if (expr.kind == TermExpr::Kind::kAnything) return absl::OkStatus();
  if (expr.kind == TermExpr::Kind::kVariable) {
    scan->time.kind = Slot::Kind::kVariable;
    scan->time.variable = expr.text;
    return absl::OkStatus();
  }
  ANNALS_ASSIGN_OR_RETURN(const Term term, reader_.Read(expr, Place::kTime));
  const Time* time = term.As<Time>();
  if (time == nullptr) return Error(expr.span, "expected a time here");
  scan->window = TimeWindow{time->first(), time->last()};
  return absl::OkStatus();
}

absl::StatusOr<Translator::PatternSlots> Translator::MakeSlots(const Pattern& pattern) {
  PatternSlots slots;
  ANNALS_ASSIGN_OR_RETURN(slots.scan.subject,
                          MakeSlot(pattern.subject, Place::kName, &slots.unknown));
  ANNALS_ASSIGN_OR_RETURN(slots.scan.object,
                          MakeSlot(pattern.object, Place::kObject, &slots.unknown));
  ANNALS_ASSIGN_OR_RETURN(slots.unknown_subject,
                          UnknownLiteral(pattern.subject, Place::kName, slots.scan.subject));
  ANNALS_ASSIGN_OR_RETURN(slots.unknown_object,
                          UnknownLiteral(pattern.object, Place::kObject, slots.scan.object));
  if (pattern.time.has_value()) ANNALS_RETURN_IF_ERROR(SetTime(*pattern.time, &slots.scan));
  if (pattern.source.has_value()) {
    slots.scan.with_source = true;
    ANNALS_ASSIGN_OR_RETURN(slots.scan.source,
                            MakeSlot(*pattern.source, Place::kName, &slots.unknown));
    // The qualifiers must have the same source, whichever it is.
    if (slots.scan.source.kind == Slot::Kind::kAny && !pattern.qualifiers.empty()) {
      slots.scan.source.kind = Slot::Kind::kVariable;
      slots.scan.source.variable = Fresh();
    }
  }
  if (pattern.fact.has_value() || !pattern.qualifiers.empty()) {
    slots.scan.fact.kind = Slot::Kind::kVariable;
    slots.scan.fact.variable = pattern.fact.has_value() ? pattern.fact->text : Fresh();
  }
  return slots;
}

// Facts of other predicates, and facts the other way round, match where declarations say so. With
// any predicate the facts that count as one of each predicate with ways are added.
absl::StatusOr<algebra::PlanPtr> Translator::WithWays(Scan scan) {
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const Declarations> declared,
                          options_.view.Declared());
  const bool same_ends = scan.subject.kind == scan.object.kind &&
                         scan.subject.variable == scan.object.variable &&
                         scan.subject.id == scan.object.id;
  const bool known = scan.predicate.kind == Slot::Kind::kConstant;
  const std::vector<TermId> predicates =
      known ? std::vector<TermId>{scan.predicate.id} : declared->WithWays();
  std::vector<PlanPtr> ways;
  ways.push_back(MakePlan(scan));
  for (const TermId predicate : predicates) {
    for (const Declarations::Way& way : declared->WaysOf(predicate)) {
      if (way.predicate == predicate && (!way.reversed || same_ends)) continue;
      Scan told = scan;
      told.predicate = Slot{Slot::Kind::kConstant, "", way.predicate};
      if (way.reversed) std::swap(told.subject, told.object);
      PlanPtr plan = MakePlan(std::move(told));
      if (scan.predicate.kind == Slot::Kind::kVariable) {
        ANNALS_ASSIGN_OR_RETURN(Term term, options_.view.Get(predicate));
        // Values joins with a predicate variable that stands in another slot as well.
        std::vector<PlanPtr> both;
        both.push_back(std::move(plan));
        both.push_back(MakePlan(algebra::Values{{scan.predicate.variable}, {{std::move(term)}}}));
        plan = MakeJoin(std::move(both));
      }
      ways.push_back(std::move(plan));
    }
  }
  return ways.size() == 1 ? std::move(ways[0]) : MakeUnion(std::move(ways));
}

void Translator::AddFactUse(Scan* scan) {
  if (facts_ == nullptr) return;
  if (scan->fact.kind == Slot::Kind::kAny) {
    scan->fact = Slot{Slot::Kind::kVariable, Fresh(), TermId()};
  }
  facts_->push_back({scan->fact.variable, false, scan->predicate.id, scan->subject});
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateStep(const TermExpr& step,
                                                           PatternSlots slots) {
  ANNALS_ASSIGN_OR_RETURN(slots.scan.predicate, MakeSlot(step, Place::kName, &slots.unknown));
  if (slots.unknown) {
    PlanPtr scan = MakePlan(std::move(slots.scan));
    return MakePlan(algebra::Empty{algebra::VariablesOf(*scan)});
  }
  AddFactUse(&slots.scan);
  const auto& stand_in = options_.stand_in;
  if (stand_in.has_value() && facts_ != nullptr && stand_in->step + 1 == facts_->size()) {
    slots.scan.predicate = Slot{Slot::Kind::kConstant, "", stand_in->predicate};
    return MakePlan(std::move(slots.scan));
  }
  return WithWays(std::move(slots.scan));
}

// a/b: hidden variables between the steps; a time holds for every step.
absl::StatusOr<algebra::PlanPtr> Translator::TranslateSequence(const PathSequence& path,
                                                               const PatternSlots& slots) {
  std::vector<PlanPtr> steps;
  Slot from = slots.scan.subject;
  for (size_t i = 0; i < path.parts.size(); ++i) {
    PatternSlots step = slots;
    step.scan.subject = from;
    if (i > 0) step.unknown_subject = Term();
    if (i + 1 < path.parts.size()) {
      step.scan.object = Slot{Slot::Kind::kVariable, Fresh(), TermId()};
      step.unknown_object = Term();
    }
    from = step.scan.object;
    ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, TranslatePath(path.parts[i], std::move(step), false));
    steps.push_back(std::move(plan));
  }
  return MakeJoin(std::move(steps));
}

// `single`: the path so far is exactly one step, so that the pattern may bind its time and fact.
absl::StatusOr<algebra::PlanPtr> Translator::TranslatePath(const Path& path, PatternSlots slots,
                                                           bool single) {
  if (const auto* step = std::get_if<PathStep>(&path.node)) {
    return TranslateStep(step->term, std::move(slots));
  }
  if (const auto* inverse = std::get_if<PathInverse>(&path.node)) {
    std::swap(slots.scan.subject, slots.scan.object);
    std::swap(slots.unknown_subject, slots.unknown_object);
    return TranslatePath(*inverse->path, std::move(slots), single);
  }
  if (const auto* alternative = std::get_if<PathAlternative>(&path.node)) {
    std::vector<PlanPtr> ways;
    for (const Path& part : alternative->parts) {
      ANNALS_ASSIGN_OR_RETURN(PlanPtr way, TranslatePath(part, slots, single));
      ways.push_back(std::move(way));
    }
    return MakeUnion(std::move(ways));
  }
  if (const auto* sequence = std::get_if<PathSequence>(&path.node)) {
    ANNALS_RETURN_IF_ERROR(CheckSeveralSteps(path, slots));
    // Where each of its steps may be none, all of it may.
    if (MayBeEmpty(path)) return TranslateRepeat(path, std::move(slots));
    return TranslateSequence(*sequence, slots);
  }
  if (const auto* negated = std::get_if<PathNegated>(&path.node)) {
    if (!std::holds_alternative<PathRepeat>(negated->path->node)) {
      return TranslateNegated(*negated, std::move(slots));
    }
  }
  ANNALS_RETURN_IF_ERROR(CheckSeveralSteps(path, slots));
  return TranslateRepeat(path, std::move(slots));
}

absl::Status Translator::CheckSeveralSteps(const Path& path, const PatternSlots& slots) const {
  if (slots.scan.time.kind != Slot::Kind::kVariable && !slots.scan.with_source &&
      slots.scan.fact.kind == Slot::Kind::kAny) {
    return absl::OkStatus();
  }
  return Error(path.span,
               "a path of several steps takes a constant time only, and no braces, "
               "'from' or 'as'; write the steps as patterns of their own");
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslateQualifier(const Qualifier& qualifier,
                                                                const Scan& of) {
  bool unknown = false;
  Scan scan;
  scan.subject = of.fact;
  ANNALS_ASSIGN_OR_RETURN(scan.predicate, MakeSlot(qualifier.key, Place::kName, &unknown));
  ANNALS_ASSIGN_OR_RETURN(scan.object,
                          MakeSlot(qualifier.value, PlaceOfQualifier(qualifier.key), &unknown));
  scan.with_source = of.with_source;
  scan.source = of.source;
  PlanPtr plan = MakePlan(std::move(scan));
  if (unknown) return MakePlan(algebra::Empty{algebra::VariablesOf(*plan)});
  return plan;
}

absl::StatusOr<algebra::PlanPtr> Translator::TranslatePattern(const Pattern& pattern) {
  ANNALS_ASSIGN_OR_RETURN(PatternSlots slots, MakeSlots(pattern));
  const Scan scan = slots.scan;
  std::vector<PlanPtr> parts;
  ANNALS_ASSIGN_OR_RETURN(PlanPtr facts, TranslatePath(pattern.predicate, std::move(slots), true));
  parts.push_back(std::move(facts));
  for (const Qualifier& qualifier : pattern.qualifiers) {
    ANNALS_ASSIGN_OR_RETURN(PlanPtr plan, TranslateQualifier(qualifier, scan));
    parts.push_back(std::move(plan));
  }
  return MakeJoin(std::move(parts));
}

}  // namespace annals::native
