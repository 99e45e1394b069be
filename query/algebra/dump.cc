#include "query/algebra/dump.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "storage/base/status.h"

namespace annals::algebra {
namespace {

std::string Name(const Variable& variable) { return "?" + variable; }

std::string Names(const std::vector<Variable>& variables) {
  std::string text;
  for (const Variable& variable : variables) {
    absl::StrAppend(&text, text.empty() ? "" : " ", Name(variable));
  }
  return text;
}

class Dumper {
 public:
  explicit Dumper(const IdText& id_text, NodeText node_text = nullptr)
      : id_text_(id_text), node_text_(std::move(node_text)) {}

  std::string Text(const Expression& expression) const {
    return std::visit([this](const auto& node) { return ExpressionText(node); }, expression.node);
  }
  void Write(const Plan& plan, size_t depth) {
    std::visit([&](const auto& node) { WriteNode(plan, node, depth); }, plan.node);
  }
  std::string Take() { return std::move(out_); }

 private:
  std::string ListText(const std::vector<ExpressionPtr>& expressions,
                       std::string_view separator) const {
    std::string text;
    for (const auto& expression : expressions) {
      absl::StrAppend(&text, text.empty() ? "" : ToAbsl(separator), Text(*expression));
    }
    return text;
  }
  std::string ExpressionText(const ConstantExpr& node) const { return LanguageText(node.term); }
  std::string ExpressionText(const VariableExpr& node) const { return Name(node.name); }
  std::string ExpressionText(const AndExpr& node) const {
    return absl::StrCat("(", ListText(node.operands, " and "), ")");
  }
  std::string ExpressionText(const OrExpr& node) const {
    return absl::StrCat("(", ListText(node.operands, " or "), ")");
  }
  std::string ExpressionText(const NotExpr& node) const {
    return absl::StrCat("not ", Text(*node.operand));
  }
  std::string ExpressionText(const CompareExpr& node) const {
    static constexpr const char* kOps[] = {"=", "!=", "<", "<=", ">", ">="};
    return absl::StrCat(Text(*node.left), " ", kOps[static_cast<int>(node.op)], " ",
                        Text(*node.right));
  }
  std::string ExpressionText(const ArithmeticExpr& node) const {
    static constexpr const char* kOps[] = {"+", "-", "*", "/", "%"};
    return absl::StrCat("(", Text(*node.left), " ", kOps[static_cast<int>(node.op)], " ",
                        Text(*node.right), ")");
  }
  std::string ExpressionText(const NegateExpr& node) const {
    return absl::StrCat("-", Text(*node.operand));
  }
  std::string ExpressionText(const TimeExpr& node) const {
    static constexpr const char* kOps[] = {"before", "after", "in", "overlaps", "equals"};
    return absl::StrCat(node.possibly ? "possibly " : "", Text(*node.left), " ",
                        kOps[static_cast<int>(node.op)], " ", Text(*node.right));
  }
  std::string ExpressionText(const InExpr& node) const {
    return absl::StrCat(Text(*node.value), " in (", ListText(node.list, ", "), ")");
  }
  std::string ExpressionText(const CallExpr& node) const {
    return absl::StrCat(node.function, "(", ListText(node.arguments, ", "), ")");
  }
  std::string ExpressionText(const ExistsExpr& node) const {
    Dumper inner(id_text_);
    inner.Write(*node.plan, 0);
    std::string plan = inner.Take();
    if (plan.ends_with('\n')) plan.pop_back();
    return absl::StrCat("exists {", plan, "}");
  }

  std::string SlotText(const Slot& slot) const {
    switch (slot.kind) {
      case Slot::Kind::kAny:
        return "_";
      case Slot::Kind::kVariable:
        return Name(slot.variable);
      case Slot::Kind::kConstant:
        return id_text_(slot.id);
    }
    return "";
  }
  static std::string WindowText(const TimeWindow& window) {
    // Beyond all years that can be written, which is where open ends are.
    constexpr int64_t kFar = 1000000 * 366 * kSecondsPerDay;
    const auto instant = [](int64_t at) {
      if (at < -kFar || at > kFar) return std::string();
      std::string text = Time::FromInstant(at).ToString();
      // Whole days, which most windows are, read better without the clock.
      if (text.ends_with("T00:00:00Z") || text.ends_with("T23:59:59Z")) {
        text.resize(text.size() - 10);
      }
      return text;
    };
    return absl::StrCat(instant(window.first), "..", instant(window.last));
  }

