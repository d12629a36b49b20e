#include "core/hub/query_pipeline.h"

#include <string>
#include <utility>

#include "core/base/check.h"
#include "core/hub/poke_writer.h"

namespace tidemark::hub {
namespace {

Error TooManyRows(const model::Table& table, std::size_t rows_max) {
  return Error{ErrorCode::kLimit, "a query on " + table.name + " has more than " +
                                      std::to_string(rows_max) +
                                      " rows (rows_per_query_max): add a limit or a condition"};
}

}  // namespace

QueryPipeline::QueryPipeline(PipelineID id, std::uint64_t serial, const store::Store& replica,
                             std::uint64_t position, query::Query query, std::size_t rows_max)
    : id_(std::move(id)),
      serial_(serial),
      schema_(replica.schema()),
      pipeline_(replica, std::move(query)),
      rows_max_(rows_max),
      recent_(position) {}

Status QueryPipeline::LoadRows() {
  if (rows_loaded_) return Ok{};
  rows_.clear();
  TIDEMARK_TRY(pipeline_.Hydrate([this](model::TableIndex table, const model::Row& row) {
    // One more than allowed is enough to know; the operators still see the rest.
    if (rows_.size() <= rows_max_) rows_.emplace_back(table, row);
  }));
  if (rows_.size() > rows_max_) {
    rows_.clear();
    return TooManyRows(schema_.table(query().table), rows_max_);
  }
  rows_loaded_ = true;
  return Ok{};
}

Status QueryPipeline::Hydrate() {
  TIDEMARK_TRY(LoadRows());
  row_count_ = rows_.size();
  return Ok{};
}

void QueryPipeline::Apply(Fingerprint& fingerprint, const ClientSchema& schema,
                          const model::RowChange& change, bool undo) const {
  const std::string& name = schema_.table(change.table).name;
  const model::Row& from = undo ? change.after : change.before;
  const model::Row& to = undo ? change.before : change.after;
  if (from) fingerprint.Remove(name, schema.Project(change.table, from));
  if (to) fingerprint.Add(name, schema.Project(change.table, to));
}

Result<bool> QueryPipeline::Advance(const model::ChangeSet& changes, std::uint64_t position) {
  EndStep();
  TIDEMARK_ASSIGN_OR_RETURN(changes_, pipeline_.Advance(changes));
  if (changes_.empty()) return false;
  for (const model::RowChange& change : changes_) {
    if (!change.before) ++row_count_;
    if (!change.after) --row_count_;
  }
  if (row_count_ > rows_max_) return TooManyRows(schema_.table(query().table), rows_max_);
  recent_.Add(position, changes_);
  for (auto& [schema, rendition] : renditions_) {
    for (const model::RowChange& change : changes_) {
      Apply(rendition.fingerprint, *schema, change, /*undo=*/false);
    }
  }
  return true;
}

void QueryPipeline::EndStep() {
  rows_loaded_ = false;
  rows_ = {};
  changes_ = {};
  for (auto& [schema, rendition] : renditions_) {
    rendition.delta = nullptr;
    rendition.delta_made = false;
  }
}

void QueryPipeline::DropFrames() {
  for (auto& [schema, rendition] : renditions_) rendition.reset = nullptr;
}

Status QueryPipeline::Acquire(const ClientSchema& schema) {
  const auto [position, is_new] = renditions_.try_emplace(&schema);
  if (is_new) {
    const Status loaded = LoadRows();
    if (!loaded.ok()) {
      renditions_.erase(position);
      return loaded;
    }
    for (const auto& [table, row] : rows_) {
      position->second.fingerprint.Add(schema_.table(table).name, schema.Project(table, row));
    }
  }
  ++position->second.users;
  return Ok{};
}

void QueryPipeline::Release(const ClientSchema& schema) {
  Rendition& rendition = Find(schema);
  if (--rendition.users == 0) renditions_.erase(&schema);
}

QueryPipeline::Rendition& QueryPipeline::Find(const ClientSchema& schema) {
  const auto position = renditions_.find(&schema);
  TIDEMARK_CHECK(position != renditions_.end());
  return position->second;
}

Hash128 QueryPipeline::fingerprint(const ClientSchema& schema) const {
  const auto position = renditions_.find(&schema);
  TIDEMARK_CHECK(position != renditions_.end());
  return position->second.fingerprint.sum();
}

Result<Frame> QueryPipeline::ResetFrame(const ClientSchema& schema, const Version& version) {
  Rendition& rendition = Find(schema);
  if (rendition.reset != nullptr && rendition.reset_version == version) return rendition.reset;
  TIDEMARK_TRY(LoadRows());
  protocol::Segment segment;
  segment.pipeline = id_;
  segment.to = version;
  segment.reset = true;
  segment.fingerprint = rendition.fingerprint.sum();
  segment.changes.reserve(rows_.size());
  for (const auto& [table, row] : rows_) {
    segment.changes.push_back(PutChange(schema_, schema, table, row));
  }
  rendition.reset = MakeFrame(std::move(segment));
  rendition.reset_version = version;
  return rendition.reset;
}

Frame QueryPipeline::ChangesFrame(const ClientSchema& schema, const Version& version,
                                  const model::ChangeSet& changes,
                                  const Hash128& fingerprint) const {
  protocol::Segment segment;
  segment.pipeline = id_;
  segment.to = version;
  segment.fingerprint = fingerprint;
  for (const model::RowChange& change : changes) {
    std::optional<protocol::SegmentChange> edit = EditChange(schema_, schema, change);
    if (edit.has_value()) segment.changes.push_back(std::move(*edit));
  }
  return segment.changes.empty() ? nullptr : MakeFrame(std::move(segment));
}

Frame QueryPipeline::DeltaFrame(const ClientSchema& schema, const Version& version) {
  Rendition& rendition = Find(schema);
  if (!std::exchange(rendition.delta_made, true)) {
    rendition.delta = ChangesFrame(schema, version, changes_, rendition.fingerprint.sum());
  }
  return rendition.delta;
}

QueryPipeline::CatchUp QueryPipeline::CatchUpFrame(const ClientSchema& schema,
                                                   const Version& version, std::uint64_t position,
                                                   const Hash128* fingerprint_then) {
  const std::optional<model::ChangeSet> changes = recent_.Since(position);
  if (!changes.has_value()) return {};
  const Fingerprint now = Find(schema).fingerprint;
  if (fingerprint_then != nullptr) {
    Fingerprint then = now;
    for (const model::RowChange& change : *changes) Apply(then, schema, change, /*undo=*/true);
    if (then.sum() != *fingerprint_then) return {};
  }
  return {true, ChangesFrame(schema, version, *changes, now.sum())};
}

}  // namespace tidemark::hub
