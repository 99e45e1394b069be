#include "annals/export.h"

#include <algorithm>
#include <map>
#include <ostream>
#include <set>
#include <streambuf>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/fact_writer.h"
#include "datasets/io/output.h"
#include "query/native/parser.h"
#include "storage/base/text.h"

namespace annals {
namespace {

using datasets::WrittenFact;

constexpr size_t kBatch = 4096;

// --- Facts ---

// A qualifier with who gives it.
struct StoredQualifier {
  TermId key, value, source;
};

// A fact as one source tells it, by ids.
struct StoredFact {
  TermId subject, predicate, object, time, source;
  std::vector<StoredQualifier> qualifiers;
};

// Writes the facts of a view in batches, their terms fetched at once.
class FactExport {
 public:
  FactExport(const GraphView& view, const CheckFunction& check) : view_(view), check_(check) {}

  // `numbers`: of the facts to be written, all if there is none.
  absl::Status Run(const std::optional<std::set<uint64_t>>& numbers, std::string_view format,
                   datasets::Output& output) {
    ANNALS_RETURN_IF_ERROR(ReadQualifiers(numbers));
    datasets::FactWriterOptions options{view_.base_iri(), {}};
    if (format == "csv" || format == "tsv") {
      ANNALS_ASSIGN_OR_RETURN(options.keys, Keys());
    }
    writer_ = datasets::MakeFactWriter(format, output, options);
    if (writer_ == nullptr) return Internal("there is no writer of this format");
    ANNALS_RETURN_IF_ERROR(ReadAssertions([&](const std::vector<TermId>& row) -> absl::Status {
      if (row[kSubject].kind() == TermKind::kFact) return absl::OkStatus();
      const uint64_t number = row[kFact].payload();
      if (numbers.has_value() && !numbers->contains(number)) return absl::OkStatus();
      StoredFact& fact = batch_.emplace_back();
      fact.subject = row[kSubject];
      fact.predicate = row[kPredicate];
      fact.object = row[kObject];
      fact.time = row[kTime];
      fact.source = row[kSource];
      if (number != last_number_) ++facts_;
      last_number_ = number;
      TakeQualifiers(number, &fact);
      return batch_.size() < kBatch ? absl::OkStatus() : WriteBatch();
    }));
    ANNALS_RETURN_IF_ERROR(WriteBatch());
    return writer_->Finish();
  }

  uint64_t facts() const { return facts_; }
  uint64_t changed() const { return writer_->changed(); }
  uint64_t left_out() const { return writer_->left_out(); }
  std::map<std::string, uint64_t> lost_qualifiers() const { return writer_->lost_qualifiers(); }
  // Qualifiers that no file can hold: their source does not give the fact any more.
  uint64_t orphans() const { return qualifier_rows_ - written_qualifiers_; }

 private:
  enum Place { kFact, kSource, kSubject, kPredicate, kObject, kTime };

  // Calls `use` with a row for each fact and source.
  template <typename Use>
  absl::Status ReadAssertions(const Use& use) {
    ScanSpec spec;
    spec.permutation = Permutation::kFact;
    spec.output = {Column::kFact,      Column::kSource, Column::kSubject,
                   Column::kPredicate, Column::kObject, Column::kTime};
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<RowScan> scan, view_.Scan(spec));
    std::vector<std::vector<TermId>> columns(spec.output.size());
    std::vector<TermId> row(columns.size());
    while (true) {
      ANNALS_RETURN_IF_ERROR(check_());
      ANNALS_ASSIGN_OR_RETURN(const size_t rows, scan->Next(columns, kBatch));
      if (rows == 0) return absl::OkStatus();
      for (size_t i = 0; i < rows; ++i) {
        for (size_t column = 0; column < columns.size(); ++column) row[column] = columns[column][i];
        ANNALS_RETURN_IF_ERROR(use(row));
      }
    }
  }

