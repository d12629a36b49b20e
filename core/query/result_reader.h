// From what a statement of WriteResult gives to a result's JSON (docs/protocol.md): rows as lists
// of values in wire form. A database writes every value as text, and each row as
// `[[text, …], …, [row, …], …]`: its columns' texts in arrays of any number, then the list of each
// related query. A group is `[[text, …], aggregate, …]`. The texts become canonical values here,
// and sums are finished here, so that they are exact and the same whichever database it was.
#ifndef TIDEMARK_CORE_QUERY_RESULT_READER_H_
#define TIDEMARK_CORE_QUERY_RESULT_READER_H_

#include <boost/json/fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/result.h"
#include "core/query/ast.h"

namespace tidemark::query {

/// The value that a database's text stands for; no text is NULL.
using TextDecoder = model::Value (*)(const model::Column&, std::optional<std::string_view>);

/// For SQLite: the inverse of ParameterText.
model::Value ValueFromText(const model::Column& column, std::optional<std::string_view> text);

class ResultReader {
 public:
  /// Schema and query outlive the reader.
  ResultReader(const model::Schema& schema, const Query& query, TextDecoder decode)
      : schema_(schema), query_(query), decode_(decode) {}

  /// The next row. kLimit when a sum leaves its type.
  Status Add(std::string_view row);
  /// The result of all rows.
  std::string Take();

 private:
  using Json = boost::json::value;

  Status AppendRow(const Query& query, const Json& row);
  Status AppendGroup(const Query& query, const Json& group);
  Status AppendList(const Query& query, const Json& list);
  Result<model::Value> ReadAggregate(const Query& query, const Aggregate& aggregate,
                                     const Json& value) const;
  Result<model::Value> ReadSum(const model::Table& table, const Aggregate& aggregate,
                               const Json& parts) const;
  model::Value ReadText(const model::Column& column, const Json& text) const;

  const model::Schema& schema_;
  const Query& query_;
  TextDecoder decode_;
  std::string out_ = "[";
};

}  // namespace tidemark::query

#endif  // TIDEMARK_CORE_QUERY_RESULT_READER_H_
