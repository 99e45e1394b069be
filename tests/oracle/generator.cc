#include "tests/oracle/generator.h"

#include <algorithm>

namespace annals::oracle {
namespace {

constexpr const char* kEntities[] = {"Ada", "Bob (the first)", "Кім Чен Ин", "Dora, of York",
                                     "Eve"};
constexpr const char* kPredicates[] = {"met", "visited", "number of", "said"};
constexpr const char* kSources[] = {"Times 2024", "Herald"};
constexpr const char* kLiterals[] = {"1",        "2",    "1.0",     "3.5",       "\"Ada\"",
                                     "\"x\"@en", "true", "2024-06", "2024-06-19"};
constexpr const char* kTimes[] = {"2024",
                                  "2024-06",
                                  "2024-06-19",
                                  "2024-06-20",
                                  "2023",
                                  "2024-06-19T10:30",
                                  "2024-06-19T10:30:00Z",
                                  "2024-05-14..",
                                  "..2024-06-15",
                                  "2024-06-01..2024-06-30",
                                  "2023-12..2024-06",
                                  "2024-07-01"};
constexpr const char* kEntityVariables[] = {"a", "b", "c", "d"};

void Add(const std::string& name, std::vector<std::string>* names) {
  if (std::find(names->begin(), names->end(), name) == names->end()) names->push_back(name);
}

void AddAll(const std::vector<std::string>& more, std::vector<std::string>* names) {
  for (const std::string& name : more) Add(name, names);
}

// As the parser types it: names in the subject's place, values in the object's.
Term TermOf(const std::string& text) {
  if (text.starts_with('"')) {
    const size_t close = text.rfind('"');
    return Term(Text{text.substr(1, close - 1),
                     close + 2 < text.size() ? text.substr(close + 2) : std::string()});
  }
  return *ParseBareTerm(text);
}

}  // namespace

std::string Generator::Entity() { return Pick(kEntities); }
std::string Generator::Object() { return Chance(65) ? Entity() : Pick(kLiterals); }
std::string Generator::TimeText() { return Pick(kTimes); }

std::string Generator::TellNames(World* world) {
  std::string text = "add";
  for (const char* entity : kEntities) {
    text += " (`" + std::string(entity) + "`, number of, 1)";
    world->Tell(Term(Name{entity}), Term(Name{"number of"}), Term(int64_t{1}), std::nullopt, "");
  }
  return text + ";";
}

std::string Generator::Tell(World* world) {
  const uint32_t kind = Below(100);
  if (kind < 4) {
    world->symmetric.insert("met");
    world->Tell(Term(Name{"met"}), Term(Name{"is"}), Term(Name{"symmetric"}), std::nullopt, "");
    return "predicate (met) {is: symmetric};";
  }
  if (kind < 8) {
    // Known to the store as a name before it has a spelling, so that numbers stay in step.
    world->aliases["Kim"] = "Кім Чен Ин";
    world->Tell(Term(Name{"Кім Чен Ин"}), Term(Name{"alias"}), Term(Text{"Kim", ""}), std::nullopt,
                "");
    return "alias (Кім Чен Ин) \"Kim\";";
  }
  if (kind < 16 && !world->facts.empty()) {
    // Copied, since removing moves the facts.
    const NaiveFact fact = world->facts[Below(static_cast<uint32_t>(world->facts.size()))];
    const bool declared =
        fact.predicate == Term(Name{"is"}) || fact.predicate == Term(Name{"alias"});
    if (fact.subject.As<FactRef>() == nullptr && !declared) {
      std::string text = "remove (" + LanguageText(fact.subject) + ", " +
                         LanguageText(fact.predicate) + ", " + LanguageText(fact.object);
      if (fact.time.has_value()) text += ", " + fact.time->ToString();
      world->Remove(fact.number);
      return text + ");";
    }
  }
  std::string subject = Entity(), predicate = Pick(kPredicates), object = Object(), source;
  if (predicate == "met") object = Entity();
  std::optional<Time> time;
  std::string text = "add (" + subject + ", " + predicate + ", ";
  text += object.find(", ") != std::string::npos ? "`" + object + "`" : object;
  if (subject.find(", ") != std::string::npos) {
    text = "add (`" + subject + "`, " + predicate + ", " +
           (object.find(", ") != std::string::npos ? "`" + object + "`" : object);
  }
  if (Chance(75)) {
    const std::string written = TimeText();
    time = *Time::Parse(written);
    text += ", " + written;
  }
  text += ")";
  std::vector<std::pair<std::string, std::string>> qualifiers;
  while (Chance(25))
    qualifiers.emplace_back(Chance(70) ? "place" : "topic", Chance(60) ? "York" : "2");
  for (size_t i = 0; i < qualifiers.size(); ++i) {
    text += (i == 0 ? " {" : ", ") + qualifiers[i].first + ": " + qualifiers[i].second;
  }
  if (!qualifiers.empty()) text += "}";
  if (Chance(60)) {
    source = Pick(kSources);
    text += " from (" + source + ")";
  }
  const uint64_t number =
      world->Tell(Term(Name{subject}), Term(Name{predicate}), TermOf(object), time, source);
  for (const auto& [key, value] : qualifiers) {
    world->Tell(Term(FactRef{number}), Term(Name{key}), TermOf(value), std::nullopt, source);
  }
  return text + ";";
}

Generator::Part Generator::Pattern() {
  Part part;
  const auto quoted = [](const std::string& name) {
    return name.find(", ") != std::string::npos ? "`" + name + "`" : name;
  };
  const auto variable = [&](const std::string& name) {
    Add(name, &part.bound);
    return "?" + name;
  };
  const auto end = [&](bool object) {
    if (Chance(60)) return variable(Pick(kEntityVariables));
    if (Chance(15)) return std::string("_");
    if (object && Chance(30)) return variable("n");
    if (Chance(10)) return std::string("Kim");
    return quoted(object ? Object() : Entity());
  };
  part.text = "(" + end(false) + ", ";
  const uint32_t kind = Below(100);
  part.text += kind < 80 ? Pick(kPredicates) : kind < 90 ? variable("p") : std::string("_");
  part.text += ", " + end(true);
  if (Chance(45)) {
    const uint32_t time = Below(100);
    part.text += ", " + (time < 55   ? variable(Chance(70) ? "t" : "u")
                         : time < 65 ? std::string("_")
                                     : TimeText());
  }
  part.text += ")";
  if (Chance(12))
    part.text += " {place: " + (Chance(50) ? variable("q") : std::string("York")) + "}";
  if (Chance(12)) {
    part.text += " from " + (Chance(50)   ? variable("s")
                             : Chance(50) ? std::string("_")
                                          : "(" + Pick(kSources) + ")");
  }
  if (Chance(8)) part.text += " as " + variable("f");
  return part;
}

std::vector<Generator::Part> Generator::Circle() {
  const uint32_t corners = Chance(75) ? 3 : 4;
  std::vector<Part> sides(corners);
  for (uint32_t i = 0; i < corners; ++i) {
    std::string from = kEntityVariables[i], to = kEntityVariables[(i + 1) % corners];
    if (Chance(15)) from.swap(to);
    Part& side = sides[i];
    side.bound = {from, to};
    side.text = "(?" + from + ", " + (Chance(80) ? Pick(kPredicates) : "_") + ", ?" + to;
    if (Chance(30)) {
      side.text += ", ?t";
      Add("t", &side.bound);
    } else if (Chance(20)) {
      side.text += ", _";
    }
    side.text += ")";
  }
  return sides;
}

std::string Generator::Step() {
  const uint32_t kind = Below(100);
  if (kind < 70) return Pick(kPredicates);
  if (kind < 80) return "^" + Pick(kPredicates);
  if (kind < 85) return "_";
  if (kind < 92) return "!" + Pick(kPredicates);
  return "!(" + Pick(kPredicates) + "|" + (Chance(40) ? "^" : "") + Pick(kPredicates) + ")";
}

std::string Generator::Path(int depth) {
  static constexpr const char* kSigns[] = {"+", "*", "?", "{2}", "{1,2}", "{0,2}", "{2,}", "{3,4}"};
  const uint32_t kind = Below(100);
  if (depth == 0 || kind < 20) return Step();
  if (kind < 45) return Pick(kPredicates) + Pick(kSigns);
  if (kind < 65) return "(" + Path(depth - 1) + ")" + Pick(kSigns);
  if (kind < 80) return "(" + Path(depth - 1) + "/" + Path(depth - 1) + ")";
  if (kind < 93) return "(" + Path(depth - 1) + "|" + Path(depth - 1) + ")";
  return "^(" + Path(depth - 1) + ")";
}

Generator::Part Generator::PathPattern(bool shortest) {
  Part part;
  const auto end = [&](bool object) {
    if (Chance(8)) return std::string("_");
    if (Chance(55)) {
      const std::string name = Pick(kEntityVariables);
      Add(name, &part.bound);
      return "?" + name;
    }
    if (Chance(8)) return std::string("Kim");
    const std::string text = object ? Object() : Entity();
    return text.find(", ") != std::string::npos ? "`" + text + "`" : text;
  };
  part.text = "(" + end(false) + ", " + Path(2) + ", " + end(true);
  if (Chance(25)) part.text += ", " + (Chance(20) ? std::string("_") : TimeText());
  part.text += ")";
  if (!shortest) return part;
  // The chain is shown, or only its length; conditions on it would compare lists.
  part.text = "shortest " + part.text + (Chance(50) ? " in time order" : "") + " as ?w";
  return part;
}

std::string Generator::Span(const Names& readable) {
  static constexpr const char* kLengths[] = {"1 day", "30 days", "6 months", "0 days", "1 year"};
  const std::string a = "?" + PickFrom(readable), b = "?" + PickFrom(readable);
  const std::string length = Pick(kLengths);
  const uint32_t kind = Below(100);
  if (kind < 50) return b + " after " + a + " and " + b + " - " + a + " <= " + length;
  if (kind < 65) return b + " - " + a + (Chance(50) ? " < " : " = ") + length;
  if (kind < 75) return "possibly " + b + " before " + a + " + " + length;
  if (kind < 85) return b + " - end(" + a + ") < " + length;
  return b + " in period(" + a + ", " + a + " + " + length + ")";
}

std::string Generator::Comparison(const Names& readable) {
  const std::string left = "?" + PickFrom(readable);
  const uint32_t kind = Below(100);
  if (kind < 30) {
    static constexpr const char* kOps[] = {" before ", " after ", " in ", " overlaps ", " equals "};
    const std::string op = Pick(kOps);
    const std::string right = Chance(60) ? TimeText() : "?" + PickFrom(readable);
    return (Chance(30) ? "possibly " : "") + left + op + right;
  }
  static constexpr const char* kOps[] = {" = ", " != ", " < ", " <= ", " > ", " >= "};
  const std::string op = Pick(kOps);
  if (kind < 50) return left + op + "?" + PickFrom(readable);
  if (kind < 60) return left + op + "`" + Entity() + "`";
  if (kind < 70) return left + op + std::to_string(Below(3)) + " + 1";
  if (kind < 78) return "bound(" + left + ")";
  if (kind < 84) return "name(" + left + ")" + op + "\"Ada\"";
  if (kind < 90) return left + " in (Eve, 1, 2024, `Bob (the first)`, 2024-06)";
  if (kind < 95) return "year(" + left + ")" + op + "2024";
  return left + " + 20 days" + op + TimeText();
}

std::string Generator::Condition(const Names& readable) {
  const std::string negated = Chance(20) ? "not " : "";
  if (!Chance(10)) return negated + Comparison(readable);
  const Part inner = Group(0, Chance(60) ? readable : Names(), true);
  return negated + "exists { " + inner.text + " }";
}

Generator::Part Generator::Either(int depth, const Names& outside) {
  // A branch that reads what its siblings bind is kept plain: patterns and conditions.
  const bool needy = !outside.empty() && Chance(30);
  Part part;
  part.text = "{ ";
  const uint32_t branches = 1 + Below(2) + (Chance(60) ? 1 : 0);
  for (uint32_t i = 0; i < branches; ++i) {
    const Part branch = Group(depth - 1, needy ? outside : Names(), needy);
    part.text += (i > 0 ? " or " : "") + branch.text;
    AddAll(branch.bound, &part.bound);
  }
  part.text += " }";
  return part;
}

Generator::Part Generator::Subquestion() {
  const Part where = Group(0, {}, true);
  if (where.bound.empty()) return Pattern();
  Part part;
  const std::string key = PickFrom(where.bound);
  part.text = "{ find ?" + key + ", count(*) as k where " + where.text + " }";
  part.bound = {key};
  Add("k", &part.bound);
  return part;
}

Generator::Part Generator::Group(int depth, const Names& outside, bool plain) {
  Part group;
  std::vector<std::string> parts;
  Names optional_bound;
  const auto join = [&](const Part& part) {
    parts.push_back(part.text);
    AddAll(part.bound, &group.bound);
  };
  const uint32_t patterns = 1 + Below(3);
  for (uint32_t i = 0; i < patterns; ++i) join(Chance(12) ? PathPattern(false) : Pattern());
  if (Chance(8)) {
    for (const Part& side : Circle()) join(side);
  }
  if (!plain && Chance(6)) {
    join(PathPattern(true));
    if (Chance(50)) join({"let ?l = length(?w)", {"l"}});
  }
  if (!plain && depth > 0 && Chance(30)) join(Either(depth, group.bound));
  if (!plain && depth > 0 && Chance(8)) join(Subquestion());
  if (!plain && Chance(6)) join({"?c in (Ada, Eve, 2)", {"c"}});
  Names readable = group.bound;
  AddAll(outside, &readable);
  if (!plain && depth > 0 && Chance(30)) {
    const Part inner = Group(depth - 1, Chance(50) ? readable : Names(), Chance(50));
    parts.push_back("optional { " + inner.text + " }");
    AddAll(inner.bound, &group.bound);
    AddAll(inner.bound, &readable);
  }
  if (!plain && !readable.empty() && Chance(10)) {
    parts.push_back("let ?y = " + std::string(Chance(50) ? "year(?" + PickFrom(readable) + ")"
                                                         : "?" + PickFrom(readable) + " * 2"));
    const bool known = std::find(readable.begin(), readable.end(), "y") != readable.end();
    if (known) {
      parts.pop_back();
    } else {
      Add("y", &group.bound);
      Add("y", &readable);
    }
  }
  if (std::count(readable.begin(), readable.end(), "t") +
              std::count(readable.begin(), readable.end(), "u") ==
          2 &&
      Chance(50)) {
    parts.push_back(Span({"t", "u"}));
  }
  if (!readable.empty()) {
    while (Chance(35)) parts.push_back(Condition(readable));
  }
  if (!plain && depth > 0 && Chance(30)) {
    const Part inner = Group(depth - 1, Chance(60) ? readable : Names(), Chance(50));
    parts.push_back("not { " + inner.text + " }");
  }
  std::shuffle(parts.begin(), parts.end(), random_);
  for (size_t i = 0; i < parts.size(); ++i) group.text += (i > 0 ? " and " : "") + parts[i];
  return group;
}

std::string Generator::Modifiers(const Names& columns) {
  if (!Chance(35) || columns.empty()) return "";
  std::string text = " order by ";
  for (size_t i = 0; i < columns.size(); ++i) {
    text += (i > 0 ? ", ?" : "?") + columns[i] + (Chance(30) ? " desc" : "");
  }
  if (Chance(50)) text += " limit " + std::to_string(Below(5));
  if (Chance(20)) text += " offset " + std::to_string(Below(3));
  return text;
}

std::string Generator::FindClause(const Part& where) {
  if (where.bound.empty() || Chance(15)) return "find count(*) as k where " + where.text;
  static constexpr const char* kAggregates[] = {"count", "sum", "avg", "min", "max", "list"};
  Names columns;
  std::string items;
  const auto add = [&](const std::string& item, const std::string& name) {
    if (std::find(columns.begin(), columns.end(), name) != columns.end()) return;
    items += (items.empty() ? "" : ", ") + item;
    columns.push_back(name);
  };
  if (Chance(75)) add("?" + PickFrom(where.bound), "");
  if (!columns.empty()) columns[0] = items.substr(1);
  if (Chance(40)) add("?" + PickFrom(where.bound) + " as z", "z");
  if (Chance(60)) {
    const std::string function = Pick(kAggregates);
    add(function + "(" + (Chance(25) ? "distinct " : "") + "?" + PickFrom(where.bound) + ") as m",
        "m");
  }
  if (items.empty()) add("count(*) as k", "k");
  std::string text = "find " + items + " where " + where.text;
  if (Chance(10)) text += " having count(*) > 1";
  // Facts have no order that both sides know, and lists of them none either.
  const bool facts = items.find("?f") != std::string::npos;
  return text + (facts ? "" : Modifiers(columns));
}

std::string Generator::Question() {
  Part where = Chance(15) ? Either(2, {}) : Group(2, {}, false);
  if (Chance(50)) return FindClause(where) + ";";
  return where.text + ";";
}

}  // namespace annals::oracle
