#include "tests/core/hub/hub_world.h"

#include <gtest/gtest.h>

#include <utility>

#include "core/hub/client_schema.h"
#include "core/ivm/pipeline.h"
#include "core/protocol/version.h"
#include "core/query/ast_json.h"

namespace tidemark::hub {

const char kTodoSchema[] = R"({"tables":[{"name":"todo","columns":[
  {"name":"id","type":"string"},{"name":"title","type":"string"},{"name":"done","type":"boolean"},
  {"name":"rank","type":"number"},{"name":"doc","type":"json","optional":true}],
  "primaryKey":["id"]}]})";

const char kOlderSchema[] = R"({"tables":[{"name":"todo","columns":[
  {"name":"doc","type":"json","optional":true},{"name":"id","type":"string"},
  {"name":"title","type":"string"},{"name":"done","type":"boolean"}],
  "primaryKey":["id"]}]})";

model::Row Todo(const std::string& id, const std::string& title, bool done, double rank,
                const std::string& doc) {
  return model::Row::Make({model::Value(id), model::Value(title), model::Value(done),
                           model::Value(rank),
                           doc == "null" ? model::Value() : model::Value(model::JsonText{doc})});
}

protocol::DesiredQuery Desired(const std::string& tree,
                               std::optional<protocol::DesiredQuery::Have> have) {
  return protocol::DesiredQuery{QueryKey(tree), "named", tree, std::move(have)};
}

HubWorld::HubWorld(protocol::Limits limits)
    : schema_(*model::Schema::Parse(kTodoSchema)),
      older_(*model::Schema::Parse(kOlderSchema)),
      limits_(limits),
      store_(schema_),
      hub_(std::make_unique<Hub>(store_, Version{"epoch", 1}, "test", limits)) {}

SessionID HubWorld::Open(OpenOptions options) {
  const SessionID session = ++last_session_;
  const model::Schema& schema = options.schema == nullptr ? schema_ : *options.schema;
  receivers_[session] = std::make_unique<Receiver>(schema);
  receivers_[session]->version = options.base;
  protocol::Hello hello;
  hello.protocol = protocol::kProtocolVersion;
  hello.schema_hash = schema.hash();
  hello.schema_json = schema.json();
  hello.group = ClientGroupID("group");
  hello.base = options.base;
  hello.clients = std::move(options.clients);
  hello.queries = std::move(options.queries);
  hub_->OpenSession(NewSession{
      session, std::move(hello), "null", std::move(options.lmids), std::move(options.results), {}});
  Pump();
  return session;
}

void HubWorld::Close(SessionID session) {
  hub_->CloseSession(session);
  receivers_.erase(session);
  Pump();
}

void HubWorld::Put(SessionID session, const std::string& tree,
                   std::optional<protocol::DesiredQuery::Have> have) {
  protocol::ChangeQueries change;
  change.put.push_back(Desired(tree, std::move(have)));
  hub_->ChangeQueries(session, change);
  Pump();
}

void HubWorld::Remove(SessionID session, const std::string& tree) {
  protocol::ChangeQueries change;
  change.remove.push_back(QueryKey(tree));
  hub_->ChangeQueries(session, change);
  receiver(session).Forget(QueryKey(tree));
  Pump();
}

hub::Commit HubWorld::Write(std::vector<model::Row> puts, std::vector<std::string> removed_ids) {
  model::NetChanges net;
  for (model::Row& row : puts) {
    const RowKey key = model::KeyOf(schema_.table(0), row);
    model::Row before = store_.Apply(0, key, row);
    net.Add(model::RowChange{0, key, std::move(before), std::move(row)});
  }
  for (const std::string& id : removed_ids) {
    const RowKey key = model::KeyFromValues({model::Value(id)});
    model::Row before = store_.Apply(0, key, {});
    if (before) net.Add(model::RowChange{0, key, std::move(before), {}});
  }
  hub::Commit commit;
  commit.to = Version{"epoch", ++written_};
  commit.changes = net.Take();
  return commit;
}

void HubWorld::Tell(hub::Commit commit) {
  const Status advanced = hub_->Advance(std::move(commit));
  ASSERT_TRUE(advanced.ok());
  Pump();
}

