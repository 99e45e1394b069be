#include "datasets/io/columns.h"

#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "storage/base/text.h"
#include "storage/model/term.h"
#include "storage/model/time.h"

namespace annals::datasets {
namespace {

enum class Role : uint8_t {
  kSubject,
  kPredicate,
  kObject,
  kTime,
  kStart,
  kEnd,
  kSource,
  kIgnored,
  kQualifier
};

Role RoleOf(std::string_view name) {
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

// "1926-##-##" is the year 1926; a date of which nothing is known is empty. Many published data
// sets write unknown parts so; years of fewer than four digits are written out.
std::string KnownPart(std::string_view text) {
  const size_t unknown = text.find('#');
  if (unknown != std::string_view::npos) {
    text = text.substr(0, unknown);
    while (text.ends_with('-')) text.remove_suffix(1);
  }
  const bool negative = text.starts_with('-');
  std::string_view digits = negative ? text.substr(1) : text;
  const size_t year_digits = std::min(digits.find('-'), digits.size());
  if (year_digits == 0 || year_digits >= 4 || unknown == std::string_view::npos) {
    return std::string(text);
  }
  return absl::StrCat(negative ? "-" : "", std::string(4 - year_digits, '0'), ToAbsl(digits));
}

}  // namespace

class FactColumns::Impl {
 public:
  Impl(EntityNames& names, BulkLoad& load) : names_(names), load_(load) {}

  absl::Status Init(std::span<const std::string> names, const std::optional<std::string>& source) {
    for (size_t i = 0; i < names.size(); ++i) {
      const Role role = RoleOf(names[i]);
      roles_.push_back(role);
      keys_.push_back(role == Role::kQualifier ? names_.Of(names[i]) : BulkLoad::kNone);
      if (role == Role::kIgnored || role == Role::kQualifier) {
        if (names[i].empty())
          return InvalidArgument(absl::StrCat("column ", i + 1, " has no name"));
        continue;
      }
      size_t& place = places_[static_cast<size_t>(role)];
      if (place != kAbsent) {
        return InvalidArgument(absl::StrCat("columns ", place + 1, " and ", i + 1, " are both the ",
                                            ToAbsl(AsciiLower(names[i]))));
      }
      place = i;
    }
    if (source.has_value()) {
      if (place(Role::kSource) != kAbsent) {
        return InvalidArgument(
            "there is a source column, and `from` gives a source as well; "
            "leave one of them out");
      }
      source_ = names_.Of(*source);
    }
    return CheckPlaces(names);
  }

  size_t size() const { return roles_.size(); }

  bool IsHeader(std::span<const std::string_view> fields) const {
    for (Role role : {Role::kSubject, Role::kPredicate, Role::kObject}) {
      if (RoleOf(fields[place(role)]) != role) return false;
    }
    return true;
  }

  std::optional<FieldError> Tell(std::span<const std::string_view> fields) {
    for (Role role : {Role::kSubject, Role::kPredicate, Role::kObject}) {
      if (fields[place(role)].empty()) {
        return FieldError{place(role), "this field is empty; expected a name"};
      }
    }
    BulkLoad::Handle object, time = BulkLoad::kNone, source = source_;
    if (auto error = Bare(fields, place(Role::kObject), &object)) return error;
    if (auto error = TimeOf(fields, &time)) return error;
    if (const size_t at = place(Role::kSource); at != kAbsent && !fields[at].empty()) {
      source = names_.Of(fields[at]);
    }
    // Nothing is told of a row that has a fault.
    qualifiers_.clear();
    for (size_t i = 0; i < roles_.size(); ++i) {
      if (roles_[i] != Role::kQualifier || fields[i].empty()) continue;
      BulkLoad::Handle value;
      if (auto error = Bare(fields, i, &value)) return error;
      qualifiers_.emplace_back(keys_[i], value);
    }
    const BulkLoad::Handle fact =
        load_.Add(names_.Of(fields[place(Role::kSubject)]),
                  names_.Of(fields[place(Role::kPredicate)]), object, time, source);
    for (const auto& [key, value] : qualifiers_) {
      load_.Add(fact, key, value, BulkLoad::kNone, source);
    }
    return std::nullopt;
  }

 private:
  static constexpr size_t kAbsent = SIZE_MAX;

  size_t place(Role role) const { return places_[static_cast<size_t>(role)]; }

