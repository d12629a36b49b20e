// What the parts of the query parser share: one document being read. Counts what the whole tree
// holds, so that the limits hold for all of its levels together.
#ifndef TIDEMARK_CORE_QUERY_QUERY_READER_H_
#define TIDEMARK_CORE_QUERY_QUERY_READER_H_

#include <boost/json/value.hpp>
#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/query/ast.h"

namespace tidemark::query {

class QueryReader {
 public:
  /// `schema` outlives the reader.
  explicit QueryReader(const model::Schema& schema) : schema_(schema) {}

  Result<Query> Read(const boost::json::value& value);

 private:
  using Json = boost::json::value;
  using Object = boost::json::object;
  using Table = model::Table;

  // ast_json.cc
  Result<Query> ReadQuery(model::TableIndex table, const Object& object, std::size_t depth);
  Result<model::TableIndex> ReadTable(const Object& object) const;
  /// The relationship that `object` names, followed to the query that it holds.
  Result<Edge> ReadEdge(const Table& table, const Object& object, std::size_t depth);
  Status ReadRelated(const Table& table, const Object& object, std::size_t depth, Query& query);
  Status CountNode();

  // condition_json.cc
  Result<Condition> ReadCondition(const Table& table, const Json& value, std::size_t depth,
                                  std::size_t query_depth);
  Result<Condition> ReadJunction(const Table& table, Connective connective, const Object& object,
                                 std::size_t depth, std::size_t query_depth);
  Result<Condition> ReadNot(const Table& table, const Object& object, std::size_t depth,
                            std::size_t query_depth);
  Result<Condition> ReadExists(const Table& table, const Object& object, std::size_t query_depth);
  Result<Condition> ReadComparison(const Table& table, Op op, const Object& object);
  Status ReadPath(const std::string& name, const Json& value, Comparison& comparison);
  Status ReadLiteral(const Table& table, const Json& value, Comparison& comparison);
  Status CountLiterals(std::size_t count);

  const model::Schema& schema_;
  std::size_t nodes_ = 0;
  std::size_t conditions_ = 0;
  std::size_t literals_ = 0;
};

// aggregation_json.cc
/// Reads 'aggregates' and 'groupBy', which make `query` an aggregation.
Status ReadAggregation(const model::Table& table, const boost::json::object& object, Query& query);

// Errors and small values, the same for all parts.
Error InvalidQuery(const std::string& what);
Error QueryOverLimit(const std::string& what, std::string_view limit);
std::string_view TextOf(boost::json::string_view text);
/// A value for a message: its text, cut short.
std::string Quoted(const boost::json::value& value);
std::string NameOf(const model::Table& table, model::ColumnIndex column);  // "todo.rank"
Status CheckQueryKeys(const boost::json::object& object,
                      std::initializer_list<std::string_view> known);
Result<model::ColumnIndex> ReadColumn(const model::Table& table, const boost::json::value& value);
/// The alias under `as`, or else `usual`.
Result<std::string> ReadAlias(const boost::json::object& object, std::string usual);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_QUERY_READER_H_
