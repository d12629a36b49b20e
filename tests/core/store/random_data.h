// Schemas, rows, queries and changes from one seed, for the laws that hold for all of them. Domains
// are small, so that values collide, rows move and windows run short.
#ifndef TIDEMARK_TESTS_CORE_STORE_RANDOM_DATA_H_
#define TIDEMARK_TESTS_CORE_STORE_RANDOM_DATA_H_

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/random.h"
#include "core/model/row_change.h"
#include "core/model/schema.h"
#include "core/query/ast.h"
#include "core/store/memory_source.h"

namespace tidemark::store {

/// SEED of the environment if it is set, else `fallback`; printed, so that a failure can be run
/// again.
std::uint64_t SeedFromEnvironment(std::uint64_t fallback);
/// CASES of the environment if it is set, else `fallback`.
std::uint64_t CasesFromEnvironment(std::uint64_t fallback);

/// A document with `tables` tables of every column type, nullable and not, with declared indexes.
std::string RandomSchemaJson(Random& random, std::size_t tables);

model::Value RandomValue(Random& random, const model::Column& column);
model::Row RandomRow(Random& random, const model::Table& table);

/// With a condition of any operator the columns' types allow, any ordering, a limit up to
/// `limit_max` in half of them.
query::Query RandomQuery(Random& random, const model::Schema& schema, std::uint32_t limit_max);

/// Up to `count` single changes (insert, edit, delete) to `store`, applied to it; the net of them.
model::ChangeSet ChangeAtRandom(Random& random, MemoryStore& store, std::size_t count);

/// The rows as JSON texts: what assertions print.
std::vector<std::string> Texts(const std::vector<model::Row>& rows);
/// The rows of a query on any store.
std::vector<model::Row> FetchAll(const Store& store, const query::Query& query);

}  // namespace tidemark::store

#endif  // TIDEMARK_TESTS_CORE_STORE_RANDOM_DATA_H_
