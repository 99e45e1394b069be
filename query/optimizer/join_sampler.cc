#include "query/optimizer/join_sampler.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "query/optimizer/rewrite.h"
#include "storage/model/time.h"

namespace annals::optimizer {

// Where rows with some values of a pattern stand: the values of the leading columns of a
// permutation, and of others, that have to be compared.
struct SampleWay {
  Permutation permutation = Permutation::kSpo;
  std::vector<Column> prefix, where;
};

namespace {

using algebra::Contains;
using algebra::Scan;
using algebra::Slot;
using algebra::TimeGap;
using algebra::Variable;

constexpr double kWorthIt = 4000;  // rows of the inputs from which a sample pays
constexpr size_t kSampledRows = 16;
constexpr size_t kFewHits = 4;  // so few say little: the sample is taken again, of
constexpr size_t kMoreRows = 64;
constexpr size_t kFoundRows = 8;    // of those below one prefix
constexpr size_t kRepeatsOf = 2;    // of those whose repeats are counted
constexpr size_t kMostLooks = 400;  // for one question
constexpr size_t kSpreadLooks = 30;
constexpr double kMostKept = 1e15;  // more are all alike
// Rows of one time are cheap to look through for an object.
constexpr double kFewATime = 512;

constexpr Column kPlaces[] = {Column::kSubject, Column::kPredicate, Column::kObject, Column::kTime};
constexpr Permutation kByFact[] = {Permutation::kSpo, Permutation::kPos, Permutation::kOsp,
                                   Permutation::kPts};

bool IsConstant(const Slot& slot) { return slot.kind == Slot::Kind::kConstant; }
bool IsVariable(const Slot& slot) { return slot.kind == Slot::Kind::kVariable; }

Variables VariablesOf(const Scan& scan) {
  Variables variables;
  for (const Slot* slot : {&scan.subject, &scan.predicate, &scan.object, &scan.time, &scan.fact}) {
    if (IsVariable(*slot)) algebra::AddVariables({slot->variable}, &variables);
  }
  return variables;
}

// To the rows of a pattern whose constants and `known` variables have values; none if they stand
// all over.
std::optional<SampleWay> WayTo(const SampledInput& input, const Variables& known) {
  const auto bound = [&](Column column) {
    const Slot& slot = SlotOf(input.scan, column);
    return IsConstant(slot) || (IsVariable(slot) && Contains(known, slot.variable));
  };
  SampleWay best;
  for (const Permutation permutation : kByFact) {
    std::vector<Column> prefix;
    for (const Column column : ColumnsOf(permutation)) {
      if (column == Column::kFact || !bound(column)) break;
      prefix.push_back(column);
    }
    const bool by_time = permutation == Permutation::kPts && input.rows_a_time <= kFewATime;
    const bool equal = prefix.size() == best.prefix.size();
    if (prefix.size() < best.prefix.size() || (equal && !by_time)) continue;
    best = {permutation, std::move(prefix), {}};
  }
  for (const Column column : kPlaces) {
    const bool leads =
        std::find(best.prefix.begin(), best.prefix.end(), column) != best.prefix.end();
    if (bound(column) && !leads) best.where.push_back(column);
  }
  if (best.prefix.empty() && !best.where.empty()) return std::nullopt;
  return best;
}

size_t IndexOf(const Variables& variables, const Variable& variable) {
  return static_cast<size_t>(std::find(variables.begin(), variables.end(), variable) -
                             variables.begin());
}

// With the values of one row.
SampleSpec SpecFor(const SampleWay& way, const Scan& scan, const Variables& variables,
                   const std::vector<std::vector<TermId>>& columns, size_t row) {
  const auto value = [&](Column column) {
    const Slot& slot = SlotOf(scan, column);
    return IsConstant(slot) ? slot.id : columns[IndexOf(variables, slot.variable)][row];
  };
  SampleSpec spec;
  for (const Column column : way.prefix) spec.prefix.push_back(value(column));
  for (const Column column : way.where) spec.where.emplace_back(column, value(column));
  return spec;
}

// The value of a variable in a row of a permutation.
size_t PlaceIn(Permutation permutation, const Scan& scan, const Variable& variable) {
  const std::span<const Column> columns = ColumnsOf(permutation);
  size_t place = 0;
  while (SlotOf(scan, columns[place]).variable != variable) ++place;
  return place;
}

bool Holds(const TimeGap& gap, TermId earlier, TermId later) {
  if (earlier.kind() != TermKind::kTime || later.kind() != TermKind::kTime) return true;
  const auto from = static_cast<double>(gap.from_end ? inline_time::LastInstant(earlier)
                                                     : inline_time::FirstInstant(earlier));
  const auto to = static_cast<double>(gap.to_end ? inline_time::LastInstant(later)
                                                 : inline_time::FirstInstant(later));
  return to - from >= static_cast<double>(gap.seconds);
}

std::string SampleKeyOf(const Scan& scan) {
  std::string key = scan.dated ? "dated" : "";
  for (const Slot* slot : {&scan.subject, &scan.predicate, &scan.object, &scan.time, &scan.fact}) {
    absl::StrAppend(&key, " ", static_cast<int>(slot->kind), slot->variable, "=", slot->id.bits());
  }
  if (scan.window) absl::StrAppend(&key, " in ", scan.window->first, " ", scan.window->last);
  return key;
}

std::string SampleKeyOf(const std::vector<const SampledInput*>& inputs,
                        const std::vector<TimeGap>& gaps) {
  std::string key;
  for (const SampledInput* input : inputs)
    absl::StrAppend(&key, input->key, " ", std::llround(std::min(input->rows, kMostKept)), "\n");
  for (const TimeGap& gap : gaps) {
    absl::StrAppend(&key, gap.earlier, gap.from_end, gap.later, gap.to_end, gap.seconds, "\n");
  }
  return key;
}

// The smallest first, then always the one of which most is known.
std::vector<const SampledInput*> InOrder(std::vector<const SampledInput*> inputs) {
  Variables known;
  const auto score = [&](const SampledInput* input) {
    return std::count_if(input->variables.begin(), input->variables.end(),
                         [&](const Variable& variable) { return Contains(known, variable); });
  };
  for (size_t i = 0; i < inputs.size(); ++i) {
    const auto next =
        std::min_element(inputs.begin() + static_cast<ptrdiff_t>(i), inputs.end(),
                         [&](const SampledInput* a, const SampledInput* b) {
                           if (score(a) != score(b)) return score(a) > score(b);
                           if (a->set.has_value() != b->set.has_value()) return b->set.has_value();
                           return a->rows != b->rows ? a->rows < b->rows : a->key < b->key;
                         });
    if (i > 0 && score(*next) == 0) return {};
    std::swap(inputs[i], *next);
    algebra::AddVariables(inputs[i]->variables, &known);
  }
  return inputs;
}

}  // namespace

std::optional<SampledInput> MakeSampledInput(const Scan& scan, double rows, double rows_a_time) {
  if (scan.with_source || IsConstant(scan.fact)) return std::nullopt;
  size_t named = 0;
  for (const Slot* slot : {&scan.subject, &scan.predicate, &scan.object, &scan.time, &scan.fact}) {
    named += IsVariable(*slot);
  }
  Variables variables = VariablesOf(scan);
  if (named != variables.size()) return std::nullopt;
  return SampledInput{
      scan, rows, rows_a_time, std::nullopt, std::move(variables), SampleKeyOf(scan)};
}

SampledInput AsSet(SampledInput input, Variables columns) {
  const bool of_facts = std::all_of(std::begin(kPlaces), std::end(kPlaces), [&](Column column) {
    const Slot& slot = SlotOf(input.scan, column);
    return IsConstant(slot) || (IsVariable(slot) && Contains(columns, slot.variable));
  });
  if (of_facts) return input;
  absl::StrAppend(&input.key, " set");
  for (const Variable& variable : columns) absl::StrAppend(&input.key, " ", variable);
  input.set = std::move(columns);
  return input;
}

double JoinSampler::Part::rows() const {
  return std::accumulate(weights.begin(), weights.end(), 0.0);
}

JoinSampler::JoinSampler(const GraphView& view)
    : view_(view), known_(view.kept_numbers() == nullptr ? own_ : *view.kept_numbers()) {}

bool JoinSampler::Pays(double rows) { return rows >= kWorthIt; }

absl::StatusOr<std::optional<double>> JoinSampler::Rows(
    const std::vector<const SampledInput*>& inputs, const Gaps& gaps) {
  constexpr double kNone = -1;
  double rows = 0;
  for (const SampledInput* input : inputs) rows += input->rows;
  if (inputs.size() < 2 || !Pays(rows)) return std::nullopt;
  const std::vector<const SampledInput*> ordered = InOrder(inputs);
  if (ordered.empty()) return std::nullopt;
  const std::string key = SampleKeyOf(ordered, gaps);
  if (const std::optional<double> known = known_.Find(key)) {
    return *known == kNone ? std::nullopt : known;
  }
  if (looks_ >= kMostLooks) return std::nullopt;
  Part part;
  ANNALS_ASSIGN_OR_RETURN(bool done, Sample(ordered, gaps, kSampledRows, &part));
  if (done && !part.complete && part.hits < kFewHits) {
    part = Part();
    ANNALS_ASSIGN_OR_RETURN(done, Sample(ordered, gaps, kMoreRows, &part));
  }
  known_.Keep(key, done ? part.rows() : kNone);
  return done ? std::optional(part.rows()) : std::nullopt;
}

absl::StatusOr<bool> JoinSampler::Sample(const std::vector<const SampledInput*>& inputs,
                                         const Gaps& gaps, size_t rows, Part* part) {
  std::vector<const SampledInput*> taken;
  for (const SampledInput* input : inputs) {
    taken.push_back(input);
    const std::string key = absl::StrCat(SampleKeyOf(taken, gaps), rows);
    if (const auto known = parts_.find(key); known != parts_.end()) {
      *part = known->second;
      continue;
    }
    const double before = part->rows();
    const size_t looked = part->weights.size();
    ANNALS_ASSIGN_OR_RETURN(const bool done, taken.size() == 1 ? Start(*input, rows, part)
                                                               : Extend(*input, gaps, part));
    if (!done) return false;
    if (part->weights.empty()) {
      // Where all was looked at there is nothing; else likely less than one row looked at stands
      // for.
      if (!part->complete) part->weights = {before / static_cast<double>(2 * looked)};
      return true;
    }
    parts_[key] = *part;
  }
  return true;
}

absl::StatusOr<double> JoinSampler::Look(Permutation permutation, const SampleSpec& spec,
                                         SampledRows* rows) {
  auto [sampler, is_new] = samplers_.try_emplace(permutation);
  if (is_new) sampler->second = view_.Sampler(permutation);
  looks_ += spec.spread ? kSpreadLooks : 1;
  if (sampler->second == nullptr) return 0;
  return sampler->second->Sample(spec, rows);
}

// Of the rows that have the pattern's constants, those that are expected of it; 0 if the packed
// blocks lack too many.
absl::StatusOr<double> JoinSampler::FractionOf(const SampledInput& input) {
  const std::optional<SampleWay> way = WayTo(input, {});
  if (!way.has_value()) return 0;
  SampledRows none;
  ANNALS_ASSIGN_OR_RETURN(const double rows,
                          Look(way->permutation, SpecFor(*way, input.scan, {}, {}, 0), &none));
  if (rows <= 0 || input.rows > 2 * rows) return 0;
  return std::min(input.rows / rows, 1.0);
}

absl::StatusOr<bool> JoinSampler::Start(const SampledInput& input, size_t sampled, Part* part) {
  const std::optional<SampleWay> way = WayTo(input, {});
  if (!way.has_value()) return false;
  SampleSpec spec = SpecFor(*way, input.scan, {}, {}, 0);
  spec.rows = sampled;
  spec.spread = true;
  SampledRows rows;
  ANNALS_ASSIGN_OR_RETURN(const double count, Look(way->permutation, spec, &rows));
  if (rows.weights.empty() || input.rows > 2 * count) return false;
  *part = Part();
  part->variables = input.variables;
  for (const Variable& variable : part->variables) {
    part->columns.push_back(rows.columns[PlaceIn(way->permutation, input.scan, variable)]);
  }
  part->weights = std::move(rows.weights);
  part->hits = part->weights.size();
  part->complete = rows.complete && count <= input.rows;
  for (double& weight : part->weights) weight *= input.rows / count;
  if (input.set.has_value()) ANNALS_RETURN_IF_ERROR(CountOnce(input, *input.set, 0, part));
  return true;
}

// Of a set, rows that repeat count as one: those from `first` on weigh the less, the more there are
// with the same `known` values.
absl::Status JoinSampler::CountOnce(const SampledInput& input, const Variables& known, size_t first,
                                    Part* part) {
  const std::optional<SampleWay> way = WayTo(input, known);
  if (!way.has_value()) return absl::OkStatus();
  SampledRows none;
  for (size_t i = first; i < part->weights.size(); ++i) {
    const SampleSpec spec = SpecFor(*way, input.scan, part->variables, part->columns, i);
    ANNALS_ASSIGN_OR_RETURN(const double repeats, Look(way->permutation, spec, &none));
    part->weights[i] /= std::max(repeats, 1.0);
  }
  return absl::OkStatus();
}

// Looks a pattern up for the rows of a part.
class JoinSampler::Probe {
 public:
  Probe(JoinSampler& sampler, const SampledInput& input, const Part& part, const Gaps& gaps,
        double fraction)
      : sampler_(sampler), input_(input), part_(part), fraction_(fraction) {
    result_.variables = part.variables;
    algebra::AddVariables(input.variables, &result_.variables);
    result_.columns.resize(result_.variables.size());
    result_.complete = part.complete && fraction == 1;
    for (const TimeGap& gap : gaps) {
      const auto known = [&](const Variables& variables) {
        return Contains(variables, gap.earlier) && Contains(variables, gap.later);
      };
      if (known(result_.variables) && !known(part.variables)) gaps_.push_back(gap);
    }
    once_ = input.set.has_value() && IsSubset(*input.set, part.variables);
  }

