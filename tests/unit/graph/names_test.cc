#include "storage/graph/names.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "storage/graph/nearness.h"
#include "storage/graph/store.h"

namespace annals {
namespace {

// A store with entities (each told one fact) and aliases.
class Fixture {
 public:
  Fixture() {
    auto opened = Store::Open(":memory:", {});
    REQUIRE(opened.ok());
    store_ = *std::move(opened);
  }

  uint64_t Tell(const std::string& subject, const std::string& predicate, const Term& object) {
    auto transaction = store_->Begin();
    REQUIRE(transaction.ok());
    WriteTransaction& write = **transaction;
    const auto added =
        write.Add(*write.Intern(Term(Name{subject})), *write.Intern(Term(Name{predicate})),
                  *write.Intern(object), TermId(), TermId());
    REQUIRE(added.ok());
    REQUIRE(write.Commit().ok());
    return added->fact;
  }
  void Entity(const std::string& name) { Tell(name, "known", Term(true)); }
  uint64_t Alias(const std::string& name, const std::string& alias,
                 const std::string& language = "") {
    return Tell(name, std::string(kAliasPredicate), Term(Text{alias, language}));
  }
  void Remove(uint64_t fact) {
    auto transaction = store_->Begin();
    REQUIRE(transaction.ok());
    REQUIRE((*transaction)->Remove(fact, std::nullopt).ok());
    REQUIRE((*transaction)->Commit().ok());
  }

  std::shared_ptr<const GraphView> view() { return *store_->GetSnapshot(); }

  // "entity/rank/matched" joined by "; ".
  std::string Show(const absl::StatusOr<std::vector<NameMatch>>& matches) {
    if (!matches.ok()) return std::string(matches.status().message());
    static constexpr const char* kRanks[] = {"exact", "alias", "folded"};
    std::string text;
    for (const NameMatch& match : *matches) {
      if (!text.empty()) text += "; ";
      text += DisplayText(*view()->Get(match.entity)) + "/" +
              kRanks[static_cast<size_t>(match.rank)] + "/" + match.matched;
    }
    return text;
  }
  std::string Resolve(const std::string& name, bool loose = true) {
    return Show(view()->ResolveName(name, loose));
  }
  std::vector<std::string> Nearest(const std::string& name, size_t limit = 3) {
    const auto matches = view()->NearestNames(name, limit);
    REQUIRE(matches.ok());
    std::vector<std::string> names;
    for (const NameMatch& match : *matches) names.push_back(match.matched);
    return names;
  }

