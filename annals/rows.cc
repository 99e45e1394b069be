#include "annals/rows.h"

#include <utility>

#include "query/results/writer.h"
#include "storage/base/text.h"

namespace annals {
namespace {

class Table : public TermRows {
 public:
  explicit Table(std::vector<std::vector<Term>> rows) : rows_(std::move(rows)) {}
  absl::StatusOr<bool> Next(std::vector<Term>* row) override {
    if (next_ == rows_.size()) return false;
    *row = std::move(rows_[next_++]);
    return true;
  }

 private:
  std::vector<std::vector<Term>> rows_;
  size_t next_ = 0;
};

// Facts about facts nest; deeper ones than this are shown by number.
constexpr int kDeepestFact = 8;

std::string TextOfFact(const GraphView& view, uint64_t number, int depth) {
  const std::string fallback = "fact " + std::to_string(number);
  const auto fact = view.GetFact(number);
  if (!fact.ok() || !fact->has_value() || depth > kDeepestFact) return fallback;
  std::string text = "(";
  for (TermId id : {(*fact)->subject, (*fact)->predicate, (*fact)->object, (*fact)->time}) {
    if (id.is_undefined()) continue;
    if (text.size() > 1) text += ", ";
    if (id.kind() == TermKind::kFact) {
      text += TextOfFact(view, id.payload(), depth + 1);
      continue;
    }
    const auto term = view.Get(id);
    if (!term.ok()) return fallback;
    text += LanguageText(*term);
  }
  return text + ")";
}

}  // namespace

std::unique_ptr<TermRows> MakeTable(std::vector<std::vector<Term>> rows) {
  return std::make_unique<Table>(std::move(rows));
}

FactText MakeFactText(std::shared_ptr<const GraphView> view) {
  return [view = std::move(view)](uint64_t number) { return TextOfFact(*view, number, 0); };
}

Rows MakeMessage(std::string message, std::vector<std::string> notes) {
  auto state = std::make_unique<RowsAccess::State>();
  state->message = std::move(message);
  state->notes = std::move(notes);
  return RowsAccess::Make(std::move(state));
}

Rows::Rows(std::unique_ptr<State> state) : state_(std::move(state)) {}
Rows::Rows(Rows&&) noexcept = default;
Rows& Rows::operator=(Rows&&) noexcept = default;
Rows::~Rows() = default;

Rows::Kind Rows::kind() const { return state_->kind; }
const std::vector<std::string>& Rows::columns() const { return state_->columns; }
uint64_t Rows::count() const { return state_->count; }
const Value& Rows::at(size_t column) const { return state_->values[column]; }
bool Rows::yes() const { return state_->yes; }
const std::string& Rows::message() const { return state_->message; }
const std::vector<std::string>& Rows::notes() const { return state_->notes; }

absl::StatusOr<bool> Rows::Next() {
  State& state = *state_;
  if (state.kind == Kind::kYesNo) {
    if (std::exchange(state.answered, true)) return false;
    ++state.count;
    state.values = {Value::Boolean(state.yes)};
    return true;
  }
  if (state.rows == nullptr) return false;
  ANNALS_ASSIGN_OR_RETURN(const bool more, state.rows->Next(&state.terms));
  state.values.clear();
  if (!more) return false;
  ++state.count;
  for (const Term& term : state.terms) state.values.push_back(ToValue(term, state.fact_text));
  return true;
}

absl::StatusOr<Format> ParseFormat(std::string_view name) {
  const auto formats = results::Formats();
  std::string known;
  for (size_t i = 0; i < formats.size(); ++i) {
    if (formats[i].name == name) return static_cast<Format>(i);
    known += (i == 0 ? "" : ", ") + std::string(formats[i].name);
  }
  return InvalidArgument("there is no format '" + EscapeForDisplay(name) + "'; expected one of " +
                         known);
}

absl::Status WriteRows(Rows& rows, const WriteOptions& options, std::ostream& out) {
  RowsAccess::State& state = RowsAccess::StateOf(rows);
  const auto writer = results::Formats()[static_cast<size_t>(options.format)].make(
      out, {options.width, options.terminal});
  switch (state.kind) {
    case Rows::Kind::kMessage:
      return absl::OkStatus();
    case Rows::Kind::kText:
      writer->Text(state.message);
      return absl::OkStatus();
    case Rows::Kind::kYesNo:
      writer->Answer(state.yes);
      ++state.count;
      return absl::OkStatus();
    case Rows::Kind::kRows:
      break;
  }
  writer->Begin(state.columns);
  std::vector<results::Cell> cells;
  while (true) {
    ANNALS_ASSIGN_OR_RETURN(const bool more, state.rows->Next(&state.terms));
    if (!more) break;
    ++state.count;
    cells.clear();
    for (const Term& term : state.terms) cells.push_back(ToCell(term, state.fact_text));
    writer->Row(cells);
    if (!out.good()) return Unavailable("the answer could not be written");
  }
  writer->End();
  return absl::OkStatus();
}

}  // namespace annals
