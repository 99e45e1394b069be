#include "query/exec/path_edges.h"

#include <algorithm>
#include <tuple>

#include "query/exec/operators.h"

namespace annals::exec {
namespace {

using algebra::Slot;

constexpr uint64_t kProbesBetweenChecks = 64;
// A look-up costs about as much as reading this many edges with all others.
constexpr uint64_t kEdgesPerProbe = 64;
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
  Range& range = found->second;
  if (!range.finished) Finish(&range);
  return std::span<const PathEdge>(edges_).subspan(range.begin, range.end - range.begin);
}

absl::Status PathEdges::AddEnds(std::vector<TermId>* ends) {
  if (!all_read_) ANNALS_RETURN_IF_ERROR(ReadAll());
  for (const auto& [end, range] : ranges_) ends->push_back(end);
  return absl::OkStatus();
}

absl::Status PathEdges::CountProbes() {
  if (most_probes_ > 0) return absl::OkStatus();
  ANNALS_ASSIGN_OR_RETURN(const uint64_t rows, context_.source().CountRows(PlanScan(scan_).spec));
  most_probes_ = kAlwaysProbed + rows / kEdgesPerProbe;
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
  if (probes_made_ > most_probes_) return ReadAll();
  if (probes_ == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(probes_, context_.source().Scan(probe_.spec));
  } else {
    ANNALS_RETURN_IF_ERROR(probes_->Seek(probe_.spec.prefix));
  }
  const size_t begin = edges_.size();
  ANNALS_RETURN_IF_ERROR(Read(*probes_, probe_, nullptr));
  ranges_[end] = {begin, edges_.size(), false};
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
  ANNALS_RETURN_IF_ERROR(GroupByEnd(ends));
  return Reserve();
}

absl::Status PathEdges::GroupByEnd(const std::vector<TermId>& ends) {
  size_t runs = 0;
  const auto for_each_run = [&](const auto& visit) {
    for (size_t begin = 0, next = 0; begin < ends.size(); begin = next) {
      while (next < ends.size() && ends[next] == ends[begin]) ++next;
      visit(begin, next);
    }
  };
  for_each_run([&](size_t begin, size_t next) {
    ranges_.try_emplace(ends[begin], Range{begin, begin, false}).first->second.end += next - begin;
    ++runs;
  });
  if (runs == ranges_.size()) return absl::OkStatus();
  Reservation grouping(context_);
  ANNALS_RETURN_IF_ERROR(grouping.Resize(ends.size() * sizeof(PathEdge)));
  size_t edges = 0;
  for (auto& [end, range] : ranges_) {
    const size_t count = range.end - range.begin;
    range.begin = range.end = edges;
    edges += count;
  }
  std::vector<PathEdge> grouped(edges);
  for_each_run([&](size_t begin, size_t next) {
    size_t& end = ranges_[ends[begin]].end;
    for (size_t i = begin; i < next; ++i) grouped[end++] = edges_[i];
  });
  edges_ = std::move(grouped);
  return absl::OkStatus();
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
    if (ends != nullptr) {
      const TermId end = (*from)[row];
      if (!ends->empty() && ends->back() == end && edges_.back() == edge) continue;
      ends->push_back(end);
    }
    edges_.push_back(edge);
  }
  return absl::OkStatus();
}

void PathEdges::Finish(Range* range) {
  range->finished = true;
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
                             ranges_.capacity() * (sizeof(std::pair<TermId, Range>) + 1));
}

}  // namespace annals::exec
