// What is created in Postgres. Only ever adds: nothing is dropped, no type is changed, and what the
// schema does not name is left alone.
#ifndef TIDEMARK_SERVER_POSTGRES_MIGRATION_H_
#define TIDEMARK_SERVER_POSTGRES_MIGRATION_H_

#include "core/model/schema.h"
#include "server/postgres/connection.h"

namespace tidemark::server {

/// --migrate: the app's missing tables, columns and indexes, in one transaction. kConflict names a
/// table that cannot be extended with the rows that it has.
Status MigratePostgres(PgConnection& connection, const model::Schema& schema);

/// What Tidemark itself needs: the schema `tidemark` with its tables. kForbidden with the remedy
/// when the role may not create it. Forgets clients that were not seen for long.
Status PrepareState(PgConnection& connection, std::int64_t now_ms);

/// The publication `tidemark` of the schema's tables and Tidemark's own. True if it lacked one of
/// them: changes may have passed unseen, a replica from before is of no use.
Result<bool> PreparePublication(PgConnection& connection, const struct Catalog& catalog);

}  // namespace tidemark::server

#endif  // TIDEMARK_SERVER_POSTGRES_MIGRATION_H_
