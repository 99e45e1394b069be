#include "storage/graph/dictionary.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "storage/graph/meta.h"
#include "storage/graph/row_scan.h"
#include "storage/kv/keys.h"
#include "storage/kv/kv.h"

namespace annals {
namespace {

Term NameTerm(const std::string& text) { return Term(Name{text}); }

// A dictionary on its own: terms are added by commits and folded as the store does it.
class Fixture {
 public:
  Fixture() {
    auto opened = kv::Store::Open(":memory:", {});
    REQUIRE(opened.ok());
    kv_ = *std::move(opened);
  }

  TermId Add(const Term& term) {
    const std::unique_ptr<kv::Transaction> transaction = kv_->NewTransaction();
    const auto id = AddTerm(*transaction, term, &meta_);
    REQUIRE(id.ok());
    REQUIRE(kv_->Commit(*transaction).ok());
    return *id;
  }

  void Fold(std::span<const TermKey> added = {}, uint32_t block_rows = 4096) {
    std::unique_ptr<kv::Ingestion> ingestion = kv_->NewIngestion();
    const auto rows = FoldDictionary(*kv_->GetSnapshot(), meta_, meta_.generation + 1, block_rows,
                                     ingestion->AddFile(), ingestion->AddFile(), added);
    REQUIRE(rows.ok());
    REQUIRE(kv_->Ingest(std::move(ingestion)).ok());
    const std::unique_ptr<kv::Batch> batch = kv_->NewBatch();
    for (const char prefix : {kv::kDeltaTermPrefix, kv::kDeltaHashPrefix}) {
      batch->DeleteRange(kv::PrefixBegin(prefix), kv::PrefixEnd(prefix));
    }
    REQUIRE(kv_->Write(*batch).ok());
    ++meta_.generation;
    meta_.last_term += added.size();
    meta_.packed_terms = meta_.last_term;
    meta_.base_rows[kv::kHashRelation - 1] = *rows;
  }

  // Of the state now; lives until the next call.
  const Dictionary& dictionary() {
    dictionary_.reset();
    pool_ = std::make_unique<IteratorPool>(kv_->GetSnapshot());
    return dictionary_.emplace(*pool_, *pool_, meta_);
  }
  Term Get(TermId id) {
    const auto term = dictionary().Get(id);
    INFO(term.status().message());
    REQUIRE(term.ok());
    return *term;
  }
  TermId Find(const Term& term) {
    const auto id = dictionary().Find(term);
    INFO(id.status().message());
    REQUIRE(id.ok());
    return *id;
  }

