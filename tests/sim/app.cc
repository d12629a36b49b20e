#include "tests/sim/app.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_path.h"

namespace tidemark::sim {
namespace {

namespace json = boost::json;
using mutation::MutatorContext;
using mutation::Transaction;
using mutation::WriteOp;

constexpr std::string_view kSchema = R"({"tables":[
  {"name":"item","columns":[
    {"name":"id","type":"string"},
    {"name":"list","type":"string"},
    {"name":"title","type":"string"},
    {"name":"done","type":"boolean","default":false},
    {"name":"rank","type":"number","default":0},
    {"name":"doc","type":"json","optional":true}],"primaryKey":["id"],"relationships":[
    {"name":"shelf","kind":"one","table":"shelf","match":{"list":"id"}},
    {"name":"siblings","kind":"many","table":"item","match":{"list":"list"}}]},
  {"name":"shelf","columns":[{"name":"id","type":"string"}],"primaryKey":["id"],"relationships":[
    {"name":"items","kind":"many","table":"item","match":{"id":"list"}}]},
  {"name":"counter","columns":[
    {"name":"id","type":"string"},
    {"name":"total","type":"number","default":0}],"primaryKey":["id"]},
  {"name":"author","columns":[
    {"name":"id","type":"string"},
    {"name":"applied","type":"json"}],"primaryKey":["id"]}]})";

class Call {
 public:
  Call(Transaction& transaction, std::string_view args_json)
      : transaction_(transaction), args_(model::ParseJson(args_json).value().as_object()) {}

  /// The argument as JSON text.
  std::string Text(const char* name) const { return model::CanonicalJson(args_.at(name)); }
  /// `"id":"a"`
  std::string Member(const char* name) const {
    return "\"" + std::string(name) + "\":" + Text(name);
  }
  Status Write(WriteOp op, const char* table, const std::string& members) {
    return transaction_.Write(op, table, "{" + members + "}");
  }
  Result<std::string> Get(const char* table, const std::string& id_json) {
    return transaction_.Get(table, "[" + id_json + "]");
  }

  /// Appends the mutation's id to its client's list.
  Status Sign() {
    const std::string client = Text("client");
    TIDEMARK_ASSIGN_OR_RETURN(const std::string row, Get("author", client));
    if (row.empty()) {
      return Write(WriteOp::kInsert, "author",
                   "\"id\":" + client + ",\"applied\":[" + Text("n") + "]");
    }
    const json::value author = model::ParseJson(row).value();
    const std::size_t applied = author.as_array().at(1).as_array().size();
    return Write(WriteOp::kSplice, "author",
                 "\"key\":{\"id\":" + client + "},\"path\":[\"applied\"],\"index\":" +
                     std::to_string(applied) + ",\"remove\":0,\"insert\":[" + Text("n") + "]");
  }

 private:
  Transaction& transaction_;
  json::object args_;
};

Status UpdateField(Call& call, const char* column) {
  return call.Write(WriteOp::kUpdate, "item", call.Member("id") + "," + call.Member(column));
}

Status AddItem(Call& call, const MutatorContext&) {
  TIDEMARK_TRY(call.Write(WriteOp::kUpsert, "shelf", "\"id\":" + call.Text("list")));
  return call.Write(WriteOp::kInsert, "item",
                    call.Member("id") + "," + call.Member("list") + "," + call.Member("title") +
                        "," + call.Member("rank"));
}

Status SetNode(Call& call, const MutatorContext&) {
  return call.Write(WriteOp::kSet, "item",
                    "\"key\":{" + call.Member("id") + "},\"path\":[\"doc\",\"nodes\"," +
                        call.Text("node") + "]," + call.Member("value"));
}

Status RemoveItem(Call& call, const MutatorContext&) {
  return call.Write(WriteOp::kDelete, "item", call.Member("id"));
}

Status AddToCounter(Call& call, const MutatorContext&) {
  const std::string id = call.Text("id");
  TIDEMARK_ASSIGN_OR_RETURN(const std::string row, call.Get("counter", id));
  if (row.empty()) {
    return call.Write(WriteOp::kInsert, "counter",
                      "\"id\":" + id + ",\"total\":" + call.Text("by"));
  }
  return call.Write(WriteOp::kIncrement, "counter",
                    "\"key\":{\"id\":" + id + "},\"path\":[\"total\"]," + call.Member("by"));
}

Status FailOnServer(Call& call, const MutatorContext& context) {
  TIDEMARK_TRY(AddToCounter(call, context));
  if (context.location == mutation::Location::kServer) {
    return Error{ErrorCode::kApp, "not on my server", "never"};
  }
  return Ok{};
}

/// Throws when the item is done: at the call, in a rebase, or on the server only.
Status RenameIfOpen(Call& call, const MutatorContext&) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string row, call.Get("item", call.Text("id")));
  if (!row.empty() && model::ParseJson(row).value().as_array().at(3).as_bool()) {
    return Error{ErrorCode::kApp, "done is done", "done"};
  }
  return UpdateField(call, "title");
}

}  // namespace