  absl::Status ReadQualifiers(const std::optional<std::set<uint64_t>>& numbers) {
    return ReadAssertions([&](const std::vector<TermId>& row) {
      if (row[kSubject].kind() != TermKind::kFact) return absl::OkStatus();
      const uint64_t of = row[kSubject].payload();
      if (numbers.has_value() && !numbers->contains(of)) return absl::OkStatus();
      qualifiers_[of].push_back({row[kPredicate], row[kObject], row[kSource]});
      ++qualifier_rows_;
      return absl::OkStatus();
    });
  }

  absl::StatusOr<std::vector<std::string>> Keys() const {
    std::set<TermId> ids;
    for (const auto& [fact, qualifiers] : qualifiers_) {
      for (const StoredQualifier& qualifier : qualifiers) ids.insert(qualifier.key);
    }
    std::set<std::string> keys;
    for (const TermId id : ids) {
      ANNALS_ASSIGN_OR_RETURN(const Term key, view_.Get(id));
      if (key.As<Name>() != nullptr) keys.insert(key.As<Name>()->text);
    }
    return std::vector<std::string>(keys.begin(), keys.end());
  }

  void TakeQualifiers(uint64_t number, StoredFact* fact) {
    const auto found = qualifiers_.find(number);
    if (found == qualifiers_.end()) return;
    for (const StoredQualifier& qualifier : found->second) {
      if (qualifier.source != fact->source) continue;
      fact->qualifiers.push_back(qualifier);
      ++written_qualifiers_;
    }
  }

  absl::Status WriteBatch() {
    std::vector<TermId> ids;
    for (const StoredFact& fact : batch_) {
      ids.insert(ids.end(), {fact.subject, fact.predicate, fact.object, fact.time, fact.source});
      for (const StoredQualifier& qualifier : fact.qualifiers) {
        ids.insert(ids.end(), {qualifier.key, qualifier.value});
      }
    }
    std::vector<Term> terms;
    ANNALS_RETURN_IF_ERROR(view_.GetBatch(ids, &terms));
    size_t at = 0;
    const auto next = [&]() -> Term { return std::move(terms[at++]); };
    for (const StoredFact& fact : batch_) {
      WrittenFact written;
      written.subject = next();
      written.predicate = next();
      written.object = next();
      written.time = next();
      written.source = next();
      for (size_t i = 0; i < fact.qualifiers.size(); ++i) {
        Term key = next();
        written.qualifiers.emplace_back(std::move(key), next());
      }
      // In an order that does not depend on how they came in.
      std::sort(written.qualifiers.begin(), written.qualifiers.end(),
                [](const auto& a, const auto& b) {
                  const int keys = CompareForOrder(a.first, b.first);
                  return keys != 0 ? keys < 0 : CompareForOrder(a.second, b.second) < 0;
                });
      ANNALS_RETURN_IF_ERROR(writer_->Write(written));
    }
    batch_.clear();
    return absl::OkStatus();
  }

  const GraphView& view_;
  const CheckFunction& check_;
  std::unique_ptr<datasets::FactWriter> writer_;
  absl::flat_hash_map<uint64_t, std::vector<StoredQualifier>> qualifiers_;
  uint64_t qualifier_rows_ = 0, written_qualifiers_ = 0, facts_ = 0, last_number_ = 0;
  std::vector<StoredFact> batch_;
};

// --- where ---

// Names the facts of the patterns that must or may match; those in a `not` match nothing.
struct PatternNames {
  std::vector<std::string> names = {};

  void Name(native::Pattern& pattern) {
    if (!pattern.fact.has_value()) {
      native::TermExpr variable;
      variable.kind = native::TermExpr::Kind::kVariable;
      // No variable that is typed has a space in it.
      variable.text = absl::StrCat("exported ", names.size());
      variable.span = pattern.predicate.span;
      pattern.fact = std::move(variable);
    }
    names.push_back(pattern.fact->text);
  }

