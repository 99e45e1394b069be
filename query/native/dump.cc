#include "query/native/dump.h"

#include <string_view>

#include "absl/strings/str_cat.h"
#include "storage/base/status.h"

namespace annals::native {
namespace {

std::string_view OperatorName(BinaryOp op) {
  switch (op) {
    case BinaryOp::kOr:
      return "or";
    case BinaryOp::kAnd:
      return "and";
    case BinaryOp::kEqual:
      return "=";
    case BinaryOp::kNotEqual:
      return "!=";
    case BinaryOp::kLess:
      return "<";
    case BinaryOp::kLessOrEqual:
      return "<=";
    case BinaryOp::kGreater:
      return ">";
    case BinaryOp::kGreaterOrEqual:
      return ">=";
    case BinaryOp::kBefore:
      return "before";
    case BinaryOp::kAfter:
      return "after";
    case BinaryOp::kIn:
      return "in";
    case BinaryOp::kOverlaps:
      return "overlaps";
    case BinaryOp::kEquals:
      return "equals";
    case BinaryOp::kAdd:
      return "+";
    case BinaryOp::kSubtract:
      return "-";
    case BinaryOp::kMultiply:
      return "*";
    case BinaryOp::kDivide:
      return "/";
    case BinaryOp::kModulo:
      return "%";
  }
  return "";
}

// Appends to one string; each method writes one node, with nothing before and after it.
class Dumper {
 public:
  std::string Take() && { return std::move(out_); }

  void Write(const TermExpr& term) {
    switch (term.kind) {
      case TermExpr::Kind::kWord:
        return Quote('\'', term.text);
      case TermExpr::Kind::kQuotedName:
        return Quote('`', term.text);
      case TermExpr::Kind::kIri:
        return Put("<", term.text, ">");
      case TermExpr::Kind::kBlankNode:
        return Put("_:", term.text);
      case TermExpr::Kind::kString:
        Quote('"', term.text);
        if (!term.language.empty()) Put("@", term.language);
        if (!term.datatype.empty() && term.datatype_prefixed) Put("^^", term.datatype);
        if (!term.datatype.empty() && !term.datatype_prefixed) Put("^^<", term.datatype, ">");
        return;
      case TermExpr::Kind::kVariable:
        return Put("?", term.text);
      case TermExpr::Kind::kAnything:
        return Put("_");
      case TermExpr::Kind::kParameter:
        return Put("$", term.text);
    }
  }

  void Write(const Path& path) { Visit(path.node); }
  void Write(const Expr& expr) { Visit(expr.node); }
  void Write(const Formula& formula) { Visit(formula.node); }
  void Write(const Statement& statement) { Visit(statement.node); }

  // --- Paths and patterns ---
  void Write(const PathStep& step) { Write(step.term); }
  void Write(const PathInverse& inverse) { List("^", *inverse.path); }
  void Write(const PathSequence& sequence) { Many("/", sequence.parts); }
  void Write(const PathAlternative& alternative) { Many("|", alternative.parts); }
  void Write(const PathNegated& negated) { List("!", *negated.path); }
  void Write(const PathRepeat& repeat) {
    Put("(repeat ", repeat.least, "..");
    if (repeat.most.has_value()) Put(*repeat.most);
    Put(" ");
    Write(*repeat.path);
    Put(")");
  }
  void Write(const Qualifier& qualifier) {
    Write(qualifier.key);
    Put(": ");
    Write(qualifier.value);
  }
  void Write(const std::vector<Qualifier>& qualifiers) {
    Put("{");
    for (size_t i = 0; i < qualifiers.size(); ++i) {
      if (i > 0) Put(", ");
      Write(qualifiers[i]);
    }
    Put("}");
  }
  void Write(const Pattern& pattern) {
    Put("(fact ");
    Write(pattern.subject);
    Put(" ");
    Write(pattern.predicate);
    Put(" ");
    Write(pattern.object);
    After(" at ", pattern.time);
    if (!pattern.qualifiers.empty()) {
      Put(" ");
      Write(pattern.qualifiers);
    }
    After(" from ", pattern.source);
    After(" as ", pattern.fact);
    Put(")");
  }

