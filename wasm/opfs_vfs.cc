#include "wasm/opfs_vfs.h"

#include <emscripten.h>
#include <sqlite3.h>

#include <utility>

// Each function is one call into JavaScript. The heap's view is taken anew in every call: memory
// that grows detaches the one before. Numbers below zero are failures: -1 no space, -2 anything
// else, with the text kept for tidemark_file_error.

// clang-format off
EM_JS(double, tidemark_file_size, (unsigned index), {
  try {
    return Module["tidemarkFiles"][index].getSize();
  } catch (error) {
    Module["tidemarkFileError"] = String(error);
    return -2;
  }
})

EM_JS(double, tidemark_file_read, (unsigned index, double at, char* into, unsigned bytes), {
  try {
    return Module["tidemarkFiles"][index].read(HEAPU8.subarray(into, into + bytes), {at: at});
  } catch (error) {
    Module["tidemarkFileError"] = String(error);
    return -2;
  }
})

EM_JS(double, tidemark_file_write, (unsigned index, double at, const char* from, unsigned bytes), {
  try {
    return Module["tidemarkFiles"][index].write(HEAPU8.subarray(from, from + bytes), {at: at});
  } catch (error) {
    Module["tidemarkFileError"] = String(error);
    return error && error.name === "QuotaExceededError" ? -1 : -2;
  }
})

EM_JS(int, tidemark_file_truncate, (unsigned index, double size), {
  try {
    Module["tidemarkFiles"][index].truncate(size);
    return 0;
  } catch (error) {
    Module["tidemarkFileError"] = String(error);
    return error && error.name === "QuotaExceededError" ? -1 : -2;
  }
})

EM_JS(int, tidemark_file_flush, (unsigned index), {
  try {
    Module["tidemarkFiles"][index].flush();
    return 0;
  } catch (error) {
    Module["tidemarkFileError"] = String(error);
    return error && error.name === "QuotaExceededError" ? -1 : -2;
  }
})

EM_JS(int, tidemark_file_error, (char* into, int bytes), {
  return new TextEncoder().encodeInto(String(Module["tidemarkFileError"]),
                                      HEAPU8.subarray(into, into + bytes)).written;
})

EM_JS(void, tidemark_fill_random, (char* into, int bytes), {
  for (let at = 0; at < bytes; at += 65536) {
    crypto.getRandomValues(HEAPU8.subarray(into + at, into + Math.min(bytes, at + 65536)));
  }
})

EM_JS(double, tidemark_now_ms, (), { return Date.now(); })
// clang-format on

// What SQLite asks of the platform when it is built with SQLITE_OS_OTHER: the VFS is registered by
// OpfsVfs, not here.
extern "C" int sqlite3_os_init() { return SQLITE_OK; }
extern "C" int sqlite3_os_end() { return SQLITE_OK; }

namespace tidemark::wasm {
namespace {

constexpr int kNoSpace = -1;

Error FileError(std::string_view what, std::uint32_t index, int code) {
  std::string reason(300, '\0');
  const int bytes = tidemark_file_error(reason.data(), static_cast<int>(reason.size()));
  reason.resize(static_cast<std::size_t>(bytes));
  return Error{code == kNoSpace ? ErrorCode::kLimit : ErrorCode::kUnavailable,
               "cannot " + std::string(what) + " file " + std::to_string(index) + ": " + reason};
}

}  // namespace

Result<std::uint64_t> HandleFile::Size() {
  const double size = tidemark_file_size(index_);
  if (size < 0) return FileError("measure", index_, static_cast<int>(size));
  return static_cast<std::uint64_t>(size);
}

Result<std::size_t> HandleFile::Read(std::uint64_t offset, std::span<char> into) {
  const double read = tidemark_file_read(index_, static_cast<double>(offset), into.data(),
                                         static_cast<unsigned>(into.size()));
  if (read < 0) return FileError("read", index_, static_cast<int>(read));
  return static_cast<std::size_t>(read);
}

Status HandleFile::Write(std::uint64_t offset, std::string_view bytes) {
  const double written = tidemark_file_write(index_, static_cast<double>(offset), bytes.data(),
                                             static_cast<unsigned>(bytes.size()));
  if (written < 0) return FileError("write", index_, static_cast<int>(written));
  if (written < static_cast<double>(bytes.size())) {
    return Error{ErrorCode::kLimit, "file " + std::to_string(index_) + " was written in part only"};
  }
  return Ok{};
}

Status HandleFile::Truncate(std::uint64_t size) {
  const int code = tidemark_file_truncate(index_, static_cast<double>(size));
  if (code < 0) return FileError("truncate", index_, code);
  return Ok{};
}

Status HandleFile::Flush() {
  const int code = tidemark_file_flush(index_);
  if (code < 0) return FileError("flush", index_, code);
  return Ok{};
}

void BrowserEnvironment::FillRandom(std::span<char> out) {
  tidemark_fill_random(out.data(), static_cast<int>(out.size()));
}

std::int64_t BrowserEnvironment::NowMs() { return static_cast<std::int64_t>(tidemark_now_ms()); }

Result<std::unique_ptr<OpfsVfs>> OpfsVfs::Create() {
  std::unique_ptr<OpfsVfs> opfs(new OpfsVfs());
  TIDEMARK_ASSIGN_OR_RETURN(
      opfs->vfs_,
      store::HandleVfs::Register("tidemark-opfs", opfs->environment_, store::VfsRole::kDefault));
  return opfs;
}

// SQLite remembers the default VFS that it was started with.
OpfsVfs::~OpfsVfs() {
  vfs_.reset();
  sqlite3_shutdown();
}

Status OpfsVfs::AddDatabase(const std::string& path, const std::string& label,
                            std::uint32_t first_file) {
  auto files = std::make_unique<Files>(
      Files{HandleFile(first_file), HandleFile(first_file + 1), HandleFile(first_file + 2)});
  auto& [main, journal, wal] = *files;
  TIDEMARK_TRY(vfs_->AddDatabase(path, label, store::DatabaseFiles{main, journal, wal}));
  databases_.emplace(path, std::move(files));
  return Ok{};
}

void OpfsVfs::RemoveDatabase(const std::string& path) {
  vfs_->RemoveDatabase(path);
  databases_.erase(path);
}

}  // namespace tidemark::wasm
