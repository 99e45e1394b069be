#include "shell/script.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "annals/annals.h"
#include "shell/interrupt.h"
#include "storage/base/status.h"

namespace annals::shell {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::string_view kStandardInput = "-";

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view TrimLeft(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t");
  return begin == std::string_view::npos ? std::string_view() : text.substr(begin);
}

absl::Status CannotRead(const std::string& path, int error) {
  const std::string message = "cannot read the script " + path + ": " + std::strerror(error);
  return error == ENOENT || error == ENOTDIR ? NotFound(message) : Unavailable(message);
}

// A named pipe is opened at once and waited for when it is read.
int OpenScript(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
}

absl::StatusOr<std::string> ReadAll(int fd, const std::string& path) {
  std::string text;
  char buffer[1 << 16];
  while (true) {
    // A regular file is always readable; a pipe or a terminal may be waited for.
    if (!WaitReadable(fd)) {
      if (ShouldStop()) return Cancelled("interrupted");
      TakeScreenChange();
      continue;
    }
    const ssize_t n = ::read(fd, buffer, sizeof(buffer));
    if (n < 0 && (errno == EINTR || errno == EAGAIN)) continue;
    if (n < 0) return CannotRead(path, errno);
    if (n == 0) return text;
    text.append(buffer, static_cast<size_t>(n));
    if (text.size() > kLargestScript) {
      return ResourceExhausted("the script " + path + " is larger than " +
                               std::to_string(kLargestScript >> 20) +
                               " MB; facts in bulk are read with: load \"file\";");
    }
  }
}

}  // namespace

bool IsCommandLine(std::string_view line) {
  line = TrimLeft(line);
  return line.size() > 1 && line[0] == '.' && IsLetter(line[1]);
}

std::vector<ScriptPart> SplitScript(std::string_view text) {
  std::vector<ScriptPart> parts;
  size_t begin = 0, line = 1, begin_line = 1;
  for (size_t at = 0; at < text.size(); ++line) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view content = text.substr(at, end - at);
    const std::string_view before = text.substr(begin, at - begin);
    if (IsCommandLine(content) && !Session::IsIncomplete(before)) {
      if (!before.empty()) parts.push_back({false, before, begin_line});
      parts.push_back({true, TrimLeft(content), line});
      begin = std::min(end + 1, text.size());
      begin_line = line + 1;
    }
    at = end + 1;
  }
  if (begin < text.size()) parts.push_back({false, text.substr(begin), begin_line});
  return parts;
}

std::string ScriptName(const std::string& path) { return path == kStandardInput ? "" : path; }

absl::StatusOr<std::string> ReadScript(const std::string& path) {
  const bool standard_input = path == kStandardInput;
  const int fd = standard_input ? STDIN_FILENO : OpenScript(path);
  if (fd < 0) return CannotRead(path, errno);
  absl::StatusOr<std::string> text = ReadAll(fd, standard_input ? "on standard input" : path);
  if (!standard_input) ::close(fd);
  if (text.ok() && text->starts_with(kByteOrderMark)) text->erase(0, kByteOrderMark.size());
  return text;
}

}  // namespace annals::shell
