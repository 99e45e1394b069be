// A program outside the project: facts in, a question with a parameter, rows out, an error.
#include <annals/annals.h>

#include <iostream>
#include <string_view>

namespace {

int Fail(const absl::Status& status) {
  std::cerr << "error: " << status.message() << '\n';
  return 1;
}

}  // namespace

int main() {
  const auto database = annals::Database::Open(":memory:");
  if (!database.ok()) return Fail(database.status());
  const auto session = (*database)->NewSession();

  auto told = session->Run(
      "add (Ada, met, Babbage, 1833-06-05) (Ada, met, Mary Somerville, 1834)"
      " from (a letter)");
  if (!told.ok()) return Fail(told.status());
  std::cout << told->message() << '\n';

  auto rows = session->Run("(?who, met, $whom, ?when)", {{"whom", annals::Value::Name("Babbage")}});
  if (!rows.ok()) return Fail(rows.status());
  while (true) {
    const auto more = rows->Next();
    if (!more.ok()) return Fail(more.status());
    if (!*more) break;
    std::cout << rows->at(0).text() << " | " << rows->at(1).text() << '\n';
  }

  const auto wrong = session->Run("find ?who where (?who met Babbage)");
  std::cout << (wrong.ok() ? "ok" : "refused") << '\n';
  std::cout << annals::Version() << '\n';
  return 0;
}
