#include "annals/tables.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "query/exec/operator.h"
#include "query/exec/quad_source.h"
#include "query/exec/result.h"

namespace annals {

absl::StatusOr<TermId> FindTerm(const native::TermExpr& expr, native::Place place,
                                const QuestionContext& context, std::vector<std::string>* notes) {
  const native::TermReader reader{context.text, context.prefixes, context.parameters};
  ANNALS_ASSIGN_OR_RETURN(const Term term, reader.Read(expr, place));
  native::NameResolver resolver(*context.view, context.text, true, notes);
  ANNALS_ASSIGN_OR_RETURN(const native::Resolved resolved, resolver.Resolve(term, expr.span));
  return resolved.id;
}

absl::StatusOr<std::optional<TermId>> FindEntity(const native::TermExpr& expr,
                                                 const QuestionContext& context,
                                                 std::vector<std::string>* notes) {
  if (expr.kind == native::TermExpr::Kind::kBlankNode) {
    return context.text.Error(expr.span,
                              "a blank node belongs to one script and can't be asked for");
  }
  ANNALS_ASSIGN_OR_RETURN(const TermId id, FindTerm(expr, native::Place::kName, context, notes));
  if (id.is_undefined()) return std::nullopt;
  return id;
}

class TableLimits::Impl {
 public:
  explicit Impl(const QuestionContext& context)
      : view_(context.view),
        source_(exec::MakeGraphSource(*view_)),
        context_(*source_, context.limits),
        kept_(context_) {}

  exec::Context& context() { return context_; }
  exec::Reservation& kept() { return kept_; }

 private:
  const std::shared_ptr<const GraphView> view_;
  const std::unique_ptr<exec::QuadSource> source_;
  exec::Context context_;
  exec::Reservation kept_;
};

TableLimits::TableLimits(const QuestionContext& context) : impl_(std::make_unique<Impl>(context)) {}
TableLimits::~TableLimits() = default;

absl::Status TableLimits::Check() const { return impl_->context().Check(); }

absl::Status TableLimits::CheckRows(uint64_t rows) const {
  return exec::CheckRows(rows, impl_->context().limits());
}

absl::Status TableLimits::Keep(uint64_t bytes) {
  ANNALS_RETURN_IF_ERROR(impl_->kept().Resize(bytes));
  return Check();
}

absl::StatusOr<Term> QualifiersText(uint64_t number, const GraphView& view) {
  ScanSpec spec;
  spec.permutation = Permutation::kSpo;
  spec.prefix = {TermId::Fact(number)};
  spec.output = {Column::kPredicate, Column::kObject};
  std::vector<std::pair<TermId, TermId>> qualifiers;
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, [&](const auto& columns, size_t i) {
    qualifiers.emplace_back(columns[0][i], columns[1][i]);
    return absl::OkStatus();
  }));
  return QualifiersText(qualifiers, view);
}

absl::StatusOr<Term> QualifiersText(const std::vector<std::pair<TermId, TermId>>& qualifiers,
                                    const GraphView& view) {
  std::string text;
  for (const auto& [key, value] : qualifiers) {
    ANNALS_ASSIGN_OR_RETURN(const Term name, view.Get(key));
    ANNALS_ASSIGN_OR_RETURN(const Term said, view.Get(value));
    absl::StrAppend(&text, text.empty() ? "" : ", ", DisplayText(name), ": ", DisplayText(said));
  }
  return text.empty() ? Term() : Term(Text{text, ""});
}

absl::StatusOr<Term> SourceList(uint64_t number, const GraphView& view) {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<TermId> sources, view.SourcesOf(number));
  return SourceList(sources, view);
}

absl::StatusOr<Term> SourceList(const std::vector<TermId>& sources, const GraphView& view) {
  TermList list;
  for (TermId id : sources) {
    if (id.is_undefined()) continue;
    ANNALS_ASSIGN_OR_RETURN(Term term, view.Get(id));
    list.push_back(std::move(term));
  }
  return list.empty() ? Term() : Term(Term::Value(std::move(list)));
}

absl::StatusOr<Term> PropertyOf(TermId subject, std::string_view predicate, const GraphView& view) {
  ANNALS_ASSIGN_OR_RETURN(const TermId id, view.Find(Term(Name{std::string(predicate)})));
  if (id.is_undefined()) return Term();
  ScanSpec spec;
  spec.permutation = Permutation::kSpo;
  spec.prefix = {subject, id};
  spec.output = {Column::kObject};
  TermList values;
  ANNALS_RETURN_IF_ERROR(ForEachRow(view, spec, [&](const auto& columns, size_t i) -> absl::Status {
    ANNALS_ASSIGN_OR_RETURN(Term term, view.Get(columns[0][i]));
    values.push_back(std::move(term));
    return absl::OkStatus();
  }));
  if (values.empty()) return Term();
  if (values.size() == 1) return values[0];
  return Term(Term::Value(std::move(values)));
}

Rows MakeTableRows(std::vector<std::string> columns, std::vector<std::vector<Term>> rows,
                   std::vector<std::string> notes, const QuestionContext& context) {
  return MakeTableRows(std::move(columns), MakeTable(std::move(rows)), std::move(notes), context);
}

Rows MakeTableRows(std::vector<std::string> columns, std::unique_ptr<TermRows> rows,
                   std::vector<std::string> notes, const QuestionContext& context) {
  auto state = std::make_unique<RowsAccess::State>();
  state->kind = Rows::Kind::kRows;
  state->columns = std::move(columns);
  state->rows = std::move(rows);
  state->notes = std::move(notes);
  state->fact_text = MakeFactText(context.view);
  return RowsAccess::Make(std::move(state));
}

int CompareRows(const std::vector<Term>& a, const std::vector<Term>& b, size_t columns) {
  for (size_t i = 0; i < columns; ++i) {
    if (const int order = CompareForOrder(a[i], b[i]); order != 0) return order;
  }
  return 0;
}

}  // namespace annals
