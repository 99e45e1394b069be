#include "storage/graph/load_match.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <optional>
#include <span>
#include <tuple>
#include <utility>

#include "storage/base/parallel.h"
#include "storage/graph/seen_facts.h"
#include "storage/graph/sort_rows.h"
#include "storage/graph/sorted_rows.h"

namespace annals {
namespace {

// Fewer rows are sorted in one thread.
constexpr uint64_t kFewRows = 20000;
constexpr uint64_t kRowsBetweenProgress = 1 << 16;

// Does the store have rows below ascending prefixes of a permutation? Stays in the block.
class Prober {
 public:
  Prober(const StoredView& view, Permutation permutation, size_t prefix, Column output)
      : view_(view) {
    spec_.permutation = permutation;
    spec_.prefix.resize(prefix);
    spec_.output = {output};
  }

  // The output of the first row; undefined if there is none.
  absl::StatusOr<TermId> Find(std::span<const TermId> prefix) {
    if (scan_ == nullptr) {
      spec_.prefix.assign(prefix.begin(), prefix.end());
      ANNALS_ASSIGN_OR_RETURN(scan_, view_.Scan(spec_));
    } else {
      ANNALS_RETURN_IF_ERROR(scan_->Seek(prefix));
    }
    ANNALS_ASSIGN_OR_RETURN(const size_t count, scan_->Next({&out_, 1}, 1));
    return count == 0 ? TermId() : out_[0];
  }

 private:
  const StoredView& view_;
  ScanSpec spec_;
  std::unique_ptr<RowScan> scan_;
  std::vector<TermId> out_;
};

// Are there facts about facts, of the load or of the store?
bool HasFactCodes(const LoadContent& content) {
  const auto& symbols = content.symbols();
  return content.further_levels() > 0 ||
         std::any_of(symbols.begin(), symbols.end(), [](uint64_t symbol) {
           return TermId::FromBits(symbol).kind() == TermKind::kFact;
         });
}

// Finds among ascending wanted places; fastest when they are asked for in order.
class PlaceFinder {
 public:
  explicit PlaceFinder(const std::vector<uint32_t>& places) : places_(places) {}

  // Its place in the list, or its size.
  size_t Find(uint32_t wanted) {
    for (const size_t guess : {at_, at_ + 1}) {
      if (guess < places_.size() && places_[guess] == wanted) return at_ = guess;
    }
    const auto found = std::lower_bound(places_.begin(), places_.end(), wanted);
    if (found == places_.end() || *found != wanted) return places_.size();
    return at_ = static_cast<size_t>(found - places_.begin());
  }

 private:
  const std::vector<uint32_t>& places_;
  size_t at_ = 0;
};

// A fact of a level: {subject, predicate, object, time, source, reference}, where the reference is
// 0 or tells by which number others refer to it.
using FactRow = CodeRow<6>;
constexpr size_t kSpotColumns = 4;
constexpr size_t kSourceAt = 4;
constexpr size_t kReferenceAt = 5;

bool SameSpot(const FactRow& a, const FactRow& b) {
  return std::equal(a.begin(), a.begin() + kSpotColumns, b.begin());
}

class Matcher {
 public:
  Matcher(LoadContent& content, const StoredView& view, const MatchOptions& options)
      : content_(content),
        view_(view),
        options_(options),
        sort_bytes_(SortBytes()),
        has_fact_codes_(HasFactCodes(content)),
        match_(std::make_unique<LoadMatch>(options, content.row_memory())),
        numbers_(1 + content.further_levels()),
        spots_(view, Permutation::kSpo, kSpotColumns, Column::kFact) {}

