// A file in memory, for readers that want a path.
#ifndef TESTS_FUZZ_FILE_IN_MEMORY_H_
#define TESTS_FUZZ_FILE_IN_MEMORY_H_

#include <string>
#include <string_view>

namespace annals::fuzz {

// The path of a file with these bytes, until the next call.
std::string FileOf(std::string_view bytes);

}  // namespace annals::fuzz

#endif  // TESTS_FUZZ_FILE_IN_MEMORY_H_
