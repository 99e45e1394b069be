// Random small stores, and random questions about them as text of the language.
#ifndef TESTS_ORACLE_GENERATOR_H_
#define TESTS_ORACLE_GENERATOR_H_

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "tests/oracle/naive.h"

namespace annals::oracle {

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  // A statement that tells something (a fact, an alias, a declaration, a removal), told to `world`
  // as well.
  std::string Tell(World* world);
  // One that makes the store know every name: a list drops names that nothing has.
  std::string TellNames(World* world);
  std::string Question();

  using Names = std::vector<std::string>;
  struct Part {
    std::string text;
    Names bound;
  };
  // A formula that can stand alone, and conditions that read its variables.
  Part Formula() { return Group(1, {}, false); }
  std::string Condition(const Names& readable);

 private:
  uint32_t Below(uint32_t n) { return static_cast<uint32_t>(random_() % n); }
  bool Chance(uint32_t percent) { return Below(100) < percent; }
  template <size_t N>
  std::string Pick(const char* const (&choices)[N]) {
    return choices[Below(N)];
  }
  const std::string& PickFrom(const Names& names) {
    return names[Below(static_cast<uint32_t>(names.size()))];
  }

  std::string Entity();
  std::string Object();
  std::string TimeText();
  Part Pattern();
  // Patterns from variable to variable and back to the first.
  std::vector<Part> Circle();
  std::string Step();
  std::string Path(int depth);
  Part PathPattern(bool shortest);
  Part Group(int depth, const Names& outside, bool plain);
  std::string Comparison(const Names& readable);
  // How far two times are from each other.
  std::string Span(const Names& readable);
  Part Either(int depth, const Names& outside);
  Part Subquestion();
  std::string FindClause(const Part& where);
  std::string Modifiers(const Names& columns);

  std::mt19937_64 random_;
};

}  // namespace annals::oracle

#endif  // TESTS_ORACLE_GENERATOR_H_
