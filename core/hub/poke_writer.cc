#include "core/hub/poke_writer.h"

#include <memory>
#include <string>
#include <utility>

#include "core/model/json_path.h"
#include "core/protocol/codec.h"

namespace tidemark::hub {
namespace {

// Below this a whole row is as good as a patch, and simpler.
constexpr std::size_t kPatchedRowBytesMin = 256;
// What a patch costs beside its values: two hashes and the names of the members.
constexpr std::size_t kPatchOverheadBytes = 64;

protocol::SegmentChange::ColumnValue ColumnChange(model::ColumnIndex column, model::ColumnType type,
                                                  const model::Value& before,
                                                  const model::Value& after) {
  protocol::SegmentChange::ColumnValue value;
  value.column = column;
  model::AppendJson(value.json, after);
  if (type == model::ColumnType::kJson && !before.is_null() && !after.is_null() &&
      value.json.size() >= kPatchedRowBytesMin / 2) {
    std::string patch = model::JsonDiff(before.json(), after.json());
    if (patch.size() < value.json.size()) {
      value.json = std::move(patch);
      value.is_patch = true;
    }
  }
  return value;
}

}  // namespace

Frame MakeFrame(const protocol::Message& message) {
  return std::make_shared<const std::string>(protocol::Encode(message));
}

protocol::SegmentChange PutChange(const model::Table& table, const ClientSchema& schema,
                                  model::TableIndex index, const model::Row& row) {
  protocol::SegmentChange change;
  change.kind = protocol::SegmentChange::Kind::kPut;
  change.table = table.name;
  change.key = KeyOf(table, row);
  model::AppendRowJson(change.row_json, schema.Project(index, row));
  return change;
}

std::optional<protocol::SegmentChange> EditChange(const model::Table& table,
                                                  const ClientSchema& schema,
                                                  const model::RowChange& change, EditForm form) {
  protocol::SegmentChange edit;
  edit.table = table.name;
  edit.key = change.key;
  if (!change.after) {
    edit.kind = protocol::SegmentChange::Kind::kRemove;
    return edit;
  }
  const model::Row after = schema.Project(change.table, change.after);
  const model::Row before = schema.Project(change.table, change.before);
  if (before && before == after) return std::nullopt;
  edit.kind = protocol::SegmentChange::Kind::kPut;
  model::AppendRowJson(edit.row_json, after);
  const bool is_whole = form == EditForm::kWhole || model::IsSyntheticTable(table.name);
  if (is_whole || !before || edit.row_json.size() < kPatchedRowBytesMin) return edit;

  const std::vector<model::ColumnIndex>& columns = schema.columns(change.table);
  std::size_t patch_bytes = kPatchOverheadBytes;
  for (model::ColumnIndex column = 0; column < columns.size(); ++column) {
    if (before[column] == after[column]) continue;
    const model::ColumnType type = table.columns[columns[column]].type;
    edit.columns.push_back(ColumnChange(column, type, before[column], after[column]));
    patch_bytes += edit.columns.back().json.size();
  }
  if (patch_bytes * 2 > edit.row_json.size()) {
    edit.columns.clear();
    return edit;
  }
  edit.kind = protocol::SegmentChange::Kind::kPatch;
  edit.row_json.clear();
  edit.hash_before = HashRow(table.name, before).low;
  edit.hash_after = HashRow(table.name, after).low;
  return edit;
}

}  // namespace tidemark::hub
