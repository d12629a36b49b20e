// Which base rows are held, by which pipelines: a row is in base as long as a pipeline's result
// holds it. The content of rows is not kept here (optimistic_state.h). The groups that a pipeline
// counts are its own, and are kept.
//
// Invariant: the fingerprint of a pipeline is the sum of the hashes of the rows and groups it
// holds. Older content never overwrites newer.
#ifndef TIDEMARK_CORE_CLIENT_BASE_ROWS_H_
#define TIDEMARK_CORE_CLIENT_BASE_ROWS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/base/function_ref.h"
#include "core/base/hash.h"
#include "core/base/ids.h"
#include "core/client/optimistic_state.h"
#include "core/client/segment_rows.h"
#include "core/client/table_key.h"
#include "core/model/schema.h"
#include "core/protocol/messages.h"

namespace tidemark::client {

class BaseRows {
 public:
  /// `schema` outlives the rows.
  explicit BaseRows(const model::Schema& schema) : schema_(schema) {}

  /// One more query is served by `pipeline`.
  void Hold(const PipelineID& pipeline);
  /// One less; the rows of a pipeline that serves none leave it.
  void Release(const PipelineID& pipeline);
  bool Holds(const PipelineID& pipeline) const { return pipelines_.count(pipeline) > 0; }
  /// Of the rows that are here; no value for a pipeline that is not held.
  std::optional<Hash128> Fingerprint(const PipelineID& pipeline) const;

  /// What the pipeline's members add up to by bucket (protocol/member_hash.h); empty if it is not
  /// held.
  std::vector<std::uint32_t> Sums(const PipelineID& pipeline, std::uint32_t buckets) const;
  /// The hashes of those in these buckets; nothing if the pipeline is not held.
  std::optional<std::vector<std::uint32_t>> MembersIn(const PipelineID& pipeline,
                                                      const protocol::Want& want) const;

  /// The pipeline's result changes; the pipeline must be held.
  void Apply(SegmentRows segment);
  /// Positions are of another history now: nothing that is here counts as newer.
  void ForgetPositions();

  /// The pipeline's result holds the row.
  bool IsMember(const PipelineID& pipeline, const TableKey& address);

  /// A pipeline other than `pipeline` holds the row.
  bool IsHeldBeside(const PipelineID& pipeline, const TableKey& address);

  /// All groups of the pipeline.
  void ForEachGroup(
      const PipelineID& pipeline,
      FunctionRef<void(const GroupAddress&, const std::string& row_json)> visit) const;
  /// The group's row; null: it is not there.
  const std::string* FindGroup(const PipelineID& pipeline, const GroupAddress& address) const;
  /// Groups that may have changed since the last call, by pipeline.
  using MovedGroups = std::unordered_map<PipelineID, std::vector<GroupAddress>>;
  MovedGroups TakeMovedGroups() { return std::exchange(moved_groups_, {}); }

  /// What became of base rows since the last call. `moved`, if it is wanted: all rows whose content
  /// or membership anywhere changed.
  std::vector<BaseChange> TakeChanges(std::vector<TableKey>* moved);

 private:
  struct Entry {
    std::uint32_t holders = 0;
    bool changed = false;           // is in changed_
    std::uint64_t position = 0;     // of the history that brought the content
    std::optional<model::Row> row;  // new content
  };
  using Entries = TableKeyMap<Entry>;
  using Item = Entries::value_type;  // stays where it is as long as it lives
  struct Group {
    std::string row_json;
    Hash128 hash;
  };
  struct AddressHash {
    std::size_t operator()(const GroupAddress& address) const noexcept {
      return std::hash<std::string>()(address.key.value) * 31 +
             std::hash<std::string>()(address.table);
    }
  };
  using Members = std::unordered_map<Item*, Hash128>;
  struct Pipeline {
    std::uint32_t users = 0;
    Hash128 sum;
    Members members;
    std::unordered_map<GroupAddress, Group, AddressHash> groups;
  };

  void Change(Item* item);
  void Leave(Item* item);
  void Put(Pipeline& pipeline, SegmentRow row, std::uint64_t position);
  void Remove(Pipeline& pipeline, const TableKey& address);
  void SetGroup(const PipelineID& id, Pipeline& pipeline, SegmentGroup group);
  void RemoveAll(const PipelineID& id, Pipeline& pipeline);
  void Remove(Pipeline& pipeline, Members::iterator member);
  void RemoveHashed(const PipelineID& id, Pipeline& pipeline,
                    const std::vector<std::uint32_t>& key_hashes);
  std::uint32_t KeyHashOf(const TableKey& address) const;
  /// Calls `visit(key hash, row hash)` for each row and group.
  void ForEachHash(const Pipeline& pipeline,
                   FunctionRef<void(std::uint32_t, std::uint32_t)> visit) const;

  const model::Schema& schema_;
  Entries entries_;
  std::unordered_map<PipelineID, Pipeline> pipelines_;
  std::vector<Item*> changed_;
  MovedGroups moved_groups_;
};

}  // namespace tidemark::client

#endif  // TIDEMARK_CORE_CLIENT_BASE_ROWS_H_