  absl::StatusOr<std::unique_ptr<LoadMatch>> Run() {
    ANNALS_RETURN_IF_ERROR(content_.status());
    match_->last_fact = view_.meta().last_fact;
    match_->transaction = TermId::Integer(static_cast<int64_t>(view_.meta().transaction) + 1);
    match_->in_order = content_.further_levels() == 0;
    ANNALS_ASSIGN_OR_RETURN(seen_, SeenFacts::Read(view_));
    if (options_.exact != nullptr) {
      match_->kept = FactSet(match_->last_fact);
      match_->told_anew = FactSet(match_->last_fact);
    }
    ANNALS_RETURN_IF_ERROR(MatchTerms());
    const bool may_know = view_.meta().facts > 0;
    known_.push_back(std::make_unique<RowSorter<7>>(
        3, may_know ? content_.facts() : 0, sort_bytes_ / 4, options_.database, *options_.buffers));
    for (size_t level = 0; level <= content_.further_levels(); ++level) {
      ANNALS_RETURN_IF_ERROR(MatchLevel(level));
    }
    ANNALS_RETURN_IF_ERROR(MatchKnown());
    // Those that are seen as another were found beside the rest.
    if (seen_.merges()) std::sort(match_->told.begin(), match_->told.end());
    match_->largest_code = CodeOfFact(LastFactInCodes());
    return std::move(match_);
  }

 private:
  // What is left for sorting beside the terms and what the logs may keep.
  uint64_t SortBytes() const {
    constexpr uint64_t kLeast = uint64_t{8} << 20;
    const uint64_t kept = content_.row_memory().limit + content_.term_bytes();
    return std::max(kLeast, options_.memory_bytes - std::min(options_.memory_bytes, kept));
  }

  absl::Status MatchTerms() {
    const BigVector<TermKey>& terms = content_.terms();
    std::vector<TermId> ids(terms.size());
    std::vector<uint32_t> order;
    const BigVector<uint64_t>& symbols = content_.symbols();
    for (size_t symbol = 0; symbol < symbols.size(); ++symbol) {
      const bool in_dictionary = symbols[symbol] < terms.size();
      if (in_dictionary && content_.IsTold(symbol)) {
        order.push_back(static_cast<uint32_t>(symbols[symbol]));
      }
    }
    if (view_.meta().last_term > 0) ANNALS_RETURN_IF_ERROR(FindKnown(&order, &ids));
    SortTerms(&order);
    uint64_t number = view_.meta().last_term;
    match_->new_terms.reserve(order.size());
    for (const uint32_t place : order) {
      ids[place] = TermId::Make(terms[place].kind, ++number);
      match_->new_terms.push_back(terms[place]);
      match_->result.new_names += terms[place].kind == TermKind::kName;
    }
    MakeCodes(ids);
    return absl::OkStatus();
  }

  // Takes those that the store has out of `order`.
  absl::Status FindKnown(std::vector<uint32_t>* order, std::vector<TermId>* ids) const {
    const BigVector<TermKey>& terms = content_.terms();
    std::sort(order->begin(), order->end(),
              [&](uint32_t a, uint32_t b) { return terms[a].hash < terms[b].hash; });
    std::vector<TermKey> keys;
    keys.reserve(order->size());
    for (const uint32_t place : *order) keys.push_back(terms[place]);
    std::vector<TermId> found;
    const Dictionary dictionary(view_.base_pool(), view_.delta_pool(), view_.meta());
    ANNALS_RETURN_IF_ERROR(dictionary.FindKeys(keys, options_.threads, &found));
    for (size_t i = 0; i < order->size(); ++i) (*ids)[(*order)[i]] = found[i];
    std::erase_if(*order, [&](uint32_t place) { return !(*ids)[place].is_undefined(); });
    return absl::OkStatus();
  }

  // Each thread sorts a piece, which are then merged.
  template <typename Entry, typename Less>
  void SortByThreads(std::vector<Entry>& entries, Less less) const {
    const size_t pieces = entries.size() < kFewRows ? 1 : options_.threads;
    const auto at = [&](size_t piece) {
      return entries.begin() + static_cast<std::ptrdiff_t>(entries.size() * piece / pieces);
    };
    std::vector<std::function<absl::Status()>> tasks;
    for (size_t piece = 0; piece < pieces; ++piece) {
      tasks.push_back([&, piece] {
        std::sort(at(piece), at(piece + 1), less);
        return absl::OkStatus();
      });
    }
    RunTasks(tasks, options_.threads).IgnoreError();  // none fails
    for (size_t piece = 1; piece < pieces; ++piece) {
      std::inplace_merge(entries.begin(), at(piece), at(piece + 1), less);
    }
  }

