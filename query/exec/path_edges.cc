#include "query/exec/path_edges.h"

#include <algorithm>
#include <tuple>

#include "query/exec/make_room.h"
#include "query/exec/operators.h"

namespace annals::exec {
namespace {

using algebra::Slot;

constexpr uint64_t kProbesBetweenChecks = 64;
// A look-up costs about as much as reading this many edges with all others.
constexpr uint64_t kEdgesPerProbe = 64;
// Looked up even in the smallest relation.
constexpr uint64_t kAlwaysProbed = 16;
// Reading so many facts as runs of equal edges costs about as much as looking one up.
constexpr uint64_t kRowsOfRun = 8;
// About so many facts are one edge where they are read as runs.
constexpr uint64_t kFactsOfEdge = 2;
// Of so few edges repeats do no harm.
constexpr size_t kFewEdges = 32;
constexpr size_t kGroupedBetweenChecks = 1 << 16;
// Most probes find few rows: little room is made for them first.
constexpr size_t kFirstRows = 32;

Slot VariableSlot(const char* name) { return {Slot::Kind::kVariable, name, TermId()}; }

}  // namespace

PathEdges::PathEdges(const algebra::PathWay& way, const algebra::Path& path, bool backward,
                     bool with_facts, Context& context)
    : context_(context),
      with_facts_(with_facts),
      with_times_(path.in_time_order),
      except_(way.except),
      times_(context.vocabulary()),
      reservation_(context) {
  scan_.subject = VariableSlot("subject");
  scan_.object = VariableSlot("object");
  if (way.predicate.has_value()) {
    scan_.predicate = Slot{Slot::Kind::kConstant, "", *way.predicate};
  } else if (!except_.empty()) {
    scan_.predicate = VariableSlot("predicate");
  }
  if (with_facts_) scan_.fact = VariableSlot("fact");
  if (with_times_) scan_.time = VariableSlot("time");
  scan_.dated = path.dated || with_times_;
  scan_.window = path.window;
  scan_.merges_repeats = !with_facts_;
  from_ = way.backward == backward ? "subject" : "object";
  to_ = way.backward == backward ? "object" : "subject";
  probe_ = PlanScan(scan_, {from_});
  reads_runs_ = PlanScan(scan_).reads_runs;
}

absl::StatusOr<const PathEdges::Range*> PathEdges::RangeOf(TermId end) {
  uint32_t number = ends_.Find(end);
  if (number == TermNumbers::kNone && !all_read_) {
    ANNALS_RETURN_IF_ERROR(LookUp(end));
    number = ends_.Find(end);
  }
  if (number == TermNumbers::kNone) return nullptr;
  Range& range = ranges_[number];
  if (!range.finished) Finish(&range);
  return &range;
}

absl::StatusOr<std::span<const PathEdge>> PathEdges::Of(TermId end) {
  ANNALS_ASSIGN_OR_RETURN(const Range* range, RangeOf(end));
  if (range == nullptr) return std::span<const PathEdge>();
  return std::span<const PathEdge>(edges_).subspan(range->begin, range->end - range->begin);
}

absl::StatusOr<std::span<const TermId>> PathEdges::TargetsOf(TermId end) {
  ANNALS_ASSIGN_OR_RETURN(const Range* range, RangeOf(end));
  if (range == nullptr) return std::span<const TermId>();
  return std::span<const TermId>(targets_).subspan(range->begin, range->end - range->begin);
}

absl::Status PathEdges::AddEnds(std::vector<TermId>* ends) {
  if (!all_read_) ANNALS_RETURN_IF_ERROR(ReadAll());
  ends->insert(ends->end(), ends_.terms().begin(), ends_.terms().end());
  return absl::OkStatus();
}

absl::Status PathEdges::CountProbes() {
  if (most_probes_ > 0) return absl::OkStatus();
  ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(PlanScan(scan_).spec));
  most_probes_ = kAlwaysProbed + rows / kEdgesPerProbe;
  most_probed_ = kAlwaysProbed * kEdgesPerProbe + rows / (reads_runs_ ? kRowsOfRun : 1);
  return absl::OkStatus();
}

absl::Status PathEdges::Expect(size_t ends) {
  if (all_read_ || ends <= kAlwaysProbed) return absl::OkStatus();
  ANNALS_RETURN_IF_ERROR(CountProbes());
  return ends > most_probes_ ? ReadAll() : absl::OkStatus();
}

