// One distinct resolved query, maintained once for all its subscribers, and its renditions: the
// same result in the columns of each client schema in use. Its result is a set of rows of several
// tables: everything that a page needs to evaluate the query for itself.
//
// Invariants: a rendition's fingerprint is that of the maintained result; a frame that it hands out
// is made once a version. Holds no rows of the result between events except the last changes.
#ifndef TIDEMARK_CORE_HUB_QUERY_PIPELINE_H_
#define TIDEMARK_CORE_HUB_QUERY_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/hub/client_schema.h"
#include "core/hub/fingerprint.h"
#include "core/hub/hub.h"
#include "core/hub/recent_changes.h"
#include "core/ivm/pipeline.h"
#include "core/model/row_change.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::hub {

class QueryPipeline {
 public:
  /// `replica` outlives the pipeline and is at `position`. Nothing is read yet. `serial` orders the
  /// pipelines of a hub by their making, so that nothing depends on where they lie in memory.
  QueryPipeline(PipelineID id, std::uint64_t serial, const store::Store& replica,
                std::uint64_t position, query::Query query, std::size_t rows_max);

  const PipelineID& id() const { return id_; }
  std::uint64_t serial() const { return serial_; }
  const query::Query& query() const { return pipeline_.query(); }

  /// Reads the result at the replica's version. kLimit if it has too many rows.
  Status Hydrate();
  /// Replica and `changes` as in ivm::Pipeline; `position` is the replica's. True if the result
  /// changed; kLimit if it outgrew its bound (the pipeline must then be dropped).
  Result<bool> Advance(const model::ChangeSet& changes, std::uint64_t position);
  /// Forgets what only the current version is served with: rows and the last step's changes.
  void EndStep();
  /// Forgets frames of an older version.
  void DropFrames();

  /// `schema` outlives the subscription. Counted: Release as often.
  Status Acquire(const ClientSchema& schema);
  void Release(const ClientSchema& schema);

  Hash128 fingerprint(const ClientSchema& schema) const;
  /// The whole result at `version`, the replica's.
  Result<Frame> ResetFrame(const ClientSchema& schema, const Version& version);
  /// What the last Advance changed; null when nothing that this schema has.
  Frame DeltaFrame(const ClientSchema& schema, const Version& version);
  /// What changed since `position`, if that is still known: null frame when nothing did.
  /// `fingerprint_then`: of the result that the receiver holds, which must have been the one then.
  struct CatchUp {
    bool possible = false;
    Frame frame;
  };
  CatchUp CatchUpFrame(const ClientSchema& schema, const Version& version, std::uint64_t position,
                       const Hash128* fingerprint_then);

  /// Sessions that hold the result and get its deltas.
  std::set<SessionID>& live() { return live_; }
  /// Subscriptions, live or about to be.
  std::size_t subscriptions = 0;

 private:
  using TableRow = std::pair<model::TableIndex, model::Row>;
  struct Rendition {
    std::size_t users = 0;
    Fingerprint fingerprint;
    Frame reset;
    Version reset_version;
    Frame delta;
    bool delta_made = false;
  };

  Status LoadRows();
  Rendition& Find(const ClientSchema& schema);
  Frame ChangesFrame(const ClientSchema& schema, const Version& version,
                     const model::ChangeSet& changes, const Hash128& fingerprint) const;
  void Apply(Fingerprint& fingerprint, const ClientSchema& schema, const model::RowChange& change,
             bool undo) const;

  PipelineID id_;
  std::uint64_t serial_;
  const model::Schema& schema_;
  ivm::Pipeline pipeline_;
  std::size_t rows_max_;
  std::size_t row_count_ = 0;
  bool rows_loaded_ = false;
  std::vector<TableRow> rows_;  // of the current version, while rows_loaded_
  model::ChangeSet changes_;    // of the last Advance
  RecentChanges recent_;
  std::map<const ClientSchema*, Rendition> renditions_;
  std::set<SessionID> live_;
};

struct BySerial {
  bool operator()(const QueryPipeline* a, const QueryPipeline* b) const {
    return a->serial() < b->serial();
  }
};
using PipelineSet = std::set<QueryPipeline*, BySerial>;

}  // namespace tidemark::hub

#endif  // TIDEMARK_CORE_HUB_QUERY_PIPELINE_H_
