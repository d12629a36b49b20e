#include "tests/server/postgres/postgres_world.h"

#include <unistd.h>

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cstdlib>
#include <utility>

#include "core/base/hash.h"
#include "core/mutation/mutator.h"

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

Result<std::string> Fail(mutation::Transaction& tx, std::string_view args_json,
                         const mutation::MutatorContext& context) {
  TIDEMARK_ASSIGN_OR_RETURN(const std::string added, Add(tx, args_json, context));
  return Error{.code = ErrorCode::kApp, .message = "not " + added, .app_code = "no-luck"};
}

Result<std::string> Write(mutation::Transaction& tx, std::string_view args_json,
                          const mutation::MutatorContext&) {
  const json::object args = json::parse(args_json).as_object();
  TIDEMARK_TRY(tx.Write(*mutation::WriteOpFromName(Member(args, "op")), Member(args, "table"),
                        json::serialize(args.at("payload"))));
  return std::string();
}

Result<std::string> Find(mutation::Transaction& tx, std::string_view args_json,
                         const mutation::MutatorContext&) {
  return tx.Run(args_json);
}

class MutatorsHost final : public AppHost {
 public:
  MutatorsHost() {
    mutators_.Register("add", Add);
    mutators_.Register("fail", Fail);
    mutators_.Register("write", Write);
    mutators_.Register("find", Find);
    mutators_.Register("writeThenFind",
                       [](mutation::Transaction& tx, std::string_view args_json,
                          const mutation::MutatorContext& context) -> Result<std::string> {
                         TIDEMARK_TRY(Write(tx, args_json, context));
                         return tx.Run(R"({"table":"board"})");
                       });
  }
  bool Has(std::string_view name) const override { return mutators_.Has(name); }
  Result<std::string> Run(const mutation::Mutation& mutation,
                          const mutation::MutatorContext& context,
                          mutation::Transaction& transaction) override {
    return mutators_.Run(mutation, context, transaction);
  }
  Result<std::string> Resolve(std::string_view, std::string_view, std::string_view,
                              mutation::Location) override {
    return std::string(R"({"table":"counter"})");
  }

 private:
  mutation::MutatorRegistry mutators_;
};

}  // namespace

// ---- Loop ----

void Loop::Post(std::function<void()> task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    tasks_.push_back(std::move(task));
  }
  changed_.notify_all();
}

void Loop::RunUntil(const std::function<bool()>& done) {
  while (!done()) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [this] { return !tasks_.empty(); });
    const std::function<void()> task = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    task();
  }
}

// ---- the app ----

const model::Schema& AppSchema() {
  static const model::Schema schema = *model::Schema::Parse(
      R"({"tables":[{"name":"counter","columns":[{"name":"id","type":"string"},
      {"name":"value","type":"bigint"},{"name":"label","type":"string","optional":true}],
      "primaryKey":["id"],"uniques":[["label"]]},
      {"name":"board","columns":[{"name":"id","type":"string"},{"name":"title","type":"string"},
      {"name":"doc","type":"json"}],"primaryKey":["id"],"indexes":[["title"]]}]})");
  return schema;
}

std::unique_ptr<AppHost> MakeAppHost() { return std::make_unique<MutatorsHost>(); }

mutation::Mutation Call(const std::string& client, MutationID id, const std::string& name,
                        const std::string& args) {
  mutation::Mutation mutation;
  mutation.client = ClientID(client);
  mutation.id = id;
  mutation.name = name;
  mutation.args_json = args;
  mutation.timestamp_ms = 1767225600000;
  mutation.seed = "00112233445566778899aabbccddeeff";
  return mutation;
}

// ---- TestServer ----

TestServer::TestServer(Loop& loop, PostgresOptions options, const model::Schema& schema)
    : loop_(loop), authority_(schema, std::move(options)) {}

TestServer::~TestServer() = default;

void TestServer::Stop() {
  bool stopped = false;
  authority_.Stop([&] { stopped = true; });
  loop_.RunUntil([&] { return stopped; });
}

void TestServer::Push(std::vector<mutation::Mutation> mutations, const std::string& group,
                      const std::string& subject) {
  ++pushed_;
  authority_.Push(PushRequest{ClientGroupID(group), "null", subject, std::move(mutations)},
                  [this](const Status& status) {
                    ++answered_;
                    last_answer_ = status;
                  });
}

Status TestServer::PushAndWait(std::vector<mutation::Mutation> mutations, const std::string& group,
                               const std::string& subject) {
  Push(std::move(mutations), group, subject);
  WaitForAnswers();
  return last_answer_;
}

