#include "annals/load.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <span>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "annals/check_facts.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/entity_names.h"
#include "datasets/io/input.h"
#include "datasets/io/output.h"
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

// What the sources of the load said before it and say no more.
std::string Replaced(const BulkLoad::Result& result) {
  std::string text = absl::StrCat(
      "; ", Count(result.lost_facts, "fact loses its source", "facts lose their source"));
  if (result.gone_facts > 0) {
    absl::StrAppend(
        &text, ", and ",
        Count(result.gone_facts, "that had no other is gone", "that had no other are gone"));
  }
  if (result.lost_qualifiers > 0) {
    absl::StrAppend(&text, "; ",
                    Count(result.lost_qualifiers, "qualifier loses its source",
                          "qualifiers lose their source"));
  }
  return text;
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
  if (statement.replacing_source) absl::StrAppend(&text, Replaced(result));
  return text;
}

absl::Status CheckRecords(const std::vector<NamedFile>& files, const native::Load& statement,
                          const SourceText& text) {
  for (const NamedFile& file : files) {
    if (file.format->records) continue;
    return text.Error(statement.files[0].span,
                      absl::StrCat("a .", ToAbsl(file.format->name),
                                   " file is read whole or not at all, since nothing marks where "
                                   "a statement with a fault ends; 'on error skip' is for "
                                   ".annals, .csv, .tsv, .jsonl, .nt and .nq files"));
  }
  return absl::OkStatus();
}

// A report takes the place of what stands there.
absl::Status CheckReport(const std::string& report, const std::vector<NamedFile>& files,
                         const std::string& database) {
  std::error_code unknown;  // where one of them isn't there, or is no path
  for (const NamedFile& file : files) {
    const bool piped = file.path == datasets::kStandardInput;
    const std::string path = piped ? "/dev/stdin" : file.path;
    if (!std::filesystem::equivalent(report, path, unknown)) continue;
    return InvalidArgument(absl::StrCat("the report would replace '", EscapeForDisplay(file.path),
                                        "', which is to be loaded; give it another name"));
  }
  const std::filesystem::path folder = std::filesystem::absolute(report, unknown).parent_path();
  if (!std::filesystem::equivalent(folder, database, unknown)) return absl::OkStatus();
  return InvalidArgument(absl::StrCat("'", EscapeForDisplay(report),
                                      "' is in the folder of the database, which holds nothing "
                                      "else; give the report another place"));
}

constexpr size_t kShownNames = 20;

// A search takes time in proportion to the names that the store has.
constexpr size_t kMostSearched = 500;

// Of the new names those that look like known ones, or, of the first ones, are near them.
absl::StatusOr<std::vector<std::string>> NearNames(const GraphView& view,
                                                   std::span<const std::string_view> new_names,
                                                   const CheckFunction& check) {
  ANNALS_ASSIGN_OR_RETURN(std::vector<std::string> notes,
                          datasets::LookAlikeNotes(view, new_names, kShownNames));
  size_t searched = 0;
  for (const std::string_view name : new_names) {
    if (notes.size() >= kShownNames) break;
    ANNALS_RETURN_IF_ERROR(check());
    ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> folded, view.ResolveName(name, true));
    if (!folded.empty()) continue;
    if (++searched > kMostSearched) {
      notes.push_back(absl::StrCat("for names that are near known ones the first ", kMostSearched,
                                   " new names were looked at"));
      break;
    }
    ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> near, view.NearestNames(name, 1));
    if (near.empty()) continue;
    ANNALS_ASSIGN_OR_RETURN(const Term entity, view.Get(near[0].entity));
    if (entity.As<Name>() == nullptr) continue;
    const std::string& known = entity.As<Name>()->text;
    notes.push_back(absl::StrCat("the new name '", EscapeForDisplay(name), "' is near '",
                                 EscapeForDisplay(known),
                                 "'; if they are one, tell before it: ", "alias (", NameText(known),
                                 ") ", LanguageText(Term(Text{std::string(name), ""})), ";"));
  }
  return notes;
}

std::string NewNames(const std::vector<std::string>& names) {
  std::string text = names.size() == 1 ? "the new name is " : "the new names are ";
  for (size_t i = 0; i < std::min(names.size(), kShownNames); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", EscapeForDisplay(names[i]));
  }
  if (names.size() > kShownNames) {
    absl::StrAppend(&text, " and ", Count(names.size() - kShownNames, "more", "more"));
  }
  return text;
}

constexpr size_t kShownRejects = 10;

// What `on error skip` passes over: into a report, or shown in part.
class Rejects {
 public:
  absl::Status Open(const std::optional<std::string>& report) {
    if (!report.has_value()) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(report_, datasets::OpenOutput(*report));
    return report_->Write("file\tline\tcolumn\tmessage\ttext\n");
  }

