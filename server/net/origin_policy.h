// Which web pages may open the sync socket. Browsers do not apply the same-origin policy to
// WebSockets: the server has to look at Origin itself (RFC 6455, 10.2).
#ifndef TIDEMARK_SERVER_NET_ORIGIN_POLICY_H_
#define TIDEMARK_SERVER_NET_ORIGIN_POLICY_H_

#include <string>
#include <string_view>
#include <vector>

namespace tidemark::server {

enum class LoopbackOrigins { kRefused, kAllowed };

class OriginPolicy {
 public:
  /// `allowed`: origins such as "https://app.example", or "*". Without any, the page's host must be
  /// the one it connects to (as a page served by this server, or by a proxy in front of it, is).
  OriginPolicy(std::vector<std::string> allowed, LoopbackOrigins loopback);

  /// `origin` and `host` are the request's headers; a peer without Origin is no browser.
  bool Allows(std::string_view origin, std::string_view host) const;

 private:
  std::vector<std::string> allowed_;
  LoopbackOrigins loopback_;
};

/// "localhost", "127.x.y.z" or "::1", with or without brackets.
bool IsLoopbackHost(std::string_view host);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_NET_ORIGIN_POLICY_H_
