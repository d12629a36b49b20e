// A file that the operator named, whole.
#ifndef TIDEMARK_SERVER_READ_FILE_H_
#define TIDEMARK_SERVER_READ_FILE_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <system_error>
#include <utility>

#include "core/base/result.h"

namespace tidemark::server {

/// kNotFound says why it cannot be read.
inline Result<std::string> ReadFile(const std::string& path) {
  // Reading a folder throws in the standard library.
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return Error{ErrorCode::kNotFound, path + " is a folder"};
  }
  std::ifstream file(path, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.good() && content.empty()) {
    return Error{ErrorCode::kNotFound, "cannot read " + path};
  }
  return content;
}

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_READ_FILE_H_