  absl::Status Take(const datasets::Reject& reject) {
    ++count_;
    if (notes_.size() < kShownRejects) {
      notes_.push_back(absl::StrCat("passed over ", EscapeForDisplay(reject.path), ":", reject.line,
                                    ":", reject.column, ": ", EscapeForDisplay(reject.message)));
    }
    if (report_ == nullptr) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(
        report_->Write(absl::StrCat(OneField(reject.path), "\t", reject.line, "\t", reject.column,
                                    "\t", OneField(reject.message), "\t")));
    // As it is, so that it can be mended and loaded, but on one line. It may be of any length.
    for (size_t at = 0; at < reject.record.size(); at += kPiece) {
      ANNALS_RETURN_IF_ERROR(report_->Write(OneLine(reject.record.substr(at, kPiece))));
    }
    return report_->Write("\n");
  }

  uint64_t count() const { return count_; }
  const std::vector<std::string>& notes() const { return notes_; }
  absl::Status Finish() { return report_ == nullptr ? absl::OkStatus() : report_->Commit(); }

 private:
  static constexpr size_t kPiece = size_t{64} << 10;

  static std::string OneLine(std::string_view of) {
    std::string text(of);
    std::replace(text.begin(), text.end(), '\n', ' ');
    std::replace(text.begin(), text.end(), '\r', ' ');
    return text;
  }
  static std::string OneField(std::string_view of) {
    std::string text = OneLine(of);
    std::replace(text.begin(), text.end(), '\t', ' ');
    return text;
  }

  std::unique_ptr<datasets::Output> report_;
  uint64_t count_ = 0;
  std::vector<std::string> notes_;
};

// Tells how far a load is.
class Meter {
 public:
  Meter(const std::vector<NamedFile>& files, const Session::ProgressFunction& progress)
      : progress_(progress) {
    for (const NamedFile& file : files) {
      std::error_code error;
      const uint64_t bytes = std::filesystem::file_size(file.path, error);
      bytes_.push_back(error ? 0 : bytes);
      now_.bytes += bytes_.back();
    }
  }

  void Read(uint64_t facts_of_file) {
    last_ = facts_of_file;
    now_.facts = facts_before_ + last_;
    Show();
  }
  // Within a file nobody knows how much is left.
  void FileRead() {
    facts_before_ += last_;
    last_ = 0;
    bytes_before_ += bytes_[file_++];
    if (now_.bytes > 0 && bytes_.size() > 1) {
      now_.fraction = static_cast<double>(bytes_before_) / static_cast<double>(now_.bytes);
    }
  }
  void Storing() {
    now_.phase = LoadProgress::Phase::kStoring;
    now_.fraction = -1;
    Show();
  }
  void Done(const BulkLoad::Result& result) {
    now_.phase = LoadProgress::Phase::kDone;
    now_.facts = result.read;
    now_.new_facts = result.new_facts;
    now_.new_names = result.new_names;
    Show();
  }

 private:
  void Show() const {
    if (progress_) progress_(now_);
  }

  const Session::ProgressFunction& progress_;
  LoadProgress now_;
  std::vector<uint64_t> bytes_;  // of each file
  size_t file_ = 0;
  uint64_t bytes_before_ = 0, facts_before_ = 0, last_ = 0;
};

absl::Status ReadFiles(const std::vector<std::unique_ptr<DatasetFile>>& files,
                       const CheckFunction& check, Meter& meter) {
  for (const auto& file : files) {
    ANNALS_RETURN_IF_ERROR(check());
    ANNALS_RETURN_IF_ERROR(file->Declare());
  }
  for (const auto& file : files) {
    ANNALS_RETURN_IF_ERROR(check());
    ANNALS_RETURN_IF_ERROR(file->Tell([&](uint64_t facts) {
      meter.Read(facts);
      return check();
    }));
    meter.FileRead();
  }
  for (const auto& file : files) ANNALS_RETURN_IF_ERROR(file->Check());
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Told> LoadFile(const native::Load& statement, const SourceText& text,
                              const native::Prefixes& prefixes,
                              const native::ParameterValues& parameters, const GraphView& view,
                              BulkLoad& load, const LoadSettings& settings) {
  const CheckFunction& check = settings.check;
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NamedFile> named,
                          FilesOf(statement, text, settings.standard_input));
  ANNALS_ASSIGN_OR_RETURN(const datasets::TableOptions options,
                          OptionsOf(statement, text, prefixes, parameters));
  Rejects rejects;
  datasets::RejectFunction reject;
  if (statement.skip_errors) {
    ANNALS_RETURN_IF_ERROR(CheckRecords(named, statement, text));
    if (statement.report.has_value()) {
      ANNALS_RETURN_IF_ERROR(CheckReport(*statement.report, named, settings.database));
    }
    ANNALS_RETURN_IF_ERROR(rejects.Open(statement.report));
    reject = [&](const datasets::Reject& one) { return rejects.Take(one); };
  }
  std::optional<datasets::EntityNames> names;
  names.emplace(view, load);
  std::vector<std::unique_ptr<DatasetFile>> files;
  datasets::LoadTarget target{view, *names, load, reject, settings.memory_bytes, settings.database};
  target.open = [&check](const std::string& path) { return datasets::OpenInput(path, check); };
  target.files = named.size();
  for (const NamedFile& file : named) {
    files.push_back(file.format->make(file.path, options, target));
  }
  Meter meter(named, settings.progress);
  const absl::Status status = ReadFiles(files, check, meter);
  if (!status.ok()) {
    // What was interrupted together with whom it reads from failed for that reason.
    absl::Status stopped = check();
    const bool of_data = status.code() == absl::StatusCode::kInvalidArgument &&
                         stopped.code() == absl::StatusCode::kDeadlineExceeded;
    return stopped.ok() || of_data ? status : stopped;
  }
  // It may be a spelling that a file declares.
  if (options.source.has_value()) load.TellsAllOf(names->Of(*options.source));
  ANNALS_RETURN_IF_ERROR(names->status());
  files.clear();  // their memory is needed for what comes
  Told told;
  ANNALS_ASSIGN_OR_RETURN(told.notes,
                          datasets::LookAlikeNotes(view, names->new_names(), kShownLookAlikes));
  ANNALS_RETURN_IF_ERROR(check());
  // The report first: it is no harm if the load fails after it.
  ANNALS_RETURN_IF_ERROR(rejects.Finish());
  names.reset();
  meter.Storing();
  ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Result result, load.Finish());
  meter.Done(result);
  told.message = Summary(statement, named.size(), result);
  if (statement.replacing_source && result.replaced_sources == 0) {
    told.notes.push_back(
        "nothing was replaced: no fact of the load has a source; expected `from (source)` in the "
        "statement, or sources in the data");
  }
  if (rejects.count() > 0) {
    absl::StrAppend(&told.message, "; passed over ", Count(rejects.count(), "record"));
    if (statement.report.has_value()) {
      absl::StrAppend(&told.message, ", see '", EscapeForDisplay(*statement.report), "'");
    } else {
      told.notes.insert(told.notes.begin(), rejects.notes().begin(), rejects.notes().end());
    }
  }
  return told;
}

