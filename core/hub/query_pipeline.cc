#include "core/hub/query_pipeline.h"

#include <utility>

#include "core/base/check.h"
#include "core/protocol/member_hash.h"

namespace tidemark::hub {
namespace {

// So many times fewer than a result of its size would have now are too few.
constexpr std::size_t kOutgrownBuckets = 4;

}  // namespace

QueryPipeline::QueryPipeline(PipelineID id, std::uint64_t serial, const model::Schema& schema,
                             std::string ast_json, const protocol::Limits& limits)
    : id_(std::move(id)),
      serial_(serial),
      schema_(schema),
      ast_json_(std::move(ast_json)),
      rows_max_(limits.rows_per_query_max),
      recent_max_(limits.recent_row_changes_max) {}

// ---- what jobs have read ----

Status QueryPipeline::TakeOver(Hydration& hydration, const store::Store& replica,
                               const model::ChangeSet& changes, std::uint64_t position) {
  TIDEMARK_CHECK(!is_ready() && hydration.pipeline != nullptr);
  store_ = std::move(hydration.store);
  store_->SwitchTo(replica);
  pipeline_ = std::move(hydration.pipeline);
  row_count_ = hydration.row_count;
  recent_ = RecentChanges(hydration.version.position, RecentChanges::kHeldRowChangesMax);
  if (changes.empty()) return Ok{};
  const Result<bool> advanced = Advance(changes, hydration.version.position, position);
  return advanced.ok() ? Status(Ok{}) : Status(advanced.error());
}

bool QueryPipeline::TakeRendition(const ClientSchema& schema, const Hydration& hydration) {
  const std::optional<model::ChangeSet> changes = recent_.Since(hydration.version.position);
  if (!changes.has_value()) return false;
  Rendition& rendition = renditions_.at(&schema);
  rendition.whole = WholeResult{hydration.frame, hydration.version.position};
  rendition.fingerprint = hydration.fingerprint;
  for (const model::RowChange& change : *changes) {
    Apply(*rendition.fingerprint, schema, change, /*undo=*/false);
  }
  return true;
}

// ---- steps ----

void QueryPipeline::Apply(Fingerprint& fingerprint, const ClientSchema& schema,
                          const model::RowChange& change, bool undo) const {
  const std::string& name = pipeline_->table(change.table).name;
  const model::Row& from = undo ? change.after : change.before;
  const model::Row& to = undo ? change.before : change.after;
  if (from) fingerprint.Remove(name, change.key, HashRow(name, schema.Project(change.table, from)));
  if (to) fingerprint.Add(name, change.key, HashRow(name, schema.Project(change.table, to)));
}

/// `from`: of changes that were folded into one step, where they begin.
Result<bool> QueryPipeline::Advance(const model::ChangeSet& changes, std::uint64_t from,
                                    std::uint64_t position) {
  for (auto& [schema, rendition] : renditions_) rendition.delta_made = false;
  TIDEMARK_ASSIGN_OR_RETURN(changes_, pipeline_->Advance(changes));
  if (changes_.empty()) return false;
  for (const model::RowChange& change : changes_) {
    if (!change.before) ++row_count_;
    if (!change.after) --row_count_;
  }
  if (row_count_ > rows_max_) return TooManyRows(schema_.table(query().table), rows_max_);
  recent_.AddFolded(from, position, changes_);
  for (auto& [schema, rendition] : renditions_) {
    if (!rendition.fingerprint.has_value()) continue;
    for (const model::RowChange& change : changes_) {
      Apply(*rendition.fingerprint, *schema, change, /*undo=*/false);
    }
  }
  return true;
}

void QueryPipeline::EndStep(bool has_jobs_out) {
  changes_ = {};
  for (auto& [schema, rendition] : renditions_) {
    rendition.delta = nullptr;
    rendition.delta_made = false;
  }
  recent_.SetBound(has_jobs_out ? RecentChanges::kHeldRowChangesMax : recent_max_);
}

// ---- renditions ----

void QueryPipeline::Release(const ClientSchema& schema) {
  Rendition& rendition = renditions_.at(&schema);
  if (--rendition.users == 0) renditions_.erase(&schema);
}

std::optional<Hash128> QueryPipeline::fingerprint(const ClientSchema& schema) const {
  const std::optional<Fingerprint>& known = renditions_.at(&schema).fingerprint;
  return known.has_value() ? std::optional(known->sum()) : std::nullopt;
}

std::optional<Hash128> QueryPipeline::FingerprintAt(const ClientSchema& schema,
                                                    std::uint64_t position) const {
  std::optional<Fingerprint> then = renditions_.at(&schema).fingerprint;
  const std::optional<model::ChangeSet> changes = recent_.Since(position);
  if (!then.has_value() || !changes.has_value()) return std::nullopt;
  for (const model::RowChange& change : *changes) Apply(*then, schema, change, /*undo=*/true);
  return then->sum();
}

void QueryPipeline::ForgetWhole(const ClientSchema& schema, const Frame& frame) {
  Rendition& rendition = renditions_.at(&schema);
  if (rendition.whole.frame == frame) rendition.whole = {};
}

// ---- frames ----

Frame QueryPipeline::ChangesFrame(const ClientSchema& schema, const Version& version,
                                  const model::ChangeSet& changes, EditForm form) const {
  protocol::Segment segment;
  segment.pipeline = id_;
  segment.to = version;
  segment.fingerprint = renditions_.at(&schema).fingerprint->sum();
  for (const model::RowChange& change : changes) {
    std::optional<protocol::SegmentChange> edit =
        EditChange(pipeline_->table(change.table), schema, change, form);
    if (edit.has_value()) segment.changes.push_back(std::move(*edit));
  }
  return segment.changes.empty() ? nullptr : MakeFrame(std::move(segment));
}

Frame QueryPipeline::DeltaFrame(const ClientSchema& schema, const Version& version) {
  Rendition& rendition = renditions_.at(&schema);
  if (!std::exchange(rendition.delta_made, true)) {
    rendition.delta = ChangesFrame(schema, version, changes_, EditForm::kSmallest);
  }
  return rendition.delta;
}

Update QueryPipeline::ChangesSince(const ClientSchema& schema, const Version& version,
                                   std::uint64_t position) const {
  const std::optional<model::ChangeSet> changes = recent_.Since(position);
  if (!changes.has_value()) return {};
  return {true, nullptr, ChangesFrame(schema, version, *changes, EditForm::kSmallest)};
}

Update QueryPipeline::WholeWithChanges(const ClientSchema& schema, const Version& version,
                                       const WholeResult& whole) {
  if (whole.frame == nullptr) return {};
  Rendition& rendition = renditions_.at(&schema);
  if (rendition.since_position == whole.position && rendition.since_version == version) {
    return {true, whole.frame, rendition.since};
  }
  const std::optional<model::ChangeSet> changes = recent_.Since(whole.position);
  if (!changes.has_value()) return {};
  rendition.since = ChangesFrame(schema, version, *changes, EditForm::kWhole);
  rendition.since_position = whole.position;
  rendition.since_version = version;
  return {true, whole.frame, rendition.since};
}

// ---- comparing ----

const std::vector<std::uint32_t>* QueryPipeline::BucketSums(const ClientSchema& schema) const {
  const std::vector<std::uint32_t>& sums = renditions_.at(&schema).fingerprint->bucket_sums();
  return sums.size() * kOutgrownBuckets <= protocol::BucketsFor(row_count_) ? nullptr : &sums;
}

Update QueryPipeline::Lack(const ClientSchema& schema, const Version& version,
                           const SetComparison& comparison) const {
  const SetComparison::Lack& lack = comparison.lack();
  const std::optional<model::ChangeSet> since_sums = recent_.Since(comparison.position());
  const std::optional<model::ChangeSet> since_read = recent_.Since(comparison.lack_position());
  if (!since_sums.has_value() || !since_read.has_value()) return {};
  protocol::Segment segment;
  segment.pipeline = id_;
  segment.to = version;
  segment.fingerprint = renditions_.at(&schema).fingerprint->sum();
  segment.left = lack.left;
  segment.changes = lack.puts;
  const std::vector<bool> wanted =
      protocol::WantedBuckets(comparison.wanted(), comparison.buckets());
  // What was read is of the wanted buckets; in the others both sides had the same, then.
  const auto add = [&](const model::ChangeSet& changes, bool of_wanted) {
    for (const model::RowChange& change : changes) {
      const model::Table& table = pipeline_->table(change.table);
      const std::uint32_t key_hash = protocol::HashKey(table.name, change.key);
      if (wanted[protocol::BucketOf(key_hash, comparison.buckets())] != of_wanted) continue;
      // Another pipeline may have brought the receiver a later row: a patch might not fit it.
      std::optional<protocol::SegmentChange> edit =
          EditChange(table, schema, change, EditForm::kWhole);
      if (edit.has_value()) segment.changes.push_back(std::move(*edit));
    }
  };
  add(*since_sums, false);
  add(*since_read, true);
  return {true, nullptr, MakeFrame(std::move(segment))};
}

}  // namespace tidemark::hub