  absl::Status CheckPlaces(std::span<const std::string> names) const {
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

  // A field typed as a bare term is: a number, boolean or time if all of it is one, else a name.
  std::optional<FieldError> Bare(std::span<const std::string_view> fields, size_t at,
                                 BulkLoad::Handle* handle) {
    const std::string_view text = fields[at];
    if (!MayBeLiteral(text)) {
      *handle = names_.Of(text);
      return std::nullopt;
    }
    if (const auto known = bare_.find(ToAbsl(text)); known != bare_.end()) {
      *handle = known->second;
      return std::nullopt;
    }
    if (text == "true" || text == "false") {
      *handle = load_.Intern(Term(text == "true"));
    } else if (auto number = ParseNumber(text)) {
      *handle = load_.Intern(*number);
    } else if (Time::LooksLikeTime(text)) {
      auto time = Time::Parse(text);
      if (!time.ok()) return FieldError{at, std::string(time.status().message())};
      *handle = load_.Intern(Term(*time));
    } else {
      *handle = names_.Of(text);
    }
    Remember(text, *handle, &bare_);
    return std::nullopt;
  }

  static bool MayBeLiteral(std::string_view text) {
    const char c = text.front();
    return (c >= '0' && c <= '9') || c == '-' || c == '+' || c == '.' || text == "true" ||
           text == "false";
  }

  std::optional<FieldError> TimeOf(std::span<const std::string_view> fields,
                                   BulkLoad::Handle* handle) {
    if (const size_t at = place(Role::kTime); at != kAbsent) {
      return TimeHandle(fields[at], at, handle);
    }
    const size_t start_at = place(Role::kStart), end_at = place(Role::kEnd);
    if (start_at == kAbsent && end_at == kAbsent) return std::nullopt;
    const std::string start = start_at == kAbsent ? "" : KnownPart(fields[start_at]);
    const std::string end = end_at == kAbsent ? "" : KnownPart(fields[end_at]);
    if (start.empty() && end.empty()) return std::nullopt;
    return TimeHandle(absl::StrCat(start, "..", end), start_at == kAbsent ? end_at : start_at,
                      handle);
  }

  std::optional<FieldError> TimeHandle(std::string_view written, size_t at,
                                       BulkLoad::Handle* handle) {
    if (written == last_time_text_) {
      *handle = last_time_;
      return std::nullopt;
    }
    if (const auto known = times_.find(ToAbsl(written)); known != times_.end()) {
      *handle = known->second;
    } else {
      const std::string text = KnownPart(written);
      *handle = BulkLoad::kNone;
      if (!text.empty()) {
        auto time = Time::Parse(text);
        if (!time.ok()) return FieldError{at, std::string(time.status().message())};
        *handle = load_.Intern(Term(*time));
      }
      Remember(written, *handle, &times_);
    }
    last_time_text_ = written;
    last_time_ = *handle;
    return std::nullopt;
  }

  using Cache = absl::flat_hash_map<std::string, BulkLoad::Handle>;
  static void Remember(std::string_view text, BulkLoad::Handle handle, Cache* cache) {
    constexpr size_t kMostRemembered = 1 << 20;
    if (cache->size() < kMostRemembered) cache->emplace(text, handle);
  }

  EntityNames& names_;
  BulkLoad& load_;
  std::vector<Role> roles_;
  std::vector<BulkLoad::Handle> keys_;                                     // of qualifier columns
  std::vector<std::pair<BulkLoad::Handle, BulkLoad::Handle>> qualifiers_;  // of the present row
  size_t places_[8] = {kAbsent, kAbsent, kAbsent, kAbsent, kAbsent, kAbsent, kAbsent, kAbsent};
  BulkLoad::Handle source_ = BulkLoad::kNone;
  Cache bare_, times_;
  std::string last_time_text_;
  BulkLoad::Handle last_time_ = BulkLoad::kNone;
};

FactColumns::FactColumns(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
FactColumns::FactColumns(FactColumns&&) noexcept = default;
FactColumns& FactColumns::operator=(FactColumns&&) noexcept = default;
FactColumns::~FactColumns() = default;

absl::StatusOr<FactColumns> FactColumns::Make(std::span<const std::string> names,
                                              const std::optional<std::string>& source,
                                              EntityNames& names_of_entities, BulkLoad& load) {
  auto impl = std::make_unique<Impl>(names_of_entities, load);
  ANNALS_RETURN_IF_ERROR(impl->Init(names, source));
  return FactColumns(std::move(impl));
}

size_t FactColumns::size() const { return impl_->size(); }
bool FactColumns::IsHeader(std::span<const std::string_view> fields) const {
  return impl_->IsHeader(fields);
}
std::optional<FieldError> FactColumns::Tell(std::span<const std::string_view> fields) {
  return impl_->Tell(fields);
}

}  // namespace annals::datasets
