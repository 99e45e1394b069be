#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "datasets/io/dataset_file.h"
#include "datasets/io/whole_text.h"
#include "query/native/parser.h"
#include "query/native/terms.h"
#include "query/native/validate.h"
#include "storage/base/parallel.h"
#include "storage/base/source_text.h"
#include "storage/base/text.h"

namespace annals::datasets {
namespace {

using native::Place;
using native::Statement;
using native::TermExpr;

// A statement, a part of one, or the fault of one.
struct Record {
  absl::StatusOr<std::optional<Statement>> statement;
  Span span;
};

// Statements that are parsed together, on one thread.
struct Block : PipelineItem {
  size_t begin = 0, end = 0;  // where it was cut
  size_t read_to = 0;         // behind its last statement
  std::vector<Record> records;
};

// A file is parsed by several threads, anew for each of the load's steps, so that no more than a
// few blocks of it are trees at once. What is longer is read in parts, by one thread.
class StatementReader : public PipelineStages {
 public:
  using UseFunction = std::function<absl::Status(const Record& record)>;
  using CheckFunction = std::function<absl::Status(const Statement& statement)>;

  // If there is a check, nothing of a statement is used in which it finds a fault, in whatever
  // part: this is used in its place.
  // `text` is that of the file.
  StatementReader(const SourceText& text, const WholeText& whole, const UseFunction& use,
                  const CheckFunction& check)
      : text_(text), whole_(whole), use_(use), check_(check) {}

  absl::StatusOr<std::unique_ptr<PipelineItem>> Make() override {
    const size_t begin = cut_;
    if (begin >= text_.text().size()) return nullptr;
    cut_ = EndOfStatements(begin, begin + kBlock);
    auto block = std::make_unique<Block>();
    block->begin = begin;
    block->end = cut_;
    return block;
  }

  // Up to the first fault, which may come from a wrong cut, or to what is read in parts.
  absl::Status Work(PipelineItem& item, size_t) override {
    auto& block = static_cast<Block&>(item);
    size_t offset = block.read_to = block.begin;
    while (offset < block.end) {
      const size_t begin = native::StatementBegin(text_.text(), offset);
      if (IsLong(begin, block.end)) return absl::OkStatus();
      absl::StatusOr<std::optional<Statement>> statement = ReadNext(&offset);
      if (!statement.ok()) return absl::OkStatus();
      if (!statement->has_value()) break;
      block.records.push_back({std::move(statement), {begin, offset}});
      block.read_to = offset;
    }
    block.read_to = std::max(offset, block.end);
    return absl::OkStatus();
  }

  absl::Status Use(PipelineItem& item) override {
    auto& block = static_cast<Block&>(item);
    if (block.begin != read_to_) {  // it was not cut between statements
      block.records.clear();
      block.read_to = read_to_;
    }
    for (const Record& record : block.records) ANNALS_RETURN_IF_ERROR(UseWhole(record));
    block.records.clear();
    ANNALS_RETURN_IF_ERROR(UseRest(block.read_to, block.end));
    whole_.Forget(block.begin, block.end);
    return absl::OkStatus();
  }

 private:
  static constexpr size_t kBlock = size_t{64} << 10;

  // As SkipStatements, of a long one piece after piece: no text, name or comment goes on in the
  // next line.
  size_t EndOfStatements(size_t begin, size_t at) const {
    constexpr size_t kPiece = 16 * kBlock;
    const std::string_view text = text_.text();
    while (true) {
      const size_t line_end = std::min(text.find('\n', begin + kPiece), text.size() - 1);
      const std::string_view piece = text.substr(0, line_end + 1);
      const size_t end = native::SkipStatements(piece, begin, at);
      if (end < piece.size() || end == text.size()) return end;
      whole_.Forget(begin, end);
      begin = end;
    }
  }

  absl::StatusOr<std::optional<Statement>> ReadNext(size_t* offset) const {
    ANNALS_ASSIGN_OR_RETURN(std::optional<Statement> statement, native::ParseNext(text_, offset));
    if (!statement.has_value()) return std::nullopt;
    ANNALS_RETURN_IF_ERROR(native::CheckDatasetStatement(*statement, text_));
    return statement;
  }

  // May what begins here be one of many facts? Blocks are cut behind the first statement that ends
  // beyond their length.
  bool IsLong(size_t begin, size_t end) const {
    return end > begin + 4 * kBlock && native::StatementParts::BeginsAt(text_.text(), begin);
  }

