// Random rows and random trees over any schema with relationships: related queries, exists, start,
// paths, aggregations, at every level. Values are few, so that rows match one another and
// comparisons meet, and awkward (nulls, integers around 2^53, sums that overflow, text beyond
// ASCII).
#ifndef TIDEMARK_TESTS_CORE_QUERY_TREE_GENERATOR_H_
#define TIDEMARK_TESTS_CORE_QUERY_TREE_GENERATOR_H_

#include <cstddef>
#include <cstdint>

#include "core/base/random.h"
#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/query/ast.h"
#include "tests/core/query/reference_evaluator.h"

namespace tidemark::testing {

class TreeGenerator {
 public:
  /// `schema` outlives the generator.
  TreeGenerator(const model::Schema& schema, std::uint64_t seed) : schema_(schema), random_(seed) {}

  Random& random() { return random_; }
  /// A value that `column` can hold; null now and then if it is optional.
  model::Value Value(const model::Column& column);
  model::Row Row(model::TableIndex table);
  /// Rows with distinct keys, up to `count_max` a table (fewer where keys run out).
  TableRows Rows(std::size_t count_max);
  /// A query of a random table, at most `depth` related or exists deep.
  query::Query Tree(int depth);

 private:
  query::Query TreeOf(model::TableIndex table, int depth);
  query::Edge EdgeOf(model::TableIndex table, int depth);
  query::Condition Condition(model::TableIndex table, int size, int depth);
  query::Condition Comparison(const model::Table& table);
  query::Condition PathComparison(model::ColumnIndex column);
  query::Condition ExistsOf(model::TableIndex table, int depth);
  query::Ordering Ordering(const model::Table& table);
  query::Aggregation Aggregation(const model::Table& table);
  void AddRelated(query::Query& query, int depth);

  const model::Schema& schema_;
  Random random_;
};

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_CORE_QUERY_TREE_GENERATOR_H_
