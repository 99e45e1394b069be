#include "annals/load.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "datasets/io/annals_file.h"
#include "datasets/io/delimited.h"
#include "datasets/io/entity_names.h"
#include "datasets/io/input.h"
#include "datasets/io/jsonl.h"
#include "query/native/translate.h"
#include "storage/base/text.h"

namespace annals {
namespace {

constexpr uint64_t kLongestScript = uint64_t{2} << 30;
constexpr size_t kShownLookAlikes = 10;

enum class FileFormat { kAnnals, kCsv, kTsv, kJsonLines };

struct FormatName {
  std::string_view name;
  std::optional<FileFormat> format;  // none: the language has it, this version does not
};
constexpr FormatName kFormats[] = {{"annals", FileFormat::kAnnals},
                                   {"csv", FileFormat::kCsv},
                                   {"tsv", FileFormat::kTsv},
                                   {"jsonl", FileFormat::kJsonLines},
                                   {"nt", std::nullopt},
                                   {"nq", std::nullopt},
                                   {"ttl", std::nullopt},
                                   {"trig", std::nullopt}};

// By `format`, else by the ending of the file's name.
absl::StatusOr<FileFormat> FormatOf(const native::Load& statement, const SourceText& text) {
  std::string_view ending = statement.format.has_value() ? *statement.format : statement.file.text;
  if (!statement.format.has_value()) {
    if (ending.ends_with(".zst")) {
      return native::NotAvailable(text, statement.file.span, "loading .zst files");
    }
    if (ending.ends_with(".gz")) ending.remove_suffix(3);
    const size_t dot = ending.rfind('.');
    ending = dot == std::string_view::npos ? std::string_view() : ending.substr(dot + 1);
  }
  for (const FormatName& known : kFormats) {
    if (AsciiLower(ending) != known.name) continue;
    if (known.format.has_value()) return *known.format;
    return native::NotAvailable(text, statement.file.span,
                                absl::StrCat("loading .", ToAbsl(known.name), " files"));
  }
  if (statement.format.has_value()) {
    return text.Error(statement.file.span,
                      absl::StrCat("there is no format '", EscapeForDisplay(*statement.format),
                                   "'; expected annals, csv, tsv or jsonl"));
  }
  return text.Error(statement.file.span,
                    "can't tell what kind of file this is; expected a name that ends in .annals, "
                    ".csv, .tsv or .jsonl (or that with .gz)",
                    "say it with: load \"file\" format csv");
}

absl::StatusOr<datasets::TableOptions> OptionsOf(const native::Load& statement,
                                                 const SourceText& text,
                                                 const native::Prefixes& prefixes,
                                                 const native::ParameterValues& parameters) {
  if (statement.skip_errors) {
    return native::NotAvailable(text, statement.file.span, "'on error skip'");
  }
  if (statement.replacing_source) {
    return native::NotAvailable(text, statement.file.span, "'replacing source'");
  }
  datasets::TableOptions options;
  for (const native::TermExpr& column : statement.columns) {
    const bool ignored = column.kind == native::TermExpr::Kind::kAnything;
    options.columns.push_back(ignored ? "_" : column.text);
  }
  if (statement.source.has_value()) {
    const native::TermReader reader{text, prefixes, parameters};
    ANNALS_ASSIGN_OR_RETURN(const Term source,
                            reader.Read(*statement.source, native::Place::kName));
    const auto* name = source.As<Name>();
    if (name == nullptr)
      return text.Error(statement.source->span, "expected a name for the source");
    options.source = name->text;
  }
  return options;
}

std::string Summary(const std::string& path, const BulkLoad::Result& result) {
  if (!result.changed) {
    return absl::StrCat("nothing new in '", EscapeForDisplay(path), "': ",
                        result.read == 0
                            ? std::string("it holds no facts")
                            : Count(result.read, "fact") +
                                  (result.read == 1 ? ", known already" : ", all known already"),
                        "; the database is unchanged");
  }
  std::string text = absl::StrCat("loaded ", Count(result.read, "fact"), ": ",
                                  Count(result.new_facts, "new one", "new ones"));
  if (result.new_assertions > result.new_facts) {
    absl::StrAppend(&text, ", ", Count(result.new_assertions - result.new_facts, "known one"),
                    " with a new source");
  }
  absl::StrAppend(&text, ", ", Count(result.new_names, "new name"));
  return text;
}

}  // namespace

absl::StatusOr<Told> LoadFile(const native::Load& statement, const SourceText& text,
                              const native::Prefixes& prefixes,
                              const native::ParameterValues& parameters, const GraphView& view,
                              BulkLoad& load, const CheckFunction& check) {
  ANNALS_ASSIGN_OR_RETURN(const FileFormat format, FormatOf(statement, text));
  ANNALS_ASSIGN_OR_RETURN(const datasets::TableOptions options,
                          OptionsOf(statement, text, prefixes, parameters));
  const std::string& path = statement.file.text;
  datasets::EntityNames names(view, load);
  const datasets::ProgressFunction progress = [&](uint64_t) { return check(); };
  if (format == FileFormat::kAnnals || format == FileFormat::kJsonLines) {
    if (!options.columns.empty()) {
      return text.Error(statement.columns[0].span, format == FileFormat::kAnnals
                                                       ? "an .annals file has no columns"
                                                       : "a .jsonl file has no columns");
    }
    ANNALS_ASSIGN_OR_RETURN(std::string content, datasets::ReadWhole(path, kLongestScript));
    ANNALS_RETURN_IF_ERROR(
        format == FileFormat::kAnnals
            ? datasets::ReadAnnalsFile(content, path, options.source, view, progress, names, load)
            : datasets::ReadJsonLines(std::move(content), path, options.source, view, progress,
                                      names, load));
  } else {
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<datasets::Input> input,
                            datasets::OpenInput(path));
    ANNALS_RETURN_IF_ERROR(datasets::ReadDelimited(
        *input, path,
        format == FileFormat::kCsv ? datasets::Delimiter::kComma : datasets::Delimiter::kTab,
        options, progress, names, load));
  }
  ANNALS_RETURN_IF_ERROR(names.status());
  Told told;
  ANNALS_ASSIGN_OR_RETURN(told.notes,
                          datasets::LookAlikeNotes(view, names.new_names(), kShownLookAlikes));
  ANNALS_RETURN_IF_ERROR(check());
  ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Result result, load.Finish());
  told.message = Summary(path, result);
  return told;
}

}  // namespace annals
