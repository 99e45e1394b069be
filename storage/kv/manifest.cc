#include "storage/kv/manifest.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>

#include "storage/kv/files.h"

namespace annals::kv {
namespace {

constexpr std::string_view kManifestPrefix = "MANIFEST-";

uint64_t NumberOfManifest(const std::string& manifest) {
  const size_t digits = manifest.rfind(kManifestPrefix) + kManifestPrefix.size();
  return std::strtoull(manifest.c_str() + digits, nullptr, 10);
}

}  // namespace

absl::StatusOr<std::string> ManifestPath(const std::string& path) {
  const std::string current = path + "/CURRENT";
  auto content = ReadSmallFile(current, 256);
  if (!content.ok() && errno == ENOENT) {
    return DataLoss("the database " + path + " is damaged: " + current + " is missing");
  }
  ANNALS_RETURN_IF_ERROR(content.status());
  std::string_view name = *content;
  if (!name.starts_with(kManifestPrefix) || !name.ends_with('\n')) {
    return DataLoss("the database " + path + " is damaged: " + current + " is cut or overwritten");
  }
  name.remove_suffix(1);
  return path + "/" + std::string(name);
}

absl::Status CheckManifest(const std::string& path, const ManifestMark& mark) {
  ANNALS_ASSIGN_OR_RETURN(const std::string manifest, ManifestPath(path));
  struct stat info {};
  if (::stat(manifest.c_str(), &info) != 0) {
    if (errno != ENOENT) return SystemError("read", manifest);
    return DataLoss("the database " + path + " is damaged: " + manifest + " is missing");
  }
  const uint64_t number = NumberOfManifest(manifest);
  const auto size = static_cast<uint64_t>(info.st_size);
  if (number < mark.number) {
    return DataLoss("the database " + path + " is damaged: " + path +
                    "/CURRENT names an older manifest than was in use");
  }
  if (number == mark.number && size < mark.bytes) {
    return DataLoss("the database " + path + " is damaged: " + manifest + " was cut: it has " +
                    std::to_string(size) + " bytes of " + std::to_string(mark.bytes) +
                    "; restore the database from a copy");
  }
  return absl::OkStatus();
}

absl::StatusOr<ManifestMark> SyncManifest(const std::string& manifest) {
  const FileDescriptor file(::open(manifest.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.ok()) return SystemError("open", manifest);
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return SystemError("read", manifest);
  if (::fdatasync(file.get()) != 0) return SystemError("sync", manifest);
  return ManifestMark{NumberOfManifest(manifest), static_cast<uint64_t>(info.st_size)};
}

}  // namespace annals::kv
