#include "tests/core/hub/receiver.h"

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <utility>

#include "core/model/json_path.h"
#include "core/model/json_scan.h"
#include "core/protocol/codec.h"
#include "core/protocol/member_hash.h"

namespace tidemark::hub {

Hash128 FingerprintOf(const std::string& table, const Receiver::Rows& rows) {
  Hash128 sum;
  for (const auto& [key, row] : rows) sum = sum + model::HashRow(table, row);
  return sum;
}

model::Row GroupRow(std::string_view json) {
  std::vector<model::Value> values;
  model::JsonItems items(json);
  while (const std::optional<model::JsonItem> item = items.Next()) {
    values.emplace_back(model::JsonText{std::string(item->value)});
  }
  return model::Row::Make(std::move(values));
}

void Receiver::Receive(const Frame& frame) {
  Result<protocol::Message> decoded = protocol::Decode(*frame);
  ASSERT_TRUE(decoded.ok()) << decoded.error().message << "\n" << *frame;
  const protocol::Message& message = *decoded;
  if (const auto* segment = std::get_if<protocol::Segment>(&message)) {
    segment_frames.push_back(frame);
    return ApplySegment(*segment);
  }
  ASSERT_EQ(segments_expected_, 0u) << "a poke's segments follow it directly";
  if (std::holds_alternative<protocol::Compare>(message) ||
      std::holds_alternative<protocol::Want>(message)) {
    asked.push_back(message);
  }
  if (const auto* poke = std::get_if<protocol::Poke>(&message)) return ApplyPoke(*poke);
  if (const auto* seen = std::get_if<protocol::Welcome>(&message)) welcome = *seen;
  if (const auto* seen = std::get_if<protocol::LinkState>(&message)) auth_json = seen->auth_json;
  if (const auto* seen = std::get_if<protocol::Refused>(&message)) refused = seen->error;
  if (const auto* seen = std::get_if<protocol::QueryFailed>(&message)) {
    failed[seen->key] = seen->error;
    resolved_.erase(seen->key);
  }
}

void Receiver::ApplyPoke(const protocol::Poke& poke) {
  ASSERT_EQ(poke.from, version);
  ++pokes;
  arriving_ = poke.to;
  segments_expected_ = poke.segments;
  for (const protocol::ClientState& client : poke.lmids) lmids[client.client] = client.lmid;
  results.insert(results.end(), poke.results.begin(), poke.results.end());
  for (const protocol::ResolvedQuery& query : poke.resolved) {
    resolved_[query.key] = query.pipeline;
    pipelines_[query.pipeline];
    ++answers[query.key];
  }
  for (const QueryKey& key : poke.gone) resolved_.erase(key);
  if (segments_expected_ == 0) version = arriving_;
}

void Receiver::ApplySegment(const protocol::Segment& segment) {
  ASSERT_GT(segments_expected_, 0u);
  ASSERT_EQ(segment.to.epoch, arriving_.epoch);
  ASSERT_LE(segment.to.position, arriving_.position);
  ASSERT_TRUE(segment.to == arriving_ || segment.reset) << "changes lead to the poke's version";
  Rows& rows = pipelines_[segment.pipeline];
  if (segment.reset) rows.clear();
  std::string& table = tables_[segment.pipeline];
  for (const std::uint32_t key_hash : segment.left) {
    EXPECT_EQ(
        std::erase_if(
            rows, [&](const auto& row) { return protocol::HashKey(table, row.first) == key_hash; }),
        1u);
  }
  for (const protocol::SegmentChange& change : segment.changes) ApplyChange(rows, change);
  if (!segment.changes.empty()) table = segment.changes.front().table;
  EXPECT_EQ(ToHex(segment.fingerprint), ToHex(FingerprintOf(table, rows)));
  segments.push_back(segment);
  if (--segments_expected_ == 0) version = arriving_;
}

protocol::Sums Receiver::Answer(const protocol::Compare& compare) const {
  protocol::Sums answer{compare.comparison, std::vector<std::uint32_t>(compare.buckets, 0)};
  const std::string& table = tables_.at(compare.pipeline);
  for (const auto& [key, row] : pipelines_.at(compare.pipeline)) {
    answer.sums[protocol::BucketOf(protocol::HashKey(table, key), compare.buckets)] +=
        protocol::ShortRowHash(HashRow(table, row).low);
  }
  return answer;
}

protocol::Members Receiver::Answer(const protocol::Want& want) const {
  const std::vector<bool> wanted = protocol::WantedBuckets(want.wanted, want.buckets);
  protocol::Members answer{want.comparison, {}};
  const std::string& table = tables_.at(want.pipeline);
  for (const auto& [key, row] : pipelines_.at(want.pipeline)) {
    const std::uint32_t key_hash = protocol::HashKey(table, key);
    if (!wanted[protocol::BucketOf(key_hash, want.buckets)]) continue;
    answer.hashes.push_back(key_hash);
    answer.hashes.push_back(protocol::ShortRowHash(HashRow(table, row).low));
  }
  return answer;
}

void Receiver::ApplyChange(Rows& rows, const protocol::SegmentChange& change) {
  const auto table = schema_.FindTable(change.table);
  if (model::IsSyntheticTable(change.table)) {
    ASSERT_NE(change.kind, protocol::SegmentChange::Kind::kPatch);
    if (change.row_json.empty()) {
      EXPECT_EQ(rows.erase(change.key), 1u);
    } else {
      rows[change.key] = GroupRow(change.row_json);
    }
    return;
  }
  ASSERT_TRUE(table.has_value());
  switch (change.kind) {
    case protocol::SegmentChange::Kind::kRemove:
      EXPECT_EQ(rows.erase(change.key), 1u);
      return;
    case protocol::SegmentChange::Kind::kPut: {
      Result<model::Row> row = model::RowFromJsonText(schema_.table(*table), change.row_json);
      ASSERT_TRUE(row.ok()) << row.error().message;
      EXPECT_EQ(model::KeyOf(schema_.table(*table), *row), change.key);
      rows[change.key] = std::move(*row);
      return;
    }
    case protocol::SegmentChange::Kind::kPatch: {
      ASSERT_EQ(rows.count(change.key), 1u);
      model::Row& row = rows[change.key];
      EXPECT_EQ(model::HashRow(change.table, row).low, change.hash_before);
      row = Patched(row, change);
      EXPECT_EQ(model::HashRow(change.table, row).low, change.hash_after);
      return;
    }
  }
}

model::Row Receiver::Patched(const model::Row& before,
                             const protocol::SegmentChange& change) const {
  const model::Table& table = schema_.table(*schema_.FindTable(change.table));
  std::vector<model::Value> values = before.values();
  for (const protocol::SegmentChange::ColumnValue& column : change.columns) {
    if (column.is_patch) {
      Result<std::string> patched = model::JsonPatch(before[column.column].json(), column.json);
      EXPECT_TRUE(patched.ok());
      values[column.column] = model::Value(model::JsonText{std::move(*patched)});
    } else {
      Result<model::Value> value = model::ValueFromJson(table, table.columns[column.column],
                                                        boost::json::parse(column.json));
      EXPECT_TRUE(value.ok());
      values[column.column] = std::move(*value);
    }
  }
  return model::Row::Make(std::move(values));
}

protocol::DesiredQuery::Have Receiver::have(const QueryKey& key) const {
  const auto table = tables_.find(resolved_.at(key));
  return {resolved_.at(key), FingerprintOf(table == tables_.end() ? "" : table->second, rows(key))};
}

void Receiver::Forget(const QueryKey& key) { resolved_.erase(key); }

}  // namespace tidemark::hub