  // What is left of a block, past faults.
  absl::Status UseRest(size_t offset, size_t end) {
    while (offset < end) {
      const size_t begin = native::StatementBegin(text_.text(), offset);
      if (IsLong(begin, end)) {
        offset = begin;
        ANNALS_RETURN_IF_ERROR(UseParts(&offset));
        continue;
      }
      absl::StatusOr<std::optional<Statement>> statement = ReadNext(&offset);
      if (statement.ok() && !statement->has_value()) break;
      ANNALS_RETURN_IF_ERROR(UseWhole({std::move(statement), {begin, offset}}));
    }
    read_to_ = std::max(offset, end);
    return absl::OkStatus();
  }

  absl::Status UseWhole(const Record& record) const {
    if (check_ && record.statement.ok()) {
      const absl::Status status = check_(**record.statement);
      if (!status.ok()) return use_({status, (*record.statement)->span});
    }
    return use_(record);
  }

  absl::Status UseParts(size_t* offset) const {
    const size_t begin = *offset;
    if (check_) {
      size_t end = begin;
      const absl::Status status = CheckParts(&end);
      if (!status.ok()) {
        *offset = end;
        return use_({status, {begin, end}});
      }
    }
    for (native::StatementParts parts(text_, offset);;) {
      absl::StatusOr<std::optional<Statement>> part = parts.Next();
      if (part.ok() && !part->has_value()) return absl::OkStatus();
      ANNALS_RETURN_IF_ERROR(use_({std::move(part), {begin, *offset}}));
      ForgetPart(*offset);
    }
  }

  // The first fault. Moves the offset past the statement.
  absl::Status CheckParts(size_t* offset) const {
    size_t again = *offset;
    // Nothing is looked up for what isn't a statement.
    ANNALS_RETURN_IF_ERROR(CheckParts(offset, [](const Statement&) { return absl::OkStatus(); }));
    return CheckParts(&again, check_);
  }
  absl::Status CheckParts(size_t* offset, const CheckFunction& check) const {
    absl::Status status;
    for (native::StatementParts parts(text_, offset);;) {
      const absl::StatusOr<std::optional<Statement>> part = parts.Next();
      if (part.ok() && !part->has_value()) return status;
      if (status.ok()) status = part.ok() ? check(**part) : part.status();
      ForgetPart(*offset);
    }
  }

  // Of a statement that is read in parts.
  void ForgetPart(size_t end) const { whole_.Forget(end - std::min(end, 2 * kBlock), end); }

  const SourceText& text_;
  const WholeText& whole_;
  const UseFunction& use_;
  const CheckFunction& check_;  // may be empty
  size_t cut_ = 0;              // where the next block begins
  size_t read_to_ = 0;          // behind the statements that were used
};

class AnnalsFile {
 public:
  AnnalsFile(const SourceText& text, const WholeText& whole,
             const std::optional<std::string>& source, const LoadTarget& target)
      : text_(text),
        whole_(whole),
        view_(target.view),
        names_(target.names),
        load_(target.load),
        reject_(target.reject),
        source_name_(source),
        reader_{text, prefixes_, parameters_} {}

  // Names mean the same all over the file, so prefixes and aliases come first.
  absl::Status Declare() {
    has_aliases_ = whole_.Contains("alias");
    if (!has_aliases_ && !whole_.Contains("prefix")) return absl::OkStatus();
    ANNALS_RETURN_IF_ERROR(ForEachStatement([&](const Statement& statement) {
      if (const auto* prefix = std::get_if<native::PrefixDecl>(&statement.node)) {
        prefixes_[prefix->prefix] = prefix->iri;
      }
      return absl::OkStatus();
    }));
    return ForEachAlias([&](const native::AliasDecl& alias) { return Declare(alias); });
  }

  absl::Status Tell(const ProgressFunction& progress) {
    const absl::Status told = names_.Settle(TellStatements(progress));
    if (told.ok() || told != names_.status() || !names_.fault().has_value()) return told;
    return text_.Error(*names_.fault(), ToStd(told.message()));
  }

  // No spelling may be another entity's own name, wherever in the file that is told.
  absl::Status CheckAliases() {
    return ForEachAlias([&](const native::AliasDecl& alias) -> absl::Status {
      ANNALS_ASSIGN_OR_RETURN(const Term entity, ReadTerm(alias.entity, Place::kName));
      for (const TermExpr& text : alias.texts) {
        const auto* name = entity.As<Name>();
        if (name != nullptr && text.text == name->text) continue;
        if (names_.IsEntity(text.text)) return native::AliasIsEntity(text, entity, text_);
      }
      return absl::OkStatus();
    });
  }