absl::StatusOr<Told> CheckFile(
    const native::Check& statement, const SourceText& text, const GraphView& view, BulkLoad& load,
    const std::function<absl::StatusOr<std::shared_ptr<const GraphView>>()>& after,
    const LoadSettings& settings) {
  const CheckFunction& check = settings.check;
  native::Load as_load;
  as_load.files.push_back(statement.file);
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NamedFile> named, FilesOf(as_load, text, false));
  Rejects rejects;
  const datasets::RejectFunction reject = [&](const datasets::Reject& one) {
    return rejects.Take(one);
  };
  datasets::EntityNames names(view, load);
  std::vector<std::unique_ptr<DatasetFile>> files;
  datasets::LoadTarget target{view, names, load, reject, settings.memory_bytes, settings.database};
  target.open = [&check](const std::string& path) { return datasets::OpenInput(path, check); };
  target.files = named.size();
  for (const NamedFile& file : named) {
    files.push_back(file.format->make(file.path, {}, target));
  }
  Meter meter(named, settings.progress);
  ANNALS_RETURN_IF_ERROR(ReadFiles(files, check, meter));
  ANNALS_RETURN_IF_ERROR(names.status());
  Told told;
  // Before the transaction, which the view may be of, knows the new names and facts too.
  const std::vector<std::string_view> maybe_new = names.new_names();
  ANNALS_ASSIGN_OR_RETURN(told.notes, NearNames(view, maybe_new, check));
  ANNALS_ASSIGN_OR_RETURN(const uint64_t last_fact, LastFact(view));
  ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Result result, load.Finish());
  ANNALS_ASSIGN_OR_RETURN(const std::shared_ptr<const GraphView> loaded, after());
  // Without those that only records with faults have.
  std::vector<std::string> new_names;
  constexpr size_t kNamesBetweenChecks = 1024;
  size_t seen = 0;
  for (const std::string_view name : maybe_new) {
    if (seen++ % kNamesBetweenChecks == 0) ANNALS_RETURN_IF_ERROR(check());
    const Term term(Name{std::string(name)});
    ANNALS_ASSIGN_OR_RETURN(const TermId stored, loaded->Find(term));
    if (!stored.is_undefined()) new_names.emplace_back(name);
  }
  told.message =
      absl::StrCat("'", EscapeForDisplay(statement.file.text), "' holds ",
                   Count(result.read, "fact"), ": ", Count(result.new_facts, "new one", "new ones"),
                   ", ", Count(result.read - result.new_facts, "told before", "told before"), ", ",
                   Count(result.new_names, "new name"), "; nothing was changed");
  if (!new_names.empty()) told.notes.push_back(NewNames(new_names));
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  ANNALS_ASSIGN_OR_RETURN(
      std::vector<std::string> noticed,
      NotesOnFacts(loaded, last_fact,
                   std::chrono::duration_cast<std::chrono::seconds>(now).count()));
  for (std::string& note : noticed) told.notes.push_back(std::move(note));
  if (rejects.count() > 0) {
    told.notes.insert(told.notes.end(), rejects.notes().begin(), rejects.notes().end());
    told.notes.push_back(
        absl::StrCat("a load would stop at the first of ", Count(rejects.count(), "fault")));
  }
  return told;
}

}  // namespace annals
