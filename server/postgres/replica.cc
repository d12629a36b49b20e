#include "server/postgres/replica.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <random>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "core/base/check.h"
#include "core/base/hash.h"
#include "core/model/error_json.h"
#include "core/model/schema_document.h"
#include "core/query/sql_writer.h"
#include "core/store/sqlite_row.h"
#include "server/embedded/sqlite_state.h"

namespace tidemark::server {
namespace {

using store::Database;
using store::Statement;

// Changes with the layout of the file: a replica of another layout is copied anew.
constexpr std::string_view kLayout = "1";

constexpr std::string_view kIdentity =
    "CREATE TABLE IF NOT EXISTS tidemark_replica(only INTEGER PRIMARY KEY CHECK (only = 1), "
    "id TEXT NOT NULL, made_for TEXT NOT NULL, complete INTEGER NOT NULL) STRICT";

/// Names this run of the machine; empty where there is none, which is equal to nothing.
std::string BootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::string NewId() {
  std::random_device device;
  const auto word = [&device] { return std::uint64_t{device()} << 32 | device(); };
  return ToHex(Hash128{word(), word()});
}

/// The schema without what Postgres checks already, and may break for a moment inside a
/// transaction.
Result<model::Schema> WithoutConstraints(const model::Schema& schema) {
  std::vector<model::Table> tables = schema.tables();
  for (model::Table& table : tables) {
    for (auto& columns : table.uniques) table.indexes.push_back(std::move(columns));
    table.uniques.clear();
    for (model::ColumnIndex i = 0; i < table.columns.size(); ++i) {
      if (!table.IsKeyColumn(i)) table.columns[i].optional = true;
      table.columns[i].default_value.reset();
    }
  }
  return model::Schema::Parse(model::TablesToJson(tables));
}

/// One state a client: the last.
void KeepLast(std::vector<protocol::ClientState>& lmids) {
  std::unordered_map<ClientID, std::size_t> positions;
  std::size_t kept = 0;
  for (std::size_t i = 0; i < lmids.size(); ++i) {
    const auto [position, added] = positions.emplace(lmids[i].client, kept);
    if (added) {
      if (kept != i) lmids[kept] = std::move(lmids[i]);
      ++kept;
    } else {
      lmids[position->second].lmid = lmids[i].lmid;
    }
  }
  lmids.resize(kept);
}

void RemoveFile(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    std::filesystem::remove(path + suffix, ignored);
  }
}

}  // namespace

Replica::~Replica() = default;

Result<std::unique_ptr<Replica>> Replica::Open(const std::string& path,
                                               const model::Schema& schema) {
  std::unique_ptr<Replica> replica(new Replica(schema));
  Result<std::unique_ptr<DatabaseLock>> lock = DatabaseLock::Take(path);
  if (!lock.ok()) {
    Error error = std::move(lock).error();
    error.message += " (this file is the replica of Postgres: --replica names another)";
    return error;
  }
  replica->lock_ = std::move(*lock);
  if (!replica->OpenFile(path).ok()) {
    replica->app_.reset();
    replica->database_.reset();
    RemoveFile(path);
    TIDEMARK_TRY(replica->OpenFile(path));
  }
  return replica;
}

Status Replica::OpenFile(const std::string& path) {
  TIDEMARK_ASSIGN_OR_RETURN(Database database, Database::Open(path));
  database_ = std::move(database);
  TIDEMARK_TRY(
      database_->Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;"
                         "PRAGMA cache_size = -16000"));
  const std::string made_for = schema_.hash() + " " + std::string(kLayout) + " " + BootId();
  TIDEMARK_TRY(database_->Execute(kIdentity));
  return Prepare(made_for);
}

