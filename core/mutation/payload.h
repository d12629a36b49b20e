// The payloads of a mutator's writes: what the JSON forms of docs/protocol.md say, checked against
// a table. Reads nothing and writes nothing.
#ifndef TIDEMARK_CORE_MUTATION_PAYLOAD_H_
#define TIDEMARK_CORE_MUTATION_PAYLOAD_H_

#include <boost/json/fwd.hpp>
#include <optional>
#include <string_view>
#include <vector>

#include "core/base/result.h"
#include "core/model/json_path.h"
#include "core/model/schema.h"

namespace tidemark::mutation {

/// The value of some columns: `values[c]` is set where column c was given.
using PartialRow = std::vector<std::optional<model::Value>>;

Result<boost::json::value> ParsePayload(std::string_view json);

/// Every member is a column of the table. With `key_only`, every member is a key column.
Result<PartialRow> ReadColumns(const model::Table& table, const boost::json::value& json,
                               bool key_only);

/// kInvalidArgs naming the key column that is missing or null.
Result<RowKey> ReadKey(const model::Table& table, const PartialRow& row);

/// A key as an object of key columns, or as an array in primary key order.
Result<RowKey> ReadKeyJson(const model::Table& table, const boost::json::value& json);

/// A whole row: absent columns get their default, or null if optional; kInvalidArgs otherwise.
Result<model::Row> CompleteRow(const model::Table& table, const PartialRow& row);

/// `{"key": {…}, "path": [column, …], …}`: where set, unset, merge, increment and splice work.
struct Place {
  RowKey key;
  model::ColumnIndex column = 0;
  model::JsonPath path;  // below the column
};
Result<Place> ReadPlace(const model::Table& table, const boost::json::value& payload);

Error InvalidColumn(const model::Table& table, std::string_view column, std::string_view problem);

}  // namespace tidemark::mutation

#endif  // TIDEMARK_CORE_MUTATION_PAYLOAD_H_
