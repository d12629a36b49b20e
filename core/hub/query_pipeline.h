// One distinct resolved query, maintained once for all its subscribers, and its renditions: the
// same result in the columns of each client schema in use. Its result is a set of rows of several
// tables, those of groups among them: everything that a page needs to evaluate the query for
// itself.
//
// It is read by hydration jobs, never here: until the first one is back it only has subscribers.
// Invariants: a rendition's fingerprint, once known, is that of the maintained result; a frame that
// it hands out is made once a version. Holds no rows of the result between events except the last
// changes.
#ifndef TIDEMARK_CORE_HUB_QUERY_PIPELINE_H_
#define TIDEMARK_CORE_HUB_QUERY_PIPELINE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/base/result.h"
#include "core/hub/client_schema.h"
#include "core/hub/fingerprint.h"
#include "core/hub/hub.h"
#include "core/hub/hydration_job.h"
#include "core/hub/poke_writer.h"
#include "core/hub/recent_changes.h"
#include "core/hub/set_comparison.h"
#include "core/model/row_change.h"
#include "core/protocol/limits.h"
#include "core/query/ast.h"
#include "core/store/source.h"

namespace tidemark::hub {

class QueryPipeline {
 public:
  /// `serial` orders the pipelines of a hub by their making, so that nothing depends on where they
  /// lie in memory. `schema` is the server's.
  QueryPipeline(PipelineID id, std::uint64_t serial, const model::Schema& schema,
                std::string ast_json, const protocol::Limits& limits);

  const PipelineID& id() const { return id_; }
  std::uint64_t serial() const { return serial_; }
  const std::string& ast_json() const { return ast_json_; }

  /// It maintains the result.
  bool is_ready() const { return pipeline_ != nullptr; }
  /// Of a ready one.
  const query::Query& query() const { return pipeline_->query(); }

  /// Takes over what a job has read, with its pipeline; `replica` is at `position` and has changed
  /// by `changes` since. Becomes ready; errors as in Advance.
  Status TakeOver(Hydration& hydration, const store::Store& replica,
                  const model::ChangeSet& changes, std::uint64_t position);
  /// The result as a job has read it for this schema, not later than the last Advance. False: what
  /// has changed since is not known any more.
  bool TakeRendition(const ClientSchema& schema, const Hydration& hydration);

  /// Replica and `changes` as in ivm::Pipeline; `position` is the replica's. True if the result
  /// changed; kLimit if it outgrew its bound (the pipeline must then be dropped).
  Result<bool> Advance(const model::ChangeSet& changes, std::uint64_t position) {
    return Advance(changes, position, position);
  }
  /// Forgets what only the current version is served with: the last step's changes. While jobs are
  /// out for it, it remembers more of the changes before.
  void EndStep(bool has_jobs_out);
  void RememberMore() { recent_.SetBound(RecentChanges::kHeldRowChangesMax); }

  /// `schema` outlives the subscription. Counted: Release as often.
  void Acquire(const ClientSchema& schema) { ++renditions_[&schema].users; }
  void Release(const ClientSchema& schema);
  bool HasRendition(const ClientSchema& schema) const { return renditions_.count(&schema) > 0; }

  /// Of the result now; none until a job for this schema is back.
  std::optional<Hash128> fingerprint(const ClientSchema& schema) const;
  /// Of the result at an earlier position, if that is still known.
  std::optional<Hash128> FingerprintAt(const ClientSchema& schema, std::uint64_t position) const;
  std::size_t row_count() const { return row_count_; }
  /// What the members add up to by bucket, while the fingerprint is known; null if it has outgrown
  /// the buckets that it was read with.
  const std::vector<std::uint32_t>* BucketSums(const ClientSchema& schema) const;
  /// For a receiver that was compared with the result: what it lacks, also if that is nothing, for
  /// the fingerprint has the last word.
  Update Lack(const ClientSchema& schema, const Version& version,
              const SetComparison& comparison) const;
  /// What the last Advance changed; null when nothing that this schema has.
  Frame DeltaFrame(const ClientSchema& schema, const Version& version);
  /// For a receiver that has the result as of `position`.
  Update ChangesSince(const ClientSchema& schema, const Version& version,
                      std::uint64_t position) const;
  /// For a receiver that has nothing: with the whole result of a moment ago.
  Update WholeWithChanges(const ClientSchema& schema, const Version& version,
                          const WholeResult& whole);
  /// The last one that was read, while it is kept.
  const WholeResult& whole(const ClientSchema& schema) const {
    return renditions_.at(&schema).whole;
  }
  void ForgetWhole(const ClientSchema& schema, const Frame& frame);

  /// Sessions that hold the result and get its deltas.
  std::set<SessionID>& live() { return live_; }
  /// Sessions to be told when a job for this schema is back; some may have left.
  std::set<SessionID>& waiting(const ClientSchema& schema) {
    return renditions_.at(&schema).waiting;
  }
  /// Subscriptions, live or about to be.
  std::size_t subscriptions = 0;

 private:
  struct Rendition {
    std::size_t users = 0;
    std::optional<Fingerprint> fingerprint;
    WholeResult whole;
    std::set<SessionID> waiting;
    Frame delta;
    bool delta_made = false;
    // The last changes that WholeWithChanges added: from where, to where.
    Frame since;
    std::uint64_t since_position = 0;
    Version since_version;
  };

  Result<bool> Advance(const model::ChangeSet& changes, std::uint64_t from, std::uint64_t position);
  Frame ChangesFrame(const ClientSchema& schema, const Version& version,
                     const model::ChangeSet& changes, EditForm form) const;
  void Apply(Fingerprint& fingerprint, const ClientSchema& schema, const model::RowChange& change,
             bool undo) const;

  PipelineID id_;
  std::uint64_t serial_;
  const model::Schema& schema_;
  std::string ast_json_;
  std::size_t rows_max_;
  std::size_t recent_max_;
  std::unique_ptr<store::SwitchedStore> store_;  // what `pipeline_` reads
  std::unique_ptr<ivm::Pipeline> pipeline_;
  std::size_t row_count_ = 0;
  model::ChangeSet changes_;  // of the last Advance
  RecentChanges recent_{0};
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
