// What export writes, load reads back as the same database.
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "annals/annals.h"

namespace annals {
namespace {

namespace fs = std::filesystem;

// Everything that a table can hold as it is.
constexpr char kPlain[] = R"(
add (Ada, born, London, 1815-12-10)
    (Ada, met, Charles, 1833-06)
    (Ada, lived, Ockham Park, 1835-07-08..)
    (Ada, age, 36, ..1852)
    (Ada, height, 1.650) (Ada, weight, 5.5e1) (Ada, wrote, true)
    (1984, author, Orwell)
    (`a, b`, `c;d`, `e "f"`, 2024);
add (Ada, met, Charles, 1833-06) {place: London, place: Ockham Park, sure: 0.5} from (Letter 7);
add (Ada, met, Charles, 1833-06) {place: Paris} from (Letter 8);
add (Ada, met, Babbage) from (Letter 8);
add (Ada, opened, Shop, 2024-06-19T10:30) (Ada, shut, Shop, 2024-06-19T10:30:05+09:00)
    (Ada, was at, Shop, 2024-06-19T10:30..2024-06-19T11:30);
predicate (met) {is: symmetric};
)";

constexpr char kRich[] = R"(
prefix ex: <http://example.org/>;
source (Letter 7) {publisher: Post, published: 1833, language: "en", url: <http://example.org/7?a=b&c>};
alias (Ada) "Ada Lovelace", "Ада"@uk;
add (Ada, is, ex:Ada) (ex:Ada, ex:knows, <http://example.org/été>)
    (Ada, said, "tab	quote \" back \\ line \n end") (Ada, said, "") (Ada, said, "hi"@en-gb)
    (Ada, lasted, "P1D"^^<http://www.w3.org/2001/XMLSchema#duration>)
    (Ada, number, "007"^^<http://www.w3.org/2001/XMLSchema#integer>)
    (Ada, year, 1984) (Ada, title, `1984`) (Ada, title, `2024-06`) (Ada, title, `true`)
    (Ada, date, 2024-06) (Ada, big, 12345678901234567890) (Ada, year, -44)
    (`_`, `?x y`, `$z`) (`-- a`, `b{c}`, `<d>`) (Ада, знає, `кома, тут`) (`x:y`, `p:q`, `r:s`)
    (Ada, knows, _:b);
add (Ada, claimed, Victory, 1840) {published: 1841, date: 1842-01, said by: "Bob", `a: b`: 3,
    see: ex:claim} from (ex:letters);
add (Ada, dated, 1843) {published: 7, date: `1999`};
)";

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "annals-formats-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return (path_ / name).string(); }
  size_t files() const {
    return static_cast<size_t>(
        std::distance(fs::directory_iterator(path_), fs::directory_iterator()));
  }

 private:
  fs::path path_;
};

class Store {
 public:
  Store() : database_(*Database::Open(":memory:")), session_(database_->NewSession()) {}

  std::string Run(const std::string& script) {
    std::string said;
    const absl::Status status = session_->RunScript(script, "", [&](Rows& rows) {
      said += rows.message() + "\n";
      for (const std::string& note : rows.notes()) said += "note: " + note + "\n";
      return absl::OkStatus();
    });
    INFO(script);
    CHECK(status.ToString() == "OK");
    return said;
  }

 private:
  std::unique_ptr<Database> database_;
  std::unique_ptr<Session> session_;
};

std::string Content(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// All of the store, one fact a line, sorted.
std::string Dump(Store& store, const Folder& folder) {
  const std::string path = folder / "dump.annals";
  store.Run("export \"" + path + "\";");
  std::istringstream text(Content(path));
  std::vector<std::string> lines;
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  std::sort(lines.begin(), lines.end());
  std::string dump;
  for (const std::string& line : lines) dump += line + "\n";
  return dump;
}

TEST_CASE("every format gives the same database back") {
  const Folder folder;
  Store store;
  store.Run(kPlain);
  store.Run(kRich);
  const std::string all = Dump(store, folder);
  REQUIRE(std::count(all.begin(), all.end(), '\n') > 40);
  for (const std::string ending : {"annals", "jsonl", "nt", "nq", "ttl", "trig", "annals.gz",
                                   "jsonl.zst", "nq.gz", "trig.zst"}) {
    const std::string path = folder / ("all." + ending);
    CAPTURE(ending);
    store.Run("export \"" + path + "\";");
    Store again;
    again.Run("load \"" + path + "\";");
    CHECK(Dump(again, folder) == all);
  }
}

TEST_CASE("tables give the same database back where they can hold it") {
  const Folder folder;
  Store store;
  store.Run(kPlain);
  const std::string all = Dump(store, folder);
  for (const std::string ending : {"csv", "tsv", "csv.gz", "tsv.zst"}) {
    const std::string path = folder / ("all." + ending);
    CAPTURE(ending);
    CHECK(store.Run("export \"" + path + "\";").find("note") == std::string::npos);
    Store again;
    again.Run("load \"" + path + "\";");
    CHECK(Dump(again, folder) == all);
  }
  store.Run(kRich);
  CHECK(store.Run("export \"" + (folder / "some.csv") + "\";").find("read back as") !=
        std::string::npos);
}

// What an export of all facts says; the file can be loaded, and exported again it is the same.
std::string ExportedTable(Store& store, const std::string& path) {
  const std::string said = store.Run("export \"" + path + "\";");
  const std::string written = Content(path);
  Store again;
  again.Run("load \"" + path + "\"; export \"" + path + "\";");
  CHECK(Content(path) == written);
  return said;
}

TEST_CASE("qualifiers that a table can't have are left out, and told") {
  const Folder folder;
  Store store;
  store.Run(R"(
add (Ada, met, Charles, 1833) {source: Diary, Time: 1833-06, place: London, DATE: 1834, _: 7};
add (Ada, met, Charles, 1833) {time: 1833-07} from (Letter 7);
add (Ada, met, Babbage, 1833) {source: Diary, source: Letter, start: 1833, End: 1834, relation: x};
add (Ada, saw, Paris) {subject: a, Predicate: b, object: c, `in
line`: 3, <http://example.org/q>: 4, note: "", when: `2024-13`, sure: true}
    (Ada, saw, Rome) {note: good, when: 2024-12};
)");
  CHECK(ExportedTable(store, folder / "all.csv") ==
        "wrote 4 facts to '" + (folder / "all.csv") +
            "'\nnote: a .csv file can't hold the qualifier '<http://example.org/q>' of 1 fact, "
            "'DATE' of 1, 'End' of 1, 'Predicate' of 1, 'Time' of 1, '_' of 1, 'note' of 1, "
            "'object' of 1, 'relation' of 1, 'source' of 2 and 4 others, left out here; "
            ".annals, .jsonl and RDF files hold everything\n");
  CHECK(Content(folder / "all.csv") ==
        "subject,predicate,object,time,source,\"in\nline\",note,place,sure,when\n"
        "Ada,met,Charles,1833,,,,London,,\n"
        "Ada,met,Charles,1833,Letter 7,,,,,\n"
        "Ada,met,Babbage,1833,,,,,,\n"
        "Ada,saw,Paris,,,3,,,true,\n"
        "Ada,saw,Rome,,,,good,,,2024-12\n");
  const std::string said = ExportedTable(store, folder / "all.tsv");
  CHECK(said.find(" 'DATE' of 1, 'End' of 1, 'Predicate' of 1, 'Time' of 1, '_' of 1, "
                  "'in\\nline' of 1, 'note' of 1, ") != std::string::npos);
  CHECK(Content(folder / "all.tsv")
            .starts_with("subject\tpredicate\tobject\ttime\tsource\tnote\tplace\tsure\twhen\nAda\tm"
                         "et\tCharles\t1833\t"
                         "\t\tLondon\t\t\n"));
}

TEST_CASE("a table has no more columns than can be read") {
  const Folder folder;
  Store store;
  std::string qualifiers;
  for (int i = 10000; i < 20000; ++i)
    qualifiers += (i > 10000 ? ", q" : "q") + std::to_string(i) + ": 7";
  store.Run("add (a, b, c) {" + qualifiers + "};");
  CHECK(
      ExportedTable(store, folder / "all.csv")
          .find(
              "hold the qualifier 'q19995' of 1 fact, 'q19996' of 1, 'q19997' of 1, 'q19998' of 1, "
              "'q19999' of 1, left out here") != std::string::npos);
}

TEST_CASE("facts that no row can tell are left out, and told") {
  const Folder folder;
  Store store;
  store.Run("add (Ada, says, \"\") (Ada, says, `2024-13`) (Ada, says, hello);");
  CHECK(ExportedTable(store, folder / "all.csv") ==
        "wrote 1 fact to '" + (folder / "all.csv") +
            "'\nnote: 2 facts left out: a table has no empty texts, and none that look like a time "
            "but are none, such as 2024-13\n");
}

TEST_CASE("a table's note counts what would be read back as something else") {
  const Folder folder;
  Store store;
  std::ofstream(folder / "years.csv") << "subject,predicate,object,time,place\n"
                                         "Ann,led,-0044,-0044,-0044\n"
                                         "Ann,led,0044,0044,0044\n"
                                         "Ann,led,-0044-03,-0044-03..,\n"
                                         "Ann,led,-5,-0044..0044,\n"
                                         "Ann,led,2024,2024,2024\n"
                                         "Ann,led,-2024,-2024,\n";
  store.Run("load \"" + (folder / "years.csv") + "\";");
  CHECK(ExportedTable(store, folder / "all.csv").find("note") == std::string::npos);
  store.Run("add (Ann, led, `0044`) (Ann, led, `-0044`) (Ann, led, `7`);");
  CHECK(ExportedTable(store, folder / "all.csv").find("names: 3 rows would be read back") !=
        std::string::npos);
}

TEST_CASE("fields that a spreadsheet would run or trim are quoted") {
  const Folder folder;
  Store store;
  store.Run(R"(add (`=cmd()`, `+1+2`, `@SUM(A1)`) (`-a`, ` b`, `c `) (`-5`, is, -5, -0044)
    (Ada, is, +5.0, ..1852) {`=key`: `--x`};)");
  ExportedTable(store, folder / "all.csv");
  CHECK(Content(folder / "all.csv") ==
        "subject,predicate,object,time,source,\"=key\"\n\"=cmd()\",\"+1+2\",\"@SUM(A1)\",,,\n"
        "\"-a\",\" b\",\"c \",,,\n-5,is,-5,-0044,,\nAda,is,\"+5.0\",..1852,,\"--x\"\n");
}

TEST_CASE("an export replaces a file whole or leaves it") {
  const Folder folder;
  Store store;
  store.Run("add (Ada, born, London) (Bob, born, Paris);");
  const std::string path = folder / "facts.csv";
  store.Run("export \"" + path + "\" where (?x, born, London);");
  CHECK(Content(path) == "subject,predicate,object,time,source\nAda,born,London,,\n");
  store.Run("export \"" + path + "\" find ?x where (?x, born, Paris);");
  CHECK(Content(path) == "x\nBob\n");
  auto database = Database::Open(":memory:");
  const auto session = (*database)->NewSession();
  CHECK(!session->Run("export \"" + path + "\" find ?y where (?x, born, Paris)").ok());
  CHECK(!session->Run("export \"" + (folder / "none") + "/x.csv\"").ok());
  CHECK(!session->Run("export \"" + (folder / "facts.odt") + "\"").ok());
  CHECK(Content(path) == "x\nBob\n");
  CHECK(folder.files() == 1);
}

}  // namespace
}  // namespace annals
