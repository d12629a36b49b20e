// A relay on a disk that can fail, with scripted tabs and a scripted server: what it sends is
// decoded into inboxes.
#ifndef TIDEMARK_TESTS_CORE_RELAY_RELAY_HARNESS_H_
#define TIDEMARK_TESTS_CORE_RELAY_RELAY_HARNESS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/model/row.h"
#include "core/protocol/codec.h"
#include "core/protocol/version.h"
#include "core/relay/relay.h"
#include "tests/support/faulty_disk.h"
#include "tests/support/sqlite_on_disk.h"

namespace tidemark::relay {

inline constexpr char kSchema[] = R"({"tables":[]})";

inline mutation::Mutation MakeMutation(const std::string& client, MutationID id,
                                       const std::string& name = "todo.add") {
  return mutation::Mutation{ClientID(client),
                            id,
                            name,
                            "{\"n\":" + std::to_string(id) + "}",
                            1700000000000 + 100,
                            "00112233445566778899aabbccddeeff"};
}

inline Version At(std::uint64_t position, const std::string& epoch = "e1") {
  return Version{epoch, position};
}

inline protocol::SegmentChange PutRow(const std::string& key, const std::string& row,
                                      const std::string& table = "todo") {
  protocol::SegmentChange change;
  change.table = table;
  change.key = RowKey("[\"" + key + "\"]");
  change.row_json = row;
  return change;
}

inline protocol::SegmentChange RemoveRow(const std::string& key) {
  protocol::SegmentChange change;
  change.kind = protocol::SegmentChange::Kind::kRemove;
  change.table = "todo";
  change.key = RowKey("[\"" + key + "\"]");
  return change;
}

/// Of the rows that are put.
inline Hash128 FingerprintOf(const std::vector<protocol::SegmentChange>& changes) {
  Hash128 sum;
  for (const protocol::SegmentChange& change : changes) {
    if (change.kind == protocol::SegmentChange::Kind::kPut) {
      sum = sum + model::HashRowText(change.table, change.row_json);
    }
  }
  return sum;
}

/// `result`: all rows of the pipeline afterwards, where that is more than what is put.
inline protocol::Segment MakeSegment(const std::string& pipeline, Version to, bool reset,
                                     std::vector<protocol::SegmentChange> changes,
                                     const std::vector<protocol::SegmentChange>& result = {}) {
  const Hash128 fingerprint = FingerprintOf(result.empty() ? changes : result);
  return protocol::Segment{PipelineID(pipeline), std::move(to), reset, fingerprint,
                           std::move(changes)};
}

inline protocol::DesiredQuery Query(const std::string& key, std::uint32_t ask = 0) {
  return protocol::DesiredQuery{QueryKey(key), "query-" + key, "{}", std::nullopt, ask};
}

class RelayHarness {
 public:
  explicit RelayHarness(testing::FaultyDisk& disk) : disk_(disk) {}
  ~RelayHarness() { Close(); }

  Options options = {.build = "test", .new_group = ClientGroupID("group-1")};

  Status Open() {
    sqlite_ = std::make_unique<testing::SqliteOnDisk>(disk_, "relay-test");
    TIDEMARK_TRY(sqlite_->Add("log"));
    TIDEMARK_TRY(sqlite_->Add("base"));
    TIDEMARK_ASSIGN_OR_RETURN(log_, sqlite_->Open("log"));
    TIDEMARK_ASSIGN_OR_RETURN(base_, sqlite_->Open("base"));
    TIDEMARK_ASSIGN_OR_RETURN(relay_, Relay::Open(*log_, *base_, options));
    return Ok{};
  }

  void Close() {
    relay_.reset();
    log_.reset();
    base_.reset();
    sqlite_.reset();
  }

  Relay& relay() { return *relay_; }
  store::Database& log() { return *log_; }
  store::Database& base() { return *base_; }

  // ---- tabs ----