absl::Status PathEdges::LookUp(TermId end) {
  if (probes_made_++ % kProbesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
  for (const ScanPlan::Probe& place : probe_.probes) probe_.spec.prefix[place.prefix_place] = end;
  ANNALS_RETURN_IF_ERROR(CountProbes());
  if (probes_made_ > most_probes_ || probed_ > most_probed_) return ReadAll();
  if (probes_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(probes_, context_.source().Scan(probe_.spec));
  } else {
    ANNALS_RETURN_IF_ERROR(probes_->Seek(probe_.spec.prefix));
  }
  looked_up_from_ = edge_count();
  ANNALS_RETURN_IF_ERROR(Read(*probes_, probe_, nullptr));
  probed_ += edge_count() - looked_up_from_;
  ranges_.resize(ends_.Insert(end) + size_t{1});
  ranges_.back() = {looked_up_from_, edge_count(), false};
  return Reserve();
}

absl::Status PathEdges::ReadAll() {
  all_read_ = true;
  ends_.Clear();
  ranges_.clear();
  edges_.clear();
  targets_.clear();
  // Edges are grouped anyway: an order in which repeats are read as one is better than the ends'.
  const ScanPlan plan = PlanScan(scan_, {}, scan_.merges_repeats ? algebra::Variable() : from_);
  ANNALS_ASSIGN_OR_RETURN(const auto scan, context_.source().Scan(plan.spec));
  std::vector<uint32_t> ends;
  Reservation reading(context_);
  if (plan.reads_runs && !plan.spec.window.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(plan.spec));
    ANNALS_RETURN_IF_ERROR(MakeRoom(rows / kFactsOfEdge, &targets_, context_));
    ANNALS_RETURN_IF_ERROR(Reserve());
    ANNALS_RETURN_IF_ERROR(MakeRoom(rows / kFactsOfEdge, &ends, context_));
  }
  ANNALS_RETURN_IF_ERROR(Read(*scan, plan, &ends));
  ANNALS_RETURN_IF_ERROR(reading.Resize(ends.capacity() * sizeof(uint32_t)));
  ANNALS_RETURN_IF_ERROR(with_facts_ ? GroupByEnd(ends, &edges_) : GroupByEnd(ends, &targets_));
  // Hardly any edge repeats that was read as a run.
  for (Range& range : ranges_) range.finished = plan.reads_runs;
  return Reserve();
}

template <typename Edge>
absl::Status PathEdges::GroupByEnd(const std::vector<uint32_t>& ends, std::vector<Edge>* edges) {
  ANNALS_RETURN_IF_ERROR(MakeRoom(ends_.terms().size(), &ranges_, context_));
  ranges_.resize(ends_.terms().size());
  ANNALS_RETURN_IF_ERROR(Reserve());
  size_t runs = 0;
  for (size_t i = 0; i < ends.size(); ++i) {
    runs += i > 0 && ends[i] == ends[i - 1] ? 0 : 1;
    ++ranges_[ends[i]].end;  // how many there are, first
  }
  size_t count = 0;
  for (Range& range : ranges_) {
    range.begin = count;
    count += range.end;
    range.end = count;
  }
  if (runs == ranges_.size()) return absl::OkStatus();
  Reservation grouping(context_);
  ANNALS_RETURN_IF_ERROR(
      grouping.Resize(ends.size() * sizeof(Edge) + ranges_.size() * sizeof(size_t)));
  std::vector<size_t> places(ranges_.size());
  for (size_t i = 0; i < ranges_.size(); ++i) places[i] = ranges_[i].begin;
  std::vector<Edge> grouped(count);
  for (size_t i = 0; i < ends.size(); ++i) {
    if (i % kGroupedBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
    grouped[places[ends[i]]++] = (*edges)[i];
  }
  *edges = std::move(grouped);
  return absl::OkStatus();
}

absl::Status PathEdges::Read(RowScan& scan, const ScanPlan& plan, std::vector<uint32_t>* ends) {
  std::vector<std::vector<TermId>> columns(plan.spec.output.size());
  Reservation reading(context_);  // of the ends
  TermId last_fact;
  size_t room =
      ends == nullptr ? std::min(kFirstRows, context_.batch_rows()) : context_.batch_rows();
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t read, plan.reads_runs
                                                   ? scan.NextRuns(columns, room, &run_lengths_)
                                                   : scan.Next(columns, room));
    if (read == 0) return absl::OkStatus();
    const size_t rows = plan.has_tests() ? TestRows(plan, read, &columns, &last_fact) : read;
    ANNALS_RETURN_IF_ERROR(with_facts_ ? MakeRoom(edges_.size() + rows, &edges_, context_)
                                       : MakeRoom(targets_.size() + rows, &targets_, context_));
    if (ends != nullptr) {
      ANNALS_RETURN_IF_ERROR(MakeRoom(ends->size() + rows, ends, context_));
      ANNALS_RETURN_IF_ERROR(reading.Resize(ends->capacity() * sizeof(uint32_t)));
    }
    ANNALS_RETURN_IF_ERROR(AddRows(columns, rows, plan, ends));
    if (read < room) continue;
    room = context_.batch_rows();
    ANNALS_RETURN_IF_ERROR(context_.Check());
    ANNALS_RETURN_IF_ERROR(Reserve());
  }
}

