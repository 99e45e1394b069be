// Runs every seed once: run_seeds FOLDER, which has a folder for each target. What fuzzing has
// found is among them, so that it stays mended.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>

#include "tests/fuzz/targets.h"

namespace annals::fuzz {
namespace {

int RunSeeds(const std::filesystem::path& folder) {
  for (const Target& target : Targets()) {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder / target.name)) {
      files.insert(entry.path());
    }
    if (files.empty()) {
      std::fprintf(stderr, "no seeds of %s\n", std::string(target.name).c_str());
      return 1;
    }
    for (const std::filesystem::path& path : files) {
      std::printf("%s\n", path.c_str());
      std::fflush(stdout);
      std::ifstream file(path, std::ios::binary);
      target.run(std::string(std::istreambuf_iterator<char>(file), {}));
    }
  }
  return 0;
}

}  // namespace
}  // namespace annals::fuzz

int main(int argc, char** argv) {
  if (argc == 2) return annals::fuzz::RunSeeds(argv[1]);
  std::fprintf(stderr, "usage: run_seeds FOLDER\n");
  return 2;
}
