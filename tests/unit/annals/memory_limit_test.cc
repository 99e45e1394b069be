// What a question allocates stays within its limit of memory, and one that needs no more than its
// limit is answered.
#include <malloc.h>

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <new>
#include <ostream>
#include <random>
#include <streambuf>

#include "annals/annals.h"

// Sanitizers have an allocator of their own.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ANNALS_COUNTS_MEMORY 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ANNALS_COUNTS_MEMORY 0
#else
#define ANNALS_COUNTS_MEMORY 1
#endif
#else
#define ANNALS_COUNTS_MEMORY 1
#endif

namespace {

std::atomic<int64_t> allocated{0}, most_allocated{0};

void Count(int64_t bytes) {
  const int64_t now = allocated.fetch_add(bytes, std::memory_order_relaxed) + bytes;
  int64_t most = most_allocated.load(std::memory_order_relaxed);
  while (now > most && !most_allocated.compare_exchange_weak(most, now)) continue;
}

}  // namespace

#if ANNALS_COUNTS_MEMORY
void* operator new(size_t size) {
  void* const piece = std::malloc(size);
  if (piece == nullptr) throw std::bad_alloc();
  Count(static_cast<int64_t>(malloc_usable_size(piece)));
  return piece;
}
void operator delete(void* piece) noexcept {
  if (piece != nullptr) Count(-static_cast<int64_t>(malloc_usable_size(piece)));
  std::free(piece);
}
void operator delete(void* piece, size_t) noexcept { operator delete(piece); }
#endif

