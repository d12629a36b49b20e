#include "server/embedded/sqlite_state.h"

#include <utility>

#include "core/model/error_json.h"
#include "core/store/sqlite_source.h"

namespace tidemark::server {
namespace {

using store::Database;
using store::Statement;

constexpr std::string_view kTables = R"(
CREATE TABLE IF NOT EXISTS tidemark_version(
  only INTEGER PRIMARY KEY CHECK (only = 1), epoch TEXT NOT NULL, position INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS tidemark_client(
  client TEXT PRIMARY KEY, client_group TEXT NOT NULL, subject TEXT NOT NULL,
  lmid INTEGER NOT NULL, created_ms INTEGER NOT NULL, seen_ms INTEGER NOT NULL)
  STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tidemark_client_by_group ON tidemark_client(client_group);
CREATE TABLE IF NOT EXISTS tidemark_result(
  client TEXT NOT NULL, id INTEGER NOT NULL, result TEXT NOT NULL, error TEXT NOT NULL,
  PRIMARY KEY (client, id)) STRICT, WITHOUT ROWID;
)";

Error Foreign(const std::string& what) {
  return Error{ErrorCode::kForbidden, what + " belongs to somebody else"};
}

Status ForgetClients(Database& database, std::int64_t before_ms) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * results,
      database.Cached("DELETE FROM tidemark_result WHERE client IN "
                      "(SELECT client FROM tidemark_client WHERE seen_ms < ?1)"));
  results->Bind(1, before_ms);
  TIDEMARK_TRY(results->Run());
  TIDEMARK_ASSIGN_OR_RETURN(Statement * clients,
                            database.Cached("DELETE FROM tidemark_client WHERE seen_ms < ?1"));
  clients->Bind(1, before_ms);
  return clients->Run();
}

Status ReadResults(Database& database, const ClientID& client,
                   std::vector<protocol::MutationResult>& results) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * select,
      database.Cached(
          "SELECT id, result, error FROM tidemark_result WHERE client = ?1 ORDER BY id"));
  select->Bind(1, client.value);
  while (true) {
    TIDEMARK_ASSIGN_OR_RETURN(const bool found, select->Step());
    if (!found) break;
    protocol::MutationResult result;
    result.client = client;
    result.id = static_cast<MutationID>(select->Int64(0));
    result.result_json = select->Text(1);
    const std::string_view error = select->Text(2);
    if (!error.empty()) result.error = model::ErrorFromJson(error);
    results.push_back(std::move(result));
  }
  select->Reset();
  return Ok{};
}

/// kForbidden if the group has clients of another subject.
Status CheckGroup(Database& database, const ClientGroupID& group, const std::string& subject) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * select,
      database.Cached("SELECT 1 FROM tidemark_client WHERE client_group = ?1 AND subject <> ?2 "
                      "LIMIT 1"));
  select->Bind(1, group.value).Bind(2, subject);
  TIDEMARK_ASSIGN_OR_RETURN(const bool foreign, select->Step());
  select->Reset();
  if (foreign) return Foreign("this client group");
  return Ok{};
}

}  // namespace

Status PrepareDatabase(Database& database, const model::Schema& schema, std::string_view new_epoch,
                       std::int64_t now_ms) {
  TIDEMARK_TRY(store::MigrateSqlite(schema, database));
  TIDEMARK_TRY(database.Execute(kTables));
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * version,
      database.Cached("INSERT INTO tidemark_version(only, epoch, position) VALUES (1, ?1, 0) "
                      "ON CONFLICT DO NOTHING"));
  version->Bind(1, new_epoch);
  TIDEMARK_TRY(version->Run());
  return ForgetClients(database, now_ms - kClientHorizonMs);
}

Result<Version> ReadVersion(Database& database) {
  TIDEMARK_ASSIGN_OR_RETURN(Statement * select,
                            database.Cached("SELECT epoch, position FROM tidemark_version"));
  TIDEMARK_ASSIGN_OR_RETURN(const bool found, select->Step());
  if (!found) return Error{ErrorCode::kCorrupt, "the database has lost its version"};
  Version version{std::string(select->Text(0)), static_cast<std::uint64_t>(select->Int64(1))};
  select->Reset();
  return version;
}

Result<std::optional<ClientRow>> ReadClient(Database& database, const ClientID& client) {
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * select,
      database.Cached("SELECT client_group, subject, lmid, created_ms FROM tidemark_client "
                      "WHERE client = ?1"));
  select->Bind(1, client.value);
  TIDEMARK_ASSIGN_OR_RETURN(const bool found, select->Step());
  std::optional<ClientRow> row;
  if (found) {
    row = ClientRow{ClientGroupID(std::string(select->Text(0))), std::string(select->Text(1)),
                    static_cast<MutationID>(select->Int64(2)), select->Int64(3)};
  }
  select->Reset();
  return row;
}

Status CheckNewClient(Database& database, const ClientGroupID& group, const std::string& subject,
                      std::size_t clients_max) {
  TIDEMARK_TRY(CheckGroup(database, group, subject));
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * count,
      database.Cached("SELECT count(*) FROM tidemark_client WHERE client_group = ?1"));
  count->Bind(1, group.value);
  TIDEMARK_ASSIGN_OR_RETURN(const bool counted, count->Step());
  const bool full = counted && count->Int64(0) >= static_cast<std::int64_t>(clients_max);
  count->Reset();
  if (!full) return Ok{};
  return Error{ErrorCode::kLimit, "a client group has at most " + std::to_string(clients_max) +
                                      " clients (clients_per_group_max)"};
}

std::optional<std::int64_t> CreationTimeMs(const ClientID& client) {
  const std::size_t end = client.value.find('-');
  if (end == std::string::npos || end == 0 || end > 9) return std::nullopt;
  std::int64_t time = 0;
  for (const char digit : client.value.substr(0, end)) {
    if (digit >= '0' && digit <= '9') {
      time = time * 36 + (digit - '0');
    } else if (digit >= 'a' && digit <= 'z') {
      time = time * 36 + (digit - 'a' + 10);
    } else {
      return std::nullopt;
    }
  }
  return time;
}

Result<GroupState> ReadGroup(Database& database, const ClientGroupID& group,
                             const std::string& subject,
                             const std::vector<protocol::ClientState>& clients,
                             std::int64_t now_ms) {
  TIDEMARK_TRY(CheckGroup(database, group, subject));
  GroupState state;
  for (const protocol::ClientState& client : clients) {
    TIDEMARK_ASSIGN_OR_RETURN(const std::optional<ClientRow> row,
                              ReadClient(database, client.client));
    if (!row.has_value()) {
      const std::optional<std::int64_t> created_ms = CreationTimeMs(client.client);
      const bool old = created_ms.has_value() && *created_ms < now_ms - kClientHorizonMs;
      if (client.lmid > 0 || old) state.expired.push_back(client.client);
      continue;
    }
    if (row->group != group || row->subject != subject) {
      return Foreign("client " + client.client.value);
    }
    state.lmids.push_back(protocol::ClientState{client.client, row->lmid});
    TIDEMARK_TRY(ReadResults(database, client.client, state.results));
  }
  return state;
}

}  // namespace tidemark::server
