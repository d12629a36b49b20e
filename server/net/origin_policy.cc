#include "server/net/origin_policy.h"

#include <algorithm>
#include <utility>

namespace tidemark::server {
namespace {

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// `host[:port]` of an origin, without a port that its scheme implies.
std::string HostOfOrigin(const std::string& origin) {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string::npos) return "";
  return origin.substr(scheme + 3);
}

std::string_view WithoutPort(std::string_view host) {
  const std::size_t colon = host.rfind(':');
  if (colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos) {
    return host;
  }
  return host.substr(0, colon);
}

}  // namespace

bool IsLoopbackHost(std::string_view host) {
  if (!host.empty() && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  return host == "localhost" || host == "::1" ||
         (host.substr(0, 4) == "127." &&
          host.find_first_not_of("0123456789.") == std::string_view::npos);
}

OriginPolicy::OriginPolicy(std::vector<std::string> allowed, LoopbackOrigins loopback)
    : allowed_(std::move(allowed)), loopback_(loopback) {
  for (std::string& origin : allowed_) {
    while (!origin.empty() && origin.back() == '/') origin.pop_back();
    origin = Lower(origin);
  }
}

bool OriginPolicy::Allows(std::string_view origin, std::string_view host) const {
  if (origin.empty()) return true;
  const std::string page = Lower(origin);
  const auto is_page = [&page](const std::string& one) { return one == "*" || one == page; };
  if (std::any_of(allowed_.begin(), allowed_.end(), is_page)) return true;
  const std::string page_host = HostOfOrigin(page);
  if (page_host.empty()) return false;
  if (loopback_ == LoopbackOrigins::kAllowed && IsLoopbackHost(WithoutPort(page_host))) return true;
  return allowed_.empty() && page_host == Lower(host);
}

}  // namespace tidemark::server
