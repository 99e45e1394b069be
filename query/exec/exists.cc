// `exists { }` in an expression: runs its plan for the rows at hand and marks those that it has.
#include "query/exec/exists.h"

#include "query/exec/join_table.h"

namespace annals::exec {
namespace {

class ExistsTest : public RowTest {
 public:
  ExistsTest(JoinShape shape, Variables columns, std::vector<algebra::Beside> beside,
             std::function<absl::StatusOr<OperatorPtr>()> make,
             std::shared_ptr<OuterRelation> outer, Context& context)
      : shape_(std::move(shape)),
        columns_(std::move(columns)),
        beside_(std::move(beside)),
        make_(std::move(make)),
        outer_(std::move(outer)),
        context_(context) {
    for (const algebra::Beside& one : beside_) columns_.push_back(one.name);
  }

  absl::Status Select(const Batch& batch, Selection* rows) override {
    if (rows->empty()) return absl::OkStatus();
    Batch chosen;
    GatherRows(batch, *rows, &chosen);
    for (const algebra::Beside& beside : beside_) AddBeside(beside, &chosen);
    if (table_ == nullptr || outer_ != nullptr) ANNALS_RETURN_IF_ERROR(Run(chosen));
    Prober prober(*table_, context_);
    std::vector<uint32_t> matched;
    ANNALS_RETURN_IF_ERROR(prober.Select(chosen, &matched));
    Selection kept;
    for (const uint32_t row : matched) kept.push_back((*rows)[row]);
    rows->swap(kept);
    return absl::OkStatus();
  }

 private:
  void AddBeside(const algebra::Beside& beside, Batch* batch) const {
    const size_t of = PositionOf(columns_, beside.of);
    std::vector<TermId> values(batch->rows);
    if (of != kNoColumn) values = batch->columns[of];
    if (!beside.is_copy) {
      for (TermId& value : values) value = TermId::Boolean(!value.is_undefined());
    }
    batch->columns.push_back(std::move(values));
  }

  absl::Status Run(const Batch& rows) {
    if (outer_ != nullptr) {
      outer_->Clear();
      ANNALS_RETURN_IF_ERROR(outer_->Add(columns_, rows));
    }
    table_ = std::make_unique<JoinTable>(KeepRight(shape_), true, context_);
    ANNALS_ASSIGN_OR_RETURN(const OperatorPtr plan, make_());
    Batch batch;
    while (true) {
      ANNALS_RETURN_IF_ERROR(context_.Check());
      ANNALS_ASSIGN_OR_RETURN(const bool more, plan->Next(&batch));
      if (!more) break;
      ANNALS_RETURN_IF_ERROR(table_->Add(batch));
      if (!shape_.has_shared()) break;  // one row is enough
    }
    return table_->Finish();
  }

  const JoinShape shape_;
  Variables columns_;  // of the rows, and those beside them
  const std::vector<algebra::Beside> beside_;
  const std::function<absl::StatusOr<OperatorPtr>()> make_;
  const std::shared_ptr<OuterRelation> outer_;
  Context& context_;
  std::unique_ptr<JoinTable> table_;
};

}  // namespace

std::unique_ptr<RowTest> MakeExistsTest(JoinShape shape, Variables columns,
                                        std::vector<algebra::Beside> beside,
                                        std::function<absl::StatusOr<OperatorPtr>()> make,
                                        std::shared_ptr<OuterRelation> outer, Context& context) {
  return std::make_unique<ExistsTest>(std::move(shape), std::move(columns), std::move(beside),
                                      std::move(make), std::move(outer), context);
}

}  // namespace annals::exec
