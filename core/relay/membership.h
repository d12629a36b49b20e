// Base rows and which pipelines they are members of, in SQLite. A row is stored once, however many
// pipelines hold it, and leaves with its last membership: outside of a transaction every row has at
// least one. Each row has the position of its content; older content never overwrites newer. The
// groups of aggregations are rows of synthetic tables, and never shared: they are stored under keys
// that begin with the pipeline's number.
#ifndef TIDEMARK_CORE_RELAY_MEMBERSHIP_H_
#define TIDEMARK_CORE_RELAY_MEMBERSHIP_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/base/result.h"
#include "core/protocol/messages.h"
#include "core/store/sqlite.h"

namespace tidemark::relay {

/// A pipeline's number in this database.
using PipelineNumber = std::int64_t;

/// All methods but Read run inside a transaction of the caller's, which ends with RemoveOrphans.
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

  /// All rows of the pipeline, as puts.
  Result<std::vector<protocol::SegmentChange>> Read(PipelineNumber pipeline);

  /// To be called when the transaction was rolled back, or the database reset.
  void Forget();

 private:
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
  Status AddMember(PipelineNumber pipeline, std::int64_t row);
  Status Write(std::int64_t row, std::string_view json, std::uint64_t position);

  store::Database& database_;
  std::unordered_map<std::string, std::int64_t> tables_;
  std::vector<std::int64_t> left_;  // rows that lost a membership
};

}  // namespace tidemark::relay

#endif  // TIDEMARK_CORE_RELAY_MEMBERSHIP_H_
