// The app's own files, found by URL path: content types, validators and caching for a built web
// app. Never leaves its root folder, whatever the path or a symbolic link says, and never shows a
// file whose name begins with a dot.
#ifndef TIDEMARK_SERVER_NET_STATIC_FILES_H_
#define TIDEMARK_SERVER_NET_STATIC_FILES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"

namespace tidemark::server {

struct StaticFile {
  std::string path;
  std::string content_type;
  std::string etag;           // quoted, weak
  std::string cache_control;  // for ever when the name carries a hash, else ask each time
  std::uint64_t bytes = 0;
};

class StaticFiles {
 public:
  /// kNotFound if the folder does not exist.
  static Result<StaticFiles> Open(const std::string& folder);

  /// `target` is a request's, with or without query. A path without extension that is no file is a
  /// route of the app: index.html.
  std::optional<StaticFile> Find(std::string_view target) const;

 private:
  explicit StaticFiles(std::string root) : root_(std::move(root)) {}
  std::optional<StaticFile> Describe(const std::string& relative_path) const;
  std::string root_;  // canonical
};

/// The path of a request target, percent-decoded; nothing if it is malformed or tries to leave its
/// folder.
std::optional<std::string> SafePath(std::string_view target);

std::string_view ContentTypeOf(std::string_view path);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_STATIC_FILES_H_