  void Visit(native::Formula& formula) { std::visit(*this, formula.node); }
  void operator()(native::Pattern& pattern) { Name(pattern); }
  void operator()(native::FormulaAnd& node) {
    for (native::Formula& part : node.parts) Visit(part);
  }
  void operator()(native::FormulaOr& node) {
    for (native::Formula& part : node.parts) Visit(part);
  }
  void operator()(native::FormulaOptional& node) { Visit(*node.formula); }
  void operator()(native::FormulaGroup& node) { Visit(*node.formula); }
  void operator()(native::FormulaNot&) {}
  void operator()(native::FormulaCondition&) {}
  void operator()(native::FormulaLet&) {}
  void operator()(native::FormulaFind&) {}
  void operator()(native::FormulaShortest&) {}
  void operator()(native::FormulaCoalesced&) {}
  void operator()(native::FormulaEvery&) {}
};

struct Matched {
  std::set<uint64_t> numbers;
  std::vector<std::string> notes;
};

absl::StatusOr<Matched> MatchFacts(Span statement, const QuestionContext& context) {
  // Read once more, since its patterns are changed.
  size_t offset = statement.begin;
  ANNALS_ASSIGN_OR_RETURN(std::optional<native::Statement> again,
                          native::ParseNext(context.text, &offset));
  auto* const read = again.has_value() ? std::get_if<native::Export>(&again->node) : nullptr;
  if (read == nullptr) return Internal("the statement can't be read again");
  native::Formula& where = *read->where;
  PatternNames patterns;
  patterns.Visit(where);
  if (patterns.names.empty()) {
    return context.text.Error(where.span, "no pattern stands here whose facts could be exported");
  }
  ANNALS_ASSIGN_OR_RETURN(FormulaRows rows, RunFormula(where, context));
  Matched matched;
  matched.notes = std::move(rows.notes);
  for (size_t column = 0; column < rows.variables.size(); ++column) {
    const std::string& name = rows.variables[column];
    if (std::find(patterns.names.begin(), patterns.names.end(), name) == patterns.names.end()) {
      continue;
    }
    for (const std::vector<TermId>& row : rows.rows) {
      TermId id = row[column];
      // Of a qualifier, the fact that it is about.
      while (id.kind() == TermKind::kFact) {
        ANNALS_ASSIGN_OR_RETURN(const std::optional<Fact> fact,
                                context.view->GetFact(id.payload()));
        if (!fact.has_value()) break;
        if (fact->subject.kind() != TermKind::kFact) {
          matched.numbers.insert(id.payload());
          break;
        }
        id = fact->subject;
      }
    }
  }
  return matched;
}

std::string LostNote(const std::map<std::string, uint64_t>& lost, std::string_view format) {
  constexpr size_t kMostNames = 10;
  std::string names;
  size_t named = 0;
  for (const auto& [name, facts] : lost) {
    if (named == kMostNames) break;
    absl::StrAppend(&names, named == 0 ? "" : ", ", "'", EscapeForDisplay(name), "' of ",
                    named == 0 ? Count(facts, "fact") : std::to_string(facts));
    ++named;
  }
  if (lost.size() > named) {
    absl::StrAppend(&names, " and ", Count(lost.size() - named, "other"));
  }
  return absl::StrCat("a .", ToAbsl(format), " file can't hold the qualifier ", names,
                      ", left out here; .annals, .jsonl and RDF files hold everything");
}

absl::StatusOr<Told> ExportFacts(const native::Export& statement, Span span,
                                 const QuestionContext& context, const CheckFunction& check) {
  const std::string& path = statement.file.text;
  const datasets::DatasetFormat* const format = datasets::FormatOfFile(path);
  if (format == nullptr) {
    std::string known;
    for (const datasets::DatasetFormat& row : datasets::DatasetFormats()) {
      absl::StrAppend(&known, known.empty() ? "." : ", .", ToAbsl(row.name));
    }
    return context.text.Error(
        statement.file.span,
        absl::StrCat("can't tell what kind of file this is to be; expected a name that ends in one "
                     "of ",
                     known, " (or that with .gz or .zst)"));
  }
  Told told;
  std::optional<std::set<uint64_t>> numbers;
  if (statement.where.has_value()) {
    ANNALS_ASSIGN_OR_RETURN(Matched matched, MatchFacts(span, context));
    numbers = std::move(matched.numbers);
    told.notes = std::move(matched.notes);
  }
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<datasets::Output> output,
                          datasets::OpenOutput(path));
  FactExport facts(*context.view, check);
  ANNALS_RETURN_IF_ERROR(facts.Run(numbers, format->name, *output));
  ANNALS_RETURN_IF_ERROR(output->Commit());
  told.message = absl::StrCat("wrote ", Count(facts.facts() - facts.left_out(), "fact"), " to '",
                              EscapeForDisplay(path), "'");
  if (facts.changed() > 0) {
    told.notes.push_back(absl::StrCat(
        "a .", ToAbsl(format->name),
        " file has no texts, IRIs or quoted names: ", Count(facts.changed(), "row"),
        " would be read back as something else; .annals, .jsonl and RDF files hold everything"));
  }
  if (facts.left_out() > 0) {
    told.notes.push_back(absl::StrCat(Count(facts.left_out(), "fact"),
                                      " left out: a table has no empty texts, and none that look "
                                      "like a time but are none, such as 2024-13"));
  }
  const std::map<std::string, uint64_t> lost = facts.lost_qualifiers();
  if (!lost.empty()) told.notes.push_back(LostNote(lost, format->name));
  if (facts.orphans() > 0) {
    told.notes.push_back(absl::StrCat(Count(facts.orphans(), "qualifier"),
                                      " left out: their source does not give the fact any more"));
  }
  return told;
}

