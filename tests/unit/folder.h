// A folder for a database that goes with the test.
#ifndef TESTS_UNIT_FOLDER_H_
#define TESTS_UNIT_FOLDER_H_

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace annals {

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "annals-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string Database(const std::string& name = "db") const { return path_ + "/" + name; }

 private:
  std::string path_;
};

}  // namespace annals

#endif  // TESTS_UNIT_FOLDER_H_
