#include "core/store/handle_vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "core/base/check.h"
#include "core/base/hash.h"

namespace tidemark::store {
namespace {

// ---- our header block ----
// Little endian: magic 0..8, format 8..12, length of the label 12..16, label 16..48, checksum of
// all that precedes it 48..56, zeros up to the end.
constexpr std::string_view kMagic = "TIDEMARK";
constexpr std::uint32_t kFormat = 1;
constexpr std::size_t kLabelBytesMax = 32;
constexpr std::size_t kChecksumAt = 48;

void PutNumber(std::string& block, std::size_t at, std::uint64_t number, std::size_t bytes) {
  for (std::size_t i = 0; i < bytes; ++i) block[at + i] = static_cast<char>(number >> (8 * i));
}

std::uint64_t GetNumber(std::string_view block, std::size_t at, std::size_t bytes) {
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < bytes; ++i) {
    number |= std::uint64_t{static_cast<unsigned char>(block[at + i])} << (8 * i);
  }
  return number;
}

std::string MakeHeader(std::string_view label) {
  std::string block(kFileHeaderBytes, '\0');
  std::copy(kMagic.begin(), kMagic.end(), block.begin());
  PutNumber(block, 8, kFormat, 4);
  PutNumber(block, 12, label.size(), 4);
  std::copy(label.begin(), label.end(), block.begin() + 16);
  PutNumber(block, kChecksumAt, HashBytes(std::string_view(block).substr(0, kChecksumAt)).low, 8);
  return block;
}

Status CheckHeader(std::string_view block, std::string_view label, const std::string& path) {
  if (block.size() < kFileHeaderBytes || !block.starts_with(kMagic)) {
    return Error{ErrorCode::kCorrupt, "file '" + path + "' is not a Tidemark database"};
  }
  if (GetNumber(block, kChecksumAt, 8) != HashBytes(block.substr(0, kChecksumAt)).low) {
    return Error{ErrorCode::kCorrupt, "the header of file '" + path + "' is damaged"};
  }
  const std::uint64_t format = GetNumber(block, 8, 4);
  if (format != kFormat) {
    return Error{ErrorCode::kOutdated, "file '" + path + "' has format " + std::to_string(format) +
                                           ", this build reads format " + std::to_string(kFormat)};
  }
  const std::size_t length =
      std::min<std::size_t>(static_cast<std::size_t>(GetNumber(block, 12, 4)), kLabelBytesMax);
  if (block.substr(16, length) != label) {
    return Error{ErrorCode::kCorrupt, "file '" + path + "' holds '" +
                                          std::string(block.substr(16, length)) + "', not '" +
                                          std::string(label) + "'"};
  }
  return Ok{};
}

// ---- one file ----

constexpr std::size_t kWalHeaderBytes = 32;
constexpr std::size_t kWalFrameHeaderBytes = 24;
constexpr std::size_t kDatabaseSizeInFrame = 4;  // four bytes; zero but in the frame that commits

enum class FileKind : std::uint8_t { kMain, kJournal, kWal };

int FailureCode(const Error& error, int io_error) {
  return error.code == ErrorCode::kLimit ? SQLITE_FULL : io_error;
}

// A pre-opened file with what is known of it. Invariant: `size_` is the file's size as SQLite sees
// it (without our header, with a frame header that is still held back).
class HandleFile {
 public:
  HandleFile(SyncFile& file, FileKind kind, std::uint64_t file_size)
      : file_(file), kind_(kind), start_(kind == FileKind::kMain ? kFileHeaderBytes : 0) {
    size_ = file_size > start_ ? file_size - start_ : 0;
  }

  FileKind kind() const { return kind_; }
  std::uint64_t size() const { return size_; }
  bool is_open() const { return open_; }
  void set_open(bool open) { open_ = open; }

