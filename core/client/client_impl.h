// The controller behind Client: one method per event. Steers the parts (base rows, optimistic
// state, queries, link), which do not know one another's business; keeps only what is said outside.
#ifndef TIDEMARK_CORE_CLIENT_CLIENT_IMPL_H_
#define TIDEMARK_CORE_CLIENT_CLIENT_IMPL_H_

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/client/base_rows.h"
#include "core/client/client.h"
#include "core/client/optimistic_state.h"
#include "core/client/provisional_rows.h"
#include "core/client/query_set.h"
#include "core/client/segment_rows.h"
#include "core/client/upstream.h"

namespace tidemark::client {

class Client::Impl {
 public:
  Impl(const model::Schema& schema, mutation::MutatorHost& mutators, Options options);

  // client_impl.cc: the app
  Result<Called> Mutate(std::string name, std::string args_json, std::int64_t timestamp_ms,
                        std::string seed);
  Result<ViewID> Watch(std::string name, std::string args_json, std::string_view ast_json,
                       std::uint32_t ttl_s);
  void Keep(ViewID view, std::uint32_t ttl_s);
  void Unwatch(ViewID view) { queries_.Unwatch(view); }
  Result<std::string> Run(std::string_view ast_json) const;
  void Dismiss(const ClientID& client, MutationID id);
  void SetAuthToken(std::string token);
  Output TakeOutput();
  const ClientID& id() const { return options_.id; }

  // client_link.cc: the upstream
  void GoDirect(ClientGroupID group);
  void OnLinkOpened();
  void OnLinkClosed();
  Status OnMessage(std::string_view bytes);

 private:
  /// A poke whose segments are still coming.
  struct Assembly {
    protocol::Poke poke;
    std::vector<protocol::Segment> segments;
  };

  /// What a pipeline whose rows are not what the upstream says was asked again for.
  enum class Repair : std::uint8_t { kDifference, kWhole };

  bool is_direct() const { return !options_.group.empty(); }
  bool is_connected() const;
  MutationID confirmed() const;
  Status CheckCall(const std::string& name, const std::string& args_json) const;
  QuerySet::Step TakeStep();

  // Messages, each whole.
  Status On(protocol::Welcome message);
  Status On(protocol::Poke message);
  Status On(protocol::Segment message);
  Status On(protocol::QueryFailed message);
  Status On(protocol::Refused message);
  Status On(protocol::Pong) { return Ok{}; }
  Status On(const protocol::Compare& message);
  Status On(const protocol::Want& message);
  Status On(protocol::LogState message);
  Status On(protocol::Logged message);
  Status On(protocol::LinkState message);
  Status On(protocol::Rejections message);
  template <typename Other>
  Status On(const Other&) {
    return Error{ErrorCode::kInvalidArgs, "a message that only travels up came down"};
  }

  // client_poke.cc: one step of base
  Status ApplyPoke(Assembly assembly);
  /// Takes the segments out of it.
  Result<std::vector<SegmentRows>> ReadSegments(Assembly& assembly) const;
  /// Gives the pipelines that are held from now on, for the first time.
  std::set<PipelineID> Resolve(const protocol::Poke& poke, std::vector<PipelineID>& released);
  void Verify(const std::map<PipelineID, Hash128>& fingerprints);
  void AskAgain(const PipelineID& pipeline, Repair repair);
  void Settle(const protocol::Poke& poke, MutationID from);
  void KeepWritten(const protocol::Poke& poke);
  void StepBase(const Lmids& lmids);

  // client_log.cc: the relay's log
  void InsertLogged(std::vector<mutation::Mutation> foreign);
  void MarkPersisted(MutationID id, bool durable);
  void AdoptLog(std::vector<mutation::Mutation> log);
  void Expire(const Error& error);
  void Reject(const mutation::Mutation& mutation, const Error& error);

  const model::Schema& schema_;
  Options options_;
  QuerySet queries_;
  OptimisticState state_;
  BaseRows base_;
  ProvisionalRows provisional_;
  Upstream upstream_;

  Version version_;
  Lmids lmids_;    // confirmed, of every client that was heard of
  Lmids assumed_;  // left the relay's log: confirmed by the next poke at the latest
  MutationID last_id_ = 0;
  MutationID persisted_ = 0;     // told so, up to here
  MutationID welcome_lmid_ = 0;  // this client's, by the last Welcome
  Version welcome_version_;
  std::optional<Error> expired_;
  std::string auth_token_;
  std::optional<Assembly> assembly_;
  std::vector<TableKey> moved_;                          // in base, since the last flush
  std::map<PipelineID, Repair> repairing_;               // on this channel
  std::string connection_;                               // further up, as a relay says
  std::vector<protocol::Rejections::Entry> rejections_;  // without a relay: of this session
  std::vector<protocol::Dismiss> dismissals_;            // not sent yet
  Output output_;
  std::uint32_t told_pending_ = 0;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_CLIENT_IMPL_H_
