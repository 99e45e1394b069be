#include "shell/output.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <streambuf>
#include <string>

#include "shell/interrupt.h"
#include "storage/base/status.h"

namespace annals::shell {

class Output::Buffer : public std::streambuf {
 public:
  explicit Buffer(int fd) : fd_(fd) { Empty(); }

  // errno of the first write that failed; ECANCELED after a signal.
  int error() const { return error_; }
  void ClearError() { error_ = 0; }

 private:
  int_type overflow(int_type c) override {
    // A long answer that is already computed: Ctrl-C stops its printing too.
    if (error_ == 0 && ShouldStop()) error_ = ECANCELED;
    if (!Drain()) return traits_type::eof();
    if (!traits_type::eq_int_type(c, traits_type::eof())) {
      *pptr() = traits_type::to_char_type(c);
      pbump(1);
    }
    return traits_type::not_eof(c);
  }

  int sync() override { return Drain() ? 0 : -1; }

  void Empty() { setp(bytes_.data(), bytes_.data() + bytes_.size()); }

  bool Drain() {
    const char* next = pbase();
    const char* const last = pptr();
    while (next < last && error_ == 0) {
      const ssize_t written = ::write(fd_, next, static_cast<size_t>(last - next));
      if (written >= 0) {
        next += written;
        if (next < last && ShouldStop()) error_ = ECANCELED;
      } else if (errno != EINTR) {
        error_ = errno;
      }
    }
    Empty();
    return error_ == 0;
  }

  int fd_;
  int error_ = 0;
  std::array<char, size_t{1} << 16> bytes_;
};

Output::Output(int fd)
    : std::ostream(nullptr),
      fd_(fd),
      terminal_(isatty(fd) == 1),
      buffer_(std::make_unique<Buffer>(fd)) {
  rdbuf(buffer_.get());
}

Output::~Output() = default;

absl::Status Output::Finish() {
  flush();
  const int error = buffer_->error();
  if (error == 0) return absl::OkStatus();
  if (error == ECANCELED) {
    // What was interrupted is over; the next answer may be written again.
    buffer_->ClearError();
    clear();
    return Cancelled("interrupted");
  }
  if (closed()) return Cancelled("the reader of the results has gone");
  return Unavailable(std::string("the results can't be written: ") + std::strerror(error));
}

bool Output::closed() const { return buffer_->error() == EPIPE; }

size_t Output::width() const {
  winsize size = {};
  if (!terminal_ || ioctl(fd_, TIOCGWINSZ, &size) != 0) return 0;
  return size.ws_col;
}

}  // namespace annals::shell
