// Random rows, conditions and queries over one table with a column of every type, required and
// optional, and the answer that they must have: what every database and every source is held
// against. Values are few, so that comparisons meet, and awkward (LIKE's and GLOB's special
// characters, letters beyond ASCII, integers around 2^53, nulls).
#ifndef TIDEMARK_TESTS_CORE_QUERY_QUERY_GENERATOR_H_
#define TIDEMARK_TESTS_CORE_QUERY_QUERY_GENERATOR_H_

#include <optional>
#include <vector>

#include "core/base/random.h"
#include "core/model/row.h"
#include "core/model/schema.h"
#include "core/query/ast.h"
#include "core/query/sql_writer.h"

namespace tidemark::testing {

/// One table, `sample`, with primary key (key, part).
model::Schema SampleSchema();

class QueryGenerator {
 public:
  /// `schema` is SampleSchema() and outlives the generator.
  QueryGenerator(const model::Schema& schema, std::uint64_t seed);

  Random& random() { return random_; }
  /// A value that `column` can hold; null now and then if it is optional.
  model::Value Value(model::ColumnIndex column);
  model::Row Row();
  /// Rows with distinct keys.
  std::vector<model::Row> Rows(std::size_t count);
  query::Condition Condition(int depth);
  /// Where, order, limit: each now and then.
  query::Query Query();
  /// A place to start from: often one of `rows`.
  query::SqlStart Start(const std::vector<model::Row>& rows);

 private:
  query::Condition Comparison();
  model::Value Literal(model::ColumnIndex column);
  std::string Pattern();

  const model::Table& table_;
  Random random_;
};

/// The rows that the query selects, in its order: by predicate.h and CompareRows.
std::vector<model::Row> Answer(const query::Query& query, std::vector<model::Row> rows,
                               const std::optional<query::SqlStart>& start);

}  // namespace tidemark::testing

#endif  // TIDEMARK_TESTS_CORE_QUERY_QUERY_GENERATOR_H_