void HubWorld::Commit(std::vector<model::Row> puts, std::vector<std::string> removed_ids,
                      std::vector<protocol::ClientState> lmids,
                      std::vector<protocol::MutationResult> results) {
  hub::Commit commit = Write(std::move(puts), std::move(removed_ids));
  commit.lmids = std::move(lmids);
  commit.results = std::move(results);
  Tell(std::move(commit));
}

void HubWorld::RunJob(std::size_t index) {
  jobs_.at(index).job->Run(store_, Version{"epoch", written_});
  jobs_[index].was_run = true;
}

void HubWorld::FailJob(Error error, std::size_t index) {
  jobs_.at(index).job->Fail(std::move(error));
}

void HubWorld::GiveBack(std::size_t index) {
  std::unique_ptr<HydrationJob> job = std::move(jobs_.at(index).job);
  jobs_.erase(jobs_.begin() + static_cast<std::ptrdiff_t>(index));
  const Status taken = hub_->OnHydrated(std::move(job));
  ASSERT_TRUE(taken.ok());
  Pump();
}

void HubWorld::FinishJobs() {
  while (!jobs_.empty()) {
    RunJob();
    GiveBack();
  }
}

bool HubWorld::AnswerOne(SessionID session) {
  Receiver& asked = receiver(session);
  if (asked.asked.empty()) return false;
  const protocol::Message question = std::move(asked.asked.front());
  asked.asked.pop_front();
  if (const auto* compare = std::get_if<protocol::Compare>(&question)) {
    hub_->OnSums(session, asked.Answer(*compare));
  } else {
    hub_->OnMembers(session, asked.Answer(std::get<protocol::Want>(question)));
  }
  Pump();
  return true;
}

void HubWorld::AnswerAll(SessionID session) {
  while (AnswerOne(session)) {
  }
}

void HubWorld::Restart() {
  const Version version = hub_->version();
  hub_ = std::make_unique<Hub>(store_, version, "test", limits_);
  receivers_.clear();
  requests_.clear();
  jobs_.clear();
}

bool HubWorld::ResolveOne() {
  if (requests_.empty()) return false;
  const ResolveRequest request = requests_.front();
  requests_.pop_front();
  hub_->OnResolved(request.session, request.key, request.serial, request.args_json);
  Pump();
  return true;
}

void HubWorld::ResolveAll() {
  while (ResolveOne()) {
  }
}

void HubWorld::FailNext(Error error) {
  const ResolveRequest request = requests_.front();
  requests_.pop_front();
  hub_->OnResolved(request.session, request.key, request.serial, std::move(error));
  Pump();
}

ResolveRequest HubWorld::TakeRequest() {
  const ResolveRequest request = requests_.front();
  requests_.pop_front();
  return request;
}

void HubWorld::Answer(const ResolveRequest& request, Result<std::string> tree) {
  hub_->OnResolved(request.session, request.key, request.serial, std::move(tree));
  Pump();
}

Receiver::Rows HubWorld::Expected(const std::string& tree, const model::Schema& client) const {
  const Result<query::Query> query = query::ParseQuery(schema_, tree);
  EXPECT_TRUE(query.ok());
  const Result<ClientSchema> view = ClientSchema::Match(schema_, client.json());
  EXPECT_TRUE(view.ok());
  Receiver::Rows rows;
  if (query->aggregation) {
    ivm::Pipeline pipeline(store_, *query);
    const Status counted = pipeline.Hydrate([&](model::TableIndex table, const model::Row& row) {
      rows[model::KeyOf(pipeline.table(table), row)] = GroupRow(model::RowJson(row));
    });
    EXPECT_TRUE(counted.ok());
    return rows;
  }
  const Status fetched = store_.source(0).Fetch({*query}, [&](const model::Row& row) {
    rows[model::KeyOf(schema_.table(0), row)] = view->Project(0, row);
    return true;
  });
  EXPECT_TRUE(fetched.ok());
  return rows;
}

void HubWorld::Pump() {
  Output output = hub_->TakeOutput();
  for (const OutgoingFrame& frame : output.frames) {
    const auto receiver = receivers_.find(frame.session);
    if (receiver != receivers_.end()) receiver->second->Receive(frame.frame);
  }
  for (ResolveRequest& request : output.resolve) requests_.push_back(std::move(request));
  closed_.insert(output.close.begin(), output.close.end());
  for (std::unique_ptr<HydrationJob>& job : output.jobs) jobs_.push_back({std::move(job)});
  if (!holds_jobs_) FinishJobs();
}

}  // namespace tidemark::hub
