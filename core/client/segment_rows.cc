#include "core/client/segment_rows.h"

#include <boost/json/value.hpp>
#include <optional>
#include <string>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/model/row_reader.h"

namespace tidemark::client {
namespace {

using protocol::SegmentChange;

Error HasAnotherColumn(const SegmentChange& change) {
  return Error{ErrorCode::kInvalidArgs, "a patch of " + change.table + " " + change.key.value +
                                            " has a column that the table has not"};
}

Error HasAnotherKey(const SegmentChange& change) {
  return Error{ErrorCode::kInvalidArgs,
               "a row of " + change.table + " has another key than " + change.key.value};
}

Result<model::Value> NewValue(const model::Table& table, const SegmentChange::ColumnValue& change,
                              const model::Value& before) {
  const model::Column& column = table.columns[change.column];
  if (!change.is_patch) {
    TIDEMARK_ASSIGN_OR_RETURN(const boost::json::value json, model::ParseJson(change.json));
    return model::ValueFromJson(table, column, json);
  }
  if (before.kind() != model::ValueKind::kJson) {
    return Error{ErrorCode::kCorrupt,
                 "a patch of " + table.name + "." + column.name + ", which is not a document"};
  }
  TIDEMARK_ASSIGN_OR_RETURN(std::string text, model::JsonPatch(before.json(), change.json));
  return model::Value(model::JsonText{std::move(text)});
}

/// The row as it is, where the patch is not of it: then the fingerprint will not come out, and the
/// pipeline is repaired.
Result<model::Row> PatchedRow(const model::Table& table, const SegmentChange& change,
                              const model::Row& before) {
  if (!before) return before;
  const Hash128 hash = HashRow(table.name, before);
  if (hash.low == change.hash_after) return before;  // brought by an earlier poke already
  if (hash.low != change.hash_before) return before;
  std::vector<model::Value> values = before.values();
  for (const SegmentChange::ColumnValue& column : change.columns) {
    if (column.column >= values.size()) return HasAnotherColumn(change);
    TIDEMARK_ASSIGN_OR_RETURN(values[column.column],
                              NewValue(table, column, values[column.column]));
  }
  model::Row after = model::Row::Make(std::move(values));
  if (HashRow(table.name, after).low != change.hash_after) return before;
  return after;
}

Result<SegmentGroup> ReadGroup(const SegmentChange& change) {
  if (change.kind == SegmentChange::Kind::kPatch) {
    return Error{ErrorCode::kInvalidArgs, "a patch of the group " + change.key.value};
  }
  SegmentGroup group{{change.table, change.key}, change.row_json, {}};
  if (!change.row_json.empty()) {
    group.hash = HashBytes(change.row_json, HashBytes(change.table).low);
  }
  return group;
}

}  // namespace

Result<SegmentRows> ReadSegment(const model::Schema& schema, protocol::Segment segment,
                                FunctionRef<model::Row(const TableKey&)> base) {
  SegmentRows result;
  result.pipeline = segment.pipeline;
  result.position = segment.to.position;
  result.reset = segment.reset;
  result.fingerprint = segment.fingerprint;
  result.left = std::move(segment.left);
  result.rows.reserve(segment.changes.size());
  std::optional<model::TableIndex> index;
  std::optional<model::RowReader> reader;
  for (SegmentChange& change : segment.changes) {
    if (model::IsSyntheticTable(change.table)) {
      TIDEMARK_ASSIGN_OR_RETURN(SegmentGroup group, ReadGroup(change));
      result.groups.push_back(std::move(group));
      continue;
    }
    if (!index || schema.table(*index).name != change.table) {
      index = schema.FindTable(change.table);
      if (!index) {
        return Error{ErrorCode::kInvalidArgs, "a segment names the unknown table " + change.table};
      }
      reader.emplace(schema.table(*index));
    }
    const model::Table& table = reader->table();
    SegmentRow& row = result.rows.emplace_back();
    row.address.table = *index;
    switch (change.kind) {
      case SegmentChange::Kind::kPut: {
        TIDEMARK_ASSIGN_OR_RETURN(row.row, reader->Read(change.row_json));
        if (!reader->HasKey(change.key)) return HasAnotherKey(change);
        row.hash = reader->Hash();
        break;
      }
      case SegmentChange::Kind::kPatch: {
        TIDEMARK_ASSIGN_OR_RETURN(row.row,
                                  PatchedRow(table, change, base(TableKey{*index, change.key})));
        if (!row.row) {
          result.rows.pop_back();
          continue;
        }
        if (model::KeyOf(table, row.row) != change.key) return HasAnotherKey(change);
        row.hash = HashRow(table.name, row.row);
        break;
      }
      case SegmentChange::Kind::kRemove:
        break;
    }
    row.address.key = std::move(change.key);
  }
  return result;
}

}  // namespace tidemark::client
