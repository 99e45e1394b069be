#include "datasets/io/columns.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"
#include "storage/model/time.h"

namespace annals::datasets {
namespace {

using Role = ColumnRole;

// A worker's texts beyond these begin a new table, however much it may take.
constexpr uint64_t kMostTexts = uint64_t{1} << 21;

// "1926-##-##" is the year 1926; a date of which nothing is known is empty. Many published data
// sets write unknown parts so. A part with any unknown digit is unknown, as 19## of a year; years
// of fewer than four digits are written out.
std::string KnownPart(std::string_view text) {
  const size_t unknown = text.find('#');
  if (unknown != std::string_view::npos) {
    const size_t part = text.rfind('-', unknown);
    text = text.substr(0, part == std::string_view::npos ? 0 : part);
  }
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  const size_t year_digits = std::min(digits.find('-'), digits.size());
  if (year_digits == 0 || year_digits >= 4 || unknown == std::string_view::npos) {
    return std::string(text);
  }
  return absl::StrCat(negative ? "-" : "", std::string(4 - year_digits, '0'), ToAbsl(digits));
}

bool MayBeLiteral(std::string_view text) {
  const char c = text.front();
  return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || text == "true" ||
         text == "false";
}

}  // namespace

ColumnRole RoleOfColumn(std::string_view name) {
  static constexpr std::pair<std::string_view, Role> kRoles[] = {
      {"subject", Role::kSubject},    {"predicate", Role::kPredicate},
      {"relation", Role::kPredicate}, {"object", Role::kObject},
      {"time", Role::kTime},          {"date", Role::kTime},
      {"start", Role::kStart},        {"end", Role::kEnd},
      {"source", Role::kSource},      {"_", Role::kIgnored},
  };
  for (const auto& [known, role] : kRoles) {
    if (AsciiLower(name) == known) return role;
  }
  return Role::kQualifier;
}

absl::StatusOr<Term> FieldTerm(std::string_view text) {
  if (text.empty() || !MayBeLiteral(text)) return Term(Name{std::string(text)});
  if (text == "true" || text == "false") return Term(text == "true");
  if (auto number = ParseNumber(text)) return *std::move(number);
  if (!Time::LooksLikeTime(text)) return Term(Name{std::string(text)});
  ANNALS_ASSIGN_OR_RETURN(const Time time, Time::Parse(text));
  return Term(time);
}

absl::StatusOr<FactColumns> FactColumns::Make(std::span<const std::string> names,
                                              const std::optional<std::string>& source,
                                              EntityNames& names_of_entities) {
  FactColumns columns;
  ANNALS_RETURN_IF_ERROR(columns.Init(names, source, names_of_entities));
  return columns;
}

absl::Status FactColumns::Init(std::span<const std::string> names,
                               const std::optional<std::string>& source,
                               EntityNames& names_of_entities) {
  if (names.size() > kMost) {
    return InvalidArgument(absl::StrCat("there are ", names.size(),
                                        " columns; a table of facts has ", kMost, " at most"));
  }
  for (size_t i = 0; i < names.size(); ++i) {
    const Role role = RoleOfColumn(names[i]);
    roles_.push_back(role);
    if (role == Role::kQualifier) qualifiers_.push_back({i, names_of_entities.Of(names[i])});
    if (role == Role::kIgnored || role == Role::kQualifier) {
      if (names[i].empty()) return InvalidArgument(absl::StrCat("column ", i + 1, " has no name"));
      continue;
    }
    size_t& at = places_[static_cast<size_t>(role)];
    if (at != kAbsent) {
      return InvalidArgument(absl::StrCat("columns ", at + 1, " and ", i + 1, " are both the ",
                                          ToAbsl(AsciiLower(names[i]))));
    }
    at = i;
  }
  if (source.has_value()) {
    if (place(Role::kSource) != kAbsent) {
      return InvalidArgument(
          "there is a source column, and `from` gives a source as well; "
          "leave one of them out");
    }
    source_ = names_of_entities.Of(*source);
  }
  return CheckPlaces(names);
}

absl::Status FactColumns::CheckPlaces(std::span<const std::string> names) const {
  static constexpr std::pair<Role, std::string_view> kNeeded[] = {
      {Role::kSubject, "subject"}, {Role::kPredicate, "predicate"}, {Role::kObject, "object"}};
  for (const auto& [role, name] : kNeeded) {
    if (place(role) != kAbsent) continue;
    std::string found;
    for (const std::string& column : names) {
      absl::StrAppend(&found, found.empty() ? "" : ", ", EscapeForDisplay(column));
      if (found.size() > 120) break;
    }
    return InvalidArgument(absl::StrCat(
        "no column is called '", ToAbsl(name), "' (the columns are: ", found,
        "); name the columns in a header, or in `load \"file\" as (subject, predicate, "
        "object, time)`"));
  }
  if (place(Role::kTime) != kAbsent &&
      (place(Role::kStart) != kAbsent || place(Role::kEnd) != kAbsent)) {
    return InvalidArgument(
        "there is a time column, and a start or end as well; expected either "
        "time or start and end");
  }
  return absl::OkStatus();
}

bool FactColumns::IsHeader(std::span<const std::string_view> fields) const {
  // As a time these words would be a fault.
  for (const Role role : {Role::kTime, Role::kStart, Role::kEnd}) {
    if (place(role) != kAbsent && RoleOfColumn(fields[place(role)]) == role) return true;
  }
  for (const Role role : {Role::kSubject, Role::kPredicate, Role::kObject}) {
    if (RoleOfColumn(fields[place(role)]) != role) return false;
  }
  return true;
}

struct RowParser::Spare {
  static constexpr size_t kMost = 4;
  Spare() { tables.reserve(kMost); }

