#include "tests/server/embedded/replay_world.h"

#include <gtest/gtest.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <utility>

namespace tidemark::server {
namespace {

namespace json = boost::json;

std::string Member(const json::object& object, const char* name) {
  return std::string(object.at(name).as_string());
}

Result<std::string> Add(mutation::Transaction& tx, std::string_view args_json,
                        const mutation::MutatorContext&) {
  const json::object args = json::parse(args_json).as_object();
  const std::string id = Member(args, "id");
  TIDEMARK_ASSIGN_OR_RETURN(const std::string row, tx.Get("counter", "[\"" + id + "\"]"));
  const std::int64_t before =
      row.empty() ? 0 : std::stoll(std::string(json::parse(row).as_array()[1].as_string()));
  const std::int64_t after = before + args.at("by").as_int64();
  TIDEMARK_TRY(tx.Write(row.empty() ? mutation::WriteOp::kInsert : mutation::WriteOp::kUpdate,
                        "counter",
                        R"({"id":")" + id + R"(","value":")" + std::to_string(after) + "\"}"));
  return "\"" + std::to_string(after) + "\"";
}

Result<std::string> Label(mutation::Transaction& tx, std::string_view args_json,
                          const mutation::MutatorContext&) {
  TIDEMARK_TRY(tx.Write(mutation::WriteOp::kUpdate, "counter", args_json));
  return std::string();
}

Result<std::string> Fail(mutation::Transaction& tx, std::string_view args_json,
                         const mutation::MutatorContext& context) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string added, Add(tx, args_json, context));
  return Error{.code = ErrorCode::kApp, .message = "not " + added, .app_code = "no-luck"};
}

}  // namespace

ClientID NewClient(const std::string& name) {
  std::string time;
  for (std::int64_t rest = kNowMs; rest > 0; rest /= 36) {
    time.insert(time.begin(), "0123456789abcdefghijklmnopqrstuvwxyz"[rest % 36]);
  }
  return ClientID(time + "-" + name);
}

const model::Schema& CounterSchema() {
  static const model::Schema schema = *model::Schema::Parse(
      R"({"tables":[{"name":"counter","columns":[{"name":"id","type":"string"},
      {"name":"value","type":"bigint"},{"name":"label","type":"string","optional":true}],
      "primaryKey":["id"],"uniques":[["label"]]}]})");
  return schema;
}

std::unique_ptr<mutation::MutatorRegistry> CounterMutators(int* slow_runs) {
  auto registry = std::make_unique<mutation::MutatorRegistry>();
  registry->Register("add", Add);
  registry->Register("label", Label);
  registry->Register("fail", Fail);
  registry->Register("time",
                     [](mutation::Transaction&, std::string_view,
                        const mutation::MutatorContext& context) -> Result<std::string> {
                       return std::to_string(context.timestamp_ms);
                     });
  registry->Register("slow",
                     [slow_runs](mutation::Transaction&, std::string_view,
                                 const mutation::MutatorContext&) -> Result<std::string> {
                       ++*slow_runs;
                       return Error{ErrorCode::kTimeout, "took too long"};
                     });
  return registry;
}

mutation::Mutation Call(const ClientID& client, MutationID id, const std::string& name,
                        const std::string& args) {
  mutation::Mutation mutation;
  mutation.client = client;
  mutation.id = id;
  mutation.name = name;
  mutation.args_json = args;
  mutation.timestamp_ms = kNowMs;
  mutation.seed = "00112233445566778899aabbccddeeff";
  return mutation;
}

ReplayWorld::ReplayWorld()
    : database_(*store::Database::Open(":memory:")), mutators_(CounterMutators(&slow_runs)) {
  const Status prepared = PrepareDatabase(database_, CounterSchema(), "epoch", kNowMs);
  EXPECT_TRUE(prepared.ok()) << prepared.error().message;
  store_ = std::make_unique<store::SqliteStore>(CounterSchema(), database_);
  Reopen();
}

void ReplayWorld::Reopen() {
  replay_ = *SqliteReplay::Open(CounterSchema(), database_, *mutators_);
}

ReplayOutcome ReplayWorld::Push(std::vector<mutation::Mutation> mutations, const std::string& group,
                                const std::string& subject) {
  ReplayBatch batch;
  batch.pushes.push_back(PushRequest{ClientGroupID(group), "null", subject, std::move(mutations)});
  Result<ReplayOutcome> outcome = Apply(batch);
  EXPECT_TRUE(outcome.ok()) << outcome.error().message;
  return std::move(*outcome);
}

Result<ReplayOutcome> ReplayWorld::Apply(const ReplayBatch& batch) {
  return replay_->Apply(batch, kNowMs);
}

std::optional<std::int64_t> ReplayWorld::Counter(const std::string& id) const {
  const Result<model::Row> row = store_->Get(0, model::KeyFromValues({model::Value(id)}));
  EXPECT_TRUE(row.ok());
  if (!*row) return std::nullopt;
  return (*row)[1].bigint();
}

GroupState ReplayWorld::Group(const std::vector<protocol::ClientState>& clients) {
  Result<GroupState> state = ReadGroup(database_, ClientGroupID("g"), "", clients, kNowMs);
  EXPECT_TRUE(state.ok());
  return std::move(*state);
}

}  // namespace tidemark::server
