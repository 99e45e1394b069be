#include "query/functions/pattern_cache.h"

#include <re2/re2.h>

#include <map>

namespace annals::functions {
namespace {

constexpr size_t kMostPatterns = 256;
constexpr int64_t kMostMemory = 8 << 20;  // of one compiled pattern

re2::RE2::Options PatternOptions() {
  re2::RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMostMemory);
  return options;
}

re2::StringPiece Piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

struct PatternCache::Patterns {
  std::map<std::string, std::unique_ptr<re2::RE2>, std::less<>> compiled;
  std::string last_text;
  const re2::RE2* last = nullptr;
};

PatternCache::PatternCache() : patterns_(std::make_unique<Patterns>()) {}
PatternCache::~PatternCache() = default;

const re2::RE2* PatternCache::Get(std::string_view pattern) {
  if (patterns_->last != nullptr && patterns_->last_text == pattern) return patterns_->last;
  auto found = patterns_->compiled.find(pattern);
  if (found == patterns_->compiled.end()) {
    if (patterns_->compiled.size() >= kMostPatterns) {
      patterns_->compiled.clear();
      patterns_->last = nullptr;
    }
    found = patterns_->compiled
                .emplace(std::string(pattern),
                         std::make_unique<re2::RE2>(Piece(pattern), PatternOptions()))
                .first;
  }
  if (!found->second->ok()) return nullptr;
  patterns_->last_text = pattern;
  patterns_->last = found->second.get();
  return patterns_->last;
}

std::string PatternError(std::string_view pattern) {
  const re2::RE2 compiled(Piece(pattern), PatternOptions());
  return compiled.ok() ? "" : compiled.error();
}

}  // namespace annals::functions
