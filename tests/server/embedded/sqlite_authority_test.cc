#include "server/embedded/sqlite_authority.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/hub/hydration_job.h"
#include "core/protocol/codec.h"
#include "tests/server/embedded/replay_world.h"

namespace tidemark::server {
namespace {

/// The I/O thread of a test: the thread that runs it, until a condition holds.
class Loop {
 public:
  void Post(std::function<void()> task) {
    {
      const std::lock_guard<std::mutex> lock(mutex_);
      tasks_.push_back(std::move(task));
    }
    changed_.notify_all();
  }
  void RunUntil(const std::function<bool()>& done) {
    while (!done()) {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [this] { return !tasks_.empty(); });
      const std::function<void()> task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      task();
    }
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> tasks_;
};

class CounterHost final : public AppHost {
 public:
  CounterHost() : mutators_(CounterMutators(&slow_runs_)) {}
  bool Has(std::string_view name) const override { return mutators_->Has(name); }
  Result<std::string> Run(const mutation::Mutation& mutation,
                          const mutation::MutatorContext& context,
                          mutation::Transaction& transaction) override {
    return mutators_->Run(mutation, context, transaction);
  }
  Result<std::string> Resolve(std::string_view name, std::string_view, std::string_view,
                              mutation::Location) override {
    if (name == "all") return std::string(R"({"table":"counter"})");
    return Error{ErrorCode::kUnknownQuery, "no such query"};
  }

 private:
  int slow_runs_ = 0;
  std::unique_ptr<mutation::MutatorRegistry> mutators_;
};

class Listener final : public CommitListener {
 public:
  void OnCommit(hub::Commit commit) override {
    const Result<model::Row> row =
        authority->replica().source(0).Get(model::KeyFromValues({model::Value("x")}));
    EXPECT_TRUE(row.ok());
    // The replica is at the commit that is being told, not at a later one.
    EXPECT_EQ(commit.to, authority->version());
    if (*row && !commit.changes.empty()) {
      EXPECT_EQ(*row, commit.changes.front().after);
    }
    commits.push_back(std::move(commit));
  }
  void OnAvailability(bool, const std::string&) override {}
  void OnFatal(const Error& error) override { FAIL() << error.message; }

  Authority* authority = nullptr;
  std::vector<hub::Commit> commits;
};

class SqliteAuthorityTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() /
              ("tidemark-authority-" + std::to_string(::getpid()) + "-" +
               ::testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    Open();
  }
  void TearDown() override {
    authority_.reset();
    std::filesystem::remove_all(folder_);
  }

  EmbeddedOptions Options() {
    EmbeddedOptions options;
    options.path = (folder_ / "data.db").string();
    options.make_host = []() -> Result<std::unique_ptr<AppHost>> {
      return std::unique_ptr<AppHost>(std::make_unique<CounterHost>());
    };
    options.post = [this](std::function<void()> task) { loop_.Post(std::move(task)); };
    return options;
  }
  void Open() {
    authority_ = std::make_unique<SqliteAuthority>(CounterSchema(), Options());
    listener_.authority = authority_.get();
    const Status started = authority_->Start(listener_);
    ASSERT_TRUE(started.ok()) << started.error().message;
  }
  void Push(const ClientID& client, MutationID id) {
    ++pushed_;
    authority_->Push(
        PushRequest{
            ClientGroupID("g"), "null", "", {Call(client, id, "add", R"({"id":"x","by":1})")}},
        [this](const Status& status) {
          EXPECT_TRUE(status.ok());
          ++done_;
        });
  }
  void Stop() {
    bool stopped = false;
    authority_->Stop([&] { stopped = true; });
    loop_.RunUntil([&] { return stopped; });
  }

