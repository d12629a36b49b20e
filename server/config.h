// What the operator asked for: flags and environment variables, checked. Every flag has a variable
// (`--base-path`: TIDEMARK_BASE_PATH); the flag wins. `--help` lists both, with defaults.
#ifndef TIDEMARK_SERVER_CONFIG_H_
#define TIDEMARK_SERVER_CONFIG_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "core/base/result.h"
#include "core/protocol/limits.h"
#include "server/net/http_server.h"

namespace tidemark::server {

struct Config {
  std::string app;
  std::string db = ".tidemark/data.db";
  bool migrate = false;
  std::string replica;  // with Postgres: the file of its replica; empty: named after `db`
  ListenAddress listen;
  std::string static_folder;  // empty: none
  std::string base_path = "/tidemark";
  std::vector<std::string> origins;
  std::string auth;           // hs256:FILE, rs256:FILE or es256:FILE; empty: nobody authenticates
  std::string auth_audience;  // empty: not asked for
  std::string auth_issuer;    // empty: not asked for
  std::size_t workers = 2;
  std::int64_t mutator_timeout_ms = 1000;
  std::size_t engine_memory_bytes_max = 128u << 20;
  protocol::Limits limits;
  std::string log_level = "info";

  bool is_postgres() const;
};

/// To be printed to standard output before leaving with status 0 (--help, --version).
struct Information {
  std::string text;
};

/// Errors are one line with the remedy.
Result<std::variant<Config, Information>> ParseConfig(int argc, const char* const* argv);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_CONFIG_H_
