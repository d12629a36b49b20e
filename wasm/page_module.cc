// Bindings of the client role for the page's main thread; nothing is decided here. Each call takes
// its input from the input buffer or as small strings, and leaves everything that follows from it
// in the output buffer (output_buffer.h): one call in, one value out.
#include <emscripten/bind.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/client/client.h"
#include "core/model/error_json.h"
#include "core/model/schema.h"
#include "core/protocol/codec.h"
#include "wasm/js_mutator_host.h"
#include "wasm/memory_module.h"

namespace tidemark::wasm {
namespace {

std::string_view StatusName(client::ViewStatus status) {
  switch (status) {
    case client::ViewStatus::kPartial:
      return "partial";
    case client::ViewStatus::kComplete:
      return "complete";
    case client::ViewStatus::kError:
      return "error";
  }
  return "error";
}

std::string_view EventName(client::MutationEvent::Kind kind) {
  switch (kind) {
    case client::MutationEvent::Kind::kPersisted:
      return "persisted";
    case client::MutationEvent::Kind::kNotDurable:
      return "memory";
    case client::MutationEvent::Kind::kConfirmed:
      return "confirmed";
    case client::MutationEvent::Kind::kRejected:
      return "rejected";
  }
  return "rejected";
}

/// [kind, list, index, row, lists]: the last two only where there are any, `lists` only of rows
/// that name some. Kinds have the numbers of ivm::ViewEdit (page-core.ts).
void AppendEdit(std::string& json, const ivm::ViewEdit& edit) {
  using Kind = ivm::ViewEdit::Kind;
  json += '[';
  json += std::to_string(static_cast<int>(edit.kind));
  json += ',';
  json += std::to_string(edit.list);
  json += ',';
  json += std::to_string(edit.index);
  if (edit.kind == Kind::kInsert || edit.kind == Kind::kReplace) {
    json += ',';
    model::AppendRowJson(json, edit.row);
    if (!edit.lists.empty()) {
      json += ",[";
      for (const ivm::ListID list : edit.lists) {
        if (json.back() != '[') json += ',';
        json += std::to_string(list);
      }
      json += ']';
    }
  }
  json += ']';
}

/// True for the edits that fill an empty result to which nothing is related.
bool IsListOfRows(const std::vector<ivm::ViewEdit>& edits) {
  return std::all_of(edits.begin(), edits.end(), [](const ivm::ViewEdit& edit) {
    return edit.kind == ivm::ViewEdit::Kind::kInsert && edit.list == ivm::kRootList &&
           edit.lists.empty();
  });
}

/// {"status":…,"stale":…,"error":…} and "edits":[…], after "reset":true if they are of an empty
/// result; or "rows":[…] if they are nothing but its rows.
std::string FlushJson(const client::ViewFlush& flush) {
  const bool rows = flush.reset && IsListOfRows(flush.edits);
  std::string json = "{\"status\":\"";
  json += StatusName(flush.status);
  json += flush.stale ? "\",\"stale\":true" : "\",\"stale\":false";
  if (flush.error) json += ",\"error\":" + model::ErrorToJson(*flush.error);
  if (flush.reset && !rows) json += ",\"reset\":true";
  json += rows ? ",\"rows\":[" : ",\"edits\":[";
  for (const ivm::ViewEdit& edit : flush.edits) {
    if (json.back() != '[') json += ',';
    if (rows) {
      model::AppendRowJson(json, edit.row);
    } else {
      AppendEdit(json, edit);
    }
  }
  json += "]}";
  return json;
}

std::string EventJson(const client::MutationEvent& event) {
  std::string json = "{\"id\":" + std::to_string(event.id) + ",\"kind\":\"";
  json += EventName(event.kind);
  json += '"';
  if (!event.result_json.empty()) json += ",\"result\":" + event.result_json;
  if (event.error) json += ",\"error\":" + model::ErrorToJson(*event.error);
  json += '}';
  return json;
}

std::string LinkJson(const protocol::LinkState& link) {
  std::string json = "{\"connection\":";
  model::AppendJsonString(json, link.connection);
  json += ",\"reason\":";
  model::AppendJsonString(json, link.reason);
  json += ",\"auth\":" + link.auth_json + "}";
  return json;
}

std::string RejectionsJson(const protocol::Rejections& rejections) {
  std::string json = "[";
  for (const protocol::Rejections::Entry& entry : rejections.entries) {
    if (json.size() > 1) json += ',';
    json += "{\"client\":";
    model::AppendJsonString(json, entry.mutation.client.value);
    json += ",\"id\":" + std::to_string(entry.mutation.id) + ",\"name\":";
    model::AppendJsonString(json, entry.mutation.name);
    json += ",\"args\":" + (entry.mutation.args_json.empty() ? "null" : entry.mutation.args_json);
    json += ",\"at\":" + std::to_string(entry.mutation.timestamp_ms);
    json += ",\"error\":" + model::ErrorToJson(entry.error) + "}";
  }
  json += ']';
  return json;
}

class Page : public MemoryModule {
 public:
  /// Fails only on a schema document that the builder made wrongly: valid() then is false and
  /// error() says why.
  Page(const std::string& schema_json, const std::string& client_id, const std::string& build,
       emscripten::val run_mutator)
      : mutators_(std::move(run_mutator)) {
    Result<model::Schema> schema = model::Schema::Parse(schema_json);
    if (!schema.ok()) {
      error_ = model::ErrorToJson(schema.error());
      return;
    }
    schema_ = std::make_unique<model::Schema>(std::move(schema).value());
    client_ = std::make_unique<client::Client>(
        *schema_, mutators_,
        client::Options{.id = ClientID(client_id), .build = build, .group = {}});
  }

