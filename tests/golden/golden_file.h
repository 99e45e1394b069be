// Golden files: blocks of a command, its input, `----` and the output that is expected, apart by
// blank lines.
//
//   # A comment.
//   query ordered
//   find ?x where (?x, born, London) order by ?x
//   ----
//   x
//   Ada
//
// In a .md file the blocks stand between ```annals and ```; the rest of the page is left alone.
#ifndef TESTS_GOLDEN_GOLDEN_FILE_H_
#define TESTS_GOLDEN_GOLDEN_FILE_H_

#include <cstddef>
#include <string>
#include <vector>

namespace annals::golden {

struct Block {
  size_t line = 0;  // of the command, from 1
  std::string command;
  std::vector<std::string> arguments;
  std::string input;                            // lines joined by \n, without one at the end
  std::string expected;                         // the same
  size_t expected_begin = 0, expected_end = 0;  // lines, from 0, of `lines`
};

struct GoldenFile {
  std::string path;
  std::vector<std::string> lines;
  std::vector<Block> blocks;
};

// Ends the program with a message if the file can't be read or a block lacks its `----`.
GoldenFile ReadGoldenFile(const std::string& path);

// Writes the file with these outputs, one for each block.
void WriteGoldenFile(const GoldenFile& file, const std::vector<std::string>& outputs);

}  // namespace annals::golden

#endif  // TESTS_GOLDEN_GOLDEN_FILE_H_
