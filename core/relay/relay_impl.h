// The controller behind Relay: one method per event. Steers the log, base and the tabs' sessions,
// which do not know one another's business.
//
// Invariant: every open tab is at base's version.
#ifndef TIDEMARK_CORE_RELAY_RELAY_IMPL_H_
#define TIDEMARK_CORE_RELAY_RELAY_IMPL_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"
#include "core/relay/base_store.h"
#include "core/relay/durable_log.h"
#include "core/relay/relay.h"
#include "core/relay/tab_session.h"

namespace tidemark::relay {

/// Base that waits in memory for its flush is written at once beyond this.
inline constexpr std::size_t kStagedBytesMax = 32u << 20;

class Relay::Impl {
 public:
  Impl(std::unique_ptr<DurableLog> log, std::unique_ptr<BaseStore> base, Options options);

  // relay_tabs.cc
  void OnTabOpened(TabID tab);
  void OnTabClosed(TabID tab);
  Status OnTabMessage(TabID tab, std::string_view bytes);

  // relay_link.cc
  void OnLinkOpened();
  void OnLinkClosed();
  Status OnLinkMessage(std::string_view bytes);
  void SetLinkState(std::string connection, std::string reason);
  void SetAuthToken(std::string token);

  // relay.cc
  void Tick(std::uint64_t now_ms);
  Status Flush();
  Output TakeOutput();
  const ClientGroupID& group() const { return log_->group(); }
  std::size_t pending() const { return log_->entries().size(); }

 private:
  enum class Link : std::uint8_t {
    kClosed,
    kOpen,  // no tab has said yet which schema to speak of
    kGreeting,
    kReady,
  };

  /// A query that at least one tab subscribes to.
  struct WantedQuery {
    protocol::DesiredQuery query;  // without `have`
    std::set<TabID> tabs;
    std::optional<PipelineID> live;  // as the server resolved it on this link
    bool failed = false;             // asked again when a tab wants it anew
  };

  /// How the server was asked for a query last, on this link.
  struct Asked {
    std::uint32_t ask = 0;
    /// What base held of it then, or when it was compared; until the first answer.
    std::optional<protocol::DesiredQuery::Have> have;
  };

  /// A poke with its segments, both as decoded and as they came.
  struct Step {
    protocol::Poke poke;
    std::vector<protocol::Segment> segments;
    std::vector<std::string> frames;
  };

  // ---- tabs ----
  void Send(TabID tab, const protocol::Message& message);
  void SendToOpenTabs(const protocol::Message& message);
  /// Tells the tab why, and closes it.
  Error Refuse(TabID tab, Error error);
  Status On(TabID tab, protocol::Hello message);
  Status On(TabID tab, const protocol::ChangeQueries& message);
  Status On(TabID tab, protocol::Push message);
  Status On(TabID tab, const protocol::AckResults& message);
  Status On(TabID tab, protocol::SetAuth message);
  Status On(TabID tab, const protocol::Ping& message);
  Status On(TabID tab, const protocol::Dismiss& message);
  Status On(TabID tab, const protocol::Clear& message);
  template <typename Other>
  Status On(TabID tab, const Other& /*message*/) {
    return Refuse(tab, Error{ErrorCode::kInvalidArgs, "a message that only travels down came up"});
  }
  Status AdoptSchema(TabID tab, const protocol::Hello& hello);
  void EndSession(TabID tab);
  bool IsAhead(const Version& version) const;
  void Admit(TabID tab);
  void AdmitHeld();
  enum class Retire : std::uint8_t { kDone, kAll };
  void RetireClients(Retire retire);
  protocol::LinkState LinkMessage() const;