  protocol::Hello HelloOf(const std::string& client, std::vector<std::string> queries = {},
                          Version base = {}, MutationID lmid = 0) {
    protocol::Hello hello;
    hello.protocol = protocol::kProtocolVersion;
    hello.build = "test";
    hello.schema_hash = "schema-1";
    hello.schema_json = kSchema;
    hello.base = std::move(base);
    hello.clients = {protocol::ClientState{ClientID(client), lmid}};
    for (const std::string& key : queries) hello.queries.push_back(Query(key));
    return hello;
  }

  Status OpenTab(TabID tab, const protocol::Hello& hello) {
    relay_->OnTabOpened(tab);
    return FromTab(tab, hello);
  }

  Status FromTab(TabID tab, const protocol::Message& message) {
    const Status status = relay_->OnTabMessage(tab, protocol::Encode(message));
    Pump();
    return status;
  }

  // ---- the server ----

  Status FromServer(const protocol::Message& message) {
    const Status status = relay_->OnLinkMessage(protocol::Encode(message));
    Pump();
    return status;
  }

  /// Opens the link and answers the hello.
  void Connect(Version version, std::vector<protocol::ClientState> clients = {}) {
    relay_->OnLinkOpened();
    Pump();
    protocol::Welcome welcome;
    welcome.protocol = protocol::kProtocolVersion;
    welcome.build = "server";
    welcome.auth_json = R"({"sub":"u1"})";
    welcome.version = std::move(version);
    welcome.clients = std::move(clients);
    TIDEMARK_CHECK(FromServer(welcome).ok());
  }

  Status SendPoke(protocol::Poke poke, const std::vector<protocol::Segment>& segments = {}) {
    poke.segments = static_cast<std::uint32_t>(segments.size());
    TIDEMARK_TRY(FromServer(poke));
    for (const protocol::Segment& segment : segments) TIDEMARK_TRY(FromServer(segment));
    return Ok{};
  }

  Status Flush() {
    const Status status = relay_->Flush();
    Pump();
    return status;
  }

  // ---- inboxes ----

  /// All messages of this kind that came for the tab, taken out of its inbox.
  template <typename Kind>
  std::vector<Kind> TakeFor(TabID tab) {
    return Take<Kind>(tabs_[tab]);
  }
  template <typename Kind>
  std::vector<Kind> TakeForServer() {
    return Take<Kind>(server_);
  }
  /// The messages for the tab, in order, taken out.
  std::vector<protocol::Message> TakeAllFor(TabID tab) { return std::exchange(tabs_[tab], {}); }
  void ForgetMessages() {
    tabs_.clear();
    server_.clear();
  }

  std::vector<TabID> closed;
  std::optional<Error> refused;
  bool needs_flush = false;
  bool reopen_link = false;

  void Pump() {
    Output output = relay_->TakeOutput();
    for (const TabMessage& message : output.to_tabs) {
      auto decoded = protocol::Decode(message.bytes);
      TIDEMARK_CHECK(decoded.ok());
      tabs_[message.tab].push_back(std::move(*decoded));
    }
    for (const std::string& bytes : output.to_server) {
      auto decoded = protocol::Decode(bytes);
      TIDEMARK_CHECK(decoded.ok());
      server_.push_back(std::move(*decoded));
    }
    closed.insert(closed.end(), output.close_tabs.begin(), output.close_tabs.end());
    if (output.refused) refused = output.refused;
    needs_flush = output.needs_flush;
    reopen_link = reopen_link || output.reopen_link;
  }

 private:
  template <typename Kind>
  static std::vector<Kind> Take(std::vector<protocol::Message>& inbox) {
    std::vector<Kind> taken;
    std::vector<protocol::Message> left;
    for (protocol::Message& message : inbox) {
      if (auto* kind = std::get_if<Kind>(&message)) {
        taken.push_back(std::move(*kind));
      } else {
        left.push_back(std::move(message));
      }
    }
    inbox = std::move(left);
    return taken;
  }

  testing::FaultyDisk& disk_;
  std::unique_ptr<testing::SqliteOnDisk> sqlite_;
  std::optional<store::Database> log_;
  std::optional<store::Database> base_;
  std::unique_ptr<Relay> relay_;
  std::map<TabID, std::vector<protocol::Message>> tabs_;
  std::vector<protocol::Message> server_;
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_TESTS_CORE_RELAY_RELAY_HARNESS_H_