  void Line(const Plan& plan, size_t depth, std::string text) {
    out_.append(depth * 2, ' ');
    out_ += text;
    if (plan.estimated_rows.has_value()) {
      absl::StrAppend(&out_, "  ~", static_cast<uint64_t>(std::llround(*plan.estimated_rows)),
                      " rows");
    }
    if (node_text_) out_ += node_text_(plan);
    out_ += '\n';
  }
  void Line(const Plan& plan, size_t depth, const char* word, std::string rest) {
    Line(plan, depth, rest.empty() ? std::string(word) : absl::StrCat(word, " ", rest));
  }

  void WriteNode(const Plan& plan, const Unit&, size_t depth) { Line(plan, depth, "one row"); }
  void WriteNode(const Plan& plan, const Empty& node, size_t depth) {
    Line(plan, depth, "nothing", Names(node.variables));
  }
  void WriteNode(const Plan& plan, const Values& node, size_t depth) {
    std::string text = absl::StrCat("values ", Names(node.variables), ":");
    for (const auto& row : node.rows) {
      std::string cells;
      for (const Term& term : row) {
        absl::StrAppend(&cells, cells.empty() ? "" : ", ",
                        term.is_undefined() ? "" : LanguageText(term));
      }
      absl::StrAppend(&text, " (", cells, ")");
    }
    Line(plan, depth, text);
  }
  void WriteNode(const Plan& plan, const Scan& node, size_t depth) {
    std::string text = absl::StrCat("scan (", SlotText(node.subject), ", ",
                                    SlotText(node.predicate), ", ", SlotText(node.object));
    if (node.window.has_value()) {
      absl::StrAppend(&text, ", ",
                      node.time.kind == Slot::Kind::kVariable ? SlotText(node.time) + " " : "",
                      "sharing ", WindowText(*node.window));
    } else if (node.dated || node.time.kind != Slot::Kind::kAny) {
      absl::StrAppend(&text, ", ", SlotText(node.time));
    }
    text += ")";
    if (node.with_source) absl::StrAppend(&text, " from ", SlotText(node.source));
    if (node.fact.kind != Slot::Kind::kAny) absl::StrAppend(&text, " as ", SlotText(node.fact));
    if (!node.count.empty()) {
      absl::StrAppend(&text, " counted as ", Name(node.count));
    } else if (node.merges_repeats) {
      text += " without repeats";
    }
    Line(plan, depth, text);
  }
  static bool IsShortest(const Path& node) {
    return node.chain.has_value() || node.length.has_value() || node.in_time_order;
  }
  void WriteNode(const Plan& plan, const Path& node, size_t depth) {
    std::string text = absl::StrCat(IsShortest(node) ? "shortest" : "path", " (",
                                    SlotText(node.from), ", ", node.text, ", ", SlotText(node.to));
    if (node.window.has_value()) {
      absl::StrAppend(&text, ", sharing ", WindowText(*node.window));
    } else if (node.dated) {
      text += ", _";
    }
    text += ")";
    if (node.in_time_order) text += " in time order";
    if (node.chain.has_value()) absl::StrAppend(&text, " as ", Name(*node.chain));
    if (node.length.has_value()) absl::StrAppend(&text, " of length ", Name(*node.length));
    Line(plan, depth, text);
  }
  void WriteNode(const Plan& plan, const Join& node, size_t depth) {
    Line(plan, depth, "join" + GapsText(node.gaps));
    for (const PlanPtr& child : node.children) Write(*child, depth + 1);
  }
  void WriteNode(const Plan& plan, const MultiwayJoin& node, size_t depth) {
    const auto shown = node.variables.begin() + static_cast<ptrdiff_t>(node.shown);
    std::string text = Names({node.variables.begin(), shown});
    if (shown != node.variables.end()) {
      absl::StrAppend(&text, text.empty() ? "if there is " : ", if there is ",
                      Names({shown, node.variables.end()}));
    }
    Line(plan, depth, "multiway join of", text);
    for (const PlanPtr& child : node.children) Write(*child, depth + 1);
  }
  void WriteNode(const Plan& plan, const LeftJoin& node, size_t depth) {
    WriteBinary(plan, node, "left join", depth);
  }
  void WriteNode(const Plan& plan, const SemiJoin& node, size_t depth) {
    WriteBinary(plan, node, "semi join", depth);
  }
  void WriteNode(const Plan& plan, const AntiJoin& node, size_t depth) {
    WriteBinary(plan, node, "anti join", depth);
  }
  void WriteNode(const Plan& plan, const OuterRef& node, size_t depth) {
    Line(plan, depth, absl::StrCat("outer #", node.number, " ", Names(node.variables)));
  }
  void WriteNode(const Plan& plan, const Union& node, size_t depth) {
    Line(plan, depth, "union");
    for (const PlanPtr& child : node.children) Write(*child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Filter& node, size_t depth) {
    Line(plan, depth, "filter", ListText(node.conditions, " and "));
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Extend& node, size_t depth) {
    Line(plan, depth, absl::StrCat("let ", Name(node.variable), " = ", Text(*node.expression)));
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Group& node, size_t depth) {
    std::string text = "group";
    if (!node.keys.empty()) absl::StrAppend(&text, " by ", Names(node.keys));
    text += ":";
    for (const Aggregate& aggregate : node.aggregates) {
      static constexpr const char* kNames[] = {"count", "count", "sum",   "avg", "min",
                                               "max",   "list",  "first", "last"};
      const bool times =
          aggregate.function == AggregateFunction::kCountRows && aggregate.argument != nullptr;
      absl::StrAppend(
          &text, " ", Name(aggregate.result), " = ", kNames[static_cast<int>(aggregate.function)],
          "(", aggregate.distinct ? "distinct " : "",
          aggregate.function == AggregateFunction::kCountRows ? "*" : "", times ? " times " : "",
          aggregate.argument == nullptr ? "" : Text(*aggregate.argument),
          aggregate.by == nullptr ? "" : " by " + Text(*aggregate.by), ")");
    }
    Line(plan, depth, text);
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Project& node, size_t depth) {
    Line(plan, depth, "project", Names(node.variables));
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Distinct& node, size_t depth) {
    Line(plan, depth, node.may_stop ? "distinct where it pays" : "distinct");
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Coalesce& node, size_t depth) {
    Line(plan, depth, "coalesce", Name(node.time));
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Sort& node, size_t depth) {
    Line(plan, depth, "sort", KeysText(node.keys));
    Write(*node.child, depth + 1);
  }
  void WriteNode(const Plan& plan, const Limit& node, size_t depth) {
    std::string text = node.limit.has_value() ? absl::StrCat("limit ", *node.limit) : "all";
    if (node.with_ties) absl::StrAppend(&text, " with ties on ", KeysText(node.keys));
    if (node.offset > 0) absl::StrAppend(&text, " offset ", node.offset);
    Line(plan, depth, text);
    Write(*node.child, depth + 1);
  }
  template <typename T>
  void WriteBinary(const Plan& plan, const T& node, const char* name, size_t depth) {
    std::string text = name;
    if (!node.conditions.empty()) {
      absl::StrAppend(&text, " where ", ListText(node.conditions, " and "));
    }
    text += GapsText(node.gaps);
    if (node.outer != 0) absl::StrAppend(&text, " feeding outer #", node.outer);
    Line(plan, depth, text);
    Write(*node.left, depth + 1);
    Write(*node.right, depth + 1);
  }
  static std::string GapsText(const std::vector<TimeGap>& gaps) {
    std::string text;
    for (const TimeGap& gap : gaps) {
      absl::StrAppend(&text, text.empty() ? " near in time: " : ", ",
                      gap.from_end ? "end(" : "start(", Name(gap.earlier), ")");
      if (gap.seconds != 0) {
        const int64_t length = gap.seconds < 0 ? -gap.seconds : gap.seconds;
        absl::StrAppend(&text, gap.seconds < 0 ? " - " : " + ", ToString(Duration{0, length}));
      }
      absl::StrAppend(&text, " <= ", gap.to_end ? "end(" : "start(", Name(gap.later), ")");
    }
    return text;
  }
  static std::string KeysText(const std::vector<SortKey>& keys) {
    std::string text;
    for (const SortKey& key : keys) {
      absl::StrAppend(&text, text.empty() ? "" : " ", Name(key.variable),
                      key.descending ? " desc" : "");
    }
    return text;
  }

  const IdText& id_text_;
  const NodeText node_text_;
  std::string out_;
};

}  // namespace

std::string DumpPlan(const Plan& plan, const IdText& id_text, const NodeText& node_text) {
  Dumper dumper(id_text, node_text);
  dumper.Write(plan, 0);
  return dumper.Take();
}

std::string DumpExpression(const Expression& expression, const IdText& id_text) {
  return Dumper(id_text).Text(expression);
}

}  // namespace annals::algebra
