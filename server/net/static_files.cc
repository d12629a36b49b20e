#include "server/net/static_files.h"

#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <system_error>
#include <utility>

namespace tidemark::server {
namespace {

struct ContentType {
  std::string_view extension;
  std::string_view type;
};
constexpr std::array kContentTypes = {
    ContentType{"html", "text/html; charset=utf-8"},
    ContentType{"js", "text/javascript; charset=utf-8"},
    ContentType{"mjs", "text/javascript; charset=utf-8"},
    ContentType{"css", "text/css; charset=utf-8"},
    ContentType{"wasm", "application/wasm"},
    ContentType{"json", "application/json"},
    ContentType{"map", "application/json"},
    ContentType{"webmanifest", "application/manifest+json"},
    ContentType{"svg", "image/svg+xml"},
    ContentType{"png", "image/png"},
    ContentType{"jpg", "image/jpeg"},
    ContentType{"jpeg", "image/jpeg"},
    ContentType{"gif", "image/gif"},
    ContentType{"webp", "image/webp"},
    ContentType{"avif", "image/avif"},
    ContentType{"ico", "image/x-icon"},
    ContentType{"woff2", "font/woff2"},
    ContentType{"woff", "font/woff"},
    ContentType{"ttf", "font/ttf"},
    ContentType{"txt", "text/plain; charset=utf-8"},
    ContentType{"xml", "application/xml"},
    ContentType{"pdf", "application/pdf"},
    ContentType{"mp4", "video/mp4"},
    ContentType{"webm", "video/webm"},
};

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string_view ExtensionOf(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  const std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  const std::size_t dot = name.rfind('.');
  return dot == std::string_view::npos ? std::string_view() : name.substr(dot + 1);
}

/// Bundlers name what never changes `name-hash.ext` or `name.hash.ext`, hash of 8 characters or
/// more, in a folder of its own.
bool HasHashInName(std::string_view path) {
  if (path.find("assets/") == std::string_view::npos) return false;
  const std::size_t slash = path.rfind('/');
  std::string_view name = path.substr(slash + 1);
  name = name.substr(0, name.rfind('.'));
  const std::size_t mark = name.find_last_of("-.");
  return mark != std::string_view::npos && name.size() - mark - 1 >= 8;
}

bool IsHidden(std::string_view segment) {
  return !segment.empty() && segment.front() == '.' && segment != ".well-known";
}

}  // namespace

std::string_view ContentTypeOf(std::string_view path) {
  const std::string_view extension = ExtensionOf(path);
  for (const ContentType& known : kContentTypes) {
    if (known.extension == extension) return known.type;
  }
  return "application/octet-stream";
}

std::optional<std::string> SafePath(std::string_view target) {
  target = target.substr(0, target.find_first_of("?#"));
  if (target.empty() || target.front() != '/') return std::nullopt;
  std::string path;
  for (std::size_t i = 0; i < target.size(); ++i) {
    char c = target[i];
    if (c == '%') {
      if (i + 2 >= target.size()) return std::nullopt;
      const int high = HexDigit(target[i + 1]);
      const int low = HexDigit(target[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0' || c == '\\') return std::nullopt;
    path += c;
  }
  for (std::size_t begin = 1; begin <= path.size();) {
    const std::size_t end = std::min(path.find('/', begin), path.size());
    if (IsHidden(std::string_view(path).substr(begin, end - begin))) return std::nullopt;
    begin = end + 1;
  }
  return path;
}

Result<StaticFiles> StaticFiles::Open(const std::string& folder) {
  std::error_code failed;
  const std::filesystem::path root = std::filesystem::canonical(folder, failed);
  if (failed || !std::filesystem::is_directory(root, failed)) {
    return Error{ErrorCode::kNotFound, "the folder " + folder + " does not exist"};
  }
  return StaticFiles(root.string());
}

std::optional<StaticFile> StaticFiles::Find(std::string_view target) const {
  const std::optional<std::string> path = SafePath(target);
  if (!path.has_value()) return std::nullopt;
  const bool is_folder = path->back() == '/';
  std::optional<StaticFile> file = Describe(is_folder ? *path + "index.html" : *path);
  if (!file.has_value() && ExtensionOf(*path).empty()) file = Describe("/index.html");
  return file;
}

std::optional<StaticFile> StaticFiles::Describe(const std::string& relative_path) const {
  std::error_code failed;
  const std::string path = std::filesystem::canonical(root_ + relative_path, failed).string();
  if (failed || path.compare(0, root_.size() + 1, root_ + "/") != 0) return std::nullopt;
  struct stat status = {};
  if (stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  StaticFile file;
  file.path = path;
  file.content_type = ContentTypeOf(relative_path);
  file.bytes = static_cast<std::uint64_t>(status.st_size);
  const auto modified_ns =
      static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1000000000 + status.st_mtim.tv_nsec;
  file.etag = "W/\"" + std::to_string(file.bytes) + "-" + std::to_string(modified_ns) + "\"";
  file.cache_control =
      HasHashInName(relative_path) ? "public, max-age=31536000, immutable" : "no-cache";
  return file;
}

}  // namespace tidemark::server