  // False where there is no way.
  absl::StatusOr<bool> Run() {
    const std::optional<SampleWay> way = WayTo(input_, part_.variables);
    if (!way.has_value()) return false;
    way_ = *way;
    // In the order of the permutation a look-up often stays in the block.
    std::vector<std::pair<SampleSpec, size_t>> looks;
    for (size_t row = 0; row < part_.weights.size(); ++row) {
      looks.emplace_back(SpecFor(way_, input_.scan, part_.variables, part_.columns, row), row);
      looks.back().first.rows = input_.set.has_value() && !once_ ? kRepeatsOf : kFoundRows;
    }
    std::sort(looks.begin(), looks.end(), [](const auto& a, const auto& b) {
      return std::tie(a.first.prefix, a.second) < std::tie(b.first.prefix, b.second);
    });
    for (const auto& [spec, row] : looks) {
      const size_t before = result_.weights.size();
      ANNALS_RETURN_IF_ERROR(TakeRow(spec, row));
      result_.hits += result_.weights.size() > before;
    }
    result_.hits = std::min(result_.hits, part_.hits);
    Thin(std::max(part_.weights.size(), kSampledRows));
    return true;
  }

  Part TakeResult() { return std::move(result_); }

 private:
  absl::Status TakeRow(const SampleSpec& spec, size_t row) {
    ANNALS_ASSIGN_OR_RETURN(const double count, sampler_.Look(way_.permutation, spec, &found_));
    const size_t found = found_.weights.size();
    result_.complete = result_.complete && (found_.complete || once_);
    const size_t first = result_.weights.size();
    for (size_t i = 0; i < found; ++i) {
      for (size_t v = 0; v < result_.variables.size(); ++v) {
        const Variable& variable = result_.variables[v];
        const bool before = v < part_.variables.size();
        result_.columns[v].push_back(
            before ? part_.columns[v][row]
                   : found_.columns[PlaceIn(way_.permutation, input_.scan, variable)][i]);
      }
      result_.weights.push_back(part_.weights[row] * fraction_ * count /
                                static_cast<double>(found));
    }
    DropFar(first);
    if (!input_.set.has_value() || first == result_.weights.size()) return absl::OkStatus();
    if (once_) {
      const double all = std::accumulate(result_.weights.begin() + static_cast<ptrdiff_t>(first),
                                         result_.weights.end(), 0.0);
      Cut(first + 1);
      result_.weights[first] = std::min(all, part_.weights[row]);
      return absl::OkStatus();
    }
    Variables known = part_.variables;
    algebra::AddVariables(*input_.set, &known);
    return sampler_.CountOnce(input_, known, first, &result_);
  }

