// Base: what the server confirmed, as far as it can be fetched again. A catalog of queries in
// memory (small), their rows in SQLite. A poke changes the catalog at once (Stage) and the database
// in Flush, which writes all staged steps in one transaction.
//
// Invariant: a pipeline that is not stale holds exactly its result at version(): its rows were held
// against the server's fingerprint when they were written. A stale one holds its result at the time
// its last query was given up, or rows that turned out not to be the server's; its fingerprint is
// of what it holds, so that a comparison with the server finds the difference.
#ifndef TIDEMARK_CORE_RELAY_BASE_STORE_H_
#define TIDEMARK_CORE_RELAY_BASE_STORE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/protocol/messages.h"
#include "core/relay/membership.h"
#include "core/store/sqlite.h"

namespace tidemark::relay {

/// Queries that base keeps for later, watched or not: beyond this the least recently used leave.
inline constexpr std::size_t kStoredQueriesMax = 1000;

/// While the relay runs it is told the time at least so often.
inline constexpr std::uint64_t kTickMs = 5 * 60 * 1000;

struct StoredPipeline {
  PipelineNumber number = 0;
  Hash128 fingerprint;
  std::uint64_t sum = 0;  // of the hashes of the members in the database
  bool stale = false;
};

struct StoredQuery {
  std::string name;
  std::string args_json;
  PipelineID pipeline;
  bool complete = false;
  std::uint64_t used = 0;   // when it was wanted last: rising with use
  std::uint32_t ttl_s = 0;  // how long it is kept behind that
};

class BaseStore {
 public:
  /// `database` outlives the store. A base that is damaged, or was written by another format, is
  /// emptied.
  static Result<std::unique_ptr<BaseStore>> Open(store::Database& database);

  const Version& version() const { return version_; }
  const std::string& schema_hash() const { return schema_hash_; }
  /// Last confirmed ids, as of version().
  const std::map<ClientID, MutationID>& lmids() const { return lmids_; }
  const std::map<QueryKey, StoredQuery>& queries() const { return queries_; }
  const StoredQuery* FindQuery(const QueryKey& key) const;
  const StoredPipeline* FindPipeline(const PipelineID& id) const;
  /// Its rows are here: a complete query is served by it.
  bool IsComplete(const PipelineID& id) const;

  /// Empties the catalog at once and the database with the next Flush or EmptyDatabase, for rows of
  /// this schema. `version` and `lmids` are where it goes on from.
  void Reset(std::string schema_hash, Version version, std::map<ClientID, MutationID> lmids);
  /// What Reset left to do. An error leaves it to be tried again.
  Status EmptyDatabase();
  /// Of an empty base.
  void SetSchema(std::string schema_hash);

  /// One step. `wanted` gives a query that the server was asked for (null: not any more); pipelines
  /// that are not in `live` (maintained by the server) become stale.
  void Stage(const protocol::Poke& poke, std::vector<protocol::Segment> segments,
             FunctionRef<const protocol::DesiredQuery*(const QueryKey&)> wanted,
             const std::set<PipelineID>& live);
  void DropQuery(const QueryKey& key);
  /// The time, milliseconds; 0 until it is told.
  void SetTime(std::uint64_t now_ms) { now_ms_ = now_ms; }
  /// It is wanted, or was until now, and to be kept so long behind that.
  void Touch(const QueryKey& key, std::uint32_t ttl_s);
  /// Drops the queries whose ttl is over, but those that `keep` claims. True: there were some.
  bool DropExpired(FunctionRef<bool(const QueryKey&)> keep);
  /// The rows of the pipeline are of no use: its queries are not complete until they come again.
  void Distrust(const PipelineID& id);
  /// Forgets all queries and what is staged: what memory cannot hold and the disk does not take.
  void Abandon();
  /// Keeps only these clients' ids.
  void KeepClients(FunctionRef<bool(const ClientID&)> wanted);

  /// Changes of rows wait for Flush.
  bool has_staged() const { return !staged_.empty(); }
  /// True if something should become durable soon.
  bool dirty() const { return urgent_; }
  /// What is staged takes about this much memory.
  std::size_t staged_bytes() const { return staged_bytes_; }
  /// One transaction; an error leaves everything to be tried again, but kCorrupt: Reset then.
  /// Pipelines whose rows do not come out as the server says are doubted.
  Status Flush();
  /// Takes what was dropped off the disk, alone and at once: everything else that is staged stays
  /// so, and the database at its version. An error leaves everything to be tried again.
  Status FlushDrops();

  /// The whole result as a reset segment. Nothing is staged (Flush first). Rows that the disk
  /// altered leave base, and the segment: the pipelines that held them are doubted.
  Result<protocol::Segment> Read(const PipelineID& id);

  /// Pipelines that are doubted since the last call: stale until the server has said what they
  /// lack.
  std::set<PipelineID> TakeDoubted() { return std::exchange(doubted_, {}); }

  /// For a comparison with the server, of a pipeline that is here; nothing is staged.
  Result<std::vector<std::uint32_t>> Sums(const PipelineID& id, std::uint32_t buckets);
  Result<std::vector<std::uint32_t>> MembersIn(const protocol::Want& want);

  /// Drops the least recently used query that `keep` does not claim. False: there is none.
  bool Evict(FunctionRef<bool(const QueryKey&)> keep);
  /// Gives the space of what was dropped back to the disk.
  Status Shrink();

 private:
  struct ApplySegment {
    PipelineID pipeline;
    PipelineNumber number;
    protocol::Segment segment;
  };
  struct DropRows {
    PipelineNumber number;
  };
  struct ForgetPositions {};
  using Change = std::variant<ApplySegment, DropRows, ForgetPositions>;

  explicit BaseStore(store::Database& database) : database_(database), rows_(database) {}

  Status CreateTables();
  Status Load();
  void Forget();
  StoredPipeline& AddPipeline(const PipelineID& id);
  void DropPipelineIfUnused(const PipelineID& id);
  std::uint64_t NextUse();
  void StageSegment(protocol::Segment segment);
  Status WriteChange(const Change& change, std::set<PipelineID>& broken);
  void MoveSums();
  void Doubt(const PipelineID& id);
  Status RemoveDamaged(const PipelineID& id, const std::vector<std::int64_t>& rows);
  Status InTransaction(FunctionRef<Status()> write);
  Status WriteCatalog();
  Status WriteQuery(const QueryKey& key);
  Status WritePipeline(const PipelineID& id);
  Status WriteMeta();

  store::Database& database_;
  Membership rows_;
  Version version_;
  std::string schema_hash_;
  std::map<ClientID, MutationID> lmids_;
  std::map<QueryKey, StoredQuery> queries_;
  std::map<PipelineID, StoredPipeline> pipelines_;
  PipelineNumber last_number_ = 0;
  std::uint64_t last_used_ = 0;
  std::uint64_t now_ms_ = 0;

  // For the next Flush: changes of rows in their order, and what of the catalog differs.
  std::vector<Change> staged_;
  std::size_t staged_bytes_ = 0;
  std::set<QueryKey> changed_queries_;
  std::set<PipelineID> changed_pipelines_;
  std::set<ClientID> changed_clients_;
  std::set<PipelineID> doubted_;
  bool urgent_ = false;
  bool to_be_emptied_ = false;
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_BASE_STORE_H_