  // By kind and key. Most are told apart by their first bytes, which stand beside the place.
  void SortTerms(std::vector<uint32_t>* order) const {
    const BigVector<TermKey>& terms = content_.terms();
    struct Entry {
      uint64_t first;
      uint32_t place;
    };
    std::vector<Entry> entries;
    entries.reserve(order->size());
    for (const uint32_t place : *order) {
      const TermKey& term = terms[place];
      unsigned char bytes[8] = {static_cast<unsigned char>(term.kind)};
      std::memcpy(bytes + 1, term.key.data(), std::min<size_t>(term.key.size(), 7));
      entries.push_back({kv::LoadFixed64(reinterpret_cast<const char*>(bytes)), place});
    }
    SortByThreads(entries, [&](const Entry& a, const Entry& b) {
      if (a.first != b.first) return a.first < b.first;
      return terms[a.place].key < terms[b.place].key;
    });
    for (size_t i = 0; i < entries.size(); ++i) (*order)[i] = entries[i].place;
  }

  void MakeCodes(const std::vector<TermId>& ids) {
    const BigVector<uint64_t>& symbols = content_.symbols();
    struct Entry {
      uint64_t id;
      uint32_t symbol;
    };
    std::vector<Entry> entries;
    for (uint32_t symbol = 0; symbol < symbols.size(); ++symbol) {
      if (!content_.IsTold(symbol)) continue;
      const uint64_t value = symbols[symbol];
      const uint64_t id = value < ids.size() ? ids[value].bits() : value;
      entries.push_back({seen_.Canonical(TermId::FromBits(id)).bits(), symbol});
    }
    SortByThreads(entries, [](const Entry& a, const Entry& b) { return a.id < b.id; });
    codes_.resize(symbols.size() + 1);
    match_->ids.reserve(entries.size() + 1);
    match_->ids.push_back(0);
    for (const Entry& entry : entries) {
      if (TermId::FromBits(entry.id).kind() == TermKind::kFact) continue;
      if (match_->ids.back() != entry.id) match_->ids.push_back(entry.id);
      codes_[entry.symbol + 1] = static_cast<uint32_t>(match_->ids.size() - 1);
    }
    for (const Entry& entry : entries) {
      const TermId id = TermId::FromBits(entry.id);
      if (id.kind() == TermKind::kFact) codes_[entry.symbol + 1] = CodeOfFact(id.payload());
    }
    for (const auto& replaced : content_.replaced()) codes_[replaced.handle] = codes_[replaced.by];
  }

  uint32_t CodeOfFact(uint64_t number) const {
    return static_cast<uint32_t>(match_->ids.size() + number);
  }

  // The number of the last fact that a code may stand for: 0 if none does.
  uint64_t LastFactInCodes() const {
    return has_fact_codes_ ? match_->last_fact + match_->new_facts : 0;
  }

  absl::Status MatchLevel(size_t level) {
    const uint64_t rows = level == 0 ? content_.first_level().size() : content_.level(level).size();
    RowParts<6> source;
    source.parts = rows < kFewRows ? 1 : options_.threads;
    source.read = [&](size_t part, bool first_column, const RowParts<6>::Take& take) {
      const uint64_t begin = rows * part / source.parts, end = rows * (part + 1) / source.parts;
      return level == 0 ? ReadFirstLevel(begin, end, first_column, take)
                        : ReadLevel(level, begin, end, take);
    };
    SortSpec spec;
    spec.columns = 5;
    spec.largest = CodeOfFact(LastFactInCodes());
    spec.memory_bytes = sort_bytes_;
    spec.threads = source.parts;
    spec.buffers = options_.buffers;
    spec.database = options_.database;
    ANNALS_ASSIGN_OR_RETURN(const std::unique_ptr<SortedRows<6>> sorted,
                            SortParts<6>(source, spec));
    content_.DropLevel(level);
    numbers_[level].resize(content_.references(level).size());
    return MatchFacts(*sorted, numbers_[level]);
  }

