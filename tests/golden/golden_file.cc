#include "tests/golden/golden_file.h"

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

namespace annals::golden {
namespace {

[[noreturn]] void Fail(const std::string& path, size_t line, const std::string& message) {
  std::cerr << path << ':' << line << ": " << message << '\n';
  std::exit(2);
}

std::string JoinLines(const std::vector<std::string>& lines, size_t begin, size_t end) {
  std::string text;
  for (size_t i = begin; i < end; ++i) text += (i == begin ? "" : "\n") + lines[i];
  return text;
}

bool IsFence(const std::string& line) { return line.starts_with("```"); }

}  // namespace

GoldenFile ReadGoldenFile(const std::string& path) {
  GoldenFile file;
  file.path = path;
  std::ifstream in(path, std::ios::binary);
  if (!in) Fail(path, 0, "can't be read");
  for (std::string line; std::getline(in, line);) file.lines.push_back(line);
  const std::vector<std::string>& lines = file.lines;
  const bool page = path.ends_with(".md");
  bool inside = !page;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (page && IsFence(lines[i])) {
      inside = !inside && lines[i] == "```annals";
      // Other fences are skipped whole.
      if (!inside && lines[i] != "```") {
        while (++i < lines.size() && !IsFence(lines[i])) {
        }
      }
      continue;
    }
    if (!inside || lines[i].empty() || lines[i].starts_with('#')) continue;
    Block block;
    block.line = i + 1;
    std::istringstream words(lines[i]);
    words >> block.command;
    for (std::string word; words >> word;) block.arguments.push_back(word);
    const size_t input = ++i;
    while (i < lines.size() && lines[i] != "----") ++i;
    if (i == lines.size()) Fail(path, block.line, "no ---- ends the input");
    block.input = JoinLines(lines, input, i);
    block.expected_begin = ++i;
    while (i < lines.size() && !lines[i].empty() && !(page && IsFence(lines[i]))) ++i;
    block.expected_end = i;
    block.expected = JoinLines(lines, block.expected_begin, i);
    file.blocks.push_back(std::move(block));
    --i;
  }
  return file;
}

void WriteGoldenFile(const GoldenFile& file, const std::vector<std::string>& outputs) {
  std::ofstream out(file.path, std::ios::binary);
  size_t line = 0;
  const auto copy = [&](size_t end) {
    for (; line < end; ++line) out << file.lines[line] << '\n';
  };
  for (size_t i = 0; i < file.blocks.size(); ++i) {
    copy(file.blocks[i].expected_begin);
    if (!outputs[i].empty()) out << outputs[i] << '\n';
    line = file.blocks[i].expected_end;
  }
  copy(file.lines.size());
}

}  // namespace annals::golden
