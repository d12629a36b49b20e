// A browser that comes back: the real relay on the databases of a folder, with one tab, connects to
// the server, says hello with what it has, and stays until its query is complete at a version of
// the server's.
//
//   resume PORT FOLDER HELLO
//
// HELLO is the tab's, a JSON message. Prints a JSON object: the bytes of the messages that went up
// and down, whether rows were compared, and what base holds afterwards.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "core/base/result.h"
#include "core/protocol/codec.h"
#include "core/relay/relay.h"
#include "core/store/sqlite.h"
#include "tests/bench/web_socket.h"

namespace {

using tidemark::ErrorCode;
using tidemark::Hash128;
using tidemark::Result;
using tidemark::Status;
using tidemark::bench::WebSocket;
namespace protocol = tidemark::protocol;
namespace relay = tidemark::relay;
namespace store = tidemark::store;

void Check(const Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error().message);
}

template <typename T>
T Check(Result<T> result) {
  if (!result.ok()) throw std::runtime_error(result.error().message);
  return std::move(result).value();
}

struct Traffic {
  std::size_t up = 0;
  std::size_t down = 0;
  bool compared = false;
};

class Browser {
 public:
  explicit Browser(const std::string& folder)
      : log_(Check(store::Database::Open(folder + "/log.sqlite"))),
        base_(Check(store::Database::Open(folder + "/base.sqlite"))),
        relay_(Check(relay::Relay::Open(log_, base_, MakeOptions()))) {}

  /// Until the tab has its query from the server.
  Traffic ComeBack(WebSocket& socket, const std::string& hello) {
    Traffic traffic;
    OpenTab(1, hello);
    relay_->OnLinkOpened();
    Pump(&socket, traffic);
    while (!complete_) {
      socket.Receive([&](std::string_view message) {
        traffic.down += message.size();
        // A frame may carry several messages.
        if (message.find(R"("t":"want")") != message.npos) traffic.compared = true;
        Check(relay_->OnLinkMessage(message));
        from_server_ = true;
        Pump(&socket, traffic);
      });
    }
    Check(relay_->Flush());
    const std::size_t up = traffic.up;
    Pump(&socket, traffic);
    if (traffic.up != up) throw std::runtime_error("what came was not what the server says");
    return traffic;
  }

  /// What another tab is given from base.
  protocol::Segment Read(const std::string& hello) {
    OpenTab(2, hello);
    Traffic none;
    Pump(nullptr, none);
    return segment_;
  }

 private:
  static relay::Options MakeOptions() {
    relay::Options options;
    options.build = "bench";
    options.new_group = tidemark::ClientGroupID("resume-" + std::to_string(getpid()));
    return options;
  }

  void OpenTab(relay::TabID tab, const std::string& hello) {
    relay_->OnTabOpened(tab);
    Check(relay_->OnTabMessage(tab, hello));
  }

  void Pump(WebSocket* socket, Traffic& traffic) {
    relay::Output output = relay_->TakeOutput();
    if (output.refused) throw std::runtime_error(output.refused->message);
    for (const std::string& message : output.to_server) {
      traffic.up += message.size();
      if (socket != nullptr) socket->Send(message);
    }
    for (const relay::TabMessage& message : output.to_tabs) {
      protocol::Message decoded = Check(protocol::Decode(message.bytes));
      if (auto* segment = std::get_if<protocol::Segment>(&decoded)) segment_ = std::move(*segment);
      const auto* poke = std::get_if<protocol::Poke>(&decoded);
      if (poke == nullptr || !from_server_) continue;
      for (const protocol::ResolvedQuery& resolved : poke->resolved) {
        complete_ = complete_ || resolved.complete;
      }
    }
  }

  store::Database log_;
  store::Database base_;
  std::unique_ptr<relay::Relay> relay_;
  protocol::Segment segment_;
  bool from_server_ = false;
  bool complete_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  try {
    Browser browser(argv[2]);
    WebSocket socket(static_cast<std::uint16_t>(std::atoi(argv[1])));
    const Traffic traffic = browser.ComeBack(socket, argv[3]);
    const protocol::Segment base = browser.Read(argv[3]);
    std::printf("{\"up\":%zu,\"down\":%zu,\"compared\":%s,\"rows\":%zu,\"fingerprint\":\"%s\"}\n",
                traffic.up, traffic.down, traffic.compared ? "true" : "false", base.changes.size(),
                tidemark::ToHex(base.fingerprint).c_str());
    return 0;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "resume: %s\n", failure.what());
    return 1;
  }
}
