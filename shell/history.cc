#include "shell/history.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <utility>

#include "storage/base/status.h"

namespace annals::shell {
namespace {

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

absl::Status NotKept(const std::string& path, int error) {
  return Unavailable("the history is not kept: cannot write " + path + ": " + std::strerror(error));
}

// The folders above `path`; what can't be made shows when the file is opened.
void MakeFolders(const std::string& path) {
  for (size_t at = path.find('/', 1); at != std::string::npos; at = path.find('/', at + 1)) {
    mkdir(path.substr(0, at).c_str(), 0700);
  }
}

}  // namespace

std::string HistoryFile::DefaultPath() {
  std::string folder = Environment("XDG_STATE_HOME");
  if (folder.empty() || folder[0] != '/') {
    const std::string home = Environment("HOME");
    if (home.empty()) return "";
    folder = home + "/.local/state";
  }
  return folder + "/annals/history";
}

HistoryFile::HistoryFile(std::string path) : path_(std::move(path)) {}

HistoryFile::~HistoryFile() {
  if (fd_ >= 0) ::close(fd_);
}

absl::Status HistoryFile::Open(std::vector<std::string>* entries) {
  if (path_.empty()) return Unavailable("the history is not kept: HOME is not set");
  std::ifstream file(path_);
  for (std::string line; std::getline(file, line);) {
    if (!line.empty()) entries->push_back(std::move(line));
  }
  file.close();
  MakeFolders(path_);
  // Twice as many are let grow before the file is written anew.
  const bool too_long = entries->size() > 2 * kHistoryEntries;
  if (entries->size() > kHistoryEntries) {
    entries->erase(entries->begin(), entries->end() - static_cast<std::ptrdiff_t>(kHistoryEntries));
  }
  if (too_long) ANNALS_RETURN_IF_ERROR(Shorten(*entries));
  fd_ = ::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  if (fd_ < 0) return NotKept(path_, errno);
  return absl::OkStatus();
}

absl::Status HistoryFile::Append(std::string_view entry) {
  if (fd_ < 0) return absl::OkStatus();
  const std::string line = std::string(entry) + '\n';
  // One write: two shells that append at once don't mix their lines.
  if (::write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) {
    return absl::OkStatus();
  }
  const int error = errno;
  ::close(std::exchange(fd_, -1));
  return NotKept(path_, error);
}

// Through a second file: whoever reads meanwhile sees the old one or the new one, whole.
absl::Status HistoryFile::Shorten(const std::vector<std::string>& entries) const {
  const std::string next = path_ + ".new";
  const int fd = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return NotKept(next, errno);
  std::string text;
  for (const std::string& entry : entries) text += entry + '\n';
  const bool written = ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error = errno;
  ::close(fd);
  if (!written || std::rename(next.c_str(), path_.c_str()) != 0) {
    ::unlink(next.c_str());
    return NotKept(path_, written ? errno : error);
  }
  return absl::OkStatus();
}

}  // namespace annals::shell
