// Terms, patterns, formulas, questions and statements of the AST.
#include "query/native/build_ast.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "storage/base/text.h"

namespace annals::native {
namespace {

void AppendUtf8(uint32_t c, std::string* out) {
  if (c < 0x80) {
    *out += static_cast<char>(c);
  } else if (c < 0x800) {
    *out += static_cast<char>(0xc0 | c >> 6);
    *out += static_cast<char>(0x80 | (c & 0x3f));
  } else if (c < 0x10000) {
    *out += static_cast<char>(0xe0 | c >> 12);
    *out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (c & 0x3f));
  } else {
    *out += static_cast<char>(0xf0 | c >> 18);
    *out += static_cast<char>(0x80 | (c >> 12 & 0x3f));
    *out += static_cast<char>(0x80 | (c >> 6 & 0x3f));
    *out += static_cast<char>(0x80 | (c & 0x3f));
  }
}

// Decodes the escapes of a string up to its closing quote and leaves what follows it in `rest`;
// false if an escape names no character that may stand in a text.
bool Unescape(std::string_view text, std::string* value, std::string_view* rest) {
  size_t i = 1;
  for (; i < text.size() && text[i] != '"'; ++i) {
    if (text[i] != '\\') {
      *value += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'u' || c == 'U') {
      const size_t digits = c == 'u' ? 4 : 8;
      uint32_t code = 0;
      if (!absl::SimpleHexAtoi(ToAbsl(text.substr(i + 1, digits)), &code)) return false;
      if (code == 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return false;
      AppendUtf8(code, value);
      i += digits;
    } else {
      *value += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
    }
  }
  *rest = text.substr(i + 1);
  return true;
}

std::string Unquote(std::string_view text) {
  std::string name;
  for (size_t i = 1; i + 1 < text.size(); ++i) {
    name += text[i];
    if (text[i] == '`') ++i;
  }
  return name;
}

}  // namespace

Span AstBuilder::SpanOf(const Node& node) const {
  return {static_cast<size_t>(node.begin - text_.text().data()),
          static_cast<size_t>(node.end - text_.text().data())};
}

absl::Status AstBuilder::Fault(const Node& node, std::string_view message,
                               std::string_view hint) const {
  return text_.Error(SpanOf(node), message, hint);
}

absl::Status AstBuilder::BuildString(const Node& node, TermExpr* term) {
  std::string_view rest;
  if (!Unescape(node.text(), &term->text, &rest)) {
    return Fault(node,
                 "an escape in this text names no character; \\u0000 and surrogates are none");
  }
  if (rest.starts_with('@')) term->language = AsciiLower(rest.substr(1));
  if (rest.starts_with("^^")) {
    rest.remove_prefix(2);
    term->datatype_prefixed = !rest.starts_with('<');
    term->datatype = term->datatype_prefixed ? rest : rest.substr(1, rest.size() - 2);
  }
  return absl::OkStatus();
}

absl::StatusOr<TermExpr> AstBuilder::BuildTerm(const Node& node) {
  TermExpr term;
  term.span = SpanOf(node);
  const std::string_view text = node.text();
  switch (node.tag) {
    case Tag::kVariable:
      term.kind = TermExpr::Kind::kVariable;
      term.text = text.substr(1);
      break;
    case Tag::kParameter:
      term.kind = TermExpr::Kind::kParameter;
      term.text = text.substr(1);
      break;
    case Tag::kQuotedName:
      term.kind = TermExpr::Kind::kQuotedName;
      term.text = Unquote(text);
      if (term.text.empty()) return Fault(node, "a name can't be empty");
      break;
    case Tag::kIri:
      term.kind = TermExpr::Kind::kIri;
      term.text = text.substr(1, text.size() - 2);
      if (term.text.empty()) return Fault(node, "an IRI can't be empty");
      break;
    case Tag::kBlankNode:
      term.kind = TermExpr::Kind::kBlankNode;
      term.text = text.substr(2);
      break;
    case Tag::kAnything:
    case Tag::kPathAny:
      term.kind = TermExpr::Kind::kAnything;
      break;
    case Tag::kString:
      term.kind = TermExpr::Kind::kString;
      ANNALS_RETURN_IF_ERROR(BuildString(node, &term));
      break;
    case Tag::kKey:
    case Tag::kWord:
    case Tag::kPathName:
    case Tag::kUnitWord:
    case Tag::kTime:
    case Tag::kNumber:
    case Tag::kBoolean:
      term.kind = TermExpr::Kind::kWord;
      term.text = FoldAsciiSpace(text);
      break;
    default:
      return Internal("the grammar gave a node that is no term");
  }
  return term;
}

absl::StatusOr<std::vector<TermExpr>> AstBuilder::BuildTerms(const Node& node) {
  std::vector<TermExpr> terms;
  for (const auto& child : node.children) {
    ANNALS_ASSIGN_OR_RETURN(TermExpr term, BuildTerm(*child));
    terms.push_back(std::move(term));
  }
  return terms;
}

absl::StatusOr<Path> AstBuilder::BuildPathRepeat(const Node& node) {
  PathRepeat repeat;
  ANNALS_ASSIGN_OR_RETURN(Path inner, BuildPath(node.child(0)));
  repeat.path = std::make_unique<Path>(std::move(inner));
  const Node& sign = node.child(1);
  if (sign.tag == Tag::kPathPlus) repeat.least = 1;
  if (sign.tag == Tag::kPathMaybe) repeat.most = 1;
  if (sign.tag == Tag::kPathTimes) {
    const Node* most = sign.Find(Tag::kPathMost);
    uint64_t number = 0;
    if (!absl::SimpleAtoi(ToAbsl(sign.child(0).text()), &repeat.least) ||
        (most != nullptr && !absl::SimpleAtoi(ToAbsl(most->text()), &number))) {
      return Fault(sign, "this number of repetitions is too large");
    }
    if (most != nullptr) repeat.most = number;
    if (sign.Find(Tag::kPathComma) == nullptr) repeat.most = repeat.least;
    if (repeat.most.has_value() && *repeat.most < repeat.least) {
      return Fault(sign, "the most repetitions are fewer than the least");
    }
  }
  return Path{std::move(repeat), SpanOf(node)};
}

absl::StatusOr<Path> AstBuilder::BuildPath(const Node& node) {
  const auto parts = [&]() -> absl::StatusOr<std::vector<Path>> {
    std::vector<Path> result;
    for (const auto& child : node.children) {
      ANNALS_ASSIGN_OR_RETURN(Path part, BuildPath(*child));
      result.push_back(std::move(part));
    }
    return result;
  };
  switch (node.tag) {
    case Tag::kPath: {
      ANNALS_ASSIGN_OR_RETURN(std::vector<Path> all, parts());
      return Path{PathAlternative{std::move(all)}, SpanOf(node)};
    }
    case Tag::kPathSequence: {
      ANNALS_ASSIGN_OR_RETURN(std::vector<Path> all, parts());
      return Path{PathSequence{std::move(all)}, SpanOf(node)};
    }
    case Tag::kPathGroup:
      return BuildPath(node.child(0));
    case Tag::kPathRepeat:
      return BuildPathRepeat(node);
    case Tag::kPathNot: {
      ANNALS_ASSIGN_OR_RETURN(Path inner, BuildPath(node.child(0)));
      return Path{PathNegated{std::make_unique<Path>(std::move(inner))}, SpanOf(node)};
    }
    case Tag::kPathInverse: {
      ANNALS_ASSIGN_OR_RETURN(Path inner, BuildPath(node.child(0)));
      return Path{PathInverse{std::make_unique<Path>(std::move(inner))}, SpanOf(node)};
    }
    default: {
      ANNALS_ASSIGN_OR_RETURN(TermExpr term, BuildTerm(node));
      return Path{PathStep{std::move(term)}, SpanOf(node)};
    }
  }
}

absl::Status AstBuilder::BuildTuple(const Node& node, Pattern* pattern) {
  ANNALS_ASSIGN_OR_RETURN(pattern->subject, BuildTerm(node.child(0)));
  ANNALS_ASSIGN_OR_RETURN(pattern->predicate, BuildPath(node.child(1)));
  ANNALS_ASSIGN_OR_RETURN(pattern->object, BuildTerm(node.child(2)));
  if (node.children.size() > 3) {
    ANNALS_ASSIGN_OR_RETURN(pattern->time, BuildTerm(node.child(3)));
    if (pattern->time->kind == TermExpr::Kind::kWord) {
      if (auto time = Time::Parse(pattern->time->text); !time.ok()) {
        return Fault(node.child(3), ToStd(time.status().message()));
      }
    }
  }
  pattern->span = pattern->tuple = SpanOf(node);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Qualifier>> AstBuilder::BuildQualifiers(const Node& node) {
  std::vector<Qualifier> qualifiers;
  for (const auto& child : node.children) {
    ANNALS_ASSIGN_OR_RETURN(TermExpr key, BuildTerm(child->child(0)));
    ANNALS_ASSIGN_OR_RETURN(TermExpr value, BuildTerm(child->child(1)));
    qualifiers.push_back({std::move(key), std::move(value)});
  }
  return qualifiers;
}

absl::StatusOr<Pattern> AstBuilder::BuildPattern(const Node& node) {
  Pattern pattern;
  ANNALS_RETURN_IF_ERROR(BuildTuple(node.child(0), &pattern));
  bool has_qualifiers = false;
  for (size_t i = 1; i < node.children.size(); ++i) {
    const Node& part = node.child(i);
    if (part.tag == Tag::kQualifiers) {
      if (std::exchange(has_qualifiers, true)) {
        return Fault(part, "a pattern has its qualifiers in one pair of braces");
      }
      ANNALS_ASSIGN_OR_RETURN(pattern.qualifiers, BuildQualifiers(part));
    } else if (part.tag == Tag::kFrom) {
      if (pattern.source.has_value()) return Fault(part, "a pattern has at most one 'from'");
      ANNALS_ASSIGN_OR_RETURN(pattern.source, BuildTerm(part.child(0)));
    } else {
      if (pattern.fact.has_value()) return Fault(part, "a pattern has at most one 'as'");
      ANNALS_ASSIGN_OR_RETURN(pattern.fact, BuildTerm(part.child(0)));
    }
  }
  pattern.span = SpanOf(node);
  return pattern;
}

absl::StatusOr<std::vector<Pattern>> AstBuilder::BuildPatterns(const Node& node, size_t from) {
  std::vector<Pattern> patterns;
  patterns.reserve(node.children.size());
  for (size_t i = from; i < node.children.size(); ++i) {
    if (node.child(i).tag != Tag::kPattern) continue;
    ANNALS_ASSIGN_OR_RETURN(Pattern pattern, BuildPattern(node.child(i)));
    patterns.push_back(std::move(pattern));
  }
  return patterns;
}

absl::StatusOr<FormulaPtr> AstBuilder::BuildFormulaPtr(const Node& node) {
  ANNALS_ASSIGN_OR_RETURN(Formula formula, BuildFormula(node));
  return std::make_unique<Formula>(std::move(formula));
}

absl::StatusOr<std::vector<Formula>> AstBuilder::BuildFormulas(const Node& node) {
  std::vector<Formula> formulas;
  for (const auto& child : node.children) {
    ANNALS_ASSIGN_OR_RETURN(Formula formula, BuildFormula(*child));
    formulas.push_back(std::move(formula));
  }
  return formulas;
}

absl::StatusOr<Formula> AstBuilder::BuildShortest(const Node& node) {
  FormulaShortest shortest;
  shortest.pattern = std::make_unique<Pattern>();
  ANNALS_RETURN_IF_ERROR(BuildTuple(node.child(0), shortest.pattern.get()));
  shortest.in_time_order = node.Find(Tag::kInTimeOrder) != nullptr;
  ANNALS_ASSIGN_OR_RETURN(shortest.variable, BuildTerm(*node.children.back()));
  return Formula{std::move(shortest), SpanOf(node)};
}

absl::StatusOr<Formula> AstBuilder::BuildEvery(const Node& node) {
  FormulaEvery every;
  every.unit = node.child(0).text();
  every.unit_span = SpanOf(node.child(0));
  ANNALS_ASSIGN_OR_RETURN(every.window, BuildExpr(node.child(1)));
  ANNALS_ASSIGN_OR_RETURN(every.variable, BuildTerm(node.child(2)));
  return Formula{std::move(every), SpanOf(node)};
}

absl::StatusOr<Formula> AstBuilder::BuildFormula(const Node& node) {
  const Span span = SpanOf(node);
  switch (node.tag) {
    case Tag::kFormula: {
      ANNALS_ASSIGN_OR_RETURN(std::vector<Formula> parts, BuildFormulas(node));
      return Formula{FormulaOr{std::move(parts)}, span};
    }
    case Tag::kAndFormula: {
      ANNALS_ASSIGN_OR_RETURN(std::vector<Formula> parts, BuildFormulas(node));
      return Formula{FormulaAnd{std::move(parts)}, span};
    }
    case Tag::kPattern: {
      ANNALS_ASSIGN_OR_RETURN(Pattern pattern, BuildPattern(node));
      return Formula{std::move(pattern), span};
    }
    case Tag::kBraces: {
      if (node.child(0).tag == Tag::kFind) {
        ANNALS_ASSIGN_OR_RETURN(Find find, BuildQuestion(node.child(0)));
        return Formula{FormulaFind{std::make_unique<Find>(std::move(find))}, span};
      }
      ANNALS_ASSIGN_OR_RETURN(FormulaPtr inner, BuildFormulaPtr(node.child(0)));
      return Formula{FormulaGroup{std::move(inner)}, span};
    }
    case Tag::kNotFormula: {
      ANNALS_ASSIGN_OR_RETURN(FormulaPtr inner, BuildFormulaPtr(node.child(0)));
      return Formula{FormulaNot{std::move(inner)}, span};
    }
    case Tag::kOptional: {
      ANNALS_ASSIGN_OR_RETURN(FormulaPtr inner, BuildFormulaPtr(node.child(0)));
      return Formula{FormulaOptional{std::move(inner)}, span};
    }
    case Tag::kLet: {
      FormulaLet let;
      ANNALS_ASSIGN_OR_RETURN(let.variable, BuildTerm(node.child(0)));
      ANNALS_ASSIGN_OR_RETURN(let.value, BuildExpr(node.child(1)));
      return Formula{std::move(let), span};
    }
    case Tag::kShortest:
      return BuildShortest(node);
    case Tag::kCoalesced: {
      auto pattern = std::make_unique<Pattern>();
      ANNALS_RETURN_IF_ERROR(BuildTuple(node.child(0), pattern.get()));
      return Formula{FormulaCoalesced{std::move(pattern)}, span};
    }
    case Tag::kEvery:
      return BuildEvery(node);
    case Tag::kCondition: {
      ANNALS_ASSIGN_OR_RETURN(Expr condition, BuildExpr(node.child(0)));
      return Formula{FormulaCondition{std::move(condition)}, span};
    }
    default:
      return Internal("the grammar gave a node that is no formula");
  }
}

absl::StatusOr<FindItem> AstBuilder::BuildFindItem(const Node& node) {
  FindItem item;
  item.span = SpanOf(node);
  ANNALS_ASSIGN_OR_RETURN(item.value, BuildExpr(node.child(0)));
  if (node.children.size() > 1) {
    std::string_view name = node.child(1).text();
    if (name.starts_with('?')) name.remove_prefix(1);
    item.name = name;
    item.named = true;
  } else {
    std::string_view name = node.child(0).text();
    if (node.child(0).tag == Tag::kVariable) name.remove_prefix(1);
    item.name = FoldAsciiSpace(name);
  }
  return item;
}

absl::StatusOr<RowCount> AstBuilder::BuildRowCount(const Node& node) {
  if (!node.children.empty()) {
    ANNALS_ASSIGN_OR_RETURN(TermExpr parameter, BuildTerm(node.child(0)));
    return RowCount{std::move(parameter)};
  }
  TermExpr term;
  term.text = node.text();
  term.span = SpanOf(node);
  uint64_t number = 0;
  if (!absl::SimpleAtoi(ToAbsl(node.text()), &number)) {
    return Fault(node, "expected a whole number of rows, 0 or more");
  }
  return RowCount{std::move(term)};
}

absl::Status AstBuilder::BuildClause(const Node& node, Find* find) {
  switch (node.tag) {
    case Tag::kWhere: {
      ANNALS_ASSIGN_OR_RETURN(find->where, BuildFormula(node.child(0)));
      break;
    }
    case Tag::kHaving: {
      ANNALS_ASSIGN_OR_RETURN(find->having, BuildExpr(node.child(0)));
      break;
    }
    case Tag::kOrder:
      for (const auto& child : node.children) {
        ANNALS_ASSIGN_OR_RETURN(Expr value, BuildExpr(child->child(0)));
        find->order.push_back({std::move(value), child->Find(Tag::kDescending) != nullptr});
      }
      break;
    case Tag::kLimit: {
      ANNALS_ASSIGN_OR_RETURN(find->limit, BuildRowCount(node.child(0)));
      find->with_ties = node.Find(Tag::kTies) != nullptr;
      break;
    }
    case Tag::kOffset: {
      ANNALS_ASSIGN_OR_RETURN(find->offset, BuildRowCount(node.child(0)));
      break;
    }
    case Tag::kAsOf: {
      ANNALS_ASSIGN_OR_RETURN(find->as_of, BuildExpr(node.child(0)));
      break;
    }
    case Tag::kPublished: {
      ANNALS_ASSIGN_OR_RETURN(find->published_by, BuildExpr(node.child(0)));
      break;
    }
    default:
      return Internal("the grammar gave a node that is no clause");
  }
  return absl::OkStatus();
}

absl::StatusOr<Find> AstBuilder::BuildQuestion(const Node& node) {
  Find find;
  find.span = SpanOf(node);
  find.is_find = node.tag == Tag::kFind;
  size_t i = 0;
  if (find.is_find) {
    for (; i < node.children.size() && node.child(i).tag == Tag::kFindItem; ++i) {
      ANNALS_ASSIGN_OR_RETURN(FindItem item, BuildFindItem(node.child(i)));
      find.items.push_back(std::move(item));
    }
  } else {
    ANNALS_ASSIGN_OR_RETURN(find.where, BuildFormula(node.child(i++)));
  }
  for (; i < node.children.size(); ++i) {
    ANNALS_RETURN_IF_ERROR(BuildClause(node.child(i), &find));
  }
  return find;
}

template <typename T>
absl::StatusOr<Statement> AstBuilder::QuestionStatement(const Node& node, Span span) {
  ANNALS_ASSIGN_OR_RETURN(Find question, BuildQuestion(node));
  return Statement{T{std::move(question)}, span};
}

absl::StatusOr<Statement> AstBuilder::BuildLoad(const Node& node) {
  Load load;
  for (const auto& child : node.children) {
    if (child->tag == Tag::kString) {
      ANNALS_ASSIGN_OR_RETURN(TermExpr file, BuildTerm(*child));
      load.files.push_back(std::move(file));
    } else if (child->tag == Tag::kFormat) {
      load.format = child->text();
    } else if (child->tag == Tag::kColumns) {
      ANNALS_ASSIGN_OR_RETURN(load.columns, BuildTerms(*child));
    } else if (child->tag == Tag::kLoadSource) {
      ANNALS_ASSIGN_OR_RETURN(load.source, BuildTerm(child->child(0)));
    } else if (child->tag == Tag::kOnError) {
      load.skip_errors = true;
      if (const Node* report = child->Find(Tag::kReport)) {
        ANNALS_ASSIGN_OR_RETURN(TermExpr file, BuildTerm(report->child(0)));
        load.report = file.text;
      }
    } else {
      load.replacing_source = true;
    }
  }
  return Statement{std::move(load), SpanOf(node)};
}

absl::StatusOr<Statement> AstBuilder::BuildExport(const Node& node) {
  Export statement;
  ANNALS_ASSIGN_OR_RETURN(statement.file, BuildTerm(node.child(0)));
  if (node.children.size() > 1) {
    if (node.child(1).tag == Tag::kFind) {
      ANNALS_ASSIGN_OR_RETURN(statement.find, BuildQuestion(node.child(1)));
    } else {
      ANNALS_ASSIGN_OR_RETURN(statement.where, BuildFormula(node.child(1).child(0)));
    }
  }
  return Statement{std::move(statement), SpanOf(node)};
}

// Statements that tell facts, or rules of them.
absl::StatusOr<Statement> AstBuilder::BuildTelling(const Node& node) {
  const Span span = SpanOf(node);
  if (node.tag == Tag::kAdd) {
    ANNALS_ASSIGN_OR_RETURN(std::vector<Pattern> facts, BuildPatterns(node, 0));
    return Statement{Add{std::move(facts)}, span};
  }
  if (node.tag == Tag::kFromBlock) {
    FromBlock block;
    ANNALS_ASSIGN_OR_RETURN(block.source, BuildTerm(node.child(0)));
    ANNALS_ASSIGN_OR_RETURN(block.facts, BuildPatterns(node, 1));
    return Statement{std::move(block), span};
  }
  if (node.tag == Tag::kRemove) {
    Remove remove;
    ANNALS_ASSIGN_OR_RETURN(remove.facts, BuildPatterns(node, 0));
    if (const Node* where = node.Find(Tag::kWhere)) {
      ANNALS_ASSIGN_OR_RETURN(remove.where, BuildFormula(where->child(0)));
    }
    return Statement{std::move(remove), span};
  }
  if (node.tag == Tag::kRule) {
    Rule rule;
    ANNALS_RETURN_IF_ERROR(BuildTuple(node.child(0), &rule.head));
    ANNALS_ASSIGN_OR_RETURN(rule.body, BuildFormula(node.child(1)));
    return Statement{std::move(rule), span};
  }
  History history;
  ANNALS_RETURN_IF_ERROR(BuildTuple(node.child(0), &history.pattern));
  return Statement{std::move(history), span};
}

// Statements about one name in parentheses.
absl::StatusOr<Statement> AstBuilder::BuildNamed(const Node& node) {
  const Span span = SpanOf(node);
  ANNALS_ASSIGN_OR_RETURN(TermExpr name, BuildTerm(node.child(0)));
  switch (node.tag) {
    case Tag::kDescribe:
      return Statement{Describe{std::move(name)}, span};
    case Tag::kTimeline: {
      Timeline timeline;
      timeline.entity = std::move(name);
      if (node.children.size() > 1) {
        ANNALS_ASSIGN_OR_RETURN(timeline.time, BuildTerm(node.child(1)));
        if (timeline.time->kind == TermExpr::Kind::kWord) {
          if (auto time = Time::Parse(timeline.time->text); !time.ok()) {
            return Fault(node.child(1), ToStd(time.status().message()));
          }
        }
      }
      return Statement{std::move(timeline), span};
    }
    case Tag::kConflicts:
      return Statement{Conflicts{std::move(name)}, span};
    case Tag::kWithdraw:
      return Statement{Withdraw{std::move(name)}, span};
    case Tag::kUnmerge:
      return Statement{Unmerge{std::move(name)}, span};
    case Tag::kDropRule:
      return Statement{DropRule{std::move(name)}, span};
    case Tag::kMerge: {
      ANNALS_ASSIGN_OR_RETURN(TermExpr into, BuildTerm(node.child(1)));
      return Statement{Merge{std::move(name), std::move(into)}, span};
    }
    case Tag::kAlias: {
      AliasDecl alias;
      alias.entity = std::move(name);
      for (size_t i = 1; i < node.children.size(); ++i) {
        ANNALS_ASSIGN_OR_RETURN(TermExpr text, BuildTerm(node.child(i)));
        alias.texts.push_back(std::move(text));
      }
      return Statement{std::move(alias), span};
    }
    default: {
      std::vector<Qualifier> qualifiers;
      if (node.children.size() > 1) {
        ANNALS_ASSIGN_OR_RETURN(qualifiers, BuildQualifiers(node.child(1)));
      }
      if (node.tag == Tag::kSource) {
        return Statement{SourceDecl{std::move(name), std::move(qualifiers)}, span};
      }
      return Statement{PredicateDecl{std::move(name), std::move(qualifiers)}, span};
    }
  }
}

absl::StatusOr<Statement> AstBuilder::BuildStatement(const SyntaxNode& node) {
  const Span span = SpanOf(node);
  switch (node.tag) {
    case Tag::kFind:
    case Tag::kFormulaQuestion:
      return QuestionStatement<Ask>(node, span);
    case Tag::kWhy:
      return QuestionStatement<Why>(node.child(0), span);
    case Tag::kExplain:
      return QuestionStatement<Explain>(node.child(0), span);
    case Tag::kProfile:
      return QuestionStatement<Profile>(node.child(0), span);
    case Tag::kShow:
      return Statement{Show{std::string(node.child(0).text()), SpanOf(node.child(0))}, span};
    case Tag::kBegin:
      return Statement{Begin{}, span};
    case Tag::kCommit:
      return Statement{Commit{}, span};
    case Tag::kRollback:
      return Statement{Rollback{}, span};
    case Tag::kPrefix:
      return Statement{PrefixDecl{node.children.size() > 1 ? std::string(node.child(0).text()) : "",
                                  std::string(node.children.back()->text().substr(
                                      1, node.children.back()->text().size() - 2))},
                       span};
    case Tag::kLoad:
      return BuildLoad(node);
    case Tag::kCheck: {
      ANNALS_ASSIGN_OR_RETURN(TermExpr file, BuildTerm(node.child(0)));
      return Statement{Check{std::move(file)}, span};
    }
    case Tag::kExport:
      return BuildExport(node);
    case Tag::kAdd:
    case Tag::kRemove:
    case Tag::kFromBlock:
    case Tag::kRule:
    case Tag::kHistory:
      return BuildTelling(node);
    default:
      return BuildNamed(node);
  }
}

}  // namespace annals::native
