// What a statement answers, before it is values of the public interface: rows of terms from a
// running plan or a finished table.
#ifndef ANNALS_ROWS_H_
#define ANNALS_ROWS_H_

#include <memory>
#include <string>
#include <vector>

#include "annals/annals.h"
#include "annals/value.h"
#include "storage/base/status.h"
#include "storage/graph/view.h"
#include "storage/model/term.h"

namespace annals {

// Rows of terms, pulled one by one.
class TermRows {
 public:
  virtual ~TermRows() = default;
  // Replaces `row`; false at the end.
  virtual absl::StatusOr<bool> Next(std::vector<Term>* row) = 0;
};

// Finished rows, in this order.
std::unique_ptr<TermRows> MakeTable(std::vector<std::vector<Term>> rows);

// "(Ada, born, London, 1815-12-10)", by the view that holds the fact.
FactText MakeFactText(std::shared_ptr<const GraphView> view);

struct Rows::State {
  Kind kind = Kind::kMessage;
  std::vector<std::string> columns;
  std::string message;
  bool yes = false;
  std::vector<std::string> notes;
  std::unique_ptr<TermRows> rows;  // of kRows
  FactText fact_text;
  std::vector<Term> terms;    // the present row
  std::vector<Value> values;  // the same
  bool answered = false;      // the one row of kYesNo was given
  uint64_t count = 0;         // of rows given
};

struct RowsAccess {
  using State = Rows::State;
  static Rows Make(std::unique_ptr<Rows::State> state) { return Rows(std::move(state)); }
  static Rows::State& StateOf(Rows& rows) { return *rows.state_; }
};

Rows MakeMessage(std::string message, std::vector<std::string> notes = {});

}  // namespace annals

#endif  // ANNALS_ROWS_H_
