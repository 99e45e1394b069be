// Standard output as a stream of its own: it notices a closed pipe, a full disk and Ctrl-C, which
// std::cout does not tell apart.
#ifndef SHELL_OUTPUT_H_
#define SHELL_OUTPUT_H_

#include <cstddef>
#include <memory>
#include <ostream>

#include "absl/status/status.h"

namespace annals::shell {

class Output : public std::ostream {
 public:
  // Writes to this file descriptor, which stays the caller's.
  explicit Output(int fd);
  ~Output() override;

  // Writes what is buffered. If since the last call something could not be written: Unavailable
  // with the reason, or Cancelled where a signal (which is then over) or a closed pipe was it.
  absl::Status Finish();
  // The reader has gone, as `head` does: nothing more to say, nothing to complain about.
  bool closed() const;
  bool terminal() const { return terminal_; }
  // Of the terminal in cells now; 0 where it is none.
  size_t width() const;

 private:
  class Buffer;

  int fd_;
  bool terminal_;
  std::unique_ptr<Buffer> buffer_;
};

}  // namespace annals::shell

#endif  // SHELL_OUTPUT_H_
