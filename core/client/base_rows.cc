#include "core/client/base_rows.h"

#include <iterator>
#include <unordered_set>
#include <utility>

#include "core/base/check.h"
#include "core/protocol/member_hash.h"

namespace tidemark::client {

void BaseRows::Hold(const PipelineID& pipeline) { ++pipelines_[pipeline].users; }

void BaseRows::Release(const PipelineID& pipeline) {
  const auto found = pipelines_.find(pipeline);
  TIDEMARK_CHECK(found != pipelines_.end());
  if (--found->second.users > 0) return;
  RemoveAll(pipeline, found->second);
  pipelines_.erase(found);
}

std::optional<Hash128> BaseRows::Fingerprint(const PipelineID& pipeline) const {
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) return std::nullopt;
  return found->second.sum;
}

std::uint32_t BaseRows::KeyHashOf(const TableKey& address) const {
  return protocol::HashKey(schema_.table(address.table).name, address.key);
}

void BaseRows::ForEachHash(const Pipeline& pipeline,
                           FunctionRef<void(std::uint32_t, std::uint32_t)> visit) const {
  for (const auto& [item, hash] : pipeline.members) {
    visit(KeyHashOf(item->first), protocol::ShortRowHash(hash.low));
  }
  for (const auto& [address, group] : pipeline.groups) {
    visit(protocol::HashKey(address.table, address.key), protocol::ShortRowHash(group.hash.low));
  }
}

std::vector<std::uint32_t> BaseRows::Sums(const PipelineID& pipeline, std::uint32_t buckets) const {
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) return {};
  std::vector<std::uint32_t> sums(buckets, 0);
  ForEachHash(found->second, [&](std::uint32_t key_hash, std::uint32_t row_hash) {
    sums[protocol::BucketOf(key_hash, buckets)] += row_hash;
  });
  return sums;
}

std::optional<std::vector<std::uint32_t>> BaseRows::MembersIn(const PipelineID& pipeline,
                                                              const protocol::Want& want) const {
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) return std::nullopt;
  const std::vector<bool> wanted = protocol::WantedBuckets(want.wanted, want.buckets);
  std::vector<std::uint32_t> hashes;
  ForEachHash(found->second, [&](std::uint32_t key_hash, std::uint32_t row_hash) {
    if (!wanted[protocol::BucketOf(key_hash, want.buckets)]) return;
    hashes.push_back(key_hash);
    hashes.push_back(row_hash);
  });
  return hashes;
}

void BaseRows::Change(Item* item) {
  if (item->second.changed) return;
  item->second.changed = true;
  changed_.push_back(item);
}

/// What nobody holds is not newer than anything.
void BaseRows::Leave(Item* item) {
  if (--item->second.holders == 0) item->second.position = 0;
  Change(item);
}

void BaseRows::Put(Pipeline& pipeline, SegmentRow row, std::uint64_t position) {
  Item* item = &*entries_.try_emplace(std::move(row.address)).first;
  Entry& entry = item->second;
  const auto [member, is_new] = pipeline.members.try_emplace(item);
  if (is_new) {
    ++entry.holders;
  } else {
    pipeline.sum = pipeline.sum - member->second;
  }
  member->second = row.hash;
  pipeline.sum = pipeline.sum + row.hash;
  if (position >= entry.position) {
    entry.position = position;
    entry.row = std::move(row.row);
  } else if (!is_new) {
    return;
  }
  Change(item);
}

void BaseRows::Remove(Pipeline& pipeline, const TableKey& address) {
  const auto entry = entries_.find(address);
  if (entry == entries_.end()) return;
  const auto member = pipeline.members.find(&*entry);
  if (member != pipeline.members.end()) Remove(pipeline, member);
}

void BaseRows::Remove(Pipeline& pipeline, Members::iterator member) {
  Item* item = member->first;
  pipeline.sum = pipeline.sum - member->second;
  pipeline.members.erase(member);
  Leave(item);
}