  std::mutex mutex;
  std::vector<std::unique_ptr<TextTable>> tables;
};

std::shared_ptr<TextTable> RowParser::NewTable() const {
  std::unique_ptr<TextTable> table;
  {
    const std::lock_guard<std::mutex> lock(spare_->mutex);
    if (!spare_->tables.empty()) {
      table = std::move(spare_->tables.back());
      spare_->tables.pop_back();
    }
  }
  if (table == nullptr) {
    table = std::make_unique<TextTable>();
  } else {
    table->Clear();
  }
  return {table.release(), [spare = spare_](TextTable* used) {
            std::unique_ptr<TextTable> kept(used);
            const std::lock_guard<std::mutex> lock(spare->mutex);
            if (spare->tables.size() < Spare::kMost) spare->tables.push_back(std::move(kept));
          }};
}

RowParser::RowParser(const FactColumns& columns, uint64_t table_bytes)
    : columns_(columns),
      table_bytes_(table_bytes),
      spare_(std::make_shared<Spare>()),
      probes_(kTogether * columns.size()) {
  static constexpr std::pair<Role, TextKind> kLookedUp[] = {{Role::kSubject, kName},
                                                            {Role::kPredicate, kName},
                                                            {Role::kObject, kLiteral},
                                                            {Role::kTime, kTime},
                                                            {Role::kSource, kName}};
  for (const auto& [role, kind] : kLookedUp) {
    const size_t place = columns.place(role);
    if (place != FactColumns::kAbsent) {
      text_columns_.push_back({place, role == Role::kObject, kind});
    }
  }
  for (const FactColumns::Qualifier& qualifier : columns.qualifiers()) {
    text_columns_.push_back({qualifier.place, true, kLiteral});
  }
}

void RowParser::Begin(ParsedRows* out) {
  if (table_ == nullptr || table_->size() > kMostTexts || table_->bytes() > table_bytes_) {
    table_ = NewTable();
    wrong_.clear();
  }
  out_ = out;
  out->table = table_;
}

void RowParser::Expect(size_t index, std::span<const std::string_view> fields) {
  for (const TextColumn& column : text_columns_) {
    const std::string_view text = fields[column.place];
    TextKind kind = column.kind;
    if (column.bare) kind = !text.empty() && MayBeLiteral(text) ? kLiteral : kName;
    ProbeAt(index, column.place) = table_->Expect(kind, text);
  }
}

void RowParser::ExpectSoon(size_t index, std::span<const std::string_view> fields) {
  for (const TextColumn& column : text_columns_) {
    table_->ExpectSoon(fields[column.place], &ProbeAt(index, column.place));
  }
}

uint32_t RowParser::Named(std::span<const std::string_view> fields, size_t at) {
  const auto [number, is_new] = table_->Add(ProbeAt(index_, at), fields[at]);
  if (is_new) out_->new_texts.push_back({row_, ParsedRows::kName, table_->text(number)});
  return number + 1;
}

template <typename Read>
std::optional<FieldError> RowParser::Typed(const TextTable::Probe& probe, std::string_view text,
                                           size_t at, uint32_t* number, Read read) {
  const auto [known, is_new] = table_->Add(probe, text);
  *number = known + 1;
  if (is_new) {
    std::optional<Term> term = Term();
    if (std::optional<std::string> wrong = read(&term)) {
      wrong_.emplace_back(known, *std::move(wrong));
    }
    uint32_t place = ParsedRows::kName;
    if (term.has_value()) {
      place = static_cast<uint32_t>(out_->terms.size());
      out_->terms.push_back(*std::move(term));
    }
    out_->new_texts.push_back({row_, place, table_->text(known)});
  }
  // Few have a fault: most files end with the first.
  if (wrong_.empty()) return std::nullopt;
  const auto wrong =
      std::lower_bound(wrong_.begin(), wrong_.end(), known,
                       [](const auto& entry, uint32_t wanted) { return entry.first < wanted; });
  if (wrong == wrong_.end() || wrong->first != known) return std::nullopt;
  return FieldError{at, wrong->second};
}

std::optional<FieldError> RowParser::Bare(std::span<const std::string_view> fields, size_t at,
                                          uint32_t* number) {
  const std::string_view text = fields[at];
  if (!MayBeLiteral(text)) {
    *number = Named(fields, at);
    return std::nullopt;
  }
  const auto read = [&](std::optional<Term>* term) -> std::optional<std::string> {
    absl::StatusOr<Term> read_term = FieldTerm(text);
    if (!read_term.ok()) return std::string(read_term.status().message());
    term->reset();
    if (read_term->As<Name>() == nullptr) *term = *std::move(read_term);
    return std::nullopt;
  };
  return Typed(ProbeAt(index_, at), text, at, number, read);
}

std::optional<FieldError> RowParser::TimeAt(const TextTable::Probe& probe, std::string_view written,
                                            size_t at, uint32_t* number) {
  const auto read = [&](std::optional<Term>* term) -> std::optional<std::string> {
    const std::string text = KnownPart(written);
    if (text.empty()) return std::nullopt;
    auto time = Time::Parse(text);
    if (!time.ok()) return std::string(time.status().message());
    *term = Term(*time);
    return std::nullopt;
  };
  return Typed(probe, written, at, number, read);
}

std::optional<FieldError> RowParser::TimeOf(std::span<const std::string_view> fields,
                                            uint32_t* number) {
  if (const size_t at = columns_.place(Role::kTime); at != FactColumns::kAbsent) {
    return TimeAt(ProbeAt(index_, at), fields[at], at, number);
  }
  const size_t start_at = columns_.place(Role::kStart), end_at = columns_.place(Role::kEnd);
  if (start_at == FactColumns::kAbsent && end_at == FactColumns::kAbsent) return std::nullopt;
  const std::string start = start_at == FactColumns::kAbsent ? "" : KnownPart(fields[start_at]);
  const std::string end = end_at == FactColumns::kAbsent ? "" : KnownPart(fields[end_at]);
  if (start.empty() && end.empty()) return std::nullopt;
  times_ = absl::StrCat(start, "..", end);
  const size_t at = start_at == FactColumns::kAbsent ? end_at : start_at;
  return TimeAt(table_->Expect(kTime, times_), times_, at, number);
}

std::optional<FieldError> RowParser::Parse(size_t index, size_t row,
                                           std::span<const std::string_view> fields) {
  index_ = index;
  row_ = static_cast<uint32_t>(row);
  for (const Role role : {Role::kSubject, Role::kPredicate, Role::kObject}) {
    if (fields[columns_.place(role)].empty()) {
      return FieldError{columns_.place(role), "this field is empty; expected a name"};
    }
  }
  uint32_t object = 0, time = 0, source = 0;
  if (auto error = Bare(fields, columns_.place(Role::kObject), &object)) return error;
  if (auto error = TimeOf(fields, &time)) return error;
  if (const size_t at = columns_.place(Role::kSource);
      at != FactColumns::kAbsent && !fields[at].empty()) {
    source = Named(fields, at);
  }
  // Nothing is told of a row that has a fault.
  values_.clear();
  const auto& qualifiers = columns_.qualifiers();
  for (uint32_t i = 0; i < qualifiers.size(); ++i) {
    if (fields[qualifiers[i].place].empty()) continue;
    uint32_t value = 0;
    if (auto error = Bare(fields, qualifiers[i].place, &value)) return error;
    values_.push_back(i);
    values_.push_back(value);
  }
  const uint32_t predicate = Named(fields, columns_.place(Role::kPredicate));
  const uint32_t subject = Named(fields, columns_.place(Role::kSubject));
  const auto count = static_cast<uint32_t>(values_.size() / 2);
  out_->facts.insert(out_->facts.end(), {subject, predicate, object, time, source, count});
  out_->facts.insert(out_->facts.end(), values_.begin(), values_.end());
  return std::nullopt;
}

absl::Status RowTeller::Tell(size_t worker, const ParsedRows& rows,
                             const std::function<absl::Status(size_t row)>& before) {
  if (worker >= known_.size()) known_.resize(worker + 1);
  Known& known = known_[worker];
  if (known.table != rows.table) {
    known.table = rows.table;
    known.handles.assign(1, BulkLoad::kNone);
  }
  for (const ParsedRows::NewText& text : rows.new_texts) {
    ANNALS_RETURN_IF_ERROR(before(text.row));
    BulkLoad::Handle handle = BulkLoad::kNone;
    if (text.term == ParsedRows::kName) {
      handle = names_.Later(text.text);
      ANNALS_RETURN_IF_ERROR(names_.status());
    } else if (const Term& term = rows.terms[text.term]; !term.is_undefined()) {
      handle = load_.Intern(term);
    }
    known.handles.push_back(handle);
  }
  const BigVector<BulkLoad::Handle>& of = known.handles;
  const std::vector<uint32_t>& facts = rows.facts;
  for (size_t at = 0; at < facts.size();) {
    const uint32_t* const fact = &facts[at];
    const BulkLoad::Handle source = fact[4] == 0 ? columns_.source() : of[fact[4]];
    const BulkLoad::Handle added =
        load_.Add(of[fact[0]], of[fact[1]], of[fact[2]], of[fact[3]], source);
    for (uint32_t i = 0; i < fact[5]; ++i) {
      load_.Add(added, columns_.qualifiers()[fact[6 + 2 * i]].predicate, of[fact[7 + 2 * i]],
                BulkLoad::kNone, source);
    }
    at += 6 + 2 * size_t{fact[5]};
  }
  return absl::OkStatus();
}

}  // namespace annals::datasets
