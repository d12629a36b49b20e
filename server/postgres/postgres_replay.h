// Replays mutations in Postgres over one connection: each is one SERIALIZABLE transaction whose
// first statement moves the client's last mutation id. Synchronous; one worker thread owns it.
// Law: each mutation is applied exactly once, in the order of its client, whatever is resent and
// whenever the connection breaks: an unknown outcome of COMMIT is settled by the id.
#ifndef TIDEMARK_SERVER_POSTGRES_POSTGRES_REPLAY_H_
#define TIDEMARK_SERVER_POSTGRES_POSTGRES_REPLAY_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "core/base/random.h"
#include "core/base/result.h"
#include "core/model/schema.h"
#include "core/mutation/mutator.h"
#include "core/protocol/limits.h"
#include "server/authority.h"
#include "server/postgres/connection.h"
#include "server/postgres/rows.h"

namespace tidemark::server {

class PostgresReplay {
 public:
  /// An answer to the session, not a failure of the database.
  using Refusal = std::optional<Error>;

  /// `schema` and `host` outlive the replay.
  PostgresReplay(const model::Schema& schema, std::string url, mutation::MutatorHost& host,
                 protocol::Limits limits, std::uint64_t seed);

  Status Connect();
  bool connected() const { return connection_ != nullptr && connection_->alive(); }
  void Disconnect() { connection_.reset(); }

  /// Replays from mutation `next` on and moves `next` past what is settled. kUnavailable: connect
  /// and call again.
  Result<Refusal> Apply(const PushRequest& push, std::size_t& next, std::int64_t now_ms);
  /// Deletes results that the group's clients have acknowledged.
  Status Forget(const ClientGroupID& group, const std::vector<protocol::ClientState>& upto);

 private:
  enum class Outcome : std::uint8_t { kDone, kAgain, kNotNext };
  struct Attempts {
    int conflicts = 0;
    int runs = 0;
    int unique = 0;
  };

  Result<Refusal> ApplyOne(const PushRequest& push, std::size_t next, std::int64_t now_ms);
  Result<Refusal> AdmitNew(const PushRequest& push, const mutation::Mutation& mutation,
                           std::int64_t now_ms);
  Result<Refusal> Settle(const PushRequest& push, const mutation::Mutation& mutation,
                         bool& duplicate);
  Result<Outcome> Attempt(const PushRequest& push, std::size_t next, std::int64_t now_ms,
                          Attempts& attempts);
  Result<Outcome> Run(const PushRequest& push, std::size_t next, std::int64_t now_ms,
                      Attempts& attempts);
  Result<Outcome> Commit(const PushRequest& push, std::size_t next, std::int64_t now_ms,
                         const std::string& result_json, Attempts& attempts);
  Result<Outcome> OnFault(const PushRequest& push, const mutation::Mutation& mutation,
                          const Fault& fault, std::int64_t now_ms, Attempts& attempts);
  Result<Outcome> Consume(const PushRequest& push, const mutation::Mutation& mutation,
                          const Error& error, std::int64_t now_ms);
  void QueueBegin(const PushRequest& push, const mutation::Mutation& mutation, std::int64_t now_ms);
  Status Rollback();
  void PauseAfterConflict(int conflicts);

  const model::Schema& schema_;
  const std::string url_;
  mutation::MutatorHost& host_;
  const protocol::Limits limits_;
  Random random_;
  std::unique_ptr<PgConnection> connection_;
  PgRows rows_;
  bool begun_ahead_ = false;  // the next mutation's BEGIN is on its way
};

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_POSTGRES_REPLAY_H_
