// The history of what was typed, kept between runs: one entry a line, appended as it is entered,
// so that neither a crash nor a second shell loses any.
#ifndef SHELL_HISTORY_H_
#define SHELL_HISTORY_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace annals::shell {

// How many entries are kept.
inline constexpr size_t kHistoryEntries = 2000;

class HistoryFile {
 public:
  // $XDG_STATE_HOME/annals/history, else $HOME/.local/state/annals/history; empty where neither
  // is set.
  static std::string DefaultPath();

  explicit HistoryFile(std::string path);
  ~HistoryFile();
  HistoryFile(const HistoryFile&) = delete;
  HistoryFile& operator=(const HistoryFile&) = delete;

  // Reads the last kHistoryEntries into `entries`, the oldest first, and opens the file for
  // appending; folders are made, only the user may read it. On an error nothing is kept: Append
  // does nothing.
  absl::Status Open(std::vector<std::string>* entries);
  // An entry holds no line end.
  absl::Status Append(std::string_view entry);

 private:
  absl::Status Shorten(const std::vector<std::string>& entries) const;

  std::string path_;
  int fd_ = -1;
};

}  // namespace annals::shell

#endif  // SHELL_HISTORY_H_
