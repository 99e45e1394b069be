#include "query/exec/path_search.h"

#include <algorithm>
#include <functional>
#include <memory>
#include <tuple>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "query/exec/make_room.h"
#include "query/exec/path_edges.h"
#include "query/exec/sort_checked.h"

namespace annals::exec {
namespace {

using algebra::Path;
using algebra::PathPlace;
using algebra::PathWay;

constexpr uint64_t kEdgesBetweenChecks = 1 << 14;
constexpr size_t kFirstItems = 16;

// Adds an item where there is memory for it; what `status` says first is kept.
template <typename T>
void AddItem(T item, std::vector<T>* items, Context& context, absl::Status* status) {
  if (items->size() == items->capacity() && status->ok()) {
    *status = MakeRoom(items->size() + kFirstItems, items, context);
  }
  if (status->ok()) items->push_back(std::move(item));
}

bool SameWay(const PathWay& a, const PathWay& b) {
  return a.predicate == b.predicate && a.except == b.except && a.backward == b.backward;
}

// The path's automaton in the direction of the search. Forwards a state is the place that the last
// fact led into; backwards it is the place whose fact comes next (before those found), or 0 where
// none is left.
class Automaton {
 public:
  Automaton(const Path& path, bool backward, bool with_facts, Context& context)
      : moves_(path.places.size()), accepting_(path.places.size()) {
    std::vector<PathWay> ways;
    std::vector<std::vector<uint32_t>> edges_into(path.places.size());
    for (uint32_t place = 0; place < path.places.size(); ++place) {
      for (const PathWay& way : path.places[place].ways) {
        size_t known = 0;
        while (known < ways.size() && !SameWay(ways[known], way)) ++known;
        if (known == ways.size()) {
          ways.push_back(way);
          edges_.push_back(std::make_unique<PathEdges>(way, path, backward, with_facts, context));
        }
        edges_into[place].push_back(static_cast<uint32_t>(known));
      }
    }
    for (uint32_t place = 0; place < path.places.size(); ++place) {
      if (backward) {
        accepting_[place] = place == 0;
        if (path.places[place].last && place != 0) starts_.push_back(place);
        if (place != 0) moves_[place].push_back({edges_into[place], {}});
      } else {
        accepting_[place] = path.places[place].last;
        for (const uint32_t next : path.places[place].next) {
          moves_[place].push_back({edges_into[next], {next}});
        }
      }
    }
    if (!backward) starts_.push_back(0);
    for (uint32_t place = 0; backward && place < path.places.size(); ++place) {
      for (const uint32_t next : path.places[place].next) moves_[next][0].to.push_back(place);
    }
  }

  struct Move {
    std::vector<uint32_t> edges;
    std::vector<uint32_t> to;
  };
  const std::vector<uint32_t>& starts() const { return starts_; }
  const std::vector<Move>& MovesFrom(uint32_t state) const { return moves_[state]; }
  bool is_accepting(uint32_t state) const { return accepting_[state]; }
  bool leads_on(uint32_t state) const {
    return std::any_of(moves_[state].begin(), moves_[state].end(),
                       [](const Move& move) { return !move.to.empty(); });
  }
  // Are the facts of every step here already?
  bool all_read() const {
    return std::all_of(edges_.begin(), edges_.end(),
                       [](const auto& edges) { return edges->all_read(); });
  }

  // Calls `step(state, edge)` for each fact that leads on.
  template <typename F>
  absl::Status ForEachStep(TermId end, uint32_t state, F&& step) {
    for (const Move& move : moves_[state]) {
      for (const uint32_t edges : move.edges) {
        ANNALS_ASSIGN_OR_RETURN(const auto found, edges_[edges]->Of(end));
        for (const PathEdge& edge : found) {
          for (const uint32_t to : move.to) step(to, edge);
        }
      }
    }
    return absl::OkStatus();
  }

  // Without facts: calls `step(state, target)`, for some targets perhaps several times.
  template <typename F>
  absl::Status ForEachTarget(TermId end, uint32_t state, F&& step) {
    for (const Move& move : moves_[state]) {
      for (const uint32_t edges : move.edges) {
        ANNALS_ASSIGN_OR_RETURN(const auto targets, edges_[edges]->TargetsOf(end));
        for (const uint32_t to : move.to) {
          for (const TermId target : targets) step(to, target);
        }
      }
    }
    return absl::OkStatus();
  }

