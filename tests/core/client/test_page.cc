#include "tests/core/client/test_page.h"

#include <boost/json/array.hpp>
#include <boost/json/value.hpp>
#include <iterator>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/protocol/codec.h"
#include "core/protocol/version.h"

namespace tidemark::client {

using mutation::MutatorContext;
using mutation::Transaction;
using mutation::WriteOp;

const std::string_view kTodoSchema = R"({"tables":[{"name":"todo","columns":[
  {"name":"id","type":"string"},
  {"name":"title","type":"string"},
  {"name":"done","type":"boolean","default":false},
  {"name":"rank","type":"number","default":0},
  {"name":"doc","type":"json","optional":true}],"primaryKey":["id"]},
  {"name":"note","columns":[{"name":"id","type":"string"},{"name":"text","type":"string"}],
   "primaryKey":["id"]}]})";

namespace {

/// The elements of a JSON array of two: an id, and the JSON text of the rest.
std::pair<std::string, std::string> Args(std::string_view args_json) {
  const boost::json::value args = model::ParseJson(args_json).value();
  const boost::json::array& array = args.get_array();
  std::string rest;
  if (array.size() > 1) rest = model::CanonicalJson(array[1]);
  return {model::CanonicalJson(array[0]), std::move(rest)};
}

Result<std::string> Written(Status status) {
  if (!status.ok()) return status.error();
  return std::string();
}

}  // namespace

TodoMutators::TodoMutators() {
  const auto add = [this](std::string name, auto write) {
    registry_.Register(std::move(name),
                       [this, write](Transaction& tx, std::string_view args_json,
                                     const MutatorContext&) -> Result<std::string> {
                         ++runs_;
                         const auto [id, rest] = Args(args_json);
                         return write(tx, id, rest);
                       });
  };
  add("add", [](Transaction& tx, const std::string& id, const std::string& title) {
    return Written(
        tx.Write(WriteOp::kInsert, "todo", "{\"id\":" + id + ",\"title\":" + title + "}"));
  });
  add("rename", [](Transaction& tx, const std::string& id, const std::string& title) {
    return Written(
        tx.Write(WriteOp::kUpdate, "todo", "{\"id\":" + id + ",\"title\":" + title + "}"));
  });
  add("rank", [](Transaction& tx, const std::string& id, const std::string& rank) {
    return Written(tx.Write(WriteOp::kUpdate, "todo", "{\"id\":" + id + ",\"rank\":" + rank + "}"));
  });
  add("remove", [](Transaction& tx, const std::string& id, const std::string&) {
    return Written(tx.Write(WriteOp::kDelete, "todo", "{\"id\":" + id + "}"));
  });
  add("raise", [](Transaction& tx, const std::string& id, const std::string& by) {
    return Written(tx.Write(WriteOp::kIncrement, "todo",
                            "{\"key\":{\"id\":" + id + "},\"path\":[\"rank\"],\"by\":" + by + "}"));
  });
  // Throws where a todo of that title exists.
  add("addUnique",
      [](Transaction& tx, const std::string& id, const std::string& title) -> Result<std::string> {
        Result<std::string> taken =
            tx.Run(R"({"table":"todo","where":{"op":"=","column":"title","value":)" + title + "}}");
        if (!taken.ok()) return taken;
        if (*taken != "[]") return Error{ErrorCode::kApp, "that title is taken", "taken"};
        return Written(
            tx.Write(WriteOp::kInsert, "todo", "{\"id\":" + id + ",\"title\":" + title + "}"));
      });
  add("throwAfterWrite",
      [](Transaction& tx, const std::string& id, const std::string& title) -> Result<std::string> {
        TIDEMARK_TRY(
            tx.Write(WriteOp::kUpsert, "todo", "{\"id\":" + id + ",\"title\":" + title + "}"));
        return Error{ErrorCode::kApp, "changed my mind", "regret"};
      });
  add("count", [](Transaction& tx, const std::string&, const std::string&) {
    return tx.Run(R"({"table":"todo"})");
  });
}

// ---- the upstream ----

const PipelineID ScriptedUpstream::kPipeline = PipelineID("all-todos");

Hash128 ScriptedUpstream::fingerprint() const {
  Hash128 sum;
  for (const auto& [id, row_json] : rows_) {
    const model::Table& table = schema_.table(0);
    sum = sum + HashRow(table.name, RowFromJsonText(table, row_json).value());
  }
  return sum;
}

std::vector<protocol::Message> ScriptedUpstream::Poke(Step step) {
  using Kind = protocol::SegmentChange::Kind;
  protocol::Poke poke;
  poke.from = version_;
  version_ = Version{next_epoch_, version_.position + 1};
  poke.to = version_;
  poke.lmids = std::move(step.lmids);
  poke.results = std::move(step.results);
  poke.resolved = std::move(step.resolved);
  protocol::Segment segment;
  segment.pipeline = kPipeline;
  segment.to = version_;
  segment.reset = step.reset;
  if (step.reset) rows_.clear();
  for (const Change& change : step.changes) {
    const RowKey key("[\"" + change.id + "\"]");
    if (change.row_json.empty()) {
      rows_.erase(change.id);
      segment.changes.push_back({Kind::kRemove, "todo", key});
    } else {
      rows_[change.id] = change.row_json;
      segment.changes.push_back({Kind::kPut, "todo", key, change.row_json});
    }
  }
  segment.fingerprint = fingerprint();
  if (segment.changes.empty() && !step.reset) return {std::move(poke)};
  poke.segments = 1;
  return {std::move(poke), std::move(segment)};
}