 private:
  // Faults that are passed over are reported only if `rejects`.
  absl::Status ForEachStatement(const std::function<absl::Status(const Statement&)>& use,
                                const StatementReader::CheckFunction& check = nullptr,
                                bool rejects = false) {
    const StatementReader::UseFunction use_record = [&](const Record& record) -> absl::Status {
      if (record.statement.ok()) return use(**record.statement);
      return PassOver(record.statement.status(), record.span, rejects);
    };
    StatementReader reader(text_, whole_, use_record, check);
    return RunPipeline(reader, HardwareThreads());
  }

  absl::Status ForEachAlias(const std::function<absl::Status(const native::AliasDecl&)>& use) {
    if (!has_aliases_) return absl::OkStatus();
    return ForEachStatement([&](const Statement& statement) {
      const auto* alias = std::get_if<native::AliasDecl>(&statement.node);
      return alias == nullptr ? absl::OkStatus() : use(*alias);
    });
  }

  // The fault itself, unless faults are passed over. Without a prefix or an alias, what follows it
  // would mean something else.
  absl::Status PassOver(const absl::Status& fault, Span span, bool rejects) {
    const std::string_view record = text_.Slice(span);
    const bool told = !record.starts_with("prefix") && !record.starts_with("alias");
    const bool of_file = fault.code() == absl::StatusCode::kInvalidArgument;
    if (!reject_ || !told || !of_file || !names_.status().ok()) return fault;
    if (!rejects) return absl::OkStatus();
    return reject_(RejectOf(fault, text_.name(), 0, record));
  }

  BulkLoad::Handle Add(BulkLoad::Handle subject, BulkLoad::Handle predicate,
                       BulkLoad::Handle object, BulkLoad::Handle time, BulkLoad::Handle source) {
    return trying_ ? BulkLoad::kNone : load_.Add(subject, predicate, object, time, source);
  }

  absl::Status TellStatements(const ProgressFunction& progress) {
    if (source_name_.has_value()) source_ = names_.Of(*source_name_);
    StatementReader::CheckFunction check;
    if (reject_) {
      // All of a statement is sound, or nothing of it is told.
      check = [this](const Statement& statement) {
        trying_ = true;
        absl::Status status = Tell(statement, nullptr);
        trying_ = false;
        return status;
      };
    }
    return ForEachStatement([&](const Statement& statement) { return Tell(statement, progress); },
                            check, /*rejects=*/true);
  }

  absl::Status Declare(const native::AliasDecl& alias) {
    ANNALS_ASSIGN_OR_RETURN(const Term entity, ReadTerm(alias.entity, Place::kName));
    if (entity.As<Name>() == nullptr) return absl::OkStatus();
    for (const TermExpr& text : alias.texts) names_.Declare(text.text, entity.As<Name>()->text);
    return absl::OkStatus();
  }

  absl::StatusOr<Term> ReadTerm(const TermExpr& expr, Place place) {
    ANNALS_ASSIGN_OR_RETURN(Term term, reader_.Read(expr, place));
    if (const auto* iri = term.As<Iri>()) {
      if (auto name = IriToName(view_.base_iri(), iri->text)) return Term(Name{*name});
    }
    return term;
  }

  absl::StatusOr<BulkLoad::Handle> Handle(const TermExpr& expr, Place place) {
    ANNALS_ASSIGN_OR_RETURN(const Term term, ReadTerm(expr, place));
    if (const auto* name = term.As<Name>()) {
      const BulkLoad::Handle handle = names_.Later(name->text, expr.span);
      ANNALS_RETURN_IF_ERROR(names_.status());
      return handle;
    }
    if (const auto* node = term.As<BlankNode>()) {
      return load_.Intern(Term(Term::Value(BlankNode{blank_prefix_ + node->label})));
    }
    return load_.Intern(term);
  }

  absl::Status TellQualifiers(BulkLoad::Handle of, BulkLoad::Handle source,
                              const std::vector<native::Qualifier>& qualifiers) {
    for (const native::Qualifier& qualifier : qualifiers) {
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle key, Handle(qualifier.key, Place::kName));
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle value,
                              Handle(qualifier.value, native::PlaceOfQualifier(qualifier.key)));
      Add(of, key, value, BulkLoad::kNone, source);
    }
    return absl::OkStatus();
  }