  int Read(std::uint64_t offset, std::span<char> into) {
    if (const int code = WriteHeld(); code != SQLITE_OK) return code;
    std::size_t count = 0;
    if (offset < size_) {
      auto read = file_.Read(start_ + offset, into);
      if (!read) return SQLITE_IOERR_READ;
      count = *read;
    }
    if (count == into.size()) return SQLITE_OK;
    std::fill(into.begin() + static_cast<std::ptrdiff_t>(count), into.end(), '\0');
    return SQLITE_IOERR_SHORT_READ;
  }

  // A write costs a call, not bytes: the header of a WAL frame is held back until its page comes.
  int Write(std::uint64_t offset, std::string_view bytes) {
    if (held_.has_value() && offset == held_->offset + held_->bytes.size()) {
      HeldWrite joined = std::move(*held_);
      held_.reset();
      joined.bytes.append(bytes);
      return WriteNow(joined.offset, joined.bytes);
    }
    if (const int code = WriteHeld(); code != SQLITE_OK) return code;
    if (kind_ == FileKind::kWal && bytes.size() == kWalFrameHeaderBytes) {
      held_ = HeldWrite{offset, std::string(bytes)};
      size_ = std::max(size_, offset + bytes.size());
      return SQLITE_OK;
    }
    return WriteNow(offset, bytes);
  }

  int Truncate(std::uint64_t size) {
    if (const int code = WriteHeld(); code != SQLITE_OK) return code;
    if (size == size_) return SQLITE_OK;
    dirty_ = true;
    const Status truncated = file_.Truncate(start_ + size);
    if (!truncated) return FailureCode(truncated.error(), SQLITE_IOERR_TRUNCATE);
    size_ = size;
    return SQLITE_OK;
  }

  int Flush() {
    if (const int code = WriteHeld(); code != SQLITE_OK) return code;
    if (!dirty_) return SQLITE_OK;
    const Status flushed = file_.Flush();
    if (!flushed) return FailureCode(flushed.error(), SQLITE_IOERR_FSYNC);
    dirty_ = false;
    return SQLITE_OK;
  }

 private:
  struct HeldWrite {
    std::uint64_t offset;
    std::string bytes;
  };

  int WriteHeld() {
    if (!held_.has_value()) return SQLITE_OK;
    const HeldWrite held = std::move(*held_);
    held_.reset();
    return WriteNow(held.offset, held.bytes);
  }

  int WriteNow(std::uint64_t offset, std::string_view bytes) {
    dirty_ = true;
    const Status written = file_.Write(start_ + offset, bytes);
    if (!written) {
      if (written.error().code == ErrorCode::kLimit) GiveBackUncommitted();
      RereadSize();
      return FailureCode(written.error(), SQLITE_IOERR_WRITE);
    }
    size_ = std::max(size_, offset + bytes.size());
    if (kind_ == FileKind::kWal) NoteCommit(offset, bytes);
    return SQLITE_OK;
  }

  void NoteCommit(std::uint64_t offset, std::string_view bytes) {
    if (offset == 0 && bytes.size() == kWalHeaderBytes) {
      committed_ = kWalHeaderBytes;  // begins anew: what follows in the file is of the past
    } else if (bytes.size() > kWalFrameHeaderBytes &&
               bytes.substr(kDatabaseSizeInFrame, 4) != std::string_view("\0\0\0\0", 4)) {
      committed_ = offset + bytes.size();
    }
  }

  // A transaction that found no space is rolled back, but its frames would go on filling the disk,
  // and whoever wants to make room needs some.
  void GiveBackUncommitted() {
    if (!committed_.has_value() || *committed_ >= size_) return;
    dirty_ = true;
    (void)file_.Truncate(*committed_);
  }

  // A write that failed may have left a part of itself.
  void RereadSize() {
    if (auto size = file_.Size(); size.ok()) size_ = *size > start_ ? *size - start_ : 0;
  }