void BaseRows::RemoveHashed(const PipelineID& id, Pipeline& pipeline,
                            const std::vector<std::uint32_t>& key_hashes) {
  const std::unordered_set<std::uint32_t> left(key_hashes.begin(), key_hashes.end());
  for (auto member = pipeline.members.begin(); member != pipeline.members.end();) {
    const auto next = std::next(member);
    if (left.count(KeyHashOf(member->first->first)) > 0) Remove(pipeline, member);
    member = next;
  }
  std::vector<GroupAddress> groups;
  for (const auto& [address, group] : pipeline.groups) {
    if (left.count(protocol::HashKey(address.table, address.key)) > 0) groups.push_back(address);
  }
  for (GroupAddress& group : groups) SetGroup(id, pipeline, {std::move(group), {}, {}});
}

void BaseRows::SetGroup(const PipelineID& id, Pipeline& pipeline, SegmentGroup group) {
  moved_groups_[id].push_back(group.address);
  const auto found = pipeline.groups.find(group.address);
  if (found != pipeline.groups.end()) {
    pipeline.sum = pipeline.sum - found->second.hash;
    pipeline.groups.erase(found);
  }
  if (group.row_json.empty()) return;
  pipeline.sum = pipeline.sum + group.hash;
  pipeline.groups.emplace(std::move(group.address), Group{std::move(group.row_json), group.hash});
}

void BaseRows::RemoveAll(const PipelineID& id, Pipeline& pipeline) {
  for (const auto& [item, hash] : pipeline.members) {
    Leave(item);
  }
  pipeline.members.clear();
  for (const auto& [address, group] : pipeline.groups) moved_groups_[id].push_back(address);
  pipeline.groups.clear();
  pipeline.sum = Hash128{};
}

void BaseRows::Apply(SegmentRows segment) {
  const auto found = pipelines_.find(segment.pipeline);
  TIDEMARK_CHECK(found != pipelines_.end());
  Pipeline& pipeline = found->second;
  if (segment.reset) {
    RemoveAll(segment.pipeline, pipeline);
    entries_.reserve(entries_.size() + segment.rows.size());
    pipeline.members.reserve(segment.rows.size());
  }
  if (!segment.left.empty()) RemoveHashed(segment.pipeline, pipeline, segment.left);
  for (SegmentRow& row : segment.rows) {
    if (row.row) {
      Put(pipeline, std::move(row), segment.position);
    } else {
      Remove(pipeline, row.address);
    }
  }
  for (SegmentGroup& group : segment.groups) {
    SetGroup(segment.pipeline, pipeline, std::move(group));
  }
}

void BaseRows::ForEachGroup(
    const PipelineID& pipeline,
    FunctionRef<void(const GroupAddress&, const std::string& row_json)> visit) const {
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) return;
  for (const auto& [address, group] : found->second.groups) visit(address, group.row_json);
}

const std::string* BaseRows::FindGroup(const PipelineID& pipeline,
                                       const GroupAddress& address) const {
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) return nullptr;
  const auto group = found->second.groups.find(address);
  return group == found->second.groups.end() ? nullptr : &group->second.row_json;
}

void BaseRows::ForgetPositions() {
  for (auto& [address, entry] : entries_) entry.position = 0;
}

bool BaseRows::IsMember(const PipelineID& pipeline, const TableKey& address) {
  const auto found = pipelines_.find(pipeline);
  if (found == pipelines_.end()) return false;
  const auto entry = entries_.find(address);
  return entry != entries_.end() && found->second.members.count(&*entry) > 0;
}

bool BaseRows::IsHeldBeside(const PipelineID& pipeline, const TableKey& address) {
  const auto entry = entries_.find(address);
  if (entry == entries_.end()) return false;
  return entry->second.holders > (IsMember(pipeline, address) ? 1u : 0u);
}

std::vector<BaseChange> BaseRows::TakeChanges(std::vector<TableKey>* moved) {
  std::vector<BaseChange> changes;
  changes.reserve(changed_.size());
  for (Item* item : std::exchange(changed_, {})) {
    Entry& entry = item->second;
    entry.changed = false;
    if (moved != nullptr) moved->push_back(item->first);
    if (entry.holders == 0) {
      changes.push_back(BaseChange{item->first, {}});
      entries_.erase(entries_.find(item->first));
    } else if (entry.row) {
      changes.push_back(BaseChange{item->first, std::move(*entry.row)});
      entry.row.reset();
    }
  }
  return changes;
}

}  // namespace tidemark::client
