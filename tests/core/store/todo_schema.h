// A small schema for the tests of stores and pipelines: todos of lists.
#ifndef TIDEMARK_TESTS_CORE_STORE_TODO_SCHEMA_H_
#define TIDEMARK_TESTS_CORE_STORE_TODO_SCHEMA_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/model/row_change.h"
#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::store {

inline constexpr model::TableIndex kTodo = 0;
inline constexpr model::ColumnIndex kId = 0;
inline constexpr model::ColumnIndex kList = 1;
inline constexpr model::ColumnIndex kRank = 2;
inline constexpr model::ColumnIndex kTitle = 3;

inline model::Schema TodoSchema() {
  auto schema = model::Schema::Parse(R"({"tables":[
    {"name":"todo","columns":[{"name":"id","type":"string"},
      {"name":"listID","from":"list_id","type":"string"},{"name":"rank","type":"number"},
      {"name":"title","type":"string","optional":true}],
     "primaryKey":["id"],"indexes":[["listID","rank"]],"uniques":[],"relationships":[]},
    {"name":"list","columns":[{"name":"id","type":"string"}],
     "primaryKey":["id"],"indexes":[],"uniques":[],"relationships":[]}]})");
  TIDEMARK_CHECK(schema.ok());
  return std::move(schema).value();
}

inline model::Row Todo(std::string_view id, std::string_view list, double rank,
                       std::string_view title = "") {
  return model::Row::Make({model::Value(id), model::Value(list), model::Value(rank),
                           title.empty() ? model::Value() : model::Value(title)});
}

inline RowKey TodoKey(std::string_view id) { return model::KeyFromValues({model::Value(id)}); }

inline model::RowChange TodoChange(model::Row before, model::Row after) {
  RowKey key = model::KeyFromValues({before ? before[kId] : after[kId]});
  return {kTodo, std::move(key), std::move(before), std::move(after)};
}

inline query::Condition Equals(model::ColumnIndex column, model::Value value) {
  return {query::Comparison{column, query::Op::kEqual, {std::move(value)}}};
}

/// By rank, then id.
inline query::Query TodosByRank(std::optional<query::Condition> where = std::nullopt,
                                std::optional<std::uint32_t> limit = std::nullopt) {
  query::Query query;
  query.table = kTodo;
  query.where = std::move(where);
  query.order_by = {{kRank, query::Direction::kAscending}, {kId, query::Direction::kAscending}};
  query.limit = limit;
  return query;
}

inline std::string Ids(const std::vector<model::Row>& rows) {
  std::string ids;
  for (const model::Row& row : rows) ids += (ids.empty() ? "" : " ") + row[kId].string();
  return ids;
}

}  // namespace tidemark::store

#endif  // TIDEMARK_TESTS_CORE_STORE_TODO_SCHEMA_H_
