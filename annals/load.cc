#include "annals/load.h"

#include <algorithm>
#include <filesystem>
#include <utility>

#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/entity_names.h"
#include "datasets/io/input.h"
#include "query/native/translate.h"
#include "storage/base/text.h"

namespace annals {
namespace {

using datasets::DatasetFile;
using datasets::DatasetFormat;

constexpr size_t kShownLookAlikes = 10;

// "annals, csv or tsv", each with this before it.
std::string KnownFormats(std::string_view before) {
  std::string text;
  const auto formats = datasets::DatasetFormats();
  for (size_t i = 0; i < formats.size(); ++i) {
    absl::StrAppend(&text,
                    i == 0                    ? ""
                    : i + 1 == formats.size() ? " or "
                                              : ", ",
                    ToAbsl(before), ToAbsl(formats[i].name));
  }
  return text;
}

// A file that the statement names, or that stands in a folder that it names.
struct NamedFile {
  std::string path;
  const DatasetFormat* format;
};

// The files of a folder whose endings are known, by name. Hidden ones and folders inside are passed
// over.
absl::StatusOr<std::vector<NamedFile>> FilesIn(const std::string& folder,
                                               const native::TermExpr& named,
                                               const SourceText& text) {
  std::vector<NamedFile> files;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end;
       at.increment(error)) {
    const std::string path = at->path().string();
    const DatasetFormat* const format = datasets::FormatOfFile(path);
    if (format == nullptr || at->path().filename().string().starts_with('.')) continue;
    std::error_code ignored;
    if (!at->is_directory(ignored)) files.push_back({path, format});
  }
  if (error) {
    return Unavailable(absl::StrCat("can't read the folder '", folder, "': ", error.message()));
  }
  if (files.empty()) {
    return text.Error(named.span, absl::StrCat("this folder holds no file to be loaded; expected "
                                               "names that end in ",
                                               KnownFormats("."), " (or that with .gz or .zst)"));
  }
  std::sort(files.begin(), files.end(),
            [](const NamedFile& a, const NamedFile& b) { return a.path < b.path; });
  return files;
}

// By `format`, else by the ending of the file's name.
absl::StatusOr<const DatasetFormat*> FormatOf(const native::Load& statement,
                                              const native::TermExpr& file,
                                              const SourceText& text) {
  if (statement.format.has_value()) {
    const DatasetFormat* const format = datasets::FindFormat(*statement.format);
    if (format != nullptr) return format;
    return text.Error(file.span,
                      absl::StrCat("there is no format '", EscapeForDisplay(*statement.format),
                                   "'; expected ", KnownFormats("")));
  }
  const DatasetFormat* const format = datasets::FormatOfFile(file.text);
  if (format != nullptr) return format;
  if (file.text == datasets::kStandardInput) {
    return text.Error(file.span, "standard input has no name that says its format",
                      "say it with: load \"-\" format csv");
  }
  return text.Error(file.span,
                    absl::StrCat("can't tell what kind of file this is; expected a name that ends "
                                 "in ",
                                 KnownFormats("."), " (or that with .gz or .zst)"),
                    "say it with: load \"file\" format csv");
}

// The files in the order in which they are told.
absl::StatusOr<std::vector<NamedFile>> FilesOf(const native::Load& statement,
                                               const SourceText& text, bool standard_input) {
  std::vector<NamedFile> files;
  for (const native::TermExpr& file : statement.files) {
    std::error_code ignored;
    if (std::filesystem::is_directory(file.text, ignored)) {
      if (statement.format.has_value()) {
        return text.Error(file.span,
                          "the files of a folder are loaded by the endings of their names; "
                          "expected no format");
      }
      ANNALS_ASSIGN_OR_RETURN(std::vector<NamedFile> inside, FilesIn(file.text, file, text));
      for (NamedFile& one : inside) files.push_back(std::move(one));
      continue;
    }
    if (file.text == datasets::kStandardInput && !standard_input) {
      return text.Error(file.span,
                        "standard input can't be loaded here: it is where statements come from, or "
                        "this program keeps it",
                        "give the statement with -c: annals my.db -c 'load \"-\" format csv;' < "
                        "events.csv");
    }
    ANNALS_ASSIGN_OR_RETURN(const DatasetFormat* const format, FormatOf(statement, file, text));
    files.push_back({file.text, format});
  }
  for (const NamedFile& file : files) {
    if (statement.columns.empty() || file.format->table) continue;
    const std::string_view article = file.format->name == "annals" ? "an ." : "a .";
    return text.Error(
        statement.columns[0].span,
        absl::StrCat(ToAbsl(article), ToAbsl(file.format->name), " file has no columns"));
  }
  return files;
}

absl::StatusOr<datasets::TableOptions> OptionsOf(const native::Load& statement,
                                                 const SourceText& text,
                                                 const native::Prefixes& prefixes,
                                                 const native::ParameterValues& parameters) {
  if (statement.skip_errors) {
    return native::NotAvailable(text, statement.files[0].span, "'on error skip'");
  }
  if (statement.replacing_source) {
    return native::NotAvailable(text, statement.files[0].span, "'replacing source'");
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

std::string Summary(const native::Load& statement, size_t files, const BulkLoad::Result& result) {
  const std::string many = Count(files, "file");
  if (!result.changed) {
    const std::string what =
        statement.files.size() > 1
            ? many
            : absl::StrCat("'", EscapeForDisplay(statement.files[0].text), "'");
    return absl::StrCat("nothing new in ", what, ": ",
                        result.read == 0
                            ? std::string("it holds no facts")
                            : Count(result.read, "fact") +
                                  (result.read == 1 ? ", known already" : ", all known already"),
                        "; the database is unchanged");
  }
  std::string text =
      absl::StrCat("loaded ", Count(result.read, "fact"), files > 1 ? " of " + many : "", ": ",
                   Count(result.new_facts, "new one", "new ones"));
  if (result.new_assertions > result.new_facts) {
    absl::StrAppend(&text, ", ", Count(result.new_assertions - result.new_facts, "known one"),
                    " with a new source");
  }
  absl::StrAppend(&text, ", ", Count(result.new_names, "new name"));
  return text;
}

absl::Status ReadFiles(const std::vector<std::unique_ptr<DatasetFile>>& files,
                       const CheckFunction& check) {
  for (const auto& file : files) {
    ANNALS_RETURN_IF_ERROR(check());
    ANNALS_RETURN_IF_ERROR(file->Declare());
  }
  for (const auto& file : files) {
    ANNALS_RETURN_IF_ERROR(check());
    ANNALS_RETURN_IF_ERROR(file->Tell([&](uint64_t) { return check(); }));
  }
  for (const auto& file : files) ANNALS_RETURN_IF_ERROR(file->Check());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Told> LoadFile(const native::Load& statement, const SourceText& text,
                              const native::Prefixes& prefixes,
                              const native::ParameterValues& parameters, const GraphView& view,
                              BulkLoad& load, const CheckFunction& check, bool standard_input) {
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NamedFile> named,
                          FilesOf(statement, text, standard_input));
  ANNALS_ASSIGN_OR_RETURN(const datasets::TableOptions options,
                          OptionsOf(statement, text, prefixes, parameters));
  datasets::EntityNames names(view, load);
  std::vector<std::unique_ptr<DatasetFile>> files;
  for (const NamedFile& file : named) {
    files.push_back(file.format->make(file.path, options, {view, names, load}));
  }
  const absl::Status status = ReadFiles(files, check);
  if (!status.ok()) {
    // What was interrupted while it waited for its input failed for that reason.
    ANNALS_RETURN_IF_ERROR(check());
    return status;
  }
  ANNALS_RETURN_IF_ERROR(names.status());
  Told told;
  ANNALS_ASSIGN_OR_RETURN(told.notes,
                          datasets::LookAlikeNotes(view, names.new_names(), kShownLookAlikes));
  ANNALS_RETURN_IF_ERROR(check());
  ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Result result, load.Finish());
  told.message = Summary(statement, files.size(), result);
  return told;
}

}  // namespace annals
