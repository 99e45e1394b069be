// Rows with equal keys become one row, with aggregates over them: read by one thread, or by several
// with a table each.
#include <algorithm>

#include "query/exec/accumulator.h"
#include "query/exec/count_runs.h"
#include "query/exec/key_table.h"
#include "query/exec/operators.h"
#include "query/exec/parallel.h"

namespace annals::exec {
namespace {

// Numbers the groups of rows as they come: by a table or, where equal keys follow each other, by
// looking at the row before.
class GroupNumbers {
 public:
  GroupNumbers(size_t width, bool sorted) : sorted_(sorted), table_(width), keys_(width) {}

  // As KeyTable::Insert.
  absl::Status Insert(std::span<const ColumnView> columns, size_t rows, Context& context,
                      std::vector<uint32_t>* numbers) {
    if (!sorted_) return table_.Insert(columns, rows, context, numbers);
    numbers->resize(rows);
    for (size_t row = 0; row < rows; ++row) {
      if (!IsLast(columns, row)) keys_.Append(columns, row);
      (*numbers)[row] = static_cast<uint32_t>(size() - 1);
    }
    return absl::OkStatus();
  }

  size_t size() const { return sorted_ ? keys_.size() : table_.size(); }
  TermId key(size_t number, size_t column) const {
    return sorted_ ? keys_[number][column] : table_.key(number, column);
  }
  uint64_t bytes() const { return keys_.bytes() + table_.bytes(); }

 private:
  bool IsLast(std::span<const ColumnView> columns, size_t row) const {
    if (keys_.size() == 0) return false;
    const TermId* const last = keys_[keys_.size() - 1];
    for (size_t i = 0; i < columns.size(); ++i) {
      if (columns[i][row] != last[i]) return false;
    }
    return true;
  }

  bool sorted_;
  KeyTable table_;
  TupleArray keys_;  // if sorted
};

// The groups of rows that the operator gives.
class GroupTable {
 public:
  GroupTable(const Operator& rows, const Variables& keys, std::vector<AggregateColumn> aggregates,
             Context& context)
      : context_(context), reservation_(context), groups_(keys.size(), GivesGroups(rows, keys)) {
    const Variables& columns = rows.variables();
    for (const algebra::Variable& key : keys) key_columns_.push_back(PositionOf(columns, key));
    for (AggregateColumn& aggregate : aggregates) {
      accumulators_.push_back(MakeAccumulator(std::move(aggregate), context));
    }
  }

  // Without keys there is always one group.
  size_t size() const { return key_columns_.empty() ? 1 : groups_.size(); }
  TermId key(size_t group, size_t column) const { return groups_.key(group, column); }

  absl::Status AddAll(Operator& input) {
    Batch batch;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, input.Next(&batch));
      if (!more) return absl::OkStatus();
      ANNALS_RETURN_IF_ERROR(Add(batch));
    }
  }

  // The rows of another share follow.
  void BeginShare() {
    share_begins_.push_back(groups_.size());
    for (const auto& accumulator : accumulators_) accumulator->BeginShare();
  }

