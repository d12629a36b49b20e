// Bindings of the relay role for the worker; nothing is decided here. The relay's two databases lie
// on the files that JavaScript opened (opfs_vfs.h): files 0 to 2 are the log's, 3 to 5 base's.
#include <emscripten/bind.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/model/error_json.h"
#include "core/protocol/codec.h"
#include "core/relay/relay.h"
#include "core/store/sqlite.h"
#include "wasm/memory_module.h"
#include "wasm/opfs_vfs.h"

namespace tidemark::wasm {
namespace {

constexpr std::uint32_t kLogFiles = 0;
constexpr std::uint32_t kBaseFiles = 3;

class Worker : public MemoryModule {
 public:
  ~Worker() { close(); }

  /// Which of the two databases is damaged, newer than we are, or otherwise not to be opened, is in
  /// the error's details
  /// ({"database":"log"|"base"}): JavaScript quarantines its files and calls again.
  std::uint32_t open(const std::string& build, const std::string& new_group) {
    output_.Clear();
    const Status status = Open(build, new_group);
    if (!status.ok()) {
      close();
      Fail(status.error());
      return static_cast<std::uint32_t>(output_.size());
    }
    return End();
  }
  /// Lets go of the files; what was not flushed is lost.
  void close() {
    relay_.reset();
    base_.reset();
    log_.reset();
    if (vfs_ != nullptr) {
      vfs_->RemoveDatabase("log");
      vfs_->RemoveDatabase("base");
    }
  }

  // Each of these answers the size of the output.
  std::uint32_t tabOpened(std::uint32_t tab) {
    output_.Clear();
    relay_->OnTabOpened(tab);
    return End();
  }
  std::uint32_t tabClosed(std::uint32_t tab) {
    output_.Clear();
    relay_->OnTabClosed(tab);
    return End();
  }
  /// Input: one frame.
  std::uint32_t tabMessage(std::uint32_t tab, std::uint32_t bytes) {
    output_.Clear();
    return EndWith(relay_->OnTabMessage(tab, input_.View(bytes)));
  }
  std::uint32_t linkOpened() {
    output_.Clear();
    relay_->OnLinkOpened();
    return End();
  }
  std::uint32_t linkClosed() {
    output_.Clear();
    relay_->OnLinkClosed();
    return End();
  }
  /// Input: one frame.
  std::uint32_t linkMessage(std::uint32_t bytes) {
    output_.Clear();
    const Status status = relay_->OnLinkMessage(input_.View(bytes));
    input_.Shrink();
    return EndWith(status);
  }
  std::uint32_t setLinkState(const std::string& connection, const std::string& reason) {
    output_.Clear();
    relay_->SetLinkState(connection, reason);
    return End();
  }
  std::uint32_t setAuthToken(const std::string& token) {
    output_.Clear();
    relay_->SetAuthToken(token);
    return End();
  }
  std::uint32_t tick(double now_ms) {
    output_.Clear();
    relay_->Tick(static_cast<std::uint64_t>(now_ms));
    return End();
  }
  std::uint32_t flush() {
    output_.Clear();
    return EndWith(relay_->Flush());
  }
  std::uint32_t pending() const { return relay_->pending(); }

 private:
  Status Open(const std::string& build, const std::string& new_group) {
    if (vfs_ == nullptr) {
      TIDEMARK_ASSIGN_OR_RETURN(vfs_, OpfsVfs::Create());
    }
    TIDEMARK_TRY(OpenDatabase("log", kLogFiles, log_));
    TIDEMARK_TRY(OpenDatabase("base", kBaseFiles, base_));
    TIDEMARK_ASSIGN_OR_RETURN(
        relay_,
        relay::Relay::Open(*log_, *base_,
                           relay::Options{.build = build, .new_group = ClientGroupID(new_group)}));
    return Ok{};
  }

  Status OpenDatabase(const std::string& name, std::uint32_t first_file,
                      std::optional<store::Database>& database) {
    Status added = vfs_->AddDatabase(name, "tidemark-" + name, first_file);
    if (!added.ok()) return Named(name, added.error());
    Result<store::Database> opened = store::Database::Open(name);
    if (!opened.ok()) return Named(name, opened.error());
    database.emplace(std::move(opened).value());
    return Ok{};
  }

  static Error Named(const std::string& database, Error error) {
    error.details_json = "{\"database\":\"" + database + "\"}";
    return error;
  }

  std::uint32_t EndWith(const Status& status) {
    if (!status.ok()) Fail(status.error());
    return End();
  }

  std::uint32_t End() {
    const relay::Output output = relay_->TakeOutput();
    for (const std::string& message : output.to_server) {
      output_.Add(SectionKind::kMessage, 0, message);
    }
    for (const relay::TabMessage& message : output.to_tabs) {
      output_.Add(SectionKind::kTabMessage, message.tab, message.bytes);
    }
    for (const relay::TabID tab : output.close_tabs) output_.Add(SectionKind::kCloseTab, tab, {});
    if (output.refused) output_.Add(SectionKind::kRefused, 0, model::ErrorToJson(*output.refused));
    if (output.reopen_link) output_.Add(SectionKind::kReopenLink, 0, {});
    if (output.needs_flush) output_.Add(SectionKind::kNeedsFlush, output.may_wait ? 1 : 0, {});
    return static_cast<std::uint32_t>(output_.size());
  }

  std::unique_ptr<OpfsVfs> vfs_;
  std::optional<store::Database> log_;
  std::optional<store::Database> base_;
  std::unique_ptr<relay::Relay> relay_;
};

/// The frame that asks whether the other side is still there.
std::string PingMessage() { return protocol::Encode(protocol::Ping{}); }

EMSCRIPTEN_BINDINGS(tidemark_worker) {
  emscripten::function("pingMessage", &PingMessage);
  emscripten::class_<MemoryModule>("MemoryModule")
      .function("reserve", &MemoryModule::reserve)
      .function("output", &MemoryModule::output);
  emscripten::class_<Worker, emscripten::base<MemoryModule>>("Worker")
      .constructor<>()
      .function("open", &Worker::open)
      .function("close", &Worker::close)
      .function("tabOpened", &Worker::tabOpened)
      .function("tabClosed", &Worker::tabClosed)
      .function("tabMessage", &Worker::tabMessage)
      .function("linkOpened", &Worker::linkOpened)
      .function("linkClosed", &Worker::linkClosed)
      .function("linkMessage", &Worker::linkMessage)
      .function("setLinkState", &Worker::setLinkState)
      .function("setAuthToken", &Worker::setAuthToken)
      .function("tick", &Worker::tick)
      .function("flush", &Worker::flush)
      .function("pending", &Worker::pending);
}

}  // namespace
}  // namespace tidemark::wasm
