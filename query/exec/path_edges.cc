#include "query/exec/path_edges.h"

#include <algorithm>
#include <numeric>
#include <tuple>

#include "query/exec/operators.h"

namespace annals::exec {
namespace {

using algebra::Slot;

constexpr uint64_t kProbesBetweenChecks = 64;
// Looked up even in the smallest relation.
constexpr uint64_t kAlwaysProbed = 16;
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
  from_ = way.backward == backward ? "subject" : "object";
  to_ = way.backward == backward ? "object" : "subject";
  probe_ = PlanScan(scan_, {from_});
}

absl::StatusOr<std::span<const PathEdge>> PathEdges::Of(TermId end) {
  auto found = ranges_.find(end);
  if (found == ranges_.end()) {
    if (all_read_) return std::span<const PathEdge>();
    ANNALS_RETURN_IF_ERROR(LookUp(end));
    found = ranges_.find(end);
    if (found == ranges_.end()) return std::span<const PathEdge>();
  }
  const Range range = found->second;
  return std::span<const PathEdge>(edges_).subspan(range.begin, range.end - range.begin);
}

absl::Status PathEdges::AddEnds(std::vector<TermId>* ends) {
  if (!all_read_) ANNALS_RETURN_IF_ERROR(ReadAll());
  for (const auto& [end, range] : ranges_) ends->push_back(end);
  return absl::OkStatus();
}

absl::Status PathEdges::LookUp(TermId end) {
  if (probes_made_++ % kProbesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
  for (const ScanPlan::Probe& place : probe_.probes) probe_.spec.prefix[place.prefix_place] = end;
  if (probes_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(PlanScan(scan_).spec));
    most_probes_ = kAlwaysProbed + rows / kRowsPerProbe;
    ANNALS_ASSIGN_OR_RETURN(probes_, context_.source().Scan(probe_.spec));
  } else if (probes_made_ > most_probes_) {
    return ReadAll();
  } else {
    ANNALS_RETURN_IF_ERROR(probes_->Seek(probe_.spec.prefix));
  }
  const size_t begin = edges_.size();
  ANNALS_RETURN_IF_ERROR(Read(*probes_, probe_, nullptr));
  Finish(begin);
  ranges_[end] = {begin, edges_.size()};
  return Reserve();
}

absl::Status PathEdges::ReadAll() {
  all_read_ = true;
  ranges_.clear();
  edges_.clear();
  const ScanPlan plan = PlanScan(scan_, {}, from_);
  ANNALS_ASSIGN_OR_RETURN(const auto scan, context_.source().Scan(plan.spec));
  std::vector<TermId> ends;
  ANNALS_RETURN_IF_ERROR(Read(*scan, plan, &ends));
  Reservation sorting(context_);
  ANNALS_RETURN_IF_ERROR(
      sorting.Resize(edges_.size() * (sizeof(TermId) + sizeof(size_t) + sizeof(PathEdge))));
  std::vector<size_t> order(edges_.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return ends[a] < ends[b]; });
  std::vector<PathEdge> unsorted = std::move(edges_);
  edges_.clear();
  edges_.reserve(unsorted.size());
  for (size_t i = 0; i < order.size();) {
    const TermId end = ends[order[i]];
    const size_t begin = edges_.size();
    for (; i < order.size() && ends[order[i]] == end; ++i) edges_.push_back(unsorted[order[i]]);
    Finish(begin);
    ranges_[end] = {begin, edges_.size()};
  }
  return Reserve();
}

absl::Status PathEdges::Read(RowScan& scan, const ScanPlan& plan, std::vector<TermId>* ends) {
  std::vector<std::vector<TermId>> columns(plan.spec.output.size());
  TermId last_fact;
  size_t room =
      ends == nullptr ? std::min(kFirstRows, context_.batch_rows()) : context_.batch_rows();
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const size_t read, scan.Next(columns, room));
    if (read == 0) return absl::OkStatus();
    const size_t rows = TestRows(plan, read, &columns, &last_fact);
    ANNALS_RETURN_IF_ERROR(AddRows(columns, rows, plan, ends));
    if (read < room) continue;
    room = context_.batch_rows();
    ANNALS_RETURN_IF_ERROR(context_.Check());
    ANNALS_RETURN_IF_ERROR(Reserve());
  }
}

absl::Status PathEdges::AddRows(const std::vector<std::vector<TermId>>& columns, size_t rows,
                                const ScanPlan& plan, std::vector<TermId>* ends) {
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
  for (size_t row = 0; row < rows; ++row) {
    if (predicates != nullptr &&
        std::find(except_.begin(), except_.end(), (*predicates)[row]) != except_.end()) {
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
    edges_.push_back(edge);
    if (ends != nullptr) ends->push_back((*from)[row]);
  }
  return absl::OkStatus();
}

void PathEdges::Finish(size_t begin) {
  const auto first = edges_.begin() + static_cast<ptrdiff_t>(begin);
  std::sort(first, edges_.end(), [](const PathEdge& a, const PathEdge& b) {
    return std::tie(a.to, a.fact) < std::tie(b.to, b.fact);
  });
  edges_.erase(std::unique(first, edges_.end()), edges_.end());
}

absl::Status PathEdges::Reserve() {
  return reservation_.Resize(edges_.capacity() * sizeof(PathEdge) +
                             ranges_.capacity() * (sizeof(std::pair<TermId, Range>) + 1));
}

}  // namespace annals::exec
