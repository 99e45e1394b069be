#include "storage/model/term.h"

#include <algorithm>

#include "storage/base/text.h"

namespace annals {
namespace {

// Where kinds stand in the total order.
int OrderClass(const Term& term) {
  static constexpr int kClasses[] = {
      /*monostate*/ 99, /*int64*/ 0,     /*Decimal*/ 0, /*double*/ 0,
      /*bool*/ 3,
      /*Time*/ 1,       /*Duration*/ 2,  /*Text*/ 4,    /*TypedLiteral*/ 5,
      /*Name*/ 6,
      /*Iri*/ 6,        /*BlankNode*/ 7, /*FactRef*/ 8, /*TermList*/ 9};
  return kClasses[term.value().index()];
}

int Sign(int comparison) { return comparison < 0 ? -1 : comparison > 0 ? 1 : 0; }
int Sign(std::partial_ordering ordering) { return ordering < 0 ? -1 : ordering > 0 ? 1 : 0; }
std::partial_ordering Ordering(int comparison) {
  return comparison < 0   ? std::partial_ordering::less
         : comparison > 0 ? std::partial_ordering::greater
                          : std::partial_ordering::equivalent;
}

// UTF-8 bytes order as code points do.
std::string_view TextOf(const Term& term) {
  if (const auto* name = term.As<Name>()) return name->text;
  if (const auto* iri = term.As<Iri>()) return iri->text;
  if (const auto* node = term.As<BlankNode>()) return node->label;
  if (const auto* text = term.As<Text>()) return text->value;
  if (const auto* literal = term.As<TypedLiteral>()) return literal->value;
  return {};
}

int CompareSameClass(const Term& a, const Term& b) {
  if (a.is_number()) return Sign(CompareNumbers(*a.AsNumber(), *b.AsNumber()));
  if (const auto* time = a.As<Time>()) return CompareTimes(*time, *b.As<Time>());
  if (const auto* duration = a.As<Duration>())
    return CompareDurations(*duration, *b.As<Duration>());
  if (const auto* boolean = a.As<bool>())
    return static_cast<int>(*boolean) - static_cast<int>(*b.As<bool>());
  if (const auto* fact = a.As<FactRef>()) {
    const uint64_t left = fact->number, right = b.As<FactRef>()->number;
    return left < right ? -1 : left > right ? 1 : 0;
  }
  if (const auto* list = a.As<TermList>()) {
    const TermList& other = *b.As<TermList>();
    for (size_t i = 0; i < std::min(list->size(), other.size()); ++i) {
      if (const int order = CompareForOrder((*list)[i], other[i]); order != 0) return order;
    }
    return list->size() < other.size() ? -1 : list->size() > other.size() ? 1 : 0;
  }
  return Sign(TextOf(a).compare(TextOf(b)));
}

// An integer beside a time is that year.
std::optional<Time> AsTime(const Term& term) {
  if (const auto* time = term.As<Time>()) return *time;
  if (const auto* year = term.As<int64_t>()) return Time::Year(*year);
  return std::nullopt;
}

std::optional<std::pair<std::string_view, std::string_view>> SplitAtNul(std::string_view key) {
  const size_t nul = key.find('\0');
  if (nul == std::string_view::npos || nul == 0) return std::nullopt;
  return std::pair(key.substr(0, nul), key.substr(nul + 1));
}

// `term`, read from `key`, unless another key or an inline id is its own.
std::optional<Term> Canonical(TermKind kind, std::string_view key, Term term) {
  if (KindOf(term) != kind || DictionaryKey(term) != key) return std::nullopt;
  return term;
}

}  // namespace

Term::Term(const Number& number) {
  std::visit([this](const auto& value) { value_ = value; }, number);
}

std::optional<Number> Term::AsNumber() const {
  if (const auto* integer = As<int64_t>()) return Number(*integer);
  if (const auto* decimal = As<Decimal>()) return Number(*decimal);
  if (const auto* real = As<double>()) return Number(*real);
  return std::nullopt;
}

bool Term::is_number() const {
  return As<int64_t>() != nullptr || As<Decimal>() != nullptr || As<double>() != nullptr;
}

TermKind KindOf(const Term& term) {
  struct Visitor {
    TermKind operator()(std::monostate) const { return TermKind::kUndefined; }
    TermKind operator()(int64_t value) const {
      return TermId::IntegerFits(value) ? TermKind::kInteger : TermKind::kNumber;
    }
    TermKind operator()(const Decimal&) const { return TermKind::kNumber; }
    TermKind operator()(double) const { return TermKind::kNumber; }
    TermKind operator()(bool) const { return TermKind::kBoolean; }
    TermKind operator()(const Time& time) const {
      return time.ToInlineId().has_value() ? TermKind::kTime : TermKind::kDictionaryTime;
    }
    TermKind operator()(const Duration&) const { return TermKind::kLocal; }
    TermKind operator()(const Text& text) const {
      return text.language.empty() ? TermKind::kText : TermKind::kLanguageText;
    }
    TermKind operator()(const TypedLiteral&) const { return TermKind::kTypedLiteral; }
    TermKind operator()(const Name&) const { return TermKind::kName; }
    TermKind operator()(const Iri&) const { return TermKind::kIri; }
    TermKind operator()(const BlankNode&) const { return TermKind::kBlankNode; }
    TermKind operator()(const FactRef&) const { return TermKind::kFact; }
    TermKind operator()(const TermList&) const { return TermKind::kLocal; }
  };
  return std::visit(Visitor{}, term.value());
}

std::optional<TermId> InlineId(const Term& term) {
  if (term.is_undefined()) return TermId();
  if (const auto* integer = term.As<int64_t>();
      integer != nullptr && TermId::IntegerFits(*integer)) {
    return TermId::Integer(*integer);
  }
  if (const auto* boolean = term.As<bool>()) return TermId::Boolean(*boolean);
  if (const auto* fact = term.As<FactRef>()) return TermId::Fact(fact->number);
  if (const auto* time = term.As<Time>()) return time->ToInlineId();
  return std::nullopt;
}

std::optional<Term> TermFromInlineId(TermId id) {
  switch (id.kind()) {
    case TermKind::kUndefined:
      return id.is_undefined() ? std::optional(Term()) : std::nullopt;
    case TermKind::kInteger:
      return Term(id.integer());
    case TermKind::kBoolean:
      return id.payload() < 2 ? std::optional(Term(id.payload() == 1)) : std::nullopt;
    case TermKind::kFact:
      return Term(FactRef{id.payload()});
    case TermKind::kTime: {
      auto time = Time::FromInlineId(id);
      if (!time.ok()) return std::nullopt;
      return Term(*time);
    }
    default:  // the kinds of the dictionary, and bits that name no kind
      return std::nullopt;
  }
}

std::string DictionaryKey(const Term& term) {
  if (const auto number = term.AsNumber()) {
    static constexpr char kTags[] = {'i', 'd', 'f'};
    return kTags[number->index()] + NumberToText(*number);
  }
  if (const auto* time = term.As<Time>()) return time->ToString();
  if (const auto* text = term.As<Text>(); text != nullptr && !text->language.empty()) {
    return text->language + '\0' + text->value;
  }
  if (const auto* literal = term.As<TypedLiteral>())
    return literal->datatype + '\0' + literal->value;
  return std::string(TextOf(term));
}

std::optional<Term> TermFromDictionaryKey(TermKind kind, std::string_view key) {
  switch (kind) {
    case TermKind::kNumber: {
      const auto number = ParseNumberText(key.substr(std::min<size_t>(1, key.size())));
      if (!number.has_value()) return std::nullopt;
      return Canonical(kind, key, Term(*number));
    }
    case TermKind::kDictionaryTime: {
      auto time = Time::Parse(key);
      if (!time.ok()) return std::nullopt;
      return Canonical(kind, key, Term(*time));
    }
    case TermKind::kText:
      return Term(Text{std::string(key), ""});
    case TermKind::kLanguageText: {
      const auto parts = SplitAtNul(key);
      if (!parts.has_value()) return std::nullopt;
      return Term(Text{std::string(parts->second), std::string(parts->first)});
    }
    case TermKind::kTypedLiteral: {
      const auto parts = SplitAtNul(key);
      if (!parts.has_value()) return std::nullopt;
      return Term(Term::Value(TypedLiteral{std::string(parts->second), std::string(parts->first)}));
    }
    case TermKind::kName:
      return Term(Name{std::string(key)});
    case TermKind::kIri:
      return Term(Iri{std::string(key)});
    case TermKind::kBlankNode:
      return Term(Term::Value(BlankNode{std::string(key)}));
    default:  // not kinds of the dictionary
      return std::nullopt;
  }
}

std::string UniqueKey(const Term& term) {
  std::string key(1, static_cast<char>('A' + term.value().index()));
  if (const auto* list = term.As<TermList>()) {
    for (const Term& item : *list) {
      const std::string inner = UniqueKey(item);
      key += std::to_string(inner.size()) + ':' + inner;
    }
  } else if (const auto* duration = term.As<Duration>()) {
    key += std::to_string(duration->months) + ' ' + std::to_string(duration->seconds);
  } else if (const auto* boolean = term.As<bool>()) {
    key += *boolean ? '1' : '0';
  } else if (const auto* fact = term.As<FactRef>()) {
    key += std::to_string(fact->number);
  } else {
    key += DictionaryKey(term);
    if (const auto* text = term.As<Text>(); text != nullptr && text->language.empty()) {
      key.insert(1, 1, '\0');  // apart from every language
    }
  }
  return key;
}

int CompareForOrder(const Term& a, const Term& b) {
  const int left = OrderClass(a), right = OrderClass(b);
  if (left != right) return left < right ? -1 : 1;
  if (a.is_undefined()) return 0;
  if (const int order = CompareSameClass(a, b); order != 0) return order;
  return a == b ? 0 : Sign(UniqueKey(a).compare(UniqueKey(b)));
}

std::partial_ordering CompareValues(const Term& a, const Term& b) {
  if (a.is_undefined() || b.is_undefined()) return std::partial_ordering::unordered;
  if (a.is_number() && b.is_number()) return CompareNumbers(*a.AsNumber(), *b.AsNumber());
  if (a.As<Time>() != nullptr || b.As<Time>() != nullptr) {
    const auto left = AsTime(a), right = AsTime(b);
    if (!left.has_value() || !right.has_value()) return std::partial_ordering::unordered;
    if (left->first() != right->first()) return left->first() <=> right->first();
    return left->last() <=> right->last();
  }
  if (a.value().index() != b.value().index()) return std::partial_ordering::unordered;
  if (a.As<TermList>() != nullptr) {
    return a == b ? std::partial_ordering::equivalent : std::partial_ordering::unordered;
  }
  if (const auto* literal = a.As<TypedLiteral>();
      literal != nullptr && literal->datatype != b.As<TypedLiteral>()->datatype) {
    return std::partial_ordering::unordered;
  }
  return Ordering(CompareSameClass(a, b));
}

bool EqualValues(const Term& a, const Term& b) {
  return CompareValues(a, b) == std::partial_ordering::equivalent;
}

}  // namespace annals
