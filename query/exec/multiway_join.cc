// A join of many inputs at once, worst-case optimal: the inputs become tries over one order of the
// variables, and each variable's values are those that all tries which have it agree on, found by
// leaping over what the others lack (T. Veldhuizen, "Leapfrog Triejoin", 2014). In a circle of
// patterns no pair of them is joined that the rest doesn't close.
#include <algorithm>

#include "query/exec/chunked_array.h"
#include "query/exec/operators.h"
#include "query/exec/trie.h"
#include "query/exec/value_numbers.h"

namespace annals::exec {
namespace {

constexpr uint64_t kStepsBetweenChecks = 1 << 16;
// From this many values for each of the other side on, leaping is faster than stepping.
constexpr uint32_t kLeapFrom = 8;

// An input, read whole; its columns in the order of the join's variables.
struct Relation {
  std::vector<size_t> variables;  // by number in the join's order
  std::vector<ChunkedArray<TermId>> columns;
  size_t rows = 0;

  uint64_t bytes() const {
    uint64_t sum = 0;
    for (const auto& column : columns) sum += column.bytes();
    return sum;
  }
};

// A place in a level of a trie, below a value of the level before.
struct Cursor {
  const Trie* trie;
  size_t level;
  const Cursor* parent;  // on the level before; null on the first
  const uint32_t* values = nullptr;
  uint32_t at = 0, end = 0;

  void Open() {
    const TrieRange range = parent == nullptr ? trie->root() : trie->Below(level - 1, parent->at);
    at = range.begin;
    end = range.end;
  }
  bool ended() const { return at == end; }
  uint32_t value() const { return values[at]; }

  // Forward to the first value that is at least `least`.
  void SeekTo(uint32_t least) {
    if (parent == nullptr) {
      at = std::max(at, trie->FirstAtLeast(least));
      return;
    }
    uint32_t step = 1;
    while (end - at > step && values[at + step] < least) {
      at += step;
      step *= 2;
    }
    const uint32_t until = end - at > step ? at + step + 1 : end;
    at = static_cast<uint32_t>(std::lower_bound(values + at, values + until, least) - values);
  }
};

// Values that two cursors share, at most `room`, at the end of `out`; both move past what is done.
void Intersect(Cursor* a, Cursor* b, size_t room, std::vector<uint32_t>* out) {
  if (a->end - a->at > b->end - b->at) std::swap(a, b);
  const bool leap = (a->end - a->at) * uint64_t{kLeapFrom} < b->end - b->at;
  const size_t full = out->size() + room;
  while (!a->ended() && !b->ended() && out->size() < full) {
    const uint32_t x = a->value();
    if (leap) b->SeekTo(x);
    if (b->ended()) return;
    const uint32_t y = b->value();
    if (x == y) out->push_back(x);
    a->at += x <= y ? 1 : 0;
    b->at += y <= x ? 1 : 0;
  }
}

class MultiwayJoin : public Operator {
 public:
  MultiwayJoin(std::vector<OperatorPtr> inputs, Variables variables, size_t shown, Context& context)
      : inputs_(std::move(inputs)),
        variables_(std::move(variables)),
        shown_(variables_.begin(), variables_.begin() + static_cast<ptrdiff_t>(shown)),
        context_(context),
        reservation_(context) {}