  std::unique_ptr<kv::Store> kv_;
  Meta meta_;
  std::unique_ptr<IteratorPool> pool_;
  std::optional<Dictionary> dictionary_;
};

std::vector<Term> AllKinds() {
  return {
      NameTerm("Kim Jong-un"),
      NameTerm(""),
      NameTerm("김정은"),
      Term(Text{"Kim Jong-un", ""}),  // the same bytes in another kind
      Term(Text{"Kim Jong-un", "en"}),
      Term(Text{"", ""}),
      Term(Iri{"Kim Jong-un"}),
      Term(Iri{"http://www.wikidata.org/entity/Q56226"}),
      Term(Term::Value(BlankNode{"b0"})),
      Term(Term::Value(TypedLiteral{"x", "http://example.org/type"})),
      Term(Term::Value(Decimal{"3.50"})),
      Term(3.5),
      Term(std::numeric_limits<int64_t>::max()),
      Term(*Time::Parse("2024-05-06T07:08Z..2024-05-07")),
      Term(Text{std::string(100000, 'a'), ""}),
  };
}

TEST_CASE("every kind of term is found by its value and by its id, before and after a fold") {
  Fixture fixture;
  const std::vector<Term> terms = AllKinds();
  std::vector<TermId> ids;
  for (const Term& term : terms) {
    CHECK(fixture.Find(term).is_undefined());
    ids.push_back(fixture.Add(term));
    CHECK(ids.back().in_dictionary());
    CHECK(ids.back().payload() == ids.size());
  }
  for (int folds = 0; folds < 3; ++folds) {
    for (size_t i = 0; i < terms.size(); ++i) {
      CHECK(fixture.Find(terms[i]) == ids[i]);
      CHECK(fixture.Get(ids[i]) == terms[i]);
    }
    CHECK(fixture.Find(NameTerm("Kim Jong-il")).is_undefined());
    CHECK(fixture.Find(Term(Text{"Kim Jong-un", "ko"})).is_undefined());
    fixture.Fold();
  }
}

TEST_CASE("terms that need no dictionary") {
  Fixture fixture;
  for (const Term& term : {Term(), Term(int64_t{-7}), Term(true), Term(FactRef{17}),
                           Term(*Time::Parse("2024-05-06"))}) {
    const TermId id = fixture.Find(term);
    CHECK_FALSE(id.in_dictionary());
    CHECK(fixture.Get(id) == term);
  }
  CHECK(fixture.Find(Term(Duration{1, 0})).is_undefined());
  CHECK(fixture.dictionary().Get(TermId::Local(3)).status().code() ==
        absl::StatusCode::kInvalidArgument);
  const std::unique_ptr<kv::Transaction> transaction = fixture.kv_->NewTransaction();
  CHECK_FALSE(AddTerm(*transaction, Term(Duration{1, 0}), &fixture.meta_).ok());
}

// Base, delta, and blocks of few rows, so that batches cross all of their borders.
TEST_CASE("batches over blocks and rows") {
  Fixture fixture;
  const uint32_t block_rows = GENERATE(1u, 7u, 4096u);
  std::vector<std::string> names;
  for (int i = 0; i < 500; ++i) names.push_back("Name " + std::to_string(i * 37 % 500));
  for (size_t i = 0; i < 200; ++i) fixture.Add(NameTerm(names[i]));
  fixture.Fold({}, block_rows);
  for (size_t i = 200; i < 300; ++i) fixture.Add(NameTerm(names[i]));
  std::vector<TermKey> added;
  for (size_t i = 300; i < 450; ++i) {
    added.push_back({TermKind::kName, names[i], HashTerm(TermKind::kName, names[i])});
  }
  fixture.Fold(added, block_rows);
  for (size_t i = 450; i < 490; ++i) fixture.Add(NameTerm(names[i]));

  std::vector<TermKey> keys;
  for (const std::string& name : names) {
    keys.push_back({TermKind::kName, name, HashTerm(TermKind::kName, name)});
  }
  std::sort(keys.begin(), keys.end(),
            [](const TermKey& a, const TermKey& b) { return a.hash < b.hash; });
  std::vector<TermId> ids;
  REQUIRE(fixture.dictionary().FindKeys(keys, 3, &ids).ok());
  REQUIRE(ids.size() == keys.size());
  std::set<uint64_t> numbers;
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto place = std::find(names.begin(), names.end(), keys[i].key) - names.begin();
    if (place >= 490) {
      CHECK(ids[i].is_undefined());
      continue;
    }
    CHECK(ids[i] == TermId::Make(TermKind::kName, static_cast<uint64_t>(place) + 1));
    numbers.insert(ids[i].payload());
  }
  CHECK(numbers.size() == 490);