  SyncFile& file_;
  FileKind kind_;
  std::uint64_t start_;
  std::uint64_t size_ = 0;
  bool dirty_ = false;
  bool open_ = false;
  std::optional<HeldWrite> held_;
  std::optional<std::uint64_t> committed_;  // of the WAL: the end of its last commit, if known
};

// ---- what SQLite calls on an open file ----

// SQLite's file object: C layout, its first member is what SQLite knows.
struct OpenedFile {
  sqlite3_file base;
  HandleFile* file;
};

HandleFile& FileOf(sqlite3_file* opened) { return *reinterpret_cast<OpenedFile*>(opened)->file; }

int CloseFile(sqlite3_file* opened) {
  HandleFile& file = FileOf(opened);
  file.set_open(false);
  return file.Flush();
}

int ReadFile(sqlite3_file* opened, void* into, int amount, sqlite3_int64 offset) {
  return FileOf(opened).Read(static_cast<std::uint64_t>(offset),
                             {static_cast<char*>(into), static_cast<std::size_t>(amount)});
}

int WriteFile(sqlite3_file* opened, const void* bytes, int amount, sqlite3_int64 offset) {
  return FileOf(opened).Write(static_cast<std::uint64_t>(offset),
                              {static_cast<const char*>(bytes), static_cast<std::size_t>(amount)});
}

int TruncateFile(sqlite3_file* opened, sqlite3_int64 size) {
  return FileOf(opened).Truncate(static_cast<std::uint64_t>(size));
}

int SyncOpenedFile(sqlite3_file* opened, int /*flags*/) { return FileOf(opened).Flush(); }

int FileSize(sqlite3_file* opened, sqlite3_int64* size) {
  *size = static_cast<sqlite3_int64>(FileOf(opened).size());
  return SQLITE_OK;
}

int LockFile(sqlite3_file* /*opened*/, int /*level*/) { return SQLITE_OK; }

int CheckReservedLock(sqlite3_file* /*opened*/, int* reserved) {
  *reserved = 0;
  return SQLITE_OK;
}

int FileControl(sqlite3_file* /*opened*/, int /*operation*/, void* /*argument*/) {
  return SQLITE_NOTFOUND;
}

int SectorSize(sqlite3_file* /*opened*/) { return 4096; }

// A write never changes bytes outside its range: true of the storage under access handles, and it
// spares the WAL its padding.
int DeviceCharacteristics(sqlite3_file* /*opened*/) { return SQLITE_IOCAP_POWERSAFE_OVERWRITE; }

sqlite3_io_methods MakeMethods() {
  sqlite3_io_methods methods = {};
  methods.iVersion = 1;  // no shared memory, no mapping
  methods.xClose = CloseFile;
  methods.xRead = ReadFile;
  methods.xWrite = WriteFile;
  methods.xTruncate = TruncateFile;
  methods.xSync = SyncOpenedFile;
  methods.xFileSize = FileSize;
  methods.xLock = LockFile;
  methods.xUnlock = LockFile;
  methods.xCheckReservedLock = CheckReservedLock;
  methods.xFileControl = FileControl;
  methods.xSectorSize = SectorSize;
  methods.xDeviceCharacteristics = DeviceCharacteristics;
  return methods;
}

}  // namespace

// ---- the VFS ----

class HandleVfs::Impl {
 public:
  Impl(std::string vfs_name, VfsEnvironment& vfs_environment);

  std::string name;
  VfsEnvironment& environment;
  std::unordered_map<std::string, HandleFile> files;
  sqlite3_vfs vfs = {};
  sqlite3_io_methods methods = MakeMethods();

 private:
  static Impl& Of(sqlite3_vfs* self) { return *static_cast<Impl*>(self->pAppData); }

  HandleFile* Find(const char* file_name) {
    if (file_name == nullptr) return nullptr;
    const auto found = files.find(file_name);
    return found == files.end() ? nullptr : &found->second;
  }