absl::Status PathEdges::AddRows(const std::vector<std::vector<TermId>>& columns, size_t rows,
                                const ScanPlan& plan, std::vector<uint32_t>* ends) {
  const auto column = [&](const char* name) -> const std::vector<TermId>* {
    const size_t place = PositionOf(plan.variables, name);
    return place == kNoColumn ? nullptr : &columns[place];
  };
  const auto* from = column(from_.c_str());
  const auto* to = column(to_.c_str());
  const auto* predicates = except_.empty() ? nullptr : column("predicate");
  const auto* facts = with_facts_ ? column("fact") : nullptr;
  std::vector<const Term*> times;
  if (with_times_) ANNALS_RETURN_IF_ERROR(times_.Fetch(*column("time"), &times));
  TermId last_end;  // of the edge before
  const auto number_of_end = [&](TermId end) {
    if (ends->empty() || end != last_end) return ends_.Insert(last_end = end);
    return ends->back();
  };
  for (size_t row = 0; row < rows; ++row) {
    if (predicates != nullptr &&
        std::find(except_.begin(), except_.end(), (*predicates)[row]) != except_.end()) {
      continue;
    }
    if (!with_facts_) {
      const TermId target = (*to)[row];
      if (ends != nullptr) {
        const uint32_t end = number_of_end((*from)[row]);
        if (!ends->empty() && ends->back() == end && targets_.back() == target) continue;
        ends->push_back(end);
      } else if (targets_.size() > looked_up_from_ && targets_.back() == target) {
        continue;
      }
      targets_.push_back(target);
      continue;
    }
    PathEdge edge;
    edge.to = (*to)[row];
    if (facts != nullptr) edge.fact = (*facts)[row].payload();
    if (with_times_) {
      const Time* time = times[row]->As<Time>();
      if (time == nullptr) continue;
      edge.first = time->first();
      edge.last = time->last();
    }
    if (ends != nullptr) {
      const uint32_t end = number_of_end((*from)[row]);
      if (!ends->empty() && ends->back() == end && edges_.back() == edge) continue;
      ends->push_back(end);
    }
    edges_.push_back(edge);
  }
  return absl::OkStatus();
}

void PathEdges::Finish(Range* range) {
  range->finished = true;
  if (!with_facts_) {
    if (range->end - range->begin < kFewEdges) return;
    met_.Clear();
    const auto targets = targets_.begin() + static_cast<ptrdiff_t>(range->begin);
    const auto kept = std::remove_if(targets, targets_.begin() + static_cast<ptrdiff_t>(range->end),
                                     [this](TermId target) { return !met_.Insert(target); });
    range->end = static_cast<size_t>(kept - targets_.begin());
    return;
  }
  const auto first = edges_.begin() + static_cast<ptrdiff_t>(range->begin);
  const auto last = edges_.begin() + static_cast<ptrdiff_t>(range->end);
  const auto before = [](const PathEdge& a, const PathEdge& b) {
    return std::tie(a.to, a.fact) < std::tie(b.to, b.fact);
  };
  if (!std::is_sorted(first, last, before)) std::sort(first, last, before);
  // Without times a chain that has the fact of the least number is the first of its kind.
  const auto same = [this](const PathEdge& a, const PathEdge& b) {
    return with_times_ ? a == b : a.to == b.to;
  };
  range->end = static_cast<size_t>(std::unique(first, last, same) - edges_.begin());
}

absl::Status PathEdges::Reserve() {
  return reservation_.Resize(edges_.capacity() * sizeof(PathEdge) +
                             targets_.capacity() * sizeof(TermId) + met_.bytes() +
                             ranges_.capacity() * sizeof(Range) + ends_.bytes());
}

}  // namespace annals::exec
