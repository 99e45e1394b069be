#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <set>
#include <sstream>

#include "storage/kv/kv.h"
#include "tests/unit/store_fixture.h"

namespace annals::kv {
namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

void WriteFile(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
}

// Name and content of every file.
std::map<std::string, std::string> Picture(const std::string& path) {
  std::map<std::string, std::string> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    files[entry.path().filename().string()] = ReadFile(entry.path());
  }
  return files;
}

void Put(Store& store, const std::string& key, const std::string& value) {
  const auto batch = store.NewBatch();
  batch->Put(key, value);
  Ok(store.Write(*batch));
}

std::string Get(const View& view, const std::string& key) {
  std::string value;
  return Value(view.Get(key, &value)) ? value : "(none)";
}
std::string Get(const Store& store, const std::string& key) {
  return Get(*store.GetSnapshot(), key);
}

std::string Keys(const View& view, const std::string& prefix) {
  std::string keys;
  const auto at = view.NewIterator();
  for (at->Seek(prefix); at->Valid() && at->key().starts_with(prefix); at->Next()) {
    keys.append(at->key()).append(" ");
  }
  Ok(at->status());
  return keys;
}

std::vector<fs::path> FilesLike(const std::string& path, const std::string& ending) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(path)) {
    if (entry.path().string().ends_with(ending)) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

// A database of `commits` commits, closed.
void MakeDatabase(const std::string& path, int commits, size_t value_bytes = 100) {
  const auto store = Value(Store::Open(path, {}));
  for (int i = 0; i < commits; ++i) {
    Put(*store, "key" + std::to_string(i), std::string(value_bytes, 'v'));
  }
}

absl::Status OpenStatus(const std::string& path, const Options& options = {}) {
  return Store::Open(path, options).status();
}

void CheckDataLoss(const std::string& path, const std::string& mentioned) {
  for (const bool read_only : {true, false}) {
    Options options;
    options.read_only = read_only;
    const absl::Status status = OpenStatus(path, options);
    INFO(status.ToString());
    CHECK(status.code() == absl::StatusCode::kDataLoss);
    CHECK(std::string(status.message()).find(mentioned) != std::string::npos);
  }
}

TEST_CASE("what is written is there after reopening") {
  const Folder folder;
  for (const std::string& path : {folder.Database(), std::string(":memory:")}) {
    auto store = Value(Store::Open(path, {}));
    CHECK(store->path() == path);
    CHECK(store->in_memory() == (path == ":memory:"));
    Put(*store, "a", "1");
    Put(*store, "b", "2");
    const auto before = store->GetSnapshot();
    const auto batch = store->NewBatch();
    batch->Delete("a");
    batch->Put("c", "3");
    Ok(store->Write(*batch));
    CHECK(Get(*before, "a") == "1");
    CHECK(Get(*before, "c") == "(none)");
    CHECK(Get(*store, "a") == "(none)");
    CHECK(Get(*store, "c") == "3");
    if (path == ":memory:") continue;
    store.reset();
  }
  const auto store = Value(Store::Open(folder.Database(), {}));
  CHECK(Get(*store, "b") == "2");
  CHECK(Get(*store, "c") == "3");
}

TEST_CASE("openings leave few logs behind") {
  const Folder folder;
  MakeDatabase(folder.Database(), 3);
  for (int i = 0; i < 30; ++i) {
    const auto store = Value(Store::Open(folder.Database(), {}));
    CHECK(Get(*store, "key2") == std::string(100, 'v'));
    CHECK(FilesLike(folder.Database(), ".log").size() <= 9);
  }
  const auto store = Value(Store::Open(folder.Database(), {}));
  Put(*store, "key2", "new");
  CHECK(Get(*store, "key0") == std::string(100, 'v'));
}

TEST_CASE("a transaction sees its writes, and only it does") {
  const auto store = Value(Store::Open(":memory:", {}));
  Put(*store, "k1", "old");
  Put(*store, "k2", "old");
  const auto transaction = store->NewTransaction();
  transaction->Put("k1", "new");
  transaction->Delete("k2");
  transaction->Put("k3", "new");
  CHECK(Get(*transaction->view(), "k1") == "new");
  CHECK(Keys(*transaction->view(), "k") == "k1 k3 ");
  CHECK(Keys(*store->GetSnapshot(), "k") == "k1 k2 ");

  transaction->SetSavePoint();
  transaction->Put("k4", "x");
  transaction->Delete("k1");
  CHECK(Keys(*transaction->view(), "k") == "k3 k4 ");
  Ok(transaction->RollbackToSavePoint());
  CHECK(Keys(*transaction->view(), "k") == "k1 k3 ");
  transaction->Put("k5", "x");
  Ok(transaction->RollbackToSavePoint());
  CHECK(Keys(*transaction->view(), "k") == "k1 k3 ");
  transaction->Put("k6", "x");
  Ok(store->Commit(*transaction));
  CHECK(Keys(*store->GetSnapshot(), "k") == "k1 k3 k6 ");
  CHECK(Get(*store, "k1") == "new");
  { store->NewTransaction()->Put("k9", "never committed"); }
  CHECK(Get(*store, "k9") == "(none)");
}

TEST_CASE("iterators move both ways") {
  const auto store = Value(Store::Open(":memory:", {}));
  for (const std::string key : {"k1", "k3", "k5"}) Put(*store, key, "v" + key);
  const auto at = store->GetSnapshot()->NewIterator();
  at->Seek("k2");
  CHECK(at->key() == "k3");
  CHECK(at->value() == "vk3");
  at->Prev();
  CHECK(at->key() == "k1");
  at->SeekForPrev("k4");
  CHECK(at->key() == "k3");
  at->Seek("k6");
  CHECK((!at->Valid() || !at->key().starts_with("k")));
}

TEST_CASE(
    "a seek within bounds finds what is there before its end, and the next one is free of it") {
  const auto store = Value(Store::Open(":memory:", {}));
  std::mt19937 random(7);
  const auto key_of = [](size_t i) { return "k" + std::to_string(1000 + i); };
  std::set<std::string> stored;
  for (size_t i = 0; i < 300; i += 2) {
    Put(*store, key_of(i), "v");
    stored.insert(key_of(i));
  }
  const auto transaction = store->NewTransaction();
  std::set<std::string> seen = stored;
  const auto check = [&](const View& view, const std::set<std::string>& keys) {
    const auto at = view.NewIterator();
    for (int i = 0; i < 200; ++i) {
      const std::string begin = key_of(random() % 300), end = key_of(random() % 310);
      const auto next = keys.lower_bound(begin);
      at->SeekWithin(begin, end);
      std::string found, expected;
      for (; at->Valid(); at->Next()) found += std::string(at->key()) + ' ';
      Ok(at->status());
      for (auto key = next; key != keys.end() && *key < end; ++key) expected += *key + ' ';
      CHECK(found == expected);
      at->Seek(begin);
      CHECK((at->Valid() && at->key().starts_with('k')) == (next != keys.end()));
      if (next != keys.end()) CHECK(at->key() == *next);
    }
  };
  for (int round = 0; round < 10; ++round) {
    check(*transaction->view(), seen);
    for (int i = 0; i < 60; ++i) {
      const std::string key = key_of(random() % 300);
      if (random() % 3 == 0) {
        transaction->Put(key, "new");
        seen.insert(key);
      } else {
        transaction->Delete(key);
        seen.erase(key);
      }
    }
  }
  check(*store->GetSnapshot(), stored);
  Ok(store->Commit(*transaction));
  check(*store->GetSnapshot(), seen);
}

TEST_CASE("ingested files appear at once, and older snapshots keep what they saw") {
  const Folder folder;
  for (const std::string& path : {folder.Database(), std::string(":memory:")}) {
    auto store = Value(Store::Open(path, {}));
    Put(*store, "a1", "old");
    const auto before = store->GetSnapshot();
    auto ingestion = store->NewIngestion();
    IngestionFile& file = ingestion->AddFile();
    IngestionFile& other = ingestion->AddFile();
    ingestion->AddFile();  // stays empty
    Ok(file.Put("b1", "x"));
    Ok(other.Put("a1", "x"));
    Ok(file.Put("b2", "x"));
    Ok(other.Finish());
    CHECK(Keys(*store->GetSnapshot(), "b") == "");
    Ok(store->Ingest(std::move(ingestion)));
    CHECK(Keys(*store->GetSnapshot(), "a") == "a1 ");
    CHECK(Keys(*store->GetSnapshot(), "b") == "b1 b2 ");
    CHECK(Get(*before, "a1") == "old");
    CHECK(Get(*store->GetSnapshot(), "a1") == "x");
    Ok(store->Ingest(store->NewIngestion()));
    Ok(store->DropRange("b", "c"));
    CHECK(Keys(*store->GetSnapshot(), "b") == "");
    CHECK(Keys(*store->GetSnapshot(), "a") == "a1 ");
  }
  {
    const auto store = Value(Store::Open(folder.Database(), {}));
    auto abandoned = store->NewIngestion();
    Ok(abandoned->AddFile().Put("z", "x"));
  }
  for (const auto& [name, content] : Picture(folder.Database())) {
    CHECK_FALSE(name.starts_with("annals-load-"));
  }
}

TEST_CASE("one writer or many readers") {
  const Folder folder;
  const std::string path = folder.Database();
  MakeDatabase(path, 3);
  Options reading;
  reading.read_only = true;
  {
    const auto writer = Value(Store::Open(path, {}));
    CHECK(OpenStatus(path).code() == absl::StatusCode::kAborted);
    CHECK(OpenStatus(path, reading).code() == absl::StatusCode::kAborted);
    fs::remove(path + "/LOCK");
    CHECK(OpenStatus(path).code() == absl::StatusCode::kAborted);
  }
  {
    const auto first = Value(Store::Open(path, reading));
    const auto second = Value(Store::Open(path, reading));
    CHECK(Get(*second, "key2") == std::string(100, 'v'));
    CHECK(OpenStatus(path).code() == absl::StatusCode::kAborted);
    const auto batch = first->NewBatch();
    batch->Put("x", "y");
    CHECK(first->Write(*batch).code() == absl::StatusCode::kUnavailable);
    CHECK(first->read_only());
  }
  CHECK(OpenStatus(path).ok());
}

TEST_CASE("reading changes nothing in the folder") {
  const Folder folder;
  MakeDatabase(folder.Database(), 5);
  const auto before = Picture(folder.Database());
  Options reading;
  reading.read_only = true;
  { CHECK(Get(*Value(Store::Open(folder.Database(), reading)), "key4") != "(none)"); }
  CHECK(Picture(folder.Database()) == before);
}

TEST_CASE("what is missing is not found") {
  const Folder folder;
  Options options;
  options.create_if_missing = false;
  CHECK(OpenStatus(folder.Database(), options).code() == absl::StatusCode::kNotFound);
  CHECK_FALSE(fs::exists(folder.Database()));
  options = {};
  options.read_only = true;
  CHECK(OpenStatus(folder.Database(), options).code() == absl::StatusCode::kNotFound);
  CHECK(OpenStatus(folder.Database("no/such/folder")).code() == absl::StatusCode::kNotFound);
  fs::create_directory(folder.Database());
  CHECK(OpenStatus(folder.Database(), options).code() == absl::StatusCode::kNotFound);
  CHECK(fs::is_empty(folder.Database()));
}

TEST_CASE("other people's folders and files are left alone") {
  const Folder folder;
  const std::string path = folder.Database();
  fs::create_directory(path);
  WriteFile(path + "/letter.txt", "dear");
  WriteFile(path + "/CURRENT", "MANIFEST-000001\n");
  const auto before = Picture(path);
  CheckDataLoss(path, "not an Annals database");
  CHECK(Picture(path) == before);
  WriteFile(folder.Database("file"), "text");
  CheckDataLoss(folder.Database("file"), "not an Annals database");
}

TEST_CASE("a newer format is refused, untouched") {
  const Folder folder;
  const std::string path = folder.Database();
  MakeDatabase(path, 3);
  std::string identity = ReadFile(path + "/ANNALS");
  const std::string original = identity;
  identity.replace(identity.find("format 1"), 8, "format 2");
  WriteFile(path + "/ANNALS", identity);
  const auto before = Picture(path);
  CheckDataLoss(path, "newer Annals (format 2");
  CHECK(Picture(path) == before);
  for (const std::string damaged :
       {"", "annals database\nformat \n", "annals database\nformat 1\n"}) {
    WriteFile(path + "/ANNALS", damaged);
    CheckDataLoss(path, "ANNALS");
  }
  WriteFile(path + "/ANNALS", original);
  CHECK(OpenStatus(path).ok());
}

TEST_CASE("a log that lost synced commits is noticed") {
  const Folder folder;
  const std::string path = folder.Database();
  MakeDatabase(path, 50);
  const auto logs = FilesLike(path, ".log");
  REQUIRE_FALSE(logs.empty());
  const fs::path log = logs.back();
  const std::string content = ReadFile(log);
  REQUIRE(content.size() > 5000);
  SECTION("deleted") {
    fs::remove(log);
    CheckDataLoss(path, "lost commits");
  }
  SECTION("emptied") {
    WriteFile(log, "");
    CheckDataLoss(path, "lost commits");
  }
  SECTION("cut in a record") {
    WriteFile(log, content.substr(0, content.size() - 30));
    CheckDataLoss(path, "lost commits");
  }
  SECTION("a byte flipped in the middle") {
    std::string flipped = content;
    flipped[flipped.size() / 2] = static_cast<char>(flipped[flipped.size() / 2] ^ 0x20);
    WriteFile(log, flipped);
    CheckDataLoss(path, path);
  }
  WriteFile(log, content);
}

TEST_CASE("a log of another database is noticed") {
  const Folder folder;
  MakeDatabase(folder.Database("a"), 20);
  MakeDatabase(folder.Database("b"), 20);
  const auto logs_a = FilesLike(folder.Database("a"), ".log");
  const auto logs_b = FilesLike(folder.Database("b"), ".log");
  REQUIRE(logs_a.size() == 1);
  REQUIRE(logs_b.size() == 1);
  const std::string own = ReadFile(logs_a[0]);
  WriteFile(logs_a[0], ReadFile(logs_b[0]));
  CheckDataLoss(folder.Database("a"), "belongs to another database");
}

TEST_CASE("the high-water mark is checked") {
  const Folder folder;
  const std::string path = folder.Database();
  MakeDatabase(path, 5);
  const std::string mark = ReadFile(path + "/ANNALS.mark");
  SECTION("missing") {
    fs::remove(path + "/ANNALS.mark");
    CheckDataLoss(path, "ANNALS.mark");
  }
  SECTION("emptied") {
    WriteFile(path + "/ANNALS.mark", "");
    CheckDataLoss(path, "ANNALS.mark");
  }
  SECTION("of another database") {
    MakeDatabase(folder.Database("b"), 5);
    WriteFile(path + "/ANNALS.mark", ReadFile(folder.Database("b") + "/ANNALS.mark"));
    CheckDataLoss(path, "another database");
  }
  SECTION("one slot torn") {
    // The slot of the last commit was being written: the one before still counts.
    std::string torn = mark;
    torn[5 % 2 * 4096 + 30] = static_cast<char>(torn[5 % 2 * 4096 + 30] ^ 1);
    WriteFile(path + "/ANNALS.mark", torn);
    CHECK(OpenStatus(path).ok());
  }
}

TEST_CASE("missing and cut files of RocksDB are noticed and named") {
  const Folder folder;
  const std::string path = folder.Database();
  {
    const auto store = Value(Store::Open(path, {}));
    auto ingestion = store->NewIngestion();
    IngestionFile& file = ingestion->AddFile();
    for (int i = 0; i < 100; ++i) {
      Ok(file.Put("b" + std::to_string(1000 + i), std::string(200, 'x')));
    }
    Ok(store->Ingest(std::move(ingestion)));
    Put(*store, "a", "1");
  }
  const std::string current = ReadFile(path + "/CURRENT");
  const fs::path manifest = path + "/" + current.substr(0, current.size() - 1);
  const fs::path sst = FilesLike(path, ".sst").at(0);
  SECTION("CURRENT missing") {
    fs::remove(path + "/CURRENT");
    CheckDataLoss(path, "CURRENT");
  }
  SECTION("CURRENT cut") {
    WriteFile(path + "/CURRENT", "MANIF");
    CheckDataLoss(path, "CURRENT");
  }
  SECTION("MANIFEST missing") {
    fs::remove(manifest);
    CheckDataLoss(path, "MANIFEST");
  }
  SECTION("MANIFEST cut") {
    const std::string content = ReadFile(manifest);
    const auto before = Picture(path);
    for (size_t size = 0; size < content.size(); ++size) {
      WriteFile(manifest, content.substr(0, size));
      CheckDataLoss(path, manifest.filename().string() + " was cut");
    }
    WriteFile(manifest, content);
    CHECK(Picture(path) == before);
    CHECK(OpenStatus(path).ok());
  }
  SECTION("MANIFEST flipped") {
    std::string content = ReadFile(manifest);
    content[content.size() / 2] = static_cast<char>(content[content.size() / 2] ^ 1);
    WriteFile(manifest, content);
    CheckDataLoss(path, path);
  }
  SECTION("a table missing") {
    fs::remove(sst);
    CheckDataLoss(path, sst.filename().string());
  }
  SECTION("a table cut") {
    const std::string content = ReadFile(sst);
    WriteFile(sst, content.substr(0, content.size() / 2));
    CheckDataLoss(path, sst.filename().string());
  }
  SECTION("a byte of a table flipped") {
    std::string content = ReadFile(sst);
    content[1000] = static_cast<char>(content[1000] ^ 1);
    WriteFile(sst, content);
    const auto store = Value(Store::Open(path, {}));
    const auto at = store->GetSnapshot()->NewIterator();
    at->Seek("b");
    CHECK_FALSE(at->Valid());
    CHECK(at->status().code() == absl::StatusCode::kDataLoss);
    CHECK(std::string(at->status().message()).find(sst.filename().string()) != std::string::npos);
  }
}

TEST_CASE("what RocksDB flushes by itself can't be cut off either") {
  const Folder folder;
  const std::string path = folder.Database();
  {
    const auto store = Value(Store::Open(path, {}));
    // Until a log has been dropped.
    for (int i = 0; FilesLike(path, ".sst").empty(); ++i) {
      REQUIRE(i < 1000);
      Put(*store, "b" + std::to_string(i), std::string(100000, 'x'));
    }
    Put(*store, "c", "1");
    fs::copy(path, path + "-killed", fs::copy_options::recursive);
  }
  const std::string killed = path + "-killed";
  const std::string current = ReadFile(killed + "/CURRENT");
  const fs::path manifest = killed + "/" + current.substr(0, current.size() - 1);
  const std::string content = ReadFile(manifest);
  const auto before = Picture(killed);
  for (size_t size = 0; size < content.size(); size += 7) {
    WriteFile(manifest, content.substr(0, size));
    CheckDataLoss(killed, manifest.filename().string() + " was cut");
  }
  WriteFile(manifest, content);
  CHECK(Picture(killed) == before);
  CHECK(OpenStatus(killed).ok());
}

TEST_CASE("making a database that was cut off goes on") {
  const Folder folder;
  const std::string path = folder.Database();
  MakeDatabase(path, 0);
  SECTION("after the identity") {
    for (const auto& entry : fs::directory_iterator(path)) {
      if (entry.path().filename() != "ANNALS") fs::remove_all(entry.path());
    }
  }
  SECTION("before the identity was renamed") {
    for (const auto& entry : fs::directory_iterator(path)) fs::remove_all(entry.path());
    WriteFile(path + "/ANNALS.tmp", "annals data");
  }
  SECTION("before CURRENT") {
    fs::remove(path + "/CURRENT");
    fs::remove(path + "/ANNALS.mark");
    for (const fs::path& log : FilesLike(path, ".log")) fs::remove(log);
  }
  SECTION("before the mark") { fs::remove(path + "/ANNALS.mark"); }
  {
    const auto store = Value(Store::Open(path, {}));
    Put(*store, "a", "1");
  }
  CHECK(Get(*Value(Store::Open(path, {})), "a") == "1");
}

TEST_CASE("a view outlives the store") {
  const Folder folder;
  auto store = Value(Store::Open(folder.Database(), {}));
  Put(*store, "a", "1");
  auto view = store->GetSnapshot();
  store.reset();
  CHECK(Get(*view, "a") == "1");
  CHECK(OpenStatus(folder.Database()).code() == absl::StatusCode::kAborted);
  view.reset();
  CHECK(OpenStatus(folder.Database()).ok());
}

}  // namespace
}  // namespace annals::kv