Status Replica::Prepare(const std::string& made_for) {
  id_.clear();
  complete_ = false;
  {
    TIDEMARK_ASSIGN_OR_RETURN(Statement read, database_->Prepare("SELECT id, made_for, complete "
                                                                 "FROM tidemark_replica"));
    TIDEMARK_ASSIGN_OR_RETURN(const bool found, read.Step());
    if (found) {
      id_ = std::string(read.Text(0));
      complete_ = read.Int64(2) != 0 && read.Text(1) == made_for;
    }
  }
  if (id_.empty()) id_ = NewId();
  if (!complete_) TIDEMARK_TRY(Clear());
  TIDEMARK_ASSIGN_OR_RETURN(const model::Schema plain, WithoutConstraints(schema_));
  TIDEMARK_TRY(PrepareDatabase(*database_, plain, "", 0));
  TIDEMARK_ASSIGN_OR_RETURN(version_, ReadVersion(*database_));
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement write,
      database_->Prepare("INSERT INTO tidemark_replica(only, id, made_for, complete) "
                         "VALUES (1, ?1, ?2, ?3) ON CONFLICT DO UPDATE SET "
                         "made_for = excluded.made_for, complete = excluded.complete"));
  write.Bind(1, id_).Bind(2, made_for).Bind(3, static_cast<std::int64_t>(complete_));
  TIDEMARK_TRY(write.Run());
  app_ = std::make_unique<store::SqliteStore>(schema_, *database_);
  return Ok{};
}

/// Drops every table but the one that holds the id.
Status Replica::Clear() {
  std::vector<std::string> names;
  {
    TIDEMARK_ASSIGN_OR_RETURN(
        Statement list, database_->Prepare("SELECT name FROM sqlite_schema WHERE type = 'table' "
                                           "AND name <> 'tidemark_replica' AND name NOT LIKE "
                                           "'sqlite_%'"));
    while (true) {
      TIDEMARK_ASSIGN_OR_RETURN(const bool found, list.Step());
      if (!found) break;
      names.emplace_back(list.Text(0));
    }
  }
  for (const std::string& name : names) {
    TIDEMARK_TRY(database_->Execute("DROP TABLE " + query::QuotedName(name)));
  }
  return Ok{};
}

// ---- the first copy ----

Status Replica::BeginCopy() {
  complete_ = false;
  copy_.reset();
  TIDEMARK_ASSIGN_OR_RETURN(
      store::SqliteTransaction transaction,
      store::SqliteTransaction::Begin(*database_, store::TransactionKind::kWrite));
  copy_.emplace(std::move(transaction));
  for (const std::vector<model::Table>* tables : {&schema_.tables(), &StateTables()}) {
    for (const model::Table& table : *tables) {
      TIDEMARK_TRY(
          database_->Execute("DELETE FROM " + query::QuotedTable(query::Dialect::kSqlite, table)));
    }
  }
  return Ok{};
}

Status Replica::CopyRow(const Catalog& catalog, std::size_t table, const model::Row& row) {
  if (!catalog.IsState(table)) return app_->Insert(static_cast<model::TableIndex>(table), row);
  return PutState(static_cast<model::TableIndex>(table - catalog.app_tables),
                  DecodedRow(row.values().begin(), row.values().end()));
}

Status Replica::EndCopy(Version version) {
  TIDEMARK_ASSIGN_OR_RETURN(Statement * write,
                            database_->Cached("UPDATE tidemark_version SET epoch = ?1"));
  write->Bind(1, version.epoch);
  TIDEMARK_TRY(write->Run());
  TIDEMARK_TRY(database_->Execute("UPDATE tidemark_replica SET complete = 1"));
  TIDEMARK_TRY(Advance(version.position));
  TIDEMARK_TRY(copy_->Commit());
  copy_.reset();
  complete_ = true;
  version_ = std::move(version);
  return Ok{};
}

// ---- the stream ----

Status Replica::Advance(std::uint64_t position) {
  TIDEMARK_ASSIGN_OR_RETURN(Statement * write,
                            database_->Cached("UPDATE tidemark_version SET position = ?1"));
  write->Bind(1, static_cast<std::int64_t>(position));
  return write->Run();
}