// --- find ---

// Bytes of a stream into an output.
class OutputBuffer : public std::streambuf {
 public:
  explicit OutputBuffer(datasets::Output& output) : output_(output) {}
  const absl::Status& status() const { return status_; }

 protected:
  int_type overflow(int_type c) override {
    if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
    const char byte = traits_type::to_char_type(c);
    return xsputn(&byte, 1) == 1 ? c : traits_type::eof();
  }
  std::streamsize xsputn(const char* bytes, std::streamsize size) override {
    status_.Update(output_.Write({bytes, static_cast<size_t>(size)}));
    return status_.ok() ? size : 0;
  }

 private:
  datasets::Output& output_;
  absl::Status status_;
};

std::optional<Format> TableFormatOf(std::string_view path) {
  static constexpr std::pair<std::string_view, Format> kEndings[] = {
      {".csv", Format::kCsv},         {".tsv", Format::kTsv},     {".json", Format::kJson},
      {".jsonl", Format::kJsonLines}, {".md", Format::kMarkdown},
  };
  std::string name = AsciiLower(path);
  for (std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.resize(name.size() - packed.size());
  }
  for (const auto& [ending, format] : kEndings) {
    if (name.ends_with(ending)) return format;
  }
  return std::nullopt;
}

absl::StatusOr<Told> ExportRows(const native::Export& statement, const QuestionContext& context) {
  const std::string& path = statement.file.text;
  const std::optional<Format> format = TableFormatOf(path);
  if (!format.has_value()) {
    return context.text.Error(statement.file.span,
                              "rows are written to files that end in .csv, .tsv, .json, .jsonl or "
                              ".md (or that with .gz or .zst)");
  }
  ANNALS_ASSIGN_OR_RETURN(Rows rows, AskQuestion(*statement.find, context));
  ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<datasets::Output> output,
                          datasets::OpenOutput(path));
  OutputBuffer buffer(*output);
  std::ostream stream(&buffer);
  WriteOptions options;
  options.format = *format;
  const absl::Status written = WriteRows(rows, options, stream);
  ANNALS_RETURN_IF_ERROR(buffer.status());
  ANNALS_RETURN_IF_ERROR(written);
  ANNALS_RETURN_IF_ERROR(output->Commit());
  Told told;
  told.message =
      absl::StrCat("wrote ", Count(rows.count(), "row"), " to '", EscapeForDisplay(path), "'");
  told.notes = rows.notes();
  return told;
}

}  // namespace

absl::StatusOr<Told> ExportFile(const native::Export& statement, Span span,
                                const QuestionContext& context, const CheckFunction& check) {
  if (statement.find.has_value()) return ExportRows(statement, context);
  return ExportFacts(statement, span, context, check);
}

}  // namespace annals