  // ---- queries (relay_queries.cc) ----
  void Want(TabID tab, const protocol::DesiredQuery& query);
  void Unwant(TabID tab, const QueryKey& key);
  /// The rows stay so long on the disk behind the last tab; of several wishes the longest counts.
  void Keep(WantedQuery& wanted, std::uint32_t ttl_s);
  protocol::DesiredQuery WithHave(const WantedQuery& wanted) const;
  /// The query under a new number; what answers it is told by that from what is on its way.
  protocol::DesiredQuery Ask(protocol::DesiredQuery query);
  bool IsAnswer(const QueryKey& key, std::uint32_t ask) const;
  /// Tells the server what is wanted now and was not asked for on this link, and the reverse.
  void AskServer();
  enum class Lack : std::uint8_t { kDifference, kWhole };
  /// Asks again for what these pipelines lack, with a `have` or without.
  void Refetch(const std::set<PipelineID>& pipelines, Lack lack);
  void AskAgain(const std::set<QueryKey>& keys, Lack lack);
  /// Asks for what the pipelines lack that base doubts.
  void Repair();
  /// Base can say what it holds of the pipeline.
  bool IsReadable(const PipelineID& pipeline);
  std::set<PipelineID> LivePipelines() const;
  enum class Answer : std::uint8_t { kFirst, kMore };
  /// What base knows of the tab's queries `keys`, in one poke.
  void AnswerFromBase(TabID tab, const std::vector<QueryKey>& keys, Answer answer);
  /// The reset segment, encoded; null when base cannot give it.
  const std::string* FrameOf(const PipelineID& pipeline, std::map<PipelineID, std::string>& frames);

  // ---- pokes (relay_pokes.cc) ----
  Status Apply(Step step);
  /// Whether base holds the rows of a query that came without any.
  bool IsHere(const protocol::ResolvedQuery& resolved,
              const std::optional<protocol::DesiredQuery::Have>& have) const;
  void Settle(const protocol::Poke& poke);
  void Forward(const Step& step);
  void TellWhatStayedBehind(TabSession& session, protocol::Poke& poke) const;
  void ForwardTo(TabID tab, const Step& step, std::map<PipelineID, std::string>& read,
                 std::set<PipelineID>& missing);

  // ---- link ----
  void SendUp(const protocol::Message& message);
  void Greet();
  Status OnLink(protocol::Welcome message);
  Status OnLink(protocol::Poke message);
  Status OnLink(protocol::Segment message, std::string_view bytes);
  void OnLink(const protocol::QueryFailed& message);
  Status OnLink(const protocol::Compare& message);
  Status OnLink(const protocol::Want& message);
  void Expire(const ClientID& client, const Error& error);
  /// Sends what is durable in the log and was not sent on this link.
  void PushLog();

  // ---- storage ----
  Status FlushLog();
  Status FlushBase();
  Status WriteBase();
  Status WithRoom(FunctionRef<Status()> write);
  void RebuildBase();
  void AnnounceLogged();

  Options options_;
  std::unique_ptr<DurableLog> log_;
  std::unique_ptr<BaseStore> base_;
  std::string schema_hash_;  // of the tabs; empty before the first hello
  std::string schema_json_;
  std::map<TabID, TabSession> tabs_;
  std::map<QueryKey, WantedQuery> wanted_;

  Link link_ = Link::kClosed;
  std::string connection_ = "connecting";
  std::string reason_;
  std::string auth_token_;
  Version link_version_;             // where the server believes us to be
  std::map<QueryKey, Asked> asked_;  // of the server, on this link
  std::uint32_t last_ask_ = 0;
  std::map<PipelineID, Lack> repairs_;  // asked for on this link, until they came out
  bool synced_ = false;                 // base's version is one of this link's
  std::set<ClientID> greeted_;          // clients that the hello named
  std::map<ClientID, MutationID> server_lmids_;
  std::set<ClientID> expired_;
  std::optional<Step> step_;  // its segments are still coming
  LogSeq pushed_ = 0;

  LogSeq announced_ = 0;  // up to here the tabs were told what is in the log
  bool rejections_changed_ = false;
  bool shrink_ = false;                         // rows have left base for good
  std::map<ClientID, MutationID> acknowledge_;  // results, once they are durable
  Output output_;
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_RELAY_IMPL_H_
