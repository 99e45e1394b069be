// Runs every seed once: run_seeds FOLDER, which has a folder for each target. What fuzzing has
// found is among them, so that it stays mended.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <string_view>

#include "tests/fuzz/targets.h"

namespace annals::fuzz {
namespace {

struct Target {
  std::string_view name;
  std::string_view seeds;  // the folder
  void (*run)(std::string_view bytes);
};

constexpr Target kTargets[] = {
    {"csv", "csv", &ReadCsv},
    {"tsv", "tsv", &ReadTsv},
    {"jsonl", "jsonl", &ReadJsonLines},
    {"annals", "annals", &ReadAnnals},
    {"nt", "nt", &ReadNTriples},
    {"nq", "nq", &ReadNQuads},
    {"ttl", "ttl", &ReadTurtle},
    {"trig", "trig", &ReadTrig},
    {"gzip", "gzip", &DecompressGzip},
    {"zstd", "zstd", &DecompressZstd},
    {"query", "query", &ParseQuery},
    {"block", "block", &DecodeBlock},
    {"strings", "strings", &DecodeStrings},
    {"terms", "terms", &DecodeTerms},
    {"counters", "counters", &DecodeCounters},
    {"load_csv", "csv", &LoadCsv},
    {"load_tsv", "tsv", &LoadTsv},
    {"load_jsonl", "jsonl", &LoadJsonLines},
    {"load_annals", "annals", &LoadAnnals},
    {"load_nt", "nt", &LoadNTriples},
    {"load_nq", "nq", &LoadNQuads},
    {"load_ttl", "ttl", &LoadTurtle},
    {"load_trig", "trig", &LoadTrig},
    {"explain", "query", &ExplainQuery},
};

int RunSeeds(const std::filesystem::path& folder) {
  for (const Target& target : kTargets) {
    std::set<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder / target.seeds)) {
      files.insert(entry.path());
    }
    if (files.empty()) {
      std::fprintf(stderr, "no seeds of %s\n", std::string(target.name).c_str());
      return 1;
    }
    for (const std::filesystem::path& path : files) {
      std::printf("%s: %s\n", std::string(target.name).c_str(), path.c_str());
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
