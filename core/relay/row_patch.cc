#include "core/relay/row_patch.h"

#include <optional>
#include <utility>
#include <vector>

#include "core/base/hash.h"
#include "core/model/json_path.h"
#include "core/model/json_scan.h"

namespace tidemark::relay {

Result<std::string> PatchRow(std::string_view row_json, const protocol::SegmentChange& patch) {
  const std::uint64_t table_hash = HashBytes(patch.table).low;
  if (HashBytes(row_json, table_hash).low == patch.hash_after) return std::string(row_json);
  std::vector<std::string_view> columns;
  model::JsonItems items(row_json);
  while (const std::optional<model::JsonItem> item = items.Next()) columns.push_back(item->value);

  std::vector<std::string> patched;  // what the views of changed columns point to
  patched.reserve(patch.columns.size());
  for (const protocol::SegmentChange::ColumnValue& change : patch.columns) {
    if (change.column >= columns.size()) {
      return Error{ErrorCode::kInvalidArgs, "a patch of column " + std::to_string(change.column) +
                                                " of a row of table " + patch.table +
                                                ", which has " + std::to_string(columns.size())};
    }
    if (change.is_patch) {
      TIDEMARK_ASSIGN_OR_RETURN(std::string value,
                                model::JsonPatch(columns[change.column], change.json));
      patched.push_back(std::move(value));
    } else {
      patched.push_back(change.json);
    }
    columns[change.column] = patched.back();
  }

  std::string row = "[";
  for (const std::string_view column : columns) {
    if (row.size() > 1) row += ',';
    row += column;
  }
  row += ']';
  if (HashBytes(row, table_hash).low != patch.hash_after) {
    return Error{ErrorCode::kConflict, "the patched row " + patch.key.value + " of table " +
                                           patch.table + " is not what the server has"};
  }
  return row;
}

}  // namespace tidemark::relay