  static int Open(sqlite3_vfs* self, sqlite3_filename file_name, sqlite3_file* opened, int flags,
                  int* out_flags);
  static int Delete(sqlite3_vfs* self, const char* file_name, int sync_directory);
  static int Access(sqlite3_vfs* self, const char* file_name, int flags, int* result);
  static int FullPathname(sqlite3_vfs* self, const char* file_name, int size, char* out);
  static int Randomness(sqlite3_vfs* self, int size, char* out);
  static int Sleep(sqlite3_vfs* self, int microseconds);
  static int CurrentTime(sqlite3_vfs* self, double* julian_day);
  static int CurrentTimeInt64(sqlite3_vfs* self, sqlite3_int64* julian_ms);
  static int LastError(sqlite3_vfs* self, int size, char* out);
};

HandleVfs::Impl::Impl(std::string vfs_name, VfsEnvironment& vfs_environment)
    : name(std::move(vfs_name)), environment(vfs_environment) {
  vfs.iVersion = 2;
  vfs.szOsFile = sizeof(OpenedFile);
  vfs.mxPathname = 512;
  vfs.zName = name.c_str();
  vfs.pAppData = this;
  vfs.xOpen = Open;
  vfs.xDelete = Delete;
  vfs.xAccess = Access;
  vfs.xFullPathname = FullPathname;
  vfs.xRandomness = Randomness;
  vfs.xSleep = Sleep;
  vfs.xCurrentTime = CurrentTime;
  vfs.xGetLastError = LastError;
  vfs.xCurrentTimeInt64 = CurrentTimeInt64;
}

int HandleVfs::Impl::Open(sqlite3_vfs* self, sqlite3_filename file_name, sqlite3_file* opened,
                          int flags, int* out_flags) {
  opened->pMethods = nullptr;  // SQLite closes only what has methods
  HandleFile* file = Of(self).Find(file_name);
  if (file == nullptr) return SQLITE_CANTOPEN;  // also temporary files: they live in memory
  if (file->is_open()) return SQLITE_BUSY;
  file->set_open(true);
  reinterpret_cast<OpenedFile*>(opened)->file = file;
  opened->pMethods = &Of(self).methods;
  if (out_flags != nullptr) *out_flags = flags;
  return SQLITE_OK;
}

int HandleVfs::Impl::Delete(sqlite3_vfs* self, const char* file_name, int /*sync_directory*/) {
  HandleFile* file = Of(self).Find(file_name);
  if (file == nullptr) return SQLITE_IOERR_DELETE_NOENT;
  if (const int code = file->Truncate(0); code != SQLITE_OK) return code;
  return file->Flush();  // the end of a rollback journal is a commit
}

int HandleVfs::Impl::Access(sqlite3_vfs* self, const char* file_name, int /*flags*/, int* result) {
  const HandleFile* file = Of(self).Find(file_name);
  *result = file != nullptr && file->size() > 0 ? 1 : 0;
  return SQLITE_OK;
}

int HandleVfs::Impl::FullPathname(sqlite3_vfs* /*self*/, const char* file_name, int size,
                                  char* out) {
  const std::size_t bytes = std::strlen(file_name) + 1;
  if (bytes > static_cast<std::size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, file_name, bytes);
  return SQLITE_OK;
}

int HandleVfs::Impl::Randomness(sqlite3_vfs* self, int size, char* out) {
  Of(self).environment.FillRandom({out, static_cast<std::size_t>(size)});
  return size;
}

// SQLite sleeps when a lock is held by somebody else, and nobody else is here.
int HandleVfs::Impl::Sleep(sqlite3_vfs* /*self*/, int microseconds) { return microseconds; }

int HandleVfs::Impl::CurrentTimeInt64(sqlite3_vfs* self, sqlite3_int64* julian_ms) {
  constexpr sqlite3_int64 kUnixEpochAsJulianMs = 210866760000000;  // 2440587.5 days
  *julian_ms = kUnixEpochAsJulianMs + Of(self).environment.NowMs();
  return SQLITE_OK;
}

