// A database of a test's own on the Postgres that the tests run beside (tests/support), and
// authorities on it with the mutators of a small app in C++.
#ifndef TIDEMARK_TESTS_SERVER_POSTGRES_POSTGRES_WORLD_H_
#define TIDEMARK_TESTS_SERVER_POSTGRES_POSTGRES_WORLD_H_

#include <gtest/gtest.h>

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "server/postgres/connection.h"
#include "server/postgres/postgres_authority.h"

namespace tidemark::server {

/// The I/O thread of a test: the thread that runs it, until a condition holds.
class Loop {
 public:
  void Post(std::function<void()> task);
  void RunUntil(const std::function<bool()>& done);

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
};

/// counter: id, value (bigint), label (unique); board: id, title, doc (json).
const model::Schema& AppSchema();

/// Mutators: `add` {"id","by"} makes or increments a counter and returns its value; `fail` does the
/// same and then throws; `write` {"op","table","payload"}; `find` {tree} returns rows.
std::unique_ptr<AppHost> MakeAppHost();

mutation::Mutation Call(const std::string& client, MutationID id, const std::string& name,
                        const std::string& args);
inline const std::string kAddOne = R"({"id":"x","by":1})";

/// An authority and everything that it told.
class TestServer final : public CommitListener {
 public:
  TestServer(Loop& loop, PostgresOptions options, const model::Schema& schema = AppSchema());
  ~TestServer() override;

  Status Start() { return authority_.Start(*this); }
  void Stop();

  void Push(std::vector<mutation::Mutation> mutations, const std::string& group = "g",
            const std::string& subject = "");
  /// Pushes and waits for the answer to the session.
  Status PushAndWait(std::vector<mutation::Mutation> mutations, const std::string& group = "g",
                     const std::string& subject = "");
  void WaitForAnswers();
  /// Until the commit that moved this client to `lmid` was told.
  void WaitForLmid(const std::string& client, MutationID lmid);
  /// Until `row` of a table is as `wanted` says.
  void WaitForRow(model::TableIndex table, const std::string& id,
                  const std::function<bool(const model::Row&)>& wanted);
  model::Row Row(model::TableIndex table, const std::string& id);

  void OnCommit(hub::Commit commit) override;
  void OnAvailability(bool available, const std::string& reason) override;
  void OnFatal(const Error& error) override;

  PostgresAuthority& authority() { return authority_; }
  std::vector<model::ChangeSet> changes;
  std::map<std::string, MutationID> lmids;
  std::map<std::pair<std::string, MutationID>, protocol::MutationResult> results;
  int times_away = 0;

 private:
  Loop& loop_;
  PostgresAuthority authority_;
  std::size_t pushed_ = 0;
  std::size_t answered_ = 0;
  Status last_answer_ = Ok{};
};

class PostgresTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  /// `replica` tells the servers of one test apart.
  PostgresOptions Options(const std::string& replica = "replica");
  std::unique_ptr<TestServer> StartServer(const std::string& replica = "replica");
  /// As a program beside us would.
  PgResult Sql(const std::string& sql);
  std::string SqlText(const std::string& sql);

  std::string url_;
  std::filesystem::path folder_;
  std::unique_ptr<PgConnection> admin_;
  std::unique_ptr<PgConnection> sql_;
  std::string database_;
  Loop loop_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_TESTS_SERVER_POSTGRES_POSTGRES_WORLD_H_