  absl::Status TellFact(const native::Pattern& fact, BulkLoad::Handle block_source) {
    ANNALS_ASSIGN_OR_RETURN(const TermExpr* predicate, native::CheckFact(fact, text_));
    ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle subject, Handle(fact.subject, Place::kName));
    ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle verb, Handle(*predicate, Place::kName));
    ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle object, Handle(fact.object, Place::kObject));
    BulkLoad::Handle time = BulkLoad::kNone, source = block_source;
    if (fact.time.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(time, Handle(*fact.time, Place::kTime));
    }
    if (fact.source.has_value()) {
      ANNALS_ASSIGN_OR_RETURN(source, Handle(*fact.source, Place::kName));
    }
    const BulkLoad::Handle number = Add(subject, verb, object, time, source);
    return TellQualifiers(number, source, fact.qualifiers);
  }

  absl::Status TellFacts(const std::vector<native::Pattern>& facts, BulkLoad::Handle source,
                         const ProgressFunction& progress) {
    for (const native::Pattern& fact : facts) {
      ANNALS_RETURN_IF_ERROR(TellFact(fact, source));
      if (!trying_ && ++facts_ % 4096 == 0 && progress) ANNALS_RETURN_IF_ERROR(progress(facts_));
    }
    return absl::OkStatus();
  }

  absl::Status Tell(const Statement& statement, const ProgressFunction& progress) {
    if (const auto* add = std::get_if<native::Add>(&statement.node)) {
      return TellFacts(add->facts, source_, progress);
    }
    if (const auto* block = std::get_if<native::FromBlock>(&statement.node)) {
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle source, Handle(block->source, Place::kName));
      if (!trying_) load_.TellsAllOf(source);
      return TellFacts(block->facts, source, progress);
    }
    if (const auto* source = std::get_if<native::SourceDecl>(&statement.node)) {
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle name, Handle(source->source, Place::kName));
      Add(name, names_.Of(kIsPredicate), names_.Of(kSourceClass), BulkLoad::kNone, BulkLoad::kNone);
      return TellQualifiers(name, BulkLoad::kNone, source->qualifiers);
    }
    if (const auto* declared = std::get_if<native::PredicateDecl>(&statement.node)) {
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle name,
                              Handle(declared->predicate, Place::kName));
      return TellQualifiers(name, BulkLoad::kNone, declared->qualifiers);
    }
    if (const auto* rule = std::get_if<native::Rule>(&statement.node)) {
      const native::Pattern& head = rule->head;
      const auto& step = std::get<native::PathStep>(head.predicate.node);
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle name, Handle(step.term, Place::kName));
      const std::string text = native::RuleText(text_.Slice(statement.span), prefixes_);
      Add(name, names_.Of(kRule), load_.Intern(Term(Text{text, ""})), BulkLoad::kNone,
          BulkLoad::kNone);
      return absl::OkStatus();
    }
    if (const auto* alias = std::get_if<native::AliasDecl>(&statement.node)) {
      ANNALS_ASSIGN_OR_RETURN(const BulkLoad::Handle entity, Handle(alias->entity, Place::kName));
      for (const TermExpr& text : alias->texts) {
        ANNALS_ASSIGN_OR_RETURN(const Term spelling, reader_.Read(text, Place::kObject));
        Add(entity, names_.Of(kAliasPredicate), load_.Intern(spelling), BulkLoad::kNone,
            BulkLoad::kNone);
      }
    }
    return absl::OkStatus();
  }

  const SourceText& text_;
  const WholeText& whole_;
  const GraphView& view_;
  EntityNames& names_;
  BulkLoad& load_;
  const RejectFunction& reject_;
  bool trying_ = false;  // is a statement sound? Nothing is told
  const std::optional<std::string> source_name_;
  bool has_aliases_ = false;  // it may have
  native::Prefixes prefixes_;
  native::ParameterValues parameters_;
  native::TermReader reader_;
  BulkLoad::Handle source_ = BulkLoad::kNone;
  const std::string blank_prefix_ = native::FreshBlankPrefix();
  uint64_t facts_ = 0;
};

class Dataset : public DatasetFile {
 public:
  Dataset(const std::string& path, const TableOptions& options, const LoadTarget& target)
      : path_(path), options_(options), target_(target) {}

  absl::Status Declare() override {
    ANNALS_ASSIGN_OR_RETURN(whole_, WholeText::Read(path_, target_.open, kLongestWhole,
                                                    target_.text_bytes(), target_.database));
    text_.emplace(whole_.text(), path_);
    file_.emplace(*text_, whole_, options_.source, target_);
    return file_->Declare();
  }
  absl::Status Tell(const ProgressFunction& progress) override { return file_->Tell(progress); }
  absl::Status Check() override { return file_->CheckAliases(); }

 private:
  const std::string path_;
  const TableOptions options_;
  const LoadTarget target_;
  WholeText whole_;
  std::optional<SourceText> text_;
  std::optional<AnnalsFile> file_;
};

}  // namespace

std::unique_ptr<DatasetFile> MakeAnnalsFile(const std::string& path, const TableOptions& options,
                                            const LoadTarget& target) {
  return std::make_unique<Dataset>(path, options, target);
}

}  // namespace annals::datasets