  std::filesystem::path folder_;
  Loop loop_;
  Listener listener_;
  std::unique_ptr<SqliteAuthority> authority_;
  int pushed_ = 0;
  int done_ = 0;
};

TEST_F(SqliteAuthorityTest, TellsEveryCommitWithTheReplicaAtItsVersion) {
  const ClientID client = ClientID("a");
  for (MutationID id = 1; id <= 300; ++id) {
    Push(client, id);
    if (id % 7 == 0) loop_.RunUntil([this] { return done_ > pushed_ - 5; });
  }
  loop_.RunUntil([this] { return done_ == pushed_; });
  ASSERT_FALSE(listener_.commits.empty());
  for (std::size_t i = 0; i < listener_.commits.size(); ++i) {
    EXPECT_EQ(listener_.commits[i].to.position, i + 1);
  }
  EXPECT_EQ(listener_.commits.back().lmids.front().lmid, 300u);
  Stop();
}

/// All counters, with a start that is a row: a query keeps it, and so might who reads.
std::unique_ptr<hub::HydrationJob> AllCounters() {
  return std::make_unique<hub::HydrationJob>(
      CounterSchema(),
      hub::HydrationJob::Order{
          PipelineID("all"),
          R"({"table":"counter","orderBy":[["id","asc"]],"start":{"row":{"id":"a"}}})",
          *hub::ClientSchema::Match(CounterSchema(), CounterSchema().json()), 100,
          /*keeps_pipeline=*/true});
}

TEST_F(SqliteAuthorityTest, ReadsWholeResultsOnSnapshotsWhileItWrites) {
  const ClientID client = ClientID("a");
  std::vector<std::unique_ptr<hub::HydrationJob>> finished;
  std::size_t handed_out = 0;
  for (MutationID id = 1; id <= 200; ++id) {
    Push(client, id);
    if (id % 5 > 0) continue;
    ++handed_out;
    const std::uint64_t before = authority_->version().position;
    authority_->Hydrate(AllCounters(), [&, before](std::unique_ptr<hub::HydrationJob> job) {
      ASSERT_TRUE(job->result().ok()) << job->result().error().message;
      EXPECT_GE(job->result()->version.position, before);
      finished.push_back(std::move(job));
    });
    loop_.RunUntil([this] { return done_ > pushed_ - 12; });
  }
  loop_.RunUntil([&] { return done_ == pushed_ && finished.size() == handed_out; });
  std::size_t rows = 0;
  for (const auto& job : finished) {
    const hub::Hydration& hydration = *job->result();
    if (hydration.version.position == 0) continue;
    // The row and the version are of the same commit.
    const hub::Commit& commit = listener_.commits.at(hydration.version.position - 1);
    ASSERT_EQ(commit.to, hydration.version);
    const Result<protocol::Message> message = protocol::Decode(*hydration.frame);
    ASSERT_TRUE(message.ok());
    const auto& segment = std::get<protocol::Segment>(*message);
    ASSERT_EQ(segment.changes.size(), 1u);
    EXPECT_EQ(segment.changes.front().row_json, model::RowJson(commit.changes.front().after));
    EXPECT_EQ(segment.to, commit.to);
    ++rows;
  }
  EXPECT_GT(rows, 10u);
  Stop();
}

TEST_F(SqliteAuthorityTest, FinishesWhatIsQueuedWhenItStopsAndKeepsIt) {
  const ClientID client = ClientID("a");
  for (MutationID id = 1; id <= 50; ++id) Push(client, id);
  Stop();
  EXPECT_EQ(done_, 50);
  const Version version = authority_->version();
  authority_.reset();

  Open();
  EXPECT_EQ(authority_->version(), version);
  bool loaded = false;
  authority_->LoadGroup(ClientGroupID("g"), "", {{client, 0}}, [&](Result<GroupState> state) {
    ASSERT_TRUE(state.ok());
    EXPECT_EQ(state->lmids.front().lmid, 50u);
    EXPECT_EQ(state->results.size(), 50u);
    loaded = true;
  });
  EXPECT_TRUE(loaded);
  Stop();
}

TEST_F(SqliteAuthorityTest, ResolvesQueriesWithTheAppsCode) {
  std::string tree;
  ErrorCode code = ErrorCode::kInternal;
  authority_->Resolve("all", "null", "null", [&](Result<std::string> ast) { tree = *ast; });
  authority_->Resolve("none", "null", "null",
                      [&](Result<std::string> ast) { code = ast.error().code; });
  loop_.RunUntil([&] { return code != ErrorCode::kInternal; });
  EXPECT_EQ(tree, R"({"table":"counter"})");
  EXPECT_EQ(code, ErrorCode::kUnknownQuery);
  Stop();
}

TEST_F(SqliteAuthorityTest, RefusesADatabaseThatAnotherServerHas) {
  SqliteAuthority second(CounterSchema(), Options());
  const Status started = second.Start(listener_);
  ASSERT_FALSE(started.ok());
  EXPECT_NE(started.error().message.find("in use"), std::string::npos);
  Stop();
}

TEST_F(SqliteAuthorityTest, IsTakenDownInTheMiddleOfWork) {
  const ClientID client = ClientID("a");
  for (MutationID id = 1; id <= 200; ++id) {
    Push(client, id);
    authority_->Hydrate(AllCounters(), [](std::unique_ptr<hub::HydrationJob>) {});
  }
  loop_.RunUntil([this] { return done_ > 0; });
  authority_.reset();  // what the loop still holds of it is never run
}

}  // namespace
}  // namespace tidemark::server
