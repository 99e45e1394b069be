// Names that are looked up later, many at once, against names that are looked up as they come.
#include "datasets/io/entity_names.h"

#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/graph/for_each_row.h"
#include "tests/unit/store_fixture.h"

namespace annals::datasets {
namespace {

std::unique_ptr<Store> MakeStore(uint64_t bulk_rows) {
  StoreOptions options;
  options.bulk_rows = bulk_rows;
  std::unique_ptr<Store> store = Value(Store::Open(":memory:", options));
  const std::unique_ptr<WriteTransaction> write = Value(store->Begin());
  const auto tell = [&](const char* subject, const char* predicate, const Term& object) {
    Value(write->Add(Value(write->Intern(Term(Name{subject}))),
                     Value(write->Intern(Term(Name{predicate}))), Value(write->Intern(object)),
                     TermId(), TermId()));
  };
  tell("Robert", "is", Term(Name{"person"}));
  for (const char* const alias : {"Bobby", "Bob", "Rob"}) {
    tell("Robert", "alias", Term(Text{alias, ""}));
  }
  tell("Georgia", "alias", Term(Text{"Home", ""}));
  tell("Oslo", "alias", Term(Text{"Home", ""}));
  Ok(write->Commit());
  return store;
}

struct Outcome {
  std::string status;
  std::vector<std::string> new_names;
  std::vector<std::string> facts;
  uint64_t new_facts = 0, stored_names = 0;
};

Outcome Load(uint64_t bulk_rows, const std::vector<std::string>& names, bool later) {
  const std::unique_ptr<Store> store = MakeStore(bulk_rows);
  const std::unique_ptr<BulkLoad> load = Value(store->BeginBulkLoad());
  const std::shared_ptr<const GraphView> before = Value(store->GetSnapshot());
  EntityNames entities(*before, *load);
  entities.Declare("Zo", "Zoe");
  entities.Declare("Annie", "Bob");  // what it stands for is an alias of the store
  const auto of = [&](const std::string& name) {
    return later ? entities.Later(name) : entities.Of(name);
  };
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    load->Add(of(names[i]), of("saw"), of(names[i + 1]), BulkLoad::kNone, of(names[0]));
  }
  Outcome outcome;
  outcome.status = std::string(entities.Settle(absl::OkStatus()).message());
  if (!later) outcome.status = std::string(entities.status().message());
  for (const std::string_view name : entities.new_names()) outcome.new_names.emplace_back(name);
  if (!outcome.status.empty()) return outcome;
  const BulkLoad::Result result = Value(load->Finish());
  outcome.new_facts = result.new_facts;
  outcome.stored_names = result.new_names;
  const std::shared_ptr<const GraphView> view = Value(store->GetSnapshot());
  ScanSpec spec;
  spec.permutation = Permutation::kFact;
  spec.output = {Column::kSubject, Column::kPredicate, Column::kObject, Column::kSource};
  Ok(ForEachRow(*view, spec, [&](const auto& columns, size_t i) {
    std::string text;
    for (const auto& column : columns) {
      text += column[i].is_undefined() ? "-" : DisplayText(Value(view->Get(column[i])));
      text += " ";
    }
    outcome.facts.push_back(text);
    return absl::OkStatus();
  }));
  return outcome;
}

TEST_CASE("names that are looked up later mean the same") {
  const uint64_t bulk_rows = GENERATE(1u, 1000000u);
  std::vector<std::string> names = {"Rob",   "Ann", "Bobby", "Robert", "Zo",    "Zoe",  "Annie",
                                    "Bobby", "Bob", "Ann",   "Oslo",   "Annie", "Rome", "Rob"};
  for (int i = 0; i < 3000; ++i) names.push_back("Name " + std::to_string(i % 1000));
  SECTION("all have one meaning") {}
  SECTION("the first that has several is told") {
    names.insert(names.begin() + 3, "Home");
    names.push_back("Nobody");
  }
  const Outcome at_once = Load(bulk_rows, names, false);
  const Outcome later = Load(bulk_rows, names, true);
  CHECK(later.status == at_once.status);
  if (!at_once.status.empty()) return;
  CHECK(later.new_names == at_once.new_names);
  CHECK(later.facts == at_once.facts);
  CHECK(later.new_facts == at_once.new_facts);
  CHECK(later.stored_names == at_once.stored_names);
}

TEST_CASE("a file that ends with an error tells an ambiguous name before it") {
  const std::unique_ptr<Store> store = MakeStore(1);
  const std::unique_ptr<BulkLoad> load = Value(store->BeginBulkLoad());
  const std::shared_ptr<const GraphView> before = Value(store->GetSnapshot());
  EntityNames entities(*before, *load);
  const BulkLoad::Handle bob = entities.Later("Bob");
  CHECK(entities.Settled(bob) == entities.Of("Robert"));
  CHECK(entities.IsEntity("Robert"));
  CHECK_FALSE(entities.IsEntity("Bob"));
  entities.Later("Home");
  CHECK(entities.Settle(Cancelled("stop")).message() == "stop");
  CHECK(entities.Settle(InvalidArgument("a fault")).message() ==
        "'Home' is an alias of 2 entities; write the name of one of them");
  CHECK(entities.Settle(InvalidArgument("a fault")).message() == "a fault");
}

}  // namespace
}  // namespace annals::datasets
