// The meaning of a query, spelled out: every node is evaluated by looking at every row. Slow, and
// nothing in common with the operators but the test of a condition and the order of two rows.
#ifndef TIDEMARK_TESTS_CORE_IVM_NAIVE_EVALUATOR_H_
#define TIDEMARK_TESTS_CORE_IVM_NAIVE_EVALUATOR_H_

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "core/model/row_change.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

/// Rows of one table by key, and of all tables by index.
using TableRows = std::map<RowKey, model::Row>;
using Rows = std::vector<TableRows>;
using Members = std::map<std::pair<model::TableIndex, RowKey>, model::Row>;

class NaiveEvaluator {
 public:
  /// Told of each node that is evaluated, and its depth (the root's is 0).
  using Observer = std::function<void(const query::Query&, const query::Edge*, int depth)>;

  NaiveEvaluator(const model::Schema& schema, const Rows& rows) : schema_(schema), rows_(rows) {}

  void Observe(Observer observer) { observer_ = std::move(observer); }
  /// As View::ToJson.
  std::string ToJson(const query::Query& query) const;

 private:
  using List = std::vector<model::Row>;

  bool Passes(const query::Query& query, const model::Row& row) const;
  bool Leads(const query::Edge& edge, const model::Row& row) const;
  /// Rows that pass, at or behind the start, in order, of the table or at the end of an edge.
  List All(const query::Query& query, const query::Edge* edge, const model::Row& parent) const;
  List Limited(const query::Query& query, List rows) const;
  List Groups(const query::Query& query, const List& rows) const;
  model::Value Aggregate(const query::Query& query, const query::Aggregate& aggregate,
                         const List& rows) const;
  void Append(std::string& out, const query::Query& query, const query::Edge* edge,
              const model::Row& parent, int depth) const;

  const model::Schema& schema_;
  const Rows& rows_;
  Observer observer_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_TESTS_CORE_IVM_NAIVE_EVALUATOR_H_
