// Rules and transitive predicates against a fixpoint computed by trying everything: random graphs
// with periods, recursion over two steps, through other rules, and absence.
#include <algorithm>
#include <catch2/catch.hpp>
#include <optional>
#include <random>
#include <set>
#include <tuple>

#include "annals/session.h"
#include "storage/graph/store.h"

namespace annals {
namespace {

// Years from..to, or none.
using Span = std::optional<std::pair<int, int>>;
struct Edge {
  std::string subject, predicate, object;
  Span time;
  friend auto operator<=>(const Edge&, const Edge&) = default;
};
using Edges = std::set<Edge>;

std::string TextOf(const Span& time) {
  return time.has_value() ? std::to_string(time->first) + ".." + std::to_string(time->second) : "";
}

// False: no common instant.
bool Common(const Span& a, const Span& b, Span* both) {
  *both = a.has_value() ? a : b;
  if (!a.has_value() || !b.has_value()) return true;
  *both = {std::max(a->first, b->first), std::min(a->second, b->second)};
  return (*both)->first <= (*both)->second;
}

struct Body {
  std::string head, first, second;  // second may be empty: the head is the first
};

// Adds what the bodies derive until nothing is new.
void Close(const std::vector<Body>& bodies, Edges* edges) {
  for (size_t before = 0; before != edges->size();) {
    before = edges->size();
    const Edges now = *edges;
    for (const Body& body : bodies) {
      for (const Edge& a : now) {
        if (a.predicate != body.first) continue;
        if (body.second.empty()) edges->insert({a.subject, body.head, a.object, a.time});
        for (const Edge& b : now) {
          if (b.predicate != body.second || b.subject != a.object) continue;
          Span time;
          if (Common(a.time, b.time, &time)) {
            edges->insert({a.subject, body.head, b.object, time});
          }
        }
      }
    }
  }
}

std::set<std::string> Ask(SessionImpl& session, const std::string& question) {
  auto rows = session.Run(question, {});
  INFO(question << "\n" << rows.status().ToString());
  REQUIRE(rows.ok());
  std::set<std::string> lines;
  while (true) {
    const auto more = rows->Next();
    INFO(more.status().ToString());
    REQUIRE(more.ok());
    if (!*more) return lines;
    std::string line;
    for (size_t i = 0; i < rows->columns().size(); ++i) line += rows->at(i).text() + " ";
    lines.insert(line);
  }
}

void Tell(SessionImpl& session, const std::string& statement) {
  const auto told = session.Run(statement, {});
  INFO(statement << "\n" << told.status().ToString());
  REQUIRE(told.ok());
}

std::set<std::string> Lines(const Edges& edges, const std::string& predicate, bool timed) {
  std::set<std::string> lines;
  for (const Edge& edge : edges) {
    if (edge.predicate != predicate || (timed && !edge.time.has_value())) continue;
    lines.insert(edge.subject + " " + edge.object + " " + (timed ? TextOf(edge.time) + " " : ""));
  }
  return lines;
}

TEST_CASE("what rules derive is their least fixpoint") {
  for (uint32_t seed = 0; seed < 60; ++seed) {
    std::mt19937 random(seed);
    const auto below = [&](int end) {
      return std::uniform_int_distribution<int>(0, end - 1)(random);
    };
    const auto store = Store::Open(":memory:", {});
    REQUIRE(store.ok());
    SessionImpl session(**store);
    Tell(session, "predicate (part of) {is: transitive};");
    Tell(session, "rule (?a, near, ?b) if (?a, road, ?b);");
    Tell(session, "rule (?a, near, ?c) if (?a, near, ?b) and (?b, near, ?c);");
    Tell(session, "rule (?a, odd, ?b) if (?a, road, ?b);");
    Tell(session, "rule (?a, odd, ?c) if (?a, even, ?b) and (?b, road, ?c);");
    Tell(session, "rule (?a, even, ?c) if (?a, odd, ?b) and (?b, road, ?c);");
    Tell(session, "rule (?a, far, ?b) if (?a, road, _) and (_, road, ?b) and not (?a, near, ?b);");
    Tell(session, "predicate (beside) {is: symmetric};");
    Tell(session, "predicate (street) {implies: beside};");
    Tell(session, "rule (?a, reach, ?b) if (?a, beside, ?b);");
    Tell(session, "rule (?a, reach, ?c) if (?a, reach, ?b) and (?b, beside, ?c);");
    const bool timed = seed % 3 != 0;
    Edges told;
    const int count = 3 + below(9);
    for (int i = 0; i < count; ++i) {
      Edge edge{"n" + std::to_string(below(5)), "", "n" + std::to_string(below(5)), std::nullopt};
      if (timed && below(4) != 0) edge.time = {2000 + below(4), 2004 + below(4)};
      if (timed && below(6) == 0) edge.time = {2000, 2001 + below(3)};
      for (const char* predicate : {"part of", "road", "street"}) {
        edge.predicate = predicate;
        if (!told.insert(edge).second) continue;
        std::string fact = "add (" + edge.subject + ", " + predicate + ", " + edge.object;
        if (edge.time.has_value()) fact += ", " + TextOf(edge.time);
        Tell(session, fact + ");");
      }
      // What is derived is taken up by what is told later.
      if (i == count / 2) Ask(session, "(?a, near, ?b)");
    }
    Edges all = told;
    for (const Edge& edge : told) {
      if (edge.predicate != "street") continue;
      all.insert({edge.subject, "beside", edge.object, edge.time});
      all.insert({edge.object, "beside", edge.subject, edge.time});
    }
    Close({{"part of", "part of", "part of"},
           {"near", "road", ""},
           {"near", "near", "near"},
           {"odd", "road", ""},
           {"odd", "even", "road"},
           {"even", "odd", "road"},
           {"reach", "beside", ""},
           {"reach", "reach", "beside"}},
          &all);
    INFO("seed " << seed);
    for (const char* predicate : {"part of", "near", "odd", "even", "reach"}) {
      const std::string name = predicate;
      INFO(name);
      CHECK(Ask(session, "(?a, " + name + ", ?b)") == Lines(all, name, false));
      CHECK(Ask(session, "(?a, " + name + ", ?b, ?t)") == Lines(all, name, true));
    }
    // Undated, the closure is what a path finds.
    if (!timed) {
      CHECK(Ask(session, "(?a, part of, ?b)") == Ask(session, "(?a, road+, ?b)"));
    }
    std::set<std::string> far;
    for (const Edge& a : told) {
      for (const Edge& b : told) {
        if (a.predicate != "road" || b.predicate != "road") continue;
        Span time;
        const bool near = std::any_of(all.begin(), all.end(), [&](const Edge& edge) {
          return edge.predicate == "near" && edge.subject == a.subject && edge.object == b.object;
        });
        if (!near && Common(a.time, b.time, &time)) far.insert(a.subject + " " + b.object + " ");
      }
    }
    CHECK(Ask(session, "(?a, far, ?b)") == far);
  }
}

}  // namespace
}  // namespace annals