namespace annals {
namespace {

// What is written goes nowhere.
class NullBuffer : public std::streambuf {
 protected:
  int overflow(int c) override { return c; }
  std::streamsize xsputn(const char*, std::streamsize count) override { return count; }
};

// 120,000 facts, which several threads read: of 20,000 subjects, some of them busy, in 20
// predicates and 3,000 hours.
std::unique_ptr<Database> ManyFacts(size_t threads) {
  const std::filesystem::path folder = std::filesystem::temp_directory_path();
  const std::filesystem::path file =
      folder / ("annals_memory_limit_" + std::to_string(std::random_device()()) + ".tsv");
  std::mt19937 random(5);
  {
    std::ofstream out(file);
    out << "subject\tpredicate\tobject\ttime\n";
    for (int i = 0; i < 120000; ++i) {
      const auto entity = [&random] {
        return "entity " + std::to_string(random() % (random() % 2 == 0 ? 300 : 20000));
      };
      const auto hour = static_cast<unsigned>(random() % 3000), day = hour / 24;
      char time[32];
      std::snprintf(time, sizeof(time), "2024-%02u-%02uT%02u:00", day / 28 + 1, day % 28 + 1,
                    hour % 24);
      out << entity() << "\tverb " << random() % 20 << '\t' << entity() << '\t' << time << '\n';
    }
  }
  DatabaseOptions options;
  options.threads = threads;
  auto database = Database::Open(":memory:", options);
  REQUIRE(database.ok());
  const auto session = (*database)->NewSession();
  const auto loaded = session->Run("load \"" + file.string() + "\"");
  std::filesystem::remove(file);
  INFO(loaded.status().ToString());
  REQUIRE(loaded.ok());
  return *std::move(database);
}

struct Outcome {
  absl::Status status;
  int64_t bytes;  // allocated at most, beyond what was there before
};

Outcome Ask(Database& database, const std::string& question, std::optional<uint64_t> memory) {
  const auto session = database.NewSession();  // which keeps what rules derive
  Limits limits;
  limits.memory_bytes = memory;
  session->SetLimits(limits);
  NullBuffer nowhere;
  std::ostream out(&nowhere);
  const int64_t before = allocated;
  most_allocated = before;
  const absl::Status status = session->RunScript(question, "", [&out](Rows& rows) {
    WriteOptions options;
    options.format = Format::kCsv;
    return WriteRows(rows, options, out);
  });
  return {status, most_allocated - before};
}

struct Case {
  const char* name;
  const char* question;
};

constexpr Case kCases[] = {
    {"sorted", "find ?s, ?p, ?o, ?t where (?s, ?p, ?o, ?t) order by ?t desc, ?o, ?s"},
    {"sorted texts", "find ?s, name(?o) as n where (?s, ?p, ?o, ?t) order by n, ?s"},
    {"the first", "find ?s, ?p, ?o, ?t where (?s, ?p, ?o, ?t) order by ?o, ?t, ?s limit 30000"},
    {"groups", "find ?s, ?o, ?t, count(*) as n where (?s, ?p, ?o, ?t) order by n limit 1"},
    {"last", "find ?s, ?p, last(?o by ?t) where (?s, ?p, ?o, ?t) order by ?s limit 1"},
    {"means", "find ?s, ?p, avg(year(?t) / 7) where (?s, ?p, ?o, ?t) order by ?s limit 1"},
    {"distinct", "find count(*) where { find ?s, ?o, ?t where (?s, ?p, ?o, ?t) }"},
    {"lists", "find ?s, list(?o) where (?s, ?p, ?o, ?t)"},
    {"one list", "find list(?t) where (?s, ?p, ?o, ?t)"},
    {"distinct list", "find ?p, list(distinct ?o) where (?s, ?p, ?o, ?t)"},
    {"coalesced", "coalesced (?a, `verb 7`, ?b, ?t)"},
    {"near in time",
     "find count(*) where (?a, ?p, ?b, ?t) and (?b, ?q, ?c, ?u) and ?u - ?t < 3 hours and "
     "?u - ?t > 0 hours"},
    {"left join", "find count(*), count(?c) where (?a, ?p, ?b, ?t) and optional (?b, ?q, ?c, ?t)"},
    {"absence", "find count(*) where (?a, ?p, ?b, ?t) and not (?b, ?p, ?a, ?t)"},
    {"triangle", "find count(*) where (?a, ?p, ?b) and (?b, ?q, ?c) and (?c, ?r, ?a)"},
    {"path", "find count(*) where (`entity 1`, (!none)+, ?b)"},
    {"chains", "find count(*) where shortest (`entity 1`, `verb 1`+, ?b) in time order as ?path"},
    {"rules",
     "begin; rule (?a, reaches, ?b) if (?a, `verb 1`, ?b); "
     "find count(*) where (?a, reaches, ?b)"},
    {"rules in rounds",
     "begin; rule (?a, reaches, ?b) if (?a, `verb 2`, ?b); "
     "rule (?b, reaches, ?a) if (?a, reaches, ?b); find count(*) where (?a, reaches, ?b)"},
};

TEST_CASE("questions stay within their limit of memory, and use it") {
  if (!ANNALS_COUNTS_MEMORY) return;
  for (const size_t threads : {1u, 2u}) {
    // What is not kept: batches on their way, a scan's block, the plan, for each thread.
    const int64_t slack = static_cast<int64_t>(threads) * (2 << 20);
    const auto database = ManyFacts(threads);
    for (const Case& one : kCases) {
      Ask(*database, one.question, std::nullopt);  // fills caches
      const Outcome free = Ask(*database, one.question, std::nullopt);
      INFO(one.name << " on " << threads << " threads: " << free.bytes << " bytes, "
                    << free.status.ToString());
      REQUIRE(free.status.ok());
      for (const int eighths : {1, 2, 4, 6}) {
        const int64_t limit = free.bytes * eighths / 8;
        const Outcome limited = Ask(*database, one.question, static_cast<uint64_t>(limit));
        INFO("with " << limit << ": " << limited.bytes << ", " << limited.status.ToString());
        CHECK((limited.status.ok() || absl::IsResourceExhausted(limited.status)));
        CHECK(limited.bytes <= limit + limit / 10 + slack);
      }
      const int64_t enough = free.bytes + free.bytes / 10 + slack;
      const Outcome answered = Ask(*database, one.question, static_cast<uint64_t>(enough));
      INFO("with " << enough << ": " << answered.status.ToString());
      CHECK(answered.status.ok());
    }
  }
}

}  // namespace
}  // namespace annals
