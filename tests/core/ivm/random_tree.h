// Schemas with relationships, queries over them and writes, from one seed. Domains are tiny, so
// that rows meet, move between parents, and windows run short.
#ifndef TIDEMARK_TESTS_CORE_IVM_RANDOM_TREE_H_
#define TIDEMARK_TESTS_CORE_IVM_RANDOM_TREE_H_

#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/model/row_change.h"
#include "core/model/schema.h"
#include "core/query/ast.h"

namespace tidemark::ivm {

/// Two to four tables, some with compound keys; relationships to other tables and to themselves, of
/// one and two columns, that may be null, and through junctions.
std::string RandomTreeSchema(Random& random);

/// A whole query: conditions with exists, related queries at any depth up to `depth`, starts,
/// limits, aggregates.
query::Query RandomTree(Random& random, const model::Schema& schema, int depth);

/// A row put or deleted: no `after`.
struct Write {
  model::TableIndex table = 0;
  RowKey key;
  model::Row after;
};

std::vector<Write> RandomWrites(Random& random, const model::Schema& schema, std::size_t count);

}  // namespace tidemark::ivm

#endif  // TIDEMARK_TESTS_CORE_IVM_RANDOM_TREE_H_
