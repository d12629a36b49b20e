#include "server/config.h"

#include <CLI/CLI.hpp>
#include <utility>

namespace tidemark::server {
namespace {

struct Flags {
  Config config;
  std::string listen = "127.0.0.1:8787";
  bool insecure_open = false;
  std::size_t engine_memory_mb = 128;
  bool version = false;
};

/// In place of CLI11's own range, whose message spells out the largest double.
const CLI::Validator& PositiveInteger() {
  static const CLI::Validator kValidator(
      [](const std::string& text) {
        const bool is_number = !text.empty() && text.size() < 16 &&
                               text.find_first_not_of("0123456789") == std::string::npos &&
                               text.find_first_not_of('0') != std::string::npos;
        return is_number ? std::string() : text + " is not a whole number above 0";
      },
      "");
  return kValidator;
}

void AddAppFlags(CLI::App& cli, Flags& flags) {
  const std::string group = "App and database";
  cli.add_option("--app", flags.config.app,
                 "The app's bundle: what `npx tidemark build` writes (required)")
      ->envname("TIDEMARK_APP")
      ->type_name("FILE")
      ->group(group);
  cli.add_option("--db", flags.config.db,
                 "The database of record: a file for the embedded one, or postgres://...")
      ->envname("TIDEMARK_DB")
      ->type_name("FILE|URL")
      ->capture_default_str()
      ->group(group);
  cli.add_flag("--migrate", flags.config.migrate,
               "Create missing tables and columns in Postgres (the embedded database always does)")
      ->envname("TIDEMARK_MIGRATE")
      ->group(group);
}

void AddReplicaFlag(CLI::App& cli, Flags& flags) {
  cli.add_option("--replica", flags.config.replica,
                 "With Postgres: the server's own copy of the tables; can be fetched again; one "
                 "for each server [.tidemark/replica-<hash of --db>.db]")
      ->envname("TIDEMARK_REPLICA")
      ->type_name("FILE")
      ->group("App and database");
}

void AddNetworkFlags(CLI::App& cli, Flags& flags) {
  const std::string group = "Network";
  cli.add_option("--listen", flags.listen, "Address and port; port 0 takes a free one")
      ->envname("TIDEMARK_LISTEN")
      ->type_name("HOST:PORT")
      ->capture_default_str()
      ->group(group);
  cli.add_option("--static", flags.config.static_folder, "Folder of the web app's files")
      ->envname("TIDEMARK_STATIC")
      ->type_name("FOLDER")
      ->group(group);
  cli.add_option("--base-path", flags.config.base_path, "Where sync, healthz and readyz live")
      ->envname("TIDEMARK_BASE_PATH")
      ->type_name("PATH")
      ->capture_default_str()
      ->group(group);
  cli.add_option("--origin", flags.config.origins,
                 "Web origins whose pages may connect, separated by commas; by default those of "
                 "the same host, and of loopback addresses when listening on one")
      ->envname("TIDEMARK_ORIGIN")
      ->type_name("ORIGIN,...")
      ->delimiter(',')
      ->group(group);
  cli.add_flag("--insecure-open", flags.insecure_open,
               "Allow a --listen that others can reach although nobody has to authenticate")
      ->envname("TIDEMARK_INSECURE_OPEN")
      ->group(group);
}

void AddAuthFlags(CLI::App& cli, Flags& flags) {
  const std::string group = "Authentication";
  cli.add_option("--auth", flags.config.auth,
                 "Clients need a JSON Web Token: hs256:FILE with the secret (at least 32 bytes), "
                 "rs256:FILE or es256:FILE with the public key (PEM or JWKS)")
      ->envname("TIDEMARK_AUTH")
      ->type_name("ALGORITHM:FILE")
      ->group(group);
  cli.add_option("--auth-audience", flags.config.auth_audience, "What `aud` of a token has to name")
      ->envname("TIDEMARK_AUTH_AUDIENCE")
      ->type_name("TEXT")
      ->group(group);
  cli.add_option("--auth-issuer", flags.config.auth_issuer, "What `iss` of a token has to be")
      ->envname("TIDEMARK_AUTH_ISSUER")
      ->type_name("TEXT")
      ->group(group);
}

void AddLimitFlags(CLI::App& cli, Flags& flags) {
  const std::string group = "Limits";
  const auto add = [&](const char* flag, const char* variable, std::size_t& value,
                       const char* description) {
    cli.add_option(flag, value, description)
        ->envname(variable)
        ->type_name("N")
        ->check(PositiveInteger())
        ->capture_default_str()
        ->group(group);
  };
  protocol::Limits& limits = flags.config.limits;
  add("--workers", "TIDEMARK_WORKERS", flags.config.workers,
      "Threads that replay mutations in Postgres (the embedded database has one)");
  add("--message-bytes-max", "TIDEMARK_MESSAGE_BYTES_MAX", limits.message_bytes_max,
      "Bytes of one message from a client");
  add("--token-bytes-max", "TIDEMARK_TOKEN_BYTES_MAX", limits.token_bytes_max,
      "Bytes of a client's token");
  add("--queries-per-client-max", "TIDEMARK_QUERIES_PER_CLIENT_MAX", limits.queries_per_client_max,
      "Queries that one connection may subscribe to");
  add("--rows-per-query-max", "TIDEMARK_ROWS_PER_QUERY_MAX", limits.rows_per_query_max,
      "Rows in the result of one query");
  add("--session-queue-bytes-max", "TIDEMARK_SESSION_QUEUE_BYTES_MAX",
      limits.session_queue_bytes_max, "Bytes waiting for one connection before it is dropped");
  add("--engine-memory-mb", "TIDEMARK_ENGINE_MEMORY_MB", flags.engine_memory_mb,
      "Megabytes that the app's code may hold before its engine is replaced");
  cli.add_option("--mutator-timeout-ms", flags.config.mutator_timeout_ms,
                 "Milliseconds that one run of a mutator or query may take")
      ->envname("TIDEMARK_MUTATOR_TIMEOUT_MS")
      ->type_name("N")
      ->check(PositiveInteger())
      ->capture_default_str()
      ->group(group);
}

void AddOtherFlags(CLI::App& cli, Flags& flags) {
  cli.add_option("--log-level", flags.config.log_level, "What is logged to standard error")
      ->envname("TIDEMARK_LOG_LEVEL")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->type_name("LEVEL")
      ->capture_default_str()
      ->group("Logging");
  cli.add_flag("--version", flags.version, "Print the version and exit");
}

std::string FirstLine(const std::string& text) { return text.substr(0, text.find('\n')); }

Error Invalid(std::string message) { return Error{ErrorCode::kInvalidArgs, std::move(message)}; }

Result<Config> Check(Flags flags) {
  Config config = std::move(flags.config);
  if (config.app.empty()) {
    return Invalid("--app is missing: pass the bundle that `npx tidemark build` writes");
  }
  TIDEMARK_ASSIGN_OR_RETURN(config.listen, ParseListenAddress(flags.listen));
  if (!config.listen.is_loopback() && config.auth.empty() && !flags.insecure_open) {
    return Invalid("--listen " + flags.listen +
                   " can be reached by others and nobody has to authenticate: pass --auth, listen "
                   "on 127.0.0.1, or pass --insecure-open");
  }
  if (config.auth.empty() && !(config.auth_audience.empty() && config.auth_issuer.empty())) {
    return Invalid("--auth-audience and --auth-issuer mean nothing without --auth");
  }
  while (config.base_path.size() > 1 && config.base_path.back() == '/') {
    config.base_path.pop_back();
  }
  if (config.base_path.size() < 2 || config.base_path.front() != '/') {
    return Invalid("--base-path " + config.base_path + " must begin with / and name something");
  }
  config.engine_memory_bytes_max = flags.engine_memory_mb << 20;
  return config;
}

}  // namespace

bool Config::is_postgres() const {
  return db.rfind("postgres://", 0) == 0 || db.rfind("postgresql://", 0) == 0;
}

Result<std::variant<Config, Information>> ParseConfig(int argc, const char* const* argv) {
  Flags flags;
  CLI::App cli("Tidemark: real-time sync for web apps, in one server", "tidemark-server");
  cli.get_formatter()->column_width(48);
  AddAppFlags(cli, flags);
  AddReplicaFlag(cli, flags);
  AddNetworkFlags(cli, flags);
  AddAuthFlags(cli, flags);
  AddLimitFlags(cli, flags);
  AddOtherFlags(cli, flags);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    return std::variant<Config, Information>(Information{cli.help()});
  } catch (const CLI::ParseError& error) {
    return Invalid(FirstLine(error.what()) + "; see --help");
  }
  if (flags.version) {
    return std::variant<Config, Information>(Information{"tidemark-server " TIDEMARK_VERSION "\n"});
  }
  TIDEMARK_ASSIGN_OR_RETURN(Config config, Check(std::move(flags)));
  return std::variant<Config, Information>(std::move(config));
}

}  // namespace tidemark::server
