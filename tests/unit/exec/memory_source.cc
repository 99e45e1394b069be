#include "tests/unit/exec/memory_source.h"

#include <algorithm>

namespace annals::exec {
namespace {

TermId ValueOf(const MemorySource::Assertion& assertion, Column column) {
  switch (column) {
    case Column::kSubject:
      return assertion.fact.subject;
    case Column::kPredicate:
      return assertion.fact.predicate;
    case Column::kObject:
      return assertion.fact.object;
    case Column::kTime:
      return assertion.fact.time;
    case Column::kFact:
      return TermId::Fact(assertion.fact.number);
    case Column::kSource:
      return assertion.source;
    case Column::kTransaction:
      return TermId::Integer(1);
  }
  return TermId();
}

size_t PlaceOf(Permutation permutation, Column column) {
  const auto order = ColumnsOf(permutation);
  const auto found = std::find(order.begin(), order.end(), column);
  if (found == order.end()) throw std::logic_error("the permutation lacks a column");
  return static_cast<size_t>(found - order.begin());
}

class VectorScan : public RowScan {
 public:
  VectorScan(const MemorySource& source, ScanSpec spec)
      : source_(source), spec_(std::move(spec)), rows_(source.RowsOf(spec_.permutation)) {}

  absl::StatusOr<size_t> Next(std::span<std::vector<TermId>> columns, size_t max_rows) override {
    if (columns.size() != spec_.output.size()) return Internal("wrong columns");
    for (auto& column : columns) column.clear();
    size_t count = 0;
    for (; next_ < rows_.size() && count < max_rows; ++next_) {
      const auto& row = rows_[next_];
      if (!Matches(row)) continue;
      for (size_t i = 0; i < columns.size(); ++i) {
        columns[i].push_back(row[PlaceOf(spec_.permutation, spec_.output[i])]);
      }
      ++count;
      ++source_.rows_read;
    }
    return count;
  }

  absl::Status Seek(std::span<const TermId> prefix) override {
    if (prefix.size() != spec_.prefix.size()) return Internal("another prefix length");
    spec_.prefix.assign(prefix.begin(), prefix.end());
    next_ = 0;
    ++source_.seeks;
    return absl::OkStatus();
  }

  absl::Status SkipTo(TermId value) override {
    if (spec_.prefix.size() >= ColumnsOf(spec_.permutation).size()) return Internal("no column");
    ++source_.skips;
    while (next_ < rows_.size() &&
           !(Matches(rows_[next_]) && rows_[next_][spec_.prefix.size()] >= value)) {
      ++next_;
    }
    return absl::OkStatus();
  }

 private:
  bool Matches(const MemorySource::Row& row) const {
    for (size_t i = 0; i < spec_.prefix.size(); ++i) {
      if (row[i] != spec_.prefix[i]) return false;
    }
    if (spec_.low && row[spec_.prefix.size()] < *spec_.low) return false;
    if (spec_.high && row[spec_.prefix.size()] > *spec_.high) return false;
    if (!spec_.dated_only && !spec_.window) return true;
    const TermId time = row[PlaceOf(spec_.permutation, Column::kTime)];
    if (time.is_undefined()) return false;
    const Term term = source_.TermOf(time);
    const Time value = *term.As<Time>();
    return !spec_.window ||
           (value.first() <= spec_.window->last && spec_.window->first <= value.last());
  }

  const MemorySource& source_;
  ScanSpec spec_;
  const std::vector<MemorySource::Row>& rows_;
  size_t next_ = 0;
};

}  // namespace

TermId MemorySource::Intern(const Term& term) {
  if (const auto id = InlineId(term)) return *id;
  auto& id = ids_[UniqueKey(term)];
  if (id.is_undefined()) {
    id = TermId::Make(KindOf(term), ids_.size() * 7 % 1000 + 1000 * ids_.size());
    terms_[id] = term;
  }
  return id;
}

uint64_t MemorySource::Add(const Term& subject, const Term& predicate, const Term& object,
                           const Term& time, const std::vector<Term>& sources) {
  Fact fact{Intern(subject), Intern(predicate), Intern(object), Intern(time), facts_.size() + 1};
  facts_.push_back(fact);
  for (const Term& source : sources) assertions_.push_back({fact, Intern(source)});
  rows_.clear();
  return fact.number;
}

Term MemorySource::TermOf(TermId id) const {
  if (id.in_dictionary()) return terms_.at(id);
  return *TermFromInlineId(id);
}

const std::vector<MemorySource::Row>& MemorySource::RowsOf(Permutation permutation) const {
  auto& rows = rows_[permutation];
  if (!rows.empty()) return rows;
  for (const Assertion& assertion : assertions_) {
    if (permutation == Permutation::kSource && assertion.source.is_undefined()) continue;
    Row row;
    for (const Column column : ColumnsOf(permutation)) row.push_back(ValueOf(assertion, column));
    rows.push_back(row);
  }
  std::sort(rows.begin(), rows.end());
  rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
  return rows;
}

absl::StatusOr<std::unique_ptr<RowScan>> MemorySource::Scan(const ScanSpec& spec) const {
  ++scans;
  return std::unique_ptr<RowScan>(std::make_unique<VectorScan>(*this, spec));
}

absl::StatusOr<uint64_t> MemorySource::CountRows(const ScanSpec& spec) const {
  ++counts;
  const size_t ranged = spec.prefix.size();
  uint64_t count = 0;
  for (const Row& row : RowsOf(spec.permutation)) {
    if (!std::equal(spec.prefix.begin(), spec.prefix.end(), row.begin())) continue;
    if (spec.low && row[ranged] < *spec.low) continue;
    if (spec.high && row[ranged] > *spec.high) continue;
    ++count;
  }
  return count * count_factor;
}

absl::StatusOr<TermId> MemorySource::Find(const Term& term) const {
  if (const auto id = InlineId(term)) return *id;
  const auto found = ids_.find(UniqueKey(term));
  return found == ids_.end() ? TermId() : found->second;
}

absl::Status MemorySource::GetBatch(std::span<const TermId> ids, std::vector<Term>* out) const {
  out->clear();
  for (const TermId id : ids) out->push_back(TermOf(id));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<Fact>> MemorySource::GetFact(uint64_t number) const {
  if (number == 0 || number > facts_.size()) return std::optional<Fact>();
  return std::optional<Fact>(facts_[number - 1]);
}

absl::StatusOr<std::vector<TermId>> MemorySource::SourcesOf(uint64_t fact) const {
  std::vector<TermId> sources;
  for (const Assertion& assertion : assertions_) {
    if (assertion.fact.number == fact) sources.push_back(assertion.source);
  }
  std::sort(sources.begin(), sources.end());
  return sources;
}

}  // namespace annals::exec