Result<hub::Commit> Replica::Apply(const Catalog& catalog,
                                   std::vector<DecodedTransaction> transactions) {
  hub::Commit commit;
  commit.to = version_;
  model::NetChanges net;
  TIDEMARK_ASSIGN_OR_RETURN(
      store::SqliteTransaction transaction,
      store::SqliteTransaction::Begin(*database_, store::TransactionKind::kWrite));
  for (DecodedTransaction& decoded : transactions) {
    if (decoded.end_lsn <= commit.to.position) continue;  // sent again
    for (DecodedChange& change : decoded.changes) {
      TIDEMARK_TRY(ApplyChange(catalog, std::move(change), net, commit));
    }
    commit.to.position = decoded.end_lsn;
  }
  TIDEMARK_TRY(Advance(commit.to.position));
  TIDEMARK_TRY(transaction.Commit());
  version_ = commit.to;
  commit.changes = net.Take();
  KeepLast(commit.lmids);
  return commit;
}

Status Replica::ApplyChange(const Catalog& catalog, DecodedChange change, model::NetChanges& net,
                            hub::Commit& commit) {
  if (change.kind == DecodedChange::Kind::kTruncate) return Truncate(catalog, change.table, net);
  if (catalog.IsState(change.table)) {
    const auto table = static_cast<model::TableIndex>(change.table - catalog.app_tables);
    return ApplyState(table, std::move(change), commit);
  }
  if (change.kind == DecodedChange::Kind::kPut) return ApplyPut(catalog, std::move(change), net);
  return Erase(change.table, model::KeyFromValues(*change.old_key), net);
}

Status Replica::ApplyState(model::TableIndex table, DecodedChange change, hub::Commit& commit) {
  if (change.old_key) TIDEMARK_TRY(EraseState(table, model::KeyFromValues(*change.old_key)));
  if (change.kind == DecodedChange::Kind::kDelete) return Ok{};
  TIDEMARK_TRY(PutState(table, change.row));
  const DecodedRow& row = change.row;
  if (table == kClientTable) {
    commit.lmids.push_back(protocol::ClientState{ClientID(row[0]->string()),
                                                 static_cast<MutationID>(row[3]->bigint())});
    return Ok{};
  }
  protocol::MutationResult result;
  result.client = ClientID(row[0]->string());
  result.id = static_cast<MutationID>(row[1]->bigint());
  if (row[2]) result.result_json = row[2]->string();
  if (row[3] && !row[3]->string().empty()) result.error = model::ErrorFromJson(row[3]->string());
  commit.results.push_back(std::move(result));
  return Ok{};
}

/// Large values that were not sent stay as they are.
Status Replica::PutState(model::TableIndex index, const DecodedRow& row) {
  const model::Table& table = StateTables()[index];
  std::string names;
  std::string parameters;
  std::string key;
  std::string assignments;
  for (model::ColumnIndex i = 0; i < table.columns.size(); ++i) {
    const std::string name = query::QuotedName(table.columns[i].db_name);
    const std::string separator = i == 0 ? "" : ", ";
    names += separator + name;
    parameters += separator + "?" + std::to_string(i + 1);
    if (table.IsKeyColumn(i)) {
      key += (key.empty() ? "" : ", ") + name;
    } else if (row[i].has_value()) {
      assignments += (assignments.empty() ? "" : ", ") + name + " = excluded." + name;
    }
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * put,
      database_->Cached("INSERT INTO " + query::QuotedTable(query::Dialect::kSqlite, table) + " (" +
                        names + ") VALUES (" + parameters + ") ON CONFLICT (" + key +
                        ") DO UPDATE SET " + assignments));
  for (model::ColumnIndex i = 0; i < table.columns.size(); ++i) {
    const model::Value value = row[i].has_value() ? *row[i] : NullFromPostgres(table.columns[i]);
    store::BindValue(*put, static_cast<int>(i) + 1, table.columns[i].type, value);
  }
  return put->Run();
}

