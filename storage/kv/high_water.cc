#include "storage/kv/high_water.h"

#include <optional>

#include "storage/base/coding.h"
#include "storage/kv/directory.h"

namespace annals::kv {
namespace {

constexpr std::string_view kMagic = "AnnalsHW";
constexpr size_t kSlotBytes = 4096;
constexpr size_t kPayload = 32;  // magic, uuid, commit

uint64_t Checksum(std::string_view bytes) {
  uint64_t hash = 0xcbf29ce484222325u;
  for (const char byte : bytes) {
    hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  }
  return hash;
}

std::string Slot(const std::string& uuid, uint64_t commit, const ManifestMark& manifest) {
  std::string slot(kMagic);
  slot += uuid;
  PutFixed64(&slot, commit);
  PutFixed64(&slot, Checksum(slot));
  PutFixed64(&slot, manifest.number);
  PutFixed64(&slot, manifest.bytes);
  PutFixed64(&slot, Checksum(slot));
  return slot;
}

struct SlotContent {
  std::string uuid;
  uint64_t commit = 0;
  ManifestMark manifest;
};

std::optional<SlotContent> ParseSlot(std::string_view bytes) {
  if (bytes.size() < kPayload + 8 || !bytes.starts_with(kMagic)) return std::nullopt;
  std::string_view tail = bytes.substr(24);
  SlotContent content;
  uint64_t checksum = 0;
  content.uuid = bytes.substr(8, 16);
  if (!GetFixed64(&tail, &content.commit) || !GetFixed64(&tail, &checksum) ||
      checksum != Checksum(bytes.substr(0, kPayload))) {
    return std::nullopt;
  }
  const size_t before = bytes.size() - tail.size() + 16;
  ManifestMark manifest;
  if (GetFixed64(&tail, &manifest.number) && GetFixed64(&tail, &manifest.bytes) &&
      GetFixed64(&tail, &checksum) && checksum == Checksum(bytes.substr(0, before))) {
    content.manifest = manifest;
  }
  return content;
}

}  // namespace

absl::Status HighWaterMark::Create(const std::string& directory, const std::string& uuid,
                                   uint64_t commit) {
  std::string bytes(2 * kSlotBytes, '\0');
  const std::string slot = Slot(uuid, commit, {});
  bytes.replace(commit % 2 * kSlotBytes, slot.size(), slot);
  return ReplaceFile(directory, kMarkFile, bytes);
}

absl::StatusOr<HighWaterMark> HighWaterMark::Open(const std::string& directory,
                                                  const std::string& uuid, bool read_only) {
  HighWaterMark mark;
  mark.path_ = directory + "/" + kMarkFile;
  mark.uuid_ = uuid;
  ANNALS_ASSIGN_OR_RETURN(const std::string bytes, ReadSmallFile(mark.path_, 2 * kSlotBytes));
  bool found = false;
  for (size_t offset = 0; offset < bytes.size(); offset += kSlotBytes) {
    const auto content = ParseSlot(std::string_view(bytes).substr(offset));
    if (!content) continue;
    if (content->uuid != uuid) return DataLoss(mark.path_ + " belongs to another database");
    if (found && content->commit <= mark.commit_) continue;
    found = true;
    mark.commit_ = content->commit;
    mark.manifest_ = content->manifest;
  }
  if (!found) return DataLoss(mark.path_ + " is damaged: it holds no mark of synced commits");
  if (read_only) return mark;
  mark.file_ = FileDescriptor(::open(mark.path_.c_str(), O_WRONLY | O_CLOEXEC));
  if (!mark.file_.ok()) return SystemError("open", mark.path_);
  return mark;
}

absl::Status HighWaterMark::Advance(uint64_t commit) {
  const auto offset = static_cast<off_t>(commit % 2 * kSlotBytes);
  ANNALS_RETURN_IF_ERROR(WriteAll(file_.get(), Slot(uuid_, commit, manifest_), offset, path_));
  if (::fdatasync(file_.get()) != 0) return SystemError("sync", path_);
  commit_ = commit;
  return absl::OkStatus();
}

}  // namespace annals::kv
