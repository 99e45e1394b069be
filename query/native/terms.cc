#include "query/native/terms.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/text.h"
#include "storage/model/literal.h"

namespace annals::native {
namespace {

constexpr size_t kShownCandidates = 5;

// An IRI below the base is a name, so that both write the same entity.
Term IriTerm(std::string iri) { return Term(Iri{std::move(iri)}); }

}  // namespace

Place PlaceOfQualifier(const TermExpr& key) {
  static constexpr std::string_view kDateKeys[] = {
      "accessed", "announced", "created",  "date",      "died",      "born",
      "end",      "issued",    "modified", "published", "retrieved", "since",
      "start",    "time",      "until",    "updated",   "when"};
  const bool date =
      std::find(std::begin(kDateKeys), std::end(kDateKeys), key.text) != std::end(kDateKeys);
  // What declarations of predicates name are predicates.
  if (key.text == kInverseOf || key.text == kImplies) return Place::kName;
  return date ? Place::kDate : Place::kObject;
}

absl::StatusOr<Term> TermReader::Read(const TermExpr& expr, Place place) const {
  switch (expr.kind) {
    case TermExpr::Kind::kParameter: {
      ++parameters_read;
      const auto value = parameters.find(expr.text);
      if (value == parameters.end()) {
        return text.Error(expr.span,
                          absl::StrCat("no value was given for the parameter $", expr.text));
      }
      if (place == Place::kTime && value->second.As<Time>() == nullptr) {
        return text.Error(expr.span, absl::StrCat("the parameter $", expr.text,
                                                  " stands in the time's place but is no time"));
      }
      if (const auto* string = value->second.As<Text>();
          string != nullptr && place == Place::kName) {
        return Term(Name{string->value});
      }
      return value->second;
    }
    case TermExpr::Kind::kQuotedName:
      return Term(Name{expr.text});
    case TermExpr::Kind::kIri:
      return IriTerm(expr.text);
    case TermExpr::Kind::kBlankNode:
      return Term(Term::Value(BlankNode{expr.text}));
    case TermExpr::Kind::kString: {
      if (place == Place::kName) {
        return text.Error(expr.span,
                          "expected a name here, not a text in quotes; a name that holds "
                          "quotes is written in backticks");
      }
      if (expr.datatype.empty()) return Term(Text{expr.text, AsciiLower(expr.language)});
      std::string datatype = expr.datatype;
      if (expr.datatype_prefixed) {
        const size_t colon = datatype.find(':');
        const auto prefix = prefixes.find(datatype.substr(0, colon));
        if (prefix == prefixes.end()) {
          return text.Error(expr.span, absl::StrCat("no prefix '", datatype.substr(0, colon),
                                                    ":' is declared; expected prefix ",
                                                    datatype.substr(0, colon), ": <...>; before"));
        }
        datatype = prefix->second + datatype.substr(colon + 1);
      }
      return LiteralTerm(expr.text, std::move(datatype));
    }
    case TermExpr::Kind::kVariable:
    case TermExpr::Kind::kAnything:
      return text.Error(expr.span, "expected a name or value here, not a variable");
    case TermExpr::Kind::kWord:
      break;
  }
  if (expr.text.empty()) return text.Error(expr.span, "a name can't be empty");
  if (const size_t colon = expr.text.find(':'); colon != std::string::npos &&
                                                place != Place::kTime &&
                                                expr.text.find(' ') == std::string::npos) {
    if (const auto prefix = prefixes.find(expr.text.substr(0, colon)); prefix != prefixes.end()) {
      return IriTerm(prefix->second + expr.text.substr(colon + 1));
    }
  }
  if (place == Place::kName) return Term(Name{expr.text});
  const bool year = Time::LooksLikeBareYear(expr.text);
  if (place == Place::kTime || (place == Place::kDate && year)) {
    auto time = Time::Parse(expr.text);
    if (!time.ok()) return text.Error(expr.span, ToStd(time.status().message()));
    return Term(*time);
  }
  auto term = ParseBareTerm(expr.text);
  if (!term.ok()) {
    return text.Error(expr.span, ToStd(term.status().message()),
                      "a name that looks like a time is written in backticks");
  }
  return *term;
}

std::string TermForMessage(const Term& term) {
  if (const auto* name = term.As<Name>()) return EscapeForDisplay(name->text);
  return EscapeForDisplay(LanguageText(term));
}

absl::Status NameResolver::NoteUnknown(std::string_view name) {
  if (!unknown_.emplace(name).second) return absl::OkStatus();
  // A search goes through all names.
  if (unknown_.size() > kMostSearched) {
    if (!more_.has_value()) {
      more_ = notes_->size();
      notes_->emplace_back();
    }
    const size_t more = unknown_.size() - kMostSearched;
    (*notes_)[*more_] =
        absl::StrCat(more, more == 1 ? " more name is" : " more names are", " not known");
    return absl::OkStatus();
  }
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> near,
                          view_.NearestNames(name, kShownCandidates));
  std::string note = absl::StrCat("no entity is called '", EscapeForDisplay(name), "'");
  std::vector<std::string> shown;
  for (const NameMatch& match : near) {
    std::string spelling = absl::StrCat("'", EscapeForDisplay(match.matched), "'");
    if (std::find(shown.begin(), shown.end(), spelling) == shown.end()) {
      shown.push_back(std::move(spelling));
    }
  }
  for (size_t i = 0; i < shown.size(); ++i) {
    absl::StrAppend(&note,
                    i == 0                  ? "; did you mean "
                    : i + 1 == shown.size() ? " or "
                                            : ", ",
                    shown[i]);
  }
  if (!shown.empty()) note += "?";
  if (std::find(notes_->begin(), notes_->end(), note) == notes_->end()) notes_->push_back(note);
  return absl::OkStatus();
}