  // --- Expressions ---
  void Write(const ExprTerm& term) { Write(term.term); }
  void Write(const ExprDuration& duration) {
    Put("(duration ", duration.amount, " ", duration.unit, ")");
  }
  void Write(const ExprNot& negation) { List("not", *negation.operand); }
  void Write(const ExprNegate& negation) { List("-", *negation.operand); }
  void Write(const ExprBinary& binary) {
    List(OperatorName(binary.op), *binary.left, *binary.right);
  }
  void Write(const ExprPossibly& possibly) { List("possibly", *possibly.operand); }
  void Write(const ExprInList& in) {
    Put("(in-list ");
    Write(*in.value);
    for (const TermExpr& term : in.list) {
      Put(" ");
      Write(term);
    }
    Put(")");
  }
  void Write(const ExprCall& call) {
    Put("(call ", call.name, call.star ? " *" : "", call.distinct ? " distinct" : "");
    for (const Expr& argument : call.arguments) {
      Put(" ");
      Write(argument);
    }
    if (call.by != nullptr) {
      Put(" by ");
      Write(*call.by);
    }
    Put(")");
  }
  void Write(const ExprExists& exists) { List("exists", *exists.formula); }

  // --- Formulas ---
  void Write(const FormulaAnd& formula) { Many("and", formula.parts); }
  void Write(const FormulaOr& formula) { Many("or", formula.parts); }
  void Write(const FormulaNot& formula) { List("not", *formula.formula); }
  void Write(const FormulaOptional& formula) { List("optional", *formula.formula); }
  void Write(const FormulaGroup& formula) { List("group", *formula.formula); }
  void Write(const FormulaCondition& formula) { List("if", formula.condition); }
  void Write(const FormulaLet& let) { List("let", let.variable, let.value); }
  void Write(const FormulaFind& formula) { Write(*formula.find); }
  void Write(const FormulaShortest& shortest) {
    List(shortest.in_time_order ? "shortest in-time-order" : "shortest", *shortest.pattern,
         shortest.variable);
  }
  void Write(const FormulaCoalesced& coalesced) { List("coalesced", *coalesced.pattern); }
  void Write(const FormulaEvery& every) {
    List(absl::StrCat("every ", every.unit), every.window, every.variable);
  }

  // --- Questions ---
  void Write(const FindItem& item) {
    Put("(", item.named ? "as " : "column ");
    Quote('"', item.name);
    Put(" ");
    Write(item.value);
    Put(")");
  }
  void Write(const OrderKey& key) { List(key.descending ? "desc" : "asc", key.value); }
  void Write(const Find& find) {
    Put(find.is_find ? "(find" : "(ask");
    for (const FindItem& item : find.items) {
      Put(" ");
      Write(item);
    }
    After(" where ", find.where);
    After(" having ", find.having);
    if (!find.order.empty()) {
      Put(" ");
      Many("order", find.order);
    }
    if (find.limit.has_value()) {
      Put(" limit ");
      Write(find.limit->value);
      Put(find.with_ties ? " with-ties" : "");
    }
    if (find.offset.has_value()) {
      Put(" offset ");
      Write(find.offset->value);
    }
    After(" as-of ", find.as_of);
    After(" published-by ", find.published_by);
    Put(")");
  }

