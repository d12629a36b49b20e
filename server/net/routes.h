// What an HTTP request is answered with, apart from the sync socket: health, readiness and the
// app's files. Knows neither sockets nor the HTTP library.
#ifndef TIDEMARK_SERVER_NET_ROUTES_H_
#define TIDEMARK_SERVER_NET_ROUTES_H_

#include <optional>
#include <string>
#include <string_view>

#include "server/net/connection.h"
#include "server/net/origin_policy.h"
#include "server/net/static_files.h"

namespace tidemark::server {

struct HttpRequest {
  std::string_view method;
  std::string_view target;
  std::string_view host;
  std::string_view origin;
  std::string_view if_none_match;
  bool wants_websocket = false;
};

struct HttpReply {
  unsigned status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body;                // unless there is a file
  std::optional<StaticFile> file;  // its content; its validators also with 304
  std::string allow;               // with 405
};

class Routes {
 public:
  /// `base_path` begins with a slash and does not end with one. `events` outlives the routes.
  Routes(std::string base_path, std::optional<StaticFiles> files, OriginPolicy origins,
         const ConnectionEvents& events);

  /// Nothing: the request is for the sync socket, and may have it.
  std::optional<HttpReply> Answer(const HttpRequest& request) const;

 private:
  HttpReply AnswerFile(const HttpRequest& request) const;

  std::string base_path_;
  std::optional<StaticFiles> files_;
  OriginPolicy origins_;
  const ConnectionEvents& events_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_ROUTES_H_