  // Adds the groups of other tables, which hold the rows of shares: shares[i] is the table that has
  // the i-th one. Groups come in the order in which one thread would have found them.
  absl::Status Merge(std::span<const std::unique_ptr<GroupTable>> tables,
                     std::span<const size_t> shares) {
    std::vector<std::vector<uint32_t>> numbers(tables.size());  // here, of each table's groups
    Reservation passing(context_);
    uint64_t groups = 0;
    for (size_t table = 0; table < tables.size(); ++table) {
      groups += tables[table]->size();
      ANNALS_RETURN_IF_ERROR(passing.Resize(groups * sizeof(uint32_t)));
      numbers[table].reserve(tables[table]->size());
    }
    std::vector<size_t> done(tables.size(), 0);
    for (const size_t table : shares) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      GroupTable& other = *tables[table];
      ANNALS_RETURN_IF_ERROR(AddGroupsOfShare(other, done[table], &numbers[table]));
      for (size_t i = 0; i < accumulators_.size(); ++i) {
        ANNALS_RETURN_IF_ERROR(accumulators_[i]->MergeShare(*other.accumulators_[i], done[table],
                                                            numbers[table], size()));
      }
      ++done[table];
    }
    for (size_t table = 0; table < tables.size(); ++table) {
      if (key_columns_.empty()) numbers[table].assign(1, 0);
      for (size_t i = 0; i < accumulators_.size(); ++i) {
        ANNALS_RETURN_IF_ERROR(
            accumulators_[i]->Merge(*tables[table]->accumulators_[i], numbers[table], size()));
        ANNALS_RETURN_IF_ERROR(Account());
      }
      ANNALS_RETURN_IF_ERROR(tables[table]->Drop());
    }
    return absl::OkStatus();
  }

  // values[i]: those of aggregate i, by group. Once.
  absl::Status Finish(std::vector<std::vector<TermId>>* values) {
    values->resize(accumulators_.size());
    for (size_t i = 0; i < accumulators_.size(); ++i) {
      (*values)[i].reserve(size());
      ANNALS_RETURN_IF_ERROR(accumulators_[i]->Finish(size(), &(*values)[i]));
      accumulators_[i].reset();
      ANNALS_RETURN_IF_ERROR(Account());
    }
    accumulators_.clear();
    return absl::OkStatus();
  }
  size_t width() const { return accumulators_.size(); }

 private:
  absl::Status Add(const Batch& batch) {
    const std::vector<TermId> empty(HasAbsentKey() ? batch.rows : 0);
    std::vector<ColumnView> views;
    for (const size_t column : key_columns_) {
      views.emplace_back(column == kNoColumn ? empty : batch.columns[column]);
    }
    ANNALS_RETURN_IF_ERROR(groups_.Insert(views, batch.rows, context_, &numbers_));
    for (const auto& accumulator : accumulators_) {
      ANNALS_RETURN_IF_ERROR(accumulator->Add(batch, numbers_, size()));
    }
    return Account();
  }

  bool HasAbsentKey() const {
    return std::find(key_columns_.begin(), key_columns_.end(), kNoColumn) != key_columns_.end();
  }

  absl::Status Account() {
    uint64_t bytes = groups_.bytes();
    for (const auto& accumulator : accumulators_) {
      if (accumulator != nullptr) bytes += accumulator->bytes();
    }
    return reservation_.Resize(bytes);
  }

  // What another table has taken over.
  absl::Status Drop() {
    accumulators_.clear();
    groups_ = GroupNumbers(key_columns_.size(), true);
    return reservation_.Resize(0);
  }

  // The groups that `other` met first in its n-th share.
  absl::Status AddGroupsOfShare(const GroupTable& other, size_t n, std::vector<uint32_t>* numbers) {
    constexpr size_t kPiece = 4096;
    const size_t end =
        n + 1 < other.share_begins_.size() ? other.share_begins_[n + 1] : other.groups_.size();
    std::vector<std::vector<TermId>> columns(key_columns_.size());
    std::vector<uint32_t> added;
    for (size_t begin = other.share_begins_[n]; begin < end; begin += kPiece) {
      const size_t piece_end = std::min(end, begin + kPiece);
      for (size_t column = 0; column < columns.size(); ++column) {
        columns[column].clear();
        for (size_t i = begin; i < piece_end; ++i) {
          columns[column].push_back(other.groups_.key(i, column));
        }
      }
      const std::vector<ColumnView> views(columns.begin(), columns.end());
      ANNALS_RETURN_IF_ERROR(groups_.Insert(views, piece_end - begin, context_, &added));
      numbers->insert(numbers->end(), added.begin(), added.end());
      ANNALS_RETURN_IF_ERROR(Account());
    }
    return absl::OkStatus();
  }

  Context& context_;
  Reservation reservation_;
  std::vector<size_t> key_columns_;
  std::vector<std::unique_ptr<Accumulator>> accumulators_;
  GroupNumbers groups_;
  std::vector<uint32_t> numbers_;     // of the batch at hand
  std::vector<size_t> share_begins_;  // the first group that each share brought
};

// Gives the groups of a table that `Fill` has filled.
class GroupedRows : public Operator {
 public:
  GroupedRows(Variables keys, Variables results, Context& context)
      : context_(context),
        reservation_(context),
        key_count_(keys.size()),
        variables_(std::move(keys)) {
    variables_.insert(variables_.end(), results.begin(), results.end());
  }

  const Variables& variables() const override { return variables_; }
  const Variables& sorted_by() const override { return sorted_by_; }

