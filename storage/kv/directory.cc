#include "storage/kv/directory.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <filesystem>
#include <random>
#include <vector>

namespace annals::kv {
namespace {

constexpr std::string_view kFirstLine = "annals database\nformat ";
constexpr std::string_view kUuidLine = "\nuuid ";

std::string NewUuid() {
  std::random_device random;
  std::string uuid;
  for (int i = 0; i < 4; ++i) {
    const uint32_t word = random();
    uuid.append(reinterpret_cast<const char*>(&word), 4);
  }
  return uuid;
}

std::string ToHex(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  for (const char byte : bytes) {
    hex.push_back(kDigits[static_cast<unsigned char>(byte) >> 4]);
    hex.push_back(kDigits[static_cast<unsigned char>(byte) & 15]);
  }
  return hex;
}

// 32 hex digits to 16 bytes; empty if they aren't that.
std::string FromHex(std::string_view hex) {
  std::string bytes;
  if (hex.size() != 32) return bytes;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  for (size_t i = 0; i < hex.size(); i += 2) {
    const int high = digit(hex[i]);
    const int low = digit(hex[i + 1]);
    if (high < 0 || low < 0) return "";
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

absl::StatusOr<std::string> ParseIdentity(const std::string& path, std::string_view text) {
  const auto damaged = [&] {
    return DataLoss(path + "/" + kIdentityFile + " is not the identity file of an Annals database");
  };
  if (!text.starts_with(kFirstLine)) return damaged();
  text.remove_prefix(kFirstLine.size());
  int format = 0;
  size_t digits = 0;
  for (; digits < text.size() && digits < 6 && text[digits] >= '0' && text[digits] <= '9';
       ++digits) {
    format = format * 10 + (text[digits] - '0');
  }
  text.remove_prefix(digits);
  if (digits == 0 || format == 0) return damaged();
  if (format > kFormat) {
    return DataLoss(path + " was written by a newer Annals (format " + std::to_string(format) +
                    ", this one reads up to " + std::to_string(kFormat) +
                    "): open it with that version");
  }
  if (!text.starts_with(kUuidLine) || !text.ends_with('\n')) return damaged();
  text.remove_prefix(kUuidLine.size());
  text.remove_suffix(1);
  std::string uuid = FromHex(text);
  if (uuid.empty()) return damaged();
  return uuid;
}

absl::StatusOr<std::string> WriteIdentity(const std::string& path) {
  std::string uuid = NewUuid();
  std::string text(kFirstLine);
  text += std::to_string(kFormat);
  text.append(kUuidLine).append(ToHex(uuid)).append("\n");
  ANNALS_RETURN_IF_ERROR(ReplaceFile(path, kIdentityFile, text));
  return uuid;
}

absl::Status MakeDirectory(const std::string& path) {
  if (::mkdir(path.c_str(), 0755) != 0 && errno != EEXIST) {
    if (errno == ENOENT) {
      return NotFound("cannot create the database " + path + ": the folder above doesn't exist");
    }
    return SystemError("create the database", path);
  }
  const std::string parent = std::filesystem::path(path + "/..").lexically_normal().string();
  return SyncDirectory(parent.empty() ? "." : parent);
}

absl::StatusOr<FileDescriptor> Lock(const std::string& path, bool read_only) {
  FileDescriptor directory(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.ok()) return SystemError("open the database", path);
  int result;
  do {
    result = ::flock(directory.get(), (read_only ? LOCK_SH : LOCK_EX) | LOCK_NB);
  } while (result != 0 && errno == EINTR);
  if (result == 0) return directory;
  if (errno != EWOULDBLOCK) return SystemError("lock the database", path);
  return Busy("the database " + path + " is in use: " +
              (read_only ? "it is open for writing elsewhere; close it there and try again"
                         : "it is already open; close it there, or open both with --read-only"));
}

struct Contents {
  bool identity = false;
  bool mark = false;
  bool rocks = false;   // files that only a database with data has
  bool others = false;  // anything but what making a database leaves at its very beginning
};

absl::StatusOr<Contents> List(const std::string& path) {
  Contents contents;
  std::error_code error;
  for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
       entry.increment(error)) {
    const std::string name = entry->path().filename().string();
    if (name == kIdentityFile) {
      contents.identity = true;
    } else if (name == kMarkFile) {
      contents.mark = true;
    } else if (name != std::string(kIdentityFile) + ".tmp") {
      contents.others = true;
      if (name == "CURRENT" || name.ends_with(".sst")) contents.rocks = true;
    }
  }
  if (error) return Unavailable("cannot list the database " + path + ": " + error.message());
  return contents;
}

}  // namespace

absl::StatusOr<Directory> OpenDirectory(const std::string& path, bool read_only,
                                        bool create_if_missing) {
  const bool create = create_if_missing && !read_only;
  struct stat info = {};
  if (::stat(path.c_str(), &info) != 0) {
    if (errno != ENOENT) return SystemError("open the database", path);
    if (!create) return NotFound("there is no database " + path);
    ANNALS_RETURN_IF_ERROR(MakeDirectory(path));
  } else if (!S_ISDIR(info.st_mode)) {
    return DataLoss(path + " is not an Annals database: it is a file, and a database is a folder");
  }
  Directory directory;
  ANNALS_ASSIGN_OR_RETURN(directory.lock, Lock(path, read_only));
  ANNALS_ASSIGN_OR_RETURN(const Contents contents, List(path));
  if (!contents.identity) {
    if (contents.others || contents.mark) {
      return DataLoss(path + " is not an Annals database: it holds other files and no file " +
                      kIdentityFile + "; nothing in it was touched");
    }
    if (!create) return NotFound("there is no database in " + path + ": the folder is empty");
    ANNALS_ASSIGN_OR_RETURN(directory.uuid, WriteIdentity(path));
  } else {
    ANNALS_ASSIGN_OR_RETURN(const std::string text, ReadSmallFile(path + "/" + kIdentityFile, 256));
    ANNALS_ASSIGN_OR_RETURN(directory.uuid, ParseIdentity(path, text));
  }
  directory.complete = contents.mark;
  directory.may_create = !contents.mark && !contents.rocks && !read_only;
  return directory;
}

}  // namespace annals::kv