const model::Schema& AppSchema() {
  static const model::Schema schema = model::Schema::Parse(kSchema).value();
  return schema;
}

void RegisterMutators(mutation::MutatorRegistry& registry) {
  const auto add = [&registry](std::string name, auto body, bool returns_count = false) {
    registry.Register(std::move(name),
                      [body, returns_count](Transaction& transaction, std::string_view args_json,
                                            const MutatorContext& context) -> Result<std::string> {
                        Call call(transaction, args_json);
                        TIDEMARK_TRY(call.Sign());
                        TIDEMARK_TRY(body(call, context));
                        return returns_count ? call.Text("n") : std::string();
                      });
  };
  add("item.add", AddItem);
  add("item.rename", [](Call& call, const MutatorContext&) { return UpdateField(call, "title"); });
  add("item.move", [](Call& call, const MutatorContext&) { return UpdateField(call, "rank"); });
  add("item.done", [](Call& call, const MutatorContext&) { return UpdateField(call, "done"); });
  add("item.set", SetNode);
  add("item.remove", RemoveItem);
  add("item.renameIfOpen", RenameIfOpen);
  add("counter.add", AddToCounter, /*returns_count=*/true);
  add("counter.fail", FailOnServer);
}

const std::vector<AppQuery>& AppQueries() {
  static const std::vector<AppQuery> queries = {{"items", "{}"},
                                                {"top", "{}", /*sees_members=*/true},
                                                {"list", R"({"list":"l0"})"},
                                                {"list", R"({"list":"l1"})"},
                                                {"counters", "{}"},
                                                {"authors", "{}"},
                                                {"shelves", "{}", /*sees_members=*/true},
                                                {"busy", "{}", /*sees_members=*/true},
                                                {"calm", "{}", /*sees_members=*/true},
                                                {"settled", "{}", /*sees_members=*/true},
                                                {"sizes", "{}", /*sees_members=*/true},
                                                {"loads", "{}", /*sees_members=*/true}};
  return queries;
}

Result<std::string> ResolveQuery(std::string_view name, std::string_view args_json) {
  if (name == "items") return std::string(R"({"table":"item","orderBy":[["rank","asc"]]})");
  if (name == "top") {
    return std::string(R"({"table":"item","where":{"op":"=","column":"done","value":false},)"
                       R"("orderBy":[["title","desc"]],"limit":3})");
  }
  if (name == "list") {
    const json::value args = model::ParseJson(args_json).value();
    return R"({"table":"item","where":{"op":"=","column":"list","value":)" +
           model::CanonicalJson(args.as_object().at("list")) + "}}";
  }
  if (name == "shelves") {
    return std::string(R"({"table":"shelf","related":[{"relationship":"items","query":)"
                       R"({"table":"item","orderBy":[["rank","desc"]],"limit":2}}]})");
  }
  // Shelves with something to do, and what there is.
  if (name == "busy") {
    return std::string(
        R"({"table":"shelf","where":{"op":"exists","relationship":"items","query":{"table":"item",)"
        R"("where":{"op":"=","column":"done","value":false}}},)"
        R"("related":[{"relationship":"items","query":{"table":"item"}}]})");
  }
  // Items none of whose siblings is done.
  if (name == "calm") {
    return std::string(
        R"({"table":"item","where":{"op":"not","arg":{"op":"exists","relationship":"siblings",)"
        R"("query":{"table":"item","where":{"op":"=","column":"done","value":true}}}},)"
        R"("related":[{"relationship":"shelf","query":{"table":"shelf"}}]})");
  }
  // Items that have no open sibling without a done one: each may be any of the three.
  if (name == "settled") {
    return std::string(
        R"({"table":"item","where":{"op":"not","arg":{"op":"exists","relationship":"siblings",)"
        R"("query":{"table":"item","where":{"op":"and","args":[)"
        R"({"op":"=","column":"done","value":false},)"
        R"({"op":"not","arg":{"op":"exists","relationship":"siblings","query":{"table":"item",)"
        R"("where":{"op":"=","column":"done","value":true}}}}]}}}}})");
  }
  if (name == "sizes") {
    return std::string(R"({"table":"item","aggregates":[{"function":"count"},)"
                       R"({"function":"max","column":"rank"}],"groupBy":["list"]})");
  }
  // Shelves with what is left to do on each.
  if (name == "loads") {
    return std::string(
        R"({"table":"shelf","related":[{"relationship":"items","query":{"table":"item",)"
        R"("where":{"op":"=","column":"done","value":false},"aggregates":[{"function":"count"},)"
        R"({"function":"sum","column":"rank"},{"function":"avg","column":"rank"}]}}]})");
  }
  if (name == "counters") return std::string(R"({"table":"counter"})");
  if (name == "authors") return std::string(R"({"table":"author"})");
  return Error{ErrorCode::kUnknownQuery, "no query named " + std::string(name)};
}

}  // namespace tidemark::sim