// ---- the page ----

TestPage::TestPage(std::string group, protocol::Limits limits)
    : schema_(model::Schema::Parse(kTodoSchema).value()),
      is_direct_(!group.empty()),
      client_(std::make_unique<Client>(
          schema_, mutators_.registry(),
          Options{ClientID("tab-1"), "test", ClientGroupID(std::move(group)), limits})),
      upstream_(schema_) {}

void TestPage::Drain() {
  Output output = client_->TakeOutput();
  for (const std::string& bytes : output.messages) {
    Result<protocol::Message> message = protocol::Decode(bytes);
    ASSERT_TRUE(message.ok()) << message.error().message << "\n" << bytes;
    sent_.push_back(std::move(message).value());
  }
  for (ViewFlush& flush : output.flushes) {
    Mirror& mirror = views_[flush.view];
    if (flush.reset) mirror.rows.clear();
    for (const ivm::ViewEdit& edit : flush.edits) {
      const auto at = mirror.rows.begin() + edit.index;
      switch (edit.kind) {
        case ivm::ViewEdit::Kind::kInsert:
          mirror.rows.insert(at, edit.row);
          break;
        case ivm::ViewEdit::Kind::kRemove:
          mirror.rows.erase(at);
          break;
        case ivm::ViewEdit::Kind::kReplace:
          *at = edit.row;
          break;
        case ivm::ViewEdit::Kind::kOpen:
        case ivm::ViewEdit::Kind::kTouch:
        case ivm::ViewEdit::Kind::kClose:
          FAIL() << "the queries of these tests have no lists in their rows";
      }
    }
    ++mirror.flushes;
    mirror.last = std::move(flush);
  }
  std::move(output.mutations.begin(), output.mutations.end(), std::back_inserter(events_));
  if (output.pending) pending_ = *output.pending;
  if (output.rejections) rejections_ = std::move(output.rejections);
  if (output.refused) refused_ = std::move(output.refused);
}

MutationID TestPage::Mutate(const std::string& name, const std::string& args) {
  const Result<Client::Called> called =
      client_->Mutate(name, args, 1000, "00112233445566778899aabbccddeeff");
  EXPECT_TRUE(called.ok()) << called.error().message;
  Drain();
  return called.ok() ? called->id : 0;
}

Error TestPage::MutateFails(const std::string& name, const std::string& args) {
  const Result<Client::Called> called =
      client_->Mutate(name, args, 1000, "00112233445566778899aabbccddeeff");
  Drain();
  EXPECT_FALSE(called.ok());
  return called.ok() ? Error{} : called.error();
}

ViewID TestPage::Watch(std::string_view ast, const std::string& name) {
  const Result<ViewID> view = client_->Watch(name, "{}", ast);
  EXPECT_TRUE(view.ok()) << view.error().message;
  Drain();
  return view.ok() ? *view : 0;
}

void TestPage::Unwatch(ViewID view) {
  client_->Unwatch(view);
  Drain();
}

std::string TestPage::Titles(ViewID view) const {
  std::string titles;
  for (const model::Row& row : views_.at(view).rows) {
    if (!titles.empty()) titles += ", ";
    titles += row[1].string();
  }
  return titles;
}

std::string TestPage::Rows(ViewID view) const {
  std::string rows;
  for (const model::Row& row : views_.at(view).rows) {
    if (!rows.empty()) rows += ' ';
    rows += RowJson(row);
  }
  return rows;
}

void TestPage::Open() {
  client_->OnLinkOpened();
  Drain();
}

void TestPage::Close() {
  client_->OnLinkClosed();
  Drain();
}

void TestPage::Connect(MutationID lmid, std::vector<mutation::Mutation> log) {
  Open();
  protocol::Welcome welcome;
  welcome.protocol = protocol::kProtocolVersion;
  welcome.version = upstream_.version();
  if (lmid > 0) welcome.clients = {Lmid(lmid)};
  Receive(welcome);
  if (is_direct_) return;
  Receive(protocol::LogState{std::move(log), true});
  Receive(protocol::LinkState{"connected", "", "null"});
}

void TestPage::Receive(const protocol::Message& message) {
  const Status status = client_->OnMessage(protocol::Encode(message));
  EXPECT_TRUE(status.ok()) << status.error().message;
  Drain();
}

Error TestPage::ReceiveFails(const protocol::Message& message) {
  const Status status = client_->OnMessage(protocol::Encode(message));
  EXPECT_FALSE(status.ok());
  Drain();
  return status.ok() ? Error{} : status.error();
}

void TestPage::Receive(ScriptedUpstream::Step step) {
  for (const protocol::Message& message : upstream_.Poke(std::move(step))) Receive(message);
}

void TestPage::ServeAllTodos(const std::vector<ScriptedUpstream::Change>& rows) {
  ScriptedUpstream::Step step;
  step.changes = rows;
  step.reset = true;
  for (const auto& hello_or_change : TakeSent()) {
    const auto resolve = [&step](const protocol::DesiredQuery& query) {
      step.resolved.push_back({query.key, ScriptedUpstream::kPipeline, true});
    };
    if (const auto* hello = std::get_if<protocol::Hello>(&hello_or_change)) {
      for (const protocol::DesiredQuery& query : hello->queries) resolve(query);
    }
    if (const auto* change = std::get_if<protocol::ChangeQueries>(&hello_or_change)) {
      for (const protocol::DesiredQuery& query : change->put) resolve(query);
    }
  }
  Receive(std::move(step));
}

}  // namespace tidemark::client
