#include "tests/support/faulty_disk.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace tidemark::testing {
namespace {

void WriteInto(std::string& content, std::uint64_t offset, std::string_view bytes) {
  const std::size_t begin = static_cast<std::size_t>(offset);
  if (content.size() < begin + bytes.size()) content.resize(begin + bytes.size());
  std::copy(bytes.begin(), bytes.end(), content.begin() + static_cast<std::ptrdiff_t>(begin));
}

}  // namespace

class FaultyDisk::DiskFile final : public store::SyncFile {
 public:
  explicit DiskFile(FaultyDisk& disk) : disk_(disk) {}

  std::string& content() { return content_; }
  std::size_t size() const { return content_.size(); }
  /// After damage on purpose: what is there counts as flushed.
  void Settle() {
    durable_ = content_;
    unflushed_.clear();
  }

  Result<std::uint64_t> Size() override {
    if (disk_.crashed_) return Dead();
    return std::uint64_t{content_.size()};
  }

  Result<std::size_t> Read(std::uint64_t offset, std::span<char> into) override {
    if (disk_.crashed_) return Dead();
    if (offset >= content_.size()) return std::size_t{0};
    const std::size_t begin = static_cast<std::size_t>(offset);
    const std::size_t count = std::min(into.size(), content_.size() - begin);
    std::copy_n(content_.data() + begin, count, into.data());
    return count;
  }

  Status Write(std::uint64_t offset, std::string_view bytes) override {
    if (disk_.crashed_) return Dead();
    const std::optional<DiskFault> fault = disk_.NextOperation();
    if (fault == DiskFault::kCrash) {
      // The machine dies while this write is on its way: a part of it may get there.
      Apply({offset, std::string(bytes), false});
      return Dead();
    }
    if (fault.has_value()) return Failure(*fault);
    const std::uint64_t end = offset + bytes.size();
    const std::uint64_t growth = end > content_.size() ? end - content_.size() : 0;
    if (disk_.capacity_.has_value() && growth > 0 &&
        disk_.used_bytes() + growth > *disk_.capacity_) {
      return Failure(DiskFault::kNoSpace);
    }
    Apply({offset, std::string(bytes), false});
    return Ok{};
  }

  Status Truncate(std::uint64_t size) override {
    if (disk_.crashed_) return Dead();
    const std::optional<DiskFault> fault = disk_.NextOperation();
    if (fault.has_value() && fault != DiskFault::kCrash) return Failure(*fault);
    Apply({size, {}, true});
    if (fault.has_value()) return Dead();
    return Ok{};
  }

  Status Flush() override {
    if (disk_.crashed_) return Dead();
    const std::optional<DiskFault> fault = disk_.NextOperation();
    if (fault == DiskFault::kCrash) return Dead();
    if (fault.has_value()) return Failure(*fault);
    Settle();
    return Ok{};
  }

  /// Ordered: a prefix of the changes survives, the last of them torn. Otherwise any of them may.
  void Restart(Random& random) {
    const bool ordered = random.OneIn(2);
    const std::size_t kept =
        unflushed_.empty() ? 0 : static_cast<std::size_t>(random.Below(unflushed_.size() + 1));
    content_ = durable_;
    for (std::size_t i = 0; i < unflushed_.size(); ++i) {
      const bool survives = ordered ? i < kept : random.OneIn(2);
      if (!survives) continue;
      Change& change = unflushed_[i];
      const bool torn = ordered ? i + 1 == kept : random.OneIn(4);
      if (change.truncate) {
        content_.resize(static_cast<std::size_t>(change.offset));
        continue;
      }
      std::string_view bytes = change.bytes;
      if (torn) bytes = bytes.substr(0, static_cast<std::size_t>(random.Below(bytes.size() + 1)));
      if (!bytes.empty()) WriteInto(content_, change.offset, bytes);
    }
    Settle();
  }

 private:
  struct Change {
    std::uint64_t offset = 0;  // the new size, when truncating
    std::string bytes;
    bool truncate = false;
  };

  static Error Dead() { return Error{ErrorCode::kUnavailable, "the machine is off"}; }
  static Error Failure(DiskFault fault) {
    return fault == DiskFault::kNoSpace ? Error{ErrorCode::kLimit, "no space left"}
                                        : Error{ErrorCode::kUnavailable, "input/output error"};
  }

  void Apply(Change change) {
    if (change.truncate) {
      content_.resize(static_cast<std::size_t>(change.offset));
    } else {
      WriteInto(content_, change.offset, change.bytes);
    }
    unflushed_.push_back(std::move(change));
  }

  FaultyDisk& disk_;
  std::string content_;
  std::string durable_;
  std::vector<Change> unflushed_;
};

FaultyDisk::FaultyDisk(std::uint64_t seed) : random_(seed) {}
FaultyDisk::~FaultyDisk() = default;

store::SyncFile& FaultyDisk::File(const std::string& name) {
  std::unique_ptr<DiskFile>& file = files_[name];
  if (file == nullptr) file = std::make_unique<DiskFile>(*this);
  return *file;
}

void FaultyDisk::FailAt(std::uint64_t operation, DiskFault fault) { faults_[operation] = fault; }

void FaultyDisk::Restart() {
  for (auto& [name, file] : files_) file->Restart(random_);
  crashed_ = false;
}

std::uint64_t FaultyDisk::used_bytes() const {
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : files_) bytes += file->size();
  return bytes;
}

std::string FaultyDisk::Content(const std::string& name) const {
  const auto found = files_.find(name);
  return found == files_.end() ? std::string() : found->second->content();
}

void FaultyDisk::SetContent(const std::string& name, std::string content) {
  (void)File(name);
  DiskFile& file = *files_[name];
  file.content() = std::move(content);
  file.Settle();
}

std::optional<DiskFault> FaultyDisk::NextOperation() {
  const auto fault = faults_.find(operations_++);
  if (fault == faults_.end()) return std::nullopt;
  if (fault->second == DiskFault::kCrash) crashed_ = true;
  return fault->second;
}

}  // namespace tidemark::testing
