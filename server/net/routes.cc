#include "server/net/routes.h"

#include <utility>

namespace tidemark::server {
namespace {

HttpReply Text(unsigned status, std::string body) {
  HttpReply reply;
  reply.status = status;
  reply.body = std::move(body) + "\n";
  return reply;
}

}  // namespace

Routes::Routes(std::string base_path, std::optional<StaticFiles> files, OriginPolicy origins,
               const ConnectionEvents& events)
    : base_path_(std::move(base_path)),
      files_(std::move(files)),
      origins_(std::move(origins)),
      events_(events) {}

std::optional<HttpReply> Routes::Answer(const HttpRequest& request) const {
  const std::string_view path = request.target.substr(0, request.target.find_first_of("?#"));
  if (path == base_path_ + "/sync") {
    if (!request.wants_websocket) {
      return Text(426, "this is Tidemark's sync socket: connect with a WebSocket");
    }
    if (!origins_.Allows(request.origin, request.host)) {
      return Text(403, "pages of " + std::string(request.origin) +
                           " may not connect: start the server with --origin " +
                           std::string(request.origin));
    }
    return std::nullopt;
  }
  if (request.method != "GET" && request.method != "HEAD") {
    HttpReply reply = Text(405, "only GET and HEAD");
    reply.allow = "GET, HEAD";
    return reply;
  }
  if (path == base_path_ + "/healthz" || path == "/healthz") return Text(200, "ok");
  if (path == base_path_ + "/readyz") {
    const std::string reason = events_.NotReadyReason();
    return reason.empty() ? Text(200, "ready") : Text(503, reason);
  }
  if (path.substr(0, base_path_.size() + 1) == base_path_ + "/") return Text(404, "not found");
  return AnswerFile(request);
}

HttpReply Routes::AnswerFile(const HttpRequest& request) const {
  if (!files_.has_value()) {
    return Text(404, "not found (this Tidemark server serves no files: see --static)");
  }
  HttpReply reply;
  reply.file = files_->Find(request.target);
  if (!reply.file.has_value()) return Text(404, "not found");
  reply.content_type = reply.file->content_type;
  if (!request.if_none_match.empty() &&
      request.if_none_match.find(reply.file->etag) != std::string_view::npos) {
    reply.status = 304;
  }
  return reply;
}

}  // namespace tidemark::server
