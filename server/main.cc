// tidemark-server: the parts, and how they hang together. One thread does all I/O; each database
// worker has a thread with an engine of its own.

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "core/model/schema.h"
#include "server/app.h"
#include "server/auth.h"
#include "server/auth/key_set.h"
#include "server/auth/token_verifier.h"
#include "server/config.h"
#include "server/embedded/sqlite_authority.h"
#include "server/net/http_server.h"
#include "server/net/routes.h"
#include "server/postgres/postgres_authority.h"
#include "server/sync_service.h"

namespace tidemark::server {
namespace {

// What operators and scripts meet when something is wrong at start: one line, this status.
constexpr int kExitMisconfigured = 2;
constexpr int kExitFailed = 1;
// Between SIGTERM and the end, at most: finishing mutations, then closing handshakes.
constexpr std::chrono::seconds kDrainMax{10};
constexpr std::chrono::seconds kCloseMax{2};

void PrintError(const Error& error) {
  std::fprintf(stderr, "tidemark-server: %s\n", error.message.c_str());
}

void SetUpLogging(const std::string& level) {
  spdlog::set_default_logger(std::make_shared<spdlog::logger>(
      "tidemark", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_level(spdlog::level::from_str(level));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
}

std::unique_ptr<Authority> MakeAuthority(const Config& config, const App& app,
                                         boost::asio::io_context& io) {
  PostTask post = [&io](std::function<void()> task) { boost::asio::post(io, std::move(task)); };
  if (config.is_postgres()) {
    PostgresOptions options;
    options.url = config.db;
    options.replica = config.replica;
    options.migrate = config.migrate;
    options.workers = config.workers;
    options.limits = config.limits;
    options.make_host = app.host_factory();
    options.post = std::move(post);
    return std::make_unique<PostgresAuthority>(app.schema(), std::move(options));
  }
  EmbeddedOptions options;
  options.path = config.db;
  options.limits = config.limits;
  options.make_host = app.host_factory();
  options.post = std::move(post);
  return std::make_unique<SqliteAuthority>(app.schema(), std::move(options));
}

std::int64_t NowSeconds() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Result<std::unique_ptr<AuthVerifier>> MakeVerifier(const Config& config) {
  if (config.auth.empty()) {
    return std::unique_ptr<AuthVerifier>(std::make_unique<NoAuthentication>());
  }
  TIDEMARK_ASSIGN_OR_RETURN(auth::KeySet keys, auth::KeySet::Load(config.auth));
  auth::TokenVerifierOptions options;
  options.audience = config.auth_audience;
  options.issuer = config.auth_issuer;
  options.token_bytes_max = config.limits.token_bytes_max;
  options.now_s = NowSeconds;
  return std::unique_ptr<AuthVerifier>(
      std::make_unique<auth::TokenVerifier>(std::move(keys), std::move(options)));
}

/// Once a second: sessions whose token's time is over, queries that nobody wants any more.
class SecondsClock {
 public:
  SecondsClock(boost::asio::io_context& io, SyncService& service) : service_(service), timer_(io) {}

  void Start() {
    timer_.expires_after(std::chrono::seconds(1));
    timer_.async_wait([this](boost::system::error_code cancelled) {
      if (cancelled) return;
      service_.Tick(NowSeconds());
      Start();
    });
  }

 private:
  SyncService& service_;
  boost::asio::steady_timer timer_;
};

/// Stops in steps, each bounded: no new connections, what was taken is finished, sessions are told
/// to come back to whoever is next.
class Shutdown {
 public:
  Shutdown(boost::asio::io_context& io, HttpServer& http, Authority& authority,
           SyncService& service)
      : io_(io), http_(http), authority_(authority), service_(service), deadline_(io) {}

  void Begin() {
    if (std::exchange(begun_, true)) return io_.stop();
    spdlog::info("stopping");
    http_.StopAccepting();
    service_.Drain();
    deadline_.expires_after(kDrainMax);
    deadline_.async_wait([this](boost::system::error_code cancelled) {
      if (!cancelled) CloseSessions();
    });
    authority_.Stop([this] { CloseSessions(); });
  }

 private:
  void CloseSessions() {
    if (std::exchange(closing_, true)) return;
    service_.CloseSessions(CloseCode::kServiceRestart, "service restart");
    deadline_.expires_after(kCloseMax);
    deadline_.async_wait([this](boost::system::error_code) { io_.stop(); });
    WaitForSessions();
  }
  void WaitForSessions() {
    if (service_.sessions() == 0) return io_.stop();
    service_.set_on_empty([this] { io_.stop(); });
  }

  boost::asio::io_context& io_;
  HttpServer& http_;
  Authority& authority_;
  SyncService& service_;
  boost::asio::steady_timer deadline_;
  bool begun_ = false;
  bool closing_ = false;
};

int Run(const Config& config) {
  SetUpLogging(config.log_level);
  const auto fail = [](const Error& error) {
    PrintError(error);
    return kExitMisconfigured;
  };
  ScriptLimits limits;
  limits.time = std::chrono::milliseconds(config.mutator_timeout_ms);
  limits.heap_bytes_max = config.engine_memory_bytes_max;
  const Result<App> app = App::Load(config.app, limits);
  if (!app.ok()) return fail(app.error());
  std::optional<StaticFiles> files;
  if (!config.static_folder.empty()) {
    Result<StaticFiles> opened = StaticFiles::Open(config.static_folder);
    if (!opened.ok())
      return fail(Error{ErrorCode::kNotFound, "--static: " + opened.error().message});
    files = std::move(*opened);
  }

  Result<std::unique_ptr<AuthVerifier>> auth = MakeVerifier(config);
  if (!auth.ok()) return fail(auth.error());

  boost::asio::io_context io(1);
  const std::unique_ptr<Authority> authority = MakeAuthority(config, *app, io);

  int status = 0;
  SyncServiceOptions options;
  options.build = TIDEMARK_VERSION;
  options.limits = config.limits;
  options.on_fatal = [&](const Error& error) {
    PrintError(error);
    status = kExitFailed;
    io.stop();
  };
  SyncService service(*authority, **auth, std::move(options));
  const Status started = authority->Start(service);
  if (!started.ok()) return fail(started.error());
  service.Open();

  const LoopbackOrigins loopback =
      config.listen.is_loopback() ? LoopbackOrigins::kAllowed : LoopbackOrigins::kRefused;
  const Routes routes(config.base_path, std::move(files), OriginPolicy(config.origins, loopback),
                      service);
  HttpServer http(io, routes, service, config.limits);
  const Status listening = http.Listen(config.listen);
  if (!listening.ok()) return fail(listening.error());

  SecondsClock clock(io, service);
  clock.Start();
  Shutdown shutdown(io, http, *authority, service);
  boost::asio::signal_set signals(io, SIGTERM, SIGINT);
  std::function<void(boost::system::error_code, int)> on_signal =
      [&](boost::system::error_code cancelled, int) {
        if (cancelled) return;
        shutdown.Begin();
        signals.async_wait(on_signal);
      };
  signals.async_wait(on_signal);

  std::printf("tidemark-server listening on %s\n", http.url().c_str());
  std::fflush(stdout);
  io.run();
  return status;
}

}  // namespace
}  // namespace tidemark::server

int main(int argc, char** argv) {
  using namespace tidemark::server;
  std::signal(SIGPIPE, SIG_IGN);
  auto parsed = ParseConfig(argc, argv);
  if (!parsed.ok()) {
    PrintError(parsed.error());
    return kExitMisconfigured;
  }
  if (const auto* information = std::get_if<Information>(&*parsed)) {
    std::fputs(information->text.c_str(), stdout);
    return 0;
  }
  return Run(std::get<Config>(*parsed));
}
