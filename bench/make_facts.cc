// Writes synthetic dated facts as a table, the same for the same numbers:
//   annals_make_facts FACTS [SEED [FIRST]] > facts.tsv
// The names follow Zipf's law (exponent 1) over FACTS / 20 entities in six scripts and 250
// predicates, days are those of 20 years, and every tenth fact has one of FACTS / 1,000 sources.
// FIRST leaves out that many rows at the beginning: with it a table goes on where another ended,
// over the same entities if the first argument is the same.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <iterator>
#include <string>
#include <string_view>

namespace {

constexpr uint64_t kPredicates = 250;
constexpr int kYears = 20;

// splitmix64
uint64_t Mix(uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

class Random {
 public:
  explicit Random(uint64_t seed) : state_(Mix(seed)) {}
  uint64_t Below(uint64_t n) { return (Next() >> 11) % n; }
  // 0 to n - 1; k + 1 is about as frequent as 1 / (k + 1).
  uint64_t Zipf(uint64_t n) {
    const double unit = static_cast<double>(Next() >> 11) * 0x1p-53;
    const double rank = std::exp(unit * std::log(static_cast<double>(n) + 1));
    return std::min(static_cast<uint64_t>(rank) - 1, n - 1);
  }

 private:
  uint64_t Next() { return Mix(state_++); }
  uint64_t state_;
};

constexpr std::string_view kSyllables[][16] = {
    {"ka", "mer", "lo", "vin", "san", "tor", "bel", "ri", "an", "dor", "el", "mi", "po", "gar",
     "ne", "us"},
    {"ма", "ри", "ков", "лен", "во", "ска", "тин", "пер", "са", "ша", "ни", "гор", "до", "бел",
     "ле", "ев"},
    {"νι", "κο", "λα", "πα", "δη", "μη", "τρι", "ος", "αν", "θε", "σω", "φι", "ρα", "ξε", "γε",
     "ης"},
    {"محمد", "عل", "حسن", "كر", "يم", "نو", "سل", "ما", "رش", "يد", "فا", "طم", "زي", "با", "دا",
     "ها"},
    {"王", "李", "明", "华", "建", "国", "文", "海", "林", "志", "强", "东", "平", "安", "云",
     "石"},
    {"김", "정", "은", "박", "지", "현", "수", "민", "영", "호", "철", "성", "진", "우", "경",
     "희"},
};
// Half of the names are Latin.
constexpr size_t kScriptOf[] = {0, 0, 0, 0, 0, 1, 1, 2, 3, 4};

// Two words, of which the second tells all numbers apart.
std::string NameOf(uint64_t number) {
  const uint64_t mixed = Mix(number);
  const size_t script = kScriptOf[mixed % std::size(kScriptOf)] + (mixed / 10 % 20 == 0 ? 1 : 0);
  const auto& syllables = kSyllables[std::min(script, std::size(kSyllables) - 1)];
  std::string name;
  for (uint64_t rest = mixed >> 32, i = 0; i < 3; ++i, rest >>= 4) name += syllables[rest % 16];
  name += ' ';
  uint64_t rest = number;
  do {
    name += syllables[rest % 16];
    rest /= 16;
  } while (rest > 0);
  return name;
}

// A day of the years from 2004 on, counted from their first.
void AppendDay(uint64_t day, std::string* out) {
  static constexpr int kMonthDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  int year = 2004, month = 0;
  int left = static_cast<int>(day);
  const auto days_in = [&](int m) { return kMonthDays[m] + (m == 1 && year % 4 == 0 ? 1 : 0); };
  while (left >= days_in(month)) {
    left -= days_in(month);
    if (++month == 12) {
      month = 0;
      ++year;
    }
  }
  char text[40];
  std::snprintf(text, sizeof(text), "%04d-%02d-%02d", year, month + 1, left + 1);
  *out += text;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 4) {
    std::cerr << "usage: annals_make_facts FACTS [SEED [FIRST]] > facts.tsv\n";
    return 2;
  }
  const uint64_t facts = std::strtoull(argv[1], nullptr, 10);
  const uint64_t seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const uint64_t first = argc > 3 ? std::strtoull(argv[3], nullptr, 10) : 0;
  const uint64_t entities = facts / 20 + 100;
  const uint64_t sources = facts / 1000 + 10;
  Random random(seed);
  std::string out = "subject\tpredicate\tobject\ttime\tsource\n";
  for (uint64_t i = 0; i < facts; ++i) {
    const uint64_t subject = random.Zipf(entities), object = random.Zipf(entities);
    const uint64_t predicate = random.Zipf(kPredicates), day = random.Below(kYears * 365);
    const uint64_t source = random.Below(10 * sources);
    if (i < first) continue;
    out += NameOf(subject);
    out += "\tpredicate ";
    out += NameOf(predicate);
    out += '\t';
    out += NameOf(object);
    out += '\t';
    AppendDay(day, &out);
    out += '\t';
    if (source < sources) out += "source " + NameOf(source);
    out += '\n';
    if (out.size() > (1 << 20)) {
      if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 5;
      out.clear();
    }
  }
  return std::fwrite(out.data(), 1, out.size(), stdout) == out.size() ? 0 : 5;
}
