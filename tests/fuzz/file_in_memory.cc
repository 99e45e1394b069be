#include "tests/fuzz/file_in_memory.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/expect.h"

namespace annals::fuzz {

std::string FileOf(std::string_view bytes) {
  static const int fd = memfd_create("fuzz", MFD_CLOEXEC);
  Expect(fd >= 0 && ftruncate(fd, 0) == 0, "no file in memory");
  for (size_t at = 0; at < bytes.size();) {
    const ssize_t n = pwrite(fd, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    Expect(n > 0, "the file in memory can't be written");
    at += static_cast<size_t>(n);
  }
  return "/proc/self/fd/" + std::to_string(fd);
}

}  // namespace annals::fuzz
