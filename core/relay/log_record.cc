#include "core/relay/log_record.h"

#include <string>

#include "core/base/hash.h"

namespace tidemark::relay {

Status PrepareLogDatabase(store::Database& database) {
  // Exclusive before anything else: the browser's VFS has no shared memory for WAL.
  TIDEMARK_TRY(
      database.Execute("PRAGMA locking_mode=EXCLUSIVE; PRAGMA page_size=8192;"
                       "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"));
  return database.Execute(R"sql(
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS mutation(
      seq INTEGER PRIMARY KEY, client TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,
      args TEXT NOT NULL, timestamp INTEGER NOT NULL, seed TEXT NOT NULL,
      checksum INTEGER NOT NULL);
    CREATE INDEX IF NOT EXISTS mutation_by_client ON mutation(client, id);
    CREATE TABLE IF NOT EXISTS client(
      client TEXT PRIMARY KEY, confirmed INTEGER NOT NULL, last INTEGER NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS rejection(
      seq INTEGER PRIMARY KEY, client TEXT NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL,
      args TEXT NOT NULL, timestamp INTEGER NOT NULL, seed TEXT NOT NULL, error TEXT NOT NULL,
      UNIQUE(client, id));
    CREATE TABLE IF NOT EXISTS result(
      seq INTEGER PRIMARY KEY, client TEXT NOT NULL, id INTEGER NOT NULL, result TEXT NOT NULL,
      error TEXT NOT NULL, UNIQUE(client, id));
    CREATE TABLE IF NOT EXISTS damaged(
      seq INTEGER, client, id, name, args, timestamp, seed, checksum);
    COMMIT;
  )sql");
}

std::int64_t RecordChecksum(std::uint64_t seq, const mutation::Mutation& mutation) {
  std::string text = std::to_string(seq);
  const auto add = [&text](const std::string& field) {
    text += ' ';
    text += std::to_string(field.size());
    text += ' ';
    text += field;
  };
  add(mutation.client.value);
  add(std::to_string(mutation.id));
  add(mutation.name);
  add(mutation.args_json);
  add(std::to_string(mutation.timestamp_ms));
  add(mutation.seed);
  return static_cast<std::int64_t>(HashBytes(text).low);
}

mutation::Mutation MutationAt(const store::Statement& row, int first) {
  mutation::Mutation mutation;
  mutation.client = ClientID(std::string(row.Text(first)));
  mutation.id = static_cast<MutationID>(row.Int64(first + 1));
  mutation.name = std::string(row.Text(first + 2));
  mutation.args_json = std::string(row.Text(first + 3));
  mutation.timestamp_ms = row.Int64(first + 4);
  mutation.seed = std::string(row.Text(first + 5));
  return mutation;
}

void BindMutation(store::Statement& statement, int first, const mutation::Mutation& mutation) {
  statement.Bind(first, mutation.client.value)
      .Bind(first + 1, static_cast<std::int64_t>(mutation.id))
      .Bind(first + 2, mutation.name)
      .Bind(first + 3, mutation.args_json)
      .Bind(first + 4, mutation.timestamp_ms)
      .Bind(first + 5, mutation.seed);
}

}  // namespace tidemark::relay