  std::vector<TermId> wanted = ids;
  wanted.push_back(TermId::Integer(5));
  wanted.push_back(ids[0]);
  std::vector<Term> terms;
  REQUIRE(fixture.dictionary().GetBatch(wanted, &terms).ok());
  REQUIRE(terms.size() == wanted.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    CHECK(terms[i] == (ids[i].is_undefined() ? Term() : NameTerm(std::string(keys[i].key))));
  }
  CHECK(terms[keys.size()] == Term(int64_t{5}));
  CHECK(terms.back() == terms[0]);
}

TEST_CASE("a transaction sees its own terms, and their numbers are given again after it") {
  Fixture fixture;
  fixture.Add(NameTerm("Ada"));
  fixture.Fold();
  {
    const std::unique_ptr<kv::Transaction> transaction = fixture.kv_->NewTransaction();
    const IteratorPool base(fixture.kv_->GetSnapshot());
    const IteratorPool delta(transaction->view());
    Meta meta = fixture.meta_;
    const Dictionary dictionary(base, delta, meta);
    CHECK(dictionary.Find(NameTerm("Bob"))->is_undefined());
    const auto bob = AddTerm(*transaction, NameTerm("Bob"), &meta);
    REQUIRE(bob.ok());
    CHECK(bob->payload() == 2);
    CHECK(*dictionary.Find(NameTerm("Bob")) == *bob);
    CHECK(*dictionary.Find(NameTerm("Ada")) == TermId::Make(TermKind::kName, 1));
    CHECK(*dictionary.Get(*bob) == NameTerm("Bob"));
  }
  const TermId cleo = fixture.Add(NameTerm("Cleo"));
  CHECK(cleo.payload() == 2);
  CHECK(fixture.Get(cleo) == NameTerm("Cleo"));
  CHECK(fixture.Find(NameTerm("Bob")).is_undefined());
}

TEST_CASE("terms of one hash are told apart by their bytes") {
  Fixture fixture;
  const TermId ada = fixture.Add(NameTerm("Ada"));
  const TermId bob = fixture.Add(NameTerm("Bob"));
  // A second row under Ada's hash, as if Bob had it too.
  const std::unique_ptr<kv::Batch> batch = fixture.kv_->NewBatch();
  batch->Put(kv::HashKey(HashTerm(TermKind::kName, "Ada"), bob.bits()), "");
  REQUIRE(fixture.kv_->Write(*batch).ok());
  CHECK(fixture.Find(NameTerm("Ada")) == ada);
  CHECK(fixture.Find(NameTerm("Bob")) == bob);
}

TEST_CASE("damage is reported, not believed") {
  Fixture fixture;
  fixture.Add(NameTerm("Ada"));
  const TermId bob = fixture.Add(NameTerm("Bob"));
  const auto code = [&](TermId id) { return fixture.dictionary().Get(id).status().code(); };
  CHECK(code(TermId::Make(TermKind::kName, 99)) == absl::StatusCode::kDataLoss);
  CHECK(code(TermId::Make(TermKind::kName, 0)) == absl::StatusCode::kDataLoss);
  CHECK(code(TermId::Make(TermKind::kText, bob.payload())) == absl::StatusCode::kDataLoss);
  fixture.Fold();
  CHECK(code(TermId::Make(TermKind::kText, bob.payload())) == absl::StatusCode::kDataLoss);
  CHECK(code(TermId::Make(TermKind::kName, 99)) == absl::StatusCode::kDataLoss);
  const auto overwrite = [&](const std::string& value) {
    const std::unique_ptr<kv::Batch> batch = fixture.kv_->NewBatch();
    batch->Put(kv::NumberKey(kv::kStringBlockPrefix, 2), value);
    REQUIRE(fixture.kv_->Write(*batch).ok());
  };
  for (const std::string& value : {std::string(), std::string("x"), std::string(64, '\xff')}) {
    overwrite(value);
    CHECK(code(bob) == absl::StatusCode::kDataLoss);
    CHECK(fixture.dictionary().Find(NameTerm("Bob")).status().code() ==
          absl::StatusCode::kDataLoss);
  }
}

TEST_CASE("the hash of a term is part of the format") {
  CHECK(HashTerm(TermKind::kName, "") == 0xfdb1d510764c24b3u);
  CHECK(HashTerm(TermKind::kName, "Kim Jong-un") == 0x4045d590d276b365u);
  CHECK(HashTerm(TermKind::kText, "Kim Jong-un") == 0x5bb970aa7016dab4u);
}

}  // namespace
}  // namespace annals