  // --- Statements ---
  void Write(const Ask& ask) { Write(ask.question); }
  void Write(const Describe& describe) { List("describe", describe.entity); }
  void Write(const Timeline& timeline) {
    Put("(timeline ");
    Write(timeline.entity);
    After(" at ", timeline.time);
    Put(")");
  }
  void Write(const Why& why) { List("why", why.question); }
  void Write(const Explain& explain) { List("explain", explain.question); }
  void Write(const Profile& profile) { List("profile", profile.question); }
  void Write(const History& history) { List("history", history.pattern); }
  void Write(const Conflicts& conflicts) { List("conflicts", conflicts.predicate); }
  void Write(const Show& show) { Put("(show ", show.what, ")"); }
  void Write(const Add& add) { Many("add", add.facts); }
  void Write(const Remove& remove) {
    Put("(remove");
    for (const Pattern& fact : remove.facts) {
      Put(" ");
      Write(fact);
    }
    After(" where ", remove.where);
    Put(")");
  }
  void Write(const Withdraw& withdraw) { List("withdraw", withdraw.source); }
  void Write(const Begin&) { Put("(begin)"); }
  void Write(const Commit&) { Put("(commit)"); }
  void Write(const Rollback&) { Put("(rollback)"); }
  void Write(const PrefixDecl& prefix) { Put("(prefix ", prefix.prefix, ": <", prefix.iri, ">)"); }
  void Write(const SourceDecl& source) { List("source", source.source, source.qualifiers); }
  void Write(const AliasDecl& alias) {
    Put("(alias ");
    Write(alias.entity);
    for (const TermExpr& text : alias.texts) {
      Put(" ");
      Write(text);
    }
    Put(")");
  }
  void Write(const PredicateDecl& predicate) {
    List("predicate", predicate.predicate, predicate.qualifiers);
  }
  void Write(const FromBlock& block) {
    Put("(from ");
    Write(block.source);
    for (const Pattern& fact : block.facts) {
      Put(" ");
      Write(fact);
    }
    Put(")");
  }
  void Write(const Merge& merge) { List("merge", merge.from, merge.into); }
  void Write(const Unmerge& unmerge) { List("unmerge", unmerge.entity); }
  void Write(const Rule& rule) { List("rule", rule.head, rule.body); }
  void Write(const DropRule& drop) { List("drop-rule", drop.predicate); }
  void Write(const Load& load) {
    Put("(load");
    for (const TermExpr& file : load.files) {
      Put(" ");
      Write(file);
    }
    if (load.format.has_value()) Put(" format ", *load.format);
    if (!load.columns.empty()) {
      Put(" ");
      Many("columns", load.columns);
    }
    After(" from ", load.source);
    Put(load.skip_errors ? " skip-errors" : "");
    if (load.report.has_value()) {
      Put(" report ");
      Quote('"', *load.report);
    }
    Put(load.replacing_source ? " replacing-source)" : ")");
  }
  void Write(const Check& check) { List("check", check.file); }
  void Write(const Export& statement) {
    Put("(export ");
    Write(statement.file);
    After(" where ", statement.where);
    After(" ", statement.find);
    Put(")");
  }

 private:
  template <typename... Args>
  void Put(const Args&... args) {
    const auto bridge = [](const auto& value) {
      if constexpr (std::is_convertible_v<decltype(value), std::string_view>) {
        return ToAbsl(value);
      } else {
        return value;
      }
    };
    absl::StrAppend(&out_, bridge(args)...);
  }

  void Quote(char quote, std::string_view text) {
    out_ += quote;
    for (char c : text) {
      if (c == quote || c == '\\') {
        Put("\\", std::string_view(&c, 1));
      } else if (c == '\n') {
        Put("\\n");
      } else if (static_cast<unsigned char>(c) < 0x20) {
        Put("\\x", absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2));
      } else {
        out_ += c;
      }
    }
    out_ += quote;
  }

  template <typename Variant>
  void Visit(const Variant& variant) {
    std::visit([this](const auto& node) { this->Write(node); }, variant);
  }
  template <typename... Nodes>
  void List(std::string_view head, const Nodes&... nodes) {
    Put("(", head);
    ((Put(" "), Write(nodes)), ...);
    Put(")");
  }
  template <typename Node>
  void Many(std::string_view head, const std::vector<Node>& nodes) {
    Put("(", head);
    for (const Node& node : nodes) {
      Put(" ");
      Write(node);
    }
    Put(")");
  }
  template <typename Node>
  void After(std::string_view word, const std::optional<Node>& node) {
    if (!node.has_value()) return;
    Put(word);
    Write(*node);
  }

  std::string out_;
};

template <typename Node>
std::string Dump(const Node& node) {
  Dumper dumper;
  dumper.Write(node);
  return std::move(dumper).Take();
}

}  // namespace

std::string DumpAst(const Statement& statement) { return Dump(statement); }
std::string DumpAst(const Formula& formula) { return Dump(formula); }
std::string DumpAst(const Expr& expr) { return Dump(expr); }
std::string DumpAst(const TermExpr& term) { return Dump(term); }

}  // namespace annals::native
