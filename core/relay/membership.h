// Base rows and which pipelines they are members of, in SQLite. A row is stored once, however many
// pipelines hold it, and leaves with its last membership: outside of a transaction every row has at
// least one. Each row has the position of its content; older content never overwrites newer. The
// groups of aggregations are rows of synthetic tables, and never shared: they are stored under keys
// that begin with the pipeline's number.
//
// A member carries the hashes that it was told under (protocol/member_hash.h): they add up to the
// pipeline's fingerprint, and are what the pipeline is compared by, whatever the row's content has
// become since. A row carries the hash of its own text: what the disk altered is not handed out.
#ifndef TIDEMARK_CORE_RELAY_MEMBERSHIP_H_
#define TIDEMARK_CORE_RELAY_MEMBERSHIP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/result.h"
#include "core/protocol/messages.h"
#include "core/store/sqlite.h"

namespace tidemark::relay {

/// A pipeline's number in this database.
using PipelineNumber = std::int64_t;

/// What changes something runs inside a transaction of the caller's, which ends with RemoveOrphans.
class Membership {
 public:
  explicit Membership(store::Database& database) : database_(database) {}

  /// Makes the tables where they are missing.
  static Status CreateTables(store::Database& database);

  /// Applies the changes of one segment. kConflict: a patch does not fit what is stored here.
  Status Apply(PipelineNumber pipeline, const protocol::Segment& segment);
  /// The pipeline holds no rows any more.
  Status Empty(PipelineNumber pipeline);
  /// Positions of another history mean nothing.
  Status ForgetPositions();
  /// Removes the rows whose last membership ended since the last call.
  Status RemoveOrphans();

  /// How the sums of members' hashes moved since the last call, of each pipeline that was written.
  std::unordered_map<PipelineNumber, std::uint64_t> TakeMoves() {
    return std::exchange(moves_, {});
  }

  struct Contents {
    std::vector<protocol::SegmentChange> puts;
    std::uint64_t sum = 0;              // of the hashes of the members that are in `puts`
    std::vector<std::int64_t> damaged;  // rows that are not what was stored
  };
  /// All rows of the pipeline that are sound.
  Result<Contents> Read(PipelineNumber pipeline);
  /// Takes these rows out of every pipeline, and members of this one that lead to no row.
  Status RemoveDamaged(PipelineNumber pipeline, const std::vector<std::int64_t>& rows);

  /// Of the hashes of all members.
  Result<std::uint64_t> Sum(PipelineNumber pipeline);
  /// For a comparison: what the members add up to by bucket, and those in wanted buckets.
  Result<std::vector<std::uint32_t>> Sums(PipelineNumber pipeline, std::uint32_t buckets);
  Result<std::vector<std::uint32_t>> MembersIn(PipelineNumber pipeline, const protocol::Want& want);

  /// To be called when the transaction was rolled back, or the database reset.
  void Forget();

 private:
  /// What is said of a member.
  struct Hashes {
    std::uint32_t key = 0;
    std::uint64_t row = 0;
  };
  struct StoredRow {
    std::int64_t id = 0;  // 0: none
    std::uint64_t position = 0;
  };

  Result<std::int64_t> TableNumber(const std::string& table);
  Result<StoredRow> Find(std::int64_t table, const RowKey& key);
  Status Put(PipelineNumber pipeline, std::int64_t table, const RowKey& key,
             const protocol::SegmentChange& change, std::uint64_t position);
  Status Patch(PipelineNumber pipeline, std::int64_t table, const RowKey& key,
               const protocol::SegmentChange& change, std::uint64_t position);
  Status Remove(PipelineNumber pipeline, std::int64_t table, const RowKey& key);
  Status AddMember(PipelineNumber pipeline, std::int64_t row, const Hashes& hashes);
  Status AddNewMember(PipelineNumber pipeline, std::int64_t row, const Hashes& hashes);
  Status RemoveHashed(PipelineNumber pipeline, const std::vector<std::uint32_t>& key_hashes);
  Status Write(std::int64_t row, std::string_view json, std::uint64_t hash, std::uint64_t position);
  /// Calls `visit(row, hashes)` for each member of the pipeline.
  Status EachMember(PipelineNumber pipeline,
                    FunctionRef<void(std::int64_t row, const Hashes& hashes)> visit);
  Status RemoveMember(PipelineNumber pipeline, std::int64_t row);

  store::Database& database_;
  std::unordered_map<std::string, std::int64_t> tables_;
  std::vector<std::int64_t> left_;  // rows that lost a membership
  std::unordered_map<PipelineNumber, std::uint64_t> moves_;
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_MEMBERSHIP_H_
