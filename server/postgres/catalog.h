// The tables that are replicated, as Postgres has them: the app's, and Tidemark's own two
// (tidemark.client, tidemark.result). Read once at
// start, where everything that does not fit is found.
#ifndef TIDEMARK_SERVER_POSTGRES_CATALOG_H_
#define TIDEMARK_SERVER_POSTGRES_CATALOG_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "core/model/schema.h"
#include "server/postgres/connection.h"
#include "server/postgres/types.h"

namespace tidemark::server {

/// Tables `client` (client, client_group, subject, lmid, created_ms, seen_ms) and `result` (client,
/// id, result, error), both in the database's schema `tidemark`, which no app's schema may name.
const std::vector<model::Table>& StateTables();
inline constexpr model::TableIndex kClientTable = 0;
inline constexpr model::TableIndex kResultTable = 1;

struct ReplicatedTable {
  const model::Table* table = nullptr;
  std::uint32_t oid = 0;
  std::string pg_schema;  // as found on the search path
  std::string pg_name;
  std::vector<TextForm> forms;  // by column
};

/// The app's tables in schema order, then StateTables().
struct Catalog {
  std::vector<ReplicatedTable> tables;
  std::size_t app_tables = 0;

  bool IsState(std::size_t table) const { return table >= app_tables; }
};

/// kInvalidArgs naming table.column and the remedy for what is missing or of a type that does not
/// fit. `schema` outlives the catalog.
Result<Catalog> ReadCatalog(PgConnection& connection, const model::Schema& schema);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_CATALOG_H_