int HandleVfs::Impl::CurrentTime(sqlite3_vfs* self, double* julian_day) {
  sqlite3_int64 julian_ms = 0;
  const int code = CurrentTimeInt64(self, &julian_ms);
  *julian_day = static_cast<double>(julian_ms) / 86400000.0;
  return code;
}

int HandleVfs::Impl::LastError(sqlite3_vfs* /*self*/, int /*size*/, char* /*out*/) { return 0; }

Result<std::unique_ptr<HandleVfs>> HandleVfs::Register(std::string name,
                                                       VfsEnvironment& environment, VfsRole role) {
  if (sqlite3_vfs_find(name.c_str()) != nullptr) {
    return Error{ErrorCode::kAlreadyExists, "a VFS named '" + name + "' is registered already"};
  }
  auto impl = std::make_unique<Impl>(std::move(name), environment);
  if (sqlite3_vfs_register(&impl->vfs, role == VfsRole::kDefault ? 1 : 0) != SQLITE_OK) {
    return Error{ErrorCode::kInternal, "SQLite refuses the VFS '" + impl->name + "'"};
  }
  // Afterwards: where the platform has no VFS of its own, SQLite does not start without this one.
  std::unique_ptr<HandleVfs> vfs(new HandleVfs(std::move(impl)));
  if (sqlite3_initialize() != SQLITE_OK) {
    return Error{ErrorCode::kInternal, "SQLite does not start"};
  }
  return vfs;
}

HandleVfs::HandleVfs(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HandleVfs::~HandleVfs() {
  for (const auto& [path, file] : impl_->files) TIDEMARK_CHECK(!file.is_open());
  sqlite3_vfs_unregister(&impl_->vfs);
}

const std::string& HandleVfs::name() const { return impl_->name; }

Status HandleVfs::AddDatabase(const std::string& path, const std::string& label,
                              const DatabaseFiles& files) {
  TIDEMARK_CHECK(label.size() <= kLabelBytesMax);
  if (impl_->files.contains(path)) {
    return Error{ErrorCode::kAlreadyExists, "database '" + path + "' was added already"};
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::uint64_t main_size, files.main.Size());
  TIDEMARK_ASSIGN_OR_RETURN(const std::uint64_t journal_size, files.journal.Size());
  TIDEMARK_ASSIGN_OR_RETURN(const std::uint64_t wal_size, files.wal.Size());

  std::string block(kFileHeaderBytes, '\0');
  TIDEMARK_ASSIGN_OR_RETURN(const std::size_t read,
                            files.main.Read(0, {block.data(), block.size()}));
  block.resize(read);
  const Status header = CheckHeader(block, label, path);
  if (!header) {
    // SQLite's bytes come after a flushed header: without any, its writing was cut short.
    const bool is_new =
        main_size <= kFileHeaderBytes && journal_size == 0 && wal_size == 0 &&
        std::string_view(MakeHeader(label))
            .starts_with(std::string_view(block).substr(0, block.find_last_not_of('\0') + 1));
    if (!is_new) return header;
    TIDEMARK_TRY(files.main.Write(0, MakeHeader(label)));
    TIDEMARK_TRY(files.main.Flush());
  }
  impl_->files.try_emplace(path, files.main, FileKind::kMain, main_size);
  impl_->files.try_emplace(path + "-journal", files.journal, FileKind::kJournal, journal_size);
  impl_->files.try_emplace(path + "-wal", files.wal, FileKind::kWal, wal_size);
  return Ok{};
}

void HandleVfs::RemoveDatabase(const std::string& path) {
  for (const std::string& suffix : {std::string(), std::string("-journal"), std::string("-wal")}) {
    const auto found = impl_->files.find(path + suffix);
    if (found == impl_->files.end()) continue;
    TIDEMARK_CHECK(!found->second.is_open());
    impl_->files.erase(found);
  }
}

}  // namespace tidemark::store