  absl::StatusOr<bool> Next(Batch* batch) override {
    if (!filled_) {
      filled_ = true;
      ANNALS_RETURN_IF_ERROR(Fill());
      ANNALS_RETURN_IF_ERROR(
          reservation_.Resize(table_->width() * table_->size() * sizeof(TermId)));
      ANNALS_RETURN_IF_ERROR(table_->Finish(&values_));
    }
    ANNALS_RETURN_IF_ERROR(context_.Check());
    batch->Reset(variables_.size());
    const size_t end = std::min(table_->size(), next_ + context_.batch_rows());
    for (size_t i = 0; i < key_count_; ++i) {
      for (size_t group = next_; group < end; ++group) {
        batch->columns[i].push_back(table_->key(group, i));
      }
    }
    for (size_t i = 0; i < values_.size(); ++i) {
      const auto first = values_[i].begin();
      batch->columns[key_count_ + i].assign(first + static_cast<ptrdiff_t>(next_),
                                            first + static_cast<ptrdiff_t>(end));
    }
    batch->rows = end - next_;
    next_ = end;
    return batch->rows > 0;
  }

 protected:
  // Makes table_.
  virtual absl::Status Fill() = 0;

  Context& context_;
  std::unique_ptr<GroupTable> table_;

 private:
  Reservation reservation_;
  const size_t key_count_;
  Variables variables_;
  const Variables sorted_by_;
  std::vector<std::vector<TermId>> values_;  // of each aggregate, by group
  bool filled_ = false;
  size_t next_ = 0;
};

Variables ResultsOf(std::span<const AggregateColumn> aggregates) {
  Variables results;
  for (const AggregateColumn& aggregate : aggregates) results.push_back(aggregate.result);
  return results;
}

class Group : public GroupedRows {
 public:
  Group(OperatorPtr input, const Variables& keys, std::vector<AggregateColumn> aggregates,
        Context& context)
      : GroupedRows(keys, ResultsOf(aggregates), context), input_(std::move(input)) {
    table_ = std::make_unique<GroupTable>(*input_, keys, std::move(aggregates), context);
  }

 protected:
  absl::Status Fill() override {
    ANNALS_RETURN_IF_ERROR(table_->AddAll(*input_));
    input_.reset();
    return absl::OkStatus();
  }

 private:
  OperatorPtr input_;
};

class SharedGroup : public GroupedRows {
 public:
  SharedGroup(SharedWork shared, const Variables& keys,
              std::vector<std::vector<AggregateColumn>> aggregates,
              std::vector<AggregateColumn> merged, Context& context)
      : GroupedRows(keys, ResultsOf(merged), context),
        runner_(
            std::move(shared), [this](size_t thread, Batch*) { return Read(thread); }, true,
            context) {
    table_ = std::make_unique<GroupTable>(*runner_.pipelines()[0].root, keys, std::move(merged),
                                          context);
    for (size_t i = 0; i < aggregates.size(); ++i) {
      ThreadPipeline& pipeline = runner_.pipelines()[i];
      tables_.push_back(std::make_unique<GroupTable>(*pipeline.root, keys, std::move(aggregates[i]),
                                                     *pipeline.context));
    }
  }
  // Tables refer to the contexts of the threads that fill them.
  ~SharedGroup() override {
    runner_.End();
    tables_.clear();
  }

 protected:
  absl::Status Fill() override {
    Batch none;
    ANNALS_RETURN_IF_ERROR(runner_.Next(&none).status());
    ANNALS_RETURN_IF_ERROR(table_->Merge(tables_, runner_.workers()));
    tables_.clear();
    return absl::OkStatus();
  }

 private:
  // All of a share; nothing is given on.
  absl::StatusOr<bool> Read(size_t thread) {
    tables_[thread]->BeginShare();
    ANNALS_RETURN_IF_ERROR(tables_[thread]->AddAll(*runner_.pipelines()[thread].root));
    return false;
  }

  std::vector<std::unique_ptr<GroupTable>> tables_;
  ShareRunner runner_;
};

}  // namespace

OperatorPtr MakeGroup(OperatorPtr input, Variables keys, std::vector<AggregateColumn> aggregates,
                      Context& context) {
  return std::make_unique<Group>(std::move(input), keys, std::move(aggregates), context);
}

OperatorPtr MakeSharedGroup(SharedWork shared, Variables keys,
                            std::vector<std::vector<AggregateColumn>> aggregates,
                            std::vector<AggregateColumn> merged, Context& context) {
  return std::make_unique<SharedGroup>(std::move(shared), keys, std::move(aggregates),
                                       std::move(merged), context);
}

}  // namespace annals::exec
