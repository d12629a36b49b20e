// An embedded database in memory with the mutators of a small app in C++, for tests of the replay.
#ifndef TIDEMARK_TESTS_SERVER_EMBEDDED_REPLAY_WORLD_H_
#define TIDEMARK_TESTS_SERVER_EMBEDDED_REPLAY_WORLD_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/model/schema.h"
#include "core/mutation/mutator.h"
#include "core/store/sqlite.h"
#include "core/store/sqlite_source.h"
#include "server/embedded/sqlite_replay.h"

namespace tidemark::server {

/// 2026-01-01, the time of every replay here.
inline constexpr std::int64_t kNowMs = 1767225600000;
/// A client that was made then.
ClientID NewClient(const std::string& name);

/// counter: id, value (bigint), label (unique). Mutators: `add` {"id","by"} makes or increments and
/// returns the new value, `label` {"id","label"}, `fail` {"id"} writes and then throws, `time`
/// returns its timestamp, `slow` times out.
const model::Schema& CounterSchema();
std::unique_ptr<mutation::MutatorRegistry> CounterMutators(int* slow_runs);

mutation::Mutation Call(const ClientID& client, MutationID id, const std::string& name,
                        const std::string& args);

class ReplayWorld {
 public:
  ReplayWorld();

  /// In one batch of one push, of the group "g" and no subject unless said otherwise.
  ReplayOutcome Push(std::vector<mutation::Mutation> mutations, const std::string& group = "g",
                     const std::string& subject = "");
  Result<ReplayOutcome> Apply(const ReplayBatch& batch);
  /// As after a restart: a new replay on the same database.
  void Reopen();

  std::optional<std::int64_t> Counter(const std::string& id) const;
  GroupState Group(const std::vector<protocol::ClientState>& clients);

  store::Database& database() { return database_; }
  SqliteReplay& replay() { return *replay_; }
  int slow_runs = 0;

 private:
  store::Database database_;
  std::unique_ptr<mutation::MutatorRegistry> mutators_;
  std::unique_ptr<store::SqliteStore> store_;
  std::unique_ptr<SqliteReplay> replay_;
};

}  // namespace tidemark::server

#endif  // TIDEMARK_TESTS_SERVER_EMBEDDED_REPLAY_WORLD_H_
