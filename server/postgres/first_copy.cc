// Where the stream begins: resuming a slot, or a new slot and a copy of everything at its snapshot.
#include <algorithm>
#include <utility>

#include "core/base/hash.h"
#include "core/query/sql_writer.h"
#include "server/postgres/lsn.h"
#include "server/postgres/replication.h"

namespace tidemark::server {
namespace {

constexpr std::size_t kRowsPerFetch = 2000;

Error Refused(const std::string& what, const std::string& remedy, const Error& error) {
  return Error{error.code, "Postgres: " + what + ": " + error.message + "; " + remedy};
}

}  // namespace

/// Names the history: cluster, timeline, database.
Result<std::string> Replication::Identify(PgConnection& connection) {
  const PgResult system = stream_->Execute("IDENTIFY_SYSTEM");
  TIDEMARK_TRY(StatusOf(system));
  const PgResult database = connection.Query(
      "SELECT d.oid, s.database FROM pg_database d, tidemark.state s "
      "WHERE d.datname = current_database()");
  TIDEMARK_TRY(StatusOf(database));
  if (database.rows() != 1) {
    return Error{ErrorCode::kCorrupt, "Postgres: the table tidemark.state has lost its row"};
  }
  std::string text(system.Text(0, 0));
  text.append("/").append(system.Text(0, 1));
  text.append("/").append(database.Text(0, 0));
  text.append("/").append(database.Text(0, 1));
  return ToHex(HashBytes(text));
}

Result<bool> Replication::CanResume(PgConnection& connection, const Replica& replica,
                                    const std::string& epoch) {
  const PgResult slot = connection.Query(
      "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = $1 AND "
      "plugin = 'pgoutput' AND database = current_database() AND "
      "coalesce(wal_status, '') <> 'lost'",
      {slot_});
  TIDEMARK_TRY(StatusOf(slot));
  // A slot that was given free beyond the replica has forgotten what the replica lacks.
  return slot.rows() == 1 && replica.IsCopyOf(epoch) &&
         ParseLsn(slot.Text(0, 0)) <= replica.version().position;
}

Status Replication::DropSlot(PgConnection& connection) {
  const PgResult slot =
      connection.Query("SELECT active_pid FROM pg_replication_slots WHERE slot_name = $1", {slot_});
  TIDEMARK_TRY(StatusOf(slot));
  if (slot.rows() == 0) return Ok{};
  if (!slot.IsNull(0, 0)) {
    (void)connection.Query("SELECT pg_terminate_backend($1::int4, 5000)",
                           {std::string(slot.Text(0, 0))});
  }
  const PgResult dropped = connection.Query("SELECT pg_drop_replication_slot($1)", {slot_});
  if (dropped.ok()) return Ok{};
  return Refused("cannot drop the slot " + slot_, "stop the server that reads it",
                 dropped.fault().error);
}

Status Replication::CopyAll(PgConnection& connection, Replica& replica, const std::string& epoch) {
  const PgResult made = stream_->Execute("CREATE_REPLICATION_SLOT \"" + slot_ +
                                         "\" LOGICAL pgoutput (SNAPSHOT 'export')");
  if (!made.ok()) {
    return Refused("cannot create a replication slot",
                   "the role of --db needs REPLICATION, and max_replication_slots room for one "
                   "slot a server",
                   made.fault().error);
  }
  const std::uint64_t position = ParseLsn(made.Text(0, 1));
  TIDEMARK_TRY(StatusOf(connection.Execute(
      "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0;"
      "SET LOCAL enable_seqscan = on")));
  TIDEMARK_TRY(StatusOf(
      connection.Execute("SET TRANSACTION SNAPSHOT '" + std::string(made.Text(0, 2)) + "'")));
  TIDEMARK_TRY(replica.BeginCopy());
  for (std::size_t table = 0; table < catalog_.tables.size(); ++table) {
    TIDEMARK_TRY(CopyTable(connection, replica, table));
  }
  TIDEMARK_TRY(StatusOf(connection.Execute("COMMIT")));
  return replica.EndCopy(Version{epoch, position});
}

Status Replication::CopyTable(PgConnection& connection, Replica& replica, std::size_t table) {
  const ReplicatedTable& replicated = catalog_.tables[table];
  const std::vector<model::Column>& columns = replicated.table->columns;
  std::string list;
  for (const model::Column& column : columns) {
    if (!list.empty()) list += ", ";
    list += query::QuotedName(column.db_name);
  }
  TIDEMARK_TRY(StatusOf(connection.Execute(
      "DECLARE tidemark_copy NO SCROLL CURSOR FOR SELECT " + list + " FROM " +
      query::QuotedName(replicated.pg_schema) + "." + query::QuotedName(replicated.pg_name))));
  const std::string fetch = "FETCH " + std::to_string(kRowsPerFetch) + " FROM tidemark_copy";
  while (true) {
    const PgResult rows = connection.Execute(fetch);
    TIDEMARK_TRY(StatusOf(rows));
    for (std::size_t i = 0; i < rows.rows(); ++i) {
      std::vector<model::Value> values;
      values.reserve(columns.size());
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const int column = static_cast<int>(c);
        values.push_back(rows.IsNull(i, column) ? NullFromPostgres(columns[c])
                                                : ValueFromPostgres(columns[c], replicated.forms[c],
                                                                    rows.Text(i, column)));
      }
      TIDEMARK_TRY(replica.CopyRow(catalog_, table, model::Row::Make(std::move(values))));
    }
    if (rows.rows() < kRowsPerFetch) break;
  }
  return StatusOf(connection.Execute("CLOSE tidemark_copy"));
}

}  // namespace tidemark::server