  // Of the rows from `first` on, those in which the gaps don't hold.
  void DropFar(size_t first) {
    if (gaps_.empty()) return;
    size_t kept = first;
    for (size_t i = first; i < result_.weights.size(); ++i) {
      const bool near = std::all_of(gaps_.begin(), gaps_.end(), [&](const TimeGap& gap) {
        return Holds(gap, result_.columns[IndexOf(result_.variables, gap.earlier)][i],
                     result_.columns[IndexOf(result_.variables, gap.later)][i]);
      });
      if (!near) continue;
      for (auto& column : result_.columns) column[kept] = column[i];
      result_.weights[kept++] = result_.weights[i];
    }
    Cut(kept);
  }

  void Cut(size_t rows) {
    for (auto& column : result_.columns) column.resize(rows);
    result_.weights.resize(rows);
  }

  // Keeps about so many rows, each as likely as it weighs.
  void Thin(size_t most) {
    const size_t rows = result_.weights.size();
    if (rows <= most) return;
    result_.complete = false;
    const double step = result_.rows() / static_cast<double>(most);
    double until = step / 2, sum = 0;
    Part kept;
    kept.columns.resize(result_.columns.size());
    for (size_t i = 0; i < rows; ++i) {
      double weight = 0;
      for (sum += result_.weights[i]; until < sum; until += step) weight += step;
      if (weight == 0) continue;
      kept.weights.push_back(weight);
      for (size_t v = 0; v < kept.columns.size(); ++v) {
        kept.columns[v].push_back(result_.columns[v][i]);
      }
    }
    result_.weights = std::move(kept.weights);
    result_.columns = std::move(kept.columns);
  }

  JoinSampler& sampler_;
  const SampledInput& input_;
  const Part& part_;
  const double fraction_;
  bool once_ = false;  // all of the set's columns are known before
  Gaps gaps_;          // known from now on
  SampleWay way_;
  SampledRows found_;
  Part result_;
};

absl::StatusOr<bool> JoinSampler::Extend(const SampledInput& input, const Gaps& gaps, Part* part) {
  if (IsVariable(input.scan.fact) && Contains(part->variables, input.scan.fact.variable)) {
    return false;
  }
  ANNALS_ASSIGN_OR_RETURN(double fraction, FractionOf(input));
  if (fraction == 0) return false;
  // The time has been chosen by another pattern, most likely in the same window.
  const bool timed =
      IsVariable(input.scan.time) && Contains(part->variables, input.scan.time.variable);
  if (timed && input.scan.window.has_value()) fraction = 1;
  Probe probe(*this, input, *part, gaps, fraction);
  ANNALS_ASSIGN_OR_RETURN(const bool done, probe.Run());
  if (done) *part = probe.TakeResult();
  return done;
}

}  // namespace annals::optimizer
