#include "storage/graph/nearness.h"

#include <algorithm>

#include "storage/base/text.h"

namespace annals {
namespace {

// A changed letter weighs ten; words that are all there but otherwise placed weigh a little more
// than one, and words left out more than that.
constexpr size_t kLetter = 10;
constexpr size_t kOtherOrder = 12;
constexpr size_t kPartOfName = 15;
constexpr size_t kMoreThanName = 18;
constexpr size_t kNearWord = 20;
constexpr size_t kLeastWord = 3;      // letters of a word that stands for the whole
constexpr size_t kLeastNearWord = 5;  // and of one that may be misspelt as well

std::vector<std::string> Split(std::string_view latin) {
  std::vector<std::string> words;
  while (!latin.empty()) {
    const size_t end = std::min(latin.find(' '), latin.size());
    if (end > 0) words.emplace_back(latin.substr(0, end));
    latin.remove_prefix(std::min(end + 1, latin.size()));
  }
  return words;
}

std::string Join(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += word;
  return joined;
}

std::string JoinSorted(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  return Join(words);
}

size_t LimitFor(size_t letters) {
  return letters < kLeastWord ? 0 : std::max<size_t>(1, letters / 4);
}

// Are all of these words among those?
bool Within(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  return std::all_of(some.begin(), some.end(), [&all](const std::string& word) {
    return std::find(all.begin(), all.end(), word) != all.end();
  });
}

std::optional<size_t> Letters(std::string_view a, std::string_view b, size_t limit) {
  const size_t difference = a.size() > b.size() ? a.size() - b.size() : b.size() - a.size();
  if (difference > limit) return std::nullopt;
  return EditDistance(a, b, limit);
}

}  // namespace

Nearness::Nearness(std::string_view latin)
    : words_(Split(latin)),
      letters_(Join(words_)),
      sorted_(JoinSorted(words_)),
      limit_(LimitFor(letters_.size())) {}

std::optional<size_t> Nearness::Of(std::string_view latin) const {
  const std::vector<std::string> words = Split(latin);
  const std::string letters = Join(words);
  if (letters.empty() || letters_.empty()) return std::nullopt;
  std::optional<size_t> best;
  const auto take = [&best](size_t weight) { best = std::min(best.value_or(weight), weight); };
  if (const auto changed = Letters(letters_, letters, limit_)) take(kLetter * *changed);
  if (best == size_t{0}) return best;
  if (letters.size() == sorted_.size() && JoinSorted(words) == sorted_) take(kOtherOrder);
  if (letters_.size() >= kLeastWord && Within(words_, words)) take(kPartOfName);
  if (letters.size() > kLeastWord && Within(words, words_)) take(kMoreThanName);
  if (!best && words_.size() == 1 && letters_.size() >= kLeastNearWord) {
    for (const std::string& word : words) {
      if (const auto changed = Letters(letters_, word, limit_)) {
        take(kNearWord + kLetter * *changed);
      }
    }
  }
  return best;
}

}  // namespace annals