Status Replica::EraseState(model::TableIndex index, const RowKey& key) {
  const model::Table& table = StateTables()[index];
  TIDEMARK_ASSIGN_OR_RETURN(const auto values, model::ValuesOfKey(table, key));
  std::string condition;
  for (std::size_t i = 0; i < values.size(); ++i) {
    condition += (i == 0 ? "" : " AND ") +
                 query::QuotedName(table.columns[table.primary_key[i]].db_name) + " = ?" +
                 std::to_string(i + 1);
  }
  TIDEMARK_ASSIGN_OR_RETURN(
      Statement * erase,
      database_->Cached("DELETE FROM " + query::QuotedTable(query::Dialect::kSqlite, table) +
                        " WHERE " + condition));
  for (std::size_t i = 0; i < values.size(); ++i) {
    store::BindValue(*erase, static_cast<int>(i) + 1, table.columns[table.primary_key[i]].type,
                     values[i]);
  }
  return erase->Run();
}

Status Replica::ApplyPut(const Catalog& catalog, DecodedChange change, model::NetChanges& net) {
  const model::Table& table = *catalog.tables[change.table].table;
  const auto index = static_cast<model::TableIndex>(change.table);
  std::vector<model::Value> key_values;
  for (const model::ColumnIndex column : table.primary_key) {
    TIDEMARK_CHECK(change.row[column].has_value() || change.old_key.has_value());
    key_values.push_back(change.row[column].has_value() ? *change.row[column]
                                                        : (*change.old_key)[key_values.size()]);
  }
  RowKey key = model::KeyFromValues(key_values);
  const RowKey old_key = change.old_key ? model::KeyFromValues(*change.old_key) : key;
  TIDEMARK_ASSIGN_OR_RETURN(model::Row before, app_->Get(index, old_key));
  std::vector<model::Value> values;
  values.reserve(change.row.size());
  for (std::size_t i = 0; i < change.row.size(); ++i) {
    if (!change.row[i].has_value() && !before) {
      return Error{ErrorCode::kCorrupt, "the replica has no row " + table.name + " " +
                                            old_key.value + " although Postgres updated it"};
    }
    values.push_back(change.row[i].has_value() ? *change.row[i] : before[i]);
  }
  model::Row after = model::Row::Make(std::move(values));
  if (old_key != key) {
    TIDEMARK_TRY(Erase(change.table, old_key, net));
    TIDEMARK_ASSIGN_OR_RETURN(before, app_->Get(index, key));
  }
  TIDEMARK_TRY(app_->Put(index, after));
  net.Add(model::RowChange{index, std::move(key), std::move(before), std::move(after)});
  return Ok{};
}

Status Replica::Erase(std::size_t table, const RowKey& key, model::NetChanges& net) {
  const auto index = static_cast<model::TableIndex>(table);
  TIDEMARK_ASSIGN_OR_RETURN(model::Row before, app_->Get(index, key));
  if (!before) return Ok{};
  TIDEMARK_TRY(app_->Delete(index, key));
  net.Add(model::RowChange{index, key, std::move(before), model::Row()});
  return Ok{};
}

Status Replica::Truncate(const Catalog& catalog, std::size_t table, model::NetChanges& net) {
  const model::Table& truncated = *catalog.tables[table].table;
  if (catalog.IsState(table)) {
    return database_->Execute("DELETE FROM " +
                              query::QuotedTable(query::Dialect::kSqlite, truncated));
  }
  query::Query all;
  all.table = static_cast<model::TableIndex>(table);
  for (const model::ColumnIndex column : truncated.primary_key) {
    all.order_by.push_back(query::OrderKey{column, query::Direction::kAscending});
  }
  TIDEMARK_ASSIGN_OR_RETURN(const std::vector<model::Row> rows, app_->Run(all));
  for (const model::Row& row : rows) {
    TIDEMARK_TRY(Erase(table, model::KeyOf(truncated, row), net));
  }
  return Ok{};
}

}  // namespace tidemark::server
