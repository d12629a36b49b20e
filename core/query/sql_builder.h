// What the parts of the SQL writer share: one statement under construction.
#ifndef TIDEMARK_CORE_QUERY_SQL_BUILDER_H_
#define TIDEMARK_CORE_QUERY_SQL_BUILDER_H_

#include <string>
#include <string_view>
#include <vector>

#include "core/query/sql_writer.h"

namespace tidemark::query {

class SqlBuilder {
 public:
  SqlBuilder(Dialect dialect, const model::Table& table) : dialect_(dialect), table_(table) {}

  /// WHERE of a condition: appends an expression that is true exactly for the rows that pass.
  void Append(const Condition& condition);
  /// Appends an expression that is true exactly for the rows at or behind `start`.
  void AppendStart(const Ordering& ordering, const SqlStart& start);
  void Append(std::string_view text) { statement_.text.append(text); }

  /// What a column is ordered by and compared with < and > by.
  std::string Operand(model::ColumnIndex column) const;

  Dialect dialect() const { return dialect_; }
  SqlStatement Take() { return std::move(statement_); }

 private:
  bool postgres() const { return dialect_ == Dialect::kPostgres; }
  const model::Column& column(model::ColumnIndex index) const { return table_.columns[index]; }
  /// True where equality must be written as a range: databases may hold more than milliseconds.
  bool Ranged(model::ColumnIndex column) const;

  void AppendComparison(const Comparison& comparison);
  void AppendCompare(model::ColumnIndex column, Op op, const model::Value& value);
  void AppendRange(model::ColumnIndex column, Op op, const model::Value& value);
  void AppendNullSafe(model::ColumnIndex column, bool negated, const model::Value& value);
  void AppendList(model::ColumnIndex column, bool negated, const std::vector<model::Value>& values);
  void AppendLike(model::ColumnIndex column, Op op, const model::Value& value);
  void AppendUnknown();
  /// A placeholder for `value`, cast to the type that it is compared as.
  void AppendParameter(model::ColumnIndex column, const model::Value& value);
  void AppendPlaceholder(model::ColumnIndex column, model::Value value);

  bool IsRowComparison(const Ordering& ordering, const SqlStart& start) const;
  void AppendRowComparison(const Ordering& ordering, const SqlStart& start);
  void AppendBehind(const OrderKey& key, const model::Value& value);
  void AppendStartFrom(const Ordering& ordering, std::size_t position, const SqlStart& start);

  Dialect dialect_;
  const model::Table& table_;
  SqlStatement statement_;
};

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_SQL_BUILDER_H_