void TestServer::WaitForAnswers() {
  loop_.RunUntil([this] { return answered_ == pushed_; });
}

void TestServer::WaitForLmid(const std::string& client, MutationID lmid) {
  loop_.RunUntil([&] { return lmids[client] >= lmid; });
}

model::Row TestServer::Row(model::TableIndex table, const std::string& id) {
  const Result<model::Row> row =
      authority_.replica().source(table).Get(model::KeyFromValues({model::Value(id)}));
  EXPECT_TRUE(row.ok());
  return *row;
}

void TestServer::WaitForRow(model::TableIndex table, const std::string& id,
                            const std::function<bool(const model::Row&)>& wanted) {
  loop_.RunUntil([&] { return wanted(Row(table, id)); });
}

void TestServer::OnCommit(hub::Commit commit) {
  EXPECT_EQ(commit.to, authority_.version());
  for (const model::RowChange& change : commit.changes) {
    const Result<model::Row> row = authority_.replica().source(change.table).Get(change.key);
    ASSERT_TRUE(row.ok());
    EXPECT_EQ(*row, change.after);
    EXPECT_TRUE(change.before || change.after);
  }
  changes.push_back(std::move(commit.changes));
  for (const protocol::ClientState& client : commit.lmids) {
    EXPECT_GT(client.lmid, lmids[client.client.value]);
    lmids[client.client.value] = client.lmid;
  }
  for (protocol::MutationResult& result : commit.results) {
    EXPECT_TRUE(results.emplace(std::pair(result.client.value, result.id), result).second);
  }
}

void TestServer::OnAvailability(bool available, const std::string&) {
  if (!available) ++times_away;
}

void TestServer::OnFatal(const Error& error) { FAIL() << error.message; }

// ---- PostgresTest ----

void PostgresTest::SetUp() {
  const char* address = std::getenv("TIDEMARK_TEST_POSTGRES");
  ASSERT_NE(address, nullptr) << "run beside a Postgres: node tests/support/with-postgres.mjs ...";
  const ::testing::TestInfo& test = *::testing::UnitTest::GetInstance()->current_test_info();
  const std::string name =
      std::string(test.test_suite_name()) + "." + test.name() + "." + std::to_string(::getpid());
  database_ = "t" + ToHex(HashBytes(name)).substr(0, 16);
  folder_ = std::filesystem::temp_directory_path() / ("tidemark-" + database_);
  std::filesystem::create_directories(folder_);
  auto admin = PgConnection::Open(address, PgRole::kSql);
  ASSERT_TRUE(admin.ok()) << admin.error().message;
  admin_ = std::move(*admin);
  ASSERT_TRUE(admin_->Execute("CREATE DATABASE " + database_).ok());
  url_ = address;
  url_ = url_.substr(0, url_.rfind('/') + 1) + database_;
  sql_ = *PgConnection::Open(url_, PgRole::kSql);
}

void PostgresTest::TearDown() {
  sql_.reset();
  if (admin_ != nullptr) {
    const std::string slots = "FROM pg_replication_slots WHERE database = '" + database_ + "'";
    (void)admin_->Execute("SELECT pg_terminate_backend(active_pid, 5000) " + slots +
                          " AND active_pid IS NOT NULL");
    (void)admin_->Execute("SELECT pg_drop_replication_slot(slot_name) " + slots);
    EXPECT_TRUE(admin_->Execute("DROP DATABASE " + database_ + " WITH (FORCE)").ok());
  }
  std::filesystem::remove_all(folder_);
}

PostgresOptions PostgresTest::Options(const std::string& replica) {
  PostgresOptions options;
  options.url = url_;
  options.replica = (folder_ / (replica + ".db")).string();
  options.migrate = true;
  options.make_host = []() -> Result<std::unique_ptr<AppHost>> { return MakeAppHost(); };
  options.post = [this](std::function<void()> task) { loop_.Post(std::move(task)); };
  return options;
}

std::unique_ptr<TestServer> PostgresTest::StartServer(const std::string& replica) {
  auto server = std::make_unique<TestServer>(loop_, Options(replica));
  const Status started = server->Start();
  EXPECT_TRUE(started.ok()) << started.error().message;
  return server;
}

PgResult PostgresTest::Sql(const std::string& sql) {
  PgResult result = sql_->Execute(sql);
  EXPECT_TRUE(result.ok()) << sql << ": " << result.fault().error.message;
  return result;
}

std::string PostgresTest::SqlText(const std::string& sql) {
  const PgResult result = Sql(sql);
  return result.ok() && result.rows() > 0 ? std::string(result.Text(0, 0)) : "";
}

}  // namespace tidemark::server
