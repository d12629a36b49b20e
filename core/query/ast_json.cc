#include "core/query/ast_json.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <utility>

#include "core/model/json.h"
#include "core/model/json_path.h"
#include "core/model/text.h"
#include "core/query/limits.h"
#include "core/query/query_reader.h"

namespace tidemark::query {

namespace json = boost::json;
using model::ColumnType;
using model::Table;
using model::Value;

Error InvalidQuery(const std::string& what) {
  return Error{ErrorCode::kInvalidArgs, "query: " + what};
}

Error QueryOverLimit(const std::string& what, std::string_view limit) {
  return Error{ErrorCode::kLimit, "query: " + what + " (" + std::string(limit) + ")"};
}

std::string_view TextOf(json::string_view text) { return {text.data(), text.size()}; }

std::string Quoted(const json::value& value) { return model::CanonicalJson(value).substr(0, 80); }

std::string NameOf(const Table& table, model::ColumnIndex column) {
  return table.name + "." + table.columns[column].name;
}

Status CheckQueryKeys(const json::object& object, std::initializer_list<std::string_view> known) {
  for (const json::key_value_pair& member : object) {
    if (std::find(known.begin(), known.end(), TextOf(member.key())) == known.end()) {
      return InvalidQuery("unknown key '" + std::string(TextOf(member.key())) + "'");
    }
  }
  return Ok{};
}

Result<model::ColumnIndex> ReadColumn(const Table& table, const json::value& value) {
  if (!value.is_string()) return InvalidQuery("expected a column name, got " + Quoted(value));
  const std::string_view name = TextOf(value.get_string());
  const std::optional<model::ColumnIndex> column = table.FindColumn(name);
  if (!column) return InvalidQuery("no column '" + std::string(name) + "' in " + table.name);
  return *column;
}

Result<std::string> ReadAlias(const json::object& object, std::string usual) {
  const json::value* value = object.if_contains("as");
  if (value == nullptr) return usual;
  if (!value->is_string() || value->get_string().empty()) {
    return InvalidQuery("'as' must be a name, not " + Quoted(*value));
  }
  const std::string_view alias = TextOf(value->get_string());
  if (model::CheckText(alias) != model::TextFault::kNone) {
    return InvalidQuery("'as' is text that no database can hold");
  }
  if (alias.size() > kAliasBytesMax) {
    return QueryOverLimit("the alias '" + std::string(alias.substr(0, 80)) + "…' is longer than " +
                              std::to_string(kAliasBytesMax) + " bytes",
                          "alias_bytes_max");
  }
  return std::string(alias);
}

namespace {

Result<OrderKey> ReadOrderKey(const Table& table, const json::value& value) {
  const json::array* pair = value.if_array();
  if (pair == nullptr || pair->size() != 2) {
    return InvalidQuery("'orderBy' is a list of [column, direction], not " + Quoted(value));
  }
  OrderKey key;
  TIDEMARK_ASSIGN_OR_RETURN(key.column, ReadColumn(table, (*pair)[0]));
  if (table.columns[key.column].type == ColumnType::kJson) {
    return InvalidQuery("cannot order by the json column " + NameOf(table, key.column));
  }
  const json::string* direction = (*pair)[1].if_string();
  if (direction != nullptr && *direction == "desc") {
    key.direction = Direction::kDescending;
  } else if (direction == nullptr || *direction != "asc") {
    return InvalidQuery(NameOf(table, key.column) +
                        ": the direction must be 'asc' or 'desc', not " + Quoted((*pair)[1]));
  }
  return key;
}

/// The keys that the query names; not a total order yet.
Result<Ordering> ReadOrdering(const Table& table, const json::object& object) {
  Ordering ordering;
  const json::value* value = object.if_contains("orderBy");
  if (value == nullptr) return ordering;
  if (!value->is_array()) return InvalidQuery("'orderBy' must be a list, not " + Quoted(*value));
  for (const json::value& item : value->get_array()) {
    TIDEMARK_ASSIGN_OR_RETURN(const OrderKey key, ReadOrderKey(table, item));
    ordering.push_back(key);
  }
  return ordering;
}

Status ReadBounds(const json::object& object, Query& query) {
  if (const json::value* limit = object.if_contains("limit")) {
    constexpr std::int64_t kMax = std::numeric_limits<std::uint32_t>::max();
    if (!limit->is_int64() || limit->get_int64() < 0 || limit->get_int64() > kMax) {
      return InvalidQuery("'limit' must be a whole number, not " + Quoted(*limit));
    }
    query.limit = static_cast<std::uint32_t>(limit->get_int64());
  }
  if (const json::value* one = object.if_contains("one")) {
    if (!one->is_bool()) return InvalidQuery("'one' must be true or false, not " + Quoted(*one));
    query.one = one->get_bool();
    if (query.one) query.limit = 1;
  }
  return Ok{};
}

/// A value for each column of the query's order, and for no other.
Result<model::Row> ReadStartRow(const Table& table, const Ordering& ordering,
                                const json::object& row) {
  std::vector<Value> values(table.columns.size());
  for (const json::key_value_pair& member : row) {
    const std::string_view name = TextOf(member.key());
    const std::optional<model::ColumnIndex> column = table.FindColumn(name);
    if (!column) return InvalidQuery("no column '" + std::string(name) + "' in " + table.name);
    const bool ordered = std::any_of(ordering.begin(), ordering.end(),
                                     [&](const OrderKey& key) { return key.column == *column; });
    if (!ordered) {
      return InvalidQuery("'start': " + NameOf(table, *column) + " is not in the query's order");
    }
    TIDEMARK_ASSIGN_OR_RETURN(values[*column],
                              ValueFromJson(table, table.columns[*column], member.value()));
  }
  for (const OrderKey& key : ordering) {
    if (!row.contains(table.columns[key.column].name)) {
      return InvalidQuery("'start' lacks " + NameOf(table, key.column) +
                          ", which is in the query's order");
    }
  }
  return model::Row::Make(std::move(values));
}

Status ReadStart(const Table& table, const json::object& object, Query& query) {
  const json::value* value = object.if_contains("start");
  if (value == nullptr) return Ok{};
  const json::object* start = value->if_object();
  const json::value* row = start == nullptr ? nullptr : start->if_contains("row");
  if (row == nullptr || !row->is_object()) {
    return InvalidQuery("'start' must be {\"row\", \"inclusive\"}, not " + Quoted(*value));
  }
  TIDEMARK_TRY(CheckQueryKeys(*start, {"row", "inclusive"}));
  Start result;
  TIDEMARK_ASSIGN_OR_RETURN(result.row, ReadStartRow(table, query.order_by, row->get_object()));
  if (const json::value* inclusive = start->if_contains("inclusive")) {
    if (!inclusive->is_bool()) {
      return InvalidQuery("'inclusive' must be true or false, not " + Quoted(*inclusive));
    }
    result.inclusive = inclusive->get_bool();
  }
  query.start = std::move(result);
  return Ok{};
}

}  // namespace

Status QueryReader::CountNode() {
  if (++nodes_ <= kQueryNodesMax) return Ok{};
  return QueryOverLimit("more than " + std::to_string(kQueryNodesMax) +
                            " tables: related, exists, and what lies between",
                        "query_nodes_max");
}

Result<model::TableIndex> QueryReader::ReadTable(const Object& object) const {
  const Json* name = object.if_contains("table");
  if (name == nullptr || !name->is_string()) return InvalidQuery("'table' must be a table's name");
  const std::optional<model::TableIndex> table = schema_.FindTable(TextOf(name->get_string()));
  if (!table) return InvalidQuery("no table " + Quoted(*name));
  return *table;
}

Result<Query> QueryReader::Read(const Json& value) {
  const Object* object = value.if_object();
  if (object == nullptr) return InvalidQuery("expected an object, got " + Quoted(value));
  TIDEMARK_ASSIGN_OR_RETURN(const model::TableIndex table, ReadTable(*object));
  return ReadQuery(table, *object, 0);
}

Result<Query> QueryReader::ReadQuery(model::TableIndex table_index, const Object& object,
                                     std::size_t depth) {
  TIDEMARK_TRY(CheckQueryKeys(object, {"table", "where", "orderBy", "limit", "one", "start",
                                       "related", "aggregates", "groupBy"}));
  if (depth > kQueryDepthMax) {
    return QueryOverLimit("related and exists nest deeper than " + std::to_string(kQueryDepthMax),
                          "query_depth_max");
  }
  TIDEMARK_TRY(CountNode());
  const Table& table = schema_.table(table_index);
  Query query;
  query.table = table_index;
  if (const Json* where = object.if_contains("where")) {
    TIDEMARK_ASSIGN_OR_RETURN(query.where, ReadCondition(table, *where, 1, depth));
  }
  TIDEMARK_ASSIGN_OR_RETURN(query.order_by, ReadOrdering(table, object));
  TIDEMARK_TRY(ReadBounds(object, query));
  if (object.contains("aggregates") || object.contains("groupBy")) {
    TIDEMARK_TRY(ReadAggregation(table, object, query));
    return query;
  }
  query.order_by = TotalOrdering(table, query.order_by);
  TIDEMARK_TRY(ReadStart(table, object, query));
  TIDEMARK_TRY(ReadRelated(table, object, depth, query));
  return query;
}

Result<Edge> QueryReader::ReadEdge(const Table& table, const Object& object, std::size_t depth) {
  const Json* name = object.if_contains("relationship");
  if (name == nullptr || !name->is_string()) {
    return InvalidQuery(table.name + ": 'relationship' must be a relationship's name");
  }
  const model::Relationship* relationship = table.FindRelationship(TextOf(name->get_string()));
  if (relationship == nullptr) {
    return InvalidQuery("no relationship " + Quoted(*name) + " in " + table.name);
  }
  Edge edge;
  edge.relationship = relationship->name;
  edge.match = relationship->match;
  if (relationship->through) {
    TIDEMARK_TRY(CountNode());
    edge.through = Edge::Through{relationship->through->table, relationship->through->match};
  }
  const std::string place = table.name + "." + relationship->name;
  const Object empty;
  const Object* query = &empty;
  if (const Json* value = object.if_contains("query")) {
    query = value->if_object();
    if (query == nullptr) return InvalidQuery(place + ": 'query' must be an object");
    TIDEMARK_ASSIGN_OR_RETURN(const model::TableIndex target, ReadTable(*query));
    if (target != relationship->target) {
      return InvalidQuery(place + " leads to " + schema_.table(relationship->target).name +
                          ", not to " + schema_.table(target).name);
    }
  }
  TIDEMARK_ASSIGN_OR_RETURN(*edge.query, ReadQuery(relationship->target, *query, depth + 1));
  if (!relationship->many && !edge.query->aggregation) {
    edge.query->one = true;
    edge.query->limit = 1;
  }
  return edge;
}

Status QueryReader::ReadRelated(const Table& table, const Object& object, std::size_t depth,
                                Query& query) {
  const Json* value = object.if_contains("related");
  if (value == nullptr) return Ok{};
  if (!value->is_array()) return InvalidQuery("'related' must be a list, not " + Quoted(*value));
  if (value->get_array().size() > kRelatedMax) {
    return QueryOverLimit(table.name + ": more than " + std::to_string(kRelatedMax) + " related",
                          "related_max");
  }
  for (const Json& item : value->get_array()) {
    const Object* entry = item.if_object();
    if (entry == nullptr) {
      return InvalidQuery("'related' is a list of {\"relationship\", \"as\", \"query\"}, not " +
                          Quoted(item));
    }
    TIDEMARK_TRY(CheckQueryKeys(*entry, {"relationship", "as", "query"}));
    Related related;
    TIDEMARK_ASSIGN_OR_RETURN(related.edge, ReadEdge(table, *entry, depth));
    TIDEMARK_ASSIGN_OR_RETURN(related.alias, ReadAlias(*entry, related.edge.relationship));
    if (table.FindColumn(related.alias)) {
      return InvalidQuery(table.name + ": related as '" + related.alias +
                          "', which is the name of a column");
    }
    for (const Related& other : query.related) {
      if (other.alias == related.alias) {
        return InvalidQuery(table.name + ": two related are called '" + related.alias + "'");
      }
    }
    query.related.push_back(std::move(related));
  }
  return Ok{};
}

Result<Query> ParseQuery(const model::Schema& schema, std::string_view text) {
  TIDEMARK_ASSIGN_OR_RETURN(const json::value document, model::ParseJson(text));
  return QueryReader(schema).Read(document);
}

}  // namespace tidemark::query