  bool valid() const { return client_ != nullptr; }
  std::string error() const { return error_; }
  std::string schema_hash() const { return schema_->hash(); }

  // Each of these answers the size of the output. Input: the arguments' JSON text.
  std::uint32_t mutate(const std::string& name, std::uint32_t args_bytes, double timestamp_ms,
                       const std::string& seed) {
    Begin();
    Result<client::Client::Called> called = client_->Mutate(
        name, std::string(input_.View(args_bytes)), static_cast<std::int64_t>(timestamp_ms), seed);
    if (!called.ok()) return EndWith(called.error());
    std::string json = "{\"id\":" + std::to_string(called->id);
    if (!called->result_json.empty()) json += ",\"result\":" + called->result_json;
    return EndWith(json + "}");
  }
  std::uint32_t watch(const std::string& name, const std::string& args_json,
                      const std::string& ast_json, std::uint32_t ttl_s) {
    Begin();
    Result<client::ViewID> view = client_->Watch(name, args_json, ast_json, ttl_s);
    return view.ok() ? EndWith(std::to_string(*view)) : EndWith(view.error());
  }
  std::uint32_t keep(std::uint32_t view, std::uint32_t ttl_s) {
    Begin();
    client_->Keep(view, ttl_s);
    return End();
  }
  std::uint32_t unwatch(std::uint32_t view) {
    Begin();
    client_->Unwatch(view);
    return End();
  }
  std::uint32_t run(const std::string& ast_json) {
    Begin();
    const Result<std::string> rows = client_->Run(ast_json);
    return rows.ok() ? EndWith(*rows) : EndWith(rows.error());
  }
  std::uint32_t dismiss(const std::string& client_id, double id) {
    Begin();
    client_->Dismiss(ClientID(client_id), static_cast<MutationID>(id));
    return End();
  }
  std::uint32_t setAuthToken(const std::string& token) {
    Begin();
    client_->SetAuthToken(token);
    return End();
  }
  std::uint32_t goDirect(const std::string& group) {
    Begin();
    client_->GoDirect(ClientGroupID(group));
    return End();
  }
  std::uint32_t linkOpened() {
    Begin();
    client_->OnLinkOpened();
    return End();
  }
  std::uint32_t linkClosed() {
    Begin();
    client_->OnLinkClosed();
    return End();
  }
  /// Input: one frame.
  std::uint32_t message(std::uint32_t bytes) {
    Begin();
    const Status status = client_->OnMessage(input_.View(bytes));
    input_.Shrink();
    return status.ok() ? End() : EndWith(status.error());
  }

  // The running mutator's calls (app-runtime.ts, MutatorHostCalls).
  std::string get(const std::string& table, const std::string& key) {
    return mutators_.Get(table, key);
  }
  std::string write(const std::string& op, const std::string& table, const std::string& payload) {
    return mutators_.Write(op, table, payload);
  }
  std::string query(const std::string& ast) { return mutators_.Query(ast); }
  std::string uuid() { return mutators_.Uuid(); }

 private:
  void Begin() { output_.Clear(); }
  std::uint32_t EndWith(std::string_view json) {
    Return(json);
    return End();
  }
  std::uint32_t EndWith(const Error& error) {
    Fail(error);
    return End();
  }
  std::uint32_t End() {
    const client::Output output = client_->TakeOutput();
    for (const std::string& message : output.messages)
      output_.Add(SectionKind::kMessage, 0, message);
    for (const client::ViewFlush& flush : output.flushes) {
      output_.Add(SectionKind::kFlush, flush.view, FlushJson(flush));
    }
    if (output.pending) output_.Add(SectionKind::kPending, *output.pending, {});
    if (output.link) output_.Add(SectionKind::kLink, 0, LinkJson(*output.link));
    if (output.rejections)
      output_.Add(SectionKind::kRejections, 0, RejectionsJson(*output.rejections));
    for (const client::MutationEvent& event : output.mutations) {
      output_.Add(SectionKind::kMutation, 0, EventJson(event));
    }
    if (output.refused) output_.Add(SectionKind::kRefused, 0, model::ErrorToJson(*output.refused));
    return static_cast<std::uint32_t>(output_.size());
  }

  std::string error_;
  JsMutatorHost mutators_;
  std::unique_ptr<model::Schema> schema_;
  std::unique_ptr<client::Client> client_;
};

/// The frame that asks whether the other side is still there.
std::string PingMessage() { return protocol::Encode(protocol::Ping{}); }

EMSCRIPTEN_BINDINGS(tidemark_page) {
  emscripten::function("pingMessage", &PingMessage);
  emscripten::class_<MemoryModule>("MemoryModule")
      .function("reserve", &MemoryModule::reserve)
      .function("output", &MemoryModule::output);
  emscripten::class_<Page, emscripten::base<MemoryModule>>("Page")
      .constructor<const std::string&, const std::string&, const std::string&, emscripten::val>()
      .function("valid", &Page::valid)
      .function("error", &Page::error)
      .function("schemaHash", &Page::schema_hash)
      .function("mutate", &Page::mutate)
      .function("watch", &Page::watch)
      .function("keep", &Page::keep)
      .function("unwatch", &Page::unwatch)
      .function("run", &Page::run)
      .function("dismiss", &Page::dismiss)
      .function("setAuthToken", &Page::setAuthToken)
      .function("goDirect", &Page::goDirect)
      .function("linkOpened", &Page::linkOpened)
      .function("linkClosed", &Page::linkClosed)
      .function("message", &Page::message)
      .function("get", &Page::get)
      .function("write", &Page::write)
      .function("query", &Page::query)
      .function("uuid", &Page::uuid);
}

}  // namespace
}  // namespace tidemark::wasm