  std::unique_ptr<Store> store_;
};

using Names = std::vector<std::string>;

TEST_CASE("the best rank wins: a name, an alias, a folded spelling") {
  Fixture fixture;
  fixture.Entity("Kim Jong-un");
  fixture.Alias("Kim Jong-un", "Kim Jong Un");
  fixture.Alias("Kim Jong-un", "Кім Чен Ин", "uk");
  CHECK(fixture.Resolve("Kim Jong-un") == "Kim Jong-un/exact/Kim Jong-un");
  CHECK(fixture.Resolve("Kim Jong Un") == "Kim Jong-un/alias/Kim Jong Un");
  CHECK(fixture.Resolve("Кім Чен Ин", false) == "Kim Jong-un/alias/Кім Чен Ин");
  CHECK(fixture.Resolve("КІМ ЧЕН-ИН") == "Kim Jong-un/folded/Кім Чен Ин");
  CHECK(fixture.Resolve("kim jongun") == "Kim Jong-un/folded/Kim Jong-un");
  CHECK(fixture.Resolve("kim jongun", false).empty());
  CHECK(fixture.Resolve("Kim").empty());
  CHECK(fixture.Resolve("Kim Jong").empty());
  CHECK(fixture.Resolve("").empty());
}

TEST_CASE("all entities of the best rank come back") {
  Fixture fixture;
  fixture.Alias("Georgia", "Sakartvelo");
  fixture.Alias("Georgia the country", "Sakartvelo");
  fixture.Entity("MET");
  fixture.Entity("met");
  CHECK(fixture.Resolve("Sakartvelo") ==
        "Georgia/alias/Sakartvelo; Georgia the country/alias/Sakartvelo");
  CHECK(fixture.Resolve("met") == "met/exact/met");
  CHECK(fixture.Resolve("Met") == "MET/folded/MET; met/folded/met");
}

// Thousands of names, so that several threads and many blocks have a part in it.
TEST_CASE("many names at once mean what each means") {
  Fixture fixture;
  const bool folded = GENERATE(false, true);
  auto transaction = fixture.store_->Begin();
  REQUIRE(transaction.ok());
  WriteTransaction& write = **transaction;
  const auto tell = [&](const std::string& name, std::string_view predicate, const Term& object) {
    REQUIRE(write
                .Add(*write.Intern(Term(Name{name})),
                     *write.Intern(Term(Name{std::string(predicate)})), *write.Intern(object),
                     TermId(), TermId())
                .ok());
  };
  for (int i = 0; i < 3000; ++i) {
    const std::string name = "Name " + std::to_string(i);
    tell(name, "known", Term(true));
    if (i % 3 == 0) tell(name, kAliasPredicate, Term(Text{"Alias " + std::to_string(i / 6), ""}));
  }
  tell("Name 1", "merged into", Term(Name{"Name 2"}));
  REQUIRE(write.Commit().ok());
  if (folded) REQUIRE(fixture.store_->Fold().ok());

  std::vector<std::string> spellings = {"", "Name 1", "name 1", "NAME 1", "Name 1"};
  for (int i = 0; i < 3500; i += 7) {
    for (const char* const before : {"Name ", "name ", "Alias ", "ALIAS ", "Nobody "}) {
      spellings.push_back(before + std::to_string(i));
    }
  }
  const std::vector<std::string_view> names(spellings.begin(), spellings.end());
  for (const bool loose : {false, true}) {
    const std::shared_ptr<const GraphView> view = fixture.view();
    std::vector<NameMeaning> meanings;
    REQUIRE(view->ResolveNames(names, loose, 3, &meanings).ok());
    REQUIRE(meanings.size() == names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      const auto matches = view->ResolveName(names[i], loose);
      REQUIRE(matches.ok());
      CAPTURE(names[i], loose);
      REQUIRE(meanings[i].entities == matches->size());
      if (matches->empty()) continue;
      CHECK(meanings[i].entity == (*matches)[0].entity);
      CHECK(meanings[i].rank == (*matches)[0].rank);
    }
  }
}

TEST_CASE("an alias goes with the last fact that gives it") {
  Fixture fixture;
  const uint64_t english = fixture.Alias("Kim Jong-un", "Respected Comrade", "en");
  const uint64_t plain = fixture.Alias("Kim Jong-un", "Respected Comrade");
  fixture.Remove(english);
  CHECK(fixture.Resolve("Respected Comrade") == "Kim Jong-un/alias/Respected Comrade");
  CHECK_FALSE(fixture.Resolve("respected-comrade").empty());
  fixture.Remove(plain);
  CHECK(fixture.Resolve("Respected Comrade").empty());
  CHECK(fixture.Resolve("respected-comrade").empty());
  CHECK(fixture.Nearest("Respected Comrades").empty());
}

TEST_CASE("an alias of one name is not the beginning of another") {
  Fixture fixture;
  fixture.Alias("A", "Kim");
  fixture.Alias("B", "Kim Jong");
  fixture.Alias("C", std::string("Kim\0x", 5));
  CHECK(fixture.Resolve("Kim", false) == "A/alias/Kim");
  CHECK(fixture.Resolve("kim") == "A/folded/Kim");
}

TEST_CASE("names near to an unknown one") {
  Fixture fixture;
  for (const char* name : {"Kim Jong-un", "Kim Yo-jong", "Andriy Belousov", "Белоруссия",
                           "Владимир Путин", "Pyongyang", "United States", "met", "习近平"}) {
    fixture.Entity(name);
  }
  CHECK(fixture.Nearest("Kim Jong-il") == Names{"Kim Jong-un"});
  CHECK(fixture.Nearest("Kin Jong-un") == Names{"Kim Jong-un"});
  CHECK(fixture.Nearest("Jong-un Kim") == Names{"Kim Jong-un"});
  CHECK(fixture.Nearest("Belousov") == Names{"Andriy Belousov"});
  CHECK(fixture.Nearest("Белоусов") == Names{"Andriy Belousov"});
  CHECK(fixture.Nearest("Andrei Belousov") == Names{"Andriy Belousov"});
  CHECK(fixture.Nearest("Belousow") == Names{"Andriy Belousov"});
  CHECK(fixture.Nearest("Vladimir Putin") == Names{"Владимир Путин"});
  CHECK(fixture.Nearest("Xi Jinping") == Names{"习近平"});
  CHECK(fixture.Nearest("Pyongyang City") == Names{"Pyongyang"});
  CHECK(fixture.Nearest("Pyonyang") == Names{"Pyongyang"});
  CHECK(fixture.Nearest("mets") == Names{"met"});
  CHECK(fixture.Nearest("Reykjavik").empty());
  CHECK(fixture.Nearest("?").empty());
  CHECK(fixture.Nearest("Kim", 5) == Names{"Kim Jong-un", "Kim Yo-jong"});
  CHECK(fixture.Nearest("Kim", 1) == Names{"Kim Jong-un"});
  CHECK(fixture.Nearest("Kim", 0).empty());
}

TEST_CASE("names that begin with a prefix") {
  Fixture fixture;
  for (const char* name : {"Kim Jong-un", "Kim Yo-jong", "Kims", "Kyiv"}) fixture.Entity(name);
  fixture.Alias("Kyiv", "Kiev");
  fixture.Alias("Kyiv Oblast", "Kiev");
  CHECK(*fixture.view()->NamesWithPrefix("kim ", 9) == Names{"Kim Jong-un", "Kims", "Kim Yo-jong"});
  CHECK(*fixture.view()->NamesWithPrefix("KIM-J", 9) == Names{"Kim Jong-un"});
  CHECK(*fixture.view()->NamesWithPrefix("kie", 9) == Names{"Kiev"});
  CHECK(*fixture.view()->NamesWithPrefix("kim", 1) == Names{"Kim Jong-un"});
  CHECK(fixture.view()->NamesWithPrefix("zz", 9)->empty());
}

TEST_CASE("nearness counts letters, words and their order") {
  const auto of = [](const char* asked, const char* known) { return Nearness(asked).Of(known); };
  CHECK(of("kim jong un", "kimjongun") == size_t{0});
  CHECK(of("kim jong il", "kim jong un") == size_t{20});
  CHECK(of("kim jong in", "kim jong un") == size_t{10});
  CHECK(of("kim jong il", "kim song un") == std::nullopt);
  CHECK(of("jong un kim", "kim jong un").has_value());
  CHECK(of("us", "uk") == std::nullopt);
  CHECK(of("putin", "vladimir putin") < of("putim", "vladimir putin"));
  CHECK(of("", "a") == std::nullopt);
  CHECK(of("a", "") == std::nullopt);
}

}  // namespace
}  // namespace annals
