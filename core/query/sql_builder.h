// What the parts of the SQL writer share: one statement under construction.
#ifndef TIDEMARK_CORE_QUERY_SQL_BUILDER_H_
#define TIDEMARK_CORE_QUERY_SQL_BUILDER_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/query/sql_writer.h"

namespace tidemark::query {

/// The rows that columns are named of. Without an alias the names stand by themselves.
struct SqlScope {
  const model::Table* table = nullptr;
  std::string alias;
};

class SqlBuilder {
 public:
  SqlBuilder(Dialect dialect, const model::Schema& schema) : dialect_(dialect), schema_(schema) {}

  // sql_condition.cc
  /// WHERE of a condition on the rows of `scope`: appends an expression that is true exactly for
  /// the rows that pass.
  void AppendCondition(const SqlScope& scope, const Condition& condition);

  // sql_start.cc
  /// Appends an expression that is true exactly for the rows at or behind `start`.
  void AppendStart(const SqlScope& scope, const Ordering& ordering, const Start& start);

  // sql_tree.cc
  /// ` ORDER BY …`
  void AppendOrdering(const SqlScope& scope, const Ordering& ordering);
  /// A SELECT with one column, `j`: the JSON of each row of the query, in order. With an edge, of
  /// the rows that it leads to from the row of `parent`.
  void AppendRows(const Query& query, const Edge* edge, const SqlScope& parent);

  void Append(std::string_view text) { statement_.text.append(text); }
  Dialect dialect() const { return dialect_; }
  SqlStatement Take() { return std::move(statement_); }

 private:
  /// The left side of a comparison, and as what type its literals are bound.
  struct Operand {
    std::string equal;  // compared with = and in lists
    std::string order;  // ordered, and compared with <, > and LIKE
    model::ColumnType type = model::ColumnType::kString;
  };

  bool postgres() const { return dialect_ == Dialect::kPostgres; }
  std::string NewAlias() { return "t" + std::to_string(aliases_++); }
  std::string Name(const SqlScope& scope, model::ColumnIndex column) const;
  /// True where equality must be written as a range: databases may hold more than milliseconds.
  bool Ranged(model::ColumnType type) const {
    return postgres() && type == model::ColumnType::kTimestamp;
  }
  Operand OperandOf(const SqlScope& scope, model::ColumnIndex column) const;
  Operand OperandOf(const SqlScope& scope, const Comparison& comparison);
  std::string AtPath(const SqlScope& scope, const Comparison& comparison, std::string_view kind);

  void AppendComparison(const SqlScope& scope, const Comparison& comparison);
  void AppendCompare(const Operand& operand, Op op, const model::Value& value);
  void AppendRange(const Operand& operand, Op op, const model::Value& value);
  void AppendNullSafe(const Operand& operand, bool negated, const model::Value& value);
  void AppendList(const Operand& operand, bool negated, const std::vector<model::Value>& values);
  void AppendLike(const Operand& operand, Op op, const model::Value& value);
  void AppendUnknown();
  /// A placeholder for `value`, cast to the type that it is compared as.
  void AppendParameter(model::ColumnType type, const model::Value& value);
  /// `?1` or `$1`
  std::string Placeholder(model::ColumnType type, model::Value value);

  bool IsRowComparison(const SqlScope& scope, const Ordering& ordering, const Start& start) const;
  void AppendRowComparison(const SqlScope& scope, const Ordering& ordering, const Start& start);
  void AppendBehind(const SqlScope& scope, const OrderKey& key, const model::Value& value);
  void AppendStartFrom(const SqlScope& scope, const Ordering& ordering, std::size_t position,
                       const Start& start);

  void AppendExists(const SqlScope& scope, const Exists& exists);
  /// The rows of `inner` that the edge leads to from the row of `outer`.
  void AppendEdge(const SqlScope& outer, const Edge& edge, const SqlScope& inner);
  void AppendMatch(const SqlScope& left, const Match& match, const SqlScope& right);
  /// What a column is matched with one of type `other` by.
  std::string MatchOperand(const SqlScope& scope, model::ColumnIndex column,
                           model::ColumnType other) const;
  /// ` FROM … WHERE …`: the rows of `scope` that the query selects (and the edge leads to).
  void AppendFrom(const SqlScope& scope, const Query& query, const Edge* edge,
                  const SqlScope& parent);
  void AppendSelected(const SqlScope& scope, const Query& query, const Edge* edge,
                      const SqlScope& parent);
  void AppendRowJson(const SqlScope& scope, const Query& query);
  void AppendList(const Query& query, const Edge& edge, const SqlScope& parent);
  void AppendGroups(const Query& query, const Edge* edge, const SqlScope& parent);
  void AppendAggregate(const SqlScope& scope, const Aggregate& aggregate);
  void AppendSum(const SqlScope& scope, model::ColumnIndex column);
  std::string_view JsonArray() const { return postgres() ? "json_build_array(" : "json_array("; }
  std::string_view JsonList() const { return postgres() ? "json_agg(" : "json_group_array("; }

  Dialect dialect_;
  const model::Schema& schema_;
  SqlStatement statement_;
  std::size_t aliases_ = 0;
};

/// What a column's value is in Postgres in its canonical form, whichever of its types it has, given
/// how the column is named in the statement.
std::string CanonicalValue(const model::Column& column, const std::string& name);
/// The same as text, in both databases: as model::Value's ParameterText, except that numbers may be
/// spelled otherwise and JSON's keys may be in another order.
std::string CanonicalText(Dialect dialect, const model::Column& column, const std::string& name);

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_SQL_BUILDER_H_
