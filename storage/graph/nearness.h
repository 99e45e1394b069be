// How near two names are, for "did you mean": letters changed, words left out or turned round.
#ifndef STORAGE_GRAPH_NEARNESS_H_
#define STORAGE_GRAPH_NEARNESS_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace annals {

// Compares many names with one that was asked for.
class Nearness {
 public:
  // `latin` as LatinKey gives it: words a-z 0-9 apart by one space.
  explicit Nearness(std::string_view latin);

  // Smaller is nearer, 0 is the same letters; nullopt: not near. `latin` as above.
  std::optional<size_t> Of(std::string_view latin) const;

 private:
  const std::vector<std::string> words_;
  const std::string letters_;  // without the spaces
  const std::string sorted_;   // the words in alphabetical order
  const size_t limit_;         // of letters changed
};

}  // namespace annals

#endif  // STORAGE_GRAPH_NEARNESS_H_