  // Steps from so many ends, or fewer, come next.
  absl::Status Expect(size_t ends) {
    for (const auto& edges : edges_) ANNALS_RETURN_IF_ERROR(edges->Expect(ends));
    return absl::OkStatus();
  }

  absl::Status AddStarts(std::vector<TermId>* ends) {
    for (const uint32_t start : starts_) {
      for (const Move& move : moves_[start]) {
        for (const uint32_t edges : move.edges) {
          ANNALS_RETURN_IF_ERROR(edges_[edges]->AddEnds(ends));
        }
      }
    }
    return absl::OkStatus();
  }

 private:
  std::vector<std::unique_ptr<PathEdges>> edges_;
  std::vector<std::vector<Move>> moves_;
  std::vector<bool> accepting_;
  std::vector<uint32_t> starts_;
};

using State = std::pair<TermId, uint32_t>;

// Which ends there are, and how many facts lead there at least: every state is visited once, level
// by level.
class ReachSearch : public PathSearch {
 public:
  ReachSearch(const Path& path, bool backward, Context& context)
      : automaton_(path, backward, false, context),
        may_be_empty_(path.may_be_empty()),
        context_(context),
        reservation_(context),
        visited_(path.places.size()) {}

  absl::Status AddStarts(std::vector<TermId>* starts) override {
    return automaton_.AddStarts(starts);
  }

