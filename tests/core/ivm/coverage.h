// Which features of queries met in a random walk: of each node that was evaluated on rows, its
// operators, depth, ordering, limit and nulls, counted in pairs of different dimensions.
#ifndef TIDEMARK_TESTS_CORE_IVM_COVERAGE_H_
#define TIDEMARK_TESTS_CORE_IVM_COVERAGE_H_

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "tests/core/ivm/naive_evaluator.h"

namespace tidemark::ivm {

class Coverage {
 public:
  /// Evaluates the query, and counts its nodes whose table has rows.
  void Count(const model::Schema& schema, const query::Query& query, const Rows& rows);
  /// A table a pair of dimensions: how often the features met.
  std::string Report() const;
  /// Pairs that must meet and did not, one a line; empty: none.
  std::string Missing() const;

 private:
  void CountNode(const query::Query& query, const query::Edge* edge, int depth, const Rows& rows);

  std::map<std::pair<std::string, std::string>, std::uint64_t> pairs_;
};

}  // namespace tidemark::ivm

#endif  // TIDEMARK_TESTS_CORE_IVM_COVERAGE_H_