  const Variables& variables() const override { return shown_; }
  const Variables& sorted_by() const override { return shown_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    batch->Reset(shown_.size());
    ANNALS_RETURN_IF_ERROR(context_.Check());
    if (!opened_) ANNALS_RETURN_IF_ERROR(Open());
    while (!ended_ && batch->rows < context_.batch_rows()) {
      if (++steps_ % kStepsBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(context_.Check());
      Step(batch);
    }
    return batch->rows > 0;
  }

 private:
  absl::Status Open() {
    opened_ = true;
    std::vector<Relation> relations;
    for (const OperatorPtr& input : inputs_) {
      ANNALS_ASSIGN_OR_RETURN(relations.emplace_back(), Read(*input));
      ended_ |= relations.back().rows == 0;
      if (ended_) return absl::OkStatus();
    }
    inputs_.clear();
    ANNALS_RETURN_IF_ERROR(NumberValues(relations));
    if (!ended_) ANNALS_RETURN_IF_ERROR(MakeTries(&relations));
    if (!ended_) MakeCursors(relations);
    return absl::OkStatus();
  }

  absl::StatusOr<Relation> Read(Operator& input) {
    Relation relation;
    std::vector<size_t> places;
    for (size_t i = 0; i < variables_.size(); ++i) {
      const size_t place = PositionOf(input.variables(), variables_[i]);
      if (place == kNoColumn) continue;
      relation.variables.push_back(i);
      places.push_back(place);
    }
    relation.columns.resize(places.size());
    const uint64_t others = held_;
    Batch batch;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input.Next(&batch));
      if (!more) return relation;
      for (size_t i = 0; i < places.size(); ++i) {
        relation.columns[i].Append(batch.columns[places[i]]);
      }
      relation.rows += batch.rows;
      if (relation.rows >= UINT32_MAX) {
        return ResourceExhausted(
            "a join would have to keep more than 4 billion rows: ask for less");
      }
      held_ = others + relation.bytes();
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(held_));
    }
  }