// Names stay known when all that was told of them is removed; those make nothing ambiguous.
absl::Status NameResolver::KeepUsed(std::vector<TermId>* entities) const {
  std::vector<TermId> used;
  for (TermId entity : *entities) {
    uint64_t rows = 0;
    for (Permutation permutation :
         {Permutation::kSpo, Permutation::kPos, Permutation::kOsp, Permutation::kSource}) {
      ScanSpec spec;
      spec.permutation = permutation;
      spec.prefix = {entity};
      ANNALS_ASSIGN_OR_RETURN(const uint64_t found, view_.CountRows(spec));
      rows += found;
    }
    if (rows > 0) used.push_back(entity);
  }
  if (!used.empty()) *entities = std::move(used);
  return absl::OkStatus();
}

void NameResolver::NoteUse(const NameMatch& match, const std::string& asked, const Term& entity) {
  if (match.rank == NameRank::kExact) return;
  const std::string own = TermForMessage(entity);
  std::string text = absl::StrCat("'", EscapeForDisplay(asked), "'");
  if (match.rank == NameRank::kFolded && match.matched != asked) {
    absl::StrAppend(&text, " is read as '", EscapeForDisplay(match.matched), "'");
    if (match.matched != own) absl::StrAppend(&text, ", an alias of ", own);
  } else {
    absl::StrAppend(&text, " is an alias of ", own);
  }
  const bool known = std::any_of(uses_.begin(), uses_.end(), [&](const NameUse& use) {
    return use.entity == match.entity && use.text == text;
  });
  if (!known) uses_.push_back({match.entity, std::move(text)});
}

absl::StatusOr<Resolved> NameResolver::Resolve(const Term& term, Span span) {
  Term wanted = term;
  if (const auto* iri = term.As<Iri>()) {
    if (auto name = IriToName(view_.base_iri(), iri->text)) wanted = Term(Name{*name});
  }
  const auto* name = wanted.As<Name>();
  if (name == nullptr) {
    ANNALS_ASSIGN_OR_RETURN(const TermId id, view_.Find(wanted));
    return Resolved{id, wanted};
  }
  ANNALS_ASSIGN_OR_RETURN(const std::vector<NameMatch> matches,
                          view_.ResolveName(name->text, loose_));
  if (matches.empty()) {
    ANNALS_RETURN_IF_ERROR(NoteUnknown(name->text));
    return Resolved{TermId(), wanted};
  }
  if (matches.size() == 1 && matches[0].rank == NameRank::kExact) {
    return Resolved{matches[0].entity, wanted};
  }
  std::vector<TermId> entities;
  for (const NameMatch& match : matches) {
    if (std::find(entities.begin(), entities.end(), match.entity) == entities.end()) {
      entities.push_back(match.entity);
    }
  }
  if (entities.size() > 1) ANNALS_RETURN_IF_ERROR(KeepUsed(&entities));
  if (entities.size() == 1) {
    ANNALS_ASSIGN_OR_RETURN(Term entity, view_.Get(entities[0]));
    for (const NameMatch& match : matches) {
      if (match.entity == entities[0]) NoteUse(match, name->text, entity);
    }
    return Resolved{entities[0], std::move(entity)};
  }
  std::string candidates;
  for (size_t i = 0; i < entities.size() && i < kShownCandidates; ++i) {
    ANNALS_ASSIGN_OR_RETURN(const Term entity, view_.Get(entities[i]));
    absl::StrAppend(&candidates, i == 0 ? "" : ", ", "'", TermForMessage(entity), "'");
  }
  if (entities.size() > kShownCandidates) {
    absl::StrAppend(&candidates, " and ", entities.size() - kShownCandidates, " more");
  }
  return text_.Error(span, absl::StrCat("'", EscapeForDisplay(name->text), "' may be any of ",
                                        candidates, "; write the name itself"));
}

}  // namespace annals::native