  absl::Status From(TermId start, std::optional<TermId> target,
                    std::vector<Reached>* reached) override {
    for (TermSet& visited : visited_) visited.Clear();
    found_.Clear();
    if (may_be_empty_) found_.Insert(start);
    frontier_.clear();
    for (const uint32_t state : automaton_.starts()) frontier_.emplace_back(start, state);
    for (uint64_t length = 1; !frontier_.empty(); ++length) {
      ANNALS_RETURN_IF_ERROR(Reserve(*reached));
      ANNALS_RETURN_IF_ERROR(automaton_.Expect(frontier_.size()));
      // Look-ups then stay in a block.
      if (!automaton_.all_read()) {
        ANNALS_RETURN_IF_ERROR(SortChecked(context_, &frontier_, std::less<State>()));
      }
      next_.clear();
      for (const State& state : frontier_) {
        ANNALS_RETURN_IF_ERROR(GoOn(state, target, length, reached));
        if (target.has_value() && !reached->empty()) return absl::OkStatus();
      }
      frontier_.swap(next_);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status GoOn(const State& from, std::optional<TermId> target, uint64_t length,
                    std::vector<Reached>* reached) {
    absl::Status status;
    ANNALS_RETURN_IF_ERROR(
        automaton_.ForEachTarget(from.first, from.second, [&](uint32_t to, TermId end) {
          ++steps_;
          if (!visited_[to].Insert(end)) return;
          if (automaton_.leads_on(to)) AddItem(State(end, to), &next_, context_, &status);
          if (!automaton_.is_accepting(to) || !found_.Insert(end)) return;
          if (target.has_value() && end != *target) return;
          AddItem(Reached{end, {}, length}, reached, context_, &status);
        }));
    ANNALS_RETURN_IF_ERROR(status);
    if (++steps_ < kEdgesBetweenChecks) return absl::OkStatus();
    steps_ = 0;
    return Reserve(*reached);
  }

  absl::Status Reserve(const std::vector<Reached>& reached) {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    uint64_t bytes = (frontier_.capacity() + next_.capacity()) * sizeof(State) + found_.bytes() +
                     reached.capacity() * sizeof(Reached);
    for (const TermSet& visited : visited_) bytes += visited.bytes();
    return reservation_.Resize(bytes);
  }

  Automaton automaton_;
  const bool may_be_empty_;
  Context& context_;
  Reservation reservation_;
  std::vector<TermSet> visited_;  // by the state's place
  TermSet found_;
  std::vector<State> frontier_, next_;
  uint64_t steps_ = 0;  // since the last check
};

// One chain of the fewest facts to each end.
//
// Level by level, a label is a chain of so many facts to a state. Without an order of time the
// first label of a state is all that matters. In time order a chain that comes later, or whose
// facts have larger numbers, may be the one that can go on: a label has a bound, the earliest
// moment that its last fact can be given (the latest of the facts' first instants so far), and can
// go on with the facts that end at the bound or later. A label is dropped only if another one of
// its state is no worse in all respects: of fewer facts with no later bound (what follows it
// follows the other as well, and makes a shorter chain), or of as many with no larger numbers and
// no later bound. So of each state there is a label with the least bound that so many facts allow,
// and nothing is missed; bounds only fall, so the search ends. Backwards it is the same with time
// reversed: instants are complemented, so that less is later.
class ShortestSearch : public PathSearch {
 public:
  ShortestSearch(const Path& path, bool backward, Context& context)
      : automaton_(path, backward, true, context),
        backward_(backward),
        may_be_empty_(path.may_be_empty()),
        with_chain_(path.chain.has_value()),
        context_(context),
        reservation_(context) {}

  absl::Status AddStarts(std::vector<TermId>* starts) override {
    return automaton_.AddStarts(starts);
  }

  absl::Status From(TermId start, std::optional<TermId> target,
                    std::vector<Reached>* reached) override {
    labels_.clear();
    reached_bytes_ = reached->capacity() * sizeof(Reached);
    least_bound_.clear();
    found_.clear();
    if (may_be_empty_) found_.insert(start);
    for (const uint32_t state : automaton_.starts()) {
      labels_.push_back({start, state, 0, INT64_MIN, kNoParent, 0});
    }
    size_t begin = 0;
    while (begin < labels_.size()) {
      const size_t end = labels_.size();
      candidates_.clear();
      ANNALS_RETURN_IF_ERROR(automaton_.Expect(end - begin));
      for (size_t label = begin; label < end; ++label) ANNALS_RETURN_IF_ERROR(GoOn(label));
      ANNALS_RETURN_IF_ERROR(KeepBest());
      ANNALS_RETURN_IF_ERROR(Rank());
      ANNALS_RETURN_IF_ERROR(Accept(end, target, reached));
      if (target.has_value() && !reached->empty()) return absl::OkStatus();
      begin = end;
    }
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kNoParent = SIZE_MAX;
  struct Label {
    TermId end;
    uint32_t state;
    uint32_t rank;  // among the chains of its level; equal chains have equal ranks
    int64_t bound;
    size_t parent;
    uint64_t fact;
  };
  struct Candidate {
    TermId end;
    uint32_t state;
    std::pair<uint64_t, uint64_t> key;  // orders chains of one length by their facts' numbers
    int64_t bound;
    size_t parent;
    uint64_t fact;
  };

  absl::Status GoOn(size_t number) {
    const Label label = labels_[number];
    const size_t before = candidates_.size();
    absl::Status status;
    ANNALS_RETURN_IF_ERROR(
        automaton_.ForEachStep(label.end, label.state, [&](uint32_t to, const PathEdge& edge) {
          const int64_t first = backward_ ? ~edge.last : edge.first;
          const int64_t last = backward_ ? ~edge.first : edge.last;
          if (label.bound > last) return;
          const int64_t bound = std::max(label.bound, first);
          const auto known = least_bound_.find(State(edge.to, to));
          if (known != least_bound_.end() && known->second <= bound) return;
          // Backwards the new fact is the chain's first.
          const auto key = backward_ ? std::pair<uint64_t, uint64_t>(edge.fact, label.rank)
                                     : std::pair<uint64_t, uint64_t>(label.rank, edge.fact);
          AddItem(Candidate{edge.to, to, key, bound, number, edge.fact}, &candidates_, context_,
                  &status);
        }));
    ANNALS_RETURN_IF_ERROR(status);
    steps_ += candidates_.size() - before + 1;
    if (steps_ < kEdgesBetweenChecks) return absl::OkStatus();
    steps_ = 0;
    return Reserve();
  }

  absl::Status KeepBest() {
    ANNALS_RETURN_IF_ERROR(
        SortChecked(context_, &candidates_, [](const Candidate& a, const Candidate& b) {
          return std::tie(a.end, a.state, a.key, a.bound) <
                 std::tie(b.end, b.state, b.key, b.bound);
        }));
    size_t kept = 0;
    for (const Candidate& candidate : candidates_) {
      ANNALS_RETURN_IF_ERROR(ReserveGrowth(least_bound_, sizeof(State) + sizeof(int64_t)));
      const auto [least, is_new] =
          least_bound_.try_emplace(State(candidate.end, candidate.state), candidate.bound);
      if (!is_new && least->second <= candidate.bound) continue;
      least->second = candidate.bound;
      candidates_[kept++] = candidate;
    }
    candidates_.resize(kept);
    return Reserve();
  }

  // What the slots of a hash table take anew if it grows with the next entry.
  template <typename Table>
  absl::Status ReserveGrowth(const Table& table, uint64_t entry_bytes) {
    if (table.size() + 1 <= table.capacity() - table.capacity() / 8) return absl::OkStatus();
    Reservation both(context_);
    return both.Resize((2 * table.capacity() + 1) * (entry_bytes + 1));
  }

  // Makes the candidates labels of the next level.
  absl::Status Rank() {
    ANNALS_RETURN_IF_ERROR(
        SortChecked(context_, &candidates_, [](const Candidate& a, const Candidate& b) {
          return std::tie(a.key, a.end, a.state) < std::tie(b.key, b.end, b.state);
        }));
    ANNALS_RETURN_IF_ERROR(MakeRoom(labels_.size() + candidates_.size(), &labels_, context_));
    uint32_t rank = 0;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      const Candidate& candidate = candidates_[i];
      if (i > 0 && candidates_[i - 1].key != candidate.key) ++rank;
      labels_.push_back({candidate.end, candidate.state, rank, candidate.bound, candidate.parent,
                         candidate.fact});
    }
    return Reserve();
  }

  absl::Status Reserve() {
    ANNALS_RETURN_IF_ERROR(context_.Check());
    return reservation_.Resize(labels_.capacity() * sizeof(Label) +
                               candidates_.capacity() * sizeof(Candidate) +
                               least_bound_.capacity() * (sizeof(State) + sizeof(int64_t) + 1) +
                               found_.capacity() * (sizeof(TermId) + 1) + reached_bytes_);
  }

  // Labels are in the order of their ranks, so the first of an end is its chain.
  absl::Status Accept(size_t from, std::optional<TermId> target, std::vector<Reached>* reached) {
    uint64_t chain_bytes = reached_bytes_ - reached->capacity() * sizeof(Reached);
    for (size_t i = from; i < labels_.size(); ++i) {
      if (++steps_ % kEdgesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(Reserve());
      const Label& label = labels_[i];
      ANNALS_RETURN_IF_ERROR(ReserveGrowth(found_, sizeof(TermId)));
      if (!automaton_.is_accepting(label.state) || !found_.insert(label.end).second) continue;
      if (target.has_value() && label.end != *target) continue;
      ANNALS_RETURN_IF_ERROR(MakeRoom(reached->size() + 1, reached, context_));
      Reached& result = reached->emplace_back();
      result.end = label.end;
      for (size_t at = i; labels_[at].parent != kNoParent; at = labels_[at].parent) {
        ++result.length;
        if (with_chain_) result.chain.push_back(labels_[at].fact);
      }
      if (!backward_) std::reverse(result.chain.begin(), result.chain.end());
      chain_bytes += result.chain.capacity() * sizeof(uint64_t);
      reached_bytes_ = chain_bytes + reached->capacity() * sizeof(Reached);
    }
    return Reserve();
  }

  Automaton automaton_;
  const bool backward_, may_be_empty_, with_chain_;
  Context& context_;
  Reservation reservation_;
  std::vector<Label> labels_;
  std::vector<Candidate> candidates_;
  absl::flat_hash_map<State, int64_t> least_bound_;
  absl::flat_hash_set<TermId> found_;
  uint64_t reached_bytes_ = 0;  // of what has been reached, with its chains
  uint64_t steps_ = 0;
};

}  // namespace

std::unique_ptr<PathSearch> MakePathSearch(const Path& path, bool backward, Context& context) {
  if (path.chain.has_value() || path.in_time_order) {
    return std::make_unique<ShortestSearch>(path, backward, context);
  }
  return std::make_unique<ReachSearch>(path, backward, context);
}

}  // namespace annals::exec