  absl::Status ReadFirstLevel(uint64_t begin, uint64_t end, bool first_column,
                              const RowParts<6>::Take& take) const {
    RowLog<5>::Reader reader(content_.first_level(), begin, end);
    const std::vector<uint32_t>& references = content_.references(0);
    auto reference = std::lower_bound(references.begin(), references.end(), begin);
    std::vector<FactRow> facts;
    for (uint64_t place = begin; place < end;) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, reader.Next());
      facts.resize(rows.size());
      for (size_t i = 0; i < rows.size(); ++i, ++place) {
        const CodeRow<5>& row = rows[i];
        FactRow& fact = facts[i];
        fact[0] = codes_[row[0]];
        if (first_column) continue;
        for (size_t c = 1; c < 5; ++c) fact[c] = codes_[row[c]];
        const bool referred = reference != references.end() && *reference == place;
        fact[kReferenceAt] = referred ? static_cast<uint32_t>(++reference - references.begin()) : 0;
      }
      ANNALS_RETURN_IF_ERROR(take(facts));
    }
    return absl::OkStatus();
  }

  absl::Status ReadLevel(size_t level, uint64_t begin, uint64_t end,
                         const RowParts<6>::Take& take) const {
    RowLog<7>::Reader reader(content_.level(level), begin, end);
    std::vector<PlaceFinder> finders;
    for (size_t l = 0; l <= level; ++l) finders.emplace_back(content_.references(l));
    const auto code_of = [&](LoadContent::Handle handle) {
      if (!LoadContent::IsFact(handle)) return codes_[handle];
      const size_t of = LoadContent::LevelOf(handle);
      const auto place = static_cast<uint32_t>(LoadContent::PlaceOfFact(handle));
      return CodeOfFact(numbers_[of][finders[of].Find(place)]);
    };
    std::vector<FactRow> facts;
    for (uint64_t place = begin; place < end;) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, reader.Next());
      facts.clear();
      for (const CodeRow<7>& row : rows) {
        const LoadContent::Told told = LoadContent::FromLog(row);
        const size_t reference = finders[level].Find(static_cast<uint32_t>(place++));
        const bool referred = reference < content_.references(level).size();
        facts.push_back({code_of(told.subject), codes_[told.predicate], code_of(told.object),
                         codes_[told.time], codes_[told.source],
                         referred ? static_cast<uint32_t>(reference + 1) : 0});
      }
      ANNALS_RETURN_IF_ERROR(take(facts));
    }
    return absl::OkStatus();
  }

  // `numbers` gets those of the facts that others refer to.
  absl::Status MatchFacts(SortedRows<6>& sorted, std::vector<uint64_t>& numbers) {
    std::optional<FactRow> last;
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, sorted.Next());
      if (rows.empty()) return absl::OkStatus();
      for (const FactRow& row : rows) {
        const bool same = last.has_value() && SameSpot(*last, row);
        if (!same) ANNALS_RETURN_IF_ERROR(MatchFact(row));
        match_->result.read += !IsQualifier(row[0]);
        if (!same || row[kSourceAt] != (*last)[kSourceAt]) ANNALS_RETURN_IF_ERROR(Assert(row));
        if (row[kReferenceAt] != 0) numbers[row[kReferenceAt] - 1] = number_;
        last = row;
      }
      matched_ += rows.size();
      if (options_.progress && matched_ >= told_progress_ + kRowsBetweenProgress) {
        told_progress_ = matched_;
        ANNALS_RETURN_IF_ERROR(options_.progress(matched_));
      }
    }
  }

  bool IsQualifier(uint32_t subject) const { return subject >= match_->ids.size(); }

  // Can the store hold what has this term?
  bool IsKnown(TermId id) const {
    if (id.kind() == TermKind::kFact) return id.payload() <= view_.meta().last_fact;
    return !id.in_dictionary() || id.payload() <= view_.meta().last_term;
  }

  // Finds the number of a fact, a new one if the store lacks it and all that is seen as it.
  absl::Status MatchFact(const FactRow& row) {
    alike_.clear();
    merged_by_ = 0;
    if (view_.meta().facts > 0) {
      std::array<TermId, kSpotColumns> spot;
      bool may_be_known = true;
      for (size_t c = 0; c < kSpotColumns; ++c) {
        spot[c] = TermId::FromBits(match_->IdOf(row[c]));
        may_be_known = may_be_known && IsKnown(spot[c]);
      }
      if (may_be_known) {
        ANNALS_ASSIGN_OR_RETURN(const TermId known, spots_.Find(spot));
        is_new_ = known.is_undefined();
        own_number_ = number_ = known.payload();
        ANNALS_ASSIGN_OR_RETURN(merged_by_,
                                seen_.MergedBy(view_, {spot[0], spot[1], spot[2], spot[3]}));
        if (merged_by_ != 0) {
          number_ = merged_by_;
          return absl::OkStatus();
        }
        ANNALS_RETURN_IF_ERROR(FindAlike({spot[0], spot[1], spot[2], spot[3]}));
        // Where only others are seen as it, it is new by a source that none of them has.
        if (!is_new_ || !alike_.empty()) return absl::OkStatus();
      }
    }
    MakeNew(row);
    return absl::OkStatus();
  }

  void MakeNew(const FactRow& row) {
    is_new_ = true;
    if (options_.exact != nullptr && !alike_.empty()) match_->told_anew.Add(alike_.front().number);
    own_number_ = number_ = match_->last_fact + ++match_->new_facts;
    match_->result.changed = true;
    const bool counted = !IsQualifier(row[0]);
    match_->result.new_facts += counted && alike_.empty();
    match_->result.new_assertions += counted;
  }

  // The facts of the store that are seen as the one at hand, where there may be others.
  absl::Status FindAlike(const Fact& fact) {
    if (!seen_.merges()) return absl::OkStatus();
    const bool is_about_fact = fact.subject.kind() == TermKind::kFact;
    if (is_about_fact && fact.subject != about_) {
      ANNALS_ASSIGN_OR_RETURN(about_may_be_other_,
                              seen_.MayBeSeenAsOther(view_, {fact.subject, {}, {}, {}}));
      about_ = fact.subject;
    }
    Fact rest = fact;
    if (is_about_fact) rest.subject = TermId();
    ANNALS_ASSIGN_OR_RETURN(const bool may_be, seen_.MayBeSeenAsOther(view_, rest));
    if (!may_be && !(is_about_fact && about_may_be_other_)) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(alike_, seen_.FactsSeenAs(view_, fact));
    return absl::OkStatus();
  }

  // Is the fact at hand seen as told by this source? Then the number is one that has it.
  absl::StatusOr<bool> IsSeenTold(uint32_t source_code) {
    const TermId source = TermId::FromBits(match_->IdOf(source_code));
    if (!seen_.merges() || !IsKnown(source)) return false;
    std::vector<Fact> facts = alike_;
    if (!is_new_ && facts.empty() && seen_.IdsOf(source).size() > 1) {
      facts.push_back({{}, {}, {}, {}, number_});
    }
    ANNALS_ASSIGN_OR_RETURN(const std::vector<Removal> tellings,
                            seen_.TellingsBy(view_, facts, source));
    if (tellings.empty()) return false;
    number_ = NumberAmong(tellings, own_number_);
    if (options_.exact == nullptr || source_code == 0) return true;
    for (const Removal& telling : tellings) {
      if (options_.exact->Has(telling.fact)) {
        match_->told.push_back({telling.fact, telling.source->bits()});
      } else {
        match_->kept.Add(telling.fact);
      }
    }
    return true;
  }

  // A source of the fact at hand.
  absl::Status Assert(const FactRow& row) {
    if (merged_by_ != 0) return absl::OkStatus();
    ANNALS_ASSIGN_OR_RETURN(const bool seen, IsSeenTold(row[kSourceAt]));
    if (seen) return absl::OkStatus();
    if (options_.exact != nullptr && row[kSourceAt] != 0) {
      // That the source still tells what others of its facts are about.
      for (const Fact& fact : alike_) {
        if (!options_.exact->Has(fact.number)) continue;
        match_->told.push_back({fact.number, match_->IdOf(row[kSourceAt])});
      }
    }
    if (own_number_ == 0) MakeNew(row);
    number_ = own_number_;
    if (is_new_) {
      return match_->rows.Add({static_cast<uint32_t>(match_->new_facts - 1), row[kSourceAt], row[0],
                               row[1], row[2], row[3]});
    }
    return known_[0]->Add({static_cast<uint32_t>(number_ >> 32), static_cast<uint32_t>(number_),
                           row[kSourceAt], row[0], row[1], row[2], row[3]});
  }

  // Which sources of known facts are new?
  absl::Status MatchKnown() {
    ANNALS_RETURN_IF_ERROR(known_[0]->Finish());
    Prober prober(view_, Permutation::kFact, 2, Column::kFact);
    MergedRows<7> merged(known_, sort_bytes_ / 4);
    std::optional<CodeRow<7>> last;
    uint64_t last_told = 0;
    while (true) {
      ANNALS_ASSIGN_OR_RETURN(const auto rows, merged.Next());
      if (rows.empty()) return absl::OkStatus();
      for (const CodeRow<7>& row : rows) {
        if (last.has_value() && std::equal(row.begin(), row.begin() + 3, last->begin())) continue;
        last = row;
        const uint64_t number = uint64_t{row[0]} << 32 | row[1];
        const TermId source = TermId::FromBits(match_->IdOf(row[2]));
        const bool replaces = options_.exact != nullptr && row[2] != 0;
        if (replaces && options_.exact->Has(number)) {
          match_->told.push_back({number, source.bits()});
        }
        if (IsKnown(source)) {
          ANNALS_ASSIGN_OR_RETURN(const TermId known,
                                  prober.Find(std::array{TermId::Fact(number), source}));
          if (!known.is_undefined()) {
            if (replaces) match_->kept.Add(number);
            continue;
          }
        }
        ANNALS_RETURN_IF_ERROR(match_->known.Add(row));
        match_->result.changed = true;
        match_->result.new_assertions += !IsQualifier(row[3]) && number != last_told;
        last_told = number;
      }
    }
  }

  LoadContent& content_;
  const StoredView& view_;
  const MatchOptions& options_;
  const uint64_t sort_bytes_;
  const bool has_fact_codes_;
  std::unique_ptr<LoadMatch> match_;
  BigVector<uint32_t> codes_;                         // by symbol + 1
  std::vector<std::vector<uint64_t>> numbers_;        // by level and reference
  std::vector<std::unique_ptr<RowSorter<7>>> known_;  // one: assertions of known facts
  Prober spots_;
  uint64_t number_ = 0;      // of the fact at hand, or of one that is seen as it
  uint64_t own_number_ = 0;  // 0 as long as it has none
  bool is_new_ = false;      // does the store lack it?
  SeenFacts seen_;
  uint64_t merged_by_ = 0;   // by which fact, if the one at hand merges what is one already
  std::vector<Fact> alike_;  // of the store, that are seen as the fact at hand
  // Facts about one stand together: the last of these, and whether others may be seen as it.
  TermId about_;
  bool about_may_be_other_ = false;
  uint64_t matched_ = 0;
  uint64_t told_progress_ = 0;
};

}  // namespace

bool CanMatch(const LoadContent& content, const StoredView& view) {
  if (!HasFactCodes(content)) return true;
  const uint64_t codes = content.symbols().size() + 1 + view.meta().last_fact + content.facts();
  return codes < std::numeric_limits<uint32_t>::max();
}

absl::StatusOr<std::unique_ptr<LoadMatch>> MatchLoad(LoadContent& content, const StoredView& view,
                                                     const MatchOptions& options) {
  return Matcher(content, view, options).Run();
}

}  // namespace annals