  absl::Status NumberValues(const std::vector<Relation>& relations) {
    for (size_t variable = 0; variable < variables_.size(); ++variable) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      std::vector<const ChunkedArray<TermId>*> columns;
      for (const Relation& relation : relations) {
        for (size_t i = 0; i < relation.variables.size(); ++i) {
          if (relation.variables[i] == variable) columns.push_back(&relation.columns[i]);
        }
      }
      ANNALS_ASSIGN_OR_RETURN(ValueNumbers numbers, ValueNumbers::Make(columns, context_));
      ended_ |= numbers.size() == 0;
      held_ += numbers.bytes();
      numbers_.push_back(std::move(numbers));
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(held_));
    }
    return absl::OkStatus();
  }

  // Of the rows whose values all inputs know.
  absl::Status MakeTries(std::vector<Relation>* relations) {
    for (Relation& relation : *relations) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      Reservation passing(context_);
      std::vector<std::vector<uint32_t>> columns(relation.columns.size());
      std::vector<uint32_t> limits;
      for (size_t i = 0; i < columns.size(); ++i) {
        ANNALS_RETURN_IF_ERROR(passing.Resize((i + 1) * relation.rows * sizeof(uint32_t)));
        ValueNumbers& numbers = numbers_[relation.variables[i]];
        ANNALS_RETURN_IF_ERROR(Number(relation.columns[i], &numbers, &columns[i]));
        limits.push_back(numbers.size());
        held_ -= relation.columns[i].bytes();
        relation.columns[i].Clear();
        ANNALS_RETURN_IF_ERROR(reservation_.Resize(held_));
      }
      DropUnnumbered(&columns);
      ended_ |= columns[0].empty();
      ANNALS_ASSIGN_OR_RETURN(Trie trie, Trie::Make(std::move(columns), limits, context_));
      ANNALS_RETURN_IF_ERROR(passing.Resize(0));
      held_ += trie.bytes();
      tries_.push_back(std::move(trie));
      ANNALS_RETURN_IF_ERROR(reservation_.Resize(held_));
      if (ended_) break;
    }
    return absl::OkStatus();
  }

  absl::Status Number(const ChunkedArray<TermId>& column, ValueNumbers* by,
                      std::vector<uint32_t>* numbers) const {
    std::vector<uint32_t> found;
    numbers->reserve(column.size());
    for (size_t i = 0; i < column.chunk_count(); ++i) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      by->Number(column.chunk(i), &found);
      numbers->insert(numbers->end(), found.begin(), found.end());
    }
    return absl::OkStatus();
  }

  static void DropUnnumbered(std::vector<std::vector<uint32_t>>* columns) {
    size_t kept = 0;
    for (size_t row = 0; row < columns->front().size(); ++row) {
      bool known = true;
      for (auto& column : *columns) {
        known &= column[row] != ValueNumbers::kNone;
        column[kept] = column[row];
      }
      kept += known ? 1 : 0;
    }
    for (auto& column : *columns) column.resize(kept);
  }

  void MakeCursors(const std::vector<Relation>& relations) {
    size_t count = 0;
    for (const Relation& relation : relations) count += relation.variables.size();
    cursors_.reserve(count);  // they point at each other
    levels_.resize(variables_.size());
    for (size_t i = 0; i < relations.size(); ++i) {
      const Cursor* parent = nullptr;
      for (size_t level = 0; level < relations[i].variables.size(); ++level) {
        cursors_.push_back({&tries_[i], level, parent, tries_[i].values(level).data()});
        parent = &cursors_.back();
        levels_[relations[i].variables[level]].push_back(&cursors_.back());
      }
    }
    found_.resize(variables_.size());
    Enter(0);
  }

  void Enter(size_t depth) {
    depth_ = depth;
    for (Cursor* cursor : levels_[depth]) cursor->Open();
  }

  // From where the cursors stand, to the next value on which they agree.
  static bool FindAgreement(const std::vector<Cursor*>& cursors) {
    if (cursors[0]->ended()) return false;
    uint32_t sought = cursors[0]->value();
    for (size_t agreeing = 1, next = 1; agreeing < cursors.size(); ++next) {
      Cursor& cursor = *cursors[next % cursors.size()];
      if (cursor.ended()) return false;
      cursor.SeekTo(sought);
      if (cursor.ended()) return false;
      agreeing = cursor.value() == sought ? agreeing + 1 : 1;
      sought = cursor.value();
    }
    return true;
  }

  // One value further, or many on the last level.
  void Step(Batch* batch) {
    const std::vector<Cursor*>& cursors = levels_[depth_];
    const bool deepest = depth_ + 1 == levels_.size();
    if (deepest && shown_.size() == levels_.size() && cursors.size() == 2) {
      matches_.clear();
      Intersect(cursors[0], cursors[1], context_.batch_rows() - batch->rows, &matches_);
      Give(batch);
      if (batch->rows < context_.batch_rows()) Leave();
      return;
    }
    if (!FindAgreement(cursors)) {
      Leave();
      return;
    }
    found_[depth_] = cursors[0]->value();
    if (!deepest) {
      Enter(depth_ + 1);
      return;
    }
    // That there is one value is enough for each level that isn't shown.
    depth_ = shown_.empty() ? 0 : shown_.size() - 1;
    matches_.assign(1, found_[depth_]);
    Give(batch);
    ended_ = shown_.empty();
    ++levels_[depth_][0]->at;
  }

  // Back to the level before, past the value found there.
  void Leave() {
    if (depth_ == 0) {
      ended_ = true;
      return;
    }
    --depth_;
    ++levels_[depth_][0]->at;
  }

  // Rows of the values found, with each of matches_ on the last shown level.
  void Give(Batch* batch) {
    batch->rows += matches_.size();
    if (shown_.empty()) return;
    const size_t last = shown_.size() - 1;
    for (size_t i = 0; i < last; ++i) {
      batch->columns[i].resize(batch->rows, numbers_[i].value(found_[i]));
    }
    for (const uint32_t match : matches_) {
      batch->columns[last].push_back(numbers_[last].value(match));
    }
  }

  std::vector<OperatorPtr> inputs_;  // until they are read
  const Variables variables_;
  const Variables shown_;
  Context& context_;
  Reservation reservation_;
  uint64_t held_ = 0;  // bytes

  std::vector<ValueNumbers> numbers_;         // of each variable
  std::vector<Trie> tries_;                   // of each input
  std::vector<Cursor> cursors_;               // of each level of each trie
  std::vector<std::vector<Cursor*>> levels_;  // of each variable those that it is found by
  std::vector<uint32_t> found_;               // of each variable, up to depth_
  std::vector<uint32_t> matches_;
  size_t depth_ = 0;
  uint64_t steps_ = 0;
  bool opened_ = false, ended_ = false;
};

}  // namespace

OperatorPtr MakeMultiwayJoin(std::vector<OperatorPtr> inputs, Variables variables, size_t shown,
                             Context& context) {
  return std::make_unique<MultiwayJoin>(std::move(inputs), std::move(variables), shown, context);
}

}  // namespace annals::exec
