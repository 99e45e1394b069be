#include "tests/oracle/answers.h"

#include <algorithm>
#include <cstdlib>

namespace annals::oracle {

uint64_t FromEnvironment(const char* name, uint64_t otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

std::string CellText(const Value& value) {
  std::string text =
      std::to_string(static_cast<int>(value.kind())) + " " + value.text() + "@" + value.language();
  if (value.kind() != Value::Kind::kList) return text;
  // Facts in a list are in the order of their numbers, which is not compared.
  std::vector<std::string> items;
  for (const Value& item : value.items()) items.push_back(CellText(item));
  std::sort(items.begin(), items.end());
  text = "list";
  for (const std::string& item : items) text += " [" + item + "]";
  return text;
}

Rendered RunEngine(SessionImpl& session, const std::string& question) {
  Rendered result;
  auto rows = session.Run(question, {});
  if (!rows.ok()) return {{}, std::string(rows.status().message())};
  if (rows->kind() == Rows::Kind::kYesNo) return {{rows->yes() ? "yes" : "no"}, ""};
  while (true) {
    const auto more = rows->Next();
    if (!more.ok()) return {{}, std::string(more.status().message())};
    if (!*more) return result;
    std::string line;
    for (size_t i = 0; i < rows->columns().size(); ++i) line += CellText(rows->at(i)) + " | ";
    result.rows.push_back(line);
  }
}

}  // namespace annals::oracle
